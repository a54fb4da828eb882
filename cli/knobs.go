package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/viper"

	"gameday/scenarios"
	"gameday/timeline"
)

// loadKnobs reads the knobs of the timeline service from a file; those it leaves
// out are at their defaults. The error is [scenarios.Mistakes], with everything
// that is wrong at once, if the file was read but is wrong.
func loadKnobs(file string) (*timeline.Knobs, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the knobs: %w", err)
	}
	document := &scenarios.Document{File: file}
	v := viper.NewWithOptions(viper.WithDecoderRegistry(document))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(strings.NewReader(string(data))); err != nil {
		return nil, scenarios.Mistakes{{File: file, Says: scenarios.NotYAML(err)}}
	}
	knobs, found := decodeKnobs(file, document.Settings(v))
	if found = append(document.Found, found...); len(found) > 0 {
		return nil, found
	}
	return knobs, nil
}

// checkKnobs returns what is wrong with the knobs with which the embedded service is
// to start, of a scenario that stands in file.
func checkKnobs(file string, s *scenarios.Scenario) scenarios.Mistakes {
	_, found := decodeKnobs(file, s.Knobs)
	for i := range found {
		found[i].Key = "knobs." + found[i].Key
	}
	return found
}

// decodeKnobs sets the knobs that are said in file, and returns what is wrong.
func decodeKnobs(file string, settings map[string]any) (*timeline.Knobs, scenarios.Mistakes) {
	knobs := timeline.DefaultKnobs()
	found := scenarios.Decode(settings, file, &knobs)
	for _, m := range knobs.Validate() {
		if !slices.ContainsFunc(found, func(f scenarios.Mistake) bool { return within(f.Key, m.Key) }) {
			found = append(found, scenarios.Mistake{File: file, Key: m.Key, Says: m.Says})
		}
	}
	return &knobs, found
}
