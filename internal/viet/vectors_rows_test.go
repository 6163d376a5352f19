package viet_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"daubang/internal/viet"
)

func checkDigits(t list) {
	for _, v := range rows[struct {
		First9 string
		Check  *int
	}](t) {
		for digit := range 10 {
			_, ok := viet.TaxCode(v.First9 + strconv.Itoa(digit))
			// the vectors' 010000000x has zeros on digits 3 to 9, which no code has
			want := v.Check != nil && *v.Check == digit && !strings.HasSuffix(v.First9, "0000000")
			if ok != want {
				t.Errorf("%s%d: %v", v.First9, digit, ok)
			}
		}
	}
}

func checkLists(t list) {
	var lists map[string][]string
	if err := json.Unmarshal(t.raw, &lists); err != nil {
		t.Fatal(err)
	}
	if len(lists) < 6 {
		t.Errorf("only %d lists", len(lists))
	}
	for name, words := range lists {
		order := viet.Compare
		if name == "numeric" {
			order = viet.CompareNumbered
		}
		t.Run(name, func(t *testing.T) { t.Parallel(); ascending(t, words, order) })
	}
}

// ascending compares each with each, not only with its neighbour.
func ascending(tb testing.TB, words []string, order func(a, b string) int) {
	tb.Helper()
	if len(words) < 2 {
		tb.Fatalf("nothing to compare in %q", words)
	}
	for i, a := range words {
		for j, b := range words {
			want := i - j
			if got := order(a, b); got < 0 != (want < 0) || got > 0 != (want > 0) {
				tb.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
}

func checkDeadlines(t list) {
	for _, v := range rows[struct {
		Rule    string
		Year    int
		Instant string `json:"first_refused_instant"`
		UTC     string `json:"first_refused_utc"`
		LastDay string `json:"last_day_shown"`
	}](t) {
		day, included := strings.CutSuffix(strings.TrimPrefix(v.Rule, "before "), " included")
		d, m, _ := strings.Cut(day, "/")
		got := viet.FirstRefused(int(float(t, d)), int(float(t, m)), v.Year, included)
		same(t, v.Rule, got.Format(time.RFC3339), v.Instant)
		same(t, v.Rule, got.UTC().Format(time.RFC3339), v.UTC)
		same(t, v.Rule, viet.Date(got.Add(-time.Nanosecond)), v.LastDay)
	}
}

func checkNormalForms(t list) {
	for _, v := range rows[struct {
		NFC, NFD string
		Runes    int `json:"runes_nfc"`
		RunesNFD int `json:"runes_nfd"`
		Bytes    int `json:"bytes_nfc"`
	}](t) {
		for _, in := range []string{v.NFC, v.NFD} {
			same(t, in, viet.Clean(in), v.NFC)
			same(t, in, viet.CleanText(in), v.NFC)
			same(t, in, viet.FileName(in), v.NFC)
			same(t, in, viet.CountChars(in), v.Runes)
			same(t, in, len(viet.Clean(in)), v.Bytes)
		}
		same(t, v.NFC, len([]rune(norm.NFD.String(v.NFC))), v.RunesNFD)
		same(t, v.NFC, viet.Compare(v.NFC, v.NFD), 0)
	}
}

func checkNoDecomposition(t list) {
	for _, v := range rows[struct{ Char, Note string }](t) {
		same(t, v.Char, norm.NFD.String(v.Char), v.Char)
		same(t, v.Char, viet.Key(v.Char), "d")
	}
}

func checkPersonalNumbers(t list) {
	for _, v := range rows[struct {
		In    string
		OK    bool
		Place string `json:"birth_place_code"`
		Sex   string
		Year  int `json:"birth_year"`
		Why   string
	}](t) {
		got, ok := viet.PersonalNumber(v.In)
		same(t, v.In, ok, v.OK)
		same(t, v.In, got, viet.Personal{PlaceCode: v.Place, Female: v.Sex == "nữ", BirthYear: v.Year})
	}
}

func checkLegacy(t list) {
	for _, v := range rows[struct {
		NFC    string
		TCVN3  string `json:"tcvn3_as_latin1"`
		VNI    string `json:"vni_as_latin1"`
		CP1258 string `json:"cp1258_hex"`
	}](t) {
		cp1258, err := hex.DecodeString(v.CP1258)
		if err != nil {
			t.Fatal(err)
		}
		tcvn3, vni := latin1(t, v.TCVN3), latin1(t, v.VNI)
		same(t, v.TCVN3, viet.FromTCVN3(tcvn3), v.NFC)
		same(t, v.VNI, viet.FromVNI(vni), v.NFC)
		same(t, v.CP1258, viet.FromCP1258(cp1258), v.NFC)
		if strings.Count(v.NFC, " ") < 2 {
			continue // too little to guess from: "tháng" in CP1258 are the bytes of "thỏng" in TCVN3
		}
		for as, b := range map[viet.Encoding][]byte{viet.TCVN3: tcvn3, viet.VNI: vni, viet.CP1258: cp1258, viet.UTF8: []byte(v.NFC)} {
			text, guessed, share := viet.Guess(b)
			same(t, string(as)+" "+v.NFC, guessed, as)
			same(t, string(as)+" "+v.NFC, text, v.NFC)
			if share < 0.6 {
				t.Errorf("%s %q: only %v of the words are Vietnamese", as, v.NFC, share)
			}
		}
	}
}

// rows reads a list of the vectors and refuses a field that the check does not
// know, so that nothing in them goes unread.
func rows[T any](t list) []T {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(t.raw))
	d.DisallowUnknownFields()
	var all []T
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("an empty list proves nothing")
	}
	return all
}

func same[T comparable](tb testing.TB, of any, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%+q: got %+v, want %+v", of, got, want)
	}
}

func iso(tb testing.TB, s string) time.Time {
	tb.Helper()
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		tb.Fatal(err)
	}
	return day
}

func float(tb testing.TB, s string) float64 {
	tb.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func latin1(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := charmap.ISO8859_1.NewEncoder().Bytes([]byte(s))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
