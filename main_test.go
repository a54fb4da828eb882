package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms is who may import whom, of ours. What is not here does not exist.
var rooms = map[string][]string{
	"freeze":    {},
	"timeline":  {},
	"faults":    {},
	"scenarios": {"faults"},
	"targets":   {"faults", "scenarios"},
	"runs":      {"freeze", "scenarios"},
	"harness":   {"faults", "freeze", "runs", "scenarios", "targets"},
	"ready":     {"freeze", "runs", "scenarios"},
	"reports":   {"ready", "runs", "scenarios"},
	"selftest":  {"harness", "runs", "scenarios", "targets"},
	"cli":       {"faults", "freeze", "timeline", "scenarios", "targets", "runs", "harness", "ready", "reports", "selftest"},
	"":          {"cli"},

	"bench/peers":    {"runs"},
	"deploy/grafana": {},
}

// guests is who may import a library that would otherwise spread.
var guests = map[string][]string{
	"github.com/tsenart/vegeta":        {"harness"},
	"github.com/quic-go/":              {"harness"},
	"github.com/spf13/viper":           {"scenarios", "cli"},
	"github.com/spf13/cobra":           {"cli"},
	"charm.land/bubbletea":             {"cli"},
	"github.com/charmbracelet/":        {"cli"},
	"github.com/creack/pty":            {}, // in tests only
	"github.com/prometheus/":           {"harness", "timeline", "freeze"},
	"github.com/klauspost/compress":    {"harness"},
	"gonum.org/":                       {"scenarios", "runs"},
	"github.com/go-viper/mapstructure": {"scenarios"},
	"github.com/redis/":                {"timeline"},
	"github.com/failsafe-go/":          {"timeline"},
	"github.com/mattn/go-mastodon":     {}, // in tests only
	"github.com/chromedp/":             {}, // in tests only: a browser that opens the pages
	"github.com/Shopify/toxiproxy":     {}, // the real server in tests of faults; nothing else
	"github.com/adhocore/gronx":        {"freeze"},
	"github.com/teambition/rrule-go":   {"freeze"},
	"golang.org/x/sync":                {"timeline"},
	"golang.org/x/sys":                 {"cli", "harness", "selftest", "timeline"},
}

// TestRooms holds the imports against the plan of the house.
func TestRooms(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Doc", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath, Doc string
			Imports         []string
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := ours(p.ImportPath)
		seen = append(seen, room)
		allowed, known := rooms[room]
		if !known {
			t.Errorf("the room %q is not in the plan", room)
		}
		if p.Doc == "" {
			t.Errorf("package %s says nothing about itself", p.ImportPath)
		}
		for _, i := range p.Imports {
			if i == "gameday" || strings.HasPrefix(i, "gameday/") {
				if !slices.Contains(allowed, ours(i)) {
					t.Errorf("%s imports %s", p.ImportPath, i)
				}
			}
			for library, hosts := range guests {
				if strings.HasPrefix(i, library) && !slices.Contains(hosts, room) {
					t.Errorf("%s imports %s, which belongs in %v", p.ImportPath, i, hosts)
				}
			}
		}
	}
	for room := range rooms {
		if !slices.Contains(seen, room) {
			t.Errorf("there is no room %q", room)
		}
	}
}

// ours is the room that an import path of ours leads to.
func ours(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "gameday"), "/")
}
