package timeline

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// naivePage is what a page must be, read off the definition: of the ids strictly
// between the cursors that want takes, the newest or the oldest, newest first.
func naivePage(ids []uint64, p paging, want func(uint64) bool) []uint64 {
	var fit []uint64
	for _, id := range ids {
		if id > p.after && id < p.before && want(id) {
			fit = append(fit, id)
		}
	}
	if len(fit) > p.limit {
		if p.upward {
			fit = fit[:p.limit]
		} else {
			fit = fit[len(fit)-p.limit:]
		}
	}
	slices.Reverse(fit)
	return fit
}

// pageOf is a page of a feed whose statuses have their number as id.
func pageOf(f *feed, p paging, limit int) []uint64 {
	sp := span{after: p.after, before: p.before, limit: p.limit, upward: p.upward}
	f.read(&sp, limit, func(seq uint32) uint64 { return uint64(seq) })
	if p.upward {
		slices.Reverse(sp.ids)
	}
	return sp.ids
}

// TestFeedAgainstModel adds ids to feeds of many sizes, sometimes out of order
// and sometimes twice, and compares every page with the naive one.
func TestFeedAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 8))
	for range 300 {
		limit := 1 + rnd.IntN(60)
		var f feed
		var all []uint64
		for range rnd.IntN(150) {
			id := uint64(len(all)*3 + 1 + rnd.IntN(9))
			if rnd.IntN(20) == 0 {
				more := []uint32{uint32(id), uint32(rnd.IntN(400)) + 1, uint32(id)}
				f.fill(more, 0, limit)
				all = append(all[max(0, len(all)-limit):], id, uint64(more[1]))
			} else {
				f.add(uint32(id), 0, limit)
				all = append(all, id)
			}
			slices.Sort(all)
			all = slices.Compact(all)
			if n := len(f.seqs); n > limit+limit/16+1 {
				t.Fatalf("a feed of %d holds %d", limit, n)
			}
		}
		shown := all[max(0, len(all)-limit):]
		for range 50 {
			p := randomPaging(rnd, 500)
			if got, model := pageOf(&f, p, limit), naivePage(shown, p, func(uint64) bool { return true }); !slices.Equal(got, model) {
				t.Fatalf("page %+v of %v is %v, want %v", p, shown, got, model)
			}
		}
	}
}

// TestIssuesAreApart checks that nothing meant for one issue of a home timeline
// gets into another.
func TestIssuesAreApart(t *testing.T) {
	var f feed
	f.add(1, 0, 10)
	f.drop(1)
	f.add(2, 0, 10)
	f.fill([]uint32{3}, 0, 10)
	f.add(4, 1, 10)
	f.drop(1)
	for issue, want := range [][]uint64{nil, {4}, nil} {
		sp := span{before: math.MaxUint64, limit: 10, issue: uint32(issue)}
		f.read(&sp, 10, func(seq uint32) uint64 { return uint64(seq) })
		if !slices.Equal(sp.ids, want) || sp.lost != (issue != 1) {
			t.Errorf("issue %d has %v, lost: %v; want %v", issue, sp.ids, sp.lost, want)
		}
	}
}

// randomPaging is any page with cursors up to most, or without.
func randomPaging(rnd *rand.Rand, most uint64) paging {
	p := paging{limit: rnd.IntN(maxLimit + 1), before: math.MaxUint64}
	if rnd.IntN(2) == 0 {
		p.before = rnd.Uint64N(most)
	}
	if rnd.IntN(2) == 0 {
		p.after = rnd.Uint64N(most)
		p.upward = rnd.IntN(2) == 0
	}
	return p
}

func TestIDsGrow(t *testing.T) {
	var ids clock
	rnd := rand.New(rand.NewPCG(1, 2))
	last := uint64(0)
	at := firstPost
	for i := range 3 * keptStatuses {
		seq, id := ids.next(at)
		if id <= last || int(seq) != i+1 {
			t.Fatalf("id %d follows %d", id, last)
		}
		last = id
		if i%1000 == 0 { // now and then the clock jumps, also back
			at = firstPost.AddDate(0, 0, rnd.IntN(3))
		}
	}
}

// TestRingKeepsTheNewest checks that a full ring holds exactly the newest.
func TestRingKeepsTheNewest(t *testing.T) {
	var ids clock
	ring := newRing(64)
	var all []*status
	for range 1000 {
		st := &status{}
		_, st.id = ids.next(firstPost)
		ring.put(st)
		all = append(all, st)
		for i, st := range all[max(0, len(all)-70):] {
			kept := len(all)-max(0, len(all)-70)-i <= 64
			if got := ring.get(st.id); kept != (got == st) || !kept && got != nil {
				t.Fatalf("after %d statuses, get(%d) is %v", len(all), st.id, got)
			}
		}
	}
	if n := ring.held.Load(); n != 64 {
		t.Errorf("the ring says it holds %d, want 64", n)
	}
}
