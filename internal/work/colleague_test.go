package work

import (
	"strings"
	"testing"

	"daubang/internal/letter"
	"daubang/internal/proposal"
)

// A colleague is told what is with them, as long as it is.
func TestColleaguesAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.status(t, proposal.Draft)
	d := w.due(letter.SectionAssigned, w.writer)
	d.Refs = map[string]any{"section": "budget"}
	if got := w.says(t, d); got != "withheld: moved_on" {
		t.Error("of nothing:", got)
	}
	w.exec(t, `insert into section_assignments (proposal_id, key, person_id, due_on, assigned_by, assigned_at) values ($1, 'budget', $2, '2027-02-20', $3, $4)`,
		w.proposal, w.writer, w.head, begun)
	w.exec(t, `update proposals set responsible_id = $2 where id = $1`, w.proposal, w.writer)
	page := "https://daubang.example.vn/proposals/" + w.proposal.String()
	got := w.says(t, d)
	for _, want := range []string{"Trần Bình\n", "Nước sạch", "Ngân sách", "đến hết thứ Bảy 20/02/2027", "Nguyễn Thị Ẩn", page + "/sections/budget"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	w.exec(t, `update calls set sensitive = true where id = $1`, w.call)
	if got := w.says(t, d); strings.Contains(got, "Ngân sách") || strings.Contains(got, "Nước sạch") || !strings.Contains(got, "BDG-27-K7Q4M") {
		t.Errorf("about a sensitive call:\n%s", got)
	}
	if got := w.says(t, w.due(letter.HandedOver, w.writer)); !strings.Contains(got, page) {
		t.Error(got)
	}
	for name, l := range map[string]letter.Due{"moved_on": w.due(letter.HandedOver, w.head), "gone": w.due(letter.HandedOver, w.officer)} {
		if got := w.says(t, l); got != "withheld: "+name {
			t.Error("told to another:", got)
		}
	}
	w.status(t, proposal.Withdrawn)
	if got := w.says(t, d); got != "withheld: moved_on" {
		t.Error("of what is over:", got)
	}
}
