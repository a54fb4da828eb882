package scenarios

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// someClients are sound clients that say some things and not others.
func someClients(r *rand.Rand) Clients {
	var c Clients
	if r.IntN(2) == 0 {
		c.Timeout = time.Second + time.Duration(r.Int64N(int64(time.Hour)))
	}
	if r.IntN(2) == 0 {
		c.Refresh.After = time.Millisecond + time.Duration(r.Int64N(int64(time.Second-time.Millisecond)))
	}
	switch r.IntN(5) {
	case 0:
		c.Retries = presets[r.IntN(len(presets))].retries
	case 1, 2:
		c.Retries = Retries{1 + r.IntN(MaxTries), time.Duration(r.Int64N(int64(MaxBackoff))), r.Float64(), MaxBudget * r.Float64(), r.IntN(2) == 0, r.IntN(2) == 0}
	}
	return c
}

// TestPause holds the pauses against their definition: they double, up to 32
// times, and of each the share that jitter says is drawn.
func TestPause(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		p := Retries{Attempts: MaxTries, Backoff: time.Duration(r.Int64N(int64(MaxBackoff))), Jitter: r.Float64()}
		attempt := 1 + r.IntN(MaxTries)
		longest := p.Backoff
		for range min(attempt-1, 5) {
			longest *= 2
		}
		if got := p.Pause(attempt, 1); got != longest {
			t.Fatalf("the longest pause of %s after try %d is %s, want %s", p, attempt, got, longest)
		}
		least := time.Duration((1 - p.Jitter) * float64(longest))
		a, b := r.Float64(), r.Float64()
		short, long := p.Pause(attempt, min(a, b)), p.Pause(attempt, max(a, b))
		if short > long || short < least-1 || long > longest {
			t.Fatalf("pauses of %s after try %d: %s and %s, want them from %s to %s", p, attempt, short, long, least, longest)
		}
		p.Jitter = 0
		if got := p.Pause(attempt, a); got != longest {
			t.Fatalf("without jitter %s, want %s", got, longest)
		}
	}
	if got := PoliteRetries.Pause(0, 0.5); got != 0 {
		t.Errorf("before the first try there is a pause of %s", got)
	}
	if got := PoliteRetries.Pause(1, 0); got != 0 {
		t.Errorf("the shortest pause of full jitter is %s", got)
	}
	if got := NaiveRetries.Pause(3, 0.5); got != 0 {
		t.Errorf("the naive wait for %s", got)
	}
}

// TestPatience plays the slowest request there is: every try lasts until its
// timeout, and every pause as long as it can.
func TestPatience(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		c := someClients(r)
		var at time.Duration
		for try := 1; ; try++ {
			at += c.Timeout
			if try >= c.Retries.Attempts {
				break
			}
			pause := c.Retries.Pause(try, 1)
			if c.Retries.RetryAfter && pause < c.Timeout {
				pause = c.Timeout // as long as it may be asked for
			}
			at += pause
			if c.Patience() < at {
				t.Fatalf("%+v have a patience of %s, and yet begin try %d after %s", c, c.Patience(), try+1, at)
			}
		}
		if got := c.Patience(); got != at {
			t.Fatalf("%+v have a patience of %s, want %s", c, got, at)
		}
	}
	for want, c := range map[time.Duration]Clients{
		5 * time.Second:  {Timeout: 5 * time.Second},
		25 * time.Second: {Timeout: 5 * time.Second, Retries: NaiveRetries, Refresh: Refresh{time.Second}},
		30 * time.Second: {Timeout: 6 * time.Second, Retries: PoliteRetries},
	} {
		if got := c.Patience(); got != want {
			t.Errorf("%+v have a patience of %s, want %s", c, got, want)
		}
	}
}

// TestClientsOr tries all that can be said and left unsaid in three places.
func TestClientsOr(t *testing.T) {
	at := func(said, n int) Clients {
		var c Clients
		if said&1 != 0 {
			c.Timeout = time.Duration(n) * time.Second
		}
		if said&2 != 0 {
			c.Retries = Retries{Attempts: n}
		}
		if said&4 != 0 {
			c.Refresh.After = time.Duration(n) * time.Millisecond
		}
		return c
	}
	for said := range 8 * 8 * 8 {
		crowd, scenario, config := said%8, said/8%8, said/64
		s := &Scenario{Clients: at(scenario, 2), Crowds: []Crowd{{}, {Clients: at(crowd, 1)}}}
		want := Clients{}
		for _, from := range []Clients{at(config, 3), at(scenario, 2), at(crowd, 1)} { // the last goes first
			if from.Timeout != 0 {
				want.Timeout = from.Timeout
			}
			if from.Retries != (Retries{}) {
				want.Retries = from.Retries
			}
			if from.Refresh.After != 0 {
				want.Refresh = from.Refresh
			}
		}
		if got := s.ClientsOf(1, at(config, 3)); got != want {
			t.Errorf("crowd %03b, scenario %03b, configuration %03b: %+v, want %+v", crowd, scenario, config, got, want)
		}
	}
}

func TestRetriesText(t *testing.T) {
	for text, want := range map[string]Retries{"none": {Attempts: 1}, "naive": NaiveRetries, "polite": PoliteRetries} {
		var r Retries
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want || r.String() != text {
			t.Errorf("%s is %s, %v", text, r, err)
		}
		if data, err := json.Marshal(Clients{Retries: r}); err != nil || string(data) != `{"retries":"`+text+`"}` {
			t.Errorf("%s is written as %s, %v", text, data, err)
		}
	}
	for _, text := range []string{"", "None", "naive ", "{attempts: 4}", "3"} {
		var r Retries
		if err := r.UnmarshalText([]byte(text)); err == nil || r != (Retries{}) {
			t.Errorf("%q is %s", text, r)
		}
	}
	r := Retries{4, 1500 * time.Millisecond, 0.5, 0.1, true, true}
	if got, want := r.String(), "{attempts: 4, backoff: 1.5s, jitter: 0.5, budget: 0.1, new_connection: true, retry_after: true}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestRetriesAreYAML writes retries as keys, and reads them in a scenario.
func TestRetriesAreYAML(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		c := someClients(r)
		if c.Retries == (Retries{}) {
			continue
		}
		text := strings.Replace(sound, "seed: 48", fmt.Sprintf("clients: {retries: %s}", c.Retries), 1)
		s, err := Read("night.yaml", []byte(text))
		if err != nil || s.Clients.Retries != c.Retries {
			t.Fatalf("%s are %+v, %v", c.Retries, s, err)
		}
	}
}

// FuzzClients reads any JSON. Clients without mistakes are the same when they are
// written and read again, and their patience is bounded.
func FuzzClients(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"timeout":"5s","retries":"none"}`, `{"retries":"polite","refresh":{"after":"1s"}}`, `{"timeout":"24h","refresh":{"after":"24h"}}`,
		`{"retries":{"attempts":100,"backoff":"1h","jitter":1,"budget":100,"new_connection":true,"retry_after":true}}`, `{"retries":{"attempts":1e2}}`, `{"retries":5}`, `{"timeout":"-5s"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c, again Clients
		if json.Unmarshal(data, &c) != nil || len(c.Validate("f", "clients")) > 0 {
			return
		}
		written, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &again); err != nil || again != c {
			t.Fatalf("%s is %+v, %v, and was %+v", written, again, err, c)
		}
		if p := c.Patience(); p < c.Timeout || p > MaxTries*(MaxDuration+32*MaxBackoff) {
			t.Fatalf("%s have a patience of %s", written, p)
		}
	})
}
