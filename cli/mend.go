package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"gameday/faults"
)

// faultJournal is the file in the out folder in which all its plays write down
// what they break, and how that is mended.
const faultJournal = "faults.jsonl"

func mendCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "mend",
		Short: "Mend what a play that was killed left in force",
		Long: "Mends what the journal of faults under --out has as broken by a gameday that is no more, the last first.\n" +
			"What a play that is still going on has broken is left to it.\n\n" +
			"Exits 0 nothing is left, 1 something could not be mended, 2 the journal cannot be read.",
		Args: arguments(0, 0),
	}
	out := c.Flags().String("out", defaultOut, "folder in which the runs are")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx, stop := untilSignal()
		defer stop()
		mended := 0
		var failed []error
		err := eachLeftover(ctx, *out, func(l faults.Leftover, wrong error) {
			if wrong != nil {
				failed = append(failed, wrong)
				return
			}
			mended++
			fmt.Fprintln(c.OutOrStdout(), mendedLine(l))
		})
		if err != nil {
			return err
		}
		if len(failed) > 0 {
			return &exit{exitFail, errors.Join(failed...)}
		}
		if mended == 0 {
			fmt.Fprintln(c.OutOrStdout(), "nothing was left in force")
		}
		return nil
	}
	return c
}

// mendedLine says that l is mended, and whose it was.
func mendedLine(l faults.Leftover) string {
	return fmt.Sprintf("mended %s (%s), left in force since %s by process %d",
		l.Fault, l.Kind, l.At.UTC().Format("2006-01-02 15:04:05 MST"), l.By)
}

// openFaultJournal opens the journal for a new play, which appends to it.
func openFaultJournal(out string) (*os.File, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("making the out folder: %w", err)
	}
	journal, err := os.OpenFile(filepath.Join(out, faultJournal), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the journal of faults: %w", err)
	}
	return journal, nil
}

// leftovers are the faults that plays which were killed left in force under out,
// the last first.
func leftovers(out string) ([]faults.Leftover, error) {
	journal, err := os.Open(filepath.Join(out, faultJournal))
	if nowhere(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("opening the journal of faults: %w", err)
	}
	defer journal.Close()
	return faults.Leftovers(journal)
}

// mendLeftovers mends, before a play, what others left in force under out, and says
// so on stderr. Its error is one sentence on why nothing may be played yet.
func mendLeftovers(ctx context.Context, out string, stderr io.Writer) error {
	var failed []string
	err := eachLeftover(ctx, out, func(l faults.Leftover, wrong error) {
		if wrong != nil {
			failed = append(failed, wrong.Error())
			return
		}
		complain(stderr, errors.New(mendedLine(l)))
	})
	if err == nil && len(failed) > 0 {
		err = errors.New(strings.Join(failed, "; "))
	}
	if err != nil {
		return fmt.Errorf("not started, as a play that was killed may have left faults in force: %w", err)
	}
	return nil
}

// eachLeftover mends all leftovers under out, if there is a journal at all.
func eachLeftover(ctx context.Context, out string, said func(faults.Leftover, error)) error {
	journal, err := os.OpenFile(filepath.Join(out, faultJournal), os.O_APPEND|os.O_RDWR, 0)
	if nowhere(err) {
		return nil
	} else if err != nil {
		return fmt.Errorf("opening the journal of faults: %w", err)
	}
	defer journal.Close()
	return faults.MendLeftovers(ctx, journal, said)
}

// nowhere reports whether an error says that there is no journal, or not even the
// folder for one.
func nowhere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
