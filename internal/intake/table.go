package intake

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"daubang/internal/problem"
	"daubang/internal/viet"
)

// Table is a file of rows, each read into a T.
type Table[T any] struct {
	File  string
	Rows  []T
	lines []int
}

// Refuse says that row i is wrong in column.
func (t Table[T]) Refuse(i int, column, key string, args ...any) error {
	return refuse(t.File, t.lines[i], column, key, args...)
}

// Unique refuses the second of two rows with one key.
func Unique[T any, K comparable](t Table[T], column string, key func(T) K) error {
	first := make(map[K]int, len(t.Rows))
	for i, row := range t.Rows {
		if j, twice := first[key(row)]; twice {
			return t.Refuse(i, column, "intake.twice", t.lines[j])
		}
		first[key(row)] = i
	}
	return nil
}

// ReadTable reads a CSV file: UTF-8, commas, RFC 4180 quotes, one header line
// with exactly these columns in any order. Every field is cleaned (viet.Clean).
// The first row that read refuses ends it.
func ReadTable[T any](file string, r io.Reader, columns []string, read func(*Row) T) (Table[T], error) {
	t := Table[T]{File: file}
	source := csv.NewReader(withoutMark(r))
	source.ReuseRecord = true
	header, err := source.Read()
	if errors.Is(err, io.EOF) {
		return t, refuse(file, 0, "", "intake.empty")
	}
	if err != nil {
		return t, notTable(file, err)
	}
	index, err := match(file, header, columns)
	if err != nil {
		return t, err
	}
	for {
		fields, err := source.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return t, notTable(file, err)
		}
		line, _ := source.FieldPos(0)
		row := &Row{file: file, line: line, index: index, fields: fields}
		value := read(row)
		if row.refused != nil {
			return t, row.refused
		}
		t.Rows = append(t.Rows, value)
		t.lines = append(t.lines, line)
	}
}

// withoutMark drops the byte order mark that spreadsheets put first.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = b.Discard(3) // they are in the buffer
	}
	return b
}

// match finds where each column stands; a missing, unknown or repeated one is
// refused, for a file that is almost right is the wrong file.
func match(file string, header, columns []string) (map[string]int, error) {
	index := make(map[string]int, len(columns))
	for i, name := range header {
		name = viet.Clean(name)
		if !slices.Contains(columns, name) {
			return nil, refuse(file, 1, name, "intake.column_unknown", strings.Join(columns, ", "))
		}
		if _, twice := index[name]; twice {
			return nil, refuse(file, 1, name, "intake.column_twice")
		}
		index[name] = i
	}
	for _, name := range columns {
		if _, ok := index[name]; !ok {
			return nil, refuse(file, 1, name, "intake.column_missing")
		}
	}
	return index, nil
}

func notTable(file string, err error) error {
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		if errors.Is(wrong.Err, csv.ErrFieldCount) {
			return refuse(file, wrong.StartLine, "", "intake.fields")
		}
		return refuse(file, wrong.Line, "", "intake.quotes")
	}
	return unreadable(file, err)
}

// Row is one line of a table while it is read. Its methods answer a zero value
// for what they refuse; the first refusal counts.
type Row struct {
	file    string
	line    int
	index   map[string]int
	fields  []string
	refused error
}

// Refuse says what is wrong in column.
func (r *Row) Refuse(column, key string, args ...any) {
	if r.refused == nil {
		r.refused = Refusal{File: r.file, Line: r.line, Column: column, Reason: problem.Say(key, args...)}
	}
}

// Text is the field, which may be empty; it refuses more than 500 characters.
func (r *Row) Text(column string) string {
	raw := r.fields[r.index[column]]
	if !utf8.ValidString(raw) {
		r.Refuse(column, "intake.not_utf8")
	}
	s := viet.Clean(raw)
	if viet.CountChars(s) > 500 {
		r.Refuse(column, "intake.long", 500)
	}
	return s
}

// Need is Text that may not be empty.
func (r *Row) Need(column string) string {
	s := r.Text(column)
	if s == "" {
		r.Refuse(column, "intake.needed")
	}
	return s
}

// OneOf is a field that holds one of a few words.
func (r *Row) OneOf(column string, allowed ...string) string {
	s := r.Text(column)
	if !slices.Contains(allowed, s) {
		r.Refuse(column, "intake.one_of", s, strings.Join(allowed, ", "))
	}
	return s
}

// Date is a day, 2025-07-01, or nil where the field is empty.
func (r *Row) Date(column string) *time.Time {
	s := r.Text(column)
	if s == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		r.Refuse(column, "intake.date", s)
		return nil
	}
	return &day
}

// NeedDate is Date that may not be empty.
func (r *Row) NeedDate(column string) time.Time {
	day := r.Date(column)
	if day == nil {
		r.Refuse(column, "intake.needed")
		return time.Time{}
	}
	return *day
}

// Int is a whole number from low to high.
func (r *Row) Int(column string, low, high int) int {
	s := r.Need(column)
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		r.Refuse(column, "intake.int", s, low, high)
		return 0
	}
	return n
}

// Float is a number with a decimal point: 1.7.
func (r *Row) Float(column string) float64 {
	s := r.Need(column)
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 1e9 { // so neither NaN nor Inf
		r.Refuse(column, "intake.number", s)
		return 0
	}
	return f
}
