package timeline

import (
	"fmt"
	"runtime"
	"testing"
)

// heap is how much memory is in use, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what pools held is let go by the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryAtTheStart builds the service of a hundred thousand accounts and five
// million edges.
func TestMemoryAtTheStart(t *testing.T) {
	before := heap()
	s := start(t, Options{})
	if edges := len(s.people.followed); edges < 5_000_000 {
		t.Errorf("there are %d edges", edges)
	}
	if used := int64(heap() - before); used > 200<<20 {
		t.Errorf("the service begins with %d MB", used>>20)
	}
	runtime.KeepAlive(s)
}

// TestMemoryIsFlat posts, likes and boosts until every cap is reached, and then as
// much again and again: memory stays what it was.
func TestMemoryIsFlat(t *testing.T) {
	s := startKeeping(t, Options{Accounts: 500, Cap: 100, Knobs: withKnobs(func(k *Knobs) { k.LikeCounter = countSharded })}, 4096)
	before := int64(0)
	for round := range 4 {
		for i := range 6000 {
			who := 1 + i%500
			id := s.say(t, who, fmt.Sprintf("post %d of round %d", i, round)).ID
			s.act(t, 1+(i+7)%500, "/api/v1/statuses/"+id+"/favourite")
			if i%10 == 0 {
				s.act(t, 1+(i+9)%500, "/api/v1/statuses/"+id+"/reblog")
			}
			if code, _ := s.keyed(who, fmt.Sprint(round, i), "keyed"); code != 200 {
				t.Fatal(code)
			}
		}
		s.settle()
		now := int64(heap())
		if round > 1 && now-before > before/50 {
			t.Errorf("after round %d there are %d kB in use, before it %d kB", round, now>>10, before>>10)
		}
		before = now
	}
}
