package targets

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"gameday/scenarios"
)

// A Source is where one kind of a target's identity is read: an address, a file or
// a command, and exactly one of the ways to read it (JSON, Header, Metric, Query,
// Body, Template, Images, Command).
type Source struct {
	Kind string `json:"kind"` // of what it tells: build, config, flags, …; Started is set apart

	URL   string `json:"url,omitempty"`   // a path of the target, or another address
	File  string `json:"file,omitempty"`  // instead of an address
	Token string `json:"token,omitempty"` // file with the bearer token for the address
	CA    string `json:"ca,omitempty"`    // file with the certificates that sign the address's own

	JSON     string   `json:"json,omitempty"`     // path of the value: configuration.flags.*.on
	Header   string   `json:"header,omitempty"`   // name of a header of the answer
	Metric   string   `json:"metric,omitempty"`   // name of a metric in Prometheus's text format
	Query    string   `json:"query,omitempty"`    // an instant query to the Prometheus server at the address
	Body     string   `json:"body,omitempty"`     // a hash of the whole content: json or text
	Template string   `json:"template,omitempty"` // the hash of a workload's pod template: namespace/deployments/name
	Images   string   `json:"images,omitempty"`   // the image ids that a workload runs: namespace/deployments/name
	Command  []string `json:"command,omitempty"`  // a program and its arguments; its lines are the values

	Labels []string `json:"labels,omitempty"` // of a metric or query: these are the value, instead of the sample's
	Drop   []string `json:"drop,omitempty"`   // of a body of JSON: paths of what may change
}

// Started is the kind of when a target was started. A restart is no change: it is
// reported, and judged as nothing.
const Started = "started"

// A way is one way to read a source.
type way struct {
	key   string
	given func(Source) string // the key's value; empty: another way
	takes string              // the other keys that go with it
	wrong func(Source) string // what is wrong with the key's value; nil: any will do
	read  func(*inquiry, context.Context, Source) ([]string, error)
	once  bool // no balancer stands in the way: it is read once
}

// ways are all ways to read a source, in the order in which they are documented.
var ways = [...]way{
	{"json", func(s Source) string { return s.JSON }, "url file token ca", wrongJSON, (*inquiry).readJSON, false},
	{"header", func(s Source) string { return s.Header }, "url token ca", nil, (*inquiry).readHeader, false},
	{"metric", func(s Source) string { return s.Metric }, "url file token ca labels", wrongMetric, (*inquiry).readMetric, false},
	{"query", func(s Source) string { return s.Query }, "url token ca labels", wrongQuery, (*inquiry).readQuery, true},
	{"body", func(s Source) string { return s.Body }, "url file token ca drop", wrongBody, (*inquiry).readBody, false},
	{"template", func(s Source) string { return s.Template }, "url token ca", wrongTemplate, (*inquiry).readTemplate, true},
	{"images", func(s Source) string { return s.Images }, "url token ca", wrongImages, (*inquiry).readImages, true},
	{"command", func(s Source) string { return strings.Join(s.Command, " ") }, "", nil, (*inquiry).readCommand, true},
}

// way returns how s is read; ok is false unless exactly one way is given.
func (s Source) way() (found way, ok bool) {
	n := 0
	for _, w := range ways {
		if w.given(s) != "" {
			found = w
			n++
		}
	}
	return found, n == 1
}

// others are the keys besides the ways, and what they hold.
func (s Source) others() []struct{ key, value string } {
	return []struct{ key, value string }{
		{"url", s.URL}, {"file", s.File}, {"token", s.Token}, {"ca", s.CA},
		{"labels", strings.Join(s.Labels, ",")}, {"drop", strings.Join(s.Drop, ",")},
	}
}

// String says where the value comes from, as it is written:
//
//	url /metrics, metric timeline_config_hash
//
// What only opens the door, token and ca, is left out, and of an address the user
// and the password.
func (s Source) String() string {
	var parts []string
	for _, o := range s.others() {
		switch {
		case o.value == "" || o.key == "token" || o.key == "ca":
		case o.key == "url":
			parts = append(parts, "url "+shown(o.value))
		default:
			parts = append(parts, o.key+" "+o.value)
		}
	}
	for _, w := range ways {
		if v := w.given(s); v != "" {
			parts = append(parts, w.key+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}

// Sources are where t's identity is read: those that were given or, where none
// are, what every service of its dialect says about itself.
func (t Target) Sources() []Source {
	if len(t.Identity) == 0 && t.Dialect == DialectMastodon {
		return []Source{{Kind: "build", URL: "/api/v2/instance", JSON: "version"}}
	}
	return t.Identity
}

// EmbeddedIdentity is where the reference timeline service says what it is.
func EmbeddedIdentity() []Source {
	return []Source{
		{Kind: "build", URL: "/api/v2/instance", JSON: "version"},
		{Kind: "config", URL: "/metrics", Metric: "timeline_config_hash"},
	}
}

// kindShape is a kind of identity.
var kindShape = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// validateIdentity returns what is wrong with the sources of t, which stands in
// file under key.
func (t Target) validateIdentity(file, key string) scenarios.Mistakes {
	var found scenarios.Mistakes
	first := map[string]int{}
	for i, s := range t.Identity {
		at := fmt.Sprintf("%s.identity[%d]", key, i)
		add := func(key, says string, args ...any) {
			found = append(found, scenarios.Mistake{File: file, Key: at + key, Says: fmt.Sprintf(says, args...)})
		}
		if !kindShape.MatchString(s.Kind) {
			add(".kind", "%q: want a word for what it tells, such as build, config or flags", s.Kind)
		} else if j, taken := first[s.Kind]; taken {
			add(".kind", "%q is already the kind of identity[%d]: want one source for each kind", s.Kind, j)
		} else {
			first[s.Kind] = i
		}
		s.validate(add)
	}
	return found
}

// validate adds what is wrong with the keys of one source.
func (s Source) validate(add func(key, says string, args ...any)) {
	w, ok := s.way()
	if !ok {
		var keys []string
		for _, w := range ways {
			keys = append(keys, w.key)
		}
		add("", "want exactly one of %s", strings.Join(keys, ", "))
		return
	}
	for _, o := range s.others() {
		if o.value != "" && !strings.Contains(" "+w.takes+" ", " "+o.key+" ") {
			add("."+o.key, "does not go with %s", w.key)
		}
	}
	switch {
	case w.takes == "":
	case s.URL != "" && s.File != "" && strings.Contains(w.takes, "file"):
		add(".file", "there is a url already; want one of them")
	case s.URL == "" && s.File == "" && strings.Contains(w.takes, "file"):
		add(".url", "missing: want a path of the target, such as /api/v2/instance, another address, or a file")
	case s.URL == "" && s.File == "":
		add(".url", "missing: want a path of the target, such as /api/v2/instance, or another address")
	}
	if s.URL != "" && !goodURL(s.URL) {
		add(".url", "%q: want a path that starts with /, or an address such as https://prometheus.example", shown(s.URL))
	}
	if w.wrong != nil {
		if says := w.wrong(s); says != "" {
			add("."+w.key, "%s", says)
		}
	}
}

// goodURL reports whether u is a path of the target, or another address.
func goodURL(u string) bool {
	if strings.HasPrefix(u, "/") && !strings.HasPrefix(u, "//") {
		_, err := url.Parse(u)
		return err == nil
	}
	at, err := url.Parse(u)
	return err == nil && (at.Scheme == "http" || at.Scheme == "https") && at.Host != "" && at.User == nil && at.Fragment == ""
}
