package selftest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// The paths that the server knows. All but the first are followed by a question
// mark and the name of a play.
const (
	pathAtOnce = "/"       // at once, and not kept
	pathArrive = "/arrive" // at once, and kept
	pathSpread = "/spread" // after Spread of how many the play has had; kept
	pathFreeze = "/freeze" // as a freeze in the rest of the path says; kept
	pathRecord = "/record" // with everything kept of the play, which is then forgotten
)

// Threads is how many threads of Go code the server's process should have
// (runtime.GOMAXPROCS): so many that one waits for the network while others count
// the last microseconds.
const Threads = 8

// A visit is what the server keeps of a request.
type visit struct {
	At   time.Duration `json:"at"`   // when it had been read, after the first
	Took time.Duration `json:"took"` // from then until the answer was about to be written
}

// Serve is the server of known behaviour: HTTP/1.1, GET without a body, and as
// little of it as there can be. It serves until ctx ends.
func Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	s := &server{plays: map[string]*log{}}
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accepting a connection: %w", err)
		}
		go s.converse(conn)
	}
}

type server struct {
	mu    sync.Mutex
	plays map[string]*log
}

// A log is what is kept of one play.
type log struct {
	mu     sync.Mutex
	first  time.Time // when the first visit came
	visits []visit
}

// converse answers one request after another until the client hangs up.
func (s *server) converse(conn net.Conn) {
	defer conn.Close()
	in, a := bufio.NewReader(conn), newAlarm()
	defer a.close()
	for {
		path, err := readRequest(in)
		if err != nil {
			return
		}
		if _, err := conn.Write(s.answer(path, time.Now(), a)); err != nil {
			return
		}
	}
}

var errNotAGet = errors.New("want GET")

// readRequest reads a request without a body and returns its path.
func readRequest(in *bufio.Reader) (path string, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	method, rest, _ := bytes.Cut(line, []byte(" "))
	target, _, _ := bytes.Cut(rest, []byte(" "))
	if string(method) != "GET" {
		return "", errNotAGet
	}
	path = string(target)
	for len(line) > len("\r\n") {
		if line, err = in.ReadSlice('\n'); err != nil {
			return "", err
		}
	}
	return path, nil
}

// answer does what the path says and returns the answer, ready to be written.
func (s *server) answer(path string, arrived time.Time, a *alarm) []byte {
	if path == pathAtOnce {
		return atOnce
	}
	path, play, _ := strings.Cut(path, "?")
	if path == pathRecord {
		return s.record(play)
	}
	l := s.log(play)
	n, first := l.keep(arrived)
	switch {
	case path == pathArrive:
	case path == pathSpread:
		a.until(arrived.Add(Spread(n)))
	case strings.HasPrefix(path, pathFreeze):
		f, err := parseFreeze(path)
		if err != nil {
			return response("400 Bad Request", []byte(err.Error()))
		}
		a.until(first.Add(f.answered(arrived.Sub(first))))
	default:
		return response("404 Not Found", nil)
	}
	l.took(n, time.Since(arrived))
	return atOnce
}

var atOnce = response("200 OK", []byte("ok\n"))

func response(status string, body []byte) []byte {
	head := fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", status, len(body))
	return append(head, body...)
}

func (s *server) log(play string) *log {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.plays[play]
	if l == nil {
		l = &log{}
		s.plays[play] = l
	}
	return l
}

// record returns what was kept of a play, and forgets it.
func (s *server) record(play string) []byte {
	l := s.log(play)
	s.mu.Lock()
	delete(s.plays, play)
	s.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	data, err := json.Marshal(l.visits)
	if err != nil {
		return response("500 Internal Server Error", []byte(err.Error()))
	}
	return response("200 OK", data)
}

// keep keeps a visit and returns its number and when the first one came.
func (l *log) keep(arrived time.Time) (n int, first time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.visits) == 0 {
		l.first = arrived
	}
	l.visits = append(l.visits, visit{At: arrived.Sub(l.first)})
	return len(l.visits) - 1, l.first
}

// took adds how long visit n took.
func (l *log) took(n int, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.visits[n].Took = took
}
