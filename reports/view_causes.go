package reports

import (
	"slices"
	"time"

	"gameday/runs"
)

// drawCauses puts the causes of failure into a View.
func (d *drawing) drawCauses(v *View, only []int) {
	all := d.lines[0].sum(d.all)
	at := map[string]int{}
	for _, cause := range causesOf(&all) {
		if all.Failed[cause] == 0 {
			continue
		}
		at[cause] = len(v.Causes)
		v.Causes = append(v.Causes, viewCause{Cause: clean(cause), Total: all.Failed[cause], PerBin: tallied{}})
	}
	draw := func(bin int) {
		failed := map[string]uint64{}
		for i := range d.cells[bin] {
			for cause, n := range d.cells[bin][i].Failed {
				failed[cause] += n
			}
		}
		for cause, n := range failed {
			if i, known := at[cause]; known && n > 0 {
				v.Causes[i].PerBin = append(v.Causes[i].PerBin, uint64(bin), n)
			}
		}
	}
	if only == nil {
		for bin := range d.last {
			draw(bin)
		}
	}
	for _, bin := range only {
		draw(bin)
	}
}

// addExamples puts an example to each cause that has one.
func (v *View) addExamples(r *runs.Run) {
	for _, x := range r.Examples {
		i := slices.IndexFunc(v.Causes, func(c viewCause) bool { return c.Cause == clean(x.Cause) })
		if i < 0 {
			continue
		}
		v.Causes[i].Example = &viewExample{
			At: inSeconds(time.Duration(x.At)), Crowd: clean(x.Crowd), Action: clean(x.Action), Status: x.Status, Says: clean(x.Says), Trace: clean(x.Trace),
		}
	}
}
