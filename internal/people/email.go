package people

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"daubang/internal/problem"
	"daubang/internal/viet"
)

// An address as it is written to and as it is looked up.
type address struct {
	Email string // the domain in ASCII
	Key   string // lower case: nobody has two mailboxes that differ in that
}

// parseEmail reads a mail address. It knows the addresses people have, not all
// that the standard allows: quotes, comments and routes are refused.
func parseEmail(typed string) (address, bool) {
	s := viet.Clean(typed)
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > 64 || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") ||
		strings.ContainsFunc(local, notInLocal) {
		return address{}, false
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") || strings.Contains(ascii, "..") ||
		strings.ContainsFunc(ascii, notInDomain) || len(local)+1+len(ascii) > 254 {
		return address{}, false
	}
	email := local + "@" + strings.ToLower(ascii)
	return address{Email: email, Key: strings.ToLower(email)}, true
}

func notInLocal(r rune) bool {
	return r > unicode.MaxASCII || r <= ' ' || strings.ContainsRune(`"(),:;<>@[\]`, r)
}

func notInDomain(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
}

// checkEmail reads the address in a field and notes what is wrong with it.
func checkEmail(v problem.Invalid, field, typed string) address {
	a, ok := parseEmail(typed)
	switch {
	case viet.Clean(typed) == "":
		v.Add(field, "account.email_missing")
	case !ok:
		v.Add(field, "account.email_wrong")
	}
	return a
}
