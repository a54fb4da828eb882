package scenarios

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Mistake is something wrong in a file that a person wrote.
type Mistake struct {
	File string // as the person named it
	Key  string // such as phases[1].load[0]; empty: the file as a whole
	Says string // what is wrong, and what was wanted
}

func (m Mistake) String() string {
	if m.Key == "" {
		return m.File + ": " + m.Says
	}
	return m.File + ": " + m.Key + ": " + m.Says
}

// Mistakes are all that is wrong, in the same order every time. They are an error
// of one line each.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, x := range m {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// What a scenario may hold. A whole network's real night stays far below; what is
// above is a slip of the hand, or more than a schedule can count exactly.
const (
	MaxDuration            = 24 * time.Hour // of all phases together
	MaxRate       Rate     = 10_000_000     // of a crowd at its highest multiple
	MinRate       Rate     = 1.0 / 86400    // one request a day
	MinMultiple            = 1e-6           // of a load that is not zero
	MaxDispersion Arrivals = 10_000
	MaxWeight              = 1_000_000 // of an action
	MaxCrowds              = 100
	MaxEntries             = 1000 // of any other list
)

// reserved are the words of expectations, which cannot be names of crowds or actions.
var reserved = []string{Success, Errors, Goodput, Fresh, Lag, "service", "max", Recovers, Attempts, Budget, Within}

var (
	namePattern  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	quantileLike = regexp.MustCompile(`^p[0-9.]+$`)
)

// Validate returns everything that is wrong with s, each with its key. File is
// named in the mistakes.
func (s *Scenario) Validate(file string) Mistakes {
	v := validation{s: s, file: file, actions: map[string]bool{}}
	v.name("name", s.Name)
	v.text("asks", s.Asks)
	v.text("story", s.Story)
	v.text("source", s.Source)
	v.population()
	if len(s.Crowds) == 0 {
		v.add("crowds", "missing; want at least one, such as {name: readers, rate: 200/s, do: [home 1]}")
	}
	if !v.atMost("crowds", len(s.Crowds), MaxCrowds) {
		return v.found
	}
	for i, c := range s.Crowds {
		v.crowd(fmt.Sprintf("crowds[%d]", i), c, s.Crowds[:i])
	}
	if len(s.Phases) == 0 {
		v.add("phases", "missing; want at least one, such as {name: steady, for: 10s}")
	}
	if v.atMost("phases", len(s.Phases), MaxEntries) {
		for i, p := range s.Phases {
			v.phase(fmt.Sprintf("phases[%d]", i), p, s.Phases[:i])
		}
		v.duration()
	}
	v.expect("expect", s.Expect)
	v.clients()
	v.knobs()
	v.faults()
	v.intervention()
	v.stop()
	return v.found
}

// validation is one reading of a scenario.
type validation struct {
	s       *Scenario
	file    string
	actions map[string]bool // that some crowd does
	found   Mistakes
}

func (v *validation) add(key, says string) {
	v.found = append(v.found, Mistake{v.file, key, says})
}

func (v *validation) name(key, name string) {
	switch {
	case name == "":
		v.add(key, "missing; want a name")
	case !namePattern.MatchString(name):
		v.add(key, fmt.Sprintf("%q: want a letter, then letters, digits, - or _", name))
	case slices.Contains(reserved, name) || quantileLike.MatchString(name):
		v.add(key, fmt.Sprintf("%q is a word of expectations; want another name", name))
	}
}

// text finds what JSON could not write: bytes that are no text.
func (v *validation) text(key, text string) {
	if !utf8.ValidString(text) {
		v.add(key, fmt.Sprintf("%q: want text in UTF-8", text))
	}
}

// atMost reports whether a list is short enough to be looked through.
func (v *validation) atMost(key string, n, most int) bool {
	if n > most {
		v.add(key, fmt.Sprintf("%d of them; want at most %d", n, most))
	}
	return n <= most
}

func (v *validation) population() {
	p := v.s.Population
	if p.Accounts < 2 || p.Accounts > 5_000_000 {
		v.add("population.accounts", fmt.Sprintf("%d: want 2 to 5000000 people", p.Accounts))
	}
	if !(p.Followers > 0 && p.Followers <= 10) {
		v.add("population.followers", fmt.Sprintf("%v: want a rank exponent above 0 and up to 10, such as 0.784", p.Followers))
	}
	if !(p.Hot >= 0 && p.Hot <= 10) {
		v.add("population.hot", fmt.Sprintf("%v: want a rank exponent from 0 to 10, such as 1.21", p.Hot))
	}
}

func (v *validation) crowd(key string, c Crowd, before []Crowd) {
	v.name(key+".name", c.Name)
	for _, b := range before {
		if b.Name == c.Name {
			v.add(key+".name", fmt.Sprintf("%q: there is a crowd of this name already", c.Name))
		}
	}
	if !(c.Rate >= MinRate && c.Rate <= MaxRate) {
		v.add(key+".rate", fmt.Sprintf("%q: want a rate from one request a day to %s, such as 200/s", c.Rate, MaxRate))
	}
	if a := c.Arrivals; a != Even && a != Poisson && !(a > Poisson && a <= MaxDispersion) {
		v.add(key+".arrivals", fmt.Sprintf("%q: want an index of dispersion above 1 and up to %d", a, int(MaxDispersion)))
	}
	if len(c.Do) == 0 {
		v.add(key+".do", "missing; want what the crowd does, such as [home 80, user 20]")
	}
	if v.atMost(key+".do", len(c.Do), MaxEntries) {
		for i, a := range c.Do {
			v.action(fmt.Sprintf("%s.do[%d]", key, i), a, c.Do[:i])
		}
	}
}

func (v *validation) action(key string, a Action, before []Action) {
	if a.Name == "" && !a.Plain() {
		v.add(key, "missing; want an action and its weight, such as home 80")
		return
	}
	v.actions[a.Name] = true
	for _, b := range before {
		if b.Name == a.Name {
			v.add(key, fmt.Sprintf("%q stands there already; add the weights", a.Name))
		}
	}
	if !(a.Weight > 0 && a.Weight <= MaxWeight) {
		v.add(key, fmt.Sprintf("weight %v: want more than zero and at most %d", a.Weight, MaxWeight))
	}
	switch {
	case !a.Plain() && !slices.Contains(TimelineActions, a.Name):
		v.add(key, fmt.Sprintf("unknown action %q; want one of %s, or one with a path of its own", a.Name, strings.Join(TimelineActions, ", ")))
	case !a.Plain() && a.Method+a.Body+a.Type != "":
		v.add(key+".path", "missing; an action with a method, body or type wants a path too")
	case a.Plain():
		v.request(key, a)
	}
}

func (v *validation) phase(key string, p Phase, before []Phase) {
	if strings.TrimSpace(p.Name) == "" {
		v.add(key+".name", "missing; want a name")
	} else if !utf8.ValidString(p.Name) || strings.ContainsFunc(p.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		v.add(key+".name", fmt.Sprintf("%q: want plain text on one line", p.Name))
	}
	for _, b := range before {
		if b.Name == p.Name {
			v.add(key+".name", fmt.Sprintf("%q: there is a phase of this name already", p.Name))
		}
	}
	if p.For <= 0 {
		v.add(key+".for", fmt.Sprintf("%s: want a duration above zero, such as 20s", p.For))
	}
	if v.atMost(key+".load", len(p.Load), MaxEntries) {
		for i, l := range p.Load {
			v.level(fmt.Sprintf("%s.load[%d]", key, i), l, p.For, p.Load[:i])
		}
	}
	v.expect(key+".expect", p.Expect)
}

func (v *validation) level(key string, l Level, lasts time.Duration, before []Level) {
	var again Level
	if err := again.UnmarshalText([]byte(l.String())); err != nil || again != l {
		v.add(key, fmt.Sprintf("%q: %s", l, wantLevel))
		return
	}
	if i := v.s.Crowd(l.Crowd); i < 0 {
		v.add(key, fmt.Sprintf("%q: there is no crowd %q", l, l.Crowd))
	} else if rate := v.s.Crowds[i].Rate; rate <= MaxRate && !(float64(rate)*max(l.From, l.To) <= float64(MaxRate)) {
		v.add(key, fmt.Sprintf("%q: %s times this; want at most %s", l, rate, MaxRate))
	}
	if least := min(cmp.Or(l.From, l.To), cmp.Or(l.To, l.From)); least > 0 && least < MinMultiple {
		v.add(key, fmt.Sprintf("%q: want 0x, or at least %sx", l, formatNumber(MinMultiple)))
	}
	if l.In > lasts {
		v.add(key, fmt.Sprintf("%q: the phase lasts only %s", l, durationText(lasts)))
	}
	for _, o := range before {
		if o.Crowd == l.Crowd {
			v.add(key, fmt.Sprintf("%q: the crowd's load stands there already", l))
		}
	}
}

// duration adds up the phases, none of which may bring the sum near an overflow.
func (v *validation) duration() {
	var sum time.Duration
	for _, p := range v.s.Phases {
		sum += min(max(p.For, 0), 2*MaxDuration)
	}
	if sum > MaxDuration {
		v.add("phases", fmt.Sprintf("together longer than %s", durationText(MaxDuration)))
	}
}

func (v *validation) expect(key string, all []Expectation) {
	if !v.atMost(key, len(all), MaxEntries) {
		return
	}
	for i, e := range all {
		v.expectation(fmt.Sprintf("%s[%d]", key, i), e, all[:i])
	}
}

func (v *validation) expectation(key string, e Expectation, before []Expectation) {
	var again Expectation
	if err := again.UnmarshalText([]byte(e.String())); err != nil || again != e {
		v.add(key, fmt.Sprintf("%q: %s", e, wantExpectation))
		return
	}
	isCrowd := v.s.Crowd(e.Of) >= 0
	everybody := strings.TrimPrefix(e.String(), e.Of+" ")
	switch {
	case e.Of == "":
	case !isCrowd && !v.actions[e.Of]:
		v.add(key, fmt.Sprintf("%q: there is no crowd or action %q", e, e.Of))
	case e.Measure == Fresh:
		v.add(key, fmt.Sprintf("%q: freshness is measured for everybody; want %s", e, everybody))
	case e.Measure == Lag && !isCrowd:
		v.add(key, fmt.Sprintf("%q: lag is kept by the crowd; want a crowd's name, or %s for everybody", e, everybody))
	}
	for _, o := range before {
		if o.Same(e) {
			v.add(key, fmt.Sprintf("%q: %q stands there already", e, o))
		}
	}
}
