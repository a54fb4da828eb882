package reports

import (
	"fmt"
	"io"
	"strings"

	"gameday/runs"
)

// Selftest writes what a host proved about itself, in 80 columns.
func Selftest(w io.Writer, s *runs.Selftest) error {
	p := page{}
	p.hang(strings.ToUpper(s.Verdict.String())+"  ", canMeasure(s))
	p.line("")
	p.facts("", []fact{
		{"host", clean(host(&runs.Run{Host: s.Host, Gameday: s.Gameday}))},
		{"tested", s.At.UTC().Format("2006-01-02 15:04:05 UTC")},
	})
	p.line("")
	t := table{columns: []column{left("check"), left("verdict"), left("limit"), left("got")}}
	for _, c := range s.Checks {
		got := clean(c.Got)
		if got == "" {
			got = none
		}
		t.rows = append(t.rows, row{cells: []string{clean(c.Name), c.Verdict.String(), clean(c.Limit), got}})
	}
	p.table("", t)
	for _, why := range reasons(s) {
		p.line("")
		p.hang("", why)
	}
	return send(w, []byte(p.String()))
}

// reasons are why checks were not met, each reason once with the checks it is of.
func reasons(s *runs.Selftest) []string {
	var whys []string
	names := map[string][]string{}
	for _, c := range s.Checks {
		if c.Why == "" {
			continue
		}
		if names[c.Why] == nil {
			whys = append(whys, c.Why)
		}
		names[c.Why] = append(names[c.Why], clean(c.Name))
	}
	for i, why := range whys {
		whys[i] = strings.Join(names[why], ", ") + ": " + clean(why) + "."
	}
	return whys
}

// canMeasure is the verdict in a sentence.
func canMeasure(s *runs.Selftest) string {
	var named []string
	for _, c := range s.Checks {
		if c.Verdict == s.Verdict {
			named = append(named, clean(c.Name))
		}
	}
	all := strings.Join(named, ", ")
	switch {
	case s.Verdict == runs.Pass:
		return "This host can measure."
	case s.Verdict == runs.Fail:
		return fmt.Sprintf("This host cannot measure as it should: %s.", all)
	case all == "":
		return "Nothing was checked, so nothing was proved."
	}
	return fmt.Sprintf("It is not clear whether this host can measure: %s.", all)
}
