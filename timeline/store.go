package timeline

import "context"

// store is where everything lives that is written: statuses, timelines, marks and
// who follows whom. There are two: memory, and a Redis. A store belongs to one
// service at a time.
//
// An error means that the store could not be asked, or did not say that it did
// what it was asked. Whoever was to be told of success must be told of the
// failure then. Asking again is harmless, but for publish, which makes another
// status each time. All methods are safe for concurrent use.
type store interface {
	// publish gives a status its id, keeps it, and enters it on its author's wall
	// and, when it is for everybody, in the public timeline. Once all that is done
	// it calls entered, for one status after the other in the order of ids. After
	// an error the status is nowhere, or will be nowhere once the store is back.
	publish(ctx context.Context, st *status, entered func(*status)) error
	// remove forgets a boost.
	remove(ctx context.Context, st *status) error
	// find appends the status of each id to out, nil for one that is gone.
	find(ctx context.Context, ids []uint64, out []*status) ([]*status, error)
	// tell appends the counts of each status to out, and the marks of a viewer, 0
	// for nobody. A boost has those of its post.
	tell(ctx context.Context, page []*status, viewer int32, out []told) ([]told, error)
	// like sets or takes away one account's like of a post.
	like(ctx context.Context, st *status, who int32, on bool) error
	// boostOf is the boost somebody made of a post, nil for none.
	boostOf(ctx context.Context, st *status, who int32) (*status, error)
	// answers appends the ids of the replies to a post to out, in any order.
	answers(ctx context.Context, of uint64, out []uint64) ([]uint64, error)
	// follow keeps that somebody follows an author from now on, or does not.
	follow(ctx context.Context, who, author int32, on bool) error
	// lists reads a stretch of each list.
	lists(ctx context.Context, spans []span) error
	// deliver enters a status into home timelines; one it is in already stays as
	// it is.
	deliver(ctx context.Context, st *status, to []int32) error
	// fill enters statuses into one home timeline of an issue.
	fill(ctx context.Context, who int32, issue uint32, ids []uint64) error
	// drop forgets home timelines of issues that are over.
	drop(ctx context.Context, who []int32) error
	close() error
}

// told is what changes of a status: its counts, and one viewer's marks.
type told struct {
	replies, boosts, likes int64
	liked, boosted         bool
}

// feedKind is which of the kinds of timelines a span is of.
type feedKind uint8

const (
	homeList   feedKind = iota // what was pushed to one reader
	wallList                   // what one account posted
	publicList                 // what is for everybody
)

// span is a stretch of a timeline: the newest limit ids between after and
// before, both excluded, newest first; with upward the oldest, oldest first.
type span struct {
	of     feedKind
	who    int32  // whose home or wall
	issue  uint32 // which home of theirs, counted by how often it was dropped
	low    uint64 // after and before, when it begins
	high   uint64
	after  uint64 // and as far as it has been read
	before uint64
	limit  int
	upward bool

	ids []uint64 // what was read
	// floor is the oldest id the timeline still has when older ones were dropped
	// from it, otherwise 0.
	floor uint64
	// lost says that the store has no home timeline of that issue.
	lost bool
}
