package targets

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// A Sampling says how to ask targets what they run.
type Sampling struct {
	Agent string // User-Agent of every request
	// Times is how often each source is asked, each time over a fresh connection, so
	// that a balancer shows more than one of those behind it; below 1 means 1. What
	// has the whole picture, such as a Prometheus server, is asked once.
	Times int
	// Since, unless zero, asks Prometheus servers for every value from then on too.
	Since time.Time
}

// A Sample is what a target said at one time about what it runs.
type Sample struct {
	At time.Time
	// Sets are the values by kind, sorted and without repeats. Every kind that was
	// asked for is there; without any value if nothing was learned of it.
	Sets map[string][]string
	// Wrong says by kind why its set is not all there is. What is not here is known.
	Wrong map[string]string
	// Past are the values by kind that a Prometheus server knows from Since until now.
	Past map[string][]string
	// Sources say by kind where the values come from.
	Sources map[string]string
	// Ahead is by how much the target's clock is ahead of ours at least, below zero if
	// it is behind; zero if they may agree. A Date has whole seconds.
	Ahead time.Duration
}

// Sample asks every source of t what it says now, all at the same time. A source
// that cannot be read is no error: it is in Wrong.
func (t Target) Sample(ctx context.Context, o Sampling) Sample {
	sources := t.Sources()
	out := Sample{At: time.Now(), Sets: map[string][]string{}, Wrong: map[string]string{}, Past: map[string][]string{}, Sources: map[string]string{}}
	base, err := url.Parse(t.URL)
	if err != nil {
		base = &url.URL{}
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, s := range sources {
		out.Sources[s.Kind] = s.String()
		all.Go(func() {
			q := &inquiry{target: t, agent: o.Agent, base: base, since: o.Since}
			values, err := q.sample(ctx, s, o.Times)
			mu.Lock()
			defer mu.Unlock()
			out.Sets[s.Kind] = set(values)
			if err != nil {
				out.Wrong[s.Kind] = err.Error()
			}
			if len(q.past) > 0 {
				out.Past[s.Kind] = set(q.past)
			}
			if q.ahead.Abs() > out.Ahead.Abs() {
				out.Ahead = q.ahead
			}
		})
	}
	all.Wait()
	return out
}

// An inquiry is one source being asked.
type inquiry struct {
	agent     string
	base      *url.URL
	since     time.Time
	target    Target
	transport *http.Transport
	ahead     time.Duration
	past      []string
}

// sample reads a source as often as it should. The values that came before an
// error are returned with it.
func (q *inquiry) sample(ctx context.Context, s Source, times int) (values []string, err error) {
	w, ok := s.way()
	if !ok {
		return nil, fmt.Errorf("there is not exactly one way to read it")
	}
	if q.transport, err = q.target.newTransport(s); err != nil {
		return nil, err
	}
	if w.once || s.File != "" {
		times = 1
	}
	for i := range max(times, 1) {
		one, err := w.read(q, ctx, s)
		if err == nil {
			err = worthy(one)
		}
		if err != nil && i > 0 {
			return values, fmt.Errorf("at sample %d of %d: %w", i+1, times, err)
		}
		if err != nil {
			return nil, err
		}
		values = append(values, one...)
	}
	return values, nil
}

// longest is the length of a value from which it is no name for anything.
const longest = 1024

// mostValues is how many values one kind can have.
const mostValues = 1000

// worthy says what is wrong with values that somebody else sent.
func worthy(values []string) error {
	switch {
	case len(values) == 0:
		return fmt.Errorf("nothing was found")
	case len(values) > mostValues:
		return fmt.Errorf("%d values were found, over %d", len(values), mostValues)
	}
	for _, v := range values {
		switch {
		case v == "":
			return fmt.Errorf("the value is empty")
		case len(v) > longest:
			return fmt.Errorf("a value has %d bytes, over %d", len(v), longest)
		case !printable(v):
			return fmt.Errorf("the value %q cannot be printed", v)
		}
	}
	return nil
}

// printable reports whether a value can be shown as it is.
func printable(v string) bool {
	return !slices.ContainsFunc([]rune(v), func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}

// set is a list sorted and without repeats; never nil.
func set(values []string) []string {
	values = slices.Clone(values)
	slices.Sort(values)
	return append([]string{}, slices.Compact(values)...)
}
