package main

import (
	"errors"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTopOfMonotone: where every rung below one that holds holds too, the highest
// is found, and few are asked.
func TestTopOfMonotone(t *testing.T) {
	for n := range 40 {
		for highest := -1; highest < n; highest++ {
			asked := 0
			got, err := top(n, func(rung int) (bool, error) { asked++; return rung <= highest, nil })
			if got != highest || err != nil {
				t.Errorf("of %d rungs %d hold, found %d, %v", n, highest+1, got+1, err)
			}
			if most := bits.Len(uint(n)) + 2; asked > most {
				t.Errorf("of %d rungs %d were asked, want %d at the most", n, asked, most)
			}
		}
	}
}

// TestTopOfNoisy: whatever holds, no rung is asked twice, what is found holds, and
// neither of the two above it does.
func TestTopOfNoisy(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		held := make([]bool, random.IntN(25))
		chance := random.Float64()
		for i := range held {
			held[i] = random.Float64() < chance
		}
		var asked []int
		got, err := top(len(held), func(rung int) (bool, error) {
			if slices.Contains(asked, rung) {
				t.Fatalf("%v: asked for %d again", held, rung)
			}
			asked = append(asked, rung)
			return held[rung], nil
		})
		if err != nil || got >= 0 && !held[got] {
			t.Fatalf("%v: found %d, %v", held, got, err)
		}
		for _, above := range []int{got + 1, got + 2} {
			if above < len(held) && (held[above] || !slices.Contains(asked, above)) {
				t.Fatalf("%v: found %d, asked %v", held, got, asked)
			}
		}
	}
}

// TestTopNoise: a rung that fails by chance, once, costs nothing if the next holds.
func TestTopNoise(t *testing.T) {
	for unlucky := range 17 {
		got, err := top(18, func(rung int) (bool, error) { return rung != unlucky, nil })
		if got != 17 && unlucky < 16 && got < unlucky+1 {
			t.Errorf("rung %d failed: found %d, %v", unlucky, got, err)
		}
	}
}

func TestTopError(t *testing.T) {
	broken := errors.New("broken")
	for fails := range 4 {
		asked := 0
		_, err := top(18, func(int) (bool, error) {
			if asked++; asked > fails {
				return true, broken
			}
			return false, nil
		})
		if !errors.Is(err, broken) || asked != fails+1 {
			t.Errorf("%v after %d were asked, want %d", err, asked, fails+1)
		}
	}
}
