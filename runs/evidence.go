package runs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// chance is how improbable bad requests must be under a promise that holds
// before fewer requests than are needed to keep it can break it.
const chance = 0.05

// decide sets the verdict on a promise that allows a share of n requests to be
// bad, of which bad were.
//
// A pass wants at least 3/allowed requests: only then would none bad among them
// bound the true share by what is allowed, at 95 % (the rule of three; Hanley and
// Lippman-Hand, JAMA 1983). With fewer, the promise is broken only if that many
// bad requests would come by chance, were it kept, in less than one case of twenty.
func (f *Finding) decide(holds bool, bad, n uint64, allowed float64) {
	needed := uint64(1)
	if allowed > 1e-12 {
		needed = uint64(math.Ceil(3 / allowed * (1 - 1e-9)))
	}
	switch {
	case n >= needed && holds:
		f.Verdict = Pass
	case n >= needed:
		f.Verdict = Fail
	case !holds && byChance(bad, n, allowed) < chance:
		f.Verdict = Fail
	default:
		f.Verdict = Unclear
		f.Why = fmt.Sprintf("%s are too few to decide; %d are needed", plural(n, "request"), needed)
	}
}

// byChance is the probability of bad or more bad requests among n, when each is
// bad with probability p.
func byChance(bad, n uint64, p float64) float64 {
	if bad == 0 {
		return 1
	}
	return distuv.Binomial{N: float64(n), P: p}.Survival(float64(bad) - 1)
}

// quantileOf is the q-quantile of n requests of which those that were answered
// are in hist. It reports false if the request of that rank was not answered: a
// request that failed took longer than any that succeeded.
func quantileOf(hist *Histogram, n uint64, q float64) (d time.Duration, answered bool) {
	rank := math.Ceil(q * float64(n) * (1 - 1e-14)) // 99.9/100 is a little more than 0.999
	have := float64(hist.Count())
	if n == 0 || rank > have {
		return 0, false
	}
	return hist.Quantile((rank - 0.5) / have), true
}

// Quantile is the q-quantile of the response times of all requests of the tally,
// of which those that failed took longer than any that succeeded. It reports
// false if the request of that rank failed, or there is none.
func (t *Tally) Quantile(q float64) (d time.Duration, answered bool) {
	return quantileOf(&t.Response, t.Offered, q)
}

func part(n, of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Percent writes a share so that the smaller of it and what it lacks keeps three
// digits: 2.43%, 99.9487%. It never writes 100% or 0% for what is not.
func Percent(share float64) string {
	less := min(share, 1-share) * 100
	if less <= 0 {
		return strconv.FormatFloat(share*100, 'f', 0, 64) + "%"
	}
	digits := max(2-int(math.Floor(math.Log10(less))), 0)
	s := strconv.FormatFloat(share*100, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + "%"
}

// Short writes d to three digits.
func Short(d time.Duration) string {
	for unit := time.Duration(1); unit <= time.Hour; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Minute).String()
}

func plural(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// causes lists why requests failed, the most frequent first.
func causes(sum *Tally) string {
	var all []string
	for c := range sum.Failed {
		all = append(all, c)
	}
	if len(all) == 0 {
		return ""
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(sum.Failed[b], sum.Failed[a]), strings.Compare(a, b))
	})
	for i, c := range all {
		all[i] = fmt.Sprintf("%d %s", sum.Failed[c], c)
	}
	return " (" + strings.Join(all, ", ") + ")"
}
