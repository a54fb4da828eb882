package scenarios

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

// Decode turns what Viper read from a file into a struct, by its json tags. It
// returns every unknown key and every value of the wrong form; what is right is
// decoded all the same.
func Decode(settings map[string]any, file string, into any) Mistakes {
	d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: into, TagName: "json", DecodeHook: fromText, Squash: true,
	})
	if err != nil {
		panic(err) // into is not a pointer: a mistake of ours
	}
	var found Mistakes
	for _, e := range flatten(d.Decode(settings)) {
		m := Mistake{File: file, Says: e.Error()}
		if at, ok := errors.AsType[*mapstructure.DecodeError](e); ok {
			m.Key, m.Says = at.Name(), at.Unwrap().Error()
		}
		found = append(found, m)
	}
	for _, key := range unknownKeys("", reflect.ValueOf(settings), reflect.TypeOf(into)) {
		found = append(found, Mistake{file, key, "unknown key"})
	}
	return found
}

// unknownKeys returns the keys of settings, a tree of maps and lists, that have
// no field in t. (mapstructure's own list is empty once anything else is wrong.)
func unknownKeys(at string, settings reflect.Value, t reflect.Type) []string {
	for settings.Kind() == reflect.Interface {
		settings = settings.Elem()
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var unknown []string
	switch {
	case settings.Kind() == reflect.Slice && t.Kind() == reflect.Slice:
		for i := range settings.Len() {
			unknown = append(unknown, unknownKeys(fmt.Sprintf("%s[%d]", at, i), settings.Index(i), t.Elem())...)
		}
	case settings.Kind() == reflect.Map && hasKeys(t):
		for _, k := range sortedKeys(settings) {
			key := under(at, fmt.Sprint(k))
			field, ok := t.FieldByNameFunc(func(name string) bool {
				f, _ := t.FieldByName(name)
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				return tag != "" && tag != "-" && strings.EqualFold(tag, fmt.Sprint(k))
			})
			if !ok {
				unknown = append(unknown, key)
				continue
			}
			unknown = append(unknown, unknownKeys(key, settings.MapIndex(k), field.Type)...)
		}
	}
	return unknown
}

// sortedKeys are the keys of a map in the order of their text.
func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
}

// under is the key of what stands under name at a key, on one line.
func under(at, name string) string {
	if quoted := strconv.Quote(name); name == "" || quoted[1:len(quoted)-1] != name {
		name = quoted
	}
	return strings.TrimPrefix(at+"."+name, ".")
}

// hasKeys reports whether t is a struct that can be written as keys and values.
func hasKeys(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		return f.Tag.Get("json") != ""
	})
}

// flatten returns the errors that mapstructure joined and wrapped.
func flatten(err error) []error {
	switch e := err.(type) {
	case nil:
		return nil
	case *mapstructure.DecodeError:
		return []error{e}
	case interface{ Unwrap() []error }:
		var all []error
		for _, one := range e.Unwrap() {
			all = append(all, flatten(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		return flatten(e.Unwrap())
	}
	return []error{err}
}

// fromText reads durations and everything with a text form from whatever scalar
// YAML made of it, so that "for: 20" and "rate: 300" are refused for their
// missing units rather than taken for nanoseconds. It refuses values of another
// form, and numbers that would be cut.
func fromText(from, to reflect.Value) (any, error) {
	for from.Kind() == reflect.Interface {
		from = from.Elem()
	}
	if !from.IsValid() {
		return nil, nil
	}
	value, isList, isMap := from.Interface(), from.Kind() == reflect.Slice, from.Kind() == reflect.Map
	if to.Type() == reflect.TypeFor[time.Duration]() && !isList && !isMap {
		return parseDuration(fmt.Sprint(value))
	}
	if reader, ok := to.Addr().Interface().(encoding.TextUnmarshaler); ok && !isList && !isMap && from.Type() != to.Type() {
		err := reader.UnmarshalText([]byte(fmt.Sprint(value)))
		return to.Interface(), err
	}
	if a, ok := to.Addr().Interface().(*Action); ok && isMap {
		a.Weight = 1 // where left out
	}
	if settings, ok := value.(map[string]any); ok && hasKeys(to.Type()) {
		return readable(settings, to.Addr().Interface()), nil
	}
	if want := wantForm(from, to); want != "" {
		return nil, fmt.Errorf("%s: want %s", shown(from), want)
	}
	return value, nil
}

// wantForm says what form a key wants, if a value has another.
func wantForm(from, to reflect.Value) string {
	_, fromText := to.Addr().Interface().(encoding.TextUnmarshaler)
	fromText = fromText || to.Type() == reflect.TypeFor[time.Duration]()
	want := ""
	fits := from.Type() == to.Type()
	switch kind := from.Kind(); {
	case fromText || to.Kind() == reflect.String:
		want, fits = "text", fits || kind == reflect.String || kind == reflect.Map && hasKeys(to.Type())
	case to.Kind() == reflect.Slice:
		want, fits = "a list", fits || kind == reflect.Slice
	case to.Kind() == reflect.Struct || to.Kind() == reflect.Map:
		want, fits = "keys and values", fits || kind == reflect.Map
	case to.Kind() == reflect.Bool:
		want = "true or false"
	case from.Type() == reflect.TypeFor[notShare]():
		want, fits = wantShare, false
	case to.CanFloat():
		want, fits = "a number", from.CanInt() || from.CanUint() || from.CanFloat()
	case to.CanInt():
		want, fits = "a whole number below 2^63", isWhole(from) && !(from.CanUint() && from.Uint() > math.MaxInt64)
	case to.CanUint():
		want, fits = "a whole number from 0 to 2^64-1", isWhole(from) && !strings.HasPrefix(fmt.Sprint(from), "-")
	default:
		fits = true
	}
	if fits {
		return ""
	}
	return want
}

// isWhole reports whether v is a whole number that no conversion changes.
func isWhole(v reflect.Value) bool {
	if v.CanFloat() {
		return v.Float() == math.Trunc(v.Float()) && math.Abs(v.Float()) <= 1<<53
	}
	return v.CanInt() || v.CanUint()
}

// shown is a value as a mistake quotes it.
func shown(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Map:
		return "keys and values"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return strconv.Quote(v.String())
	}
	return fmt.Sprint(v)
}
