package harness

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"gameday/targets"
)

// A wire carries calls to one target. It is safe for concurrent use.
type wire interface {
	// carry sends a call and reads its answer to the end, until the deadline. Fresh
	// opens a connection for it.
	carry(c targets.Call, deadline time.Time, fresh bool) (reply, error)
	// cut ends what is on its way; nothing is carried from then on.
	cut()
}

// A reply is what came back for a call, as far as anybody wants to know.
type reply struct {
	status   int
	json     bool   // its Content-Type says so; only looked at if the call wants JSON
	location string // where it sends the client on to
	body     []byte // only of a success, and if the call learns from it
	said     string // the beginning of the body of a failure
	retry    string // when to try again, in the words of Retry-After; only of a failure
}

func (a *reply) failed() bool { return causeOfStatus(a.status) != "" }

// wanted reports whether the call learns from the body of this answer.
func (a *reply) wanted(c *targets.Call) bool {
	return c.Learn != nil && !a.failed() && (a.json || !c.JSON)
}

// maxSaid is how much of the body of a failure is kept, for an example.
const maxSaid = 256

// listen keeps the beginning of the body of a failure.
func (a *reply) listen(body []byte) {
	a.said += string(body[:min(len(body), maxSaid-len(a.said))])
}

var (
	errTooLarge = errors.New("the answer is larger than any that is wanted")
	errCut      = errors.New("the play has ended")
)

// overHTTP is the wire over any [http.RoundTripper].
type overHTTP struct {
	transport http.RoundTripper
	once      http.RoundTripper // for calls that want a connection of their own
	base      *url.URL
	agent     string
	ctx       context.Context // ends when the wire is cut
	end       context.CancelFunc
}

var _ wire = (*overHTTP)(nil)

func newOverHTTP(transport, once http.RoundTripper, base *url.URL, agent string) *overHTTP {
	w := &overHTTP{transport: transport, once: once, base: base, agent: agent}
	w.ctx, w.end = context.WithCancel(context.Background())
	return w
}

func (w *overHTTP) cut() { w.end() }

func (w *overHTTP) carry(c targets.Call, deadline time.Time, fresh bool) (reply, error) {
	ctx, cancel := context.WithDeadline(w.ctx, deadline)
	defer cancel()
	req, err := targets.NewRequest(ctx, w.base, c, w.agent)
	if err != nil {
		return reply{}, err
	}
	over := w.transport
	if fresh {
		over = w.once
	}
	res, err := over.RoundTrip(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	return readAnswer(res, &c)
}

// readAnswer reads what net/http made of an answer to the end.
func readAnswer(res *http.Response, c *targets.Call) (reply, error) {
	a := reply{status: res.StatusCode, location: res.Header.Get("Location")}
	a.json = c.JSON && targets.IsJSON(res.Header.Get("Content-Type"))
	body := io.LimitedReader{R: res.Body, N: targets.MaxAnswer + 1}
	var err error
	if a.wanted(c) {
		a.body, err = io.ReadAll(&body)
	} else {
		if a.failed() {
			var said []byte
			said, err = io.ReadAll(io.LimitReader(&body, maxSaid))
			a.said, a.retry = string(said), res.Header.Get("Retry-After")
		}
		if err == nil {
			_, err = io.Copy(io.Discard, &body)
		}
	}
	if err == nil && body.N == 0 {
		err = errTooLarge
	}
	return a, err
}
