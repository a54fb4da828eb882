package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

func serviceKeys(Fault) []string { return []string{"knobs", "do", "shards", "as"} }

// serviceActs are what a service does once, rather than a knob that is turned.
var serviceActs = []string{"flush", "wipe", "cut"}

func serviceMistakes(f Fault) []Mistake {
	var found []Mistake
	add := func(key, format string, args ...any) {
		found = append(found, Mistake{key, fmt.Sprintf(format, args...)})
	}
	if (f.Do == "") == (len(f.Knobs) == 0) {
		add("knobs", "want either knobs, such as {store_delay: 500ms}, or do: flush, wipe or cut")
	}
	if f.Do != "" && !slices.Contains(serviceActs, f.Do) {
		add("do", "%q: want one of %s", f.Do, strings.Join(serviceActs, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Knobs)) {
		if _, err := json.Marshal(f.Knobs[name]); err != nil || f.Knobs[name] == nil {
			add("knobs."+name, "want a value: text, a number, true or false, or a list of texts")
		}
	}
	if len(f.Shards) > 0 && f.Do != "flush" {
		add("shards", "goes with do: flush")
	}
	for i, shard := range f.Shards {
		if shard < 0 {
			add(fmt.Sprintf("shards[%d]", i), "%d: want no less than 0", shard)
		}
	}
	if f.As != "" && f.Do != "wipe" {
		add("as", "goes with do: wipe")
	} else if f.As != "" && f.As != "lost" && f.As != "zeros" {
		add("as", "%q: want lost or zeros", f.As)
	}
	return found
}

func serviceFits(_ Fault, s Site) []Mistake {
	if s.Control.URL == "" {
		return []Mistake{{"kind", "service: the target has no control; only the reference service has"}}
	}
	return nil
}

func servicePlaces(f Fault) []string {
	if f.Do != "" {
		return []string{"do: " + f.Do}
	}
	var places []string
	for _, name := range slices.Sorted(maps.Keys(f.Knobs)) {
		places = append(places, "the knob "+name)
	}
	return places
}

// turned is what another process needs to put a service right.
type turned struct {
	URL   string                     `json:"url"`
	Token string                     `json:"token,omitempty"`
	Knobs map[string]json.RawMessage `json:"knobs,omitempty"` // as they were before
	Post  string                     `json:"post,omitempty"`  // what to call instead

	secret string
}

func (t turned) call(method, path, body string) call {
	return call{Method: method, URL: strings.TrimRight(t.URL, "/") + path, Body: body, Token: t.Token, Secret: t.secret}
}

// mend puts the knobs where they were.
func (t turned) mend(ctx context.Context) error {
	ctx, cancel := limited(ctx)
	defer cancel()
	if t.Post != "" {
		return t.call(http.MethodPost, t.Post, "").want(ctx, nil, http.StatusOK)
	}
	if len(t.Knobs) == 0 {
		return nil
	}
	body, err := json.Marshal(t.Knobs)
	if err != nil {
		return fmt.Errorf("writing the knobs: %w", err)
	}
	return t.call(http.MethodPatch, "/knobs", string(body)).want(ctx, nil, http.StatusOK)
}

func undoService(ctx context.Context, undo json.RawMessage) error {
	var t turned
	if err := json.Unmarshal(undo, &t); err != nil {
		return fmt.Errorf("reading how to mend it: %w", err)
	}
	return t.mend(ctx)
}

// prepareService breaks the reference service by its own control.
func prepareService(ctx context.Context, f Fault, k *Keeper) (breakage, error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	control := k.control()
	if control.URL == "" {
		return breakage{}, errors.New("the target has no control")
	}
	t := turned{URL: control.URL, Token: absolute(control.Token), secret: control.Secret}
	if f.Do != "" {
		return serviceAct(f, t), nil
	}
	return serviceKnobs(ctx, f, t)
}

// serviceKnobs turns knobs, and back to where they are now.
func serviceKnobs(ctx context.Context, f Fault, t turned) (breakage, error) {
	before, err := t.knobs(ctx)
	if err != nil {
		return breakage{}, fmt.Errorf("reading the knobs: %w", err)
	}
	t.Knobs = map[string]json.RawMessage{}
	for name := range f.Knobs {
		value, there := before[name]
		if !there {
			return breakage{}, fmt.Errorf("the service has no knob %q", name)
		}
		t.Knobs[name] = value
	}
	body, err := json.Marshal(f.Knobs)
	if err != nil {
		return breakage{}, fmt.Errorf("writing the knobs: %w", err)
	}
	var broken atomic.Pointer[map[string]json.RawMessage] // the knobs as the service took them
	b := breakage{undo: t, mend: t.mend}
	if t.secret != "" {
		b.undo = nil // the service ends with us
	}
	b.inject = func(ctx context.Context) error {
		ctx, cancel := limited(ctx)
		defer cancel()
		var after map[string]json.RawMessage
		if err := t.call(http.MethodPatch, "/knobs", string(body)).want(ctx, &after, http.StatusOK); err != nil {
			return err
		}
		broken.Store(&after)
		return nil
	}
	b.bites = func(ctx context.Context) (bool, error) {
		ctx, cancel := limited(ctx)
		defer cancel()
		now, err := t.knobs(ctx)
		if err != nil || broken.Load() == nil {
			return false, err
		}
		return knobsBite(f.Knobs, t.Knobs, *broken.Load(), now)
	}
	return b, nil
}

// knobsBite compares the knobs with what they were before and in the fault.
func knobsBite(turned map[string]any, before, broken, now map[string]json.RawMessage) (bool, error) {
	bites, whole := true, true
	for name := range turned {
		if sameJSON(before[name], broken[name]) {
			return false, fmt.Errorf("the knob %s was %s before the fault already", name, compact(before[name]))
		}
		bites = bites && sameJSON(now[name], broken[name])
		whole = whole && sameJSON(now[name], before[name])
	}
	if bites == whole {
		return false, errors.New("somebody else has turned the knobs: they are neither as in the fault nor as before")
	}
	return bites, nil
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// knobs are all the service has.
func (t turned) knobs(ctx context.Context) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	err := t.call(http.MethodGet, "/knobs", "").want(ctx, &all, http.StatusOK)
	return all, err
}

// serviceAct is what happens at once: it bites from the service's word that it was
// done until it is mended, which only a wipe needs.
func serviceAct(f Fault, t turned) breakage {
	var done atomic.Bool
	paths := map[string][]string{"wipe": {"/limiter/wipe"}, "cut": {"/streams/cut"}, "flush": {"/cache/flush"}}[f.Do]
	if f.As != "" {
		paths = []string{"/limiter/wipe?as=" + f.As}
	}
	if len(f.Shards) > 0 {
		paths = nil
		for _, shard := range f.Shards {
			paths = append(paths, "/cache/flush?shard="+strconv.Itoa(shard))
		}
	}
	b := breakage{bites: func(context.Context) (bool, error) { return done.Load(), nil }}
	b.inject = func(ctx context.Context) error {
		ctx, cancel := limited(ctx)
		defer cancel()
		for _, path := range paths {
			if err := t.call(http.MethodPost, path, "").want(ctx, nil, http.StatusOK); err != nil {
				return err
			}
		}
		done.Store(true)
		return nil
	}
	if f.Do == "wipe" {
		t.Post = "/limiter/restore"
		if t.secret == "" {
			b.undo = t
		}
	}
	b.mend = func(ctx context.Context) error {
		if err := t.mend(ctx); err != nil {
			return err
		}
		done.Store(false)
		return nil
	}
	return b
}

// limited gives ctx what time an injection, a look or a mending may take.
func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %s", patience))
}
