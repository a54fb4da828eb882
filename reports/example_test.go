package reports_test

import (
	"fmt"
	"strings"

	"gameday/reports"
	"gameday/runs"
)

func ExampleFind() {
	run, err := runs.ReadRun(strings.NewReader(`{
		"schema": 1, "began": "2027-02-14T23:30:00Z", "ended": "2027-02-14T23:30:10Z", "scale": "1%", "seed": 10,
		"scenario": {"name": "steady", "asks": "Does it answer at all?", "seed": 10, "population": {"accounts": 2, "followers": 0.784},
			"crowds": [{"name": "readers", "rate": "1/s", "arrivals": "even", "do": ["home 1"]}], "phases": [{"name": "steady", "for": "10s"}]},
		"target": {"name": "embedded"},
		"phases": [{"name": "steady", "begin": 0, "end": 10}],
		"witness": {"absent": "nobody asked for one"}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	runs.Judge(run)
	text, err := reports.Find("text")
	if err != nil {
		fmt.Println(err)
		return
	}
	var report strings.Builder
	if err := text.Write(&report, run); err != nil {
		fmt.Println(err)
	}
	verdict, _, _ := strings.Cut(report.String(), "\n")
	fmt.Println(verdict)
	// Output: UNCLEAR  Nothing was promised, so nothing was proved.
}
