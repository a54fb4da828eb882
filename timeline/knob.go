package timeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A KnobMistake is what is wrong with one knob.
type KnobMistake struct {
	Key  string `json:"key"`
	Says string `json:"says"`
}

// knob is one field of Knobs.
type knob struct {
	at    int // its place in Knobs
	name  string
	words []string // what it may be, of a knob of words
	least any      // and most: what a number or a duration may be
	most  any
}

// allKnobs are all, in the order of Knobs. A tag that cannot be read is a
// mistake of ours.
var allKnobs = func() []knob {
	var all []knob
	t := reflect.TypeFor[Knobs]()
	for i := range t.NumField() {
		f := t.Field(i)
		k := knob{at: i, name: f.Tag.Get("json")}
		want := f.Tag.Get("want")
		if low, high, span := strings.Cut(want, " "); span {
			k.least, k.most = bound(f.Type, low), bound(f.Type, high)
		} else if want != "" {
			k.words = strings.Split(want, "|")
		}
		all = append(all, k)
	}
	return all
}()

// bound reads an end of a range in a want tag.
func bound(t reflect.Type, text string) any {
	var v any
	var err error
	switch {
	case t == reflect.TypeFor[time.Duration]():
		v, err = time.ParseDuration(text)
	case t.Kind() == reflect.Int:
		v, err = strconv.Atoi(text)
	default:
		v, err = strconv.ParseFloat(text, 64)
	}
	if err != nil {
		panic(err)
	}
	return v
}

// Validate returns what is wrong with the values: one sentence a knob, in the
// order of Knobs, nothing when all is well.
func (k Knobs) Validate() []KnobMistake {
	var found []KnobMistake
	values := reflect.ValueOf(k)
	for _, one := range allKnobs {
		if says := one.wrong(values.Field(one.at).Interface()); says != "" {
			found = append(found, KnobMistake{one.name, says})
		}
	}
	return found
}

// wrong says what is wrong with a value, empty when it is right.
func (k *knob) wrong(value any) string {
	inside := true
	switch v := value.(type) {
	case string:
		if k.words != nil && !slices.Contains(k.words, v) {
			return fmt.Sprintf("%q: want one of %s", v, strings.Join(k.words, ", "))
		}
		if !utf8.ValidString(v) || len(v) > 100 {
			return fmt.Sprintf("%q: want UTF-8 of at most 100 bytes", v)
		}
	case []string:
		for i, flag := range v {
			if flag == "" || !utf8.ValidString(flag) || len(flag) > 100 || slices.Contains(v[:i], flag) {
				return fmt.Sprintf("%q: want UTF-8 of 1 to 100 bytes, each once", flag)
			}
		}
	case int:
		inside = v >= k.least.(int) && v <= k.most.(int)
	case float64:
		inside = v >= k.least.(float64) && v <= k.most.(float64) // NaN is not
	case time.Duration:
		inside = v >= k.least.(time.Duration) && v <= k.most.(time.Duration)
	}
	if !inside {
		return fmt.Sprintf("%v: want %v to %v", value, k.least, k.most)
	}
	return ""
}

// MarshalJSON writes the knobs in their order, durations as text such as "1.5s".
func (k Knobs) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	values := reflect.ValueOf(k)
	for i, one := range allKnobs {
		if i > 0 {
			out = append(out, ',')
		}
		value := values.Field(one.at).Interface()
		if d, ok := value.(time.Duration); ok {
			value = d.String()
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("writing the knob %s: %w", one.name, err)
		}
		out = append(append(append(out, '"'), one.name...), `":`...)
		out = append(out, text...)
	}
	return append(out, '}'), nil
}

// Hash tells one setting of the knobs from another. It has 53 bits, so that a
// float64 holds it exactly.
func (k Knobs) Hash() uint64 {
	text, err := k.MarshalJSON()
	if err != nil { // a number that JSON has not, which Validate refuses
		return 0
	}
	h := fnv.New64a()
	h.Write(text)
	return h.Sum64() & (1<<53 - 1)
}

// patched are the knobs with those of a JSON object set: all of them, or none
// and every mistake there is.
func (k Knobs) patched(body []byte) (Knobs, []KnobMistake) {
	fields, err := members(body)
	if err != nil {
		return k, []KnobMistake{{"", err.Error()}}
	}
	k.Flags = slices.Clone(k.Flags)
	var found []KnobMistake
	values := reflect.ValueOf(&k).Elem()
	seen := map[string]bool{}
	for _, f := range fields {
		at := slices.IndexFunc(allKnobs, func(one knob) bool { return one.name == f.name })
		switch {
		case at < 0:
			found = append(found, KnobMistake{f.name, "unknown key"})
		case seen[f.name]:
			found = append(found, KnobMistake{f.name, "stands there already"})
		default:
			if says := set(values.Field(allKnobs[at].at), f.value); says != "" {
				found = append(found, KnobMistake{f.name, says})
			}
		}
		seen[f.name] = true
	}
	for _, m := range k.Validate() {
		if !slices.ContainsFunc(found, func(f KnobMistake) bool { return f.Key == m.Key }) {
			found = append(found, m)
		}
	}
	return k, found
}

// set puts a JSON value into a knob, or says what it should be.
func set(into reflect.Value, value json.RawMessage) string {
	if string(value) == "null" {
		return "null: want a value"
	}
	want := map[reflect.Kind]string{reflect.Int: "a whole number", reflect.Float64: "a number", reflect.Bool: "true or false",
		reflect.String: "text", reflect.Slice: "a list of texts"}[into.Kind()]
	if into.Type() == reflect.TypeFor[time.Duration]() {
		var text string
		d, err := time.Duration(0), json.Unmarshal(value, &text)
		if err == nil {
			d, err = time.ParseDuration(text)
		}
		if err != nil {
			return fmt.Sprintf("%.100s: want a duration with a unit, such as \"250ms\"", value)
		}
		into.SetInt(int64(d))
		return ""
	}
	fresh := reflect.New(into.Type())
	if err := json.Unmarshal(value, fresh.Interface()); err != nil {
		return fmt.Sprintf("%.100s: want %s", value, want)
	}
	into.Set(fresh.Elem())
	return ""
}

// member is one key and its value in a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members are what stands in a JSON object, in its order, repeated keys too.
func members(body []byte) ([]member, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("want JSON in UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("want a JSON object of knobs, such as {\"fanout\":\"pull\"}")
	}
	var all []member
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("not JSON: %w", err)
		}
		m := member{name: t.(string)}
		if err := d.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("not JSON: %w", err)
		}
		all = append(all, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("want one JSON object, and nothing after it")
	}
	return all, nil
}
