package timeline

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a Redis of our own, in a folder of its own.
type server struct {
	port int
	dir  string
	keep bool // on disk, before anything is acknowledged
	cmd  *exec.Cmd
	out  bytes.Buffer
}

// databases is how many a Redis has: more than there are services over it at once.
const databases = 1024

// startServer starts a Redis that ends with the test. Without redis-server on this
// host the test is skipped.
func startServer(tb testing.TB, keep bool) *server {
	tb.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		tb.Skip("there is no redis-server on this host")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	r := &server{port: l.Addr().(*net.TCPAddr).Port, keep: keep}
	l.Close()
	if r.dir, err = os.MkdirTemp("", "timeline-redis-"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(r.dir) })
	r.start(tb)
	tb.Cleanup(r.kill)
	return r
}

// start starts the server and waits until it answers.
func (r *server) start(tb testing.TB) {
	tb.Helper()
	disk := "no"
	if r.keep {
		disk = "yes"
	}
	r.cmd = exec.Command("redis-server", "--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--dir", r.dir,
		"--databases", strconv.Itoa(databases), "--save", "", "--appendonly", disk, "--appendfsync", "always")
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	if err := r.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	c := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", r.port), MaxRetries: -1})
	defer c.Close()
	for began := time.Now(); c.Ping(tb.Context()).Err() != nil; {
		if time.Since(began) > 20*time.Second {
			r.kill()
			tb.Fatalf("redis-server did not start: %s", r.out.String())
		}
	}
}

// kill ends the server at once.
func (r *server) kill() {
	if r.cmd != nil {
		r.cmd.Process.Kill()
		r.cmd.Wait()
		r.cmd = nil
	}
}

// url is the address of one of its databases.
func (r *server) url(db int) string {
	return (&url.URL{Scheme: "redis", Host: fmt.Sprintf("127.0.0.1:%d", r.port), Path: "/" + strconv.Itoa(db)}).String()
}

// over is what services are started over, in tests that say nothing else: memory,
// unless a Redis is named.
var over struct {
	sync.Mutex
	server *server
	next   int
}

// overRedis lets services start over a Redis until the test ends.
func overRedis(t *testing.T) *server {
	r := startServer(t, false)
	over.Lock()
	over.server = r
	over.Unlock()
	t.Cleanup(func() {
		over.Lock()
		over.server = nil
		over.Unlock()
	})
	return r
}

// fresh is an address for a service to be started over: an empty database, or
// memory.
func fresh(tb testing.TB) string {
	tb.Helper()
	over.Lock()
	defer over.Unlock()
	if over.server == nil {
		return ""
	}
	over.next = (over.next + 1) % databases
	address := over.server.url(over.next)
	options, err := redis.ParseURL(address)
	if err != nil {
		tb.Fatal(err)
	}
	c := redis.NewClient(options)
	defer c.Close()
	if err := c.FlushDB(tb.Context()).Err(); err != nil {
		tb.Fatal(err)
	}
	return address
}
