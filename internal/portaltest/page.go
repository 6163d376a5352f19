package portaltest

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// held is what a control would send as the page has it.
func held(n *html.Node) (string, bool) {
	switch n.Data {
	case "textarea":
		return strings.TrimPrefix(raw(n), "\n"), true
	case "select":
		var first, chosen *html.Node
		walk(n, func(o *html.Node) {
			if o.Data != "option" {
				return
			}
			if first == nil {
				first = o
			}
			if has(o, "selected") {
				chosen = o
			}
		})
		if chosen == nil {
			chosen = first
		}
		if chosen == nil {
			return "", false
		}
		return attr(chosen, "value"), true
	}
	switch attr(n, "type") {
	case "checkbox", "radio":
		return attr(n, "value"), has(n, "checked")
	case "file", "submit", "button":
		return "", false
	}
	return attr(n, "value"), true
}

func walk(n *html.Node, fn func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		fn(n)
	}
	for c := range n.ChildNodes() {
		walk(c, fn)
	}
}

func control(n *html.Node) bool {
	return n.Data == "input" || n.Data == "textarea" || n.Data == "select"
}

func within(n, outer *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// raw is the text in a node as it stands.
func raw(n *html.Node) string {
	var s strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			s.WriteString(c.Data)
		}
	}
	return s.String()
}

// text is the text in a node with its white space folded.
func text(n *html.Node) string { return strings.Join(strings.Fields(raw(n)), " ") }
