package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"gameday/faults"
	"gameday/scenarios"
	"gameday/targets"
)

// A venue is what one play presses, and what of it can be broken.
type venue struct {
	target   targets.Target
	accounts []targets.Account
	keeper   *faults.Keeper   // nil: nothing is broken
	stage    *embeddedService // nil: the target was there before
	journal  *os.File         // of faults
}

// openVenue starts what the play needs besides gameday itself: the embedded service
// if that is the target, which complains to stderr, links, and processes that are
// commands.
func (r *runner) openVenue(ctx context.Context, s *scenarios.Scenario, stderr io.Writer) (*venue, error) {
	v := &venue{target: r.target, accounts: r.accounts}
	site := r.target.Site
	if !r.external {
		var err error
		if v.stage, err = startEmbedded(ctx, s, stderr); err != nil {
			return nil, err
		}
		v.target.URL, v.accounts, site = v.stage.child.url, everybody(s), v.stage.site()
		if len(s.Faults) == 0 {
			return v, nil
		}
	}
	if len(s.Faults)+len(site.Links)+len(site.Processes) == 0 {
		return v, nil
	}
	err := v.breakable(r.out, site)
	if err != nil {
		return nil, errors.Join(err, v.close())
	}
	onFront := func(f faults.Fault) bool { return f.Kind == "link" && f.On == "front" }
	if v.stage != nil && slices.ContainsFunc(s.Faults, onFront) {
		v.target.URL = "http://" + v.keeper.Address("front")
	}
	return v, nil
}

// breakable gets ready to break a site.
func (v *venue) breakable(out string, site faults.Site) (err error) {
	if v.journal, err = openFaultJournal(out); err != nil {
		return err
	}
	v.keeper, err = faults.Open(site, v.journal)
	return err
}

// close mends what is still broken, and ends what was started. The error is of what
// could not be mended.
func (v *venue) close() (err error) {
	if v.keeper != nil {
		if err = v.keeper.Close(); err != nil {
			err = fmt.Errorf("not all is mended, which gameday mend tries again: %w", err)
		}
	}
	if v.journal != nil {
		v.journal.Close()
	}
	if v.stage != nil {
		v.stage.stop()
	}
	return err
}
