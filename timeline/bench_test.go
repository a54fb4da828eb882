package timeline

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
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

// BenchmarkReadsWhileDelivering reads home timelines over HTTP from 16 connections,
// alone and while the account everybody follows posts four times a second, and says
// how many of both there were.
func BenchmarkReadsWhileDelivering(b *testing.B) {
	for name, every := range map[string]time.Duration{"alone": time.Hour, "400000": 250 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			s := start(b, Options{})
			address, _ := serve(b, s)
			stop := make(chan struct{})
			var posting sync.WaitGroup
			posts := 0
			posting.Go(func() {
				tick := time.NewTicker(every)
				defer tick.Stop()
				for {
					select {
					case <-stop:
						return
					case <-tick.C:
					}
					if _, bad := s.post(b.Context(), 1, draft{text: "goal"}); bad != nil {
						b.Error(bad.text)
						return
					}
					s.settle()
					posts++
				}
			})
			var next atomic.Int64
			b.SetParallelism(8)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) { readOver(b, address, pb, &next) })
			b.StopTimer()
			close(stop)
			posting.Wait()
			b.ReportMetric(float64(posts)*float64(s.people.get(1).followers.Load())/b.Elapsed().Seconds(), "deliveries/s")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
		})
	}
}

// readOver reads home timelines over one connection, of accounts here and there.
func readOver(b *testing.B, address string, pb *testing.PB, next *atomic.Int64) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Error(err)
		return
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	var ask []byte
	for pb.Next() {
		who := 1 + int(next.Add(97)%100_000)
		ask = fmt.Appendf(ask[:0], "GET /api/v1/timelines/home?limit=20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", Token(0, who))
		if _, err := conn.Write(ask); err != nil {
			b.Error(err)
			return
		}
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				b.Error(err)
				return
			}
			if text, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(text)))
			}
			if len(line) == 2 {
				break
			}
		}
		if _, err := in.Discard(length); err != nil {
			b.Error(err)
			return
		}
	}
}

// BenchmarkFull fills the home timelines of 20,000 accounts and says what an entry
// takes: of the memory in use, and of what the process has taken.
func BenchmarkFull(b *testing.B) {
	for b.Loop() {
		const accounts = 20_000
		before := heap()
		s := start(b, Options{Accounts: accounts})
		for range 900 {
			if _, bad := s.post(b.Context(), 1, draft{text: "goal"}); bad != nil {
				b.Fatal(bad.text)
			}
		}
		s.settle()
		var taken runtime.MemStats
		runtime.ReadMemStats(&taken)
		entries := float64(accounts * s.knobs.Load().TimelineCap)
		b.ReportMetric(float64(heap()-before)/entries, "B/entry")
		b.ReportMetric(float64(taken.Sys-taken.HeapReleased)/entries, "B/entry-taken")
		b.ReportMetric(accounts*900/b.Elapsed().Seconds(), "deliveries/s")
		s.Close()
	}
}
