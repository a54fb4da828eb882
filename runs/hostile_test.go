package runs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// small is a record that passes, short enough to be changed by hand.
func small(t testing.TB) *Run {
	r := play(night(t, "success >= 50%, p50 <= 1s", ""), load{n: 9, took: ms, sent: ms / 2}, load{n: 1, failed: "5xx", sent: ms / 2})
	Judge(r)
	if r.Verdict != Pass {
		t.Fatalf("%s: %s", r.Verdict, r.Why)
	}
	return r
}

// hostile are changes to a small record, and what is said of it then. Nothing
// means that it is read, and is no pass; PASS that it is still one.
var hostile = []struct{ old, new, says string }{
	{`"phases":[{"name":"p0","begin"`, `"phases":[{"name":"p1","begin"`, "phases[0] is not laid out as in the scenario"},
	{`"end":10,"due"`, `"end":9,"due"`, "phases[0] is not laid out as in the scenario"},
	{`"begin":0,"end"`, `"begin":-1,"end"`, "phases[0] is not laid out as in the scenario"},
	{`"buyers":0,`, `"buyers":0,"ghosts":0,`, `phases[0].due: the scenario has no crowd "ghosts"`},
	{`"readers":10}`, `"readers":-10}`, "not a run of gameday: json: cannot unmarshal number -10"},
	{`"buyers":0,`, ``, ""},
	{`"due":{"buyers":0,"posters":0,"readers":10}`, `"due":null`, ""},
	{`"due":{"buyers":0,"posters":0,"readers":10}`, `"dew":{}`, ""},
	{`"scale":"1%"`, `"scale":"0%"`, "not a run of gameday: "},
	{`"scale":"1%",`, ``, "the record does not say at what scale it was played"},
	{`"asks":"Does it hold?"`, `"asks":7`, "not a run of gameday: json: cannot unmarshal number"},
	{`"rate":"100/s"`, `"rate":"0/s"`, "the record's scenario: crowds[0].rate: "},
	{`"for":"10s"`, `"for":"1000h"`, "the record's scenario: phases: "},
	{`"name":"readers"`, `"name":"p99"`, "the record's scenario: crowds[0].name: "},
	{`"scenario":{`, `"scenario":null,"x":{`, "not a run of gameday: it has no schema or no scenario"},
	{`"tallies":[{"phase":0`, `"tallies":[{"phase":-1`, "tallies[0] does not add up"},
	{`"tallies":[{"phase":0`, `"tallies":[{"phase":1`, "tallies[0] does not add up"},
	{`"tallies":[{"phase":0`, `"tallies":[{"phase":0.5`, "not a run of gameday: json: cannot unmarshal number 0.5"},
	{`"second":0`, `"second":-1`, "tallies[0] does not add up"},
	{`"second":0`, `"second":10`, "tallies[0] does not add up"},
	{`"second":0`, `"second":9223372036854775807`, "tallies[0] does not add up"},
	{`"crowd":"readers","action":"home"`, `"crowd":"ghosts","action":"home"`, `tallies[0]: the scenario has no crowd "ghosts" that does "home"`},
	{`"crowd":"readers","action":"home"`, `"crowd":"readers","action":"post"`, `tallies[0]: the scenario has no crowd "readers" that does "post"`},
	{`"offered":10`, `"offered":11`, "tallies[0] does not add up"},
	{`"offered":10`, `"offered":1e1`, "not a run of gameday: json: cannot unmarshal number 1e1"},
	{`"offered":10`, `"offered":NaN`, "not a run of gameday: invalid character 'N'"},
	{`"good":9`, `"good":10`, "tallies[0] does not add up"},
	{`"attempts":10`, `"attempts":10,"late":6,"waited":5`, "tallies[0] does not add up"},
	{`{"5xx":1}`, `{"5xx":2}`, "tallies[0] does not add up"},
	{`{"5xx":1}`, `{"5xx":9223372036854775809,"a":9223372036854775808}`, "tallies[0] does not add up"}, // adds up to 1
	{`"max_lag":0.0005`, `"max_lag":1e300`, "not a run of gameday: 1e300: want a number of seconds"},
	{`"response":{"count":9`, `"response":{"count":10`, "not a run of gameday: reading a histogram: "},
	{`"lags":[{"phase":0`, `"lags":[{"phase":1`, "generator.lags[0] is of 10 requests; the tallies hold 0"},
	{`"lags":[{"phase":0,"crowd":"readers"`, `"lags":[{"phase":0,"crowd":"ghosts"`, "generator.lags[0] is of 10 requests; the tallies hold 0"},
	{`"posts":0`, `"posts":0,"lies":["gone"]`, "witness does not add up"},
	{`"seen":0`, `"seen":1`, "witness does not add up"},
	{`"fresh":null`, `"fresh":[{},{}]`, "witness does not add up"},
	{`"fresh":null`, `"fresh":[{"count":1,"sum":4,"min":4,"max":4,"buckets":[[-892,1]]}]`, "witness does not add up"},
	{`"marks":null`, `"marks":null,"examples":[{"cause":"5xx"},{"cause":"5xx"}]`, "examples[1] is not behind the one before, in order of cause"},
	{`"marks":null`, `"marks":null,"examples":[{"cause":"b"},{"cause":"a"}]`, "examples[1] is not behind the one before, in order of cause"},
	{`"marks":null`, `"marks":null,"examples":[{"cause":"5xx","says":"two\nlines"}]`, "examples[0].says is not one line"},
	{`"marks":null`, `"marks":null,"examples":[{"cause":"5xx","at":1.5,"crowd":"ghosts","status":500,"says":"no"}]`, "PASS"},
	{`"lied":0`, `"lied":1`, ""},
	{`"ended":"2027-02-14T23:30:10Z",`, ``, ""},
	{`"failed":{"5xx":1}`, `"failed":{"5xx":1,"5xx":1}`, "PASS"},       // the last of two equal keys counts
	{`"offered":10`, `"offered":10,"OFFERED":99,"offered":10`, "PASS"}, // the same
	{`"schema":1`, `"schema":1,"more":{"from":"the future"}`, "PASS"},
}

// Records that no play could have written are refused in a sentence that says
// where, or they are no pass.
func TestHostileRecords(t *testing.T) {
	good := text(t, small(t))
	for _, tt := range hostile {
		if strings.Count(good, tt.old) == 0 {
			t.Fatalf("the record does not hold %s:\n%s", tt.old, good)
		}
		r, err := ReadRun(strings.NewReader(strings.Replace(good, tt.old, tt.new, 1)))
		switch {
		case tt.says != "" && tt.says != "PASS":
			if err == nil || !strings.HasPrefix(err.Error(), tt.says) {
				t.Errorf("%s: %v, want %s", tt.new, err, tt.says)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.new, err)
		default:
			if Judge(r); (r.Verdict == Pass) != (tt.says == "PASS") {
				t.Errorf("%s: %s: %s", tt.new, r.Verdict, r.Why)
			}
		}
	}
}

// Tallies that stand there twice would hide others that are missing.
func TestTwice(t *testing.T) {
	r := small(t)
	r.Tallies = append(r.Tallies, r.Tallies[0])
	if _, err := ReadRun(strings.NewReader(text(t, r))); err == nil || err.Error() != "tallies[1] is of what another tally is of" {
		t.Errorf("a tally twice: %v", err)
	}
	r = small(t)
	r.Generator.Lags = append(r.Generator.Lags, r.Generator.Lags[0])
	if _, err := ReadRun(strings.NewReader(text(t, r))); err == nil || err.Error() != "generator.lags[1] is of what another is of" {
		t.Errorf("a lag twice: %v", err)
	}
}

// Counts that would overflow when they are added are refused.
func TestTooManyRequests(t *testing.T) {
	r := small(t)
	const most = 1 << 53
	r.Tallies = nil
	for second := range 2 {
		r.Tallies = append(r.Tallies, Tally{Second: second, Crowd: "readers", Action: "home", Offered: most, Failed: map[string]uint64{"5xx": most}})
	}
	r.Generator.Lags = nil
	if _, err := ReadRun(strings.NewReader(text(t, r))); err == nil || err.Error() != "the record holds more than 2^53 requests" {
		t.Errorf("2^54 requests: %v", err)
	}
}

// Tallies in any order are judged alike.
func TestOutOfOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	r := record(t, "success >= 99%, p99 <= 100ms, lag p99 <= 1ms", asks(rng))
	Judge(r)
	want := text(t, r.Findings)
	for range 20 {
		rng.Shuffle(len(r.Tallies), func(i, j int) { r.Tallies[i], r.Tallies[j] = r.Tallies[j], r.Tallies[i] })
		lags := r.Generator.Lags
		rng.Shuffle(len(lags), func(i, j int) { lags[i], lags[j] = lags[j], lags[i] })
		again, err := ReadRun(strings.NewReader(text(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if Judge(again); text(t, again.Findings) != want {
			t.Fatalf("another order is judged otherwise:\n%s\n%s", want, text(t, again.Findings))
		}
	}
}

// A huge number of phases, crowds or promises is refused before anything is done
// for each.
func TestHugeRecords(t *testing.T) {
	for name, n := range map[string]int{"phases": 20_000, "expect": 20_000} {
		var list []string
		for i := range n {
			list = append(list, map[string]string{"phases": fmt.Sprintf(`{"name":"p%d","for":"1ms"}`, i), "expect": fmt.Sprintf(`"p%d.%d <= 1s"`, 1+i%90, i)}[name])
		}
		var all map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text(t, small(t))), &all); err != nil {
			t.Fatal(err)
		}
		var scenario map[string]json.RawMessage
		if err := json.Unmarshal(all["scenario"], &scenario); err != nil {
			t.Fatal(err)
		}
		scenario[name] = json.RawMessage("[" + strings.Join(list, ",") + "]")
		all["scenario"] = json.RawMessage(text(t, scenario))
		if name == "phases" {
			all["phases"] = json.RawMessage("[" + strings.Repeat("{},", n-1) + "{}]")
		}
		if _, err := ReadRun(strings.NewReader(text(t, all))); err == nil || !strings.Contains(err.Error(), "want at most 1000") {
			t.Errorf("%d %s: %v", n, name, err)
		}
	}
}
