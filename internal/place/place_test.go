package place_test

import (
	_ "embed"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/intake"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/words"
)

// units has two versions of #1 and of #200, which named another commune before
// July 2025.
//
//go:embed testdata/units.csv
var units string

const header = "code,name,full_name,name_en,level,parent_code,valid_from,valid_to,unit_type,search_key\n"

var (
	now    = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	before = time.Date(2025, 6, 30, 12, 0, 0, 0, time.UTC)
	act    = audit.Act{At: now}
)

// own gives the file codes of this test only: tests run at once in one database.
func own(file, prefix string) string { return strings.ReplaceAll(file, "#", prefix) }

func load(t *testing.T, tx pgx.Tx, file string) intake.Changes {
	t.Helper()
	changes, err := place.Import(t.Context(), tx, act, "units.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestImport(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	file := own(units, "A")
	if got, want := load(t, tx, file), (intake.Changes{Added: 11}); !cmp.Equal(got, want) {
		t.Errorf("first time: got %+v, want %+v", got, want)
	}
	if got, want := load(t, tx, file), (intake.Changes{Unchanged: 11}); !cmp.Equal(got, want) {
		t.Errorf("second time: got %+v, want %+v", got, want)
	}
	// The same file a year on: A3 is another kind of unit from then on.
	newer := strings.Replace(file, "A3,Ổi,Thành phố Ổi,Oi,1,,,,", "A3,Ổi,Tỉnh Ổi,Oi,1,,2027-01-01,,tinh,\nA3,Ổi,Thành phố Ổi,Oi,1,,,2027-01-01,", 1)
	if got, want := load(t, tx, newer), (intake.Changes{Added: 1, Changed: 1, Unchanged: 10}); !cmp.Equal(got, want) {
		t.Errorf("newer: got %+v, want %+v", got, want)
	}
	imports, err := pg.Value[int](ctx, tx, `select count(*)::int from audit_events where verb = 'import'`)
	if err != nil || imports != 2 {
		t.Errorf("got %d events, %v; want the two imports that changed something", imports, err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, own(units, "B"))
	for _, c := range []struct{ rows, want string }{
		{"B9,X,Tỉnh X,,1,,,,huyen,", "line 2, unit_type: “huyen” is none of: tinh, thanh_pho_tw."},
		{"B9,X,Tỉnh X,,1,B1,,,tinh,", "line 2, parent_code: Provinces leave this empty"},
		{"B90,X,Xã X,,3,,,,xa,", "line 2, parent_code: Provinces leave this empty"},
		{"B9,X,Tỉnh X,,1,,2025-07-01,2025-07-01,tinh,", "line 2, valid_to: The end must come after"},
		{"B9,X,Tỉnh X,,1,,01/07/2025,,tinh,", "line 2, valid_from: “01/07/2025” is no date"},
		{"B9,X,Tỉnh X,,1,,,,tinh,\nB8,Y,Tỉnh Y,,1,,,,tinh,\nB9,Z,Tỉnh Z,,1,,,,tinh,", "line 4, code: The same already stands in line 2."},
		{"B9,X,Tỉnh X,,1,,,,tinh,\nB90,X,Xã X,,3,B7,,,xa,", "line 3, parent_code: No unit above it had the code B7"},
		{"B90,X,Xã X,,3,B2,2025-07-01,,xa,", "line 2, parent_code: No unit above it had the code B2"},
		{"B9,X,Tỉnh X,,1,,,,tinh,\nB3,Ổi,Tỉnh Ổi,,1,,2026-01-01,,tinh,", "line 3, valid_from: At that time the code belonged to Thành phố Ổi"},
	} {
		err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
			_, err := place.Import(ctx, tx, act, "new.csv", strings.NewReader(header+c.rows+"\n"))
			return err
		})
		if err == nil || !strings.HasPrefix(err.Error(), "new.csv, "+c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.rows, err, c.want)
		}
	}
	if _, err := place.Latest(ctx, tx, place.Province, "B9"); !errors.Is(err, problem.NotFound) {
		t.Errorf("got %v, want nothing of a refused file loaded", err)
	}
}

func TestOneCodeTwoPlaces(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, own(units, "C"))
	for _, c := range []struct {
		on   time.Time
		want words.Pair
	}{
		{before, words.Pair{Vi: "Xã Cẩm Giang", En: "Cẩm Giang Commune"}},
		{now, words.Pair{Vi: "Xã Tân Đước", En: "Tân Đước Commune"}},
		{time.Date(2025, 6, 30, 16, 59, 0, 0, time.UTC), words.Pair{Vi: "Xã Cẩm Giang", En: "Cẩm Giang Commune"}},
		{time.Date(2025, 6, 30, 17, 0, 0, 0, time.UTC), words.Pair{Vi: "Xã Tân Đước", En: "Tân Đước Commune"}}, // 1/7 in Viet Nam
	} {
		p, err := place.Get(ctx, tx, place.Commune, "C200", c.on)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Title(); got != c.want || !p.On(c.on) {
			t.Errorf("on %s: got %+v, on that day %t; want %+v", c.on, got, p.On(c.on), c.want)
		}
	}
	latest, err := place.Latest(ctx, tx, place.Province, "C2")
	if err != nil || latest.ValidTo == nil || latest.On(now) {
		t.Errorf("got %+v, %v; want the version of C2 that ended", latest, err)
	}
	again, err := place.Version(ctx, tx, latest.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(latest, again); diff != "" {
		t.Error(diff)
	}
	if _, err := place.Get(ctx, tx, place.Province, "C2", now); !errors.Is(err, problem.NotFound) {
		t.Errorf("got %v, want C2 gone", err)
	}
}

func TestListsOfADay(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, own(units, "D"))
	names := func(list []place.Place, err error) []string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range list {
			if strings.HasPrefix(p.Code, "D") {
				names = append(names, p.FullName)
			}
		}
		return names
	}
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"provinces before", names(place.Provinces(ctx, tx, before)), []string{"Thành phố Ổi", "Tỉnh Tre", "Tỉnh Trúc"}},
		{"provinces now", names(place.Provinces(ctx, tx, now)), []string{"Thành phố Ổi", "Tỉnh Tre"}},
		{"communes before", names(place.Communes(ctx, tx, "D2", before)), []string{"Xã Cẩm Giang"}},
		{"communes now", names(place.Communes(ctx, tx, "D1", now)), []string{"Xã Cẩm Giàng", "Xã Đông Cẩm Giàng", "Xã Tân Đước"}},
		{"communes of what is gone", names(place.Communes(ctx, tx, "D2", now)), nil},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, own(units, "E"))
	for _, c := range []struct {
		text string
		want []string
	}{
		{"cam giang", []string{"Phường Cẩm Giang, Thành phố Ổi", "Xã Cẩm Giàng, Tỉnh Tre", "Xã Đông Cẩm Giàng, Tỉnh Tre"}},
		{"CẨM GIÀNG", []string{"Xã Cẩm Giàng, Tỉnh Tre", "Phường Cẩm Giang, Thành phố Ổi", "Xã Đông Cẩm Giàng, Tỉnh Tre"}},
		{"Xã Cẩm", []string{"Xã Cẩm Giàng, Tỉnh Tre"}},
		{"tre", []string{"Tỉnh Tre, Tỉnh Tre"}},
		{"iang", nil},
	} {
		list, err := place.Find(ctx, tx, c.text, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range list {
			got = append(got, f.FullName+", "+f.ProvinceName)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.text, diff)
		}
	}
	for _, nothing := range []string{"", "  -", "khong co noi nay"} {
		if list, err := place.Find(ctx, tx, nothing, 10); err != nil || len(list) > 0 {
			t.Errorf("%q: got %v, %v", nothing, list, err)
		}
	}
}

func TestSuccessors(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, own(units, "F"))
	file := "old_level,old_code,new_level,new_code,since,kind\n2,F20,3,F202,2025-07-01,part\n2,F20,3,F201,2025-07-01,part\n"
	for _, want := range []intake.Changes{{Added: 2}, {Unchanged: 2}} {
		got, err := place.ImportSuccessions(ctx, tx, act, "successions.csv", strings.NewReader(file))
		if err != nil || !cmp.Equal(got, want) {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
	}
	list, err := place.Successors(ctx, tx, place.District, "F20")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, s.Code+" "+s.Title().En+" "+s.ProvinceCode+" "+s.Kind)
	}
	if diff := cmp.Diff([]string{"F201 Đông Cẩm Giàng Commune F1 part", "F202 Cẩm Giàng Commune F1 part"}, got); diff != "" {
		t.Error(diff)
	}
	bad := strings.Replace(file, "F201,2025-07-01", "F201,2025-06-30", 1)
	_, err = place.ImportSuccessions(ctx, tx, act, "successions.csv", strings.NewReader(bad))
	want := "successions.csv, line 3, new_code: No unit had the code F201 on that day. Nothing was loaded."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, own(units, "G"))
	got, err := place.Names(ctx, tx, place.Commune, []string{"G200", "G204", "G999"}, before)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]words.Pair{
		"G200": {Vi: "Xã Cẩm Giang", En: "Cẩm Giang Commune"},
		"G204": {Vi: "Phường 1", En: "Ward 1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
