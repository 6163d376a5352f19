// Package export turns rows that cross concepts into files for other programs.
// It only reads, and what it reads comes from package desk or a concept, so a
// file holds exactly what its reader may see on the screen.
package export

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"daubang/internal/viet"
)

// Dialect is a way of writing CSV.
type Dialect string

// The dialects: RFC 4180 for programs, and what Excel with Vietnamese settings
// opens by a double click.
const (
	Plain Dialect = "csv"       // UTF-8 without a mark, comma, decimal point, ISO dates
	Excel Dialect = "csv-excel" // UTF-8 with a mark, semicolon, decimal comma, dd/mm/yyyy
)

// CSV writes rows to w as they come, holding no more than a buffer. All text is
// quoted, so that no program splits it at a separator of its own, and text that a
// spreadsheet would run as a formula gets an apostrophe before it. Nothing else
// of the portal writes CSV.
type CSV struct {
	to      *bufio.Writer
	dialect Dialect
	line    []byte
}

// NewCSV begins a file.
func NewCSV(w io.Writer, d Dialect) *CSV {
	c := &CSV{to: bufio.NewWriterSize(w, 32<<10), dialect: d}
	if d == Excel {
		_, _ = c.to.WriteString("\ufeff") // an error shows at Flush
	}
	return c
}

// Row writes one line.
func (c *CSV) Row(cells ...Cell) error {
	c.line = c.line[:0]
	for i, cell := range cells {
		if i > 0 {
			c.line = append(c.line, c.separator())
		}
		c.line = cell(c.line, c.dialect)
	}
	c.line = append(c.line, "\r\n"...)
	if _, err := c.to.Write(c.line); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// Flush sends what is still in the buffer.
func (c *CSV) Flush() error {
	if err := c.to.Flush(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

func (c *CSV) separator() byte {
	if c.dialect == Excel {
		return ';'
	}
	return ','
}

// Cell appends itself to a line.
type Cell func(line []byte, d Dialect) []byte

// Text is a cell of words, codes or phone numbers.
func Text(s string) Cell {
	return func(line []byte, _ Dialect) []byte {
		line = append(line, '"')
		if formula(s) {
			line = append(line, '\'')
		}
		for i := range len(s) {
			if s[i] == '"' {
				line = append(line, '"')
			}
			line = append(line, s[i])
		}
		return append(line, '"')
	}
}

// formula reports whether a spreadsheet would take s for one: it skips white
// space before, and reads the full-width signs too.
func formula(s string) bool {
	if s != "" && (s[0] == '\t' || s[0] == '\r' || s[0] == '\n') {
		return true
	}
	s = strings.TrimLeft(s, " \u00a0\u3000\t\r\n\"'")
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, sign) {
			return true
		}
	}
	return false
}

// Whole is a cell with a whole number, such as đồng.
func Whole(n int64) Cell {
	return func(line []byte, _ Dialect) []byte { return strconv.AppendInt(line, n, 10) }
}

// Decimal is a cell with two decimals, or empty where there is no number.
func Decimal(f *float64) Cell {
	return func(line []byte, d Dialect) []byte {
		if f == nil {
			return line
		}
		at := len(line)
		line = strconv.AppendFloat(line, *f, 'f', 2, 64)
		if d == Excel {
			line[at+strings.IndexByte(string(line[at:]), '.')] = ','
		}
		return line
	}
}

// Instant is a cell with a moment in Viet Nam, or empty where there is none.
func Instant(t *time.Time) Cell {
	return func(line []byte, d Dialect) []byte {
		if t == nil {
			return line
		}
		layout := time.RFC3339
		if d == Excel {
			layout = "02/01/2006 15:04:05"
		}
		return t.In(viet.Zone).AppendFormat(line, layout)
	}
}
