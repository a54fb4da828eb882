package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRunRefuses: what is called wrongly, or lacks a core, starts nothing.
func TestRunRefuses(t *testing.T) {
	for _, c := range []struct {
		args  string
		cores int
		code  int
		says  string
	}{
		{"", 1, 2, "two cores"},
		{"-h", 2, 0, "-quick"},
		{"-only wrk3", 2, 2, `no program "wrk3"`},
		{"-only wrk,,hey", 2, 2, `no program ""`},
		{"wrk", 2, 2, `"wrk" is no flag`},
		{"-slow", 2, 2, "-slow"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), strings.Fields(c.args), c.cores, &out, &errs)
		if code != c.code || !strings.Contains(errs.String(), c.says) || out.Len() > 0 {
			t.Errorf("%q exits %d and says %q", c.args, code, errs.String())
		}
	}
}

func TestReadOrder(t *testing.T) {
	o, err := readOrder([]string{"-quick", "-only", "vegeta, wrk", "-readme", "x.md"}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tl := range o.tools {
		names = append(names, tl.name)
	}
	if !slices.Equal(names, []string{"vegeta", "vegeta -max-workers", "wrk"}) || o.readme != "x.md" || !o.trial || o.plan.repetitions != 1 {
		t.Errorf("%+v", o)
	}
	if o, err = readOrder(nil, t.Output()); err != nil || o.trial || len(o.tools) != len(tools) || o.plan.repetitions != 3 {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestPlans: the ladders rise, and even where all that is tried fails in the
// slowest way but one the whole takes less than half an hour.
func TestPlans(t *testing.T) {
	for _, p := range []plan{full, short} {
		if !slices.IsSorted(p.rates) || len(slices.Compact(slices.Clone(p.rates))) != len(p.rates) {
			t.Errorf("the rates do not rise: %v", p.rates)
		}
	}
	const beside = 1500 * ms // pause, start, end
	var whole time.Duration
	for _, tl := range tools {
		whole += full.freeze.lasts + beside
		if tl.loop == closed {
			whole += 3 * (full.lasts + beside)
			continue
		}
		// Of seven rates four are held, in three runs, and three are not, in two.
		whole += 4*3*(full.lasts+beside) + 3*2*(full.lasts+beside+3*time.Second)
	}
	if whole > 30*time.Minute {
		t.Errorf("it takes %v", whole)
	}
}

// TestTools: each has a name of its own and all that it is run with.
func TestTools(t *testing.T) {
	seen := map[string]bool{}
	for _, tl := range tools {
		l := load{url: "http://127.0.0.1:1/", rate: 3000, lasts: 5 * time.Second}
		if tl.name == "" || seen[tl.name] || !strings.HasPrefix(tl.name, tl.program.name) {
			t.Errorf("the name %q", tl.name)
		}
		seen[tl.name] = true
		if (tl.program.module+tl.program.repository == "") != (tl.program.version == "") {
			t.Errorf("%s: %+v", tl.name, tl.program)
		}
		all := strings.Join(tl.args(l), " ")
		if tl.files != nil {
			for _, text := range tl.files(l) {
				all += " " + text
			}
		}
		wanted := []string{l.url, "5s", "3000"}
		switch tl.program.name {
		case "hey":
			wanted[2] = "-q 46.875"
		case "wrk2":
			wanted[1], wanted[2] = "-d6s", "-R3000"
		case "h2load":
			wanted[1], wanted[2] = "-D5", "--rps=46.875"
		}
		if tl.loop == closed {
			wanted = wanted[:2]
		}
		for _, want := range wanted {
			if !strings.Contains(all, want) {
				t.Errorf("%s is not told %s: %s", tl.name, want, all)
			}
		}
		l.inFlight = 37
		all = strings.Join(tl.args(l), " ")
		if tl.files != nil {
			for _, text := range tl.files(l) {
				all += " " + text
			}
		}
		if strings.Contains(all, "37") == tl.unbounded {
			t.Errorf("%s: how many are in flight: %s", tl.name, all)
		}
	}
}
