package faults

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBytesInAreBytesOut sends random bytes in random writes both ways while
// toxics that only delay and cut are put on and taken off.
func TestBytesInAreBytesOut(t *testing.T) {
	for _, toxics := range [][]Fault{
		{},
		{{Toxic: "latency", Latency: 5 * time.Millisecond, Jitter: 5 * time.Millisecond}},
		{{Toxic: "slicer", AverageSize: 700, SizeVariation: 600}},
		{{Toxic: "bandwidth", Rate: 20_000}},
		{{Toxic: "latency", Latency: 3 * time.Millisecond, Jitter: time.Millisecond}, {Toxic: "slicer", AverageSize: 5000, Delay: 10 * time.Microsecond}, {Toxic: "bandwidth", Rate: 50_000}, {Toxic: "slow_close", Delay: 10 * time.Millisecond}},
	} {
		for _, flicker := range []bool{false, true} {
			t.Run(fmt.Sprint(len(toxics), flicker), func(t *testing.T) {
				t.Parallel()
				k := linked(t, listen(t, echo))
				var faults []Fault
				for i, f := range toxics {
					for _, stream := range streams {
						f.Name, f.Kind, f.On, f.Stream = fmt.Sprintf("f%d-%s", i, stream), "link", "store", stream
						faults = append(faults, f)
						keep(t, k, f)
					}
				}
				over := make(chan struct{})
				var flickering sync.WaitGroup
				if flicker {
					flickering.Go(func() {
						for {
							for _, f := range faults {
								if k.Mend(f.Name) != nil || k.Keep(t.Context(), f) != nil {
									t.Error("cannot flicker")
								}
							}
							select {
							case <-over:
								return
							case <-time.After(time.Millisecond):
							}
						}
					})
				}
				within(t, ages, "sending", func() {
					var conns sync.WaitGroup
					for i := range 4 {
						conns.Go(func() { sameBytes(t, k.Address("store"), uint64(i), 1<<20) })
					}
					conns.Wait()
				})
				close(over)
				flickering.Wait()
			})
		}
	}
}

// sameBytes sends n bytes to an echo in writes of random sizes, and the end, and
// wants them back.
func sameBytes(t *testing.T, address string, seed uint64, n int) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed)}).Read(out)
	go func() {
		for rest := out; len(rest) > 0; {
			size := min(len(rest), 1+int(r.ExpFloat64()*10_000))
			if _, err := c.Write(rest[:size]); err != nil {
				t.Error(err)
				return
			}
			rest = rest[size:]
		}
		c.(*net.TCPConn).CloseWrite()
	}()
	in, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(in, out) {
		t.Errorf("%d bytes came back, %v; want the %d that were sent", len(in), err, n)
	}
}

// TestChangesActAtOnce asks on connections that live on, some of which have carried
// a stream, as soon as a link has changed, beside one whose reader has stalled with
// all buffers full, where Toxiproxy's removal hangs. No answer comes before the
// mending, and all come after it.
func TestChangesActAtOnce(t *testing.T) {
	k := linked(t, listen(t, echo))
	conns := make([]*net.TCPConn, 32)
	for i := range conns {
		conns[i] = dial(t, k.Address("store"))
		if i%2 == 0 {
			conns[i].Write(make([]byte, 100_000))
			if _, err := io.ReadFull(conns[i], make([]byte, 100_000)); err != nil {
				t.Fatal(err)
			}
		}
	}
	go io.Copy(dial(t, k.Address("store")), endless{}) // of which nobody reads the echo
	all := []Fault{
		{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: 10 * time.Minute},
		{Name: "cut", Kind: "link", On: "store", Toxic: "slicer", AverageSize: 10, Delay: time.Hour},
		{Name: "line", Kind: "link", On: "store", Toxic: "bandwidth", Rate: 1, Stream: "upstream"},
	}
	for range 20 {
		within(t, ages, "injecting, asking and mending", func() {
			for _, f := range all {
				keep(t, k, f)
			}
			answered := askAll(t, conns)
			<-time.After(5 * time.Millisecond)
			if n := answered(false); n > 0 {
				t.Errorf("%d answers under %s of latency", n, all[0].Latency)
			}
			for _, f := range all {
				mend(t, k, f.Name)
			}
			answered(true)
			if n := askAll(t, conns)(true); n != len(conns) {
				t.Errorf("mended, and %d of %d answer", n, len(conns))
			}
		})
	}
	within(t, ages, "closing under toxics", func() {
		keep(t, k, all[0])
		keep(t, k, all[1])
		k.Close()
	})
}

// endless gives bytes for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestLatencyIsNotABottleneck sends many answers at once: all are late, none waits
// for the others.
func TestLatencyIsNotABottleneck(t *testing.T) {
	k := linked(t, listen(t, echo))
	keep(t, k, Fault{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: 200 * time.Millisecond})
	c := dial(t, k.Address("store"))
	began := time.Now()
	go func() {
		for range 100 {
			c.Write(make([]byte, 1000))
			<-time.After(time.Millisecond)
		}
	}()
	if _, err := io.ReadFull(c, make([]byte, 100*1000)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 200*time.Millisecond || took > 10*time.Second {
		t.Errorf("100 answers took %s, want little more than 300ms; one after the other they take 20s", took)
	}
}

// TestToxicity counts the connections that are hit.
func TestToxicity(t *testing.T) {
	k := linked(t, listen(t, echo))
	keep(t, k, Fault{Name: "some", Kind: "link", On: "store", Toxic: "latency", Latency: 10 * time.Minute, Toxicity: 0.25})
	const n = 400
	conns := make([]*net.TCPConn, n)
	for i := range conns {
		conns[i] = dial(t, k.Address("store"))
	}
	answered := askAll(t, conns)
	var reach Reach
	until(t, "all are late or answered", func() bool {
		reach, _ = k.Reach("some")
		return reach.Connections == n && answered(false) == n-int(reach.Hit)
	})
	<-time.After(100 * time.Millisecond)
	if late := n - answered(false); reach.Hit != int64(late) || late < n/8 || late > n*3/8 {
		t.Errorf("%d of %d connections were late, counted as %+v; want about %d", late, n, reach, n/4)
	}
	if err := k.Await(timely(t), "some", true); err != nil {
		t.Errorf("our own connection: %v", err)
	}
	mend(t, k, "some")
	if answered(true) != n {
		t.Error("not all have answered in the end")
	}
}

// TestManyConnections has them all through one link at the same time, under a
// toxic that comes and goes.
func TestManyConnections(t *testing.T) {
	const n = 2000
	k := linked(t, listen(t, echo))
	conns := make([]*net.TCPConn, n)
	for i := range conns {
		conns[i] = dial(t, k.Address("store"))
	}
	slow := Fault{Name: "slow", Kind: "link", On: "store", Toxic: "latency", Latency: 10 * time.Minute, Stream: "upstream"}
	for range 3 {
		within(t, ages, "asking on all connections", func() {
			keep(t, k, slow)
			answered := askAll(t, conns)
			mend(t, k, "slow")
			answered(true)
		})
	}
}

// TestRelayIsTransparent has a link without toxics pass on how connections end.
func TestRelayIsTransparent(t *testing.T) {
	ends := make(chan error, 1)
	k := linked(t, listen(t, func(c net.Conn) {
		all, err := io.ReadAll(c)
		if string(all) == "reset me" {
			c.(*net.TCPConn).SetLinger(0)
			return
		}
		fmt.Fprintf(c, "%d bytes", len(all))
		ends <- err
	}))
	half := dial(t, k.Address("store"))
	io.WriteString(half, "hello")
	half.CloseWrite()
	if answer, err := io.ReadAll(half); err != nil || string(answer) != "5 bytes" || <-ends != nil {
		t.Errorf("after half a close: %q, %v", answer, err)
	}
	rude := dial(t, k.Address("store"))
	rude.Write([]byte("x"))
	rude.SetLinger(0)
	rude.Close()
	if err := <-ends; !isReset(err) {
		t.Errorf("the upstream saw %v; want the client's reset", err)
	}
	server := dial(t, k.Address("store"))
	io.WriteString(server, "reset me")
	server.CloseWrite()
	if _, err := io.ReadAll(server); !isReset(err) {
		t.Errorf("the client saw %v; want the upstream's reset", err)
	}
}

func TestUpstreamThatRefuses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	k := linked(t, l.Addr().String())
	c, err := net.Dial("tcp", k.Address("store"))
	if err == nil {
		defer c.Close()
		_, err = ask(c, ages)
	}
	if err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("through a link to nowhere: %v; want it to be ended", err)
	}
}

func TestPortTaken(t *testing.T) {
	taken := listen(t, echo)
	_, err := Open(Site{Links: []Link{{Name: "store", Listen: taken, Upstream: "127.0.0.1:1"}}}, nil)
	want := "link store: somebody else listens on " + taken + " already: stop that, or choose another port"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
