package faults

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestNeighbours names a fault in two phases that follow each other.
func TestNeighbours(t *testing.T) {
	on := newFlag(t)
	k := open(t, Site{})
	for range 3 {
		keep(t, k, on.fault("x"))
	}
	if n := on.set.Load(); n != 1 || !on.on.Load() {
		t.Errorf("set %d times, now %t; want once, and on", n, on.on.Load())
	}
	for range 3 {
		mend(t, k, "x")
	}
	if n := on.set.Load(); n != 2 || on.on.Load() {
		t.Errorf("set %d times, now %t; want twice, and off", n, on.on.Load())
	}
	mend(t, k, "nobody")
}

// TestManyKeepOne has all who ask at once wait for the one injection.
func TestManyKeepOne(t *testing.T) {
	on := newFlag(t)
	k := open(t, Site{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := k.Keep(t.Context(), on.fault("x")); err != nil || !on.on.Load() {
				t.Errorf("%v, and on is %t", err, on.on.Load())
			}
		})
	}
	wg.Wait()
	if n := on.set.Load(); n != 1 {
		t.Errorf("injected %d times", n)
	}
	for range 20 {
		wg.Go(func() {
			if err := k.Mend("x"); err != nil || on.on.Load() {
				t.Errorf("%v, and on is %t", err, on.on.Load())
			}
		})
	}
	wg.Wait()
	if n := on.set.Load(); n != 2 {
		t.Errorf("set %d times", n)
	}
}

func TestOverlaps(t *testing.T) {
	slow := Fault{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: time.Second}
	for name, tt := range map[string]struct {
		other func(*Fault)
		want  string
	}{
		"itself":              {func(*Fault) {}, ""},
		"other values":        {func(f *Fault) { f.Latency = time.Minute }, "slow is there with other values already"},
		"another name":        {func(f *Fault) { f.Name = "late" }, "late and slow both break downstream store by latency"},
		"downstream, said":    {func(f *Fault) { f.Name, f.Stream = "late", "downstream" }, "late and slow both break downstream store by latency"},
		"the other way":       {func(f *Fault) { f.Name, f.Stream = "late", "upstream" }, ""},
		"another link":        {func(f *Fault) { f.Name, f.On = "late", "edge" }, ""},
		"another toxic":       {func(f *Fault) { f.Name, f.Toxic, f.Latency, f.Rate = "thin", "bandwidth", 0, 9 }, ""},
		"a Toxiproxy's proxy": {func(f *Fault) { f.Name, f.Kind = "far", "toxiproxy" }, ""},
	} {
		other := slow
		tt.other(&other)
		if got := other.Overlaps(slow); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	k := linked(t, listen(t, echo))
	keep(t, k, slow)
	longer := slow
	longer.Latency = time.Minute
	if err := k.Keep(t.Context(), longer); err == nil || err.Error() != "injecting slow: slow is there with other values already" {
		t.Error(err)
	}
	mend(t, k, "slow")
	keep(t, k, longer)
	for _, f := range [][2]Fault{
		{{Name: "a", Kind: "process", On: "p", Do: "kill"}, {Name: "b", Kind: "process", On: "p", Do: "pause"}},
		{{Name: "a", Kind: "service", Knobs: map[string]any{"x": 1, "y": 2}}, {Name: "b", Kind: "service", Knobs: map[string]any{"y": 1}}},
	} {
		if f[0].Overlaps(f[1]) == "" || f[1].Overlaps(f[0]) == "" {
			t.Errorf("%s does not overlap", f[0].Kind)
		}
	}
}

// slowFlag is a flag whose service takes its time to set it, until the request is
// given up.
func slowFlag(t *testing.T) (f Fault, entered chan struct{}, on func() bool) {
	inner := newFlag(t)
	entered = make(chan struct{}, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body.Close()
		if r.URL.Query().Get("to") == "on" {
			inner.on.Store(true) // broken before the answer comes
			entered <- struct{}{}
			<-r.Context().Done()
			return
		}
		inner.on.Store(false)
		io.WriteString(w, "ok")
	}))
	t.Cleanup(s.Close)
	inner.url = s.URL
	return inner.fault("x"), entered, inner.on.Load
}

// TestMendDuringInjection stops an injection that is under way, in every way that
// there is, and finds nothing broken.
func TestMendDuringInjection(t *testing.T) {
	for name, stop := range map[string]func(k *Keeper, cancel func()) error{
		"mend":     func(k *Keeper, _ func()) error { return k.Mend("x") },
		"mend all": func(k *Keeper, _ func()) error { return k.MendAll() },
		"close":    func(k *Keeper, _ func()) error { return k.Close() },
		"cancel":   func(_ *Keeper, cancel func()) error { cancel(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, entered, on := slowFlag(t)
			k := open(t, Site{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			failed := make(chan error)
			go func() { failed <- k.Keep(ctx, f) }()
			<-entered
			within(t, ages, name, func() {
				if err := stop(k, cancel); err != nil {
					t.Error(err)
				}
				if err := <-failed; !errors.Is(err, errMended) && !errors.Is(err, context.Canceled) {
					t.Errorf("the injection says %v", err)
				}
			})
			if on() || len(k.InForce()) > 0 {
				t.Errorf("on is %t, in force are %v", on(), k.InForce())
			}
		})
	}
}

func TestCancelledBeforeAndAfter(t *testing.T) {
	on := newFlag(t)
	k := open(t, Site{})
	ctx, cancel := context.WithCancel(t.Context())
	keep(t, k, on.fault("before"))
	if err := k.Keep(ctx, on.fault("before")); err != nil {
		t.Error(err)
	}
	cancel()
	if err := k.Keep(ctx, on.fault("after")); !errors.Is(err, context.Canceled) {
		t.Errorf("injected although cancelled: %v", err)
	}
	if !on.on.Load() {
		t.Error("a fault was mended because the context of its injection ended")
	}
	if err := k.Close(); err != nil || on.on.Load() {
		t.Errorf("%v, on is %t", err, on.on.Load())
	}
	if err := k.Keep(t.Context(), on.fault("late")); !errors.Is(err, errClosed) || on.on.Load() {
		t.Errorf("after the end: %v", err)
	}
}

// TestPanic has an injection panic in the middle, when the process is gone already.
func TestPanic(t *testing.T) {
	panics := true
	site, hurts := onChild(t)
	again := site.Processes[0].Restart
	site.Processes[0].Restart = func(ctx context.Context) (int, error) {
		if panics {
			panics = false
			panic("in the middle")
		}
		return again(ctx)
	}
	k := open(t, site)
	on := newFlag(t)
	func() {
		defer func() {
			if p := recover(); p != "in the middle" {
				t.Errorf("recovered %v", p)
			}
		}()
		defer k.Close()
		keep(t, k, on.fault("flag"))
		k.Keep(t.Context(), Fault{Name: "x", Kind: "process", On: "p", Do: "restart"})
		t.Error("went on after a panic")
	}()
	if hurts(k) || on.on.Load() || len(k.InForce()) > 0 {
		t.Errorf("hurts %t, on %t, in force %v; want all mended", hurts(k), on.on.Load(), k.InForce())
	}
}

// TestMendingThatFails stays in force, says so, and can be tried again.
func TestMendingThatFails(t *testing.T) {
	on := newFlag(t)
	k := open(t, Site{})
	broken := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken {
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, "not\nnow")
			return
		}
		on.on.Store(false)
	}))
	defer s.Close()
	f := on.fault("x")
	f.Mend.URL = s.URL
	keep(t, k, f)
	keep(t, k, on.fault("y"))
	err := k.MendAll()
	want := "mending x: mend: " + s.URL + ": answered 409: not"
	if err == nil || err.Error() != want || strings.Join(k.InForce(), " ") != "x" {
		t.Errorf("%v, in force %v; want %s, and the other one mended", err, k.InForce(), want)
	}
	if err := k.Keep(t.Context(), f); err == nil || !strings.Contains(err.Error(), "from before it is still in force") {
		t.Errorf("injected again: %v", err)
	}
	broken = false
	if err := k.Close(); err != nil || len(k.InForce()) > 0 || on.on.Load() {
		t.Errorf("%v, in force %v", err, k.InForce())
	}
}

// TestJournalThatFails breaks nothing that could not be mended by others.
func TestJournalThatFails(t *testing.T) {
	on := newFlag(t)
	k, err := Open(Site{}, full{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if err := k.Keep(t.Context(), on.fault("x")); err == nil || !strings.Contains(err.Error(), "writing the journal of faults: disk full") {
		t.Error(err)
	}
	if on.on.Load() {
		t.Error("broken without a word in the journal")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestLastFirst mends in the order in which it can.
func TestLastFirst(t *testing.T) {
	var mu sync.Mutex
	var order []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, r.URL.Path)
	}))
	defer s.Close()
	k := open(t, Site{})
	for _, name := range []string{"a", "b", "c"} {
		keep(t, k, Fault{Name: name, Kind: "http", Inject: Step{URL: s.URL + "/+" + name}, Confirm: Step{URL: s.URL}, Mend: Step{URL: s.URL + "/-" + name}})
	}
	if got := strings.Join(k.InForce(), " "); got != "a b c" {
		t.Errorf("in force: %s", got)
	}
	if err := k.MendAll(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "/+a /+b /+c /-c /-b /-a" {
		t.Errorf("called %s", got)
	}
}
