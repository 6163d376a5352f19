package form

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/ref"
	"daubang/internal/words"
)

// RowID is the cell of a row of a table that nobody types: a name that stays
// with the row when it moves or changes, so that other tables can point to it
// and a file that comes back finds its rows again.
const RowID = "id"

// NewRowID draws a name for a row that a page begins.
func NewRowID() string { return ref.Of(ref.New[ID]()) }

// rowID says that id can be the name of a row.
func rowID(id string) bool {
	if id == "" || len(id) > 16 {
		return false
	}
	for i := range len(id) {
		if (id[i] < '0' || id[i] > '9') && (id[i] < 'a' || id[i] > 'z') {
			return false
		}
	}
	return true
}

// Named are the rows, each with a name. One that has none, or a name that
// stands above already, gets one made of what stands in it: the same form sent
// twice is the same answer.
func Named(rows []Row) []Row {
	seen := map[string]bool{}
	for _, r := range rows {
		if rowID(r[RowID]) {
			seen[r[RowID]] = true
		}
	}
	first := map[string]bool{}
	named := make([]Row, len(rows))
	for i, r := range rows {
		named[i] = r
		if id := r[RowID]; rowID(id) && !first[id] {
			first[id] = true
			continue
		}
		id := made(r, 0)
		for n := 1; seen[id]; n++ {
			id = made(r, n)
		}
		seen[id], first[id] = true, true
		named[i] = maps.Clone(r)
		if named[i] == nil {
			named[i] = Row{}
		}
		named[i][RowID] = id
	}
	return named
}

// made is a name made of what stands in a row; n tells rows with the same in
// them apart.
func made(r Row, n int) string {
	h := fnv.New64a()
	for _, key := range slices.Sorted(maps.Keys(r)) {
		if key != RowID {
			_, _ = h.Write([]byte(key + "\x00" + r[key] + "\x00")) // a hash takes everything
		}
	}
	_, _ = h.Write([]byte(strconv.Itoa(n)))
	return ref.Of(ID(h.Sum64() >> 4))
}

// Typed counts the cells of a row that somebody filled in.
func (r Row) Typed() int {
	n := len(r)
	if _, ok := r[RowID]; ok {
		n--
	}
	return n
}

// RowsOf begins the From of a column whose choices are the rows of another
// table of the same form: "rows:activities". What is kept is the row's name.
const RowsOf = "rows:"

// refers says that the column's choices are rows of the form.
func (c Column) refers() bool { return strings.HasPrefix(c.From, RowsOf) }

// Bound adds to the terms the choices that are rows of the form itself, as they
// stand in these answers. Tables of sections that are not among them stay as
// the terms have them.
func (d Definition) Bound(t Terms, c Content) Terms {
	lists := maps.Clone(t.Lists)
	if lists == nil {
		lists = map[string][]Option{}
	}
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			for _, col := range q.Columns {
				if !col.refers() {
					continue
				}
				in, of, ok := d.Question(strings.TrimPrefix(col.From, RowsOf))
				if answers, there := c[in.Key]; ok && there {
					lists[col.From] = of.rowChoices(answers[of.Key])
				}
			}
		}
	}
	t.Lists = lists
	return t
}

// longestRowName is where the name of a row is cut in a list, in characters.
const longestRowName = 80

// rowChoices are the rows of a table to choose from: numbered, and called what
// stands in their first column.
func (q Question) rowChoices(a Answer) []Option {
	var all []Option
	for i, r := range Named(a.Rows) {
		name := []rune(strconv.Itoa(i+1) + ". " + r[q.Columns[0].Key])
		if len(name) > longestRowName {
			name = append(name[:longestRowName], '…')
		}
		all = append(all, Option{Value: r[RowID], Label: words.Pair{Vi: string(name), En: string(name)}})
	}
	return all
}
