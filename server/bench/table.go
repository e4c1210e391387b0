package main

import (
	"fmt"
	"io"
	"strings"
)

// table prints rows as a Markdown table whose columns line up, so that it can
// be read on a terminal and copied into a README as it is.
type table struct {
	out  io.Writer
	rows [][]string
}

func newTable(out io.Writer, columns ...string) *table {
	return &table{out: out, rows: [][]string{columns}}
}

func (t *table) row(cells ...any) {
	var row []string
	for _, c := range cells {
		row = append(row, fmt.Sprint(c))
	}
	t.rows = append(t.rows, row)
}

// flush prints the table.
func (t *table) flush() error {
	width := make([]int, len(t.rows[0]))
	for _, r := range t.rows {
		for i, c := range r {
			width[i] = max(width[i], len(c))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			fmt.Fprintf(&b, "| %*s ", width[i], c)
		}
		b.WriteString("|\n")
	}
	line(t.rows[0])
	for _, w := range width {
		b.WriteString("|" + strings.Repeat("-", w+1) + ":")
	}
	b.WriteString("|\n")
	for _, r := range t.rows[1:] {
		line(r)
	}
	if _, err := fmt.Fprintln(t.out, b.String()); err != nil {
		return fmt.Errorf("printing a table: %w", err)
	}
	return nil
}
