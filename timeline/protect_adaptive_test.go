package timeline

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// press runs a service of some cores, each of which answers one request after the
// other, behind an adaptive limit that is always used up, and gives the limit at
// the end of each second. Requests take exp(1) times as long as takes says.
func press(a *adaptive, cores int, began time.Time, lasting time.Duration, takes func(time.Duration) time.Duration, random *rand.Rand) (limits []int, done int) {
	type request struct{ came, ends time.Time }
	var inside, working []request // inside: in the order they came
	for now := began; now.Sub(began) < lasting; {
		for len(inside)+len(working) < a.now(10_000) {
			inside = append(inside, request{came: now})
		}
		for len(working) < cores && len(inside) > 0 {
			took := time.Duration(random.ExpFloat64() * float64(takes(now.Sub(began))))
			working = append(working, request{inside[0].came, now.Add(took)})
			inside = inside[1:]
		}
		first := 0
		for i := range working {
			if working[i].ends.Before(working[first].ends) {
				first = i
			}
		}
		r := working[first]
		working[first] = working[len(working)-1]
		working = working[:len(working)-1]
		now = r.ends
		a.record(now.Sub(r.came), len(inside)+len(working)+1, now)
		done++
		for len(limits) < int(now.Sub(began)/time.Second) {
			limits = append(limits, int(a.limit))
		}
	}
	return limits, done
}

// TestAdaptiveLimitStays overloads a service of ten cores for ten minutes. The
// limit where Gradient2 comes to rest, limit = 1.5*10 + root(limit), is 19.4; it is
// there after a minute and in the last one, and the cores have no time off.
func TestAdaptiveLimitStays(t *testing.T) {
	const lasting, takes = 10 * time.Minute, 10 * time.Millisecond
	steady := func(time.Duration) time.Duration { return takes }
	limits, done := press(&adaptive{}, 10, time.Unix(0, 0), lasting, steady, testRand())
	for minute := range 10 {
		low, high := 1000, 0
		for _, limit := range limits[minute*60 : minute*60+59] {
			low, high = min(low, limit), max(high, limit)
		}
		t.Logf("minute %d: the limit is %d to %d", minute+1, low, high)
		if minute > 0 && (low < 12 || high > 30) {
			t.Errorf("in minute %d the limit is %d to %d, want about 19", minute+1, low, high)
		}
	}
	if most := float64(10*lasting) / float64(takes); float64(done) < 0.97*most {
		t.Errorf("%d were answered of the %v that ten cores can", done, most)
	}
}

// TestAdaptiveLimitLearns makes a service slower, or quicker, for good: what it
// takes now is soon usual, and its cores are busy.
func TestAdaptiveLimitLearns(t *testing.T) {
	for _, factor := range []float64{0.3, 1.5, 2, 10} {
		takes := func(after time.Duration) time.Duration {
			if after < 15*time.Second {
				return 10 * time.Millisecond
			}
			return time.Duration(factor * float64(10*time.Millisecond))
		}
		a := &adaptive{}
		limits, _ := press(a, 10, time.Unix(0, 0), 2*time.Minute, takes, testRand())
		if last := limits[len(limits)-1]; last < 12 || last > 30 || math.Abs(a.usual/(factor*0.01)-1) > 0.4 {
			t.Errorf("%v times as slow, the limit is %d and %.4f s usual", factor, last, a.usual)
		}
	}
}
