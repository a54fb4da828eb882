package freeze

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// zones are a dozen clocks: changed in spring and in autumn, in the south, by half
// an hour, by a government's whim, a whole day skipped, and never.
var zones = []string{
	"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "Asia/Tehran",
	"Pacific/Apia", "America/St_Johns", "Africa/Cairo", "Antarctica/Troll", "Asia/Kolkata", "UTC",
}

// A cronOracle is a cron expression once more, as the minutes that are due.
type cronOracle struct {
	fields   [5][60]bool
	anyDay   bool // day of the month and of the week: one begins with *, so that both must fit
	spelling string
}

func newCronOracle(t testing.TB, expr string) *cronOracle {
	t.Helper()
	o := &cronOracle{spelling: expr}
	fields := strings.Fields(strings.ToUpper(expr))
	names := [5][]string{3: {"", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"},
		4: {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}}
	last := [5]int{59, 23, 31, 12, 6}
	for i, field := range fields {
		number := func(s string) int {
			if n := slices.Index(names[i], s); n >= 0 {
				return n
			}
			n, err := strconv.Atoi(s)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for part := range strings.SplitSeq(field, ",") {
			part, by, stepped := strings.Cut(part, "/")
			every := 1
			if stepped {
				every = number(by)
			}
			from, to := 0, last[i]
			if i == 2 || i == 3 {
				from = 1
			}
			if a, b, isRange := strings.Cut(part, "-"); isRange {
				from, to = number(a), number(b)
			} else if part != "*" {
				from, to = number(part), number(part)
			}
			for n := from; n <= to; n += every {
				if i == 4 {
					o.fields[i][n%7] = true
				} else {
					o.fields[i][n] = true
				}
			}
		}
	}
	o.anyDay = strings.HasPrefix(fields[2], "*") || strings.HasPrefix(fields[4], "*")
	return o
}

// due reports whether a minute on a clock, counted from 1970, is due.
func (o *cronOracle) due(minute int) bool {
	if !o.fields[0][minute%60] || !o.fields[1][minute/60%24] {
		return false
	}
	_, month, day := time.Unix(int64(minute)*60, 0).UTC().Date()
	weekday := (minute/1440 + 4) % 7
	if !o.fields[3][month] {
		return false
	}
	if o.anyDay {
		return o.fields[2][day] && o.fields[4][weekday]
	}
	return o.fields[2][day] || o.fields[4][weekday]
}

// quarter is how far apart offsets are looked at: no clock was ever changed
// elsewhere than at a quarter of an hour of UTC in the years that are tested.
const quarter = 15

// offsets are the minutes that a clock is ahead of UTC in each quarter of an hour.
func offsets(zone *time.Location, begin time.Time, minutes int) []int {
	all := make([]int, minutes/quarter)
	for q := range all {
		_, seconds := begin.Add(time.Duration(q*quarter) * time.Minute).In(zone).Zone()
		if seconds%60 != 0 {
			panic(fmt.Sprintf("%s is %d s ahead", zone, seconds))
		}
		all[q] = seconds / 60
	}
	return all
}

// The ten years that are compared minute by minute.
var (
	decade          = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	minutesOfDecade = int(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Sub(decade).Minutes())
)

// ahead are the offsets in those years, by zone; two tests want them.
var ahead = sync.OnceValue(func() map[string][]int {
	all := map[string][]int{}
	for _, name := range zones {
		zone, err := LoadZone(name)
		if err != nil {
			panic(err)
		}
		all[name] = offsets(zone, decade, minutesOfDecade)
	}
	return all
})

// bruteStarts marks the minutes at which a recurrence starts: those at which the
// clock shows a due time, and for due times that it skips, those at which it would
// have shown them.
func bruteStarts(o *cronOracle, begin time.Time, offsets []int, fold Fold) []bool {
	starts := make([]bool, len(offsets)*quarter)
	epoch := int(begin.Unix() / 60)
	type wall struct{ first, last int }
	shown := map[int]wall{}
	for m := range starts {
		clock := epoch + m + offsets[m/quarter]
		if m%quarter == 0 && m > 0 && offsets[m/quarter] > offsets[m/quarter-1] {
			for skipped := epoch + m + offsets[m/quarter-1]; skipped < clock; skipped++ {
				if at := skipped - offsets[m/quarter-1] - epoch; o.due(skipped) && at < len(starts) {
					starts[at] = true
				}
			}
		}
		if !o.due(clock) {
			continue
		}
		if w, again := shown[clock]; again {
			shown[clock] = wall{w.first, m}
		} else {
			shown[clock] = wall{m, m}
		}
	}
	for _, w := range shown {
		starts[w.first] = starts[w.first] || fold != FoldSecond
		starts[w.last] = starts[w.last] || fold != FoldFirst
	}
	return starts
}

// TestRecurrencesAgainstEveryMinute compares recurring windows over ten years in
// twelve zones, every minute of them, with brute force on what the clock shows.
func TestRecurrencesAgainstEveryMinute(t *testing.T) {
	for i, name := range zones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := LoadZone(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				expr string
				runs time.Duration
				fold Fold
			}{
				{[]string{"30 2 * * SUN", "0 20 * * SAT", "15 0,1,2,3 8-14 3,4,10,11 *", "45 1 */9 * 0-6/3"}[i%4], 10 * time.Hour, ""},
				{[]string{"30 1 25-31 * SUN", "0 0 1 * *", "30 2 14 3 *", "0 23 * APR-OCT FRI"}[i/4], 25 * time.Hour, []Fold{FoldFirst, FoldSecond}[i%2]},
			} {
				r := &Recurrence{c.expr, zone, c.runs, c.fold}
				compareStarts(t, r, decade, ahead()[name])
			}
		})
	}
}

// compareStarts compares starts one by one, and the windows minute by minute.
func compareStarts(t *testing.T, r *Recurrence, begin time.Time, ahead []int) {
	t.Helper()
	brute := bruteStarts(newCronOracle(t, r.Cron), begin, ahead, r.Fold)
	end := begin.Add(time.Duration(len(brute)) * time.Minute)
	var want []time.Time
	for m, yes := range brute {
		if yes {
			want = append(want, begin.Add(time.Duration(m)*time.Minute))
		}
	}
	got, err := r.Starts(begin, end.Add(-1))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 9 {
		t.Fatalf("%q in %s comes %d times: the comparison would be hollow", r.Cron, r.Zone, len(want))
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !got[i].At.Equal(want[i]) {
			t.Fatalf("%q in %s with fold %q: start %d of %d is %v, want of %d %v", r.Cron, r.Zone, r.Fold, i, len(got), got[min(i, len(got)-1)], len(want), want[min(i, len(want)-1)])
		}
	}
	compareMinutes(t, r, begin, brute)
}

// compareMinutes asks the calendar for its transitions and a sample of minutes.
// Brute force marks every minute of every window.
func compareMinutes(t *testing.T, r *Recurrence, begin time.Time, starts []bool) {
	t.Helper()
	marked := make([]bool, len(starts))
	left := 0
	for m := range marked {
		if starts[m] {
			left = int(r.For.Minutes())
		}
		marked[m] = left > 0
		left--
	}
	c := Calendar{{Name: "again", Every: r}}
	settled := int(r.For.Minutes()) // windows from before the ledger are over
	random := rand.New(rand.NewPCG(uint64(len(r.Cron)), 7))
	for range 40 {
		m := settled + random.IntN(len(marked)-settled-60*24*400)
		runway := random.IntN(2) * random.IntN(60*24*3)
		at := begin.Add(time.Duration(m) * time.Minute)
		got, err := c.Check(at, time.Duration(runway)*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Contains(marked[m:m+runway+1], true); got.Frozen != want {
			t.Fatalf("%q in %s at %v with runway %d min: %v, want frozen %v", r.Cron, r.Zone, at, runway, got, want)
		}
		if got.Frozen && !freedAt(marked, m, runway, int(got.Until.Sub(begin).Minutes())) {
			t.Fatalf("%q in %s at %v with runway %d min: until %v is not the first free minute", r.Cron, r.Zone, at, runway, got.Until)
		}
		next := m
		for next < len(marked) && marked[next] == marked[m] {
			next++
		}
		if next == len(marked) {
			continue
		}
		when, frozen, ok := c.Next(at)
		if want := begin.Add(time.Duration(next) * time.Minute); !ok || !when.Equal(want) || frozen == marked[m] {
			t.Fatalf("%q in %s: Next(%v) = %v, %v, %v; want %v", r.Cron, r.Zone, at, when, frozen, ok, want)
		}
	}
}

// freedAt reports whether a minute is the first from m on with a free runway.
func freedAt(marked []bool, m, runway, until int) bool {
	for at := m; at < until; {
		met := slices.Index(marked[at:min(at+runway+1, len(marked))], true)
		if met < 0 {
			return false
		}
		at += met + 1
	}
	return until > m && !slices.Contains(marked[until:min(until+runway+1, len(marked))], true)
}

// TestLocalTimesAgainstEveryMinute reads, in every zone, the local times around
// each change of ten years' clocks.
func TestLocalTimesAgainstEveryMinute(t *testing.T) {
	changes := map[string]int{}
	for _, name := range zones {
		zone, err := LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		ahead := ahead()[name]
		shows := map[int][]int{} // minutes on the clock, and when
		for m := range minutesOfDecade {
			if near := m / quarter; ahead[max(near-200, 0)] != ahead[min(near+200, len(ahead)-1)] {
				clock := m + ahead[near]
				shows[clock] = append(shows[clock], m)
			}
		}
		for q := 200; q < len(ahead)-200; q++ {
			if ahead[q] == ahead[q-1] {
				continue
			}
			for clock := q*quarter + ahead[q] - 200; clock < q*quarter+ahead[q]+200; clock++ {
				wall := decade.Add(time.Duration(clock) * time.Minute)
				checkResolve(t, wall, zone, shows[clock])
				changes[fmt.Sprint(name, " ", len(shows[clock]))]++
			}
		}
	}
	for _, kind := range []string{"America/New_York 0", "America/New_York 2", "Australia/Lord_Howe 0", "Antarctica/Troll 2"} {
		if changes[kind] < 100 {
			t.Errorf("%s was met %d times", kind, changes[kind])
		}
	}
}

func checkResolve(t *testing.T, wall time.Time, zone *time.Location, want []int) {
	t.Helper()
	for _, fold := range []Fold{"", FoldFirst, FoldSecond} {
		got, err := resolve(wall, zone, fold)
		if ok := len(want) == 1 || len(want) == 2 && fold != ""; ok != (err == nil) {
			t.Fatalf("%v in %s with fold %q: %v, %v; the clock shows it at %v", wall, zone, fold, got, err, want)
		}
		if err != nil {
			continue
		}
		m := want[0]
		if fold == FoldSecond {
			m = want[len(want)-1]
		}
		if !got.Equal(decade.Add(time.Duration(m) * time.Minute)) {
			t.Fatalf("%v in %s with fold %q: %v; want minute %d", wall, zone, fold, got, m)
		}
	}
}
