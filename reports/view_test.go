package reports

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

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

// TestSampleViews holds the Views that the tests of the page start from.
func TestSampleViews(t *testing.T) {
	for name, r := range sampleRuns(t) {
		file := filepath.Join("web", "testdata", name+".json")
		got := append(encode(t, NewView(r)), '\n')
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
