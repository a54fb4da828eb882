package cli

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// server is "server MODE NAME": it starts a web server that is good or bad in its
// own way and sets a variable to its URL. It ends with the script.
func server(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	handler := manners[args[0]]
	if handler == nil {
		ts.Fatalf("no server is %s", args[0])
	}
	s := &http.Server{Handler: handler}
	go s.Serve(l)
	ts.Defer(func() { s.Close() })
	ts.Setenv(args[1], "http://"+l.Addr().String())
}

// manners are the ways in which a server can behave.
var manners = map[string]http.HandlerFunc{
	"good":   good,
	"fails":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "ouch", http.StatusInternalServerError) },
	"closes": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"mute":   mute,
	"html": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintln(w, "<h1>Sign in</h1>")
	},
	"moved": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	},
	"slow": func(w http.ResponseWriter, r *http.Request) {
		<-time.After(200 * time.Millisecond)
		good(w, r)
	},
	"hangs": func(w http.ResponseWriter, r *http.Request) { // anywhere but at the door
		if r.URL.Path == "/" {
			good(w, r)
			return
		}
		mute(w, r)
	},
}

func good(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }

func mute(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// mortal is "mortal NAME": a good server that dies half a second after it was first
// asked, and lives again soon after.
func mortal(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	address := l.Addr().String()
	ts.Setenv(args[0], "http://"+address)
	over, lives := make(chan struct{}), make(chan struct{})
	ts.Defer(func() {
		close(over)
		<-lives
	})
	go func() {
		defer close(lives)
		for l != nil {
			live(l, over)
			select {
			case <-over:
				return
			case <-time.After(550 * time.Millisecond):
			}
			l, _ = net.Listen("tcp", address)
		}
	}()
}

// live is one life of a mortal server.
func live(l net.Listener, over <-chan struct{}) {
	asked := make(chan struct{})
	first := sync.OnceFunc(func() { close(asked) })
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first()
		good(w, r)
	})}
	go s.Serve(l)
	defer s.Close()
	select {
	case <-over:
	case <-asked:
		<-time.After(500 * time.Millisecond)
	}
}

// field is "field FILE PATH": it prints what stands in a file of JSON at a path
// such as findings.0.verdict. "! field" wants nothing there.
func field(ts *testscript.TestScript, neg bool, args []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &value))
	for name := range strings.SplitSeq(args[1], ".") {
		switch at := value.(type) {
		case map[string]any:
			value = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			ts.Check(err)
			value = at[i]
		default:
			value = nil
		}
	}
	if neg != (value == nil) {
		ts.Fatalf("%s: %s is %v", args[0], args[1], value)
	}
	fmt.Fprintln(ts.Stdout(), value)
}
