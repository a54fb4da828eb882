//go:build !race

package harness

// comparedPairs are the pairs of plays that are compared.
const comparedPairs = 20
