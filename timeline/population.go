package timeline

import (
	"math"
	"sync"
	"sync/atomic"
)

// account is one person: who follows them, their counts and their timelines.
type account struct {
	followers atomic.Int32
	following atomic.Int32
	posts     atomic.Int32
	lastPost  atomic.Int64 // Unix milliseconds, 0 before the first

	walk walk // those who follow from the start

	mu    sync.Mutex // guards added and removed
	added map[int32]struct{}
	// removed holds those of the walk who unfollowed.
	removed map[int32]struct{}

	home feed // what those they follow, and they themselves, posted
	wall feed // what they posted
}

// population is everybody. Account r of 1 to N is the r-th most followed.
type population struct {
	accounts []account // account id is at id-1
}

// followersOf is the follower law: min(n-1, round(n * r^-e)).
func followersOf(rank, n int, e float64) int {
	return int(min(float64(n-1), math.Round(float64(n)*math.Pow(float64(rank), -e))))
}

// newPopulation builds everybody and counts who they follow. Edges are not
// stored: a walk of four numbers an author yields them (see walk).
func newPopulation(o Options) *population {
	p := &population{accounts: make([]account, o.Accounts)}
	following := make([]int32, o.Accounts+1)
	for i := range p.accounts {
		a := &p.accounts[i]
		rank := i + 1
		n := followersOf(rank, o.Accounts, o.Followers)
		a.walk = newWalk(o.Seed, int32(rank), o.Accounts, n)
		a.followers.Store(int32(n))
		for id := range a.walk.all() {
			following[id]++
		}
	}
	for i := range p.accounts {
		p.accounts[i].following.Store(following[i+1])
	}
	return p
}

// get is the account of a valid id.
func (p *population) get(id int32) *account {
	return &p.accounts[id-1]
}

// find is the id a text names, 0 when there is no such account. Ids have no
// sign and no leading zero.
func (p *population) find(text string) int32 {
	id, ok := parseID(text)
	if !ok || id == 0 || id > uint64(len(p.accounts)) || text[0] == '0' {
		return 0
	}
	return int32(id)
}

// follows says whether who follows author.
func (p *population) follows(who, author int32) bool {
	a := p.get(author)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.followedBy(who)
}

// followedBy is follows under a.mu.
func (a *account) followedBy(who int32) bool {
	if a.walk.has(who) {
		_, gone := a.removed[who]
		return !gone
	}
	_, ok := a.added[who]
	return ok
}

// follow makes who a follower of author; both must differ. Following twice is
// following once.
func (p *population) follow(who, author int32) {
	a := p.get(author)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.followedBy(who) {
		return
	}
	if a.walk.has(who) {
		delete(a.removed, who)
	} else {
		if a.added == nil {
			a.added = make(map[int32]struct{})
		}
		a.added[who] = struct{}{}
	}
	a.followers.Add(1)
	p.get(who).following.Add(1)
}

// unfollow undoes follow. Unfollowing twice is unfollowing once.
func (p *population) unfollow(who, author int32) {
	a := p.get(author)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.followedBy(who) {
		return
	}
	if a.walk.has(who) {
		if a.removed == nil {
			a.removed = make(map[int32]struct{})
		}
		a.removed[who] = struct{}{}
	} else {
		delete(a.added, who)
	}
	a.followers.Add(-1)
	p.get(who).following.Add(-1)
}
