package people

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"daubang/internal/letter"
	"daubang/internal/pg"
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

// checkEmail reads the address in the field "email" and notes what is wrong.
func checkEmail(v problem.Invalid, typed string) address {
	a, ok := parseEmail(typed)
	switch {
	case viet.Clean(typed) == "":
		v.Add("email", "account.email_missing")
	case !ok:
		v.Add("email", "account.email_wrong")
	}
	return a
}

// ParseEmail reads a mail address as it is written to.
func ParseEmail(typed string) (string, bool) {
	a, ok := parseEmail(typed)
	return a.Email, ok
}

// EmailKey is what an address that [ParseEmail] read is looked up by.
func EmailKey(email string) string { return strings.ToLower(email) }

// ToWrite is the person who holds an address, as a letter goes to them; for
// letters only, never for an answer to a visitor.
func ToWrite(ctx context.Context, db pg.DB, email string) (letter.To, error) {
	return pg.One[letter.To](ctx, db, `
		select id as person_id, email as address, locale as lang from people where email_key = $1 and disabled_at is null`, EmailKey(email))
}

// HasAddress reports whether a person has proved that an address is theirs.
func HasAddress(ctx context.Context, db pg.DB, id ID, emailKey string) (bool, error) {
	return pg.Value[bool](ctx, db, `
		select exists (select from people where id = $1 and email_key = $2 and verified_at is not null and disabled_at is null)`, id, emailKey)
}
