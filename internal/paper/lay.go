package paper

import (
	"fmt"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The sheet, in millimetres.
const (
	margin   = 18.0
	wide     = 210 - 2*margin
	top      = 24.0
	bottom   = 297 - 27.0 // where text ends
	codeSide = 17.0
	indent   = 5.0
)

// style is how text is set.
type style struct {
	face    string // "" or "B"
	size    float64
	leading float64 // from line to line, mm
	before  float64 // room above
	after   float64
	keep    float64 // mm that must follow on the same page
}

var (
	normal = style{size: 10.5, leading: 5.2, after: 1.8}
	label  = style{face: "B", size: 10, leading: 5, before: 1, after: 0.4, keep: 6}
	cells  = style{size: 9, leading: 4.3}
	heads  = style{face: "B", size: 9, leading: 4.3}
	styles = map[atom.Atom]style{
		atom.H1: {face: "B", size: 18, leading: 8, after: 3, keep: 20},
		atom.H2: {face: "B", size: 14, leading: 6.6, before: 6, after: 2, keep: 18},
		atom.H3: {face: "B", size: 11.5, leading: 5.6, before: 2.5, after: 1.2, keep: 12},
		atom.H4: {face: "B", size: 10.5, leading: 5.2, before: 2, after: 1, keep: 12},
	}
)

// column is where on the page something stands.
type column struct{ left, width float64 }

func (c column) in(by float64) column { return column{c.left + by, c.width - by} }

// press sets type and remembers what each piece is.
type press struct {
	pdf    *fpdf.Fpdf
	across string // set beneath the text of every page
	root   *element
	marks  [][]*element // by page, then by mark
	y      float64
	widths map[measured]float64
}

type measured struct {
	face, word string
	size       float64
}

// turn begins a page.
func (p *press) turn() {
	p.pdf.AddPage()
	p.marks = append(p.marks, nil)
	p.y = top
	if p.across == "" {
		return
	}
	p.aside(func() { // beneath the text
		p.pdf.SetTextColor(236, 230, 222)
		p.pdf.TransformBegin()
		p.pdf.TransformRotate(52, 105, 150)
		p.pdf.SetFont(family, "B", 46)
		p.pdf.Text(105-p.pdf.GetStringWidth(p.across)/2, 155, p.across)
		p.pdf.TransformEnd()
		p.pdf.SetTextColor(0, 0, 0)
	})
}

// room turns the page unless there is as much left on it; nothing is larger
// than a page.
func (p *press) room(mm float64) {
	if p.y+mm > bottom && p.y > top {
		p.turn()
	}
}

// mark draws something that belongs to an element.
func (p *press) mark(page int, e *element, draw func()) {
	p.pdf.RawWriteStr("/" + e.role + " <</MCID " + strconv.Itoa(len(p.marks[page])) + ">> BDC")
	e.kids = append(e.kids, kid{page: page, mark: len(p.marks[page])})
	p.marks[page] = append(p.marks[page], e)
	draw()
	p.pdf.RawWriteStr("EMC")
}

// aside draws what is no content: lines, numbers of pages.
func (p *press) aside(draw func()) {
	p.pdf.RawWriteStr("/Artifact BMC")
	draw()
	p.pdf.RawWriteStr("EMC")
}

// flow sets the children of a node: blocks each as what they are, and what
// stands between them as paragraphs.
func (p *press) flow(n *html.Node, into *element, at column, s style) {
	var run []*html.Node
	flush := func() {
		if text := joined(run); text != "" {
			p.text(into.add("P"), text, at, s)
		}
		run = nil
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.ElementNode && hidden(c):
		case !block(c):
			run = append(run, c)
		default:
			flush()
			p.block(c, into, at, s)
		}
	}
	flush()
}

// joined is the text of neighbours.
func joined(run []*html.Node) string {
	if len(run) == 0 {
		return ""
	}
	var b strings.Builder
	for _, n := range run {
		gather(&b, n, classed(run[0].Parent, "van"))
	}
	return strings.TrimSpace(b.String())
}

func (p *press) block(n *html.Node, into *element, at column, s style) {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4:
		p.text(into.add(strings.ToUpper(n.Data)), inline(n), at, styles[n.DataAtom])
	case atom.P, atom.Pre, atom.Summary:
		if text := inline(n); text != "" {
			p.text(into.add("P"), text, at, s)
		}
	case atom.Section, atom.Article:
		p.flow(n, into.add("Sect"), at, s)
	case atom.Dl:
		p.pairs(n, into.add("L"), at, s)
	case atom.Ul, atom.Ol:
		p.list(n, into.add("L"), at, s)
	case atom.Table:
		p.table(n, into, at)
	case atom.Hr:
	default:
		p.flow(n, into, at, s)
	}
}

// pairs sets a list of names and what they are: the name above.
func (p *press) pairs(n *html.Node, list *element, at column, s style) {
	var item *element
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type == html.ElementNode && hidden(c):
			case c.DataAtom == atom.Dt:
				item = list.add("LI")
				p.text(item.add("Lbl"), inline(c), at, label)
			case c.DataAtom == atom.Dd:
				if item == nil {
					item = list.add("LI")
				}
				p.flow(c, item.add("LBody"), at, s)
			default:
				walk(c)
			}
		}
	}
	walk(n)
}

// list sets items behind a dot or a number.
func (p *press) list(n *html.Node, list *element, at column, s style) {
	i := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Li || hidden(c) {
			continue
		}
		i++
		dot := "•"
		if n.DataAtom == atom.Ol {
			dot = strconv.Itoa(i) + "."
		}
		item := list.add("LI")
		p.room(s.leading)
		y, page := p.y, len(p.marks)
		p.mark(len(p.marks)-1, item.add("Lbl"), func() { p.set(dot, at.left, y, s) })
		p.flow(c, item.add("LBody"), at.in(indent), s)
		if len(p.marks) == page {
			p.y = max(p.y, y+s.leading)
		}
	}
}

// text sets a paragraph, over as many pages as it takes.
func (p *press) text(e *element, text string, at column, s style) {
	if text == "" {
		return
	}
	if p.y > top {
		p.y += s.before
	}
	lines := p.lines(text, at.width, s)
	p.room(s.leading + s.keep)
	for len(lines) > 0 {
		p.room(s.leading)
		n := min(len(lines), max(1, int((bottom-p.y)/s.leading)))
		p.mark(len(p.marks)-1, e, func() {
			for i := range lines[:n] {
				p.set(goingOn(lines, i), at.left, p.y, s)
				p.y += s.leading
			}
		})
		lines = lines[n:]
	}
	p.y += s.after
}

// goingOn is a line with a blank behind it where another follows: words at the
// ends of lines are read aloud apart.
func goingOn(lines []string, i int) string {
	if i+1 < len(lines) && lines[i] != "" {
		return lines[i] + " "
	}
	return lines[i]
}

// set draws one line with its upper edge at y.
func (p *press) set(line string, x, y float64, s style) {
	if line == "" {
		return
	}
	p.pdf.SetFont(family, s.face, s.size)
	p.pdf.Text(x, y+s.leading*0.75, line)
}

// lines breaks a text where its author did and wherever it grows too wide.
func (p *press) lines(text string, width float64, s style) []string {
	p.pdf.SetFont(family, s.face, s.size)
	var lines []string
	for paragraph := range strings.SplitSeq(printable(text), "\n") {
		line, used := "", 0.0
		for _, word := range strings.FieldsFunc(paragraph, blank) {
			for _, piece := range p.pieces(word, width, s) {
				w := p.width(piece, s)
				gap := p.width(" ", s)
				if line != "" && used+gap+w > width {
					lines = append(lines, line)
					line, used = "", 0
				}
				if line != "" {
					line, used = line+" ", used+gap
				}
				line, used = line+piece, used+w
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// pieces cuts a word that is wider than its column.
func (p *press) pieces(word string, width float64, s style) []string {
	if p.width(word, s) <= width {
		return []string{word}
	}
	var all []string
	from, used := 0, 0.0
	for i, r := range word {
		w := p.width(string(r), s)
		if used+w > width && i > from {
			all, from, used = append(all, word[from:i]), i, 0
		}
		used += w
	}
	return append(all, word[from:])
}

func (p *press) width(word string, s style) float64 {
	key := measured{s.face, word, s.size}
	w, ok := p.widths[key]
	if !ok {
		w = p.pdf.GetStringWidth(word)
		p.widths[key] = w
	}
	return w
}

// printable is a text without what the fonts cannot hold at all.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == '\r' || r == 0xFEFF || r == 0x00AD:
			return -1
		case r > 0xFFFF:
			return 0xFFFD
		}
		return r
	}, text)
}

// around sets what stands on every page beside the content.
func (p *press) around(n int, s Sheet, code string) {
	p.pdf.SetPage(n)
	small := style{size: 8, leading: 3.8}
	p.aside(func() {
		p.pdf.SetTextColor(70, 60, 55)
		p.pdf.SetDrawColor(170, 160, 150)
		p.pdf.Line(margin, 17, margin+wide, 17)
		p.set(s.Head, margin, 12, small)
		number := strconv.Itoa(n) + "/" + strconv.Itoa(p.pdf.PageCount())
		p.pdf.SetFont(family, "", small.size)
		p.set(number, margin+wide-p.pdf.GetStringWidth(number), 12, small)
		y := 275.0
		p.pdf.Line(margin, y-2, margin+wide, y-2)
		for _, l := range []string{s.Foot, s.Hash, s.Address} {
			if l == "" {
				continue
			}
			for _, line := range p.lines(l, wide-codeSide-4, small) {
				p.set(line, margin, y, small)
				y += small.leading
			}
		}
		p.pdf.SetTextColor(0, 0, 0)
	})
	if code != "" {
		p.code(n, s, code)
	}
}

// code draws the square code. It is read aloud once, on the first page; on the
// others it is the same again.
func (p *press) code(n int, s Sheet, code string) {
	const x, y = margin + wide - codeSide, 274.0
	draw := func() {
		p.pdf.ImageOptions(code, x, y, codeSide, codeSide, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
	}
	if n > 1 || s.CodeAlt == "" {
		p.aside(draw)
		return
	}
	const height, point = 297.0, 72 / 25.4 // of the sheet, and of a millimetre
	figure := p.root.add("Figure")
	figure.more = fmt.Sprintf(" /Alt %s /A <</O /Layout /Placement /Block /BBox [%.2f %.2f %.2f %.2f]>>", spoken(s.CodeAlt),
		x*point, (height-y-codeSide)*point, (x+codeSide)*point, (height-y)*point)
	p.mark(0, figure, draw)
}
