package reports

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gameday/runs"
)

// A wire is a listener of connections within a bubble.
type wire struct {
	calls chan net.Conn
	done  chan struct{}
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.calls:
		return c, nil
	case <-w.done:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error   { close(w.done); return nil }
func (w *wire) Addr() net.Addr { return &net.UnixAddr{} }

// serveOn serves l within a bubble, until the end of the test.
func serveOn(t *testing.T, l *Live) *wire {
	w := &wire{make(chan net.Conn), make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	server := &http.Server{Handler: l, BaseContext: func(net.Listener) context.Context { return ctx }}
	go server.Serve(w)
	t.Cleanup(func() {
		cancel()
		server.Close()
		synctest.Wait()
	})
	return w
}

// follow asks for the events.
func (w *wire) follow(t *testing.T) net.Conn {
	t.Helper()
	mine, theirs := net.Pipe()
	w.calls <- theirs
	fmt.Fprint(mine, "GET /events HTTP/1.1\r\nHost: localhost:7777\r\n\r\n")
	return mine
}

// listen reads the events of a connection, in the background.
func listenTo(t *testing.T, c net.Conn) <-chan string {
	heard := make(chan string, 1000)
	go func() {
		defer close(heard)
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("the events: %v, %v", response, err)
			return
		}
		in := bufio.NewReader(response.Body)
		var event strings.Builder
		for {
			line, err := in.ReadString('\n')
			event.WriteString(line)
			if err != nil {
				return
			}
			if line == "\n" {
				heard <- event.String()
				event.Reset()
			}
		}
	}()
	return heard
}

// names are the events that were heard up to now.
func names(heard <-chan string) string {
	synctest.Wait()
	var all []string
	for {
		select {
		case e, open := <-heard:
			if !open {
				return strings.Join(append(all, "closed"), " ")
			}
			name, _, _ := strings.Cut(e, "\n")
			all = append(all, strings.TrimPrefix(strings.TrimPrefix(name, "event: "), ": "))
		default:
			return strings.Join(all, " ")
		}
	}
}

func second(l *Live, n int, r *runs.Run) {
	var e runs.Entry
	for _, t := range r.Tallies {
		if t.Second == n {
			e.Tallies = append(e.Tallies, t)
		}
	}
	l.Observe(Moment{At: time.Duration(n+1) * time.Second, Entry: &e})
}

// A viewer is told at once, of every moment, and that it is over; then of the next
// play. Between them it is shown that somebody is there.
func TestViewerIsTold(t *testing.T) {
	r := wideNight{long: 5, short: 5}.play(t)
	synctest.Test(t, func(t *testing.T) {
		l := NewLive("")
		heard := listenTo(t, serveOn(t, l).follow(t))
		expect := func(want string) {
			t.Helper()
			if got := names(heard); got != want {
				t.Errorf("the viewer heard %q, want %q", got, want)
			}
		}
		expect("gameday")
		time.Sleep(2*heartbeat + time.Second)
		expect("alive alive")
		l.Begin(begun(r))
		expect("view")
		for n := range 3 {
			second(l, n, r)
			expect("more")
			time.Sleep(time.Second)
		}
		l.End(r)
		expect("view end")
		l.Begin(begun(r))
		expect("view")
		late := listenTo(t, serveOn(t, l).follow(t))
		second(l, 0, r)
		if got := names(late); got != "gameday view" && got != "gameday view more" {
			t.Errorf("a late viewer heard %q", got)
		}
	})
}

// A viewer that never reads holds nobody: the play goes on at once, others are
// told at once, and it is dropped when its patience is over.
func TestViewerThatNeverReads(t *testing.T) {
	r := wideNight{long: 30, short: 5}.play(t)
	synctest.Test(t, func(t *testing.T) {
		l := NewLive("")
		w := serveOn(t, l)
		deaf := w.follow(t)
		defer deaf.Close()
		heard := listenTo(t, w.follow(t))
		l.Begin(begun(r))
		synctest.Wait()
		began := time.Now()
		for n := range 4 {
			second(l, n, r)
			if took := time.Since(began) - time.Duration(n)*time.Second; took != 0 {
				t.Errorf("a moment took %s", took)
			}
			time.Sleep(time.Second)
		}
		if got := names(heard); got != "gameday view more more more more" {
			t.Errorf("the other heard %q", got)
		}
		time.Sleep(patience)
		synctest.Wait()
		if l.viewers != 1 {
			t.Errorf("%d viewers are left, want 1", l.viewers)
		}
	})
}

// One that is behind is told everything at once, not what it missed one by one.
func TestViewerThatIsBehind(t *testing.T) {
	r := wideNight{long: 30, short: 5}.play(t)
	synctest.Test(t, func(t *testing.T) {
		l := NewLive("")
		c := serveOn(t, l).follow(t)
		l.Begin(begun(r))
		synctest.Wait()
		for n := range 4 {
			second(l, n, r)
			synctest.Wait()
		}
		heard := listenTo(t, c)
		if got := names(heard); got != "gameday view" {
			t.Errorf("it heard %q, want all at once", got)
		}
		second(l, 4, r)
		if got := names(heard); got != "more" {
			t.Errorf("then it heard %q, want what is new", got)
		}
	})
}

// Viewers leave when they are told to, and only so many are let in.
func TestViewersAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLive("")
		w := serveOn(t, l)
		var all []net.Conn
		for range mostViewers {
			c := w.follow(t)
			listenTo(t, c)
			all = append(all, c)
		}
		synctest.Wait()
		if l.viewers != mostViewers {
			t.Errorf("%d viewers, want %d", l.viewers, mostViewers)
		}
		c := w.follow(t)
		if response, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("one too many: %v, %v", response, err)
		}
		for _, c := range all {
			c.Close()
		}
		synctest.Wait()
		if l.viewers != 0 {
			t.Errorf("%d viewers are left", l.viewers)
		}
	})
}

// BenchmarkViewers is a moment in the middle of an hour of ten actions that twenty
// viewers are told of over the loopback: all that they cost, with their own reading
// of it. One moment is a second, so 20 ms were 2 % of a core.
func BenchmarkViewers(b *testing.B) {
	r := wideNight{long: 1000, short: 300, fault: true}.play(b)
	all := entries(r, rand.New(rand.NewPCG(1, 1)), 1)
	l := NewLive("")
	server := httptest.NewServer(l)
	l.Begin(begun(r))
	for n, e := range all[:1800] {
		l.Observe(Moment{At: time.Duration(n) * time.Second, Entry: e})
	}
	heard := make(chan int, 1000)
	ctx, cancel := context.WithCancel(b.Context())
	for range 20 {
		go readEvents(ctx, server.URL, heard)
	}
	wait := func() (size int) {
		for range 20 {
			size += <-heard
		}
		return size / 20
	}
	wait()
	size := 0
	b.ResetTimer()
	for i := range b.N {
		n := 1800 + i%1700
		l.Observe(Moment{At: time.Duration(n) * time.Second, Rates: []float64{100, 10, 30}, Entry: all[n]})
		size += wait()
	}
	b.ReportMetric(float64(size)/float64(b.N), "B/moment")
	b.StopTimer()
	cancel()
	server.Close()
}

// readEvents follows, and says how long each event was.
func readEvents(ctx context.Context, url string, heard chan<- int) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/events", nil)
	if err != nil {
		return
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer response.Body.Close()
	in := bufio.NewReaderSize(response.Body, 64<<10)
	for size := 0; ; {
		line, err := in.ReadSlice('\n')
		size += len(line)
		switch {
		case err == io.EOF || err != nil && err != bufio.ErrBufferFull:
			return
		case len(line) == 1 && size > 100:
			heard <- size
			size = 0
		}
	}
}
