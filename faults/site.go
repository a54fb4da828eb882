package faults

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// A Site is what of a target can be broken. The zero value has nothing of it.
type Site struct {
	Links     []Link    `json:"links,omitempty"`
	Processes []Process `json:"processes,omitempty"`
	Toxiproxy string    `json:"toxiproxy,omitempty"` // URL of an external one's API: http://127.0.0.1:8474
	Control   Control   `json:"control,omitzero"`    // of the reference service
}

// A Link is a TCP relay of ours: whoever comes to Listen is connected with
// Upstream, through whatever faults are on the link.
type Link struct {
	Name     string `json:"name"`
	Listen   string `json:"listen"` // host:port; port 0: any that is free
	Upstream string `json:"upstream"`
}

// A Process is one that may be paused and killed: one that its pid file names, one
// that gameday starts by a command, or one that its parent hands in.
type Process struct {
	Name    string   `json:"name"`
	PIDFile string   `json:"pid_file,omitempty"` // a file that holds its pid
	Start   []string `json:"start,omitempty"`    // the command that starts it again, with a pid file; empty: somebody else does
	Run     []string `json:"run,omitempty"`      // the command that is the process, started by us

	PID int `json:"-"` // handed in
	// Restart starts it again and returns its new pid, for one that is handed in;
	// nil: it cannot be killed.
	Restart func(context.Context) (pid int, err error) `json:"-"`
}

// A Control is where the reference service is broken on purpose.
type Control struct {
	URL   string `json:"url,omitempty"`
	Token string `json:"token,omitempty"` // a file that holds the bearer token

	Secret string `json:"-"` // the token itself, of a service that ends with us
}

// Validate returns what is wrong with the site, each with its key.
func (s Site) Validate() []Mistake {
	var found []Mistake
	var names []string
	add := func(key, format string, args ...any) {
		found = append(found, Mistake{key, fmt.Sprintf(format, args...)})
	}
	name := func(key, name, what string) {
		if !namePattern.MatchString(name) {
			add(key+".name", "%q: want a letter, then letters, digits, - or _", name)
		} else if slices.Contains(names, what+name) {
			add(key+".name", "%q: there is a %s of this name already", name, what)
		}
		names = append(names, what+name)
	}
	for i, l := range s.Links {
		key := fmt.Sprintf("links[%d]", i)
		name(key, l.Name, "link")
		if _, _, err := net.SplitHostPort(l.Listen); err != nil {
			add(key+".listen", "%q: want a host and a port, such as 127.0.0.1:16379", l.Listen)
		}
		if host, port, err := net.SplitHostPort(l.Upstream); err != nil || host == "" || port == "" || port == "0" {
			add(key+".upstream", "%q: want a host and a port, such as 127.0.0.1:6379", l.Upstream)
		}
	}
	for i, p := range s.Processes {
		key := fmt.Sprintf("processes[%d]", i)
		name(key, p.Name, "process")
		switch ways := b2i(p.PIDFile != "") + b2i(len(p.Run) > 0) + b2i(p.PID != 0); {
		case ways != 1:
			add(key, "want either pid_file, a file with its pid, or run, the command that is the process")
		case len(p.Start) > 0 && p.PIDFile == "":
			add(key+".start", "goes with pid_file only")
		}
	}
	if s.Toxiproxy != "" && !isURL(s.Toxiproxy) {
		add("toxiproxy", "%q: want the URL of its API, such as http://127.0.0.1:8474", s.Toxiproxy)
	}
	if s.Control != (Control{}) && !isURL(s.Control.URL) {
		add("control.url", "%q: want one such as http://127.0.0.1:8081", s.Control.URL)
	}
	return found
}

// Hosts are the hosts that breaking the site speaks to.
func (s Site) Hosts() []string {
	var hosts []string
	for _, l := range s.Links {
		if host, _, err := net.SplitHostPort(l.Upstream); err == nil {
			hosts = append(hosts, host)
		}
	}
	return append(hosts, hostsOf(s.Toxiproxy, s.Control.URL)...)
}

// Hosts are the hosts that f itself names: those of its calls.
func (f Fault) Hosts() []string { return hostsOf(f.Inject.URL, f.Confirm.URL, f.Mend.URL) }

func hostsOf(addresses ...string) []string {
	var hosts []string
	for _, a := range addresses {
		if u, err := url.Parse(a); err == nil && u.Host != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// isURL reports whether s is one that can be called.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Hostname() != "" && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && u.Fragment == ""
}

// lacks is the mistake of a fault on something that the target has not.
func lacks(what, name string, has []string) []Mistake {
	if slices.Contains(has, name) {
		return nil
	}
	there := "none"
	if len(has) > 0 {
		there = strings.Join(has, ", ")
	}
	return []Mistake{{"on", fmt.Sprintf("%q: the target has no %s of this name; it has %s", name, what, there)}}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
