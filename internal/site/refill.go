package site

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"daubang/internal/kept"
)

// refill writes the values of a kept form into the same form of a page. It
// reports false where the page has no such form, or one that cannot hold every
// value: then nothing of it counts.
func refill(page []byte, f kept.Form) ([]byte, bool) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, false
	}
	var forms []*html.Node
	for n := range doc.Descendants() {
		if n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") && attr(n, "action") == f.Action {
			forms = append(forms, n)
		}
	}
	// Where a list has the same form for each of its lines, what is hidden tells them apart.
	slices.SortStableFunc(forms, func(a, b *html.Node) int { return alike(b, doc, f) - alike(a, doc, f) })
	for _, form := range forms {
		if !fits(controls(form, doc), f.Values, false) {
			continue
		}
		fits(controls(form, doc), f.Values, true)
		var b bytes.Buffer
		if html.Render(&b, doc) != nil {
			return nil, false
		}
		return b.Bytes(), true
	}
	return nil, false
}

// alike counts the hidden controls of a form that hold what was sent.
func alike(form, doc *html.Node, f kept.Form) int {
	n := 0
	for _, c := range controls(form, doc) {
		if attr(c, "type") == "hidden" && slices.Contains(f.Values[attr(c, "name")], attr(c, "value")) {
			n++
		}
	}
	return n
}

// controls are those of a form that have a name, in the order of the page.
func controls(form, doc *html.Node) []*html.Node {
	var all []*html.Node
	for n := range doc.Descendants() {
		switch n.Data {
		case "input", "select", "textarea", "button":
		default:
			continue
		}
		own := attr(n, "form")
		if attr(n, "name") != "" && (own != "" && own == attr(form, "id") || own == "" && inside(n, form)) {
			all = append(all, n)
		}
	}
	return all
}

// fits says whether the controls can hold every value; write puts them there.
func fits(all []*html.Node, values map[string][]string, write bool) bool {
	left := map[string][]string{}
	for name, v := range values {
		left[name] = slices.Clone(v)
	}
	for _, c := range all {
		name := attr(c, "name")
		if values[name] == nil && !ticked(c) {
			continue
		}
		left[name] = put(c, left[name], write)
	}
	for _, rest := range left {
		if slices.ContainsFunc(rest, func(v string) bool { return v != "" }) {
			return false
		}
	}
	return true
}

// put gives a control its value, and returns the values that are left for the
// next of its name.
func put(c *html.Node, values []string, write bool) []string {
	switch {
	case c.Data == "button" || attr(c, "type") == "submit":
		return slices.DeleteFunc(values, func(v string) bool { return v == attr(c, "value") }) // it is pressed anew
	case c.Data == "select":
		return choose(c, values, write)
	case ticked(c):
		i := slices.Index(values, attr(c, "value"))
		if write {
			mark(c, "checked", i >= 0)
		}
		if i >= 0 {
			values = slices.Delete(values, i, i+1)
		}
		return values
	case len(values) == 0 || attr(c, "type") == "file":
		return values
	case write && c.Data == "textarea":
		for c.FirstChild != nil {
			c.RemoveChild(c.FirstChild)
		}
		c.AppendChild(&html.Node{Type: html.TextNode, Data: strings.ReplaceAll(values[0], "\r\n", "\n")})
	case write:
		mark(c, "value", true)
		for i := range c.Attr {
			if c.Attr[i].Key == "value" {
				c.Attr[i].Val = values[0]
			}
		}
	}
	return values[1:]
}

// choose selects the option of each value that is one; a list of one choice takes
// one.
func choose(list *html.Node, values []string, write bool) []string {
	most := 1
	if slices.ContainsFunc(list.Attr, func(a html.Attribute) bool { return a.Key == "multiple" }) {
		most = len(values)
	}
	taken := slices.Clone(values[:min(most, len(values))])
	for o := range list.Descendants() {
		if o.Data != "option" {
			continue
		}
		i := slices.Index(taken, attr(o, "value"))
		if write {
			mark(o, "selected", i >= 0)
		}
		if i >= 0 {
			taken = slices.Delete(taken, i, i+1)
		}
	}
	return append(taken, values[min(most, len(values)):]...)
}

func ticked(c *html.Node) bool {
	return c.Data == "input" && (attr(c, "type") == "checkbox" || attr(c, "type") == "radio")
}

// mark sets an attribute that says yes by being there, or takes it away.
func mark(n *html.Node, key string, on bool) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if on {
		n.Attr = append(n.Attr, html.Attribute{Key: key})
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func inside(n, outer *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}
