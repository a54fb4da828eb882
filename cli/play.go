package cli

import (
	"context"
	"errors"
	"sync/atomic"

	"gameday/harness"
	"gameday/runs"
	"gameday/scenarios"
)

// watchers are those who are told how a play goes.
type watchers struct {
	view      *view
	metrics   *metricsServer
	dashboard *dashboard
}

// runOne plays one scenario and leaves its reports.
func (r *runner) runOne(ctx context.Context, s *scenarios.Scenario, metrics *metricsServer, dashboard *dashboard) (code int, err error) {
	folder, err := newFolder(r.out, s.Name)
	if err != nil {
		return 0, err
	}
	defer folder.close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	view := newView(r.stderr, s, r.config.Scale, r.quiet)
	view.keys, view.stop, view.dashboard = r.stdin, stop, dashboard.url
	if len(s.Faults) > 0 {
		view.whole = new(atomic.Bool)
	}
	defer view.end()
	venue, err := r.openVenue(ctx, s, view.others)
	if err != nil {
		folder.remove()
		return 0, err
	}
	defer func() {
		if whole := venue.close(); whole != nil {
			complain(r.stderr, whole)
			if code == exitPass {
				code = exitUnclear
			}
		}
	}()
	folder.journal.say = func(err error) {
		view.end() // or the next block would be drawn over it
		complain(r.stderr, err)
	}
	run, pointed, err := r.play(ctx, s, folder, venue, watchers{view, metrics, dashboard})
	if err != nil {
		folder.remove()
		if ctx.Err() != nil {
			err = errBeforeStart
		}
		return 0, err
	}
	return r.finish(run, folder, pointed)
}

// play plays, and tells those who watch. Pointed is what went wrong when latest was
// pointed at the folder.
func (r *runner) play(ctx context.Context, s *scenarios.Scenario, folder *folder, venue *venue, w watchers) (run *runs.Run, pointed, err error) {
	h := &harness.Harness{
		Scale: r.config.Scale, Clients: r.config.Clients, Safety: r.config.Safety,
		Keeper: venue.keeper, Whole: w.view.whole, Accounts: venue.accounts,
		Version: version(), ID: folder.id, Journal: folder.journal, Reason: r.reason,
		Ready: func(run *runs.Run) {
			addSelftest(run, r.out, r.stderr)
			pointed = folder.point() // now, so that the latest is this one even if it is killed
			w.metrics.begin(run)
			w.dashboard.begin(run)
			w.view.begin(run)
		},
		Watch: func(m harness.Moment) {
			w.metrics.figures.Observe(m)
			w.dashboard.observe(m)
			w.view.show(m)
		},
	}
	run, err = h.Play(ctx, s, venue.target)
	w.view.end()
	w.metrics.end(run)
	if err == nil {
		w.dashboard.end(run)
	}
	return run, pointed, err
}

// finish leaves the reports of a play and says what to exit with. Trouble is what
// went wrong with the folder before.
func (r *runner) finish(run *runs.Run, folder *folder, trouble error) (code int, err error) {
	lacks := folder.save(run)
	if err := r.tell(run, folder.path, lacks); err != nil {
		return 0, err
	}
	if trouble = errors.Join(trouble, lacks); trouble != nil {
		return 0, &exit{exitUsage, trouble}
	}
	r.prune(folder.id)
	return r.baseline.against(run, folder.path, r.quiet, r.stdout, exitOfPlay(run))
}
