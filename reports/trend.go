package reports

import (
	"fmt"
	"math"
	"strings"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

const (
	mostTrends  = 12 // on a page
	mostPlotted = 20 // runs in a trend
)

// A trend is how the newest runs of a scenario at one scale against one target came
// out, which can be compared. It is drawn from left to right in order of time.
type trend struct {
	Scenario, Scale, Target, Span string
	Told                          string // the newest, for who cannot see it
	Height                        int
	Lanes                         []lane
	Marks                         []trendMark
}

// A lane is one measure in the course of time.
type lane struct {
	Name, Value string // and the newest value
	Head, Floor float64
	Courses     []string // lines that join what follows each other
	Dots        []dot
}

type dot struct {
	X, Y float64
	Gone bool // there was no value, as nothing was answered
	Told string
}

type trendMark struct {
	X, Y                    float64
	Class, Sign, Link, Told string
}

// trends finds the runs that can be compared, two or more, those with the newest
// first.
func trends(x *Index) []trend {
	type group struct {
		scenario, target string
		scale            scenarios.Scale
	}
	var order []group
	parts := map[group][]*runs.Shelved{}
	for i := range x.Runs {
		s := &x.Runs[i]
		if s.State != runs.Recorded {
			continue
		}
		g := group{name(s.Run), clean(s.Run.Target.Name), s.Run.Scale}
		if parts[g] == nil {
			order = append(order, g)
		}
		if len(parts[g]) < mostPlotted {
			parts[g] = append(parts[g], s)
		}
	}
	var all []trend
	for _, g := range order {
		if len(parts[g]) > 1 && len(all) < mostTrends {
			t := trend{Scenario: g.scenario, Scale: g.scale.String(), Target: g.target}
			t.draw(x, parts[g])
			all = append(all, t)
		}
	}
	return all
}

// Where things are in a trend.
const (
	trendWidth = 320.0
	trendStep  = (trendWidth - 12) / (mostPlotted - 1)
	laneHeight = 62.0
	laneDepth  = 34.0 // of what is drawn, below its head
)

// place is where the run is drawn before which so many newer ones stand.
func place(newer int) float64 {
	return math.Round(10*(trendWidth-6-float64(newer)*trendStep)) / 10
}

// draw draws runs, the newest first.
func (t *trend) draw(x *Index, all []*runs.Shelved) {
	p99, good := make([]float64, len(all)), make([]float64, len(all))
	for i, s := range all {
		p99[i], good[i] = worstP99(s.Run), math.NaN()
		if share, known := x.Goodput(s.Name); known {
			good[i] = share
		}
	}
	newest := all[0].Run
	t.Span = fmt.Sprintf("the last %d runs", len(all))
	logs, least, most := logarithms(p99)
	t.lane("p99 where it was worst, log from ", logs, least, most, all, func(v float64) string { return spent(math.Pow(10, v)) })
	t.lane("goodput, from ", good, floorOf(good), 1, all, runs.Percent)
	t.Told = fmt.Sprintf("%s; the newest: %s", t.Span, newest.Verdict)
	for _, l := range t.Lanes {
		t.Told += ", " + l.Name + " " + l.Value
	}
	y := float64(len(t.Lanes))*laneHeight + 12
	for i, s := range all {
		t.Marks = append(t.Marks, trendMark{
			X: place(i), Y: y, Class: s.Run.Verdict.String(), Sign: verdictMarks[s.Run.Verdict], Link: "/runs/" + s.Name + "/",
			Told: s.Name + ": " + s.Run.Verdict.String(),
		})
	}
	t.Height = int(y) + 8
}

// lane draws one measure between two limits, unless no run has it. A value that is
// not a number is not known; an infinite one is at the top.
func (t *trend) lane(name string, values []float64, least, most float64, all []*runs.Shelved, write func(float64) string) {
	top := float64(len(t.Lanes))*laneHeight + 18
	l := lane{Name: name + write(least), Value: none, Head: top - 6, Floor: top + laneDepth}
	var course []string
	for i := range values {
		v, x := values[i], place(i)
		if !math.IsNaN(v) {
			y := top
			if !math.IsInf(v, 1) && most > least {
				y = math.Round(10*(l.Floor-(v-least)/(most-least)*laneDepth)) / 10
			}
			course = append(course, fmt.Sprintf("%g,%g", x, y))
			l.Dots = append(l.Dots, dot{X: x, Y: y, Gone: math.IsInf(v, 1), Told: all[i].Name + ": " + write(v)})
		}
		if i == 0 && !math.IsNaN(v) {
			l.Value = write(v)
		}
		if len(course) > 0 && (math.IsNaN(v) || i == len(values)-1) {
			l.Courses, course = append(l.Courses, strings.Join(course, " ")), nil
		}
	}
	if len(l.Dots) > 0 {
		t.Lanes = append(t.Lanes, l)
	}
}

func spent(v float64) string {
	if math.IsInf(v, 1) {
		return "unanswered"
	}
	return took(time.Duration(v * float64(time.Second)))
}

// logarithms are those of some times, and the whole ones between which the finite
// lie: a night that went wrong is a thousand times as slow as one that did not.
func logarithms(times []float64) (logs []float64, least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, v := range times {
		log := math.Log10(max(v, 1e-9)) // not a number stays what it is
		if logs = append(logs, log); !math.IsNaN(log) && !math.IsInf(log, 1) {
			least, most = min(least, math.Floor(log)), max(most, math.Ceil(log))
		}
	}
	if least > most { // none was answered
		return logs, -3, 0
	}
	return logs, least, max(most, least+1)
}

// floorOf is a round share just below the least of some.
func floorOf(shares []float64) float64 {
	least := 1.0
	for _, v := range shares {
		if v < least {
			least = v
		}
	}
	for _, floor := range []float64{0.99, 0.95, 0.9, 0.75, 0.5} {
		if least >= floor {
			return floor
		}
	}
	return 0
}

// worstP99 is the greatest p99 that was held against a promise, in seconds: infinite
// if there was none, as too much failed; not a number if none was judged.
func worstP99(r *runs.Run) float64 {
	worst := math.NaN()
	for _, f := range r.Findings {
		var e scenarios.Expectation
		if e.UnmarshalText([]byte(f.Expect)) != nil || e.Measure != scenarios.Latency || e.Quantile != 99 || e.Service {
			continue
		}
		v := math.Inf(1)
		if f.Got != "unanswered" {
			got, err := time.ParseDuration(f.Got)
			if err != nil {
				continue
			}
			v = got.Seconds()
		}
		if !(worst >= v) {
			worst = v
		}
	}
	return worst
}
