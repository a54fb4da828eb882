package cli

import "testing"

func TestGarbagePercent(t *testing.T) {
	for live := uint64(0); live < 1<<30; live = live*5/4 + 100_000 {
		p := garbagePercent(live)
		if p < leastPercent || p > mostPercent {
			t.Fatalf("%d live: %d", live, p)
		}
		if grown := live * uint64(100+p) / 100; live < heapSize/2 && grown > heapSize {
			t.Errorf("%d live: the heap grows to %d, over %d", live, grown, heapSize)
		}
		if grown := live * uint64(100+p) / 100; live > heapSize/16 && grown < heapSize*98/100 {
			t.Errorf("%d live: the heap grows only to %d", live, grown)
		}
	}
}
