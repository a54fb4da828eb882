package reports

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

func TestTextFitsATerminal(t *testing.T) {
	for name, r := range map[string]*runs.Run{"night": night(t), "killed": killed(t), "unplayed": unplayed(t), "silent": silent(t), "busy": busy(t), "storm": storm(t)} {
		for i, line := range strings.Split(write(t, Text, r), "\n") {
			if i > 0 && !strings.HasPrefix(line, "REPEAT IT  ") && utf8.RuneCountInString(line) > textWidth {
				t.Errorf("%s: wider than %d columns: %s", name, textWidth, line)
			}
		}
	}
}

// busy is a night at full scale, as far as the counts show.
func busy(t testing.TB) *runs.Run {
	r := night(t)
	for i := range r.Tallies {
		for range 10 { // 1024 times as many
			r.Tallies[i].Merge(&r.Tallies[i])
		}
	}
	for i := range r.Phases {
		for crowd := range r.Phases[i].Due {
			r.Phases[i].Due[crowd] *= 1024
		}
	}
	runs.Judge(r)
	return r
}

// The tables must say what the record says, added up by its own means.
func TestTablesAreTheRecord(t *testing.T) {
	r := night(t)
	var load, times []row
	for i, p := range r.Phases {
		group := fmt.Sprintf("%s (%s to %s)", p.Name, p.Begin, p.End)
		for _, crowd := range []string{"readers", "posters", "everybody"} {
			var c counts
			c.Tally = r.Sum(func(t *runs.Tally) bool { return t.Phase == i && (t.Crowd == crowd || crowd == "everybody") })
			for _, l := range r.Generator.Lags {
				if l.Phase == i && (l.Crowd == crowd || crowd == "everybody") {
					c.lag.Merge(&l.Lag)
				}
			}
			load = append(load, row{group, loadCells(crowd, &c, time.Duration(p.End-p.Begin).Seconds())})
			times = append(times, row{group, timesCells(crowd, &c)})
		}
	}
	if diff := cmp.Diff(load, loadSection(r, gather(r)).table.rows, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("the load differs from the sums (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(times, timesSection(r, gather(r)).table.rows, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("the times differ from the sums (-want +got):\n%s", diff)
	}
}

func TestCells(t *testing.T) {
	const ms = time.Millisecond
	c := &counts{Tally: runs.Tally{
		Offered: 1000, Good: 985, Late: 1, Waited: 20, MaxLag: runs.Span(7 * ms), Failed: map[string]uint64{"timeout": 3, "5xx": 8, "429": 3},
	}}
	for range 986 {
		c.Response.Record(500 * ms)
		c.Service.Record(499 * ms)
		c.lag.Record(ms)
	}
	for _, tt := range []struct{ got, want []string }{
		{loadCells("readers", c, 20), []string{"readers", "1,000", "50", "98.50%", "0.10%", "2.00%", "1.40%: 8 5xx, 3 429, 3 timeout"}},
		{timesCells("readers", c), []string{"readers", "500ms", "failed", "failed", "499ms", "failed", "1ms", "1ms", "7ms"}},
		{loadCells("readers", &counts{}, 0), []string{"readers", "0", none, none, none, none, none}},
		{timesCells("readers", &counts{}), []string{"readers", none, none, none, none, none, none, none, none}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("cells (-want +got):\n%s", diff)
		}
	}
}

// A play that ended early must not look slower than it was.
func TestRateOfAPhaseThatWasCutShort(t *testing.T) {
	r := killed(t) // at second 17, after 7 of the 15 seconds of the touchdown
	for _, row := range loadSection(r, gather(r)).table.rows {
		if strings.HasPrefix(row.group, "touchdown (10s to 25s; 3,297 of 7,065") && row.cells[0] == "everybody" {
			if row.cells[2] != "471" {
				t.Errorf("%s: %s per second, want 471", row.group, row.cells[2])
			}
			return
		}
	}
	t.Error("the touchdown is not in the table")
}

func TestBlame(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		response, service time.Duration
		answered          int
		late, waited      uint64
		want              string
	}{
		{100 * ms, 100 * ms, 100, 0, 0, "them: requests left on time"},
		{109 * ms, 100 * ms, 100, 50, 50, "them: requests left on time"},
		{2 * ms, 1 * ms, 100, 0, 0, "them: requests left on time"},
		{300 * ms, 100 * ms, 100, 50, 2, "us: the generator sent them late"},
		{300 * ms, 100 * ms, 100, 2, 50, "waiting, as every place in flight was taken"},
		{9 * ms, 1 * ms, 100, 0, 0, "them: requests left on time"},
		{19 * ms, 1 * ms, 100, 0, 0, "us: they left late, by 18ms at most"},
		{9 * ms, 1 * ms, 90, 0, 1, "not here: requests left on time, but failed"},
		{9 * ms, 1 * ms, 90, 7, 1, "us: the generator sent them late"},
		{9 * ms, 1 * ms, 90, 1, 7, "waiting, as every place in flight was taken"},
		{0, 0, 0, 0, 0, "no request is in the record"},
	} {
		all := &runs.Tally{Offered: uint64(min(c.answered, 1) * 100), Late: c.late, Waited: c.waited, MaxLag: runs.Span(c.response - c.service)}
		sent := &runs.Tally{Offered: all.Offered}
		for range c.answered {
			all.Response.Record(c.response)
			sent.Response.Record(c.service)
		}
		if got := blame(all, sent); got != c.want {
			t.Errorf("response %s, service %s, %d late, %d waited: %q, want %q", c.response, c.service, c.late, c.waited, got, c.want)
		}
	}
}

// The command must reach a program as it was meant, whatever the names.
func TestCommandIsQuoted(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell: ", err)
	}
	for _, r := range []*runs.Run{night(t), hostile(t)} {
		script := strings.Replace(command(r), "gameday", `printf '%s\n'`, 1)
		out, err := exec.Command(sh, "-c", script).Output()
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		want := []string{"run", name(r), "--scale", "0.1%", "--seed", "48", "--target", clean(r.Target.Name)}
		if want[1] != "touchdown" {
			want[1] += ".yaml" // it is not shipped
		}
		if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(string(out)), "\n")); diff != "" {
			t.Errorf("the shell reads %s as (-want +got):\n%s", script, diff)
		}
	}
}

func TestOtherEventsAreTold(t *testing.T) {
	r := night(t)
	if s := eventSection(r); !s.empty() {
		t.Errorf("phases alone are told as events: %v", s.facts)
	}
	r.Marks = append(r.Marks, runs.Mark{At: runs.Span(90 * time.Second), Kind: runs.MarkAborted, Text: "success < 50% for 10s"})
	if text := write(t, Text, r); !strings.Contains(text, "\n  1m30s  aborted: success < 50% for 10s\n") {
		t.Errorf("the stop is missing:\n%s", text)
	}
}

func TestLiesAreTold(t *testing.T) {
	r := night(t)
	r.Witness.Lied, r.Witness.Lies = 1234, []string{"post 7 vanished", "post 9 came twice"}
	runs.Judge(r)
	text := write(t, Text, r)
	for _, want := range []string{"the service tells the truth", "1,234\n", "lie 2    post 9 came twice\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}
