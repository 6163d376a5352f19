package site

import (
	"testing"

	"daubang/internal/people"
)

// TestHome: who signs in without having been on the way to a page comes to
// their work; the role that asks most of them wins.
func TestHome(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		roles  []people.Role
		member bool
		want   string
	}{
		{nil, false, "/"},
		{nil, true, "/proposals"},
		{[]people.Role{people.Officer}, false, "/desk"},
		{[]people.Role{people.Officer, people.Reviewer}, true, "/desk"},
		{[]people.Role{people.Reviewer}, true, "/reviews"},
		{[]people.Role{people.Chair}, false, "/reviews"},
		{[]people.Role{people.Auditor}, false, "/desk/calls"},
		{[]people.Role{people.Admin}, false, "/desk/people"},
	} {
		if got := home(people.Visitor{Roles: x.roles, Member: x.member}); got != x.want {
			t.Errorf("%v, member %t: %s, want %s", x.roles, x.member, got, x.want)
		}
	}
}
