package paper

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cell is one of a table, with its text broken into lines once the widths are
// known.
type cell struct {
	text  string
	head  bool
	row   bool // a head of its row
	span  int
	right bool
	lines []string
}

func (c cell) style() style {
	if c.head {
		return heads
	}
	return cells
}

// table sets a table: its heads again at the top of every page.
func (p *press) table(n *html.Node, into *element, at column) {
	rows, caption := read(n)
	if caption != "" {
		p.text(into.add("P"), caption, at, label)
	}
	if len(rows) == 0 {
		return
	}
	widths := p.columns(rows, at.width)
	for _, row := range rows {
		i := 0
		for j := range row {
			row[j].lines = p.lines(row[j].text, sum(widths[i:i+row[j].span])-2*pad, row[j].style())
			i += row[j].span
		}
	}
	table := into.add("Table")
	heading := 0
	for heading < len(rows) && all(rows[heading]) {
		heading++
	}
	if heading == len(rows) {
		heading = 0
	}
	p.room(min(height(rows[:heading])+12, bottom-top))
	for i, row := range rows {
		if h := height(rows[i : i+1]); p.y+h > bottom && p.y > top && i >= heading {
			p.turn()
			for _, again := range rows[:heading] { // seen again, and not read again
				p.aside(func() { p.line(again, nil, widths, at) })
			}
		}
		p.line(row, table.add("TR"), widths, at)
	}
	p.y += 3
}

const pad = 1.2

// line sets one row; without an element it is only drawn. A row that no page
// can hold is cut.
func (p *press) line(row []cell, e *element, widths []float64, at column) {
	for rest := row; ; {
		h := min(height([][]cell{rest}), bottom-p.y)
		x, i, more := at.left, 0, false
		next := make([]cell, len(rest))
		for j, c := range rest {
			w := sum(widths[i : i+c.span])
			i += c.span
			fits := min(len(c.lines), max(1, int((h-2*pad)/c.style().leading)))
			p.cell(c, c.lines[:fits], e, j, x, w, h)
			next[j] = c
			next[j].lines = c.lines[fits:]
			more = more || fits < len(c.lines)
			x += w
		}
		p.y += h
		if !more {
			return
		}
		p.turn()
		rest = next
	}
}

func (p *press) cell(c cell, lines []string, e *element, n int, x, w, h float64) {
	border := func() {
		if c.head {
			p.pdf.SetFillColor(246, 240, 232)
			p.pdf.Rect(x, p.y, w, h, "FD")
		} else {
			p.pdf.Rect(x, p.y, w, h, "D")
		}
	}
	draw := func() {
		y := p.y + pad
		for i, l := range lines {
			left := x + pad
			if c.right {
				p.pdf.SetFont(family, c.style().face, c.style().size)
				left = x + w - pad - p.pdf.GetStringWidth(l)
			}
			p.set(goingOn(lines, i), left, y, c.style())
			y += c.style().leading
		}
	}
	p.pdf.SetDrawColor(170, 160, 150)
	if e == nil {
		border()
		draw()
		return
	}
	p.aside(border)
	p.mark(len(p.marks)-1, e.cell(n, c), draw)
}

// read takes a table apart.
func read(n *html.Node) (rows [][]cell, caption string) {
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type != html.ElementNode:
			case c.DataAtom == atom.Caption && !classed(c, "govuk-visually-hidden"):
				caption = inline(c)
			case hidden(c):
			case c.DataAtom == atom.Tr:
				if row := rowOf(c); len(row) > 0 {
					rows = append(rows, row)
				}
			default:
				walk(c)
			}
		}
	}
	walk(n)
	return rows, caption
}

func rowOf(n *html.Node) []cell {
	var row []cell
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
			continue
		}
		span, err := strconv.Atoi(attr(c, "colspan"))
		if err != nil || span < 1 {
			span = 1
		}
		row = append(row, cell{
			text: inline(c), head: c.DataAtom == atom.Th, row: attr(c, "scope") == "row" || attr(c, "scope") == "rowgroup", span: span,
			right: classed(c, "num") || classed(c, "phai") || classed(c, "govuk-table__cell--numeric") || classed(c, "govuk-table__header--numeric"),
		})
	}
	return row
}

// columns shares a width between the columns of a table: each its widest word,
// and what is left by how much they would like.
func (p *press) columns(rows [][]cell, width float64) []float64 {
	n := 0
	for _, row := range rows {
		k := 0
		for _, c := range row {
			k += c.span
		}
		n = max(n, k)
	}
	heading, least, most := make([]float64, n), make([]float64, n), make([]float64, n)
	for _, row := range rows {
		i := 0
		for _, c := range row {
			if c.span == 1 {
				l, m := p.wants(c)
				if c.head {
					heading[i] = max(heading[i], min(l, width*0.4))
				}
				least[i], most[i] = max(least[i], min(l, width*0.4)), max(most[i], m)
			}
			i += c.span
		}
	}
	for i := range least {
		least[i] = max(least[i], 8)
		most[i] = max(most[i], least[i])
	}
	if spare := width - sum(least); spare > 0 {
		wish := max(sum(most)-sum(least), 1)
		for i := range least {
			least[i] += spare * min((most[i]-least[i]+1)/(wish+float64(n)), 1)
		}
		return scaled(least, width)
	}
	over, give := sum(least)-width, sum(least)-sum(heading)
	if give >= over { // long numbers break before headings do
		for i := range least {
			least[i] -= over * (least[i] - heading[i]) / max(give, 1)
		}
	}
	return scaled(least, width)
}

func scaled(widths []float64, to float64) []float64 {
	f := to / sum(widths)
	for i := range widths {
		widths[i] *= f
	}
	return widths
}

// wants is how wide a cell must be for its widest word, and how wide it would like to be.
func (p *press) wants(c cell) (least, most float64) {
	s := c.style()
	for _, l := range p.lines(c.text, 1e6, s) {
		most = max(most, p.width(l, s)+2*pad+0.4)
	}
	for _, word := range strings.FieldsFunc(printable(c.text), func(r rune) bool { return r == '\n' || blank(r) }) {
		least = max(least, p.width(word, s)+2*pad+0.4)
	}
	return least, most
}

func all(row []cell) bool {
	for _, c := range row {
		if !c.head || c.row {
			return false
		}
	}
	return true
}

func height(rows [][]cell) float64 {
	h := 0.0
	for _, row := range rows {
		most := 0.0
		for _, c := range row {
			most = max(most, float64(max(len(c.lines), 1))*c.style().leading+2*pad)
		}
		h += most
	}
	return h
}

func sum(widths []float64) float64 {
	all := 0.0
	for _, w := range widths {
		all += w
	}
	return all
}
