package viet

import (
	"path"
	"strings"
	"unicode/utf8"
)

// longest name of a file that is kept, and longest that still looks like an
// extension, in characters.
const (
	longestFileName  = 120
	longestExtension = 12
)

// FileName is the name under which an upload is shown and given back: the last
// part of whatever path the sender's machine wrote, with either slash, cleaned,
// without leading dots and dashes, at most 120 characters with its extension.
// It is empty when nothing is left. It is never a path on our disk.
func FileName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.TrimLeft(Clean(s), ".- ")
	chars := []rune(s)
	if len(chars) <= longestFileName {
		return s
	}
	ext := path.Ext(s)
	n := utf8.RuneCountInString(ext)
	if n < 2 || n > longestExtension {
		ext, n = "", 0
	}
	return strings.TrimRight(string(chars[:longestFileName-n]), " .") + ext
}
