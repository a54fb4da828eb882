package runs

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// accepted checks what every accepted record must be good for: it is saved and
// read again as the same record, judged, and judged the same again.
func accepted(t *testing.T, r *Run) {
	before := text(t, r)
	again, err := ReadRun(strings.NewReader(before))
	if err != nil {
		t.Fatalf("a record that was accepted is not accepted again: %v\n%s", err, before)
	}
	if after := text(t, again); after != before {
		t.Fatalf("read again it is another:\n%s\n%s", before, after)
	}
	Judge(r)
	Judge(again)
	if text(t, again) != text(t, r) {
		t.Fatalf("judged otherwise:\n%s\n%s", text(t, r), text(t, again))
	}
	var due, offered uint64
	for _, p := range r.Phases {
		for _, n := range p.Due {
			due += n
		}
	}
	for i := range r.Tallies {
		offered += r.Tallies[i].Offered
	}
	if r.Verdict == Pass && (due != offered || r.Aborted != "" || r.Ended.IsZero() || r.Witness.Lied > 0) {
		t.Fatalf("passes with %d of %d requests: %s", offered, due, text(t, r))
	}
}

func FuzzReadRun(f *testing.F) {
	f.Add([]byte(text(f, small(f))))
	lied := small(f)
	watch(lied, 0, ms)
	lied.Add(&Entry{Witness: &Witness{Lies: []string{"gone"}, Lied: 1}, Marks: []Mark{{At: 1, Kind: MarkAborted, Text: "so"}}, Generator: &Generator{CPU: 1e9, CPUShare: 0.5}})
	f.Add([]byte(text(f, lied)))
	f.Add([]byte(text(f, night(f, "p99 <= 1s", "", "success >= 1%"))))
	f.Add([]byte(text(f, storm(f, stormCase{spells: []spell{{seconds: 31, good: 100}, {seconds: 1, rate: 2}, {seconds: 31, good: 100}}, marks: fault("f", 31, 32), expect: "recovers within 9s"}))))
	f.Add([]byte(`{"schema":1,"scenario":{"name":"x","asks":"?","population":{"accounts":9,"followers":1,"hot":1},"crowds":[{"name":"c","rate":"1/s","arrivals":"even","do":["home"]}],"phases":[{"name":"p","for":"1s"}]},"scale":"1%","phases":[{"name":"p","end":1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadRun(bytes.NewReader(data))
		if err == nil {
			accepted(t, r)
		}
	})
}

func FuzzReadJournal(f *testing.F) {
	all := asks(rand.New(rand.NewPCG(9, 9)))[:3]
	f.Add(journalOf(f, record(f, "success >= 99%, lag p50 <= 1s, fresh max <= 1s", all), all))
	var whole bytes.Buffer
	if err := (&Entry{Run: small(f)}).Write(&whole); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadJournal(bytes.NewReader(data))
		if err != nil {
			return
		}
		accepted(t, r)
		again, err := ReadJournal(bytes.NewReader(slices.Concat(data, []byte(`{"run":{"schema":1`)))) // a line that was cut
		if bytes.HasSuffix(data, []byte("\n")) && (err != nil || text(t, again.Tallies) != text(t, r.Tallies)) {
			t.Fatalf("with half a line more it is another: %v", err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, JournalFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err != nil {
			t.Fatal(err)
		}
	})
}
