package timeline

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// quiet takes an answer and keeps only its code and size.
type quiet struct {
	header http.Header
	code   int
	size   int
}

func (q *quiet) Header() http.Header  { return q.header }
func (q *quiet) WriteHeader(code int) { q.code = code }
func (q *quiet) Write(b []byte) (int, error) {
	q.size += len(b)
	return len(b), nil
}

// BenchmarkNew builds the service of a hundred thousand accounts and five million
// edges, and says what memory it begins with.
func BenchmarkNew(b *testing.B) {
	before := heap()
	for b.Loop() {
		s, err := New(Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
	s := start(b, Options{})
	used := heap() - before
	if edges := len(s.people.followed); edges < 5_000_000 || used > 500<<20 {
		b.Errorf("%d edges take %d MB", edges, used>>20)
	}
	b.ReportMetric(float64(used)/(1<<20), "MB")
}

// BenchmarkHome reads home timelines of 20 statuses, without a network, for each
// way that posts travel; everybody who is merged has posted since the start.
func BenchmarkHome(b *testing.B) {
	for _, fanout := range []string{fanoutPush, fanoutHybrid, fanoutPull} {
		b.Run(fanout, func(b *testing.B) {
			s := start(b, Options{Knobs: withKnobs(func(k *Knobs) { k.Fanout = fanout })})
			for who := range int32(100) {
				if _, bad := s.post(b.Context(), who+1, draft{text: "goal"}); bad != nil {
					b.Fatal(bad.text)
				}
			}
			s.settle()
			readHomes(b, s)
		})
	}
}

// readHomes reads one home timeline after the other.
func readHomes(b *testing.B, s *Service) {
	requests := make([]*http.Request, 4096)
	for i := range requests {
		requests[i] = httptest.NewRequest("GET", "/api/v1/timelines/home?limit=20", nil)
		requests[i].Header.Set("Authorization", "Bearer "+Token(0, 1+i*24))
	}
	w := &quiet{header: http.Header{}}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.ServeHTTP(w, requests[i%len(requests)])
		i++
	}
	if w.code != http.StatusOK {
		b.Fatal("answered", w.code)
	}
	b.ReportMetric(float64(w.size/i), "bytes/page")
}

// BenchmarkDeliveries posts as the account everybody follows and waits until the
// post is in everybody's home timeline.
func BenchmarkDeliveries(b *testing.B) {
	s := start(b, Options{})
	posts := 0
	for b.Loop() {
		if _, bad := s.post(b.Context(), 1, draft{text: "goal"}); bad != nil {
			b.Fatal(bad.text)
		}
		s.settle()
		posts++
	}
	b.ReportMetric(float64(posts)*float64(s.people.get(1).followers.Load())/b.Elapsed().Seconds(), "deliveries/s")
}

// BenchmarkDeliveriesWhileReading delivers as BenchmarkDeliveries does while home
// timelines are read, and says how many of both there were.
func BenchmarkDeliveriesWhileReading(b *testing.B) {
	s := start(b, Options{})
	stop := make(chan struct{})
	var reading sync.WaitGroup
	var reads atomic.Int64
	reading.Go(func() {
		w := &quiet{header: http.Header{}}
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			r := httptest.NewRequest("GET", "/api/v1/timelines/home?limit=20", nil)
			r.Header.Set("Authorization", "Bearer "+Token(0, 1+i*97%100_000))
			s.ServeHTTP(w, r)
			reads.Add(1)
		}
	})
	posts := 0
	for b.Loop() {
		if _, bad := s.post(b.Context(), 1, draft{text: "goal"}); bad != nil {
			b.Fatal(bad.text)
		}
		s.settle()
		posts++
	}
	close(stop)
	reading.Wait()
	b.ReportMetric(float64(posts)*float64(s.people.get(1).followers.Load())/b.Elapsed().Seconds(), "deliveries/s")
	b.ReportMetric(float64(reads.Load())/b.Elapsed().Seconds(), "reads/s")
}
