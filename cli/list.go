package cli

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"gameday/scenarios"
)

func listCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios that come with gameday, or the runs",
		Args:  arguments(0, 0),
	}
	runs := c.Flags().Bool("runs", false, "the runs under --out instead, the newest first")
	out := c.Flags().String("out", defaultOut, "folder in which the runs are")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *runs {
			return listRuns(c.OutOrStdout(), *out, time.Now())
		}
		return listScenarios(c.OutOrStdout())
	}
	return c
}

func listScenarios(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, name := range scenarios.Shipped() {
		s, err := scenarios.Load(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, clock(s.Duration()), s.Asks)
	}
	return w.Flush()
}
