package timeline

import (
	"net/http"
	"net/http/httptest"
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

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		s, err := New(Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// BenchmarkHome reads home timelines of 20 statuses, without a network.
func BenchmarkHome(b *testing.B) {
	s := start(b, Options{})
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
