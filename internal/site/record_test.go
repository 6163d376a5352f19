package site_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
)

func TestRecord(t *testing.T) {
	if os.Getenv("RECORD") == "" {
		return
	}
	var w portaltest.World
	copies := pgtest.Prepare(t, func(ctx context.Context, db *pgxpool.Pool) (err error) {
		if err = installData(ctx, db); err == nil {
			w, err = portaltest.Build(ctx, db)
		}
		return err
	})
	var out strings.Builder
	door := newSite(t, copies.New(t)).Handler()
	_ = chi.Walk(door.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		states := []string{""}
		switch {
		case strings.Contains(pattern, "{document}"):
			for _, s := range portaltest.States {
				states = append(states, s, "personal:"+s)
			}
			states = states[1:]
		case strings.Contains(pattern, "{proposal}"):
			states = portaltest.States
		case strings.Contains(pattern, "{assignment}"):
			states = []string{"in_review", "approved", "peer"}
		case strings.Contains(pattern, "{call}"):
			states = []string{"", "draft-call"}
		}
		for _, s := range states {
			l := line{method: method, pattern: pattern, state: s}
			fmt.Fprintf(&out, "%s,%s,%s", method, pattern, s)
			for _, p := range portaltest.Personas {
				d := door
				if method == "POST" {
					d = newSite(t, copies.New(t)).Handler()
				}
				got := l.send(d, l.address(&w), p)
				c := fmt.Sprint(got.Code)
				switch {
				case got.Code == 404:
					c = "-"
				case got.Code == 403:
					c = "N"
				case got.Code == 401 || strings.HasPrefix(got.Header().Get("Location"), "/sign-in?"):
					c = "S"
				case got.Code == 200 && method == "GET":
					c = "R"
				case got.Code >= 500:
					c = "!" + c
				default:
					c = "D"
					if os.Getenv("RECORD") == "2" {
						c = fmt.Sprint(got.Code)
					}
				}
				fmt.Fprintf(&out, ",%s", c)
			}
			fmt.Fprintln(&out)
		}
		return nil
	})
	_ = os.WriteFile("/tmp/scratch/lead/record.csv", []byte(out.String()), 0o600)
}
