package timeline

import (
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
