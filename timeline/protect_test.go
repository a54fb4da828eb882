package timeline

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// crowded is a service with room for one request and a queue of two, whose calls
// to the store take a second.
func crowded(t testing.TB, more func(*Knobs)) *Service {
	return start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) {
		k.ConcurrencyLimit, k.Concurrency, k.WaitQueue, k.WaitTimeout, k.Shed = "fixed", 1, 2, 10*time.Second, "priority"
		k.StoreDelay, k.Coalesce = time.Second, false
		more(k)
	})})
}

// asked is one request and what came of it.
type asked struct {
	class class
	code  int
	after time.Duration
}

// askAll asks one request after the other, a millisecond apart, without waiting
// for answers, and gives them once all are answered.
func (s *Service) askAll(order ...class) []asked {
	all := make([]asked, len(order))
	var wg sync.WaitGroup
	for i, of := range order {
		r := map[class]*http.Request{
			own:       s.request(1, "GET", "/api/v1/timelines/home?limit=1", nil),
			known:     s.request(2, "GET", "/api/v1/timelines/public?limit=1", nil),
			anonymous: s.request(0, "GET", "/api/v1/timelines/public?limit=1", nil),
		}[of]
		began := time.Now()
		wg.Go(func() {
			w := s.do(r)
			all[i] = asked{of, w.Code, time.Since(began).Round(100 * time.Millisecond)}
			if w.Code == 503 && w.Header().Get("Retry-After") == "" {
				all[i].code = 0
			}
		})
		time.Sleep(time.Millisecond)
	}
	wg.Wait()
	return all
}

// codes are the answers in the order of asking.
func codes(all []asked) []int {
	out := make([]int, len(all))
	for i, a := range all {
		out[i] = a.code
	}
	return out
}

// TestShedByPriority fills the queue: who comes last of the last class goes first,
// and whoever waits goes in by class.
func TestShedByPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowded(t, func(*Knobs) {})
		got := s.askAll(anonymous, anonymous, known, known, own, anonymous)
		want := []int{200, 503, 503, 503, 200, 503}
		// the second anonymous gives way to the second known, the second known to own
		want[2] = 200
		if !slices.Equal(codes(got), want) {
			t.Errorf("answered %v, want %v", codes(got), want)
		}
		if got[4].after >= got[2].after {
			t.Errorf("the caller's own timeline came after %s, another's after %s", got[4].after, got[2].after)
		}
		for _, a := range got {
			if a.code == 503 && a.after > 50*time.Millisecond {
				t.Errorf("shedding took %s", a.after)
			}
		}
		if full, evicted := value(s.scrape(t), "timeline_sheds_total", "reason", shedFull), value(s.scrape(t), "timeline_sheds_total", "reason", shedEvicted); full != 1 || evicted != 2 {
			t.Errorf("counted %v that met a full queue and %v that gave way", full, evicted)
		}
	})
}

// TestShedInOrder does the same where all are alike.
func TestShedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowded(t, func(k *Knobs) { k.Shed = "fifo" })
		got := s.askAll(anonymous, anonymous, known, known, own)
		if want := []int{200, 200, 200, 503, 503}; !slices.Equal(codes(got), want) {
			t.Errorf("answered %v, want %v", codes(got), want)
		}
	})
}

// TestShedNothing asks more than there is room for: all are answered, late.
func TestShedNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowded(t, func(k *Knobs) { k.Shed, k.WaitTimeout = "off", time.Millisecond })
		got := s.askAll(slices.Repeat([]class{anonymous}, 30)...)
		if slices.ContainsFunc(got, func(a asked) bool { return a.code != 200 }) || got[29].after < 28*time.Second {
			t.Errorf("answered %v", got)
		}
	})
}

// TestWaitTimeout waits no longer than the knob says.
func TestWaitTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowded(t, func(k *Knobs) { k.WaitTimeout = 500 * time.Millisecond })
		got := s.askAll(own, own)
		if got[1].code != 503 || got[1].after != 500*time.Millisecond {
			t.Errorf("the second was answered %+v", got[1])
		}
		if got := value(s.scrape(t), "timeline_wait_seconds"); got != 1 {
			t.Errorf("%v waits are measured", got)
		}
	})
}

// TestNeverMoreInsideThanTheLimit asks at random while the limit is turned: no
// more are inside than the largest limit, and in the end nobody is.
func TestNeverMoreInsideThanTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		knobs := withKnobs(func(k *Knobs) {
			k.ConcurrencyLimit, k.Concurrency, k.WaitQueue, k.WaitTimeout = "fixed", 4, 8, 50*time.Millisecond
		})
		var now atomic.Pointer[Knobs]
		now.Store(knobs)
		var sheds, entered, inside, most atomic.Int64
		g := &gate{knobs: now.Load, shed: func(string) { sheds.Add(1) }, wait: func(time.Duration) {}}
		random := testRand()
		var wg sync.WaitGroup
		const requests = 20_000
		for i := range requests {
			of, took := class(random.IntN(int(classes))), time.Duration(random.ExpFloat64()*float64(time.Millisecond))
			if i%1000 == 500 {
				turned := *knobs
				turned.Concurrency, turned.Shed = 1+random.IntN(4), []string{"off", "fifo", "priority"}[random.IntN(3)]
				now.Store(&turned)
				g.turned()
			}
			wg.Go(func() {
				k := now.Load()
				if g.enter(t.Context(), k, of) != nil {
					return
				}
				most.Store(max(most.Load(), inside.Add(1)))
				time.Sleep(took)
				inside.Add(-1)
				entered.Add(1)
				g.leave(k, time.Now())
			})
			time.Sleep(time.Duration(random.ExpFloat64() * float64(300*time.Microsecond)))
		}
		wg.Wait()
		if busy, waiting, _ := g.crowd(); busy != 0 || waiting != 0 || most.Load() > 4 {
			t.Errorf("%d are inside and %d wait; there were %d", busy, waiting, most.Load())
		}
		if entered.Load()+sheds.Load() != requests || sheds.Load() == 0 {
			t.Errorf("%d entered and %d were shed, of %d", entered.Load(), sheds.Load(), requests)
		}
	})
}

// TestAdaptiveLimit finds the limit of a service that answers ten at once in
// 10 ms each and slows down beyond: with the adaptive limit the answers stay
// quick, and nearly as many are given.
func TestAdaptiveLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		knobs := withKnobs(func(k *Knobs) {
			k.ConcurrencyLimit, k.Concurrency, k.WaitQueue, k.WaitTimeout, k.Shed = "adaptive", 1000, 20, 100*time.Millisecond, "fifo"
		})
		g := &gate{knobs: func() *Knobs { return knobs }, shed: func(string) {}, wait: func(time.Duration) {}}
		cores := make(chan struct{}, 10)
		var done atomic.Int64
		var slowest atomic.Int64
		var wg sync.WaitGroup
		began := time.Now()
		random := testRand()
		for time.Since(began) < 30*time.Second {
			rate := 500.0
			if time.Since(began) > 5*time.Second {
				rate = 2000 // twice what can be answered
			}
			wg.Go(func() {
				if g.enter(t.Context(), knobs, own) != nil {
					return
				}
				in := time.Now()
				cores <- struct{}{}
				time.Sleep(10 * time.Millisecond)
				<-cores
				done.Add(1)
				if time.Since(began) > 10*time.Second {
					slowest.Store(max(slowest.Load(), int64(time.Since(in))))
				}
				g.leave(knobs, in)
			})
			time.Sleep(time.Duration(random.ExpFloat64() / rate * float64(time.Second)))
		}
		wg.Wait()
		_, _, limit := g.crowd()
		t.Logf("limit %d, %d done, slowest %s", limit, done.Load(), time.Duration(slowest.Load()))
		if limit < 8 || limit > 40 || done.Load() < 24_000 || slowest.Load() > int64(60*time.Millisecond) {
			t.Errorf("the limit became %d, %d were answered, the slowest after %s", limit, done.Load(), time.Duration(slowest.Load()))
		}
	})
}

// TestGuard calls a store that fails now and then: retries hide it within the
// budget, the breaker opens on more, and closes when the store is well again.
func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := withKnobs(func(k *Knobs) { k.StoreRetries, k.RetryBudget = 3, 1 })
		retries := 0
		g := &guard{retried: func() { retries++ }}
		failing, calls := 0.05, 0
		random := rand.New(rand.NewPCG(1, 2))
		broken := errors.New("broken")
		call := func(context.Context) error {
			calls++
			if random.Float64() < failing {
				return broken
			}
			return nil
		}
		for range 1000 {
			if err := g.do(t.Context(), k, call); err != nil {
				t.Fatalf("a call fails in spite of retries: %v", err)
			}
		}
		if retries == 0 || retries != calls-1000 {
			t.Errorf("%d retries are told, %d calls were made for 1,000", retries, calls)
		}
		failing = 1
		time.Sleep(time.Minute) // nothing of before counts
		for g.breaker.openness() == 0 {
			_ = g.do(t.Context(), k, call)
		}
		before := calls
		for range 100 {
			if err := g.do(t.Context(), k, call); !errors.Is(err, errBreakerOpen) {
				t.Fatalf("behind an open breaker: %v", err)
			}
		}
		if calls != before {
			t.Errorf("%d calls were made behind an open breaker", calls-before)
		}
		time.Sleep(k.BreakerDelay)
		if err := g.do(t.Context(), k, call); err == nil || g.breaker.openness() != 1 {
			t.Errorf("a trial that failed: %v, open %v", err, g.breaker.openness())
		}
		failing = 0
		time.Sleep(k.BreakerDelay)
		for range breakerTrials {
			if err := g.do(t.Context(), k, call); err != nil {
				t.Errorf("a trial: %v", err)
			}
		}
		if g.breaker.openness() != 0 {
			t.Error("the breaker is open though the store is well")
		}
	})
}

// TestRetryBudget calls a store that always fails, many at once: with a budget of
// a tenth there are about a tenth more calls, without one three times as many.
func TestRetryBudget(t *testing.T) {
	for _, c := range []struct {
		budget      float64
		least, most float64 // calls a request
	}{{0, 1, 1}, {0.1, 1, 1.3}, {1, 3, 3}} {
		synctest.Test(t, func(t *testing.T) {
			k := withKnobs(func(k *Knobs) { k.StoreRetries, k.RetryBudget, k.Breaker = 2, c.budget, false })
			g := &guard{retried: func() {}}
			var calls atomic.Int64
			var wg sync.WaitGroup
			for range 1000 {
				wg.Go(func() {
					_ = g.do(t.Context(), k, func(context.Context) error {
						calls.Add(1)
						time.Sleep(20 * time.Millisecond)
						return errStoreFails
					})
				})
				time.Sleep(time.Millisecond / 4)
			}
			wg.Wait()
			if each := float64(calls.Load()) / 1000; each < c.least || each > c.most || math.IsNaN(each) {
				t.Errorf("with a budget of %v there are %v calls a request", c.budget, each)
			}
		})
	}
}

// TestBreakerKnob asks a service whose store fails: with the breaker it is soon
// not asked any more, and each request is refused as truthfully with it as without.
func TestBreakerKnob(t *testing.T) {
	for _, on := range []bool{true, false} {
		s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.StoreErrors, k.StoreRetries, k.Breaker = 1, 0, on })})
		for range 100 {
			w := s.do(s.request(1, "GET", "/api/v1/timelines/home", nil))
			if w.Code != 503 || w.Header().Get("Retry-After") == "" {
				t.Fatalf("a store that fails is answered %d %s", w.Code, w.Body)
			}
		}
		if open := value(s.scrape(t), "timeline_store_breaker_open"); open != map[bool]float64{true: 1, false: 0}[on] {
			t.Errorf("breaker %v: it is open %v", on, open)
		}
		s.turn(t, `{"store_errors":0,"breaker":false}`)
		if w := s.do(s.request(1, "GET", "/api/v1/timelines/home", nil)); w.Code != 200 {
			t.Errorf("a store that is well again is answered %d", w.Code)
		}
	}
}

// TestCoalescing asks the same at once, without a token and with one.
func TestCoalescing(t *testing.T) {
	for _, c := range []struct {
		who    int
		on     bool
		joined float64
	}{{0, true, 99}, {0, false, 0}, {1, true, 0}} {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.Coalesce, k.StoreDelay = c.on, 10*time.Millisecond })})
			var wg sync.WaitGroup
			bodies := make([]string, 100)
			for i := range bodies {
				wg.Go(func() {
					w := s.do(s.request(c.who, "GET", "/api/v1/timelines/public?limit=3", nil))
					bodies[i] = w.Header().Get("Link") + w.Body.String()
				})
			}
			wg.Wait()
			if slices.ContainsFunc(bodies, func(b string) bool { return b != bodies[0] || len(b) < 1000 }) {
				t.Error("the answers differ")
			}
			if joined := value(s.scrape(t), "timeline_shared_answers_total"); joined != c.joined {
				t.Errorf("account %d, coalesce %v: %v shared an answer, want %v", c.who, c.on, joined, c.joined)
			}
		})
	}
}

// TestPublicCache keeps an answer to anybody for as long as the knob says, and no
// refusal.
func TestPublicCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.PublicCache = time.Second })})
		id := s.say(t, 1, "kick-off").ID
		likes := func(who int) int {
			return want[statusJSON](t, s, s.request(who, "GET", "/api/v1/statuses/"+id, nil)).Favourites
		}
		if n := likes(0); n != 0 {
			t.Fatalf("a new post has %d likes", n)
		}
		s.act(t, 2, "/api/v1/statuses/"+id+"/favourite")
		if kept, fresh := likes(0), likes(3); kept != 0 || fresh != 1 {
			t.Errorf("the kept answer has %d likes, a fresh one %d", kept, fresh)
		}
		time.Sleep(time.Second)
		if n := likes(0); n != 1 {
			t.Errorf("a second later the answer has %d likes", n)
		}
		for range 2 {
			checkRefusal(t, s.do(s.request(0, "GET", "/api/v1/statuses/1", nil)), 404, "Record not found")
		}
		for i := range 3 * sharedKept { // bounded
			s.do(s.request(0, "GET", "/api/v1/timelines/public?limit=1&x="+string(rune('a'+i%26))+time.Duration(i).String(), nil))
		}
		if n := len(s.shared.kept); n > sharedKept {
			t.Errorf("%d answers are kept", n)
		}
	})
}

// TestErrorShare refuses as many as the knob says, with its code.
func TestErrorShare(t *testing.T) {
	s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.ErrorShare, k.ErrorCode = 0.25, 403 })})
	refused := 0
	for range 4000 {
		switch w := s.do(s.request(1, "GET", "/api/v1/accounts/1", nil)); w.Code {
		case 403:
			refused++
		case 200:
		default:
			t.Fatalf("answered %d", w.Code)
		}
	}
	if refused < 850 || refused > 1150 { // 5.5 standard deviations
		t.Errorf("%d of 4,000 were refused", refused)
	}
	if w := s.do(s.request(0, "GET", "/health", nil)); w.Code != 200 {
		t.Errorf("/health answers %d", w.Code)
	}
}

func TestAuthDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.AuthDelay = time.Second })})
		for who, want := range []time.Duration{0, time.Second} {
			began := time.Now()
			s.do(s.request(who, "GET", "/api/v1/accounts/1", nil))
			if took := time.Since(began); took != want {
				t.Errorf("account %d waits %s, want %s", who, took, want)
			}
		}
	})
}

// BenchmarkProtection reads home timelines under each protection.
func BenchmarkProtection(b *testing.B) {
	for name, turn := range map[string]func(*Knobs){
		"none":     func(*Knobs) {},
		"fixed":    func(k *Knobs) { k.ConcurrencyLimit = "fixed" },
		"adaptive": func(k *Knobs) { k.ConcurrencyLimit = "adaptive" },
		"limiter":  func(k *Knobs) { k.Limiter, k.LimitPerToken = true, 1_000_000_000 },
	} {
		b.Run(name, func(b *testing.B) {
			s := start(b, Options{Accounts: 1000, Knobs: withKnobs(turn)})
			r, w := s.request(1, "GET", "/api/v1/accounts/1", nil), &quiet{header: http.Header{}}
			for b.Loop() {
				s.ServeHTTP(w, r)
			}
			if w.code != http.StatusOK {
				b.Fatal("answered", w.code)
			}
		})
	}
}
