package faults

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestShare(t *testing.T) {
	for text, want := range map[string]Share{"10%": 0.1, "0.1": 0.1, "1": 1, "100%": 1, "0.5%": 0.005} {
		var s Share
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s is %v, %v; want %v", text, s, err, want)
		}
	}
	for _, text := range []string{"", "0", "0%", "-1", "1.1", "101%", "NaN", "1e-1", "0x1", "half", "%"} {
		var s Share
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
}

// FuzzFault reads any JSON. A fault without mistakes is the same when it is
// written and read again, has places and hosts, and overlaps none but others.
func FuzzFault(f *testing.F) {
	for _, row := range samples {
		f.Add([]byte(row))
	}
	f.Add([]byte(`{"name":"x","kind":"link","toxicity":"0.5","timeout":"-1s","knobs":{"a":[1,{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var fault Fault
		if json.Unmarshal(data, &fault) != nil || len(fault.Validate()) > 0 {
			return
		}
		text, err := json.Marshal(fault)
		if err != nil {
			t.Fatal(err)
		}
		var again Fault
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("%v, in %s", err, text)
		}
		if diff := cmp.Diff(fault, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if !fault.Same(again) || fault.Overlaps(again) != "" {
			t.Errorf("not the same: %s", text)
		}
		fault.Fits(Site{})
		fault.Hosts()
		again.Name += "2"
		k, _ := kindOf(fault.Kind)
		if places := k.places(fault); (fault.Overlaps(again) != "") != (len(places) > 0) {
			t.Errorf("places %q, and beside itself: %q", places, fault.Overlaps(again))
		}
	})
}

// samples are sound faults of all kinds.
var samples = []string{
	`{"name":"x","kind":"link","on":"store","toxic":"latency","latency":"200ms","jitter":"20ms","toxicity":"0.25"}`,
	`{"name":"x","kind":"toxiproxy","on":"store","toxic":"slicer","average_size":10,"size_variation":3,"delay":"20us"}`,
	`{"name":"x","kind":"process","on":"p","do":"pause"}`,
	`{"name":"x","kind":"service","knobs":{"store_delay":"500ms","fanout_workers":1}}`,
	`{"name":"x","kind":"service","do":"flush","shards":[0,3]}`,
	`{"name":"x","kind":"command","inject":{"run":["a"]},"confirm":{"run":["b"]},"mend":{"run":["c"],"within":"5s"}}`,
	`{"name":"x","kind":"http","inject":{"url":"http://127.0.0.1"},"confirm":{"url":"http://127.0.0.1","contains":"on"},"mend":{"url":"http://127.0.0.1","status":200}}`,
}

// TestEveryKeyIsSomebodys finds no key of a fault that goes with no kind, and none
// of a kind that a fault has not.
func TestEveryKeyIsSomebodys(t *testing.T) {
	used := map[string]bool{"name": true, "kind": true}
	for _, k := range kinds {
		for _, toxic := range []string{down, "latency", "bandwidth", "timeout", "reset_peer", "slow_close", "slicer", "limit_data"} {
			for _, key := range k.keys(Fault{Toxic: toxic}) {
				used[key] = true
			}
		}
	}
	fields := reflect.TypeFor[Fault]()
	for i := range fields.NumField() {
		key, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
		if !used[key] {
			t.Errorf("%s goes with no kind", key)
		}
		delete(used, key)
	}
	for key := range used {
		t.Errorf("a fault has no key %s", key)
	}
}

func TestDurationsAsText(t *testing.T) {
	f := Fault{Name: "x", Kind: "link", On: "store", Toxic: "latency", Latency: 1500 * time.Millisecond, Mend: Step{Within: time.Minute}}
	text, err := json.Marshal(f)
	want := `{"name":"x","kind":"link","on":"store","toxic":"latency","mend":{"within":"1m0s"},"latency":"1.5s"}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
	if err := json.Unmarshal([]byte(`{"latency":"-1s"}`), &f); err == nil || err.Error() != `"-1s": want a duration, such as 500ms` {
		t.Error(err)
	}
}
