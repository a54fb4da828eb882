package freeze

import (
	"maps"
	"slices"
)

// An Identity is what exactly a target runs, by kind (build, config, flags, …):
// for each kind the sorted set of values that were seen, without repeats. Behind a
// balancer, or in the middle of a rollout, a set has more than one value. A kind
// that was asked for and gave nothing is there with an empty set: unknown.
type Identity map[string][]string

// Add puts a value into the set of its kind.
func (i Identity) Add(kind, value string) {
	at, there := slices.BinarySearch(i[kind], value)
	if !there {
		i[kind] = slices.Insert(i[kind], at, value)
	}
}

// Kinds are the kinds in order.
func (i Identity) Kinds() []string { return slices.Sorted(maps.Keys(i)) }

// Equal reports whether both have the same kinds with the same sets.
func (i Identity) Equal(o Identity) bool {
	return maps.EqualFunc(i, o, slices.Equal[[]string])
}
