package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gameday/timeline"
)

// TestShippedKnobs checks that timeline.yaml has every knob, at its default.
func TestShippedKnobs(t *testing.T) {
	shipped := filepath.Join("..", "timeline.yaml")
	got, err := loadKnobs(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(timeline.DefaultKnobs(), *got); diff != "" {
		t.Errorf("timeline.yaml differs from the defaults (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[timeline.Knobs]()) {
		if name := f.Tag.Get("json"); strings.Count("\n"+string(text), "\n"+name+":") != 1 {
			t.Errorf("timeline.yaml does not have %s once", name)
		}
	}
}

// TestEmptyKnobs reads a file without keys: everything is at its default.
func TestEmptyKnobs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(file, []byte("# nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := loadKnobs(file)
	if err != nil || !cmp.Equal(*got, timeline.DefaultKnobs()) {
		t.Errorf("an empty file gives %+v: %v", got, err)
	}
}
