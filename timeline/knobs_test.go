package timeline

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// withKnobs are the defaults with some turned.
func withKnobs(turn func(*Knobs)) *Knobs {
	k := DefaultKnobs()
	turn(&k)
	return &k
}

// turn sets knobs of a running service.
func (s *Service) turn(t testing.TB, patch string) {
	t.Helper()
	if found := s.Turn([]byte(patch)); len(found) > 0 {
		t.Fatalf("%s was refused: %v", patch, found)
	}
}

func TestDefaultKnobsAreRight(t *testing.T) {
	if found := DefaultKnobs().Validate(); len(found) > 0 {
		t.Error(found)
	}
}

// otherValue is a right value of a knob that is not the one it has.
func otherValue(t *testing.T, k knob, has any) any {
	switch v := has.(type) {
	case bool:
		return !v
	case string:
		if k.words == nil {
			return v + "x"
		}
		return k.words[(slices.Index(k.words, v)+1)%len(k.words)]
	case []string:
		return append(slices.Clone(v), "x")
	case int:
		if v == k.most {
			return v - 1
		}
		return v + 1
	case float64:
		if v == k.most {
			return v / 2
		}
		return (v + k.most.(float64)) / 2
	case time.Duration:
		return v + time.Millisecond
	}
	t.Fatalf("the knob %s has a value of another type, %T", k.name, has)
	return nil
}

// patchOf is the JSON that sets one knob.
func patchOf(name string, value any) string {
	if d, ok := value.(time.Duration); ok {
		value = d.String()
	}
	text, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestEveryKnobTurns turns each knob to another value: it alone changes, the
// hash with it, and what JSON says of it sets it again.
func TestEveryKnobTurns(t *testing.T) {
	base := DefaultKnobs()
	seen := map[uint64]string{base.Hash(): "no knob"}
	for _, one := range allKnobs {
		want := otherValue(t, one, reflect.ValueOf(base).Field(one.at).Interface())
		got, found := base.patched([]byte(patchOf(one.name, want)))
		if len(found) > 0 {
			t.Errorf("%s was refused: %v", patchOf(one.name, want), found)
			continue
		}
		expected := base
		reflect.ValueOf(&expected).Elem().Field(one.at).Set(reflect.ValueOf(want))
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("setting %s (-want +got):\n%s", one.name, diff)
		}
		if other, twice := seen[got.Hash()]; twice || got.Hash() >= 1<<53 {
			t.Errorf("changing %s hashes as changing %s", one.name, other)
		}
		seen[got.Hash()] = one.name
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, found := DefaultKnobs().patched(text); len(found) > 0 || !cmp.Equal(again, got) {
			t.Errorf("what JSON says of %s is not read back: %v", one.name, found)
		}
	}
}

// TestKnobMistakes sets each knob to what it cannot be: one sentence, with the key.
func TestKnobMistakes(t *testing.T) {
	base := DefaultKnobs()
	for _, one := range allKnobs {
		for name, value := range map[string]string{"null": "null", "an object": "{}", "a list of lists": "[[]]", "another type": "1e99"} {
			_, found := base.patched(fmt.Appendf(nil, `{%q:%s}`, one.name, value))
			if len(found) != 1 || found[0].Key != one.name || found[0].Says == "" {
				t.Errorf("%s set to %s: %v", one.name, name, found)
			}
		}
		if one.least == nil {
			continue
		}
		for _, value := range []any{beyond(one.least, -1), beyond(one.most, 1)} {
			_, found := base.patched([]byte(patchOf(one.name, value)))
			if len(found) != 1 || found[0].Key != one.name || !strings.Contains(found[0].Says, fmt.Sprint(one.most)) {
				t.Errorf("%s set to %v: %v", one.name, value, found)
			}
		}
	}
	if found := withKnobs(func(k *Knobs) { k.ErrorShare, k.Flags = math.NaN(), []string{"a", "a"} }).Validate(); len(found) != 2 {
		t.Errorf("NaN and a flag twice are %v", found)
	}
}

// beyond is a little below or above an end of a range.
func beyond(end any, by int) any {
	switch v := end.(type) {
	case int:
		return v + by
	case float64:
		return v + float64(by)*0.01
	}
	return end.(time.Duration) + time.Duration(by)
}

// TestPatchIsAllOrNothing makes several mistakes at once: all are told and
// nothing is set.
func TestPatchIsAllOrNothing(t *testing.T) {
	s := start(t, Options{Accounts: 2})
	before := *s.knobs.Load()
	found := s.Turn([]byte(`{"fanout":"pull","timeline_cap":0,"rank_cost":7,"Fanout":"push","fanout":"pull","nonsense":1}`))
	var keys []string
	for _, m := range found {
		keys = append(keys, m.Key)
	}
	if want := []string{"rank_cost", "Fanout", "fanout", "nonsense", "timeline_cap"}; !slices.Equal(keys, want) {
		t.Errorf("the mistakes are %v, want them at %v", found, want)
	}
	if !cmp.Equal(*s.knobs.Load(), before) {
		t.Error("a refused patch set something")
	}
	for _, text := range []string{"", "7", "[]", `{"fanout":"pull"`, `{"fanout":"pull"}{}`, "\xff", `{"fanout" "pull"}`} {
		if found := s.Turn([]byte(text)); len(found) != 1 || found[0].Key != "" {
			t.Errorf("%q is refused with %v", text, found)
		}
	}
	if !cmp.Equal(*s.knobs.Load(), before) {
		t.Error("a refused patch set something")
	}
}

func TestOptionsRefuseWrongKnobs(t *testing.T) {
	_, err := New(Options{Accounts: 2, Knobs: withKnobs(func(k *Knobs) { k.Shed = "maybe" })})
	if err == nil || !strings.Contains(err.Error(), "shed") {
		t.Errorf("wrong knobs: %v", err)
	}
}

// FuzzPatch sets knobs from any text: either mistakes are told and nothing is set,
// or what is set is right and can be read back.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(`{"fanout":"pull","rank_cost":"1s","flags":["a"]}`))
	f.Add([]byte(`{"store_errors":1e-5,"limit_posts":12,"breaker":false}`))
	f.Add([]byte(`{"a":{"b":[1,{}]},"a":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		base := DefaultKnobs()
		got, found := base.patched(text)
		if len(found) > 0 {
			for _, m := range found {
				if m.Says == "" {
					t.Errorf("%q is refused without a word", text)
				}
			}
			return
		}
		written, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, found := base.patched(written); len(found) > 0 || again.Hash() != got.Hash() || len(got.Validate()) > 0 {
			t.Errorf("%q is not read back: %v", text, found)
		}
	})
}
