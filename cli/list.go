package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"gameday/scenarios"
)

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the scenarios that come with gameday",
		Args:  arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, name := range scenarios.Shipped() {
				s, err := scenarios.Load(name)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, clock(s.Duration()), s.Asks)
			}
			return w.Flush()
		},
	}
}
