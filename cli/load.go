package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"gameday/harness"
	"gameday/scenarios"
)

// single are the keys with a single value, and their defaults. Only those can
// come from the environment.
var single = map[string]any{
	"target":                embedded,
	"scale":                 "1%",
	"safety.max_rate":       harness.DefaultMaxRate.String(),
	"safety.max_in_flight":  harness.DefaultMaxInFlight,
	"clients.timeout":       harness.DefaultTimeout.String(),
	"clients.retries":       scenarios.NoRetries.String(),
	"clients.refresh.after": "0s",
	"metrics.listen":        defaultMetrics,
	"metrics.push":          "",
	"metrics.push_token":    "",
	"dashboard.listen":      defaultDashboard,
	"freeze.lock":           defaultLock,
}

// flagOf is the flag that stands for a key, where a command has it.
var flagOf = map[string]string{"target": "target", "scale": "scale", "metrics.listen": "metrics", "dashboard.listen": "dashboard"}

// variable is what a key with a single value is called in the environment.
func variable(key string) string {
	return "GAMEDAY_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// loadConfig reads the configuration. The error is [scenarios.Mistakes], with
// everything that is wrong at once, if the file was read but is wrong.
func loadConfig(flags *pflag.FlagSet) (*Config, error) {
	name, data, err := readConfig(flags)
	if err != nil {
		return nil, err
	}
	c := &Config{file: name}
	file := name
	if file == "" {
		file = "configuration"
	}
	document := &scenarios.Document{File: file}
	v := viper.NewWithOptions(viper.WithDecoderRegistry(document))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(strings.NewReader(data)); err != nil {
		return nil, scenarios.Mistakes{{File: file, Says: scenarios.NotYAML(err)}}
	}
	settings := document.Settings(v)
	if err := overlay(settings, v, flags); err != nil {
		return nil, err
	}
	found := append(document.Found, scenarios.Decode(settings, file, c)...)
	for _, m := range c.validate(file) {
		if !slices.ContainsFunc(found, func(f scenarios.Mistake) bool { return within(m.Key, f.Key) }) {
			found = append(found, m)
		}
	}
	for i, m := range found {
		if _, ok := single[m.Key]; ok {
			if from := origin(m.Key, flags); from != "" {
				found[i].File, found[i].Key = from, "" // not the file's fault
			}
		}
	}
	if len(found) > 0 {
		return nil, found
	}
	if c.targetFrom = origin("target", flags); c.targetFrom == "" {
		c.targetFrom = file + ": target"
	}
	c.metricsChosen = c.Metrics.Listen != defaultMetrics || origin("metrics.listen", flags) != ""
	c.dashboardChosen = c.Dashboard.Listen != defaultDashboard || origin("dashboard.listen", flags) != ""
	return c, nil
}

// within reports whether a key is another, or stands under it.
func within(key, other string) bool {
	rest, ok := strings.CutPrefix(key, other)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// origin is the flag or the variable that a key's value comes from; empty if it
// comes from the file or the defaults.
func origin(key string, flags *pflag.FlagSet) string {
	if f := flags.Lookup(flagOf[key]); f != nil && f.Changed {
		return "--" + f.Name
	}
	if os.Getenv(variable(key)) != "" {
		return variable(key)
	}
	return ""
}

// readConfig reads the file that the flag names, or config.yaml if it is there.
func readConfig(flags *pflag.FlagSet) (name, data string, err error) {
	name, err = flags.GetString("config")
	if err != nil {
		return "", "", err
	}
	chosen := name != ""
	if !chosen {
		name = defaultConfig
	}
	read, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !chosen {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("reading the configuration: %w", err)
	}
	return name, string(read), nil
}

// overlay puts what Viper makes of flags, environment, file and defaults over
// the settings of the file.
func overlay(settings map[string]any, v *viper.Viper, flags *pflag.FlagSet) error {
	for key, otherwise := range single {
		v.SetDefault(key, otherwise)
		if err := v.BindEnv(key, variable(key)); err != nil {
			return fmt.Errorf("binding the environment to %s: %w", key, err)
		}
		if f := flags.Lookup(flagOf[key]); f != nil {
			if err := v.BindPFlag(key, f); err != nil {
				return fmt.Errorf("binding --%s: %w", f.Name, err)
			}
		}
		value := v.Get(key)
		if text, ok := value.(string); ok {
			if _, whole := otherwise.(int); whole {
				if n, err := strconv.Atoi(text); err == nil {
					value = n // the environment knows only text
				}
			}
		}
		put(settings, strings.Split(key, "."), value)
	}
	return nil
}

// put sets a value in a tree of maps. Where something else stands in the way of
// the path, that is left for others to complain about.
func put(tree map[string]any, path []string, value any) {
	for _, key := range path[:len(path)-1] {
		if tree[key] == nil {
			tree[key] = map[string]any{}
		}
		below, ok := tree[key].(map[string]any)
		if !ok {
			return
		}
		tree = below
	}
	tree[path[len(path)-1]] = value
}
