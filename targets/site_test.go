package targets

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gameday/faults"
)

// TestValidateSite holds that what is wrong with what can be broken stands under
// the target's key.
func TestValidateSite(t *testing.T) {
	sound := Target{Name: "a", URL: "http://127.0.0.1", Dialect: DialectHTTP}
	for want, spoil := range map[string]func(*faults.Site){
		"": func(s *faults.Site) {
			s.Links, s.Control = []faults.Link{{Name: "b", Listen: ":0", Upstream: "127.0.0.1:1"}}, faults.Control{URL: "http://127.0.0.1"}
		},
		`f: targets[3].links[0].name: "": want a letter, then letters, digits, - or _`:                                   func(s *faults.Site) { s.Links = []faults.Link{{Listen: ":0", Upstream: "127.0.0.1:1"}} },
		`f: targets[3].processes[0]: want either pid_file, a file with its pid, or run, the command that is the process`: func(s *faults.Site) { s.Processes = []faults.Process{{Name: "p"}} },
		`f: targets[3].toxiproxy: "x": want the URL of its API, such as http://127.0.0.1:8474`:                           func(s *faults.Site) { s.Toxiproxy = "x" },
		`f: targets[3].control.url: "": want one such as http://127.0.0.1:8081`:                                          func(s *faults.Site) { s.Control.Token = "t" },
	} {
		spoilt := sound
		spoil(&spoilt.Site)
		if diff := cmp.Diff(want, spoilt.Validate("f", "targets[3]").Error()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestEmbeddedSite holds what the embedded service lets break.
func TestEmbeddedSite(t *testing.T) {
	for i, tt := range []struct {
		fault faults.Fault
		fits  bool
	}{
		{faults.Fault{Kind: "link", On: "front"}, true}, {faults.Fault{Kind: "link", On: "store"}, false},
		{faults.Fault{Kind: "process", On: "timeline", Do: "pause"}, true}, {faults.Fault{Kind: "process", On: "timeline", Do: "restart"}, true},
		{faults.Fault{Kind: "process", On: "redis"}, false}, {faults.Fault{Kind: "service"}, true}, {faults.Fault{Kind: "toxiproxy", On: "front"}, false},
	} {
		if found := tt.fault.Fits(EmbeddedSite()); (len(found) == 0) != tt.fits {
			t.Errorf("row %d: %s", i, fmt.Sprint(found))
		}
	}
}
