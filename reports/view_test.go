package reports

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gameday/runs"

	"github.com/google/go-cmp/cmp"
)

func encode(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sampleRuns are the runs whose Views the tests of the page start from.
func sampleRuns(t testing.TB) map[string]*runs.Run {
	return map[string]*runs.Run{
		"pass":    wideNight{long: 30, short: 10}.play(t),
		"fail":    wideNight{long: 90, short: 20, fault: true, lowered: true}.play(t),
		"aborted": aborted(t, wideNight{long: 60, short: 30, fault: true}.play(t), 83),
		"empty":   unplayed(t),
		"hostile": hostile(t),
	}
}

// sampleViews are the Views that the tests of the page start from.
func sampleViews(t testing.TB) map[string]*View {
	all := map[string]*View{}
	for name, r := range sampleRuns(t) {
		all[name] = NewView(r)
	}
	base, head := comparedNights(t)
	worse, odd := NewView(head), NewView(hostile(t))
	worse.compared(base, runs.Compare(base, head, runs.DefaultTolerance), true)
	odd.compared(night(t), strange(t), true)
	all["compared"], all["compared-hostile"] = worse, odd
	return all
}

// comparedNights are a night, and one in which readers wait longer and reactors less.
func comparedNights(t testing.TB) (base, head *runs.Run) {
	base, head = wideNight{long: 40, short: 20}.play(t), wideNight{long: 40, short: 20, seed: 1}.play(t)
	head.ID, head.Began, head.Identity = "20270215T233000Z-overtime", head.Began.Add(24*time.Hour), map[string][]string{"build": {"4.3.0"}, "config": {"9a3b1f"}}
	head.Ended = head.Ended.Add(24 * time.Hour)
	for i := range head.Tallies {
		t := &head.Tallies[i]
		t.Response = stretched(&t.Response, map[string]int{"readers": 9, "reactors": -12}[t.Crowd])
	}
	runs.Judge(head)
	return base, head
}

// TestSampleViews holds the Views that the tests of the page start from.
func TestSampleViews(t *testing.T) {
	for name, v := range sampleViews(t) {
		file := filepath.Join("web", "testdata", name+".json")
		got := append(encode(t, v), '\n')
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s differs (-want +got); -update writes it anew:\n%s", file, diff)
		}
	}
}
