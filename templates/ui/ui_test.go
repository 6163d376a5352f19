package ui_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"daubang/internal/problem"
	"daubang/internal/words"
	"daubang/templates"
	"daubang/templates/ui"
	"daubang/web"
)

type writer = io.Writer

// gallery writes the gallery as files, to be looked at in a browser.
var folder = flag.String("gallery", "", "folder to write the gallery of parts to")

// galleryPage is the whole gallery as one page.
type galleryPage struct{ parts []shown }

func (g galleryPage) Title(context.Context) string { return "Gallery" }
func (g galleryPage) Wide() bool                   { return false }
func (g galleryPage) QuickExit() bool              { return true }
func (g galleryPage) Errors() bool                 { return true }

func (g galleryPage) Hero() templ.Component {
	return with(ui.Hero{Above: "26/02/2027", Title: "Phòng ngừa và ứng phó bạo lực giới ở nơi bạn sống", Lead: "Hỗ trợ 150 đến 800 triệu đồng.", Seed: 11},
		ui.LinkButton{Text: "Bắt đầu", Href: "/s"}, templ.Raw(`<a class="phu" href="#x">Điều kiện</a>`))
}

func (g galleryPage) Body() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, p := range g.parts {
			if err := p.part.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func render(t *testing.T, l words.Lang, c templ.Component) *html.Node {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(words.With(t.Context(), l), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestGallery(t *testing.T) {
	t.Parallel()
	for _, l := range words.Langs {
		for _, s := range gallery(l) {
			t.Run(string(l)+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				for _, wrong := range faults(render(t, l, s.part)) {
					t.Error(wrong)
				}
			})
		}
	}
}

func TestFrameIsSound(t *testing.T) {
	t.Parallel()
	flash := problem.Say("ui.change")
	signedIn := templates.Frame{Nonce: "n0nce", Path: "/proposals?q=1", Demo: true, Flash: &flash, Visitor: templates.Visitor{Name: "Nguyễn Thị Ánh", SignedIn: true, Nav: []templates.NavItem{{Href: "/proposals", Text: "Đề xuất", Current: true}, {Href: "/calls", Text: "Đợt đang mở"}}}}
	for _, l := range words.Langs {
		for name, f := range map[string]templates.Frame{"visitor": {Nonce: "n0nce", Path: "/"}, "signed in": signedIn} {
			for _, p := range []templates.Page{galleryPage{gallery(l)}, templates.Failure{Status: 500, Heading: problem.Say("frame.home"), RequestID: "abc"}} {
				doc := render(t, l, templates.Whole(f, p))
				for _, wrong := range faults(doc) {
					t.Errorf("%s, %s: %s", l, name, wrong)
				}
				if got := attr(find(doc, "html"), "lang"); got != string(l) {
					t.Errorf("html lang is %q, want %q", got, l)
				}
				if got := attr(find(doc, "script"), "nonce"); got != "n0nce" {
					t.Errorf("script has nonce %q", got)
				}
			}
		}
	}
}

func TestFrameSaysWhatThePageIs(t *testing.T) {
	t.Parallel()
	doc := render(t, words.Vi, templates.Whole(templates.Frame{Visitor: templates.Visitor{Name: "Nguyễn Thị Ánh", SignedIn: true}, Path: "/a?b=c"}, galleryPage{}))
	if got, want := inner(find(doc, "title")), "Lỗi: Gallery – Dấu Bằng"; got != want {
		t.Errorf("title is %q, want %q", got, want)
	}
	var next, exit string
	each(doc, func(n *html.Node) {
		if attr(n, "name") == "next" {
			next = attr(n, "value")
		}
		if has(n, "data-quick-exit") {
			exit = inner(n)
		}
	})
	if next != "/a?b=c" || !strings.Contains(exit, "Thoát nhanh") {
		t.Errorf("next is %q, quick exit %q", next, exit)
	}
	if chip := inner(find(doc, "i")); chip != "Á" {
		t.Errorf("initial is %q: the given name stands last", chip)
	}
}

func TestErrorsComeInTheOrderOfThePage(t *testing.T) {
	t.Parallel()
	wrong := problem.Invalid{"lines.10.a": problem.Say("ui.change"), "lines.2.a": problem.Say("ui.change"), "title": problem.Say("ui.change"), "sum": problem.Say("ui.remove")}
	var got []string
	for _, i := range ui.Wrong(words.With(t.Context(), words.En), wrong, "title", "sum").Items {
		got = append(got, i.Field+" "+i.Text)
	}
	want := []string{"title Change", "sum Remove", "lines.2.a Change", "lines.10.a Change"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSaysHowLongIsLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ left, vi, en string }{
		{"287h30m", "11 ngày", "11 days"},
		{"48h", "2 ngày", "2 days"},
		{"2562047h", "hơn 10 năm", "more than 10 years"}, // as much as a duration holds
		{"47h59m", "47 giờ", "47 hours"},
		{"1h", "1 giờ", "1 hour"},
		{"59m59s", "59 phút", "59 minutes"},
		{"1s", "chưa đến 1 phút", "less than 1 minute"},
		{"0s", "đã hết hạn", "over"},
		{"-1h", "đã hết hạn", "over"},
	} {
		at := now.Add(duration(t, c.left))
		if got := ui.DaysLeft(words.With(t.Context(), words.Vi), now, at); got != c.vi {
			t.Errorf("%s is %q, want %q", c.left, got, c.vi)
		}
		if got := ui.DaysLeft(words.With(t.Context(), words.En), now, at); got != c.en {
			t.Errorf("%s is %q, want %q", c.left, got, c.en)
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	t.Parallel()
	nasty := `"><script>alert(1)</script>`
	doc := render(t, words.Vi, templ.Join(ui.Field{Name: "a", Label: nasty, Value: nasty, Hint: nasty, Wrong: nasty}, ui.Area{Name: "b", Label: nasty, Value: "</textarea>" + nasty}, ui.Tag(ui.TagDone, nasty), ui.Notice{Text: nasty}, ui.LinkButton{Text: nasty, Href: nasty}))
	if find(doc, "script") != nil {
		t.Error("what was typed became a script")
	}
	var area string
	each(doc, func(n *html.Node) {
		if n.Data == "textarea" {
			area = inner(n)
		}
	})
	if want := "</textarea>" + nasty; area != want {
		t.Errorf("textarea holds %q, want %q", area, want)
	}
}

// TestPicture writes the gallery, framed, where -gallery says, and a page that
// a stranger sees.
func TestPicture(t *testing.T) {
	t.Parallel()
	dir := *folder
	if dir == "" {
		dir = t.TempDir()
	}
	var nav []templates.NavItem
	for _, s := range []string{"Đợt đang mở", "Đề xuất của tôi", "Việc thẩm định", "Đề xuất", "Chương trình", "Người dùng", "Thư"} {
		nav = append(nav, templates.NavItem{Href: "/" + s, Text: s, Current: s == "Đề xuất của tôi"})
	}
	lan := templates.Frame{Nonce: "n", Path: "/", Demo: true, Visitor: templates.Visitor{Name: "Nguyễn Thị Lan", SignedIn: true, Nav: nav[:3]}}
	officer := templates.Frame{Nonce: "n", Path: "/", Visitor: templates.Visitor{Name: "Trần Văn Hà", SignedIn: true, Nav: nav}}
	stranger := templates.Frame{Nonce: "n", Path: "/", Visitor: templates.Visitor{Nav: nav[:1]}}
	failure := templates.Failure{Status: 500, Heading: problem.Say("frame.home"), Advice: problem.Say("frame.about"), RequestID: "q8Zk2"}
	for _, l := range words.Langs {
		for name, whole := range map[string]templ.Component{
			"gallery": templates.Whole(lan, galleryPage{gallery(l)}), "stranger": templates.Whole(stranger, failure), "officer": templates.Whole(officer, failure),
		} {
			var b bytes.Buffer
			if err := whole.Render(words.With(t.Context(), l), &b); err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(b.Bytes(), []byte(web.URL("portal.css"))) {
				t.Errorf("%s does not link the style sheet", name)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"-"+string(l)+".html"), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// faults is what no part may do: ids twice, controls without a label,
// references to nothing, styles and handlers in attributes, words not said.
func faults(doc *html.Node) []string {
	var out []string
	ids, labelled := map[string]int{}, map[string]bool{}
	each(doc, func(n *html.Node) {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		if n.Data == "label" {
			labelled[attr(n, "for")] = true
		}
	})
	for id, n := range ids {
		if n > 1 {
			out = append(out, "id twice: "+id)
		}
	}
	each(doc, func(n *html.Node) {
		out = append(out, faultsOf(n, ids, labelled)...)
	})
	if said := regexp.MustCompile(`\[[a-z]+\.[a-z_.]+\]|%!`).FindString(inner(doc)); said != "" {
		out = append(out, "not said: "+said)
	}
	slices.Sort(out)
	return out
}

func faultsOf(n *html.Node, ids map[string]int, labelled map[string]bool) []string {
	var out []string
	for _, a := range n.Attr {
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			out = append(out, "attribute "+a.Key+" on "+n.Data)
		case a.Key == "aria-describedby" || a.Key == "aria-labelledby" || a.Key == "aria-controls" || a.Key == "data-count":
			for ref := range strings.FieldsSeq(a.Val) {
				if ids[ref] == 0 {
					out = append(out, a.Key+" leads nowhere: "+ref)
				}
			}
		case strings.HasPrefix(a.Key, "data-i18n") && (a.Val == "" || strings.HasPrefix(a.Val, "[")):
			out = append(out, a.Key+" says "+a.Val)
		}
		if strings.HasPrefix(a.Val, "[ui.") || strings.HasPrefix(a.Val, "[frame.") {
			out = append(out, "not said in "+a.Key+": "+a.Val)
		}
	}
	switch n.Data {
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && !labelled[attr(n, "id")] && attr(n, "aria-label") == "" && !inside(n, "label") {
			out = append(out, n.Data+" without a label: "+attr(n, "name"))
		}
	case "table":
		if first := n.FirstChild; find(n, "caption") == nil {
			out = append(out, "table without a caption, first is "+first.Data)
		}
	case "svg":
		if attr(n, "aria-hidden") != "true" && attr(n, "aria-label") == "" {
			out = append(out, "picture without words")
		}
	case "a", "button":
		if strings.TrimSpace(inner(n)) == "" && attr(n, "aria-label") == "" {
			out = append(out, n.Data+" without words")
		}
	}
	return out
}

func TestHeadingsKeepWordsTogether(t *testing.T) {
	t.Parallel()
	const title = "Phòng ngừa bạo lực giới ở nơi bạn sống: đề xuất vì bình đẳng giới, trẻ emm"
	doc := render(t, words.Vi, ui.Heading{Text: title})
	h1 := find(doc, "h1")
	var tied []string
	each(h1, func(n *html.Node) {
		if attr(n, "class") == "lien" {
			tied = append(tied, inner(n))
		}
	})
	if d := cmp.Diff([]string{"Phòng ngừa", "bạo lực giới", "đề xuất", "bình đẳng giới"}, tied); d != "" {
		t.Error(d)
	}
	if got := inner(h1); got != title {
		t.Errorf("the heading reads %q", got)
	}
}
