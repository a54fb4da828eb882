package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"gameday/scenarios"
	"gameday/targets"
)

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [SCENARIO ...]",
		Short: "Find every mistake in the configuration and in scenarios",
		Long: "Reads the configuration, the accounts and certificates of its targets, the scenarios that its events require, and the\n" +
			"scenarios by name or file (without any, those that come with gameday), and reports every mistake with its file and\n" +
			"key. Nothing is sent anywhere.",
		RunE: func(c *cobra.Command, names []string) error {
			config, err := loadConfig(c.Flags())
			if err == nil {
				err = errors.Join(checkTargets(config), config.checkEvents(), checkRequired(config))
			}
			wrong := []error{err}
			if err == nil && config.file != "" {
				fmt.Fprintf(c.OutOrStdout(), "%s: ok\n", config.file)
			}
			asked := names
			if len(names) == 0 {
				names = scenarios.Shipped()
			}
			for _, name := range names {
				if err := checkScenario(config, name, len(asked) > 0); err != nil {
					wrong = append(wrong, err)
					continue
				}
				fmt.Fprintf(c.OutOrStdout(), "%s: ok\n", name)
			}
			return errors.Join(wrong...)
		},
	}
}

// checkScenario reads a scenario, and holds it against the configuration, if there
// is one, and against what of the target can be broken, if it is meant for it.
func checkScenario(config *Config, name string, meant bool) error {
	s, err := scenarios.Load(name)
	if err != nil || config == nil {
		return err
	}
	err = config.Safety.CheckRate(scenarios.NewSchedule(s, config.Scale))
	if t, _, unknown := config.target(); meant && unknown == nil {
		err = errors.Join(err, config.checkOutages(scenarios.File(name), s, t))
	}
	return err
}

// checkRequired holds the scenarios that events require against their targets.
// Those that cannot be read are no matter of its.
func checkRequired(config *Config) error {
	var wrong []error
	for i, e := range config.Events {
		loaded, err := config.loadEvent(i)
		if err != nil {
			continue
		}
		for n, r := range e.Require {
			for _, t := range config.Targets {
				if slices.Contains(e.Targets, t.Name) {
					wrong = append(wrong, config.checkOutages(scenarios.File(r.Scenario), loaded.Require[n].Scenario, t))
				}
			}
		}
	}
	return errors.Join(wrong...)
}

// checkTargets reads what the targets name.
func checkTargets(config *Config) error {
	var wrong []error
	if _, _, err := config.target(); err != nil {
		wrong = append(wrong, err)
	}
	for i, t := range config.Targets {
		if _, err := t.TLS.Config(); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: targets[%d].%w", config.file, i, err))
		}
		if t.Accounts == "" {
			continue
		}
		if _, err := targets.LoadAccounts(t.Accounts); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				err = fmt.Errorf("there is no file %s", t.Accounts)
			}
			wrong = append(wrong, fmt.Errorf("%s: targets[%d].accounts: %w", config.file, i, err))
		}
	}
	return errors.Join(wrong...)
}
