//go:build race

package runs

// usualPairs are fewer under the race detector, which makes each take ten times as
// long, and finds in many what it finds in some.
const usualPairs = 12
