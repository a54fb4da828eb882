package timeline

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stricken is a service that is served and controlled over pipes, in a bubble.
type stricken struct {
	*testing.T
	s       *Service
	at      *pipes
	client  *http.Client
	control *http.Client
	end     context.CancelFunc // ends the service
}

// answer is what came of one request.
type answer struct {
	code   int
	header http.Header
	body   string
	took   time.Duration
}

func (a answer) source() string { return a.header.Get("X-Timeline-Source") }

const (
	homePath  = "GET /api/v1/timelines/home?limit=20"
	rankPath  = "GET /api/v1/timelines/home?algorithm=ranked"
	crowdPath = "GET /api/v1/timelines/public?limit=1"
	sayPath   = "POST /api/v1/statuses?status=goal"
)

// strike serves a service of 64 accounts in good order, and runs a test with it.
func strike(t *testing.T, test func(o *stricken)) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{Accounts: 64})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		at, inner := newPipes(), newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		var serving sync.WaitGroup
		serving.Go(func() { _ = s.Serve(ctx, at) })
		control := &http.Server{Handler: s.Control("secret")}
		serving.Go(func() { _ = control.Serve(inner) })
		o := &stricken{t, s, at,
			&http.Client{Transport: &http.Transport{DialContext: at.dial, MaxIdleConnsPerHost: 100}},
			&http.Client{Transport: &http.Transport{DialContext: inner.dial}}, cancel}
		test(o)
		o.client.CloseIdleConnections()
		o.control.CloseIdleConnections()
		cancel()
		control.Close()
		serving.Wait()
	})
}

// ask makes a request as an account, 0 for nobody. What is posted is a form.
func (o *stricken) ask(who int, what string) answer {
	bearer := ""
	if who != 0 {
		bearer = Token(0, who)
	}
	path, form := what, ""
	if strings.HasPrefix(what, "POST ") {
		path, form, _ = strings.Cut(what, "?")
	}
	return o.request(o.client, bearer, path, form)
}

// order does something at the control listener, which must do it.
func (o *stricken) order(what, body string) {
	o.Helper()
	if a := o.request(o.control, "secret", what, body); a.code != http.StatusOK {
		o.Fatalf("%s %s answers %d %s", what, body, a.code, a.body)
	}
}

func (o *stricken) request(client *http.Client, bearer, what, body string) answer {
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(o.Context(), method, "http://service"+path, strings.NewReader(body))
	if err != nil {
		o.Error(err)
		return answer{}
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	r.Header.Set("Content-Type", formType)
	began := time.Now()
	res, err := client.Do(r)
	if err != nil {
		o.Error(err)
		return answer{}
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		o.Error(err)
	}
	return answer{res.StatusCode, res.Header, string(said), time.Since(began)}
}

// crowd asks for the same as many accounts, the first after before, all at once.
func (o *stricken) crowd(before, many int, what string) []answer {
	return atOnce(many, func(i int) answer { return o.ask(before+i+1, what) })
}

// anybody asks for the same many times without a token, all at once.
func (o *stricken) anybody(many int, what string) []answer {
	return atOnce(many, func(int) answer { return o.ask(0, what) })
}

func atOnce(many int, ask func(i int) answer) []answer {
	all := make([]answer, many)
	var asking sync.WaitGroup
	for i := range all {
		asking.Go(func() { all[i] = ask(i) })
	}
	asking.Wait()
	return all
}

// count is how many were answered with a code; a 503 counts only if it says when to
// try again.
func count(all []answer, code int) int {
	n := 0
	for _, a := range all {
		if a.code == code && (code != 503 || a.header.Get("Retry-After") != "") {
			n++
		}
	}
	return n
}

// slowest is how long the last had to wait.
func slowest(all []answer) time.Duration {
	most := time.Duration(0)
	for _, a := range all {
		most = max(most, a.took)
	}
	return most
}

// metric is what /metrics says, zero for what it does not have.
func (o *stricken) metric(name string, labels ...string) float64 {
	return max(0, value(o.s.scrape(o), name, labels...))
}

// want fails the test unless something is so.
func (o *stricken) want(so bool, says string, values ...any) {
	o.Helper()
	if !so {
		o.Errorf(says+": %v", values)
	}
}
