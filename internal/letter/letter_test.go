package letter_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/rubric"
	"daubang/internal/words"
)

// post is the tests' world, with letters in it.
type post struct {
	portaltest.World
	db *pgxpool.Pool
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{db: pgtest.New(t)}
	p.tx(t, func(tx pgx.Tx) error {
		_, err1 := form.InstallDefault(t.Context(), tx, portaltest.Now)
		_, err2 := rubric.InstallDefault(t.Context(), tx, portaltest.Now)
		return errors.Join(err1, err2)
	})
	var err error
	if p.World, err = portaltest.Build(t.Context(), p.db); err != nil {
		t.Fatal(err)
	}
	p.exec(t, `delete from letters`)
	return p
}

func (p *post) tx(t *testing.T, fn func(pgx.Tx) error) {
	t.Helper()
	if err := pg.Tx(t.Context(), p.db, fn); err != nil {
		t.Fatal(err)
	}
}

func (p *post) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := p.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (p *post) count(t *testing.T, sql string, args ...any) int {
	t.Helper()
	n, err := pg.Value[int](t.Context(), p.db, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (p *post) act(persona string) audit.Act {
	return audit.Act{By: p.People[persona], At: portaltest.Now}
}

// write queues a letter to a persona and returns it.
func (p *post) write(t *testing.T, kind letter.Kind, to string, about letter.About) letter.ID {
	t.Helper()
	p.tx(t, func(tx pgx.Tx) error {
		event, err := audit.Record(t.Context(), tx, p.act(to), "test", "test", p.People[to], nil)
		if err != nil {
			return err
		}
		return letter.Queue(t.Context(), tx, p.act(to), event, kind, about, letter.To{PersonID: p.People[to], Address: to + "@portal.test", Lang: words.Vi})
	})
	id, err := pg.Value[letter.ID](t.Context(), p.db, `select id from letters where kind = $1 and address = $2 order by queued_at desc, id limit 1`, kind, to+"@portal.test")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// settle takes a letter in hand and says what became of it.
func (p *post) settle(t *testing.T, id letter.ID, o letter.Outcome) {
	t.Helper()
	d, err := letter.Take(t.Context(), p.db, id, time.Minute, true)
	if err != nil {
		t.Fatal(err)
	}
	p.tx(t, func(tx pgx.Tx) error { return letter.Settle(t.Context(), tx, d, o) })
}

func (p *post) about(state string) letter.About {
	return letter.About{ProgrammeID: p.Programme, ProposalID: p.Proposal[state], Refs: map[string]any{"number": 1}}
}

var failed = letter.Outcome{State: letter.Failed, Said: "550 Không có người này", As: letter.Written{Subject: "Đề xuất bí mật", Text: "Nội dung kín", HTML: "<p>Nội dung kín</p>"}}

func TestWhoSeesLetters(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	letters := []letter.ID{
		p.write(t, letter.Receipt, "HD", p.about("submitted")), p.write(t, letter.ReviewAssigned, "RA", p.about("in_review")), p.write(t, letter.Reset, "OX", letter.About{}),
	}
	for _, id := range letters {
		p.settle(t, id, failed)
	}
	// w whole, d that it was delivered, · nothing; ! may send it again.
	want := map[string]string{
		"HD": "w··", "WR": "···", "RA": "·w·", "R2": "···", "RC": "···", "CH": "···", "OX": "··w", "PO": "w!w!·", "PX": "···", "OH": "···", "AU": "www", "AD": "d!d!d!", "": "···",
	}
	see := func(persona string) string {
		var got strings.Builder
		for _, id := range letters {
			l, err := letter.Get(t.Context(), p.db, p.People[persona], id)
			switch {
			case errors.Is(err, problem.NotFound):
				got.WriteString("·")
				continue
			case err != nil:
				t.Fatal(err)
			case l.Whole:
				got.WriteString("w")
			default:
				got.WriteString("d")
				if l.Subject+l.BodyText != "" || l.ProposalID != 0 || l.Reference != "" || len(l.Refs) != 0 {
					t.Errorf("%s sees of letter %s more than that it was delivered: %+v", persona, id, l)
				}
			}
			if l.MaySend {
				got.WriteString("!")
			}
		}
		return got.String()
	}
	for persona, w := range want {
		if got := see(persona); got != w {
			t.Errorf("%s sees %s, want %s", persona, got, w)
		}
		page, err := letter.List(t.Context(), p.db, p.People[persona], letter.Filter{}, "", false)
		if err != nil || len(page.Lines) != len(strings.ReplaceAll(strings.ReplaceAll(w, "!", ""), "·", "")) || page.Total != len(page.Lines) {
			t.Errorf("%s lists %d of %d, %v", persona, len(page.Lines), page.Total, err)
		}
		if page.Sendable != strings.Count(w, "!") {
			t.Errorf("%s may send %d", persona, page.Sendable)
		}
	}
	// Roles never add up: an auditor who joins the applicant reads only what is written to them.
	p.exec(t, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'reader', now())`, p.Organisation, p.People["AU"])
	if got := see("AU"); got != "··w" {
		t.Error("an auditor of the applicant sees", got)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	one := p.write(t, letter.Receipt, "HD", p.about("submitted"))
	p.settle(t, one, failed)
	p.write(t, letter.Returned, "WR", p.about("returned"))
	for _, test := range []struct {
		persona string
		filter  letter.Filter
		want    int
	}{
		{"PO", letter.Filter{}, 2},
		{"PO", letter.Filter{Text: "de xuat bi mat"}, 1},
		{"PO", letter.Filter{Text: "ĐỀ XUẤT"}, 1},
		{"PO", letter.Filter{Text: "hd@portal"}, 1},
		{"PO", letter.Filter{Text: "portal.test"}, 2},
		{"PO", letter.Filter{Text: "hd%test"}, 0},
		{"PO", letter.Filter{Text: "h_@portal"}, 0},
		{"PO", letter.Filter{Text: "%"}, 2}, // nothing to look for
		{"PO", letter.Filter{State: letter.Failed}, 1},
		{"PO", letter.Filter{Kind: letter.Returned}, 1},
		{"PO", letter.Filter{Proposal: p.Proposal["submitted"]}, 1},
		{"PO", letter.Filter{Proposal: p.Proposal["submitted"], State: letter.Queued}, 0},
		{"AU", letter.Filter{Text: "bi mat"}, 1},
		// Whoever may not read a letter cannot find it by what it says.
		{"AD", letter.Filter{Text: "bi mat"}, 0},
		{"AD", letter.Filter{Text: "hd@portal"}, 1},
		{"AD", letter.Filter{Proposal: p.Proposal["submitted"]}, 0},
		{"PX", letter.Filter{Text: "hd@portal"}, 0},
	} {
		page, err := letter.List(t.Context(), p.db, p.People[test.persona], test.filter, "", false)
		if err != nil || len(page.Lines) != test.want || page.Total != test.want {
			t.Errorf("%s with %+v finds %d of %d, %v; want %d", test.persona, test.filter, len(page.Lines), page.Total, err, test.want)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for i := range 60 { // three share each moment
		p.exec(t, `insert into letters (kind, event_id, person_id, address, locale, programme_id, queued_at) values ('known', $1, $2, 'x@portal.test', 'vi', $3, $4)`,
			i, p.People["OX"], p.Programme, portaltest.Now.Add(time.Duration(i/3)*time.Microsecond))
	}
	all, err := pg.Values[letter.ID](t.Context(), p.db, `select id from letters order by queued_at desc, id desc`)
	if err != nil {
		t.Fatal(err)
	}
	ids := func(page letter.Page) (ids []letter.ID) {
		for _, l := range page.Lines {
			ids = append(ids, l.ID)
		}
		return ids
	}
	get := func(cursor string, back bool) letter.Page {
		page, err := letter.List(t.Context(), p.db, p.People["PO"], letter.Filter{}, cursor, back)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	first := get("", false)
	second := get(first.Older, false)
	third := get(second.Older, false)
	if diff := cmp.Diff(all, slices.Concat(ids(first), ids(second), ids(third))); diff != "" {
		t.Error(diff)
	}
	if first.Newer != "" || third.Older != "" || first.Total != 60 || len(third.Lines) != 10 {
		t.Errorf("%q %q %d %d", first.Newer, third.Older, first.Total, len(third.Lines))
	}
	again := get(get(third.Newer, true).Newer, true)
	if diff := cmp.Diff(ids(first), ids(again)); diff != "" || again.Newer != "" || again.Older == "" {
		t.Error(diff, again.Newer, again.Older)
	}
	for _, strange := range []string{"x", "000000000000", "zzzzzzzzzzzzx", "'; drop table letters", "uuuuuuuuuuuu5"} {
		if diff := cmp.Diff(ids(first), ids(get(strange, false))); diff != "" {
			t.Errorf("%q: %s", strange, diff)
		}
	}
}

func TestResend(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id := p.write(t, letter.Receipt, "HD", p.about("submitted"))
	resend := func(persona string) error {
		return pg.Tx(t.Context(), p.db, func(tx pgx.Tx) error { return letter.Resend(t.Context(), tx, p.act(persona), id) })
	}
	if err := resend("PO"); !errors.Is(err, problem.Conflict) {
		t.Error("a queued letter:", err)
	}
	p.settle(t, id, failed)
	for persona, want := range map[string]error{"AU": problem.Forbidden, "HD": problem.Forbidden, "PX": problem.NotFound, "OH": problem.NotFound, "RA": problem.NotFound, "": problem.NotFound} {
		if err := resend(persona); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", persona, err, want)
		}
	}
	p.exec(t, `delete from river_job`)
	if err := resend("PO"); err != nil {
		t.Fatal(err)
	}
	if err := resend("AD"); !errors.Is(err, problem.Conflict) {
		t.Error("a second time:", err)
	}
	if n := p.count(t, `select count(*) from letter_jobs where letter_id = $1`, id); n != 1 {
		t.Error(n, "jobs")
	}
	if n := p.count(t, `select count(*) from audit_events where verb = 'resend' and subject = 'letter' and subject_id = $1 and person_id = $2`, id, p.People["PO"]); n != 1 {
		t.Error(n, "events")
	}
}

func TestResendFailed(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for _, l := range []struct {
		kind  letter.Kind
		to    string
		about letter.About
		o     letter.Outcome
	}{
		{letter.Receipt, "HD", p.about("submitted"), failed},
		{letter.Receipt, "WR", p.about("submitted"), failed},
		{letter.Returned, "WR", p.about("returned"), failed},
		{letter.Eligible, "WR", p.about("eligible"), letter.Outcome{State: letter.Sent, At: portaltest.Now}},
		{letter.Reset, "OX", letter.About{}, failed},
	} {
		p.settle(t, p.write(t, l.kind, l.to, l.about), l.o)
	}
	p.exec(t, `delete from river_job`)
	resend := func(persona string, f letter.Filter) (n int, err error) {
		err = pg.Tx(t.Context(), p.db, func(tx pgx.Tx) (err error) {
			n, err = letter.ResendFailed(t.Context(), tx, p.act(persona), f)
			return err
		})
		return n, err
	}
	for _, test := range []struct {
		persona string
		filter  letter.Filter
		n       int
		refused error
	}{
		{"AU", letter.Filter{}, 0, problem.Forbidden},
		{"HD", letter.Filter{}, 0, problem.Forbidden},
		{"PX", letter.Filter{}, 0, nil},
		{"OH", letter.Filter{}, 0, nil},
		{"PO", letter.Filter{Kind: letter.Receipt, State: letter.Sent}, 2, nil}, // of a filter its failed ones
		{"PO", letter.Filter{}, 1, nil},
		{"PO", letter.Filter{}, 0, nil},
		{"AD", letter.Filter{}, 1, nil},
	} {
		if n, err := resend(test.persona, test.filter); n != test.n || !errors.Is(err, test.refused) {
			t.Errorf("%s with %+v: %d, %v", test.persona, test.filter, n, err)
		}
	}
	if n := p.count(t, `select count(*) from letter_jobs`); n != 4 {
		t.Error(n, "jobs for four letters")
	}
}

func TestOneEventOneLetter(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	to := letter.To{PersonID: p.People["HD"], Address: "HD@portal.test", Lang: words.Vi}
	for range 2 {
		p.tx(t, func(tx pgx.Tx) error {
			return letter.Queue(t.Context(), tx, p.act("HD"), 7, letter.Receipt, p.about("submitted"), to, to)
		})
	}
	if n := p.count(t, `select count(*) from letters`); n != 1 {
		t.Error(n, "letters")
	}
	if n := p.count(t, `select count(*) from letter_jobs`); n != 1 {
		t.Error(n, "jobs")
	}
}

func TestOnlyOneHoldsALetter(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	ctx := t.Context()
	id := p.write(t, letter.Receipt, "HD", p.about("submitted"))
	d, err := letter.Take(ctx, p.db, id, time.Minute, true)
	want := letter.Due{ID: id, Kind: letter.Receipt, PersonID: p.People["HD"], Address: "HD@portal.test", Lang: words.Vi, ProposalID: p.Proposal["submitted"], Refs: map[string]any{"number": 1.0}, Tries: 1, QueuedAt: d.QueuedAt}
	if diff := cmp.Diff(want, d); err != nil || diff != "" || d.Number("number") != 1 || d.Number("x") != 0 || d.Ref("x") != "" {
		t.Error(err, diff)
	}
	if _, err := letter.Take(ctx, p.db, id, time.Minute, true); !errors.Is(err, letter.Taken) {
		t.Error("taken twice:", err)
	}
	if err := letter.Wait(ctx, p.db, id, "451 Để sau"); err != nil {
		t.Fatal(err)
	}
	if d, err := letter.Take(ctx, p.db, id, time.Millisecond, false); err != nil || d.Tries != 1 { // wording is no try
		t.Error(d, err)
	}
	time.Sleep(5 * time.Millisecond)
	if d, err = letter.Take(ctx, p.db, id, time.Minute, true); err != nil || d.Tries != 2 { // whoever held it is gone
		t.Error(d, err)
	}
	settle := func(o letter.Outcome) error {
		return pg.Tx(ctx, p.db, func(tx pgx.Tx) error { return letter.Settle(ctx, tx, d, o) })
	}
	if err := settle(letter.Outcome{State: letter.Sent, As: letter.Written{Subject: "a", Text: "b", HTML: "c"}, At: portaltest.Now}); err != nil {
		t.Fatal(err)
	}
	if err := settle(failed); !errors.Is(err, letter.Settled) {
		t.Error("settled twice:", err)
	}
	if _, err := letter.Take(ctx, p.db, id, time.Minute, true); !errors.Is(err, letter.Settled) {
		t.Error("taken when sent:", err)
	}
	if _, err := letter.Take(ctx, p.db, 4711, time.Minute, true); !errors.Is(err, letter.Settled) {
		t.Error("taken when not there:", err)
	}
	if l, err := letter.Get(ctx, p.db, p.People["PO"], id); err != nil || l.State != letter.Sent || l.SentAt == nil || !l.SentAt.Equal(portaltest.Now) || l.LastError != "" || l.BodyText != "b" {
		t.Errorf("%+v %v", l, err)
	}
}

// TestStates holds the schema to the states and reasons that there are.
func TestStates(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for _, s := range letter.States {
		o := letter.Outcome{State: s, At: portaltest.Now}
		if s == letter.Withheld {
			o.Reason = letter.Gone
		}
		p.settle(t, p.write(t, letter.Known, "HD", letter.About{ProposalID: int64(len(s)), ProgrammeID: p.Programme}), o)
		p.exec(t, `update letters set queued_at = queued_at - interval '1 day'`)
	}
	for _, lang := range words.Langs {
		for _, s := range letter.States {
			if !words.Known("letters.state." + string(s)) {
				t.Error(lang, s)
			}
		}
	}
}

func TestLinkRefs(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	id := p.write(t, letter.Reset, "OX", letter.About{Refs: map[string]any{"token": "abc"}})
	for persona, want := range map[string]string{"AD": "abc", "AU": "abc", "OX": "abc"} {
		if got, err := letter.LinkRef(t.Context(), p.db, p.People[persona], id); got != want || err != nil {
			t.Errorf("%s: %q %v", persona, got, err)
		}
	}
	if _, err := letter.LinkRef(t.Context(), p.db, p.People["PO"], id); !errors.Is(err, problem.NotFound) {
		t.Error(err)
	}
}
