package freeze

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// A podTemplate is a workload's .spec.template: what its pods are made from.
type podTemplate struct {
	text []byte // names in order, without spaces: the same for the same template
	hash string // over the text
}

func parseTemplate(raw json.RawMessage) (podTemplate, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return podTemplate{}, fmt.Errorf("reading .spec.template: %w", err)
	}
	return newTemplate(v)
}

func newTemplate(v any) (podTemplate, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return podTemplate{}, fmt.Errorf("reading .spec.template: %w", err)
	}
	return podTemplate{text, fmt.Sprintf("sha256:%x", sha256.Sum256(text))}, nil
}

// newImages are the images that t runs and old does not. Only is false if there is
// any other difference between them.
func (t podTemplate) newImages(old podTemplate) (images []string, only bool) {
	after, bare := t.images()
	before, oldBare := old.images()
	for _, i := range slices.Sorted(maps.Keys(after)) {
		if !before[i] {
			images = append(images, i)
		}
	}
	return images, bytes.Equal(bare, oldBare) && len(images) > 0
}

// images are those that t's containers run, and its text without them.
func (t podTemplate) images() (found map[string]bool, bare []byte) {
	found = map[string]bool{}
	var v map[string]any
	if json.Unmarshal(t.text, &v) != nil {
		return found, t.text
	}
	spec, _ := v["spec"].(map[string]any)
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		all, _ := spec[list].([]any)
		for _, one := range all {
			c, _ := one.(map[string]any)
			if image, ok := c["image"].(string); ok {
				found[image] = true
				delete(c, "image")
			}
		}
	}
	bare, _ = json.Marshal(v)
	return found, bare
}
