package harness

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gameday/scenarios"
	"gameday/targets"
)

// Vegeta never tries again, people do: here is how, inside one request of Vegeta.
// A request is one however often it is tried, and lasts until it succeeded or they
// gave up.

// pressers are the people of one crowd: how they wait and try again. They are safe for
// concurrent use.
type pressers struct {
	scenarios.Clients
	plain  bool // they try once, and wait until the end
	budget budget
}

func newPressers(c scenarios.Clients) *pressers {
	p := &pressers{Clients: c, plain: c.Retries.Attempts <= 1 && c.Refresh.After == 0}
	p.budget.share = c.Retries.Budget
	return p
}

// ask presses for a call until it succeeds, or the people give up. Draw is the
// request's; tries counts each time that it was sent.
func (s *sender) ask(c targets.Call, draw uint64) (a reply, tries int, cause string, err error) {
	if s.people.plain {
		a, cause, err = s.send(c, s.play.in(s.people.Timeout), false)
		return a, 1, cause, err
	}
	s.people.budget.earn()
	retries := &s.people.Retries
	for attempt := 1; ; attempt++ {
		var n int
		a, n, cause, err = s.press(c, attempt > 1 && retries.NewConnection)
		tries += n
		if !worthwhile(cause) || attempt >= retries.Attempts || !s.people.budget.spend() {
			return a, tries, cause, err
		}
		pause := retries.Pause(attempt, fraction(draw+uint64(attempt)))
		if retries.RetryAfter {
			pause = max(pause, askedPause(a.retry))
		}
		if pause > s.people.Timeout {
			return a, tries, cause, err // nobody waits for longer than for an answer
		}
		if !sleep(s.ctx, pause) {
			return a, tries, causeCancelled, context.Cause(s.ctx)
		}
	}
}

// askedPause is how long a service asks people to wait, in the words of its
// Retry-After; zero if it does not.
func askedPause(retry string) time.Duration {
	if retry == "" {
		return 0
	}
	if n, err := strconv.ParseUint(retry, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(retry)
	if err != nil {
		return 0
	}
	return max(0, time.Until(at))
}

// press sends a call, and again whenever nothing has come for so long that people
// press again, until their patience with this try is over.
func (s *sender) press(c targets.Call, fresh bool) (a reply, n int, cause string, err error) {
	end := s.play.in(s.people.Timeout)
	for {
		deadline := end
		if after := s.people.Refresh.After; after > 0 {
			if next := s.play.in(after); next.Before(end) {
				deadline = next
			}
		}
		a, cause, err = s.send(c, deadline, fresh)
		n++
		if cause != causeTimeout || deadline == end || s.ctx.Err() != nil {
			return a, n, cause, err
		}
	}
}

// worthwhile reports whether people try again after this.
func worthwhile(cause string) bool {
	switch cause {
	case causeTimeout, causeRefused, causeReset, cause429, cause503, cause5xx:
		return true
	}
	return false
}

// sleep waits, and reports false if ctx ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// A budget bounds the tries again of a crowd by its requests: each request earns a
// share of a try, each try again spends one, and no more than mostSaved are saved
// up, so that a quiet hour does not pay for a storm. It is safe for concurrent use.
type budget struct {
	share float64 // of a try for each request; 0: no limit
	saved atomic.Int64
}

// mostSaved is in thousandths of a try.
const mostSaved = 100_000

func (b *budget) earn() {
	if b.share == 0 {
		return
	}
	if over := b.saved.Add(int64(math.Round(b.share*1000))) - mostSaved; over > 0 {
		b.saved.Add(-over)
	}
}

// spend takes a try, and reports false if there is none.
func (b *budget) spend() bool {
	if b.share == 0 {
		return true
	}
	if b.saved.Add(-1000) >= 0 {
		return true
	}
	b.saved.Add(1000)
	return false
}

// fraction is a number in [0, 1) that follows from n.
func fraction(n uint64) float64 {
	return float64(scramble(n)>>11) / (1 << 53)
}

// said packs what came of a request into the text that Vegeta passes on: the cause
// of its failure, and behind a space how often it was tried, if that is not once.
func said(cause string, tries int) string {
	if tries == 1 {
		return cause
	}
	return cause + " " + strconv.Itoa(tries)
}

// heard unpacks it.
func heard(text string) (cause string, tries int) {
	cause, n, again := strings.Cut(text, " ")
	if !again {
		return cause, 1
	}
	tries, err := strconv.Atoi(n)
	if err != nil {
		panic("harness: " + text + " came through Vegeta") // only said writes it
	}
	return cause, tries
}
