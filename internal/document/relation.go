package document

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"
)

// How long a list of relations, a part of a text and one word of XML in them may
// be, unpacked.
const (
	maxRelations = 1 << 20
	maxText      = 32 << 20
	maxToken     = 4 << 20
)

// inspectRelations refuses what an office file would fetch or start by what its
// parts are related to: a template, a picture or a sheet that lies elsewhere, and
// objects of other programs, here or there. A link that a person clicks is fine.
func inspectRelations(z *zip.Reader) error {
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		switch {
		case strings.Contains(name, "/embeddings/") && path.Ext(name) == ".bin":
			return refuse("document.acts_office")
		case path.Ext(name) == ".rels":
			if err := inspectXML(f, maxRelations, relation); err != nil {
				return err
			}
		case strings.HasPrefix(name, "word/") && path.Ext(name) == ".xml":
			var instruction field
			if err := inspectXML(f, maxText, instruction.token); err != nil {
				return err
			}
			if err := instruction.ends(); err != nil {
				return err
			}
		}
	}
	return nil
}

// inspectXML shows the tokens of a part to look, at most so many bytes of it.
func inspectXML(f *zip.File, most int64, look func(xml.Token) error) error {
	part, err := f.Open()
	if err != nil {
		return refuse("document.broken")
	}
	defer func() { _ = part.Close() }() // only read
	all := &io.LimitedReader{R: part, N: most + 1}
	word := &io.LimitedReader{R: all}
	d := xml.NewDecoder(word)
	d.Strict = false // a part that an office program forgives is looked through all the same
	for {
		word.N = maxToken
		t, err := d.RawToken()
		switch {
		case all.N <= 0 || word.N <= 0:
			return refuse("document.bomb")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return refuse("document.broken")
		}
		if err := look(t); err != nil {
			return err
		}
	}
}

func attribute(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if strings.EqualFold(a.Name.Local, local) {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// relation refuses one relation that fetches or starts something.
func relation(t xml.Token) error {
	e, ok := t.(xml.StartElement)
	if !ok || !strings.EqualFold(e.Name.Local, "Relationship") {
		return nil
	}
	kind := strings.ToLower(path.Base(attribute(e, "Type")))
	if kind == "oleobject" || strings.EqualFold(attribute(e, "TargetMode"), "External") && kind != "hyperlink" {
		return refuse("document.acts_office")
	}
	return nil
}

// dde is an instruction that has another program fetch something.
var dde = regexp.MustCompile(`(?i)^[\s"]*DDE(?:AUTO)?\b`)

// field is the instruction of a field of a text, which may be spread over any
// number of runs.
type field struct {
	inside bool
	said   strings.Builder
}

func (f *field) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "instrText":
			f.inside = true
		case "fldChar":
			return f.ends()
		case "fldSimple":
			if dde.MatchString(attribute(t, "instr")) {
				return refuse("document.acts_office")
			}
		}
	case xml.EndElement:
		f.inside = f.inside && t.Name.Local != "instrText"
	case xml.CharData:
		if f.inside && f.said.Len() < maxInstruction {
			f.said.Write(t)
		}
	}
	return nil
}

// maxInstruction is how much of an instruction is looked at, in bytes.
const maxInstruction = 4 << 10

// ends judges what an instruction said and begins the next.
func (f *field) ends() error {
	said := f.said.String()
	f.said.Reset()
	if dde.MatchString(said) {
		return refuse("document.acts_office")
	}
	return nil
}
