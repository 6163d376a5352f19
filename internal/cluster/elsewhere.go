//go:build !unix

package cluster

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
)

// Cluster cannot run here: see [Start].
type Cluster struct{}

var errElsewhere = errors.New("a private PostgreSQL is for Linux and macOS only: name a server with DAUBANG_DATABASE_URL")

// Start refuses: this system has neither the sockets nor the signals it needs.
func Start(context.Context, string, *slog.Logger) (*Cluster, error) { return nil, errElsewhere }

// Temp refuses as [Start] does.
func Temp(context.Context) (*Cluster, error) { return nil, errElsewhere }

// URL is the address of a database of the server that listens in socketDir.
func URL(socketDir, database string) string {
	return "postgres:///" + url.PathEscape(database) + "?host=" + url.QueryEscape(socketDir)
}

// There is no Cluster here that these could be called on.
func (*Cluster) URL(string) string                                { return "" }
func (*Cluster) SocketDir() string                                { return "" }
func (*Cluster) Database(context.Context, string) (string, error) { return "", errElsewhere }
func (*Cluster) Done() <-chan struct{}                            { return nil }
func (*Cluster) Stop() error                                      { return nil }
