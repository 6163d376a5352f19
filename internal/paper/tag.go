package paper

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// element is a node of the structure tree: what a piece of the document is.
type element struct {
	role string
	more string // further entries of its dictionary
	up   *element
	kids []kid
	id   int // number of its object, once it has one
}

// kid is an element within another, or a marked piece of a page.
type kid struct {
	element    *element
	page, mark int
}

func (e *element) add(role string) *element {
	k := &element{role: role, up: e}
	e.kids = append(e.kids, kid{element: k})
	return k
}

// cell is the n-th cell of a row; a row that is cut by the end of a page goes on
// in the cells it has.
func (e *element) cell(n int, c cell) *element {
	if n < len(e.kids) {
		return e.kids[n].element
	}
	k := e.add("TD")
	if c.head {
		k.role, k.more = "TH", " /A <</O /Table /Scope /Column>>"
		if c.row {
			k.more = " /A <</O /Table /Scope /Row>>"
		}
	}
	if c.span > 1 {
		k.more = strings.TrimSuffix(k.more, ">>")
		if k.more == "" {
			k.more = " /A <</O /Table"
		}
		k.more += " /ColSpan " + strconv.Itoa(c.span) + ">>"
	}
	return k
}

// empty says that nothing is in an element: such are left out.
func (e *element) empty() bool {
	for _, k := range e.kids {
		if k.element == nil || !k.element.empty() {
			return false
		}
	}
	return e.role != "TD" && e.role != "TH"
}

// spoken is a text as a PDF has it outside its pages: UTF-16 in hexadecimal.
func spoken(text string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

var (
	rootOf   = regexp.MustCompile(`/Root (\d+) 0 R`)
	infoOf   = regexp.MustCompile(`/Info \d+ 0 R`)
	sizeOf   = regexp.MustCompile(`/Size (\d+)`)
	startOf  = regexp.MustCompile(`startxref\s+(\d+)\s+%%EOF\s*$`)
	version  = []byte("%PDF-1.7")
	pageType = []byte("<</Type /Page\n")
)

// tag appends a structure tree to a PDF as fpdf writes it, with its catalogue
// and its pages anew: what stands before stays as it is.
func tag(pdf []byte, root *element, marks [][]*element) ([]byte, error) {
	f, err := open(pdf)
	if err != nil {
		return nil, err
	}
	pages := f.pages()
	if len(pages) != len(marks) {
		return nil, fmt.Errorf("tagging a PDF: it has %d pages, %d were set", len(pages), len(marks))
	}
	tree := f.next()
	f.number(root)
	f.write(root, tree, pages)
	parents := f.next()
	var nums strings.Builder
	for i, page := range marks {
		fmt.Fprintf(&nums, "%d [", i)
		for _, e := range page {
			fmt.Fprintf(&nums, "%d 0 R ", e.id)
		}
		nums.WriteString("]\n")
	}
	f.object(parents, "<</Nums ["+nums.String()+"]>>")
	f.object(tree, fmt.Sprintf("<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", root.id, parents, len(marks)))
	for i, page := range pages {
		f.again(page, fmt.Sprintf("/StructParents %d /Tabs /S", i))
	}
	f.again(f.catalogue, fmt.Sprintf("/MarkInfo <</Marked true>> /StructTreeRoot %d 0 R /ViewerPreferences <</DisplayDocTitle true>>", tree))
	return f.close(), nil
}

// file is a PDF that grows.
type file struct {
	out       bytes.Buffer
	was       []byte
	offsets   map[int]int // of the objects there were
	last      int         // the highest number of an object
	catalogue int
	start     int // where the table of objects stands
	info      string
	added     map[int]int // offsets of what is new
}

// open reads where the objects of a PDF stand.
func open(pdf []byte) (*file, error) {
	f := &file{was: pdf, offsets: map[int]int{}, added: map[int]int{}}
	start := startOf.FindSubmatch(pdf)
	if start == nil {
		return nil, errors.New("tagging a PDF: its end is not where it should be")
	}
	f.start, _ = strconv.Atoi(string(start[1]))
	table := pdf[f.start:]
	root, size := rootOf.FindSubmatch(table), sizeOf.FindSubmatch(table)
	if root == nil || size == nil {
		return nil, errors.New("tagging a PDF: it has no catalogue")
	}
	f.catalogue, _ = strconv.Atoi(string(root[1]))
	f.last, _ = strconv.Atoi(string(size[1]))
	f.last--
	f.info = string(infoOf.Find(table))
	lines := bytes.Split(table, []byte("\n"))
	for i := 0; i <= f.last && i+2 < len(lines); i++ { // after "xref" and "0 n", a line an object
		at, err := strconv.Atoi(string(bytes.Fields(lines[i+2])[0]))
		if err != nil {
			return nil, fmt.Errorf("tagging a PDF: reading its table of objects: %w", err)
		}
		f.offsets[i] = at
	}
	f.out.Write(pdf)
	copy(f.out.Bytes(), version) // tags came with PDF 1.4, scopes of heads with 1.5
	return f, nil
}

// body is what stands in an object that has no stream.
func (f *file) body(n int) []byte {
	from := f.was[f.offsets[n]:]
	_, from, _ = bytes.Cut(from, []byte("obj"))
	inside, _, _ := bytes.Cut(from, []byte("endobj"))
	return bytes.TrimSpace(inside)
}

// pages are the numbers of the page objects, in order.
func (f *file) pages() []int {
	var all []int
	for n := 1; n <= f.last; n++ {
		if bytes.HasPrefix(f.body(n), pageType) {
			all = append(all, n)
		}
	}
	return all
}

func (f *file) next() int {
	f.last++
	return f.last
}

func (f *file) object(n int, body string) {
	f.added[n] = f.out.Len()
	fmt.Fprintf(&f.out, "%d 0 obj\n%s\nendobj\n", n, body)
}

// again writes an object once more, with further entries.
func (f *file) again(n int, more string) {
	body := bytes.TrimSuffix(f.body(n), []byte(">>"))
	f.object(n, string(body)+more+"\n>>")
}

func (f *file) number(e *element) {
	e.id = f.next()
	for _, k := range e.kids {
		if k.element != nil && !k.element.empty() {
			f.number(k.element)
		}
	}
}

func (f *file) write(e *element, up int, pages []int) {
	var kids strings.Builder
	for _, k := range e.kids {
		switch {
		case k.element == nil:
			fmt.Fprintf(&kids, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", pages[k.page], k.mark)
		case k.element.id != 0:
			fmt.Fprintf(&kids, "%d 0 R ", k.element.id)
		}
	}
	f.object(e.id, fmt.Sprintf("<</Type /StructElem /S /%s /P %d 0 R%s /K [%s]>>", e.role, up, e.more, kids.String()))
	for _, k := range e.kids {
		if k.element != nil && k.element.id != 0 {
			f.write(k.element, e.id, pages)
		}
	}
}

// close writes the table of what was added.
func (f *file) close() []byte {
	at := f.out.Len()
	f.out.WriteString("xref\n")
	for n := 0; n <= f.last; n++ {
		if offset, ok := f.added[n]; ok {
			fmt.Fprintf(&f.out, "%d 1\n%010d 00000 n \n", n, offset)
		}
	}
	fmt.Fprintf(&f.out, "trailer\n<</Size %d /Root %d 0 R %s /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", f.last+1, f.catalogue, f.info, f.start, at)
	return f.out.Bytes()
}
