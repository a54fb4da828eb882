package freeze

import (
	"slices"
	"strings"
)

// Started is the kind of when a target was started. A restart is no change.
const Started = "started"

// Changed names in one sentence what is different between what a target ran before
// and after:
//
//	build changed from 4.3.0 to 4.3.1; config changed from 17 to 18
//
// It is empty if nothing is. A kind of which nothing is known before or after, and
// when the target was started, say nothing.
func Changed(before, after Identity) string {
	var all []string
	for _, kind := range before.Kinds() {
		was, is := before[kind], after[kind]
		if kind != Started && len(was) > 0 && len(is) > 0 && !slices.Equal(was, is) {
			all = append(all, kind+" changed from "+strings.Join(was, ", ")+" to "+strings.Join(is, ", "))
		}
	}
	return strings.Join(all, "; ")
}

// without are the values of one sorted set that are not in another, never nil.
func without(set, other []string) []string {
	left := []string{}
	for _, v := range set {
		if _, there := slices.BinarySearch(other, v); !there {
			left = append(left, v)
		}
	}
	return left
}
