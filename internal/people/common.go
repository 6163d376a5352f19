package people

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"daubang/internal/viet"
)

// The list is ours: words, names, phrases and rows of keys that people make
// passwords of, Vietnamese and English, as search keys without spaces.
//
//go:embed common.txt
var commonList string

// common words, the longest first, so that "matkhau" is not left as "khau".
var commonWords = sync.OnceValue(func() []string {
	var list []string
	for line := range strings.Lines(commonList) {
		if w := strings.TrimSpace(line); w != "" && w[0] != '#' {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
})

// leastLeft is how many letters or digits of a password must be its own, when
// everything that anybody would try is taken out of it.
const leastLeft = 5

// common reports whether a password is made of what is tried first: common
// words, what is known about its owner, runs such as 12345 or aaaa, years. Marks,
// capitals and signs do not make it another, nor do digits that stand for letters.
func common(password string, about ...string) bool {
	plain, spelt := joined(password), joined(spelling.Replace(password))
	return min(own(plain, about), own(spelt, about))+signs(password) < leastLeft
}

// signs counts the different signs in a password beyond the first three, which
// anybody hangs on; the row above the digits is one.
func signs(password string) int {
	seen := map[rune]bool{}
	for _, r := range strings.NewReplacer("!@#$%^&*()", "!", "!@#$%^", "!", "!@#$", "!", "!@#", "!").Replace(password) {
		if unicode.IsPunct(r) || unicode.IsSymbol(r) {
			seen[r] = true
		}
	}
	return max(0, len(seen)-3)
}

// spelling undoes digits and signs in place of letters.
var spelling = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// joined is a search key without spaces.
func joined(s string) string { return strings.ReplaceAll(viet.Key(s), " ", "") }

// own counts what is left of key without the common words and those about its
// owner, runs and years. What one word leaves is never joined to what follows.
func own(key string, about []string) int {
	for _, w := range append(known(about), commonWords()...) {
		key = strings.ReplaceAll(key, w, "\x00")
	}
	left := 0
	for part := range strings.SplitSeq(key, "\x00") {
		left += len(withoutRuns(part))
	}
	return left
}

// known are the words that are known about a person: of an address both sides
// of the @ and their parts, of a name its syllables joined. Shorter ones than
// three letters stand in too much that is nobody's.
func known(about []string) []string {
	var list []string
	for _, a := range about {
		parts := strings.Fields(viet.Key(a))
		list = append(list, joined(a))
		list = append(list, parts...)
	}
	list = slices.DeleteFunc(list, func(w string) bool { return len(w) < 3 })
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// rows are what fingers run along.
var rows = []string{"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"}

// withoutRuns takes out a character repeated three times or more, four or more
// in the order of a row either way, and years.
func withoutRuns(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		n := max(repeated(s[i:]), inRow(s[i:]), year(s[i:]))
		if n == 0 {
			b.WriteByte(s[i])
			n = 1
		}
		i += n
	}
	return b.String()
}

func repeated(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	if n < 3 {
		return 0
	}
	return n
}

func inRow(s string) int {
	longest := 0
	for _, row := range rows {
		for n := 4; n <= len(s) && (strings.Contains(row, s[:n]) || strings.Contains(row, turned(s[:n]))); n++ {
			longest = max(longest, n)
		}
	}
	return longest
}

func turned(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func year(s string) int {
	if len(s) >= 4 && (s[:2] == "19" || s[:2] == "20") && strings.Trim(s[2:4], "0123456789") == "" {
		return 4
	}
	return 0
}
