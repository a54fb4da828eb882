package harness

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gameday/runs"
)

// TestJournal kills a play by cutting its journal off anywhere: what is left is a
// run, and the whole journal is the very run that was returned.
func TestJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var journal bytes.Buffer
		run := playing(t, &Harness{Journal: &journal}, func(r *http.Request) *http.Response {
			pause(r, time.Duration(len(r.URL.Path))*time.Millisecond)
			if r.URL.Path == "/search" {
				return answer(429, "text/plain", "")
			}
			return answer(200, "text/plain", "")
		}, night(t, steady))
		whole, err := runs.ReadJournal(bytes.NewReader(journal.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(run.Tallies, whole.Tallies); diff != "" {
			t.Errorf("tallies of the run and of its journal differ:\n%s", diff)
		}
		if diff := cmp.Diff(run.Generator.Lags, whole.Generator.Lags); diff != "" {
			t.Errorf("lags differ:\n%s", diff)
		}
		if diff := cmp.Diff(run.Marks, whole.Marks); diff != "" {
			t.Errorf("marks differ:\n%s", diff)
		}
		for cut := journal.Len() - 1; cut > 0; cut -= 997 {
			part, err := runs.ReadJournal(bytes.NewReader(journal.Bytes()[:cut]))
			if err != nil {
				if !bytes.Contains(journal.Bytes()[:cut], []byte("\n")) {
					continue // killed while it wrote its first line
				}
				t.Fatalf("cut at %d: %v", cut, err)
			}
			runs.Judge(part)
			if part.Verdict == runs.Pass || part.Aborted == "" {
				t.Fatalf("cut at %d: verdict %s, aborted %q", cut, part.Verdict, part.Aborted)
			}
		}
	})
}

// TestTheSamePlayAgain plays a seed twice: the same requests arrive, at the same
// times.
func TestTheSamePlayAgain(t *testing.T) {
	pressed := func(seed uint64) (log []string) {
		synctest.Test(t, func(t *testing.T) {
			s := night(t, steady)
			s.Seed = seed
			var mu sync.Mutex
			start := time.Now()
			playing(t, &Harness{}, func(r *http.Request) *http.Response {
				mu.Lock()
				defer mu.Unlock()
				log = append(log, time.Since(start).String()+" "+r.Method+" "+r.URL.Path)
				return answer(200, "text/plain", "")
			}, s)
			slices.Sort(log)
		})
		return log
	}
	first := pressed(3)
	if diff := cmp.Diff(first, pressed(3)); diff != "" {
		t.Errorf("the same seed pressed otherwise:\n%s", diff)
	}
	if slices.Equal(first, pressed(4)) {
		t.Error("another seed pressed the same")
	}
}

func TestWatchSeesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen runs.Run
		var moments, last int
		h := &Harness{Watch: func(m Moment) {
			seen.Add(m.Entry)
			moments++
			if m.Last {
				last++
			}
		}}
		run := playing(t, h, func(r *http.Request) *http.Response { return answer(200, "text/plain", "") }, night(t, steady))
		if diff := cmp.Diff(run.Tallies, seen.Tallies); diff != "" {
			t.Errorf("the moments do not add up to the run:\n%s", diff)
		}
		if moments < 30 || last != 1 {
			t.Errorf("%d moments, %d of them the last; want one a second", moments, last)
		}
	})
}
