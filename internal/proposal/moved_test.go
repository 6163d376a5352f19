package proposal_test

import (
	"net/url"
	"slices"
	"testing"

	"daubang/internal/form"
	"daubang/internal/form/revision"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	wording "daubang/internal/words"
)

// opened is a page of a section that somebody has open.
type opened struct {
	w       *world
	id      proposal.ID
	section string
	form    form.ID
	base    int
	page    string
}

func (w *world) open(t *testing.T, id proposal.ID, section, page string) opened {
	t.Helper()
	stands, err := proposal.Sections(t.Context(), w.tx, w.writer, id)
	if err != nil {
		t.Fatal(err)
	}
	return opened{w, id, section, w.forms(t).Used.ID, stands[section].Version, page}
}

// save is what the page sends: the questions named, or all of them if none is.
func (o opened) save(t *testing.T, sent url.Values, changed ...string) (proposal.Saved, error) {
	t.Helper()
	return proposal.Write(t.Context(), o.w.tx, by(o.w.writer, before), o.id, o.section, proposal.Typed{
		Form: o.form, Page: o.page, Base: o.base, Changed: changed, Sent: func(name string) []string { return sent[name] }, Done: func(standing bool) bool { return standing },
	})
}

func (o opened) must(t *testing.T, sent url.Values, changed ...string) proposal.Saved {
	t.Helper()
	saved, err := o.save(t, sent, changed...)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// chosenTitle asks for the English title in a way that takes no text.
func chosenTitle(d *form.Definition) {
	withoutPlaces(d)
	for i, q := range d.Sections[0].Questions {
		if q.Key == "title_en" {
			d.Sections[0].Questions[i] = form.Question{Key: "title_en", Kind: form.Choice, Label: q.Label, Options: []form.Option{{Value: "x", Label: wording.Pair{Vi: "X", En: "X"}}}}
		}
	}
}

// Who has a page of an earlier form open loses nothing: what fits is saved where
// it is asked now, what does not is kept and named, and so it is however often
// the page saves.
func TestAPageOfAnEarlierForm(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	first, third := w.forms(t).Used.Definition.Sections[0].Key, w.forms(t).Used.Definition.Sections[2].Key
	w.open(t, id, first, "before").must(t, url.Values{"title": {"Tên cũ"}, "title_en": {"Old"}, "summary": {"Tóm tắt cũ"}, "places": {"Xã cũ"}})
	page, other := w.open(t, id, first, "page"), w.open(t, id, first, "other")
	w.draftForm(t, chosenTitle)
	w.use(t)

	answers := func() map[string]string {
		t.Helper()
		stands, err := proposal.Sections(ctx, w.tx, w.writer, id)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		for _, section := range []string{first, third} {
			for key, a := range stands[section].Answers {
				texts[section+"."+key] = a.Text
			}
		}
		return texts
	}
	asides := func() map[string]string {
		t.Helper()
		changes, err := proposal.FormChanges(ctx, w.tx, w.writer, id)
		if err != nil || len(changes) != 1 {
			t.Fatal(changes, err)
		}
		texts := map[string]string{}
		for _, a := range changes[0].Aside {
			texts[a.Question+" "+string(a.Why)] += "|" + a.Answer.Text
		}
		return texts
	}
	is := func(got map[string]string, want map[string]string) {
		t.Helper()
		for key, text := range want {
			if got[key] != text {
				t.Errorf("%s is %q, want %q, of %v", key, got[key], text, got)
			}
		}
	}

	// As one types, saved again and again.
	for _, more := range []string{"", " thêm", " thêm nữa"} {
		saved := page.must(t, url.Values{"title": {"Tên mới" + more}, "summary": {"Tóm tắt mới" + more}, "places": {"Xã mới" + more}, "title_en": {"New" + more}}, "title", "summary", "places", "title_en")
		if saved.Moved == nil || saved.Moved.Aside != 2 {
			t.Errorf("said of it: %v", saved.Moved)
		}
	}
	is(answers(), map[string]string{first + ".title": "Tên mới thêm nữa", third + ".summary": "Tóm tắt mới thêm nữa", first + ".places": "", first + ".title_en": ""})
	is(asides(), map[string]string{"places gone": "|Xã cũ|Xã mới thêm nữa", "title_en kind": "|Old|New thêm nữa"})

	// Another page of the same form, sent whole: what it did not change stays, what
	// somebody else has written meanwhile is not written over.
	change := asides()
	changes, _ := proposal.FormChanges(ctx, w.tx, w.writer, id)
	if err := proposal.DismissFormChange(ctx, w.tx, by(w.writer, before), id, changes[0].ID); err != nil {
		t.Fatal(err)
	}
	saved := other.must(t, url.Values{"title": {"Tên khác"}, "title_en": {"Old"}, "summary": {"Tóm tắt cũ"}, "places": {"Xã cũ"}, "start": {"01/06/2027"}, "why_now": {"Vì thế"}})
	is(answers(), map[string]string{first + ".title": "Tên mới thêm nữa", third + ".summary": "Tóm tắt mới thêm nữa", first + ".start": "01/06/2027"})
	if saved.Moved == nil || saved.Moved.Aside != 1 || asides()["title since"] != "|Tên khác" || len(asides()) != len(change)+1 {
		t.Errorf("kept of it: %v", asides())
	}
	if changes, _ = proposal.FormChanges(ctx, w.tx, w.writer, id); changes[0].DismissedAt != nil {
		t.Error("what was kept later is not shown")
	}

	// What is emptied is empty, and sent again it is the same.
	page.must(t, url.Values{}, "title")
	page.must(t, url.Values{}, "title")
	is(answers(), map[string]string{first + ".title": ""})

	refused(t, "a question of no version", second(page.save(t, url.Values{}, "nonsense")), problem.Conflict, "proposal.section.gone")
}

// A section that is not there any more still takes what was typed in it.
func TestAPageOfASectionThatIsGone(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	d := w.forms(t).Used.Definition
	gone, kept := d.Sections[2], d.Sections[0].Key
	page := w.open(t, id, gone.Key, "page")
	var moved form.Question
	w.draftForm(t, func(d *form.Definition) {
		moved = d.Sections[2].Questions[0]
		d.Sections[0].Questions = append(d.Sections[0].Questions, moved)
		d.Sections = append(d.Sections[:2:2], d.Sections[3:]...)
	})
	w.use(t)
	texts := slices.DeleteFunc(slices.Clone(gone.Questions), func(q form.Question) bool { return q.Kind != form.Text || q.Key == moved.Key })
	lost := texts[0].Key
	saved := page.must(t, url.Values{moved.Key: {"Chuyển đi"}, lost: {"Không còn chỗ"}})
	if saved.Moved == nil || saved.Moved.Aside != 1 {
		t.Errorf("said of it: %v", saved.Moved)
	}
	stands, err := proposal.Sections(ctx, w.tx, w.writer, id)
	if err != nil || stands[kept].Answers[moved.Key].Text != "Chuyển đi" {
		t.Error(err, stands[kept].Answers)
	}
	changes, err := proposal.FormChanges(ctx, w.tx, w.writer, id)
	if err != nil || len(changes[0].Aside) != 1 || changes[0].Aside[0].Answer.Text != "Không còn chỗ" || changes[0].Aside[0].Why != revision.Gone {
		t.Error(err, changes)
	}
	page.form = 0 // a page that does not say what it shows is refused as before
	if _, err := page.save(t, url.Values{lost: {"x"}}); err == nil {
		t.Error("a section that is gone was written")
	}
}

func second[T any](_ T, err error) error { return err }
