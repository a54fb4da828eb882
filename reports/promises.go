package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gameday/runs"
)

// promiseSection tells what became of every promise, the broken ones first. The
// groups are called by the three words.
func promiseSection(r *runs.Run, broken, unclear, kept string) section {
	words := [...]string{runs.Unclear: unclear, runs.Pass: kept, runs.Fail: broken}
	rank := [...]int{runs.Fail: 0, runs.Unclear: 1, runs.Pass: 2}
	sorted := slices.Clone(r.Findings)
	slices.SortStableFunc(sorted, func(a, b runs.Finding) int {
		return cmp.Compare(rank[known(a.Verdict)], rank[known(b.Verdict)])
	})
	s := section{title: "Promises", table: table{group: "verdict", columns: []column{
		left("phase"), left("promise"), left("limit"), right("got"), left("why"),
	}}}
	var n [3]uint64
	var before runs.Finding
	for _, f := range sorted {
		verdict := known(f.Verdict)
		n[verdict]++
		why := clean(f.Why)
		if why != "" && f.Why == before.Why && f.Phase == before.Phase {
			why = "the same" // a phase that is in doubt is so for every promise
		}
		before = f
		s.table.rows = append(s.table.rows, row{words[verdict], []string{
			cmp.Or(cut(clean(f.Phase), 24), "throughout"), promise(f), clean(f.Limit), cmp.Or(clean(f.Got), none), why,
		}})
	}
	s.note = fmt.Sprintf("%d broken, %d undecided, %d kept.", n[runs.Fail], n[runs.Unclear], n[runs.Pass])
	if len(sorted) == 0 {
		s.note, s.facts = "", []fact{{"promises", "none was judged, so nothing was proved"}}
	}
	return s
}

// promise is the text of an expectation without its limit.
func promise(f runs.Finding) string {
	return cmp.Or(strings.TrimSpace(strings.TrimSuffix(clean(f.Expect), clean(f.Limit))), none)
}

// known is v, or Unclear if v is none of the three verdicts.
func known(v runs.Verdict) runs.Verdict {
	if v == runs.Pass || v == runs.Fail {
		return v
	}
	return runs.Unclear
}
