package programme_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/calendar"
	"daubang/internal/demo/data"
	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/place"
	"daubang/internal/programme"
	"daubang/internal/words"
)

var shell = audit.Act{At: noon}

// one is a record with all that a file may say, marked as a source's maker
// marks what they only suppose. # is the test's own.
const one = `[
 {
  "seed": "#.txt",
  "source": {"kind": "news article", "publisher": null, "published": "2020-03-23T18:51:00+07:00",
   "territory_vi": "Quận Tre, thành phố Ổi (cấp huyện, kết thúc 01/07/2025)"},
  "plan": {
   "number": "08", "symbol": "KH-UBND",
   "doc_type": {"vi": "không nêu (khả năng cao là Kế hoạch)", "en": "not stated (most likely a plan)"},
   "issue_date": "2017-03-07", "issue_date_note": "year from the plan year",
   "issuer": {"vi": "Ủy ban nhân dân quận Tre", "en": "People's Committee of Tre District"},
   "issuer_inferred": "perhaps Ổi",
   "subject": {"vi": "Bình đẳng giới", "en": "Gender equality"},
   "year": null, "year_inferred": "2017 or 2018", "year_inference": "by its words", "year_confidence": "medium"
  },
  "legal_bases": [
   {"doc_type": "Chỉ thị", "number": "#/CT-TU", "date": "2011-12-30", "issuer": "Thành ủy Ổi", "title_vi": "Cán bộ nữ", "title_en": "Female cadres",
    "relation": "implements (parent plan)", "in_seed_text": {"number": false, "date": false}, "date_verified": true, "note": "subject only"}
  ],
  "objectives": [{"vi": "Nâng cao nhận thức", "en": "Raise awareness"}],
  "task_groups": [{"code": "comms", "vi": "Truyền thông", "en": "Communication"}],
  "priority_groups": [], "priority_places": [],
  "lead": [{"vi": "Phòng Lao động (nay: Sở Nội vụ)", "en": "Labour division (now: Department of Home Affairs)"}],
  "coordinating": [], "implementers": [], "inspection": [],
  "reporting": [{"what": {"vi": "báo cáo năm", "en": "yearly report"}, "kind": "periodic", "deadline": {"day": 10, "month": 12},
   "deadline_rule": "before", "from": {"vi": "Phòng", "en": "Division"}, "to": [{"vi": "UBND", "en": "Committee"}]}],
  "figures": [{"value": "10", "meaning": "tenth year"}],
  "missing": ["budget"]
 }
]`

func importing(t *testing.T, tx pgx.Tx, file string) intake.Changes {
	t.Helper()
	changes, err := programme.Import(t.Context(), tx, shell, "programmes.json", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestImport(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	file := strings.ReplaceAll(one, "#", "im1")
	title := words.Pair{Vi: "08/KH-UBND, Bình đẳng giới", En: "08/KH-UBND, Gender equality"}
	for _, want := range []intake.Changes{
		{Added: 1, Each: []intake.Line{{Change: intake.Added, Name: title}}},
		{Unchanged: 1, Each: []intake.Line{{Change: intake.Unchanged, Name: title}}},
	} {
		if diff := cmp.Diff(want, importing(t, tx, file)); diff != "" {
			t.Error(diff)
		}
	}
	edited := strings.Replace(file, `"code": "comms", "vi": "Truyền thông"`, `"code": "comms", "vi": "Tuyên truyền"`, 1)
	if got := importing(t, tx, edited); got.Changed != 1 {
		t.Errorf("got %+v, want one changed", got)
	}
	events, err := pg.Values[string](ctx, tx, `
		select detail::text from audit_events where subject = 'programme' and subject_id = (select id from programmes where key = 'im1') order by seq`)
	if err != nil || len(events) != 2 || events[1] != `{"changed": ["task_groups"]}` {
		t.Errorf("got %q, %v", events, err)
	}
}

func TestWhatIsSupposedIsNotShown(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	importing(t, tx, strings.ReplaceAll(one, "#", "im2"))
	id := insert[programme.ID](t, tx, `select id from programmes where key = 'im2'`)
	p, err := programme.Get(ctx, tx, 0, id)
	if err != nil {
		t.Fatal(err)
	}
	if p.DocType != (words.Pair{}) || p.Year != 0 || p.Territory.Vi != "Quận Tre, thành phố Ổi" || p.Note != "" || p.IssuedOnNote != (words.Pair{}) {
		t.Errorf("the public sees what nobody knows: %+v", p.Content)
	}
	shown, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, guess := range []string{"khả năng cao", "most likely", "2017 or 2018", "perhaps", "medium"} {
		if bytes.Contains(shown, []byte(guess)) {
			t.Errorf("%q is shown", guess)
		}
	}
	if p.IssuerEndedOn == nil || !p.IssuerEndedOn.Equal(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v, want the end that the territory tells", p.IssuerEndedOn)
	}
	if lead := p.Body.Lead[0]; lead.Vi != "Phòng Lao động" || lead.Now.En != "Department of Home Affairs" {
		t.Errorf("got %+v", lead)
	}
	note := insert[string](t, tx, `select note from programmes where id = $1`, id)
	for _, kept := range []string{"khả năng cao là Kế hoạch", "year: 2017 or 2018 by its words", "issuer: perhaps Ổi", "not in the source: budget"} {
		if !strings.Contains(note, kept) {
			t.Errorf("the desk's note lacks %q:\n%s", kept, note)
		}
	}
	bases, err := programme.Bases(ctx, tx, 0, id)
	if err != nil || len(bases) != 1 || bases[0].Relation != programme.ParentPlan || !bases[0].BySubject || bases[0].Document.Status != legal.Unknown {
		t.Errorf("got %+v, %v", bases, err)
	}
}

func TestImportKeepsWhatTheFileLeavesOut(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	file := strings.ReplaceAll(one, "#", "im3")
	full := strings.Replace(file, `"number": "08"`,
		`"issuer_place": {"level": 2, "code": "999"}, "successor": {"vi": "Hai phường", "en": "Two wards"}, "period_from": "2017-01-01", "number": "08"`, 1)
	importing(t, tx, full)
	if got := importing(t, tx, file); got.Unchanged != 1 {
		t.Errorf("got %+v, want nothing changed", got)
	}
	id := insert[programme.ID](t, tx, `select id from programmes where key = 'im3'`)
	p, err := programme.Get(ctx, tx, 0, id)
	if err != nil || p.Successor.En != "Two wards" || p.IssuerPlaceCode != "999" || p.PeriodFrom == nil {
		t.Errorf("got %+v, %v", p.Content, err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	file := strings.ReplaceAll(one, "#", "im4")
	for _, c := range []struct{ from, to, want string }{
		{`"2017-03-07"`, `"7/3/2017"`, "line 9, plan.issue_date: “7/3/2017” is no date"},
		{`{"vi": "Bình đẳng giới", "en"`, `{"vi": " ", "en"`, "line 12, plan.subject: Write the title"},
		{`"relation": "implements (parent plan)"`, `"relation": "likes"`, "line 17, legal_bases.0.relation: “likes” is none of"},
		{`"number": "im4/CT-TU"`, `"number": ""`, "line 16, legal_bases.0.number: This must not be empty"},
		{`"day": 10`, `"day": 32`, "line 24, reporting.0.deadline: Write a day and a month"},
		{`"kind": "periodic"`, `"kind": "sometimes"`, "line 24, reporting.0.kind: Choose one"},
		{`"code": "comms"`, `"code": "Comms"`, "line 20, task_groups.0.code: Write the code in small letters"},
		{`"seed": "im4.txt"`, `"seed": ""`, "line 2, key: This must not be empty"},
		{`"missing": ["budget"]`, `"misssing": []`, "line 27, misssing: This field is not known"},
		{`"year": null`, `"year": "2017"`, "line 13, plan.year: Another kind of value belongs here, not string"},
	} {
		spoilt := strings.Replace(file, c.from, c.to, 1)
		if spoilt == file {
			t.Fatalf("%s is not in the file", c.from)
		}
		err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
			_, err := programme.Import(ctx, tx, shell, "p.json", strings.NewReader(spoilt))
			return err
		})
		if err == nil || !strings.HasPrefix(err.Error(), "p.json, "+c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.to, err, c.want)
		}
	}
	second := strings.TrimPrefix(strings.ReplaceAll(one, "#", "im4"), "[")
	_, err := programme.Import(ctx, tx, shell, "p.json", strings.NewReader(strings.TrimSuffix(file, "]")+","+second))
	if err == nil || !strings.Contains(err.Error(), "im4 stands in the file twice") {
		t.Errorf("got %v, want the second of two refused", err)
	}
}

// TestTheFiveProgrammes loads the data that the demonstration starts from.
func TestTheFiveProgrammes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := t.Context()
	load := func() map[string]intake.Changes {
		done := map[string]intake.Changes{}
		err := pg.Tx(ctx, db, func(tx pgx.Tx) error {
			for _, file := range []struct {
				name string
				from func(context.Context, pgx.Tx, audit.Act, string, io.Reader) (intake.Changes, error)
			}{
				{"places.csv", place.Import},
				{"successions.csv", place.ImportSuccessions},
				{"legal_documents.csv", legal.Import},
				{"national_targets.csv", legal.ImportTargets},
				{"holidays.csv", calendar.Import},
				{"programmes.json", programme.Import},
			} {
				changes, err := file.from(ctx, tx, shell, file.name, strings.NewReader(text(t, file.name)))
				if err != nil {
					return err
				}
				done[file.name] = changes
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	for name, c := range load() {
		if c.Added == 0 || c.Changed+c.Unchanged > 0 {
			t.Errorf("%s: got %+v, want all added", name, c)
		}
	}
	for name, c := range load() {
		if c.Any() {
			t.Errorf("%s again: got %+v, want nothing changed", name, c)
		}
	}
	list, err := programme.List(ctx, db, 0, "")
	if err != nil || len(list) != 5 {
		t.Fatalf("got %d programmes, %v", len(list), err)
	}
	registered, err := pg.Value[int](ctx, db, `select count(*)::int from legal_documents`)
	if err != nil || registered != strings.Count(text(t, "legal_documents.csv"), "\n")-1 {
		t.Errorf("got %d documents, %v; want no legal basis outside the register", registered, err)
	}
	for _, c := range []struct {
		number string
		want   []string
	}{
		{"36/KH-UBND", []string{"Phường Sơn Trà, Thành phố Đà Nẵng", "Phường An Hải, Thành phố Đà Nẵng"}},
		{"", []string{
			"Phường Nam Định, Tỉnh Ninh Bình", "Phường Thiên Trường, Tỉnh Ninh Bình", "Phường Đông A, Tỉnh Ninh Bình", "Phường Thành Nam, Tỉnh Ninh Bình",
			"Phường Mỹ Lộc, Tỉnh Ninh Bình", "Phường Trường Thi, Tỉnh Ninh Bình", "Phường Vị Khê, Tỉnh Ninh Bình", "Phường Hồng Quang, Tỉnh Ninh Bình",
		}},
	} {
		for _, p := range list {
			if p.FullNumber() != c.number || p.IssuerPlaceLevel != place.District {
				continue
			}
			now, err := place.Successors(ctx, db, p.IssuerPlaceLevel, p.IssuerPlaceCode)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range now {
				got = append(got, s.FullName+", "+s.ProvinceName)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", p.Title.Vi, diff)
			}
			if !p.Ended(noon) || p.Successor.Vi == "" || p.Successor.En == "" {
				t.Errorf("%s: want its end told, and who answers now", p.Title.Vi)
			}
		}
	}
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(data.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
