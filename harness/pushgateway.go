package harness

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	dto "github.com/prometheus/client_model/go"
)

// pushJob is the label job of all that is pushed.
const pushJob = "gameday"

// A pushgateway is a receiver that keeps the last that it got, until the next play
// replaces it, for Prometheus to scrape.
type pushgateway struct {
	client        *pushClient
	url, instance string
}

var _ receiver = (*pushgateway)(nil)

// send replaces what the gateway has of this host. It has no way to say that
// nothing more will come: what it keeps is the last interval, with the verdict.
func (g *pushgateway) send(ctx context.Context, s *snapshot) error {
	if s.stale {
		return nil
	}
	status := &statusOf{client: g.client}
	p := push.New(g.url, pushJob).Grouping("instance", g.instance).Client(status).
		Gatherer(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return s.families, nil }))
	err := p.PushContext(ctx)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("pushing to the Pushgateway: %w", err)
	if permanent(status.code) {
		return &refusal{err.Error()}
	}
	return err
}

// statusOf notes the status of the answer, which the library puts into words.
type statusOf struct {
	client *pushClient
	code   int // 0: there was no answer
}

// Do sends a request.
func (s *statusOf) Do(r *http.Request) (*http.Response, error) {
	res, err := s.client.Do(r)
	if err == nil {
		s.code = res.StatusCode
	}
	return res, err
}

// permanent reports whether what was answered so would be again.
func permanent(status int) bool {
	return status != 0 && status/100 != 5 && status != http.StatusTooManyRequests
}
