package letters

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"daubang/internal/letter"
	"daubang/internal/viet"
	"daubang/internal/words"
)

var update = flag.Bool("update", false, "write what is said now into testdata")

var (
	frame = Frame{Site: "https://daubang.example.vn", Ref: "k7q4m0000000"}
	noon  = time.Date(2027, 3, 5, 5, 0, 0, 0, time.UTC)
	night = time.Date(2027, 3, 5, 17, 0, 0, 0, time.UTC) // midnight in Viet Nam
)

// samples is one letter of every kind, filled with the texts given.
func samples(ctx context.Context, name, title, text Typed, sensitive bool) map[letter.Kind]Letter {
	link := func(path string) Link {
		return Link{URL: frame.Site + path + "k7q4m0000000abcdefghjkmnpqrstvwxyz", Until: noon}
	}
	a := About{
		Name: name, Reference: "BDG-27-K7Q4M", Title: title, Call: "Đợt 2027: " + title, Sensitive: sensitive, URL: frame.Site + "/proposals/k7q4m0000001",
	}
	return map[letter.Kind]Letter{
		letter.Verify:          Verify(ctx, "an@example.vn", link(VerifyPath)),
		letter.Known:           Known(ctx, "an@example.vn", frame.Site+"/sign-in"),
		letter.Reset:           Reset(ctx, "an@example.vn", link(ResetPath)),
		letter.Invitation:      Invitation(ctx, Offer{Organisation: title, InvitedBy: name, Role: "writer", Link: link(InvitationPath)}),
		letter.PassportChecked: PassportChecked(ctx, name, "Hội Phụ nữ", "Giấy phép hoạt động", "Ghi đúng số", frame.Site+"/organisations/k7q4m0000002/passport"),
		letter.PaperExpires:    PaperExpires(ctx, name, "Hội Phụ nữ", "Giấy phép hoạt động", "12/GP", noon, frame.Site+"/organisations/k7q4m0000002/passport"),
		letter.CoApplicantInvited: CoApplicantInvited(ctx, a, CoPart{
			Name: "Hợp tác xã Lanh", Lead: title, Role: "co_lead", Link: link(CoOfferPath),
		}, name),
		letter.CoApplicantAnswered: CoApplicantAnswered(ctx, a, CoPart{Name: title, Lead: "Hội Phụ nữ", Role: "fund"}, true),
		letter.CoApplicantRemoved:  CoApplicantRemoved(ctx, a, CoPart{Name: title, Lead: "Hội Phụ nữ", Role: "technical"}),
		letter.Receipt: Receipt(ctx, a, Submission{
			Number: 2, At: noon.Add(7 * time.Second), By: name,
			SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		}),
		letter.Returned:            Returned(ctx, a, &night, []Part{{Section: "Ngân sách", Reason: text}, {Section: "Hoạt động", Reason: "Ghi rõ quý"}}),
		letter.FormChanged:         FormChanged(ctx, a, 2),
		letter.Eligible:            Eligible(ctx, a, &noon),
		letter.Ineligible:          Ineligible(ctx, a, text),
		letter.ReviewAssigned:      ReviewAssigned(ctx, a, night),
		letter.ProposalWithdrawn:   ProposalWithdrawn(ctx, a),
		letter.ReviewsIn:           ReviewsIn(ctx, a, 3),
		letter.SectionAssigned:     SectionAssigned(ctx, a, "Ngân sách", noon, name),
		letter.HandedOver:          HandedOver(ctx, a),
		letter.Extended:            Extended(ctx, a, noon, text),
		letter.ReturnExtended:      ReturnExtended(ctx, a, night, text),
		letter.InquiryAnswered:     InquiryAnswered(ctx, AboutCall{Name: name, Code: "BDG-27", Call: a.Call, Sensitive: sensitive, URL: frame.Site + "/calls/k7q4m0000001/questions"}, "public", text, text),
		letter.InquiriesPublished:  InquiriesPublished(ctx, AboutCall{Name: name, Code: "BDG-27", Call: a.Call, Sensitive: sensitive, URL: frame.Site + "/calls/k7q4m0000001/questions"}),
		letter.Message:             FromApplicant(ctx, a, title, text),
		letter.Reminder:            Reminder(ctx, a, noon, noon.Add(-53*time.Hour)),
		letter.Idle:                Idle(ctx, a, noon.AddDate(0, 0, -15), noon, noon.AddDate(0, 0, -9)),
		letter.InquiriesAsked:      InquiriesAsked(ctx, AboutCall{Name: name, Code: "BDG-27", Call: a.Call, Sensitive: sensitive, URL: frame.Site + "/desk/calls/k7q4m0000001/questions"}, []Typed{text, text}),
		letter.ScanInfected:        ScanHeld(ctx, true, name, "Hội Phụ nữ", "Giấy phép hoạt động", "12/GP", frame.Site+"/organisations/k7q4m0000002/passport"),
		letter.DocumentInfected:    DocumentHeld(ctx, a, true, 3),
		letter.DocumentUnscannable: DocumentHeld(ctx, a, false, 3),
		letter.ScanUnscannable:     ScanHeld(ctx, false, name, "Hội Phụ nữ", "Giấy phép hoạt động", "12/GP", frame.Site+"/organisations/k7q4m0000002/passport"),
		letter.Decided:             Decided(ctx, a, Decision{Outcome: "conditional", Amount: 480_000_000, Conditions: text, Feedback: "Rõ ràng."}),
	}
}

// TestLettersSay holds every letter to the text that was read and approved:
// go test ./templates/letters -update writes it anew.
func TestLettersSay(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Langs {
		ctx := words.With(t.Context(), lang)
		all := samples(ctx, "Nguyễn Thị Ẩn", "Nước sạch cho phụ nữ vùng cao", "Thiếu dự toán quý 3.\nXem lại bảng 2.", false)
		if len(all) != len(letter.Kinds) {
			t.Error("a kind of letter is not tested")
		}
		var b bytes.Buffer
		for _, k := range letter.Kinds {
			b.WriteString("==== " + string(k) + "\n" + all[k].Subject + "\n----\n" + all[k].Text(ctx, frame))
		}
		file := filepath.Join("testdata", "letters."+string(lang)+".txt")
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestEveryOutcomeIsSaid(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Langs {
		for _, outcome := range []string{"approved", "conditional", "waitlisted", "declined"} {
			l := Decided(words.With(t.Context(), lang), About{Reference: "BDG"}, Decision{Outcome: outcome})
			if said := strings.Join(append(l.Before, l.After...), " "); strings.Contains(said, "[") {
				t.Error(said)
			}
		}
	}
}

// TestTextAndHTMLSayTheSame reads the HTML back.
func TestTextAndHTMLSayTheSame(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Langs {
		ctx := words.With(t.Context(), lang)
		for kind, l := range samples(ctx, "Nguyễn Thị Ẩn", "Nước sạch", "Một.\nHai.", false) {
			doc := read(t, ctx, l)
			for field := range strings.FieldsSeq(l.Text(ctx, frame)) {
				if word := strings.Trim(field, ":-"); word != "" && !strings.Contains(doc.text, word) {
					t.Errorf("%s in %s: the HTML lacks %q", kind, lang, word)
				}
			}
			if len(doc.links) != 1 || doc.links[0] != l.Button.URL {
				t.Errorf("%s: links %q", kind, doc.links)
			}
			if doc.lang != string(lang) || doc.title != l.Subject {
				t.Errorf("%s: lang %q, title %q", kind, doc.lang, doc.title)
			}
		}
	}
}

// document is an HTML letter as a mail program reads it.
type document struct {
	text, lang, title string
	links             []string
	elements          []string
	attributes        []string
}

func read(t *testing.T, ctx context.Context, l Letter) document {
	t.Helper()
	s, err := l.HTML(ctx, frame)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			switch n.Parent.Data {
			case "title":
				d.title = n.Data
			case "style":
			default:
				d.text += n.Data + " "
			}
		}
		if n.Type != html.ElementNode {
			continue
		}
		d.elements = append(d.elements, n.Data)
		for _, a := range n.Attr {
			d.attributes = append(d.attributes, a.Key)
			switch a.Key {
			case "href":
				d.links = append(d.links, a.Val)
			case "lang":
				d.lang = a.Val
			}
		}
	}
	return d
}

// TestTypedTextIsOnlyText fills letters with what wants to be more.
func TestTypedTextIsOnlyText(t *testing.T) {
	t.Parallel()
	ctx := words.With(t.Context(), words.Vi)
	for _, s := range []Typed{
		`<a href="https://ke-xau.example.org">bấm</a>`, `<script>x</script>`, `<img src=x onerror=x>`, `"><b>`, "https://ke-xau.example.org/dang-nhap", "www.ke-xau.example.org",
		"ke-xau.vn", "hãy trả lời ke-xau@example.org", "javascript:x", "Xem kết quả:\nhttps://ke-xau.example.org\n\n-- \nThư tự động", "mailto:a@b.vn", "http://1.2.3.4/x",
		"<style>*{display:none}</style>", "&lt;b&gt;", "a\r\nBcc: x", "\u202eab",
	} {
		for kind, l := range samples(ctx, s, s, s, false) {
			plain := samples(ctx, "x", "x", "x", false)[kind]
			d, p := read(t, ctx, l), read(t, ctx, plain)
			slices.Sort(d.elements)
			slices.Sort(p.elements)
			d.elements, p.elements = slices.Compact(d.elements), slices.Compact(p.elements)
			d.elements = slices.DeleteFunc(d.elements, func(e string) bool { return e == "br" })
			p.elements = slices.DeleteFunc(p.elements, func(e string) bool { return e == "br" })
			if !slices.Equal(d.elements, p.elements) || !slices.Equal(d.links, p.links) {
				t.Errorf("%s with %q: elements %q, links %q", kind, s, d.elements, d.links)
			}
			for _, whole := range []string{l.Text(ctx, frame), d.text, l.Subject} {
				for _, evil := range []string{"://ke-xau", "ke-xau.example", "ke-xau.vn", "@example.org", "www.ke", "a@b", "://1.2"} {
					if strings.Contains(whole, evil) {
						t.Errorf("%s with %q: %q may become a link in %q", kind, s, evil, whole)
					}
				}
			}
			for line := range strings.Lines(l.Text(ctx, frame)) {
				if strings.HasPrefix(line, "http") && !strings.HasPrefix(line, frame.Site) {
					t.Errorf("%s with %q: a line of its own: %q", kind, s, line)
				}
			}
			if strings.ContainsAny(l.Subject, "\r\n") {
				t.Errorf("%s with %q: subject %q", kind, s, l.Subject)
			}
			// Nothing is lost: what was typed is there, but for what nobody sees.
			shown := strings.ReplaceAll(d.text, "\u200c", "")
			for line := range strings.Lines(viet.CleanText(string(s))) {
				if kind == letter.Returned && !strings.Contains(shown, strings.TrimSpace(line)) {
					t.Errorf("%s: %q is lost in %q", kind, line, shown)
				}
			}
		}
	}
}

// TestSensitiveLettersSayTheReferenceAlone: whoever sees the mailbox or a
// notification learns of no matter.
func TestSensitiveLettersSayTheReferenceAlone(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Langs {
		ctx := words.With(t.Context(), lang)
		for kind, l := range samples(ctx, "Nguyễn Thị Ẩn", "Nhà tạm lánh", "Vì nhà tạm lánh", true) {
			if kind == letter.Invitation {
				continue // is about no call
			}
			if all := l.Subject + l.Text(ctx, frame) + read(t, ctx, l).text; strings.Contains(all, "tạm lánh") || strings.Contains(all, "Đợt 2027") {
				t.Errorf("%s tells: %s", kind, all)
			}
		}
	}
}

func TestKeptLettersHoldNoOneTimeLink(t *testing.T) {
	t.Parallel()
	ctx := words.With(t.Context(), words.Vi)
	for kind, l := range samples(ctx, "a", "b", "c", false) {
		oneTime := slices.Contains([]letter.Kind{letter.Verify, letter.Reset, letter.Invitation, letter.CoApplicantInvited}, kind)
		d := read(t, ctx, l.Kept())
		text := l.Kept().Text(ctx, frame)
		if l.Button.OneTime != oneTime || (len(d.links) == 0) != oneTime || strings.Contains(text+d.text, "abcdefghjkmnpq") {
			t.Errorf("%s: one-time %v, links %q in %s", kind, l.Button.OneTime, d.links, text)
		}
		if oneTime && !strings.Contains(text, words.T(words.Vi, "letters.link_kept")) {
			t.Errorf("%s does not say that a link is missing: %s", kind, text)
		}
	}
}

func TestNothingIsFetched(t *testing.T) {
	t.Parallel()
	ctx := words.With(t.Context(), words.Vi)
	for kind, l := range samples(ctx, "a", "b", "c", false) {
		d := read(t, ctx, l)
		for _, a := range d.attributes {
			if a == "src" || a == "style" || a == "background" || strings.HasPrefix(a, "on") {
				t.Errorf("%s has an attribute %s", kind, a)
			}
		}
		for _, e := range d.elements {
			if e == "img" || e == "link" || e == "script" || e == "form" {
				t.Errorf("%s has an element %s", kind, e)
			}
		}
	}
}

func TestTitlesAreShortInSubjects(t *testing.T) {
	t.Parallel()
	for in, want := range map[Typed]Typed{
		"Nước sạch": "Nước sạch", "Nâng cao năng lực phụ nữ": "Nâng cao năng lực…", "Nângcaonănglựcphụnữdân": "Nângcaonănglựcphụnữ…", "": "",
	} {
		if got := short(in, 20); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
