package targets

import (
	"math"
	"sync"
)

// poolSize is how many posts are remembered: many more than attention reaches.
const poolSize = 4096

// A pool holds the ids of the newest posts. The zero pool is empty. It is safe
// for concurrent use.
type pool struct {
	mu   sync.RWMutex
	ids  []string // a ring once it is full
	next int
}

func (p *pool) add(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ids) < poolSize {
		p.ids = append(p.ids, id)
		return
	}
	p.ids[p.next] = id
	p.next = (p.next + 1) % poolSize
}

// pick returns a post by its rank from the newest, drawn by u. An empty pool
// gives an id that no service has: the answer, 404, tells what is wrong.
func (p *pool) pick(u, hot float64) string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	n := len(p.ids)
	if n == 0 {
		return "0"
	}
	return p.ids[(p.next+n-1-rank(u, n, hot)+n)%n]
}

// rank draws a rank from 0 to n-1 whose frequency falls as (rank+1)^-s: u, from
// [0, 1), is taken through the inverse of the distribution of a continuous
// variable on [1, n+1) with density x^-s, and rounded down.
func rank(u float64, n int, s float64) int {
	top := float64(n) + 1
	var x float64
	if math.Abs(s-1) < 1e-9 {
		x = math.Pow(top, u)
	} else {
		x = math.Pow(1+u*(math.Pow(top, 1-s)-1), 1/(1-s))
	}
	return min(max(int(x)-1, 0), n-1)
}
