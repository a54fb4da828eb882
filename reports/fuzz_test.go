package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"gameday/runs"
)

const smallRun = `{"schema":1,"id":"x","scenario":{"name":"steady","asks":"?","seed":1,"population":{"accounts":9,"followers":0.784},
"crowds":[{"name":"readers","rate":"1/s","arrivals":"even","do":["home 1"]},{"name":"posters","rate":"1/s","arrivals":"even","do":["post 1"]}],
"phases":[{"name":"a|b","for":"1s"},{"name":"b","for":"1s"}],"expect":["success >= 9%","readers p99 <= 1s"]},
"target":{"name":"t"},"identity":{"build":["1"]},"scale":"1%","seed":1,"schedule":"ab","began":"2027-02-14T23:30:00Z","ended":"2027-02-14T23:30:02Z",
"host":{"name":"h","cpus":2},"aborted":"no","verdict":"fail","why":"so","findings":[{"expect":"p99 <= 1s","phase":"b","limit":"<= 1s","got":"2s","verdict":"fail","why":"?"}],
"phases":[{"name":"a|b","begin":0,"end":1,"due":{"readers":3}},{"name":"b","begin":1,"end":2}],
"tallies":[{"phase":0,"second":0,"crowd":"readers","action":"home","offered":3,"good":1,"failed":{"5xx":1},"late":1,"max_lag":0.5,
"response":{"count":2,"sum":7,"min":3,"max":4,"buckets":[[-905,1],[-892,1]]},"service":{"count":2,"sum":7,"min":3,"max":4,"buckets":[[-905,1],[-892,1]]}}],
"examples":[{"cause":"5xx","at":0.5,"crowd":"readers","action":"home","status":500,"says":"no"}],"marks":[{"at":1,"kind":"aborted","text":"x"}],"witness":{"posts":1,"seen":1,"fresh":[{"count":1,"sum":4,"min":4,"max":4,"buckets":[[-892,1]]}],"lies":["l"],"lied":1},
"generator":{"in_flight_peak":1,"cpu":1,"cpu_share":0.5,"starved":1,"memory_peak":1,"lags":[{"crowd":"readers","lag":{"count":1,"sum":4,"min":4,"max":4,"buckets":[[-892,1]]}}],"notes":["n"]}}`

// Whatever is accepted as a record can be printed in every format, whether it
// keeps the verdict it has or is judged anew.
func FuzzFormats(f *testing.F) {
	if _, err := runs.ReadRun(strings.NewReader(smallRun)); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(smallRun), false)
	f.Add([]byte(strings.ReplaceAll(smallRun, "\n", "")), true)
	f.Add([]byte(`{"schema":1,"scenario":{"name":"x","population":{"accounts":9,"followers":0.784},"crowds":[{"name":"c","rate":"1/s","do":["home"]}],"phases":[{"name":"p","for":"1s"}]},"phases":[{}]}`), true)
	f.Fuzz(func(t *testing.T, data []byte, judge bool) {
		r, err := runs.ReadRun(bytes.NewReader(data))
		if err != nil {
			return
		}
		if judge {
			runs.Judge(r)
		}
		checkFormats(t, r)
	})
}

// Every format copes with any word and any number wherever a record has one.
func FuzzFields(f *testing.F) {
	f.Add(nasty, int64(-1), uint64(0), 0.5)
	f.Add("", int64(1<<62), uint64(1<<64-1), -1e300)
	f.Add(" ", int64(1<<62), uint64(1<<64-1), -1e300)
	f.Fuzz(func(t *testing.T, word string, d int64, n uint64, share float64) {
		r, err := runs.ReadRun(strings.NewReader(smallRun))
		if err != nil {
			t.Fatal(err)
		}
		rename(r, word)
		span := runs.Span(d)
		r.Began = time.Unix(d, 0)
		r.Ended = r.Began.Add(time.Duration(d))
		r.Phases[0].Begin, r.Phases[1].End = span, span
		r.Phases[1].Due = map[string]uint64{word: n}
		r.Seed, r.Host.CPUs = n, int(d)
		for i := range r.Tallies {
			c := &r.Tallies[i]
			c.Phase, c.Second, c.MaxLag = int(d), int(d), span
			c.Offered, c.Good, c.Late, c.Waited, c.Failed[word] = n, n/2, n/3, n/5, n/7
		}
		r.Findings[0].Verdict, r.Verdict = runs.Verdict(d), runs.Verdict(n)
		r.Witness.Posts, r.Witness.Seen, r.Witness.Failed, r.Witness.Lied = n, n, n, n
		r.Generator.InFlightPeak, r.Generator.CPU, r.Generator.CPUShare, r.Generator.Starved, r.Generator.MemoryPeak = int(d), span, share, int(d), n
		r.Generator.Steal, r.Generator.StealShare, r.Generator.GC = span, share, runs.GC{Count: n, Total: span, Max: span, CPUShare: share}
		r.Examples[0].At, r.Examples[0].Status = span, int(d)
		checkFormats(t, r)
	})
}
