package cli

import (
	"fmt"
	"slices"

	"gameday/faults"
	"gameday/scenarios"
	"gameday/targets"
)

// forbidden are the mistakes of those hosts that may not be broken.
func (c *Config) forbidden(file, key string, hosts []string) scenarios.Mistakes {
	var found scenarios.Mistakes
	for _, host := range hosts {
		if !c.Safety.Allows(host) {
			found = append(found, scenarios.Mistake{File: file, Key: key, Says: fmt.Sprintf("the host %q may not be broken: only loopback may, and what stands in safety.hosts", host)})
		}
	}
	return found
}

// validateSite returns what may not be broken of a target that stands in file
// under key.
func (c *Config) validateSite(file, key string, s faults.Site) scenarios.Mistakes {
	var found scenarios.Mistakes
	for i, l := range s.Links {
		found = append(found, c.forbidden(file, fmt.Sprintf("%s.links[%d].upstream", key, i), faults.Site{Links: []faults.Link{l}}.Hosts())...)
	}
	found = append(found, c.forbidden(file, key+".toxiproxy", faults.Site{Toxiproxy: s.Toxiproxy}.Hosts())...)
	return append(found, c.forbidden(file, key+".control.url", faults.Site{Control: s.Control}.Hosts())...)
}

// checkOutages returns what keeps a scenario that stands in file from being played
// against a target: faults on what the target has not, or on hosts that may not be
// broken, and clients that the configuration makes impossible. The error is
// [scenarios.Mistakes].
func (c *Config) checkOutages(file string, s *scenarios.Scenario, t targets.Target) error {
	found := checkKnobs(file, s)
	for i, f := range s.Faults {
		key := fmt.Sprintf("faults[%d].", i)
		for _, m := range f.Fits(t.Site) {
			found = append(found, scenarios.Mistake{File: file, Key: key + m.Key, Says: fmt.Sprintf("%s (target %s)", m.Says, t.Name)})
		}
		for _, step := range []struct {
			key string
			faults.Fault
		}{
			{"inject", faults.Fault{Inject: f.Inject}}, {"confirm", faults.Fault{Confirm: f.Confirm}}, {"mend", faults.Fault{Mend: f.Mend}},
		} {
			found = append(found, c.forbidden(file, key+step.key+".url", step.Hosts())...)
		}
	}
	for i, crowd := range s.Crowds {
		key := "clients" // the crowd leaves it to the scenario, as all others may
		if own := crowd.Clients; own.Timeout+own.Refresh.After > 0 {
			key = fmt.Sprintf("crowds[%d].clients", i)
		}
		for _, m := range s.ClientsOf(i, c.Clients).Validate(file, key) {
			if !slices.Contains(found, m) {
				found = append(found, m)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}
