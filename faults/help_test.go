package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// ages are longer than anything here takes on the busiest host: who has waited for
// so long waits in vain.
const ages = time.Minute

// listen serves connections on loopback with f until the test is over.
func listen(t testing.TB, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all []net.Conn
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range all {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			all = append(all, c)
			mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				f(c)
			})
		}
	})
	return l.Addr().String()
}

// echo says what it hears.
func echo(c net.Conn) { io.Copy(c, c) }

// open is a keeper of site that is closed, without complaint, after the test.
func open(t testing.TB, site Site) *Keeper {
	t.Helper()
	k, err := Open(site, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

// linked is a keeper of one link, in front of upstream.
func linked(t testing.TB, upstream string) *Keeper {
	t.Helper()
	return open(t, Site{Links: []Link{{Name: "store", Listen: "127.0.0.1:0", Upstream: upstream}}})
}

// dial connects until the test is over.
func dial(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// ask sends a byte on c and waits for it to come back, a while.
func ask(c net.Conn, wait time.Duration) (time.Duration, error) {
	began := time.Now()
	c.SetDeadline(began.Add(wait))
	if _, err := c.Write([]byte{7}); err != nil {
		return 0, err
	}
	var b [1]byte
	_, err := io.ReadFull(c, b[:])
	return time.Since(began), err
}

// askAll sends a byte on each connection. Answered is how many have come back by
// now, or, when all are waited for, in the end.
func askAll(t *testing.T, conns []*net.TCPConn) (answered func(all bool) int) {
	var n atomic.Int64
	var wg sync.WaitGroup
	for _, c := range conns {
		c.SetDeadline(time.Now().Add(ages))
		if _, err := c.Write([]byte{7}); err != nil {
			t.Error(err)
		}
		wg.Go(func() {
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Errorf("what was held back does not come: %v", err)
				return
			}
			n.Add(1)
		})
	}
	return func(all bool) int {
		if all {
			wg.Wait()
		}
		return int(n.Load())
	}
}

// sleeper is a process that rests until the test is over.
func sleeper(t testing.TB) (pid int) {
	t.Helper()
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		cmd.Wait()
		close(over)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-over
	})
	return cmd.Process.Pid
}

// pidFile is a file that holds pid.
func pidFile(t testing.TB, pid int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(name, []byte(strconv.Itoa(pid)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// state is the state of a process, 0 if there is none.
func state(pid int) byte {
	s, _, _ := inspect(pid)
	return s
}

// flag is a service of one flag: PUT /flag?to=on, GET /flag.
type flag struct {
	url string
	on  atomic.Bool
	set atomic.Int64 // how often it was set
}

func newFlag(t testing.TB) *flag {
	f := &flag{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			f.on.Store(r.URL.Query().Get("to") == "on")
			f.set.Add(1)
		}
		fmt.Fprintf(w, `{"on":%t}`, f.on.Load())
	}))
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

// fault sets the flag while it is in force.
func (f *flag) fault(name string) Fault {
	return Fault{
		Name: name, Kind: "http",
		Inject:  Step{Method: "PUT", URL: f.url + "/flag?to=on"},
		Confirm: Step{URL: f.url + "/flag", Contains: `"on":true`},
		Mend:    Step{Method: "PUT", URL: f.url + "/flag?to=off"},
	}
}

// within fails the test if f takes longer than d.
func within(t testing.TB, d time.Duration, what string, f func()) {
	t.Helper()
	began := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(d):
		stack := make([]byte, 1<<16)
		t.Fatalf("%s has not ended after %s\n%s", what, time.Since(began), stack[:runtime.Stack(stack, true)])
	}
}

// until waits until f holds.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for patience := time.Now().Add(ages); !f(); runtime.Gosched() {
		if time.Now().After(patience) {
			stack := make([]byte, 1<<16)
			t.Fatalf("waited in vain: %s\n%s", what, stack[:runtime.Stack(stack, true)])
		}
		<-time.After(time.Millisecond)
	}
}

// seen reports whether the fault bites, or fails the test.
func seen(t testing.TB, k *Keeper, name string) bool {
	t.Helper()
	bites, err := k.Bites(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return bites
}

func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

// keep is Keep without an error.
func keep(t testing.TB, k *Keeper, f Fault) {
	t.Helper()
	if err := k.Keep(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// mend is Mend without an error.
func mend(t testing.TB, k *Keeper, name string) {
	t.Helper()
	if err := k.Mend(name); err != nil {
		t.Fatal(err)
	}
}
