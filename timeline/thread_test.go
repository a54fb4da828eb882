package timeline

import (
	"slices"
	"testing"
)

// threadJSON is the answer to a question for a thread.
type threadJSON struct {
	Ancestors, Descendants []statusJSON
}

// TestThread grows a tree of replies at random and reads the thread of each: what
// stands above it is its path, what stands below it are all that lead to it, each
// followed by its own.
func TestThread(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		s := start(t, Options{Accounts: 20, Store: store})
		random := testRand()
		all := []string{s.say(t, 1, "root").ID}
		parent, children := map[string]string{}, map[string][]string{}
		for range 40 {
			to := all[random.IntN(len(all))]
			id := s.say(t, 1+random.IntN(20), "reply", "in_reply_to_id", to).ID
			parent[id] = to
			children[to] = append(children[to], id)
			all = append(all, id)
		}
		var below func(id string) []string
		below = func(id string) (list []string) {
			for _, child := range children[id] {
				list = append(append(list, child), below(child)...)
			}
			return list
		}
		for _, id := range all {
			var above []string
			for at := parent[id]; at != ""; at = parent[at] {
				above = append([]string{at}, above...)
			}
			got := want[threadJSON](t, s, s.request(2, "GET", "/api/v1/statuses/"+id+"/context", nil))
			if !slices.Equal(ids(got.Ancestors), above) || !slices.Equal(ids(got.Descendants), below(id)) {
				t.Errorf("the thread of %s has %v above and %v below, want %v and %v", id, ids(got.Ancestors), ids(got.Descendants), above, below(id))
			}
		}
	})
}

// TestThreadForAnybody reads a long thread without a token: a part of it.
func TestThreadForAnybody(t *testing.T) {
	s := start(t, Options{Accounts: 20})
	chain := []string{s.say(t, 1, "root").ID}
	for range 60 {
		chain = append(chain, s.say(t, 1, "reply", "in_reply_to_id", chain[len(chain)-1]).ID)
	}
	for range 80 {
		s.say(t, 2, "aside", "in_reply_to_id", chain[0])
	}
	last := chain[len(chain)-1]
	for _, c := range []struct {
		who                   int
		above, deep, branches int
	}{{0, threadAncestors, threadDepth, threadDescendants}, {1, 60, 60, 140}} {
		top := want[threadJSON](t, s, s.request(c.who, "GET", "/api/v1/statuses/"+last+"/context", nil))
		root := want[threadJSON](t, s, s.request(c.who, "GET", "/api/v1/statuses/"+chain[0]+"/context", nil))
		if len(top.Ancestors) != c.above || top.Ancestors[len(top.Ancestors)-1].ID != chain[len(chain)-2] || len(root.Descendants) != c.branches {
			t.Errorf("account %d sees %d above, %d below", c.who, len(top.Ancestors), len(root.Descendants))
		}
		deep := 0
		for deep < len(root.Descendants) && root.Descendants[deep].ID == chain[deep+1] {
			deep++
			if deep+1 == len(chain) {
				break
			}
		}
		if deep != c.deep {
			t.Errorf("account %d sees %d of the chain, want %d", c.who, deep, c.deep)
		}
	}
	checkRefusal(t, s.do(s.request(1, "GET", "/api/v1/statuses/7/context", nil)), 404, "Record not found")
}
