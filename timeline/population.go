package timeline

import (
	"math"
	"sync"
	"sync/atomic"
)

// account is one person: who follows them, their counts, and how their home
// timeline stands.
type account struct {
	followers atomic.Int32
	following atomic.Int32
	posts     atomic.Int32
	lastPost  atomic.Int64  // Unix milliseconds, 0 before the first
	lastID    atomic.Uint64 // of their newest status
	unpushed  atomic.Uint64 // of their newest status that was not pushed, 0 for none

	home homeState

	walk walk // those who follow from the start

	edges sync.Mutex // held while the store is told of a follower
	mu    sync.Mutex // guards added and removed
	added map[int32]struct{}
	// removed holds those of the walk who unfollowed.
	removed map[int32]struct{}
	shrunk  atomic.Bool // removed is not empty, or was not once

	alsoMu sync.Mutex         // guards also
	also   map[int32]struct{} // whom they follow since the start
}

// population is everybody. Account r of 1 to N is the r-th most followed.
type population struct {
	accounts []account // account id is at id-1
	// followed lists whom each account followed at the start, in the order of
	// accounts; that of account id ends before ends[id].
	followed []int32
	ends     []int32
}

// followersOf is the follower law: min(n-1, round(n * r^-e)).
func followersOf(rank, n int, e float64) int {
	return int(min(float64(n-1), math.Round(float64(n)*math.Pow(float64(rank), -e))))
}

// newPopulation builds everybody and lists whom they follow. Who follows them is
// not listed: a walk of four numbers an author yields it (see walk).
func newPopulation(o Options) *population {
	p := &population{accounts: make([]account, o.Accounts), ends: make([]int32, o.Accounts+1)}
	for i := range p.accounts {
		a := &p.accounts[i]
		rank := i + 1
		n := followersOf(rank, o.Accounts, o.Followers)
		a.walk = newWalk(o.Seed, int32(rank), o.Accounts, n)
		a.followers.Store(int32(n))
		for id := range a.walk.all() {
			p.ends[id]++
		}
	}
	total := int32(0)
	for id, count := range p.ends[1:] {
		p.accounts[id].following.Store(count)
		p.ends[id+1] = total // the start, until followed is filled
		total += count
	}
	p.followed = make([]int32, total)
	for i := range p.accounts {
		for id := range p.accounts[i].walk.all() {
			p.followed[p.ends[id]] = int32(i + 1)
			p.ends[id]++
		}
	}
	return p
}

// followees appends whom an account follows now.
func (p *population) followees(who int32, out []int32) []int32 {
	for _, author := range p.followed[p.ends[who-1]:p.ends[who]] {
		if a := p.get(author); a.shrunk.Load() && a.lost(who) {
			continue
		}
		out = append(out, author)
	}
	a := p.get(who)
	a.alsoMu.Lock()
	defer a.alsoMu.Unlock()
	for author := range a.also {
		out = append(out, author)
	}
	return out
}

// lost says whether somebody unfollowed who followed from the start.
func (a *account) lost(who int32) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, gone := a.removed[who]
	return gone
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
		p.get(who).setAlso(author, true)
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
		a.shrunk.Store(true)
	} else {
		delete(a.added, who)
		p.get(who).setAlso(author, false)
	}
	a.followers.Add(-1)
	p.get(who).following.Add(-1)
}

// setAlso notes that the account follows an author it did not follow at the start.
func (a *account) setAlso(author int32, on bool) {
	a.alsoMu.Lock()
	defer a.alsoMu.Unlock()
	if !on {
		delete(a.also, author)
		return
	}
	if a.also == nil {
		a.also = make(map[int32]struct{})
	}
	a.also[author] = struct{}{}
}
