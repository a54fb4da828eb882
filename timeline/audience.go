package timeline

import (
	"iter"
	"maps"
	"slices"
)

// walk yields the first followers of an author: distinct accounts other than
// the author, chosen by the seed. It steps through the residues modulo N-1 by a
// stride coprime to it, which visits each once before any twice, and leaves the
// author out when it turns a residue into an id. So five million edges need no
// memory, and membership is one modular division.
type walk struct {
	author  int32
	modulus int32 // N-1
	start   int32
	stride  int32
	count   int32
}

// newWalk is the walk over count of the n-1 accounts other than author.
func newWalk(seed uint64, author int32, n, count int) walk {
	m := uint64(n - 1)
	h := mix(mix(seed^0x666f6c6c6f77) + uint64(author))
	start := h % m
	stride := mix(h) % m
	for gcd(stride, m) != 1 {
		stride = (stride + 1) % m
	}
	return walk{author, int32(m), int32(start), int32(stride), int32(count)}
}

// all yields the followers, always in the same order.
func (w walk) all() iter.Seq[int32] {
	return w.part(0, w.count)
}

// part yields the followers from one place in that order up to another.
func (w walk) part(from, to int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		x := (int64(w.start) + int64(w.stride)*int64(from)) % int64(w.modulus)
		for range to - from {
			if !yield(w.id(int32(x))) {
				return
			}
			if x += int64(w.stride); x >= int64(w.modulus) {
				x -= int64(w.modulus)
			}
		}
	}
}

// id turns a residue into an account other than the author.
func (w walk) id(residue int32) int32 {
	if residue+1 >= w.author {
		return residue + 2
	}
	return residue + 1
}

// has says whether the walk visits an account.
func (w walk) has(id int32) bool {
	if id == w.author || w.count == 0 {
		return false
	}
	residue := int64(id - 1)
	if id > w.author {
		residue--
	}
	m := int64(w.modulus)
	steps := (residue - int64(w.start) + m) % m * inverse(int64(w.stride), m) % m
	return steps < int64(w.count)
}

// audience is who followed an author at one moment. It never changes.
type audience struct {
	walk    walk
	added   []int32
	removed map[int32]struct{}
}

// audience is who follows the account now.
func (a *account) audience() audience {
	a.mu.Lock()
	defer a.mu.Unlock()
	to := audience{walk: a.walk}
	if len(a.added) > 0 {
		to.added = slices.Collect(maps.Keys(a.added))
	}
	if len(a.removed) > 0 {
		to.removed = maps.Clone(a.removed)
	}
	return to
}

// all yields each follower once.
func (to *audience) all() iter.Seq[int32] {
	return to.part(0, to.places())
}

// places is how many followers there are at most: it counts those who are gone.
func (to *audience) places() int32 {
	return to.walk.count + int32(len(to.added))
}

// part yields the followers from one place up to another, so that an audience can
// be cut into batches.
func (to *audience) part(from, until int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		walked := to.walk.count
		if from < walked {
			for id := range to.walk.part(from, min(until, walked)) {
				if to.removed != nil {
					if _, gone := to.removed[id]; gone {
						continue
					}
				}
				if !yield(id) {
					return
				}
			}
		}
		for at := max(from, walked); at < until; at++ {
			if !yield(to.added[at-walked]) {
				return
			}
		}
	}
}

// gcd is the greatest common divisor (Euclid); gcd(0, m) is m.
func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// inverse is the x in [0, m) with a*x = 1 modulo m (extended Euclid). The two
// must be coprime.
func inverse(a, m int64) int64 {
	x, next := int64(0), int64(1)
	r, s := m, a%m
	for s != 0 {
		q := r / s
		x, next = next, x-q*next
		r, s = s, r-q*s
	}
	return ((x % m) + m) % m
}
