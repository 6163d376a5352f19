// Package ui holds the parts that pages are built from: form controls, notices,
// lists, tables, charts and icons, in the portal's look.
//
// A part is a struct of exactly what it shows, and is itself a templ component:
//
//	@ui.Field{Name: "email", Label: words.Tr(ctx, "account.email"), Wrong: ui.WrongAt(ctx, v.Wrong, "email")}
//	@ui.Card{Title: words.Tr(ctx, "call.dates")} {
//		<p>…</p>
//	}
//
// Parts are given sentences that were already said in the visitor's language
// and say only their own words (file ui.json of the catalogues). Fields of type
// string are text and are escaped; none takes HTML. No part writes a style or
// an event attribute, so all of them live under the portal's strict content
// security policy, and every one works without scripts.
package ui

import (
	"github.com/a-h/templ"
)

// class joins the class names that are not empty.
func class(names ...string) string {
	all := ""
	for _, n := range names {
		if n == "" {
			continue
		}
		if all != "" {
			all += " "
		}
		all += n
	}
	return all
}

// when is name if it applies, and nothing otherwise.
func when(applies bool, name string) string {
	if applies {
		return name
	}
	return ""
}

// attributes gathers the attributes of a control, leaving out the empty ones.
type attributes []templ.KeyValue[string, any]

func (a *attributes) set(name, value string) {
	if value != "" {
		*a = append(*a, templ.KV[string, any](name, value))
	}
}

func (a *attributes) flag(name string, on bool) {
	if on {
		*a = append(*a, templ.KV[string, any](name, true))
	}
}
