package desk

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// longestKey bounds what of a cursor is looked at, in bytes: a title is the
// longest of what lists sort by.
const longestKey = 2000

// pgInstant is how PostgreSQL writes an instant, which is what a cursor holds;
// the offset has minutes and seconds only where it needs them.
var pgInstant = []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999-07:00", "2006-01-02 15:04:05.999999-07:00:00"}

// instantKey is an instant of a cursor as the database reads it back.
func instantKey(s string) (string, bool) {
	for _, layout := range pgInstant {
		if at, err := time.Parse(layout, s); err == nil && at.Year() > 0 {
			return at.Format(time.RFC3339Nano), true
		}
	}
	return "", false
}

// scoreKey is a mean score, or what stands for none: plain digits, few of them.
func scoreKey(s string) (string, bool) {
	const digits = 40
	if len(s) > digits || strings.Trim(s, "-.0123456789") != "" {
		return "", false
	}
	_, err := strconv.ParseFloat(s, 64)
	return s, err == nil
}

// amountKey is whole đồng.
func amountKey(s string) (string, bool) {
	_, err := strconv.ParseInt(s, 10, 64)
	return s, err == nil
}

// titleKey is any text that the database can hold.
func titleKey(s string) (string, bool) {
	return s, len(s) <= longestKey && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
