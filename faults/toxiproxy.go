package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"
)

func toxiproxyMistakes(f Fault) []Mistake {
	found := toxicMistakes(f)
	whole := func(key string, d, unit time.Duration) {
		if d%unit != 0 {
			found = append(found, Mistake{key, fmt.Sprintf("%s: Toxiproxy counts in steps of %s", d, unit)})
		}
	}
	whole("latency", f.Latency, time.Millisecond)
	whole("jitter", f.Jitter, time.Millisecond)
	whole("timeout", f.Timeout, time.Millisecond)
	if f.Toxic == toxicTable[slicer].name {
		whole("delay", f.Delay, time.Microsecond)
	} else {
		whole("delay", f.Delay, time.Millisecond)
	}
	return found
}

func toxiproxyFits(_ Fault, s Site) []Mistake {
	if s.Toxiproxy == "" {
		return []Mistake{{"kind", "toxiproxy: the target has none; want its URL, toxiproxy: http://127.0.0.1:8474"}}
	}
	return nil
}

// attributes are the parameters of the toxic in Toxiproxy's units.
func (f Fault) attributes() map[string]int64 {
	all := map[string]int64{
		"latency": f.Latency.Milliseconds(), "jitter": f.Jitter.Milliseconds(), "rate": f.Rate,
		"timeout": f.Timeout.Milliseconds(), "delay": f.Delay.Milliseconds(), "bytes": f.Bytes,
		"average_size": f.AverageSize, "size_variation": f.SizeVariation,
	}
	form := toxicForm(f.Toxic)
	if form == slicer {
		all["delay"] = f.Delay.Microseconds()
	}
	mine := map[string]int64{}
	for _, key := range toxicTable[form].keys {
		mine[key] = all[key]
	}
	return mine
}

// toxicJSON is a toxic as Toxiproxy's API has it.
type toxicJSON struct {
	Name       string           `json:"name"`
	Type       string           `json:"type"`
	Stream     string           `json:"stream"`
	Toxicity   float32          `json:"toxicity"`
	Attributes map[string]int64 `json:"attributes"`
}

// remote is a proxy of an external Toxiproxy, and what is broken on it: all that
// another process needs to mend it.
type remote struct {
	URL   string `json:"url"`
	Proxy string `json:"proxy"`
	Toxic string `json:"toxic,omitempty"` // its name; empty: the proxy is down
}

func (p remote) call(method, body string, path ...string) call {
	all := append([]string{strings.TrimRight(p.URL, "/"), "proxies", url.PathEscape(p.Proxy)}, path...)
	return call{Method: method, URL: strings.Join(all, "/"), Body: body}
}

// proxyJSON is what we want to know of a proxy.
type proxyJSON struct {
	Enabled bool        `json:"enabled"`
	Toxics  []toxicJSON `json:"toxics"`
}

func (p remote) show(ctx context.Context) (proxyJSON, error) {
	var now proxyJSON
	err := p.call(http.MethodGet, "").want(ctx, &now, http.StatusOK)
	return now, err
}

// enable puts the proxy up or down. All versions of Toxiproxy take it as a POST.
func (p remote) enable(ctx context.Context, up bool) error {
	return p.call(http.MethodPost, fmt.Sprintf(`{"enabled":%t}`, up)).want(ctx, nil, http.StatusOK)
}

func undoToxiproxy(ctx context.Context, undo json.RawMessage) error {
	var p remote
	if err := json.Unmarshal(undo, &p); err != nil {
		return fmt.Errorf("reading how to mend it: %w", err)
	}
	forced := true // by whoever left it
	return p.mend(ctx, &forced)
}

// prepareToxiproxy breaks a proxy of an external Toxiproxy over its API.
func prepareToxiproxy(ctx context.Context, f Fault, k *Keeper) (breakage, error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	p := remote{URL: k.toxiproxy(), Proxy: f.On}
	if p.URL == "" {
		return breakage{}, errors.New("the target has no Toxiproxy")
	}
	before, err := p.show(ctx)
	if err != nil {
		return breakage{}, err
	}
	if !before.Enabled {
		return breakage{}, fmt.Errorf("the proxy %s is down already", f.On)
	}
	if f.Toxic == down {
		return p.toxiproxyDown(), nil
	}
	p.Toxic = "gameday-" + f.Name
	want := toxicJSON{p.Toxic, f.Toxic, streams[f.direction()], float32(f.Toxicity.of()), f.attributes()}
	body, err := json.Marshal(want)
	if err != nil {
		return breakage{}, fmt.Errorf("writing the toxic: %w", err)
	}
	forced := false
	return breakage{
		undo: p,
		inject: func(ctx context.Context) error {
			ctx, cancel := limited(ctx)
			defer cancel()
			return p.call(http.MethodPost, string(body), "toxics").want(ctx, nil, http.StatusOK)
		},
		mend:  func(ctx context.Context) error { return p.mend(ctx, &forced) },
		bites: func(ctx context.Context) (bool, error) { return p.bites(ctx, want) },
	}, nil
}

// toxiproxyDown is the breakage of a proxy that is put down.
func (p remote) toxiproxyDown() breakage {
	return breakage{
		undo: p,
		inject: func(ctx context.Context) error {
			ctx, cancel := limited(ctx)
			defer cancel()
			return p.enable(ctx, false)
		},
		mend: func(ctx context.Context) error { return p.mend(ctx, new(bool)) },
		bites: func(ctx context.Context) (bool, error) {
			ctx, cancel := limited(ctx)
			defer cancel()
			now, err := p.show(ctx)
			return err == nil && !now.Enabled, err
		},
	}
}

// bites reports whether the toxic is on the proxy, as Toxiproxy says.
func (p remote) bites(ctx context.Context, want toxicJSON) (bool, error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	now, err := p.show(ctx)
	if err != nil {
		return false, err
	}
	for _, t := range now.Toxics {
		if t.Name != p.Toxic {
			continue
		}
		if !reflect.DeepEqual(t, want) {
			return false, fmt.Errorf("somebody else has changed the toxic %s", p.Toxic)
		}
		return now.Enabled, nil
	}
	return false, nil
}

// mend takes the toxic off, or puts the proxy up. To take one off can hang inside
// Toxiproxy, which then holds all connections of the proxy; to put the proxy down
// ends those, and with them the hanging. Forced remembers that it had to.
func (p remote) mend(ctx context.Context, forced *bool) error {
	ctx, cancel := limited(ctx)
	defer cancel()
	if p.Toxic == "" {
		return p.enable(ctx, true)
	}
	err := p.remove(ctx)
	if err != nil {
		*forced = true
		short, cancel := context.WithTimeout(ctx, patience/4)
		defer cancel()
		p.enable(short, false) // may hang as well, after it has done its work
		if p.enable(ctx, true) != nil {
			return err
		}
		if err = p.remove(ctx); err != nil {
			return err
		}
	}
	if *forced {
		return p.enable(ctx, true)
	}
	return nil
}

// remove takes the toxic off. That none is there is well.
func (p remote) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience/4, fmt.Errorf("no answer within %s", patience/4))
	defer cancel()
	return p.call(http.MethodDelete, "", "toxics", url.PathEscape(p.Toxic)).want(ctx, nil, http.StatusNoContent, http.StatusNotFound)
}
