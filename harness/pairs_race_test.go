//go:build race

package harness

// comparedPairs are the pairs of plays that are compared under the race detector.
const comparedPairs = 2
