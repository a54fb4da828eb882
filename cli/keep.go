package cli

import (
	"fmt"
	"strings"
	"time"

	"gameday/runs"
)

// prune removes runs that are too many, after the one of that name. What goes wrong
// is said, and is no trouble of the play's.
func (r *runner) prune(played string) {
	if r.keep == 0 {
		return
	}
	shelf, err := runs.OpenShelf(r.out)
	if err != nil {
		complain(r.stderr, err)
		return
	}
	defer shelf.Close()
	removed, err := shelf.Prune(r.keep, played, time.Now())
	if err != nil {
		complain(r.stderr, err)
	}
	if len(removed) > 0 && !r.quiet {
		fmt.Fprintf(r.stderr, "removed from %s: %s\n", r.out, strings.Join(removed, ", "))
	}
}
