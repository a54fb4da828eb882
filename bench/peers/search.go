package main

// top is the highest of n rungs that holds, -1 if none does. It asks for each
// rung once at the most, and stops at the first error.
//
// It halves the ladder, as if all rungs below one that holds held too; then, as a
// rung may fail by chance, it goes on as long as one of the next two holds.
// Sources that are not noisy are asked for log2(n+1)+2 rungs at the most.
func top(n int, holds func(rung int) (bool, error)) (int, error) {
	known := make(map[int]bool)
	ask := func(rung int) (bool, error) {
		if held, asked := known[rung]; asked {
			return held, nil
		}
		held, err := holds(rung)
		known[rung] = held
		return held, err
	}
	low, high := -1, n
	for high-low > 1 {
		half := (low + high) / 2
		held, err := ask(half)
		if err != nil {
			return low, err
		}
		if held {
			low = half
		} else {
			high = half
		}
	}
	for rung := low + 1; rung < n && rung <= low+2; rung++ {
		held, err := ask(rung)
		if err != nil {
			return low, err
		}
		if held {
			low = rung
		}
	}
	return low, nil
}
