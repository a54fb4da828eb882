package harness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// shaky is a receiver that takes what its plan lets it.
type shaky struct {
	plan  func(try int, at time.Duration) error
	began time.Time
	hangs bool
	tries int
	taken []time.Duration // when what was taken was gathered
	stale int
}

func (s *shaky) send(ctx context.Context, snap *snapshot) error {
	s.tries++
	if s.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := s.plan(s.tries, time.Since(s.began)); err != nil {
		return err
	}
	if snap.stale {
		s.stale++
	} else {
		s.taken = append(s.taken, snap.at.Sub(s.began))
	}
	return nil
}

// TestPushing plays 60 s in a bubble against receivers that fail in their own ways.
func TestPushing(t *testing.T) {
	down := errors.New("down")
	for name, c := range map[string]struct {
		plan         func(try int, at time.Duration) error
		taken, stale int
		lost         int
		within       time.Duration // after the play
		said         int
	}{
		"good":            {func(int, time.Duration) error { return nil }, 14, 1, 0, 0, 0},
		"down for 30 s":   {func(_ int, at time.Duration) error { return when(at < 30*time.Second, down) }, 14, 1, 0, 0, 1},
		"down":            {func(int, time.Duration) error { return down }, 0, 0, 15, pushPatience, 1},
		"back at the end": {func(_ int, at time.Duration) error { return when(at < 61*time.Second, down) }, 14, 1, 0, 2 * time.Second, 1},
		"refuses one":     {func(try int, _ time.Duration) error { return when(try == 3, &refusal{"no"}) }, 13, 1, 1, 0, 1},
		"hangs":           {nil, 0, 0, 15, pushPatience, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &shaky{plan: c.plan, began: time.Now(), hangs: c.plan == nil}
				said := 0
				p := &Pusher{}
				p.work = &pushing{to: r, from: prometheus.NewRegistry(), every: defaultPushEvery, say: func(string) { said++ }}
				p.start()
				time.Sleep(60*time.Second + time.Microsecond)
				over := time.Now()
				note := p.End()
				if took := time.Since(over); took > c.within {
					t.Errorf("it held up the end for %s, want %s at most", took, c.within)
				}
				if len(r.taken) != c.taken || r.stale != c.stale || said != c.said {
					t.Errorf("taken %v, %d ends, said %d times; want %d, %d, %d", r.taken, r.stale, said, c.taken, c.stale, c.said)
				}
				for i := 1; i < len(r.taken); i++ {
					if r.taken[i].Truncate(time.Millisecond) == r.taken[i-1].Truncate(time.Millisecond) {
						t.Errorf("out of order: %v", r.taken)
					}
				}
				want := ""
				if c.lost > 0 {
					want = fmt.Sprintf("metrics were not all pushed: %d intervals were lost", c.lost)
				}
				if note != want && !(want != "" && strings.HasPrefix(note, want+": ")) {
					t.Errorf("note %q, want %q", note, want)
				}
				if p.End() != "" {
					t.Error("ended twice")
				}
			})
		})
	}
}

func when(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// TestPushingKeepsLittle of what cannot be pushed: the newest intervals.
func TestPushingKeepsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &shaky{began: time.Now(), plan: func(_ int, at time.Duration) error { return when(at < 10*time.Minute, errors.New("down")) }}
		p := &Pusher{}
		p.work = &pushing{to: r, from: prometheus.NewRegistry(), every: defaultPushEvery}
		p.start()
		time.Sleep(10*time.Minute + time.Millisecond)
		p.End()
		if len(r.taken) != maxUnpushed+1 || r.taken[len(r.taken)-1] < 10*time.Minute || r.stale != 1 {
			t.Errorf("kept %v", r.taken)
		}
	})
}

// TestPushgateway reads what a Pushgateway gets: the last of it has the verdict, and
// nothing takes it away.
func TestPushgateway(t *testing.T) {
	var paths []string
	var last map[string]*dto.MetricFamily
	status := http.StatusOK
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.UserAgent())
		last = map[string]*dto.MetricFamily{}
		for d := expfmt.NewDecoder(r.Body, expfmt.ResponseFormat(r.Header)); ; {
			family := &dto.MetricFamily{}
			if d.Decode(family) != nil {
				break
			}
			last[family.GetName()] = family
		}
		w.WriteHeader(status)
	}))
	defer gateway.Close()
	p := &Pusher{Metrics: figures(t), To: "pushgateway+" + gateway.URL, Token: "secret", Version: "1", Host: "here"}
	p.Begin()
	if note := p.End(); note != "" {
		t.Fatal(note)
	}
	const path = "PUT /metrics/job/gameday/instance/here Bearer secret gameday/1"
	if diff := cmp.Diff([]string{path, path}, paths); diff != "" {
		t.Error(diff)
	}
	h := last["gameday_response_seconds"]
	if len(last) < 9 || h == nil || len(h.Metric) != 3 || h.Metric[0].Histogram.GetSchema() != 5 || len(h.Metric[0].Histogram.Bucket) < 10 {
		t.Errorf("the gateway has %v", last)
	}
	status = http.StatusBadRequest
	p.Begin()
	if note := p.End(); !strings.HasPrefix(note, "metrics were not all pushed: 2 intervals were lost: pushing to the Pushgateway: ") {
		t.Errorf("refused: %q", note)
	}
}

func TestCheckPush(t *testing.T) {
	for address, good := range map[string]bool{
		"http://127.0.0.1:9090/api/v1/write": true, "https://prometheus.example/push?tenant=1": true, "pushgateway+http://gateway:9091": true, "pushgateway+https://gateway/base": true,
		"prometheus.example:9090": false, "http://": false, "http://user:secret@h/": false, "ftp://h/": false, "http://h/#x": false, "pushgateway+pushgateway+http://h": false, "pushgateway+": false, "://": false,
	} {
		if err := CheckPush(address); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// FuzzCheckPush holds that whatever is taken can be pushed to.
func FuzzCheckPush(f *testing.F) {
	f.Add("http://127.0.0.1:9090/api/v1/write")
	f.Add("pushgateway+http://[::1]:9091")
	f.Fuzz(func(t *testing.T, address string) {
		if CheckPush(address) != nil {
			return
		}
		if _, err := http.NewRequest(http.MethodPost, strings.TrimPrefix(address, gatewayScheme), nil); err != nil {
			t.Errorf("%q is taken, and then %v", address, err)
		}
	})
}
