package scenarios

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// FuzzRead reads anything at all. What is accepted has no mistakes, survives
// JSON, and has a schedule that can be counted.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte(broken))
	for _, name := range Shipped() {
		data, err := shipped.ReadFile(name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(strings.Replace(string(data), "name: "+name, "name: night", 1)))
	}
	for _, seed := range []string{
		"name: night\ncrowds: [{name: a, rate: 1e300/s, do: [home 1]}]\nphases: [{name: x, for: 1ns}]",
		"name: night\ncrowds: [{name: a, rate: 1/h, arrivals: bursty 9999, do: [{name: b, path: /c, body: d}]}]\nphases: [{name: x, for: 24h, load: [a 9x to 0x]}]\nexpect: [b p50 > 1s]",
		"name: night\ncrowds: [&a {name: a, rate: 10/s, do: [home]}, {<<: *a, name: b}]\nphases: [{name: x, for: 1ns}, {name: y, for: 1.5s, load: [b 0x in 1ns]}]",
		"{name: night, NAME: day}", "a: &a [*a]", "--- a\n--- b", "? [a]\n: b", "1: {2: 3}", "\x00", "[]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { readsSoundly(t, data) })
}

// readsSoundly reports whether data is accepted, and fails where FuzzRead says.
func readsSoundly(t *testing.T, data []byte) bool {
	t.Helper()
	s, err := Read("night.yaml", data)
	if err != nil {
		if found, ok := err.(Mistakes); !ok || len(found) == 0 || strings.Count(err.Error(), "\n")+1 != len(found) {
			t.Fatalf("%q", err)
		}
		return false
	}
	if found := s.Validate("night.yaml"); len(found) > 0 {
		t.Fatalf("accepted, and yet: %v", found)
	}
	again := survivesJSON(t, s)
	var most float64 // requests, at each crowd's peak all along
	for _, c := range s.Crowds {
		top := 1.0
		for _, p := range s.Phases {
			for _, l := range p.Load {
				if l.Crowd == c.Name {
					top = max(top, l.From, l.To)
				}
			}
		}
		most += float64(c.Rate) * top * s.Duration().Seconds()
	}
	if !(most >= 0 && most <= 1e15) {
		t.Fatalf("accepted, and yet it may come to %v requests", most)
	}
	if most > 1e5 || s.Duration().Seconds()*float64(len(s.Crowds)) > 1e4 {
		return true
	}
	sched := NewSchedule(s, 1)
	if peak := sched.Peak(); !bounded(peak) {
		t.Fatalf("the peak is %v", peak)
	}
	if sched.Hash() != NewSchedule(again, 1).Hash() {
		t.Fatal("the schedule is another after JSON")
	}
	return true
}

// TestReadSpoiltWords goes where single bytes seldom lead: it exchanges whole
// words of the sound scenarios.
func TestReadSpoiltWords(t *testing.T) {
	words := regexp.MustCompile(`[\w.%/]+|\W`)
	pool := append(words.FindAllString(sound+broken, -1), "naive", "none", "0%", "100%", "slicer", "down", "restart", "wipe", "1h", "0", "1", "0x", "1e300", "0.000001x", "1ns", "24h", "23h59m", "10000000/s", "0.0001x", "60x", "bursty 10000", "even",
		"to", "in", "~", "null", ".inf", "-0.0", "p50", "max", "lag", "fresh", "service", "[]", "{}", "&a ", "*a", "<<: ", "0.1/h", "99999", "1.5s", "user", "like 3")
	r := rand.New(rand.NewPCG(20, 23))
	var accepted int
	for i := range 500 {
		text := words.FindAllString([]string{sound, broken}[i%2], -1)
		for range 1 + r.IntN(3) {
			text[r.IntN(len(text))] = pool[r.IntN(len(pool))]
		}
		if readsSoundly(t, []byte(strings.Join(text, ""))) {
			accepted++
		}
	}
	if accepted < 15 {
		t.Errorf("%d texts were accepted, too few to tell", accepted)
	}
}
