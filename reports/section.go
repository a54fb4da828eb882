package reports

// A section is one part of a report, for whatever prints it: facts, a table, or
// both. All its words are clean.
type section struct {
	title  string
	note   string // what it is about
	facts  []fact
	table  table
	legend string // what the words in the table mean
}

// A fact is a name and what is known of it.
type fact struct{ name, value string }

// A table is rows of cells under columns. Rows of the same group follow each
// other.
type table struct {
	group   string // what a group is
	columns []column
	rows    []row
}

type column struct {
	name  string
	right bool // aligned right, as numbers are
}

type row struct {
	group string
	cells []string // one for each column
}

func left(name string) column  { return column{name, false} }
func right(name string) column { return column{name, true} }

// empty reports whether there is nothing to tell.
func (s *section) empty() bool { return len(s.facts) == 0 && len(s.table.rows) == 0 }
