package targets

import (
	"fmt"
	"regexp"
	"strings"

	"gameday/scenarios"
)

// labelShape is a label; a target's name is one already, target:NAME.
var labelShape = regexp.MustCompile(`^[A-Za-z0-9_.-]+:[^\s,:][^\s,]*$`)

// Reach are the labels that freeze windows reach t by: its name and its own.
func (t Target) Reach() []string {
	return append([]string{"target:" + t.Name}, t.Labels...)
}

// validateLabels returns what is wrong with the labels.
func (t Target) validateLabels(file, key string) scenarios.Mistakes {
	var found scenarios.Mistakes
	for i, l := range t.Labels {
		if !labelShape.MatchString(l) || strings.HasPrefix(l, "target:") {
			found = append(found, scenarios.Mistake{File: file, Key: fmt.Sprintf("%s.labels[%d]", key, i), Says: fmt.Sprintf("%q: want a label, such as env:prod", l)})
		}
	}
	return found
}
