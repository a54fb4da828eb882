package faults

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestNothingIsLeft plays 1,000 random sequences of injecting, mending, cancelling
// and looking, several hands at once, each ended by Close. Nothing is in force
// after any of them, and no goroutine, connection or stopped process is left.
func TestNothingIsLeft(t *testing.T) {
	address := listen(t, echo)
	on := newFlag(t)
	pid := sleeper(t)
	control, at := newControl(t)
	file := pidFile(t, pid)
	before := runtime.NumGoroutine()
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(48, seed))
		var journal bytes.Buffer
		k, err := Open(Site{
			Links:     []Link{{Name: "store", Listen: "127.0.0.1:0", Upstream: address}},
			Processes: []Process{{Name: "p", PIDFile: file}},
			Control:   at,
		}, &journal)
		if err != nil {
			t.Fatal(err)
		}
		play(t, k, r, []Fault{
			{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: time.Hour},
			{Name: "slower", Kind: "link", On: "store", Toxic: "latency", Latency: 2 * time.Hour},
			{Name: "deaf", Kind: "link", On: "store", Toxic: "timeout", Stream: "upstream"},
			{Name: "down", Kind: "link", On: "store", Toxic: "down"},
			{Name: "frozen", Kind: "process", On: "p", Do: "pause"},
			{Name: "knob", Kind: "service", Knobs: map[string]any{"store_delay": "9s"}},
			on.fault("flag"),
		})
		if err := k.Close(); err != nil {
			t.Fatalf("sequence %d: %v", seed, err)
		}
		relay, _ := k.relay("store")
		switch left := k.InForce(); {
		case len(left) > 0:
			t.Fatalf("sequence %d leaves %v", seed, left)
		case on.on.Load() || state(pid) == stopped || control.knobs["store_delay"] != "0s":
			t.Fatalf("sequence %d leaves on %t, process %c, knob %v", seed, on.on.Load(), state(pid), control.knobs["store_delay"])
		case len(relay.conns) > 0:
			t.Fatalf("sequence %d leaves %d connections", seed, len(relay.conns))
		}
		settled(t, &journal)
	}
	until(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before+5 })
}

// play does a few random things at once.
func play(t *testing.T, k *Keeper, r *rand.Rand, faults []Fault) {
	var hands sync.WaitGroup
	defer hands.Wait()
	for range 1 + r.IntN(3) {
		own := rand.New(rand.NewPCG(r.Uint64(), 0))
		hands.Go(func() {
			if own.IntN(2) == 0 {
				if c, err := net.Dial("tcp", k.Address("store")); err == nil {
					defer c.Close()
					c.Write(make([]byte, 10))
				}
			}
			for range 1 + own.IntN(4) {
				f := faults[own.IntN(len(faults))]
				ctx, cancel := context.WithCancel(t.Context())
				switch own.IntN(8) {
				case 0, 1, 2, 3:
					_ = k.Keep(ctx, f) // which others may be in the way of
				case 4:
					time.AfterFunc(time.Duration(own.IntN(1000))*time.Microsecond, cancel)
					_ = k.Keep(ctx, f)
				case 5:
					if err := k.Mend(f.Name); err != nil {
						t.Error(err)
					}
				case 6:
					if err := k.MendAll(); err != nil {
						t.Error(err)
					}
				case 7:
					if f.Kind != "link" || f.Toxic == down {
						_, _ = k.Bites(ctx, f.Name)
					}
				}
				cancel()
			}
		})
	}
	if r.IntN(4) == 0 { // Close finds it all under way
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	}
}
