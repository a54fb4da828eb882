package timeline

import (
	"fmt"
	"slices"
	"time"
)

const (
	// firstAuthors is how many of the most followed have posts from the start,
	firstAuthors = 1000
	// firstHome how many entries the mean home timeline is to have, and
	firstHome = 45
	// firstRounds how many posts an author has at most.
	firstRounds = 45
)

// firstPost is when the oldest of the first posts was made. It is a fixed time,
// so that their ids are the same whenever a service of the same options starts.
var firstPost = time.Date(1999, time.January, 31, 18, 25, 0, 0, time.UTC)

// first makes the posts that are there before anybody reads: the most followed
// post in turn, one a second, for as many rounds as fill a usual home page of 40.
// They have no ids yet.
func (p *population) first() []*status {
	n := len(p.accounts)
	authors := min(n, firstAuthors)
	reach := authors // their own home timelines
	for id := range authors {
		reach += int(p.accounts[id].followers.Load())
	}
	rounds := min(firstRounds, (firstHome*n+reach-1)/reach)
	posts := make([]*status, 0, rounds*authors)
	for round := range rounds {
		for id := range authors {
			text := fmt.Sprintf("Post %d of user%d before the game", round+1, id+1)
			at := firstPost.Add(time.Duration(len(posts)) * time.Second)
			posts = append(posts, &status{author: int32(id + 1), at: at, content: renderContent(text), listed: true})
		}
	}
	return posts
}

// count notes a status of its author.
func (p *population) count(st *status) {
	a := p.get(st.author)
	a.posts.Add(1)
	a.lastPost.Store(st.at.UnixMilli())
	a.lastID.Store(st.id)
}

// enterFirst enters the first posts into the timelines of a new memory, at home
// with those who are kept. It fills one home after the other: delivering one post
// after the other would touch five million places in memory in no order, and
// takes more than ten times as long on one core.
func (m *memory) enterFirst(posts []*status, p *population, kept func(who int32) bool) {
	for _, st := range posts {
		m.enter(st, st.at)
		p.count(st)
	}
	authors := min(len(p.accounts), firstAuthors)
	var seen []int32
	for i := range m.homes {
		who := int32(i + 1)
		if !kept(who) {
			continue
		}
		seen = p.followees(who, seen[:0])
		at, _ := slices.BinarySearch(seen, who)
		seen = slices.Insert(seen, at, who)
		most, _ := slices.BinarySearch(seen, int32(authors+1))
		m.homes[i].seqs = firstEntries(seen[:most], posts, authors, m.knobs.Load().TimelineCap)
		p.accounts[i].home.finish(0, m.clock.last)
	}
}

// firstEntries is the home timeline of somebody who sees these authors, of whom
// each has one post a round.
func firstEntries(seen []int32, posts []*status, authors, limit int) []uint32 {
	count := len(posts) / authors * len(seen)
	seqs := make([]uint32, 0, count+count/4)
	for round := 0; round < len(posts); round += authors {
		for _, author := range seen {
			seqs = append(seqs, posts[round+int(author)-1].seq)
		}
	}
	return seqs[max(0, len(seqs)-limit):]
}
