package words_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// catalogue is the texts of one language by file and key.
type catalogue map[string]map[string]string

// TestCatalogues reads what people read: complete in both languages, in the
// words we chose, in characters that the fonts have.
func TestCatalogues(t *testing.T) {
	t.Parallel()
	vi, en := load(t, "vi"), load(t, "en")
	if len(vi) < 3 || len(vi["frame.json"]) < 5 {
		t.Fatalf("only %d files were read", len(vi))
	}
	report(t, differences(vi, en))
	report(t, badTexts(vi, viWords))
	report(t, badTexts(en, enWords))
}

// TestCatalogueRules makes each rule speak once.
func TestCatalogueRules(t *testing.T) {
	t.Parallel()
	good := catalogue{"a.json": {"a.x": "Gửi {0} cho {1}"}}
	for name, other := range map[string]catalogue{
		"a file is missing":         {},
		"a file is extra":           {"a.json": good["a.json"], "b.json": {}},
		"a key is missing":          {"a.json": {}},
		"a key is extra":            {"a.json": {"a.x": "Send {0} to {1}", "a.y": "More"}},
		"a placeholder is missing":  {"a.json": {"a.x": "Send {0}"}},
		"a placeholder was renamed": {"a.json": {"a.x": "Send {0} to {2}"}},
		"a script's placeholder":    {"a.json": {"a.x": "Send {0} to {1}, {n} left"}},
	} {
		if len(differences(good, other)) == 0 {
			t.Errorf("%s, and nobody says so", name)
		}
	}
	same := catalogue{"a.json": {"a.x": "To {1}: send {0}, {0}"}}
	if faults := differences(good, same); len(faults) > 0 {
		t.Error(faults)
	}
	for _, text := range []string{
		"", " ", "Thư điện tử không hợp lệ", "Hỗ trợ NẠN NHÂN", "Mời anh/chị", "Kính gửi Quý vị", "Tiếp →", "Xong ✓", "Từ ≥ 3", "Ho\u0300a",
		"Gửi {0", "Gửi {1}", "Gửi {name}", "a\u200bb", "a\u202fb", "Gửi ", "hoà bình", "Uỷ ban", "sức khoẻ", "số\x00",
	} {
		if len(badTexts(catalogue{"a.json": {"a.x": text}}, viWords)) == 0 {
			t.Errorf("%+q passes", text)
		}
	}
	if len(badTexts(catalogue{"a.json": {"a.x": "a victim"}}, enWords)) == 0 || len(badTexts(catalogue{"a.json": {"b.x": "Gửi"}, "b.json": {"b.y": "Gửi"}}, viWords)) == 0 {
		t.Error("an English word or a key in a strange file passes")
	}
	if faults := badTexts(catalogue{"a.json": {"a.x": "Quý 1: hòa, khỏe, thủy, toàn, quỹ, quỳ, tuýp, hoàn; {1} và {0}", "a.y": "Gửi"}}, viWords); len(faults) > 0 {
		t.Error(faults)
	}
}

// Words that we do not use, and why.
var (
	viWords = map[string]string{
		"không hợp lệ": "say what to do instead", "nạn nhân": "say người bị bạo lực",
		"anh/chị": "say bạn", "quý vị": "say bạn",
	}
	enWords = map[string]string{"victim": "say person subjected to violence", "invalid": "say what to do instead"}
)

var (
	placeholder = regexp.MustCompile(`\{(\d+)\}`)
	// inBrowser is the count that scripts fill in while someone types.
	inBrowser = regexp.MustCompile(`\{n\}`)
	// newStyle is a tone on the last letter of an open oa, oe or uy: hoà, where we write hòa.
	newStyle = regexp.MustCompile(`(?i)(?:o[àảãáạèẻẽéẹ]|(?:^|[^q])u[ỳỷỹýỵ])(?:\P{L}|$)`)
)

// differences are where two languages do not say the same things.
func differences(a, b catalogue) []string {
	var faults []string
	for _, file := range union(a, b) {
		if a[file] == nil || b[file] == nil {
			faults = append(faults, file+" stands in one language only")
			continue
		}
		for _, key := range union(a[file], b[file]) {
			one, ok := a[file][key]
			other, also := b[file][key]
			switch {
			case !ok || !also:
				faults = append(faults, fmt.Sprintf("%s: %q stands in one language only", file, key))
			case !slices.Equal(placeholders(one), placeholders(other)), !slices.Equal(inBrowser.FindAllString(one, -1), inBrowser.FindAllString(other, -1)):
				faults = append(faults, fmt.Sprintf("%s: %q has other placeholders in the other language", file, key))
			}
		}
	}
	return faults
}

// badTexts are the texts that must not be shown as they are.
func badTexts(c catalogue, unwanted map[string]string) []string {
	var faults []string
	owner := map[string]string{} // the file of each area, the first word of its keys
	for _, file := range slices.Sorted(maps.Keys(c)) {
		for _, key := range slices.Sorted(maps.Keys(c[file])) {
			area, _, _ := strings.Cut(key, ".")
			if owner[area] == "" {
				owner[area] = file
			}
			if owner[area] != file {
				faults = append(faults, fmt.Sprintf("%s: %q belongs into %s", file, key, owner[area]))
			}
			if !keyShape.MatchString(key) {
				faults = append(faults, fmt.Sprintf("%s: %q does not look like area.key", file, key))
			}
			for _, fault := range badText(c[file][key], unwanted) {
				faults = append(faults, fmt.Sprintf("%s: %q: %s", file, key, fault))
			}
		}
	}
	return faults
}

func badText(text string, unwanted map[string]string) []string {
	var faults []string
	check := func(bad bool, fault string) {
		if bad {
			faults = append(faults, fault)
		}
	}
	check(strings.TrimSpace(text) == "", "is empty")
	check(strings.TrimSpace(text) != text, "has space at an end; let the page put it there")
	check(!norm.NFC.IsNormalString(text), "is not NFC")
	check(strings.ContainsAny(text, "→←✓≥\u202f"), "has a character that the fonts lack")
	check(strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }),
		"has a character that nobody sees")
	check(newStyle.MatchString(text), "puts a tone the new way (hoà); we write hòa")
	check(strings.ContainsAny(placeholder.ReplaceAllString(inBrowser.ReplaceAllString(text, ""), ""), "{}"), "has a brace that is no placeholder")
	for i, n := range placeholders(text) {
		check(n != strconv.Itoa(i), "does not count its placeholders from {0} on")
	}
	for word, why := range unwanted {
		check(says(text, word), fmt.Sprintf("says %q: %s", word, why))
	}
	return faults
}

// says finds word in text, whole: a ministry for invalids is not invalid.
func says(text, word string) bool {
	text = strings.ToLower(text)
	for at := range len(text) {
		if strings.HasPrefix(text[at:], word) {
			before, _ := utf8.DecodeLastRuneInString(text[:at])
			after, _ := utf8.DecodeRuneInString(text[at+len(word):])
			if !unicode.IsLetter(before) && !unicode.IsLetter(after) {
				return true
			}
		}
	}
	return false
}

// placeholders are the numbers of a text's placeholders, each once, in order.
func placeholders(text string) []string {
	seen := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		seen[m[1]] = true
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
}

// load reads the files of a language and refuses a key that a file has twice,
// which encoding/json would let pass.
func load(t *testing.T, lang string) catalogue {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("catalogue", lang, "*"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	c := catalogue{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := countKeys(t, b); n != len(texts) {
			t.Errorf("%s: %d keys stand there twice", name, n-len(texts))
		}
		c[filepath.Base(name)] = texts
	}
	return c
}

// countKeys counts the keys of a flat object as they are written.
func countKeys(t *testing.T, b []byte) int {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	n := 0
	for d.More() || n == 0 {
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		n++
	}
	return (n - 1) / 2 // the brace, then keys and texts
}

func union[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func report(t *testing.T, faults []string) {
	t.Helper()
	for _, fault := range faults {
		t.Error(fault)
	}
}
