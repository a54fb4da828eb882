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

// TestFeedAgainstModel adds ids to feeds of many sizes, sometimes out of order
// and sometimes twice, and compares every page with the naive one.
func TestFeedAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 8))
	for range 300 {
		limit := 1 + rnd.IntN(60)
		store := newStore(1024)
		var f feed
		var all []uint64
		for range rnd.IntN(150) {
			id := uint64(len(all)*3 + 1 + rnd.IntN(9))
			f.add(id, limit)
			if !slices.Contains(all, id) {
				all = append(all, id)
				slices.Sort(all)
			}
			store.put(&status{id: id})
			if n := len(f.ids); n > limit+limit/8+1 {
				t.Fatalf("a feed of %d holds %d", limit, n)
			}
		}
		for _, id := range all {
			if rnd.IntN(10) == 0 {
				store.remove(store.get(id))
			}
		}
		shown := all[max(0, len(all)-limit):]
		for range 50 {
			p := randomPaging(rnd, 500)
			odd := rnd.IntN(2) == 0
			want := func(st *status) bool { return !odd || st.id%2 == 1 }
			var got []uint64
			for _, st := range f.page(p, limit, store, want, nil) {
				got = append(got, st.id)
			}
			if model := naivePage(shown, p, func(id uint64) bool {
				return store.get(id) != nil && (!odd || id%2 == 1)
			}); !slices.Equal(got, model) {
				t.Fatalf("page %+v of %v is %v, want %v", p, shown, got, model)
			}
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
	store := newStore(keptStatuses)
	rnd := rand.New(rand.NewPCG(1, 2))
	last := uint64(0)
	at := firstPost
	for i := range 3 * keptStatuses {
		id := store.nextID(at)
		if id <= last {
			t.Fatalf("id %d follows %d", id, last)
		}
		last = id
		if i%1000 == 0 { // now and then the clock jumps, also back
			at = firstPost.AddDate(0, 0, rnd.IntN(3))
		}
	}
}

// TestStoreKeepsTheNewest checks that a full store holds exactly the newest.
func TestStoreKeepsTheNewest(t *testing.T) {
	store := newStore(64)
	var all []*status
	for range 1000 {
		st := &status{id: store.nextID(firstPost)}
		store.put(st)
		all = append(all, st)
		for i, st := range all[max(0, len(all)-70):] {
			kept := len(all)-max(0, len(all)-70)-i <= 64
			if got := store.get(st.id); kept != (got == st) || !kept && got != nil {
				t.Fatalf("after %d statuses, get(%d) is %v", len(all), st.id, got)
			}
		}
	}
	if n := store.held.Load(); n != 64 {
		t.Errorf("the store says it holds %d, want 64", n)
	}
}
