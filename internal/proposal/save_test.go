package proposal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// typing is somebody at an opened page of the section "risk".
type typing struct {
	t    *testing.T
	w    *world
	id   proposal.ID
	who  people.ID
	page string
	base int
}

func (p typing) write(over map[string]int, aside []string, texts map[string]string) (proposal.Saved, error) {
	p.t.Helper()
	typed := proposal.Typed{
		Page: p.page, Base: p.base, Over: over, Changed: []string{}, Aside: aside, Done: func(standing bool) bool { return standing },
		Sent: func(name string) []string {
			if text, ok := texts[name]; ok {
				return []string{text}
			}
			return nil
		},
	}
	for q := range texts {
		if len(aside) == 0 || aside[0] != q {
			typed.Changed = append(typed.Changed, q)
		}
	}
	return proposal.Write(p.t.Context(), p.w.tx, by(p.who, before), p.id, "risk", typed)
}

// must is a save that is taken, as version want.
func (p typing) must(want int, question, text string) {
	p.t.Helper()
	saved, err := p.write(nil, nil, map[string]string{question: text})
	if err != nil || saved.Version != want {
		p.t.Fatalf("%s over %d: version %d, %v; want %d", text, p.base, saved.Version, err, want)
	}
}

// refused is a save that somebody else's stands against.
func (p typing) refused(question, text, standing string) {
	p.t.Helper()
	_, err := p.write(nil, nil, map[string]string{question: text})
	stale, ok := errors.AsType[proposal.Stale](err)
	if !ok || len(stale.Differ) != 1 || stale.Theirs.Answers[question].Text != standing || stale.Mine[question].Text != text || stale.Differ[0].ByName == "" {
		p.t.Fatalf("%s over %d: %v %+v", text, p.base, err, stale)
	}
}

func (w *world) stands(t *testing.T, id proposal.ID) form.Answers {
	t.Helper()
	all, err := proposal.Sections(t.Context(), w.tx, w.head, id)
	if err != nil {
		t.Fatal(err)
	}
	return all["risk"].Answers
}

// Two people at one section: what each wrote elsewhere stands, what both wrote
// is asked, and a page never meets itself, whatever answers were lost.
func TestWritingTogether(t *testing.T) {
	t.Parallel()
	_, w := newWorld(t)
	id := w.start(t)
	lan, hoa := typing{t, w, id, w.writer, "lan", 0}, typing{t, w, id, w.head, "hoa", 0}
	lan.must(1, "safeguarding", "Lan")
	hoa.must(2, "confidentiality", "Hoa") // over 0 too, but elsewhere
	lan.must(3, "safeguarding", "Lan viết")
	lan.must(3, "safeguarding", "Lan viết") // the answer was lost; again
	lan.must(4, "safeguarding", "Lan viết tiếp")
	hoa.refused("safeguarding", "Hoa chen", "Lan viết tiếp")
	lan.refused("confidentiality", "Lan chen", "Hoa")
	if saved, err := hoa.write(nil, []string{"safeguarding"}, map[string]string{"safeguarding": "Hoa chen"}); err != nil || saved.Version != 4 {
		t.Fatalf("%+v %v", saved, err)
	}
	if _, err := hoa.write(map[string]int{"safeguarding": 3}, nil, map[string]string{"safeguarding": "Hoa chen"}); !errors.Is(err, problem.Conflict) {
		t.Fatalf("chosen over what no longer stands: %v", err)
	}
	if saved, err := hoa.write(map[string]int{"safeguarding": 4}, nil, map[string]string{"safeguarding": "Hoa chốt"}); err != nil || saved.Version != 5 || saved.Other != "writer" {
		t.Fatalf("%+v %v", saved, err)
	}
	if got := w.stands(t, id); got["safeguarding"].Text != "Hoa chốt" || got["confidentiality"].Text != "Hoa" {
		t.Errorf("%v", got)
	}
	var told []string
	versions, err := proposal.Versions(t.Context(), w.tx, w.reader, id, "risk", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range versions {
		told = append(told, fmt.Sprint(v.Version, " ", v.ByName, " ", v.Answers["safeguarding"].Text+v.Answers["confidentiality"].Text, " ", v.Aside))
	}
	want := []string{"5 head Hoa chốt false", "4 writer Lan viết tiếp false", "4 head Hoa chen true", "3 writer Lan viết false", "2 head Hoa false", "1 writer Lan false"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	for name, who := range map[string]people.ID{"officer": w.officer, "stranger": w.stranger, "nobody": 0} {
		if v, err := proposal.Versions(t.Context(), w.tx, who, id, "risk", 100); err != nil || len(v) != 0 {
			t.Errorf("%s sees %d versions, %v", name, len(v), err)
		}
	}
}

// A page without scripts sends all it shows: what it did not touch gives way.
func TestWholePageOverAnOlderVersion(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	save := func(who people.ID, version int, answers form.Answers) (proposal.Saved, error) {
		return proposal.SaveSection(ctx, w.tx, by(who, before), id, "risk", version, answers, false)
	}
	one, two := form.Answer{Text: "một"}, form.Answer{Text: "hai"}
	if _, err := save(w.writer, 0, form.Answers{"safeguarding": one, "confidentiality": one}); err != nil {
		t.Fatal(err)
	}
	if _, err := save(w.head, 1, form.Answers{"safeguarding": one, "confidentiality": two}); err != nil {
		t.Fatal(err)
	}
	saved, err := save(w.writer, 1, form.Answers{"confidentiality": one}) // emptied the first, did not touch the second
	if err != nil || saved.Version != 3 || saved.Other != "head" {
		t.Fatalf("%+v %v", saved, err)
	}
	if diff := cmp.Diff(form.Answers{"confidentiality": two}, w.stands(t, id)); diff != "" {
		t.Error(diff)
	}
	if _, err := save(w.writer, 9, form.Answers{}); !errors.Is(err, problem.Conflict) {
		t.Errorf("over a version that never was: %v", err)
	}
}

// Every version that was acknowledged can be put together again.
func TestEveryVersionIsKept(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	stood := map[int]form.Answers{}
	for i, texts := range []string{"a", "a b", " b", "c b", ""} {
		first, second, _ := strings.Cut(texts, " ")
		a := form.Answers{}
		for key, text := range map[string]string{"safeguarding": first, "confidentiality": second} {
			if text != "" {
				a[key] = form.Answer{Text: text}
			}
		}
		saved, err := proposal.SaveSection(ctx, w.tx, by(w.writer, before), id, "risk", i, a, false)
		if err != nil {
			t.Fatal(err)
		}
		stood[saved.Version] = a
	}
	versions, err := proposal.Versions(ctx, w.tx, w.writer, id, "risk", 100)
	if err != nil {
		t.Fatal(err)
	}
	now := form.Answers{}
	for _, version := range slices.Backward(versions) {
		for key, a := range version.Answers {
			if now[key] = a; a.Empty() {
				delete(now, key)
			}
		}
		if diff := cmp.Diff(stood[version.Version], now); diff != "" {
			t.Errorf("version %d: %s", version.Version, diff)
		}
	}
	if len(versions) != len(stood) {
		t.Errorf("%d versions kept of %d", len(versions), len(stood))
	}
}

// What no page of ours sends is refused, and so is who may not write.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	_, w := newWorld(t)
	id := w.start(t)
	lan := typing{t, w, id, w.writer, "lan", 0}
	_, err := lan.write(nil, nil, map[string]string{"no_such": "x"})
	if !errors.Is(err, problem.Conflict) {
		t.Errorf("a question that is not asked: %v", err)
	}
	_, err = typing{t, w, id, w.reader, "", 0}.write(nil, nil, map[string]string{"safeguarding": "x"})
	refused(t, "reader", err, problem.Forbidden, "proposal.only_writers")
	if _, err = (typing{t, w, id, w.stranger, "", 0}).write(nil, nil, map[string]string{"safeguarding": "x"}); !errors.Is(err, problem.NotFound) {
		t.Errorf("stranger: %v", err)
	}
}

// The schema keeps versions whoever writes: an answer that changes without a new
// version is refused.
func TestNoVersionIsWrittenTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := build(t, pgtest.Tx(t))
	id := w.start(t)
	typing{t, w, id, w.writer, "", 0}.must(1, "safeguarding", "một")
	if _, err := w.tx.Exec(ctx, `update proposal_sections set answers = '{"safeguarding": {"text": "hai"}}' where proposal_id = $1`, id); err == nil {
		t.Error("an answer was changed in place")
	}
}

// Both texts together is one act, however often it is sent; over a third text it
// is asked again.
func TestBothTextsTwice(t *testing.T) {
	t.Parallel()
	_, w := newWorld(t)
	id := w.start(t)
	lan := typing{t: t, w: w, id: id, who: w.head, page: "lan's"}
	hoa := typing{t: t, w: w, id: id, who: w.writer, page: "hoa's"}
	lan.must(1, "confidentiality", "Lan viết")
	both := func() (proposal.Saved, error) {
		return proposal.Write(t.Context(), w.tx, by(w.writer, before), id, "risk", proposal.Typed{
			Page: hoa.page, Changed: []string{"confidentiality"}, Both: []string{"confidentiality"}, Over: map[string]int{"confidentiality": 1},
			Sent: func(string) []string { return []string{"Hoa viết"} }, Done: func(standing bool) bool { return standing },
		})
	}
	for range 2 {
		saved, err := both()
		if err != nil || saved.Version != 2 || saved.Answers["confidentiality"].Text != "Hoa viết\n\nLan viết" {
			t.Fatalf("version %d: %q %v", saved.Version, saved.Answers["confidentiality"].Text, err)
		}
	}
	lan.base = 2
	lan.must(3, "confidentiality", "Lan viết lại")
	if _, err := both(); !errors.As(err, new(proposal.Stale)) {
		t.Errorf("over what was never seen: %v", err)
	}
}
