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

// TestMemoryIsFlat posts, likes and boosts until every cap is reached, and then as
// much again and again: memory stays what it was.
func TestMemoryIsFlat(t *testing.T) {
	s := startKeeping(t, Options{Accounts: 200, Cap: 50, Knobs: withKnobs(func(k *Knobs) { k.LikeCounter = countSharded })}, 512)
	before := int64(0)
	for round := range 4 {
		for i := range 750 {
			who := 1 + i%200
			id := s.say(t, who, fmt.Sprintf("post %d of round %d", i, round)).ID
			s.act(t, 1+(i+7)%200, "/api/v1/statuses/"+id+"/favourite")
			if i%10 == 0 {
				s.act(t, 1+(i+9)%200, "/api/v1/statuses/"+id+"/reblog")
			}
			if code, _ := s.keyed(who, fmt.Sprint(round, i), "keyed"); code != 200 {
				t.Fatal(code)
			}
		}
		s.settle()
		now := int64(heap())
		if round > 1 && now-before > before/20 {
			t.Errorf("after round %d there are %d kB in use, before it %d kB", round, now>>10, before>>10)
		}
		before = now
	}
}
