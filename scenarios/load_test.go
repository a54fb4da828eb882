package scenarios

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sound is a scenario without a mistake, for tests to spoil.
const sound = `name: night
asks: Does it hold?
seed: 48
crowds:
  - {name: readers, rate: 200/s, do: [home 80, user 20]}
  - {name: posters, rate: 20/s, arrivals: poisson, do: [post 1]}
phases:
  - {name: quiet, for: 4s, load: [readers 1x]}
  - {name: loud, for: 6s, load: [readers 3x in 2s, posters 2x to 4x], expect: [readers p99 <= 250ms]}
expect:
  - success >= 99.9%
  - readers p99 <= 100ms
`

// spoilt is sound with one text in the place of another.
func spoilt(t *testing.T, old, new string) string {
	t.Helper()
	if strings.Count(sound, old) != 1 {
		t.Fatalf("%q stands %d times in the sound scenario, want once", old, strings.Count(sound, old))
	}
	return strings.Replace(sound, old, new, 1)
}

// says is what Read finds wrong, a line each.
func says(t *testing.T, data string) string {
	t.Helper()
	s, err := Read("some/night.yaml", []byte(data))
	if err == nil {
		return ""
	}
	found, ok := err.(Mistakes)
	if !ok || len(found) == 0 || s != nil {
		t.Fatalf("the error is %#v with %v, want mistakes and no scenario", err, s)
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != len(found) {
		t.Errorf("%d mistakes on %d lines:\n%s", len(found), n, err)
	}
	return err.Error()
}

func TestReadSound(t *testing.T) {
	got, err := Read("night.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	want := &Scenario{
		Name: "night", Asks: "Does it hold?", Seed: 48, Population: DefaultPopulation,
		Crowds: []Crowd{
			{Name: "readers", Rate: 200, Do: []Action{{Name: Home, Weight: 80}, {Name: User, Weight: 20}}},
			{Name: "posters", Rate: 20, Arrivals: Poisson, Do: []Action{{Name: Post, Weight: 1}}},
		},
		Phases: []Phase{
			{Name: "quiet", For: 4 * time.Second, Load: []Level{{Crowd: "readers", From: 1, To: 1}}},
			{Name: "loud", For: 6 * time.Second, Load: []Level{{Crowd: "readers", To: 3, In: 2 * time.Second}, {Crowd: "posters", From: 2, To: 4}},
				Expect: expectations("readers p99 <= 250ms")},
		},
		Expect: expectations("success >= 99.9%", "readers p99 <= 100ms"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestReadUnderstands spoils nothing: what is written otherwise says the same.
func TestReadUnderstands(t *testing.T) {
	plain, err := Read("night.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new string }{
		{"seed: 48", "SEED: 48"}, {"for: 4s", "For: 4s"}, {"rate: 20/s", "RATE: 20/s"}, {"phases:", "Phases:"},
		{"seed: 48", "seed: 0x30"}, {"seed: 48", "seed: 48.0"}, {"seed: 48", "seed: 4.8e1"}, {"seed: 48", "seed: 48\npopulation: {accounts: 1e5}"},
		{"seed: 48", "seed: 48\npopulation:"}, {"seed: 48", "seed: 48\nstory:"}, {"seed: 48", "seed: 48\npopulation: {}"}, {"seed: 48", "seed: 48\npopulation: {hot: 1.21}"},
		{"for: 4s", "for: 4000ms"}, {"rate: 20/s", "rate: 1200/m"}, {"[post 1]", "[post]"}, {"[post 1]", "[{name: post}]"}, {"[post 1]", "[{name: post, weight: 1}]"},
		{"[readers 1x]", "[readers 1.0x to 1x]"}, {"success >= 99.9%", "success>=99.90 %"}, {"success >= 99.9%", "'success >= 99.9%'"},
		{"asks: Does it hold?", "asks: >-\n  Does it\n  hold?"}, {"rate: 20/s", "rate: !!str 20/s"},
	} {
		got, err := Read("night.yaml", []byte(spoilt(t, c.old, c.new)))
		if err != nil {
			t.Errorf("%q in place of %q is refused: %v", c.new, c.old, err)
		} else if diff := cmp.Diff(plain, got); diff != "" {
			t.Errorf("%q in place of %q: %s", c.new, c.old, diff)
		}
	}
}

func TestReadSeed(t *testing.T) {
	for _, seed := range []string{"0", "1", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615"} {
		s, err := Read("night.yaml", []byte(spoilt(t, "seed: 48", "seed: "+seed)))
		if err != nil || fmt.Sprint(s.Seed) != seed {
			t.Fatalf("seed %s: %v, %v", seed, s, err)
		}
		data, err := json.Marshal(s)
		if err != nil || !strings.Contains(string(data), `"seed":`+seed+`,`) {
			t.Errorf("seed %s is written in %s, %v", seed, data, err)
		}
		survivesJSON(t, s)
	}
}

func TestReadAnchors(t *testing.T) {
	s, err := Read("night.yaml", []byte(`
name: night
crowds:
  - &one {name: a, rate: 10/s, do: &do [home 1]}
  - {<<: *one, name: b, arrivals: bursty 2}
  - {name: c, rate: 20/s, do: *do}
phases:
  - &p {name: x, for: 1s, expect: [&e success > 1%]}
  - {<<: *p, name: y}
expect: [*e]
`))
	if err != nil {
		t.Fatal(err)
	}
	do := []Action{{Name: Home, Weight: 1}}
	if diff := cmp.Diff([]Crowd{{Name: "a", Rate: 10, Do: do}, {Name: "b", Rate: 10, Arrivals: 2, Do: do}, {Name: "c", Rate: 20, Do: do}}, s.Crowds); diff != "" {
		t.Error(diff)
	}
	want := []Phase{{Name: "x", For: time.Second, Expect: expectations("success > 1%")}, {Name: "y", For: time.Second, Expect: expectations("success > 1%")}}
	if diff := cmp.Diff(want, s.Phases); diff != "" || len(s.Expect) != 1 {
		t.Error(diff, s.Expect)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
	}
	if got, want := says(t, bomb), "some/night.yaml: not YAML: document contains excessive aliasing"; got != want {
		t.Errorf("a thousand million aliases say %.200q, want %q", got, want)
	}
}

// TestDecode decodes a struct of what configuration has besides: switches,
// instants, maps, and parts that may be left out.
func TestDecode(t *testing.T) {
	type part struct {
		Scale Scale `json:"scale"`
	}
	type config struct {
		On    bool              `json:"on"`
		Since time.Time         `json:"since"`
		Names map[string]string `json:"names"`
		Part  *part             `json:"part"`
		Any   any               `json:"any"`
	}
	day := time.Date(2023, 2, 12, 0, 0, 0, 0, time.UTC)
	good := map[string]any{"ON": true, "since": day, "names": map[string]any{"a": "b"}, "part": map[string]any{"scale": "5%"}, "any": []any{1}}
	var got config
	if found := Decode(good, "f", &got); len(found) > 0 {
		t.Fatal(found)
	}
	want := config{On: true, Since: day, Names: map[string]string{"a": "b"}, Part: &part{0.05}, Any: []any{1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var text config
	if found := Decode(map[string]any{"since": "2023-02-12T00:00:00Z"}, "f", &text); len(found) > 0 || !text.Since.Equal(day) {
		t.Errorf("an instant in text is %s, %v", text.Since, found)
	}
	wrong := map[string]any{"on": "yes", "since": []any{}, "names": "a", "part": map[string]any{"scale": 5, "Skale": nil}, "ons": map[any]any{1: 2}}
	const says = `f: on: "yes": want true or false
f: since: a list: want text
f: names: "a": want keys and values
f: part.scale: "5": want a share of the real night above 0% and up to 1000%, such as 1%
f: ons: unknown key
f: part.Skale: unknown key`
	if diff := cmp.Diff(says, Decode(wrong, "f", &config{}).Error()); diff != "" {
		t.Error(diff)
	}
}

// TestReadPlainActions reads the actions of a plain HTTP service.
func TestReadPlainActions(t *testing.T) {
	s, err := Read("night.yaml", []byte(spoilt(t, "[post 1]", `[{name: buy, path: "/cart?id=7&x=%20", method: POST, body: '{"n":1}'}, {name: look, path: /, weight: 2.5}, post 4,
    {name: form, path: /f, method: PUT, body: a=b, type: application/x-www-form-urlencoded}]`)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Action{
		{Name: "buy", Weight: 1, Method: "POST", Path: "/cart?id=7&x=%20", Body: `{"n":1}`, Type: "application/json"},
		{Name: "look", Weight: 2.5, Method: "GET", Path: "/"},
		{Name: "post", Weight: 4},
		{Name: "form", Weight: 1, Method: "PUT", Path: "/f", Body: "a=b", Type: "application/x-www-form-urlencoded"},
	}
	if diff := cmp.Diff(want, s.Crowds[1].Do); diff != "" {
		t.Error(diff)
	}
	survivesJSON(t, s)
	var a Action
	if err := json.Unmarshal([]byte(`{"name":"look","path":"/"}`), &a); err != nil || a.Weight != 1 {
		t.Errorf("without a weight, JSON gives %+v and %v, want weight 1", a, err)
	}
	for data, want := range map[string]string{`5`: "cannot unmarshal number", `"a b c"`: "want an action and its weight", `{"name":5}`: "cannot unmarshal number", `{"`: "unexpected end"} {
		if err := json.Unmarshal([]byte(data), &a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the action %s gives %v, want %q", data, err, want)
		}
	}
}

// TestReadLargeFiles would take hours if anything grew with the square of a file.
func TestReadLargeFiles(t *testing.T) {
	const megabyte = 1 << 20
	if got := says(t, spoilt(t, "Does it hold?", strings.Repeat("Does it hold? ", megabyte/14))); got != "" {
		t.Errorf("a long question is refused: %.200s", got)
	}
	for old, c := range map[string]struct{ one, want string }{
		"[readers 1x]":           {"readers 1x, ", "phases[0].load: %d of them; want at most 1000"},
		"[post 1]":               {"post 1, ", "crowds[1].do: %d of them; want at most 1000"},
		"[readers p99 <= 250ms]": {"success > 1%, ", "phases[1].expect: %d of them; want at most 1000"},
	} {
		n := megabyte / 32 / len(c.one)
		if got, want := says(t, spoilt(t, old, "["+strings.Repeat(c.one, n)+"]")), "some/night.yaml: "+fmt.Sprintf(c.want, n); got != want {
			t.Errorf("many of %q say %.200s, want %s", c.one, got, want)
		}
	}
	const n = megabyte / 32 / 24
	var phases, crowds strings.Builder
	for i := range n {
		fmt.Fprintf(&phases, "\n  - {name: p%d, for: 1ns}", i)
	}
	for i := range 1000 {
		fmt.Fprintf(&crowds, "\n  - {name: c%d, do: [home]}", i)
	}
	if got, want := says(t, spoilt(t, "phases:", "phases:"+phases.String())), fmt.Sprintf("some/night.yaml: phases: %d of them; want at most 1000", n+2); got != want {
		t.Errorf("phases of a nanosecond say %.200s, want %s", got, want)
	}
	if got, want := says(t, spoilt(t, "crowds:", "crowds:"+crowds.String())), fmt.Sprintf("some/night.yaml: crowds: %d of them; want at most 100", 1002); got != want {
		t.Errorf("many crowds say %.200s, want %s", got, want)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"night.yaml": sound, "night.yml": sound, "day.yaml": sound, "night": sound} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"night.yaml", "night.yml", "night"} {
		if s, err := Load(filepath.Join(dir, name)); err != nil || s.Name != "night" {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	for name, want := range map[string]string{
		filepath.Join(dir, "day.yaml"):  filepath.Join(dir, "day.yaml") + `: name: "night": want the file's own name, "day"`,
		filepath.Join(dir, "none.yaml"): "reading the scenario: open " + filepath.Join(dir, "none.yaml") + ": no such file or directory",
		"none.yaml":                     "reading the scenario: open none.yaml: no such file or directory",
		dir:                             "reading the scenario: read " + dir + ": is a directory",
		"none":                          `no scenario "none"; there are ` + strings.Join(Shipped(), ", ") + `, and any file.yaml`,
		"":                              `no scenario ""; there are ` + strings.Join(Shipped(), ", ") + `, and any file.yaml`,
		"Steady":                        `no scenario "Steady"; there are ` + strings.Join(Shipped(), ", ") + `, and any file.yaml`,
	} {
		if s, err := Load(name); err == nil || s != nil || err.Error() != want {
			t.Errorf("%q gives %v and %v, want %s", name, s, err, want)
		}
	}
	if names := Shipped(); !slices.IsSorted(names) || len(names) == 0 {
		t.Errorf("shipped are %q, want them sorted", names)
	}
}
