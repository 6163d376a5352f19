package bench

import (
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/demo"
	"daubang/internal/form"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/ref"
	"daubang/internal/words"
)

// BenchmarkForm measures a form of 200 questions, every third under a condition:
// all of them on one page to write in, and all of them checked.
func BenchmarkForm(b *testing.B) {
	w := build(b, pgtest.New(b), demo.Volume{Proposals: 60, Reviews: 120, Seed: 5})
	d := twoHundred()
	err := pg.Tx(b.Context(), w.db, func(tx pgx.Tx) error {
		id, err := form.Install(b.Context(), tx, d, now)
		if err != nil {
			return err
		}
		if err := pg.Exec(b.Context(), tx, `update proposals set form_id = $2 where id = $1`, w.draft, id); err != nil {
			return err
		}
		answers := form.Answers{}
		for _, q := range d.Sections[0].Questions {
			answers[q.Key] = form.Answer{Text: "yes"}
		}
		return pg.Exec(b.Context(), tx, `
			insert into proposal_sections (proposal_id, key, answers, updated_by, updated_at) values ($1, 'all', $2, $3, $4)`, w.draft, answers, w.draftHead, now)
	})
	if err != nil {
		b.Fatal(err)
	}
	at := "/proposals/" + ref.Of(w.draft)
	for _, p := range []struct{ name, address string }{{"write", at + "/sections/all"}, {"tasks", at}, {"check", at + "/check"}} {
		b.Run(p.name, func(b *testing.B) {
			r := request{who: w.draftHead, address: p.address}
			actCost(b, w, func(int) {}, func(int) { w.mustGet(b, r) })
		})
	}
}

func twoHundred() form.Definition {
	say := func(s string) words.Pair { return words.Pair{Vi: s, En: s} }
	d := form.Definition{Key: "two_hundred", Version: 1, Title: say("Hai trăm câu"), Groups: []form.Group{{Key: "g", Title: say("Nhóm")}}}
	s := form.Section{Key: "all", Group: "g", Title: say("Tất cả")}
	kinds := []form.Kind{form.YesNo, form.Text, form.Line, form.Number, form.Money, form.Date}
	for n := range 200 {
		q := form.Question{
			Key: "q" + strconv.Itoa(n), Kind: kinds[n%len(kinds)], Label: say("Câu hỏi thứ " + strconv.Itoa(n)), Hint: say("Trả lời trong vài câu, đừng nêu tên ai."),
			Required: true, MaxWords: 200 * (n % 2),
		}
		if n%3 == 2 {
			q.When = &form.When{Question: "q" + strconv.Itoa(n-n%len(kinds)), Is: form.Equals, Values: []string{form.Yes}}
		}
		s.Questions = append(s.Questions, q)
	}
	d.Sections = []form.Section{s}
	return d
}
