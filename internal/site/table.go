package site

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
)

// arrange does what a button of a row asks: it takes the row out of what was
// sent, or moves it; then it says where to, as budget.2 among the rows that are
// filled in. Pressed says that one of these buttons was.
func (v values) arrange() (pressed bool, to string) {
	switch {
	case v.Has("remove"):
		v.dropRow(v.Line("remove"))
		return true, ""
	case v.Has("up"):
		return true, v.moveRow(v.Line("up"), -1)
	case v.Has("down"):
		return true, v.moveRow(v.Line("down"), 1)
	}
	return false, ""
}

// dropRow takes a row of a table, named budget.3, out of what was sent.
func (v values) dropRow(row string) {
	if row == "" {
		return
	}
	for name := range v.sent {
		if strings.HasPrefix(name, row+".") {
			delete(v.sent, name)
		}
	}
}

// moveRow changes a row of what was sent, named budget.3, with the next one
// above (by -1) or below (by 1) in which something stands, and returns its new
// place. One that cannot move stays.
func (v values) moveRow(row string, by int) string {
	table, at, _ := strings.Cut(row, ".")
	n, err := strconv.Atoi(at)
	filled := v.filledRows(table)
	place := slices.Index(filled, n)
	if err != nil || place < 0 {
		return ""
	}
	if place+by >= 0 && place+by < len(filled) {
		v.swapRows(row+".", table+"."+strconv.Itoa(filled[place+by])+".")
		place += by
	}
	return table + "." + strconv.Itoa(place)
}

// filledRows are the numbers of the rows of a table in which something stands,
// in order. A row's own name is nothing that somebody wrote.
func (v values) filledRows(table string) []int {
	rows := map[int]bool{}
	for name, sent := range v.sent {
		rest, ok := strings.CutPrefix(name, table+".")
		at, cell, ok2 := strings.Cut(rest, ".")
		n, err := strconv.Atoi(at)
		if ok && ok2 && err == nil && cell != form.RowID && strings.TrimSpace(strings.Join(sent, "")) != "" {
			rows[n] = true
		}
	}
	return slices.Sorted(maps.Keys(rows))
}

// swapRows exchanges what was sent under two prefixes.
func (v values) swapRows(a, b string) {
	moved := map[string][]string{}
	for name, sent := range v.sent {
		if rest, ok := strings.CutPrefix(name, a); ok {
			moved[b+rest] = sent
		} else if rest, ok := strings.CutPrefix(name, b); ok {
			moved[a+rest] = sent
		} else {
			continue
		}
		delete(v.sent, name)
	}
	maps.Copy(v.sent, moved)
}
