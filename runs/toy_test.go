package runs

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A toy is a service that is one queue before one server, and nothing else. It
// goes on working for clients that have given up, as most services do. It knows
// no time: whoever drives it lets a request arrive, and takes the next to be
// worked on every so often.
type toy struct {
	bound   int  // the most that may wait; 0: any number
	newest  bool // serves the newest first
	waiting []int
}

// arrive reports whether a request may wait; otherwise it is shed.
func (q *toy) arrive(id int) bool {
	if q.bound > 0 && len(q.waiting) >= q.bound {
		return false
	}
	q.waiting = append(q.waiting, id)
	return true
}

// next is the request to be worked on next.
func (q *toy) next() (id int, ok bool) {
	n := len(q.waiting)
	switch {
	case n == 0:
		return 0, false
	case q.newest:
		id, q.waiting = q.waiting[n-1], q.waiting[:n-1]
	default:
		id, q.waiting = q.waiting[0], q.waiting[1:]
	}
	return id, true
}

// toyClients are people who press the toy.
type toyClients struct {
	timeout time.Duration // of each try
	retries int           // after the first try
	backoff time.Duration // before each, when nothing came
	refused time.Duration // before each, when it was told to go away
	budget  float64       // retries for each request, from a bucket; 0: no limit
}

// A toyAsk is one request, however often it is tried.
type toyAsk struct {
	due      time.Duration
	attempts int
	current  int           // the try that is waited for; -1: none
	answered time.Duration // after it was due; 0: not yet
	failed   string
}

// A toyWorld plays requests against a toy.
type toyWorld struct {
	toyClients
	toy    toy
	every  time.Duration // the server takes for a try
	tokens float64       // of the budget
	asks   []*toyAsk
	tries  []int // which request a try is of

	// What is to come, each in order of time.
	due, again []toyEvent // of requests
	timeouts   []toyEvent // of tries
	done       []toyEvent // of the try that is worked on; empty: the server is idle
}

// A toyEvent is when something happens to a request or a try.
type toyEvent struct {
	at time.Duration
	of int
}

// play lets requests come that are due at these times, and returns what became of
// them.
func (w *toyWorld) play(due []time.Duration) []*toyAsk {
	for i, at := range due {
		w.asks = append(w.asks, &toyAsk{due: at, current: -1})
		w.due = append(w.due, toyEvent{at, i})
	}
	for {
		next := &w.done
		for _, other := range []*[]toyEvent{&w.timeouts, &w.again, &w.due} {
			if len(*other) > 0 && (len(*next) == 0 || (*other)[0].at < (*next)[0].at) {
				next = other
			}
		}
		if len(*next) == 0 {
			return w.asks
		}
		e := (*next)[0]
		*next = (*next)[1:]
		switch next {
		case &w.due, &w.again:
			w.send(e.at, e.of)
		case &w.timeouts:
			if ask := w.tries[e.of]; w.asks[ask].current == e.of {
				w.fail(e.at+w.backoff, ask, "timeout")
			}
		case &w.done:
			if a := w.asks[w.tries[e.of]]; a.current == e.of {
				a.current, a.answered = -1, e.at-a.due
			}
		}
		if len(w.done) == 0 {
			if try, ok := w.toy.next(); ok {
				w.done = []toyEvent{{e.at + w.every, try}}
			}
		}
	}
}

func (w *toyWorld) send(now time.Duration, ask int) {
	a, try := w.asks[ask], len(w.tries)
	if a.attempts == 0 {
		w.tokens = min(w.tokens+w.budget, 100)
	}
	w.tries = append(w.tries, ask)
	a.attempts, a.current = a.attempts+1, try
	if !w.toy.arrive(try) {
		w.fail(now+w.refused, ask, "503")
		return
	}
	w.timeouts = append(w.timeouts, toyEvent{now + w.timeout, try})
}

// fail lets the people try once more at that time, if they would.
func (w *toyWorld) fail(again time.Duration, ask int, cause string) {
	a := w.asks[ask]
	a.current = -1
	if a.attempts > w.retries || w.budget > 0 && w.tokens < 1 {
		a.failed = cause
		return
	}
	if w.budget > 0 {
		w.tokens--
	}
	at := len(w.again)
	for at > 0 && w.again[at-1].at > again {
		at--
	}
	w.again = slices.Insert(w.again, at, toyEvent{again, ask})
}

// toyLoad is when requests of people come who know nothing of each other, at a
// rate for each second.
func toyLoad(seed uint64, rates []float64) []time.Duration {
	rng := rand.New(rand.NewPCG(seed, 48))
	var due []time.Duration
	for second, rate := range rates {
		for at := rng.ExpFloat64() / rate; at < 1; at += rng.ExpFloat64() / rate {
			due = append(due, time.Duration((float64(second)+at)*float64(time.Second)))
		}
	}
	return due
}
