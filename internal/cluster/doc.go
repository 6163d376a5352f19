// Package cluster runs a PostgreSQL server of the portal's own, from programs
// that are on the machine, so that a newcomer needs no database server and no
// settings. Its directory holds
//
//	data/    what PostgreSQL keeps
//	sock/    the socket it listens on; it listens on nothing else
//	lock     held by the one process that may run this cluster
//	log      what the server had to say
//	native/  perhaps a PostgreSQL from npm, for machines that have none (see tools/pg)
//
// The server is a child that cannot outlive its parent for long: it ends in
// order when the portal stops, and also (on Linux) when the portal is killed.
// After any kill the next start clears up what is left and finds every
// committed row again.
//
// What is in the databases is not its business; see package migrations.
package cluster

import "fmt"

// Taken says that another process runs the cluster in Dir. A cluster is never
// shared: two portals on one directory would each believe that they own it.
type Taken struct {
	Dir string
	PID int // of the other process, or 0 if it has not said
}

func (t Taken) Error() string {
	who := "another process"
	if t.PID != 0 {
		who = fmt.Sprintf("another process (%d)", t.PID)
	}
	return fmt.Sprintf("%s already runs the PostgreSQL in %s: stop it first, or give this one a data directory of its own (DAUBANG_DATA_DIR)", who, t.Dir)
}
