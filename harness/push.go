package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

const (
	// defaultPushEvery is how often metrics are pushed while a play goes on.
	defaultPushEvery = 5 * time.Second
	// pushTimeout is how long one push may take.
	pushTimeout = 5 * time.Second
	// pushPatience is how long it is tried after the play to push what is left.
	pushPatience = 10 * time.Second
	// pushAgain is how long the first of those tries waits for the second; each
	// further wait is twice as long.
	pushAgain = 250 * time.Millisecond
	// maxUnpushed is how many intervals are kept that could not be pushed. Counts go
	// on in later ones, so that what is dropped costs detail alone.
	maxUnpushed = 24
)

// A Pusher sends the metrics of plays to where Prometheus keeps them, for plays that
// are over before anybody scrapes them: as the play begins, every some seconds, and
// with the verdict at the end. It does so beside the play and never holds it up. The zero
// Pusher sends nothing. Its fields are not changed while it is used.
type Pusher struct {
	Metrics *Metrics
	To      string        // where to; see CheckPush. Empty: nowhere
	Token   string        // bearer token; empty: none
	Version string        // of gameday; goes into the User-Agent
	Host    string        // the label instance of all that is pushed
	Every   time.Duration // zero: 5 s
	Say     func(string)  // is told of the first push of a play that fails; may be nil

	over context.CancelFunc // of the play; nil: nothing is being pushed
	done sync.WaitGroup
	work *pushing
}

// A snapshot is what the metrics were at one time.
type snapshot struct {
	at       time.Time
	families []*dto.MetricFamily
	stale    bool // there is nothing more to come
}

// A receiver keeps what is pushed. An error that is not a passing one is permanent.
type receiver interface {
	send(ctx context.Context, s *snapshot) error
}

// A refusal is the error of what would be refused again.
type refusal struct{ says string }

func (r *refusal) Error() string { return r.says }

// gatewayScheme stands before the URL of a Pushgateway.
const gatewayScheme = "pushgateway+"

// CheckPush returns what is wrong with an address to push to, or nil. One with http
// or https receives Prometheus's remote write, 2.0 or 1.0; one with pushgateway+http
// or pushgateway+https is a Pushgateway.
func CheckPush(address string) error {
	u, err := url.Parse(strings.TrimPrefix(address, gatewayScheme))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" {
		return errors.New("want one such as http://prometheus.example:9090/api/v1/write or pushgateway+http://gateway.example:9091, without user or fragment")
	}
	return nil
}

// Begin begins to push, once Metrics has begun a play.
func (p *Pusher) Begin() {
	if p.To == "" {
		return
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(p.Metrics)
	p.work = &pushing{to: p.receiver(), from: registry, say: p.Say, every: cmp.Or(p.Every, defaultPushEvery)}
	p.start()
}

func (p *Pusher) start() {
	ctx, over := context.WithCancel(context.Background())
	p.over = over
	p.done.Go(func() { p.work.keep(ctx) })
}

// End pushes what is left, says that no more will come, and stops, all within 10 s.
// It returns what was lost in a sentence; empty if nothing was. It may be
// called again.
func (p *Pusher) End() (note string) {
	if p.over == nil {
		return ""
	}
	p.over()
	p.done.Wait()
	p.over = nil
	if p.work.lost == 0 {
		return ""
	}
	return fmt.Sprintf("metrics were not all pushed: %d intervals were lost: %v", p.work.lost, p.work.why)
}

// receiver is what is at the address.
func (p *Pusher) receiver() receiver {
	c := &pushClient{token: p.Token, agent: "gameday/" + p.Version, http: &http.Client{
		Timeout:       pushTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if gateway, ok := strings.CutPrefix(p.To, gatewayScheme); ok {
		return &pushgateway{client: c, url: gateway, instance: p.Host}
	}
	return &remoteWrite{client: c, url: p.To, instance: p.Host}
}

// A pushClient sends requests with what all of them have.
type pushClient struct {
	http         *http.Client
	token, agent string
}

// Do sends a request.
func (c *pushClient) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", c.agent)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return c.http.Do(r)
}
