package viet_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"daubang/internal/viet"
)

// Everything that must not reach the database, or turns round what others see.
const unwanted = "\x00\x01\x1b\x7f\u0080\u009f\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e" +
	"\u2066\u2067\u2068\u2069\ufeff\u061c\u2060\ufff9\ufffb\ufdd0\ufffe\uffff\U0001fffe\xff\xc3\xed\xa0\x80\xed\xbf\xbf"

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                 "",
		" \u00a0\u3000\t ":                 "",
		"  Hòa\u00a0\u00a0 Bình\r\n":       "Hòa Bình",
		"một\nhai\r\nba\u2028bốn\u0085năm": "một hai ba bốn năm",
		"Ho\u0300a Bi\u0300nh":             "Hòa Bình",
		"o\u200b\u0300":                    "ò", // the mark joins its letter once nothing is between
		unwanted:                           "",
		"Hội" + unwanted + " LHPN":         "Hội LHPN",
		"\u202egnp.exe":                    "gnp.exe",
		"<b>& \"'":                         `<b>& "'`, // not markup's business: pages escape
		"- 5 ≥ 3 😀 👩\u200d🌾":               "- 5 ≥ 3 😀 👩\u200d🌾",
	} {
		same(t, in, viet.Clean(in), want)
	}
}

func TestCleanText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                  "",
		" \n\t\n\r\n":                       "",
		"\n\nmột  hai \t\r\n\r\n  ba\n\n\n": "một  hai\n\n  ba",
		"Gồm:\r\n\t• một\r\t- hai\u2028ba":  "Gồm:\n\t• một\n\t- hai\nba",
		"một\u00a0hai\u202fba":              "một hai ba",
		"Ho\u0300a\nBi\u0300nh":             "Hòa\nBình",
		"a\n" + unwanted + "\nb":            "a\n\nb",
	} {
		same(t, in, viet.CleanText(in), want)
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("đề ", 60)
	for in, want := range map[string]string{
		"":                              "",
		"..":                            "",
		"báo cáo.pdf":                   "báo cáo.pdf",
		"/etc/passwd":                   "passwd",
		`C:\Users\Lan\Kế hoạch.docx`:    "Kế hoạch.docx",
		`..\../..\x/../../.htaccess`:    "htaccess",
		"--help.pdf":                    "help.pdf",
		". - .bí mật.pdf":               "bí mật.pdf",
		"a\x00\nb\u202efdp.exe":         "a bfdp.exe",
		"thư mục/":                      "",
		"ba\u0301o ca\u0301o.PDF":       "báo cáo.PDF",
		long + ".pdf":                   strings.TrimSpace(string([]rune(long)[:116])) + ".pdf",
		strings.Repeat("a", 200):        strings.Repeat("a", 120),
		"a." + strings.Repeat("b", 200): "a." + strings.Repeat("b", 118),
	} {
		same(t, in, viet.FileName(in), want)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"": 0, "  \n": 0, "Bình đẳng giới": 3, "- một\n• hai – ba": 3, "Bà Rịa - Vũng Tàu": 4,
		"1.234.567 đồng": 2, "tập\u00a0huấn": 2, "LĐ-TB&XH": 1, "...": 0,
	} {
		same(t, in, viet.CountWords(in), want)
	}
	same(t, "NFD", viet.CountChars("đe\u0302\u0300 xua\u0302\u0301t"), 7)
	same(t, "emoji", viet.CountChars("😀a"), 2)
}

// TestEveryLetter takes each Vietnamese letter through all its spellings.
func TestEveryLetter(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for plain, shapes := range map[string][]string{
		"a": {"a", "ă", "â"}, "e": {"e", "ê"}, "i": {"i"}, "o": {"o", "ô", "ơ"}, "u": {"u", "ư"}, "y": {"y"}, "d": {"đ"},
	} {
		for _, shape := range shapes {
			for _, tone := range []string{"", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"} {
				if plain == "d" && tone != "" {
					continue
				}
				for _, letter := range []string{shape, strings.ToUpper(shape)} {
					mixed := letter + tone // a ready shape and a loose tone
					nfc := norm.NFC.String(mixed)
					if utf8.RuneCountInString(nfc) != 1 {
						t.Fatalf("%+q is no letter", mixed)
					}
					if nfc[0] >= utf8.RuneSelf {
						seen[nfc] = true
					}
					for _, in := range []string{nfc, mixed, norm.NFD.String(mixed)} {
						same(t, in, viet.Clean(in), nfc)
						same(t, in, viet.CleanText(in), nfc)
						same(t, in, viet.Key(in), plain)
						same(t, in, viet.CountChars(in), 1)
						same(t, in, viet.Compare(in, nfc), 0)
					}
				}
			}
		}
	}
	same(t, "accented letters", len(seen), 134)
	same(t, "eth for đ", viet.Key("Ðà Nẵng, ðường"), "da nang duong")
}

func TestCompareIsAnOrder(t *testing.T) {
	t.Parallel()
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("aàạăâbdđeêhioôơuưy AĐ\u0301\u0323\u030212-")), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := letters.Draw(t, "a"), letters.Draw(t, "b"), letters.Draw(t, "c")
		for _, order := range []func(a, b string) int{viet.Compare, viet.CompareNumbered, viet.ByGivenName} {
			if order(a, b) != -order(b, a) {
				t.Errorf("%+q and %+q depend on who comes first", a, b)
			}
			if (order(a, b) == 0) != (norm.NFC.String(a) == norm.NFC.String(b)) {
				t.Errorf("%+q and %+q: %d", a, b, order(a, b))
			}
			if order(a, b) <= 0 && order(b, c) <= 0 && order(a, c) > 0 {
				t.Errorf("%+q ≤ %+q ≤ %+q, but not the first and the last", a, b, c)
			}
		}
	})
}

func TestCompareTogether(t *testing.T) {
	t.Parallel()
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 200 {
				if viet.Compare("Cao Bằng", "Cần Thơ") >= 0 || viet.Compare("Đà Nẵng", "Zố") >= 0 {
					t.Fatal("the order changed under others")
				}
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", unwanted, "Ho\u0300a\u00a0Bi\u0300nh\r\n", "a" + strings.Repeat("\u0301\u0323", 40), " \u0301x", "\u1100\u1161\u200b\u11a8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, clean := range map[string]func(string) string{"Clean": viet.Clean, "CleanText": viet.CleanText, "FileName": viet.FileName} {
			once := clean(s)
			if twice := clean(once); twice != once {
				t.Errorf("%s of %+q is not settled: %+q, then %+q", name, s, once, twice)
			}
			if !norm.NFC.IsNormalString(once) || !utf8.ValidString(once) {
				t.Errorf("%s(%+q) = %+q is not NFC in UTF-8", name, s, once)
			}
			if strings.ContainsFunc(once, func(r rune) bool {
				return r != '\n' && r != '\t' && unicode.IsControl(r) || strings.ContainsRune("\u202e\u2066\u200b\ufeff\uffff", r)
			}) {
				t.Errorf("%s(%+q) = %+q", name, s, once)
			}
		}
		if line := viet.Clean(s); strings.ContainsAny(line, "\n\t\u00a0") || strings.Contains(line, "  ") || strings.TrimSpace(line) != line {
			t.Errorf("Clean(%+q) = %+q is not one line", s, line)
		}
		if name := viet.FileName(s); strings.ContainsAny(name, "/\\\n") || utf8.RuneCountInString(name) > 120 || strings.HasPrefix(name, ".") {
			t.Errorf("FileName(%+q) = %+q", s, name)
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"", "Ia H'Drai", "ĐẮK LẮK", "İIıſ", "Ǆ ﬀ ẞ", "\xff1², Å", "\xf4\u0144"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := viet.Key(s)
		if twice := viet.Key(once); twice != once {
			t.Errorf("the key of %+q is not settled: %+q, then %+q", s, once, twice)
		}
		if again := viet.Key(norm.NFD.String(s)); again != once {
			t.Errorf("%+q and its NFD have different keys: %+q, %+q", s, once, again)
		}
		for _, r := range once {
			if r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				t.Errorf("the key of %+q holds %+q", s, r)
			}
		}
	})
}
