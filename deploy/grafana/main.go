// Package main writes the dashboards for Grafana beside itself: go run
// ./deploy/grafana, in a clone. They are kept as code, so that one idea, such as a
// quantile from native histograms or else from classic ones, is written once.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// folder is where the dashboards are, from the top of a clone.
const folder = "deploy/grafana"

func main() {
	for name, d := range dashboards() {
		if err := os.WriteFile(filepath.Join(folder, name), render(d), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "grafana:", err)
			os.Exit(2)
		}
	}
}

// dashboards are all there are, by file.
func dashboards() map[string]dashboard {
	return map[string]dashboard{
		"run.json": runBoard(), "timeline.json": timelineBoard(), "freeze.json": freezeBoard(),
	}
}

// render is a dashboard as Grafana imports it.
func render(d dashboard) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		panic("a dashboard is plain data: " + err.Error())
	}
	return b.Bytes()
}
