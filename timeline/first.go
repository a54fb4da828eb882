package timeline

import (
	"fmt"
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

// enterFirst fills the timelines before anybody reads: the most followed post in
// turn, one a second, for as many rounds as fill a usual home page of 40.
func (s *Service) enterFirst() {
	n := len(s.people.accounts)
	authors := min(n, firstAuthors)
	reach := authors // their own home timelines
	for id := range authors {
		reach += int(s.people.accounts[id].followers.Load())
	}
	rounds := min(firstRounds, (firstHome*n+reach-1)/reach)
	posts := make([]uint64, 0, rounds*authors)
	for round := range rounds {
		for id := range authors {
			text := fmt.Sprintf("Post %d of user%d before the game", round+1, id+1)
			st := &status{author: int32(id + 1), content: renderContent(text), listed: true}
			s.enter(st, firstPost.Add(time.Duration(len(posts))*time.Second))
			posts = append(posts, st.id)
		}
	}
	s.fillHomes(posts, authors)
}

// fillHomes enters the first posts, one an author and round, into all home
// timelines. It first lists for each reader the authors they see, and then
// fills one home after the other: delivering one post after the other would
// touch five million places in memory in no order, and takes more than ten times
// as long on one core.
func (s *Service) fillHomes(posts []uint64, authors int) {
	n := len(s.people.accounts)
	ends := make([]int32, n+1) // of each reader's part of seen
	for author := range int32(authors) {
		ends[author+1]++
		for reader := range s.people.get(author + 1).walk.all() {
			ends[reader]++
		}
	}
	total := int32(0)
	for id, count := range ends {
		ends[id] = total // the start, until seen is filled
		total += count
	}
	seen := make([]int32, total)
	see := func(reader, author int32) {
		seen[ends[reader]] = author
		ends[reader]++
	}
	for author := range int32(authors) {
		see(author+1, author)
		for reader := range s.people.get(author + 1).walk.all() {
			see(reader, author)
		}
	}
	for i := range s.people.accounts {
		s.people.accounts[i].home.ids = s.firstEntries(seen[ends[i]:ends[i+1]], posts, authors)
	}
}

// firstEntries is the home timeline of somebody who sees these authors.
func (s *Service) firstEntries(seen []int32, posts []uint64, authors int) []uint64 {
	count := len(posts) / authors * len(seen)
	ids := make([]uint64, 0, count+count/4)
	for round := 0; round < len(posts); round += authors {
		for _, author := range seen {
			ids = append(ids, posts[round+int(author)])
		}
	}
	return ids[max(0, len(ids)-s.opts.Cap):]
}
