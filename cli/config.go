package cli

import (
	"fmt"
	"net"
	"strings"

	"gameday/freeze"
	"gameday/harness"
	"gameday/ready"
	"gameday/scenarios"
	"gameday/targets"
)

// A Config is WHERE and HOW to rehearse: flags go before GAMEDAY_* in the
// environment, that before the file, and that before the defaults.
type Config struct {
	Target  string            `json:"target"`
	Targets []targets.Target  `json:"targets"`
	Scale   scenarios.Scale   `json:"scale"`
	Safety  harness.Safety    `json:"safety"`
	Clients scenarios.Clients `json:"clients"`
	Metrics struct {
		Listen    string `json:"listen"`
		Push      string `json:"push"`       // where to push to besides; empty: nowhere
		PushToken string `json:"push_token"` // file with the bearer token for it; empty: none
	} `json:"metrics"`
	Dashboard struct {
		Listen string `json:"listen"`
	} `json:"dashboard"`
	Freeze struct {
		Windows   []freeze.Draft         `json:"windows"`
		Overrides []freeze.OverrideDraft `json:"overrides"`
		Lock      string                 `json:"lock"` // file in which a capture is kept
	} `json:"freeze"`
	Events []event `json:"events"`

	file            string // it was read from; empty: there was none
	targetFrom      string // where Target was said
	metricsChosen   bool   // somebody said where metrics are to be had
	dashboardChosen bool   // somebody said where the dashboard is to be
	windows         freeze.Calendar
	overrides       freeze.Overrides
	events          []ready.Event // without what their scenarios hold: see loadEvent
}

// embedded is the target that gameday starts itself.
const embedded = "embedded"

// off turns a listener off.
const off = "off"

// defaultConfig is the file that is read if it is there.
const defaultConfig = "config.yaml"

// defaultLock is the file in which a capture is kept if nobody says.
const defaultLock = "freeze.lock.json"

// defaultMetrics is where metrics are to be had if nobody says.
const defaultMetrics = "127.0.0.1:9464"

// validate returns what is wrong with the values.
func (c *Config) validate(file string) scenarios.Mistakes {
	var found scenarios.Mistakes
	add := func(key, says string) {
		found = append(found, scenarios.Mistake{File: file, Key: key, Says: says})
	}
	for i, t := range c.Targets {
		key := fmt.Sprintf("targets[%d]", i)
		found = append(found, t.Validate(file, key)...)
		found = append(found, c.validateSite(file, key, t.Site)...)
		for _, o := range c.Targets[:i] {
			if o.Name == t.Name {
				add(key+".name", fmt.Sprintf("%q: there is a target of this name already", t.Name))
			}
		}
		if t.Name == embedded {
			add(key+".name", fmt.Sprintf("%q is the service that gameday starts itself; want another name", t.Name))
		}
	}
	if c.Safety.MaxRate <= 0 {
		add("safety.max_rate", fmt.Sprintf("%q: want more than zero requests per second, such as 50000/s", c.Safety.MaxRate))
	}
	if c.Safety.MaxInFlight <= 0 {
		add("safety.max_in_flight", fmt.Sprintf("%d: want at least 1", c.Safety.MaxInFlight))
	}
	for i, h := range c.Safety.Hosts {
		if h == "" || strings.ContainsAny(h, "/* ") {
			add(fmt.Sprintf("safety.hosts[%d]", i), fmt.Sprintf("%q: want a host's name or address, without port or pattern", h))
		}
	}
	if c.Clients.Timeout <= 0 {
		add("clients.timeout", fmt.Sprintf("%s: want a duration above zero, such as 5s", c.Clients.Timeout))
	}
	found = append(found, c.Clients.Validate(file, "clients")...)
	found = append(found, scenarios.ValidateStops(file, "safety.stop", c.Safety.Stop)...)
	if l := c.Metrics.Listen; l != off {
		if _, _, err := net.SplitHostPort(l); err != nil {
			add("metrics.listen", fmt.Sprintf("%q: want an address such as 127.0.0.1:9464, or off", l))
		}
	}
	if p := c.Metrics.Push; p != "" {
		if err := harness.CheckPush(p); err != nil {
			add("metrics.push", err.Error()) // the address may hold a password
		}
	}
	if l := c.Dashboard.Listen; l != off {
		if _, _, err := splitAddress(l); err != nil {
			add("dashboard.listen", fmt.Sprintf("%v, or off", err))
		}
	}
	if c.Freeze.Lock == "" {
		add("freeze.lock", "empty: want a file, such as "+defaultLock)
	}
	found = append(found, c.validateFreeze(file)...)
	return append(found, c.validateEvents(file)...)
}

// target returns the target of that name, or the one at that address. It reports
// false for the embedded service.
func (c *Config) target() (t targets.Target, external bool, err error) {
	if c.Target == embedded {
		return targets.Target{Name: embedded, Dialect: targets.DialectMastodon, Identity: targets.EmbeddedIdentity(), Site: targets.EmbeddedSite()}, false, nil
	}
	var names []string
	for _, t := range c.Targets {
		if t.Name == c.Target {
			return t, true, nil
		}
		names = append(names, t.Name)
	}
	if !strings.Contains(c.Target, "://") {
		known := strings.Join(append([]string{embedded}, names...), ", ")
		return t, false, fmt.Errorf("%s: no target %q; there are %s, and any URL", c.targetFrom, c.Target, known)
	}
	t = targets.Target{Name: "url", URL: c.Target, Dialect: targets.DialectMastodon}
	if found := t.Validate("", "target"); len(found) > 0 {
		return t, false, fmt.Errorf("%s: %s", c.targetFrom, found[0].Says)
	}
	t.Name = t.URL // so that the report says how to repeat the play
	return t, true, nil
}
