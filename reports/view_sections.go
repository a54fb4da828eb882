package reports

import "gameday/runs"

// sectionsOf are the parts of the report in text that stand behind the drawings.
func sectionsOf(r *runs.Run) []viewSection {
	e := gather(r)
	all := []viewSection{sectionView(section{title: "What was played", facts: opening(r)})}
	for _, s := range []section{
		loadSection(r, e), timesSection(r, e), failureSection(r, e), eventSection(r), witnessSection(r), generatorSection(r, e),
	} {
		if !s.empty() {
			all = append(all, sectionView(s))
		}
	}
	return append(all, sectionView(section{
		title: "Repeat it", note: sameSchedule(r), facts: []fact{{"command", command(r)}},
	}))
}

// sectionView is a section without what is too long for a page.
func sectionView(s section) viewSection {
	v := viewSection{Title: s.title, Note: s.note, Legend: s.legend}
	for _, f := range s.facts[:min(len(s.facts), mostRows)] {
		v.Facts = append(v.Facts, [2]string{f.name, short(f.value)})
	}
	rows := s.table.rows
	if len(rows) == 0 {
		return v
	}
	t := &viewTable{Grouped: s.table.group != "", More: max(0, len(rows)-mostRows)}
	v.Table = t
	if t.Grouped {
		t.Columns = append(t.Columns, viewColumn{Name: s.table.group})
	}
	for _, c := range s.table.columns {
		t.Columns = append(t.Columns, viewColumn{c.name, c.right})
	}
	for _, r := range rows[:min(len(rows), mostRows)] {
		var cells []string
		if t.Grouped {
			cells = append(cells, short(r.group))
		}
		for _, c := range r.cells {
			cells = append(cells, short(c))
		}
		t.Rows = append(t.Rows, cells)
	}
	return v
}
