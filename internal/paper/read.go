package paper

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// hidden says that a node is on no paper: what is for the hand or for readers
// of the screen only.
func hidden(n *html.Node) bool {
	switch n.DataAtom { //nolint:exhaustive // all others are printed
	case atom.Script, atom.Style, atom.Svg, atom.Form, atom.Button, atom.Input, atom.Nav, atom.Head, atom.Template:
		return true
	}
	return has(n, "hidden") || attr(n, "aria-hidden") == "true" || classed(n, "khong-in") || classed(n, "govuk-visually-hidden")
}

// blocks are the elements that begin on a line of their own.
var blocks = []atom.Atom{
	atom.Html, atom.Body, atom.Main, atom.Article, atom.Section, atom.Header, atom.Footer, atom.Div, atom.Figure, atom.Fieldset, atom.Details, atom.Summary,
	atom.H1, atom.H2, atom.H3, atom.H4, atom.P, atom.Dl, atom.Dt, atom.Dd, atom.Ul, atom.Ol, atom.Li, atom.Table, atom.Caption, atom.Blockquote, atom.Pre, atom.Hr,
}

func block(n *html.Node) bool {
	return n.Type == html.ElementNode && slices.Contains(blocks, n.DataAtom)
}

// inline is the text of a node in one run, with the line breaks that are meant:
// br, blocks within, and the author's own where a page keeps them.
func inline(n *html.Node) string {
	var b strings.Builder
	gather(&b, n, false)
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func gather(b *strings.Builder, n *html.Node, kept bool) {
	switch {
	case n.Type == html.TextNode && kept:
		b.WriteString(n.Data)
		return
	case n.Type == html.TextNode:
		b.WriteString(squeezed(b.String(), n.Data))
		return
	case n.Type == html.ElementNode && hidden(n):
		return
	case n.DataAtom == atom.Br:
		b.WriteByte('\n')
		return
	}
	apart := block(n) && b.Len() > 0 && !strings.HasSuffix(b.String(), "\n")
	if apart {
		b.WriteByte('\n')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		gather(b, c, kept || classed(n, "van"))
	}
	if apart {
		b.WriteByte('\n')
	}
}

// squeezed is text as a browser sets it: white space is one blank, and none
// after another.
func squeezed(before, text string) string {
	words := strings.Join(strings.FieldsFunc(text, blank), " ")
	if words == "" && text == "" {
		return ""
	}
	lead := blank(rune(text[0])) && before != "" && !strings.HasSuffix(before, " ") && !strings.HasSuffix(before, "\n")
	switch {
	case words == "" && lead:
		return " "
	case words == "":
		return ""
	case lead:
		words = " " + words
	}
	if blank(rune(text[len(text)-1])) {
		words += " "
	}
	return words
}

// blank is white space of HTML; blanks that do not break stay.
func blank(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' }

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func classed(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}
