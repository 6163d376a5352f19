package call_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"daubang/internal/call"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// TestOpen holds the two tellings of one rule together: the list of open calls
// and the question asked of one call agree, to the microsecond.
func TestOpen(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.published(t, w.entry(t))
	c := w.get(t, id)
	for _, at := range []struct {
		t    time.Time
		want call.Phase
	}{
		{c.OpensAt.Add(-time.Microsecond), call.PhaseSoon},
		{c.OpensAt, call.PhaseOpen},
		{c.ClosesAt.Add(-time.Microsecond), call.PhaseOpen},
		{c.ClosesAt, call.PhaseClosed},
	} {
		listed, err := call.Open(ctx, w.tx, at.t)
		if err != nil {
			t.Fatal(err)
		}
		isListed := slices.ContainsFunc(listed, func(l call.Call) bool { return l.ID == id })
		if got := c.Phase(at.t); got != at.want || c.Accepting(at.t) != (at.want == call.PhaseOpen) || isListed != c.Accepting(at.t) {
			t.Errorf("at %s: phase %s, accepting %t, listed %t; want %s", at.t, got, c.Accepting(at.t), isListed, at.want)
		}
	}
	if got := viet.Instant(c.ClosesAt); got != "17:00, thứ Sáu 26/02/2027" {
		t.Errorf("closing is shown as %q", got)
	}
}

func TestGraceForgivesTheLineOnly(t *testing.T) {
	t.Parallel()
	_, w := newWorld(t)
	c := w.get(t, w.published(t, w.entry(t)))
	if c.Grace != 2*time.Minute {
		t.Fatalf("grace %s", c.Grace)
	}
	for after, want := range map[time.Duration]bool{-time.Second: true, 0: true, c.Grace - 1: true, c.Grace: false} {
		if got := c.AcceptingWithGrace(c.ClosesAt.Add(after)); got != want {
			t.Errorf("%s after closing: %t", after, got)
		}
	}
	if c.AcceptingWithGrace(c.OpensAt.Add(-time.Second)) {
		t.Error("accepts before it opens")
	}
	c.Status = call.Draft
	if c.AcceptingWithGrace(c.ClosesAt) {
		t.Error("a draft accepts")
	}
}

func TestInvites(t *testing.T) {
	t.Parallel()
	all := organisation.Kinds
	c := call.Call{Content: call.Content{ApplicantKinds: all[:2], Provinces: []string{"01", "48"}}}
	for _, x := range []struct {
		kind     organisation.Kind
		province string
		want     bool
	}{{all[0], "01", true}, {all[1], "48", true}, {all[0], "79", false}, {all[2], "01", false}, {all[0], "", false}} {
		if got := c.Invites(x.kind, x.province); got != x.want {
			t.Errorf("%s of %q: %t", x.kind, x.province, got)
		}
	}
	if anybody := (call.Call{}); !anybody.Invites(all[3], "") {
		t.Error("a call for all refuses somebody")
	}
}

func TestMarksStandInOrderOfTime(t *testing.T) {
	t.Parallel()
	_, w := newWorld(t)
	e := w.entry(t)
	e.Milestones = []call.MilestoneEntry{{On: "12/03/2027", Vi: "Xong kiểm tra hồ sơ"}, {}, {On: "20/01/2027", Vi: "Buổi giải đáp", En: "Questions"}}
	c := w.get(t, w.draft(t, e))
	var got []string
	for _, m := range c.Marks() {
		got = append(got, viet.Date(m.At)+" "+string(m.Kind)+m.Text.Vi)
	}
	want := []string{"05/01/2027 opens", "20/01/2027 otherBuổi giải đáp", "26/02/2027 closes", "12/03/2027 otherXong kiểm tra hồ sơ", "30/04/2027 results"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWhoSeesACall: a draft is for the office and who audits; a published call
// is for everybody.
func TestWhoSeesACall(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	draft, public := w.draft(t, w.entry(t)), w.published(t, w.entry(t))
	for _, x := range []struct {
		name  string
		who   people.ID
		draft bool
	}{{"officer", w.officer, true}, {"auditor", w.auditor, true}, {"stranger", w.stranger, false}, {"nobody", 0, false}} {
		if _, err := call.Get(ctx, w.tx, x.who, public); err != nil {
			t.Errorf("%s does not see a published call: %v", x.name, err)
		}
		_, err := call.Get(ctx, w.tx, x.who, draft)
		if x.draft && err != nil || !x.draft && !errors.Is(err, problem.NotFound) {
			t.Errorf("%s asks for a draft: %v", x.name, err)
		}
		under, err := call.OfProgramme(ctx, w.tx, x.who, w.programme)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{true: 2, false: 1}[x.draft]; len(under) != want {
			t.Errorf("%s sees %d calls of the programme, want %d", x.name, len(under), want)
		}
	}
}
