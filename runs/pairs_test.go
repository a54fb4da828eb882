//go:build !race

package runs

// usualPairs are as many as prove error rates.
const usualPairs = 200
