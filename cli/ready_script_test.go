package cli

import (
	"context"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"

	"gameday/freeze"
)

// capture is "capture CONFIG LOCK [KIND VALUE]": it writes a lock of what all
// targets run now, or of one value in place of what they run.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	flags := pflag.NewFlagSet("capture", pflag.ContinueOnError)
	flags.String("config", ts.MkAbs(args[0]), "")
	c, err := loadConfig(flags)
	ts.Check(err)
	var all []freeze.Locked
	for _, t := range c.Targets {
		seen := c.look(context.Background(), t, time.Time{})
		if len(args) > 2 {
			seen.Identity[args[2]] = []string{args[3]}
		}
		all = append(all, freeze.Locked{Target: t.Name, URL: t.URL, At: time.Now(), Identity: seen.Identity, Sources: seen.Sources})
	}
	before, _ := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(freeze.WriteLock(ts.MkAbs(args[1]), freeze.NewLock(time.Now(), all), before))
}
