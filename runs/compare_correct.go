package runs

import (
	"cmp"
	"slices"
)

// correct writes into the rows that were tested how probable it is that any of
// them stands out as they do while nothing changed (Holm 1979), and returns how
// many were tested. A half of what may go wrong is for the rows that are needed,
// so that the many others do not blunt them.
func correct(rows []Row) int {
	var needed, others []*Row
	for i := range rows {
		switch r := &rows[i]; {
		case r.shift == nil:
		case r.Needed:
			needed = append(needed, r)
		default:
			others = append(others, r)
		}
	}
	halves := 2.0
	if len(needed) == 0 || len(others) == 0 {
		halves = 1
	}
	holm(needed, halves)
	holm(others, halves)
	return len(needed) + len(others)
}

// holm corrects one family of rows.
func holm(rows []*Row, halves float64) {
	slices.SortStableFunc(rows, func(a, b *Row) int { return cmp.Compare(a.shift.chance(), b.shift.chance()) })
	most := 0.0
	for i, r := range rows {
		most = max(most, halves*float64(len(rows)-i)*r.shift.chance())
		r.Chance = exact(min(most, 1))
	}
}
