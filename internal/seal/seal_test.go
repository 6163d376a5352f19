package seal_test

import (
	"bytes"
	"testing"

	"daubang/internal/seal"
)

func TestSealed(t *testing.T) {
	t.Parallel()
	secret, at := []byte("0123456789abcdef0123456789abcdef"), seal.Place{Table: "passports", Column: "bank_number", Row: 7}
	one, err := seal.Seal(secret, at, "0011001234567")
	if err != nil {
		t.Fatal(err)
	}
	if two, _ := seal.Seal(secret, at, "0011001234567"); bytes.Equal(one, two) || bytes.Contains(one, []byte("1234")) {
		t.Error("what is sealed tells something")
	}
	if text, err := seal.Open(secret, at, one); err != nil || text != "0011001234567" {
		t.Error(text, err)
	}
	for name, open := range map[string]func() (string, error){
		"another row": func() (string, error) {
			return seal.Open(secret, seal.Place{Table: "passports", Column: "bank_number", Row: 8}, one)
		},
		"another column": func() (string, error) {
			return seal.Open(secret, seal.Place{Table: "passports", Column: "bank", Row: 7}, one)
		},
		"another table": func() (string, error) {
			return seal.Open(secret, seal.Place{Table: "people", Column: "bank_number", Row: 7}, one)
		},
		"another secret": func() (string, error) { return seal.Open(bytes.ToUpper(secret), at, one) },
		"a changed byte": func() (string, error) {
			return seal.Open(secret, at, append(bytes.Clone(one[:len(one)-1]), one[len(one)-1]^1))
		},
		"another version": func() (string, error) { return seal.Open(secret, at, append([]byte{9}, one[1:]...)) },
		"nothing":         func() (string, error) { return seal.Open(secret, at, nil) },
		"no secret":       func() (string, error) { return seal.Open(nil, at, one) },
	} {
		if text, err := open(); err == nil {
			t.Errorf("%s opens %q", name, text)
		}
	}
}
