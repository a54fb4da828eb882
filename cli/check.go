package cli

import (
	"errors"
	"fmt"
	"os"

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
				err = errors.Join(checkTargets(config), config.checkEvents())
			}
			wrong := []error{err}
			if err == nil && config.file != "" {
				fmt.Fprintf(c.OutOrStdout(), "%s: ok\n", config.file)
			}
			if len(names) == 0 {
				names = scenarios.Shipped()
			}
			for _, name := range names {
				s, err := scenarios.Load(name)
				if err == nil && config != nil {
					err = config.Safety.CheckRate(scenarios.NewSchedule(s, config.Scale))
				}
				if err != nil {
					wrong = append(wrong, err)
					continue
				}
				fmt.Fprintf(c.OutOrStdout(), "%s: ok\n", name)
			}
			return errors.Join(wrong...)
		},
	}
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
