package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"
)

// A Document is Viper's decoder of a YAML file. It refuses what Viper would pass
// over in silence: a second document, and keys that differ only by capitals. It
// leaves instants as the text that stands in the file: YAML's own would take one
// without an offset for UTC.
//
// Give it to viper.WithDecoderRegistry, for one file.
type Document struct {
	File  string   // as it is named in mistakes
	Found Mistakes // keys that differ only by capitals

	keys []string // at the top
}

// Settings are what v read from the document, without defaults and environment.
// (Viper's own AllSettings leaves out what is empty, unknown keys among it.)
func (d *Document) Settings(v *viper.Viper) map[string]any {
	settings := map[string]any{}
	for _, key := range d.keys {
		settings[strings.ToLower(key)] = v.Get(key)
	}
	return settings
}

// Decoder makes the document the decoder of every format.
func (d *Document) Decoder(string) (viper.Decoder, error) { return d, nil }

// Decode reads YAML into the settings of Viper.
func (d *Document) Decode(data []byte, into map[string]any) error {
	in := yaml.NewDecoder(bytes.NewReader(data))
	var node yaml.Node
	if err := in.Decode(&node); err == io.EOF {
		return nil
	} else if err != nil {
		return err
	}
	if top := node.Content[0]; top.Kind != yaml.MappingNode && top.Tag != "!!null" {
		return errors.New("want keys and values, such as name: steady")
	}
	asText(&node)
	if err := node.Decode(&into); err != nil {
		return err
	}
	if err := in.Decode(&node); err == nil {
		return errors.New("more than one document; want one a file")
	} else if err != io.EOF {
		return err
	}
	for key := range into {
		d.keys = append(d.keys, key)
	}
	d.clashes("", reflect.ValueOf(into))
	return nil
}

// asText makes instants text.
func asText(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!timestamp" {
		n.SetString(n.Value)
	}
	for _, child := range n.Content {
		asText(child)
	}
}

// clashes finds the keys, in a tree of maps and lists, that Viper takes for one
// before them. Which of the two values it kept would be chance.
func (d *Document) clashes(at string, tree reflect.Value) {
	for tree.Kind() == reflect.Interface {
		tree = tree.Elem()
	}
	switch tree.Kind() {
	case reflect.Slice:
		for i := range tree.Len() {
			d.clashes(fmt.Sprintf("%s[%d]", at, i), tree.Index(i))
		}
	case reflect.Map:
		first := map[string]string{}
		for _, k := range sortedKeys(tree) {
			name := fmt.Sprint(k)
			folded := strings.ToLower(strings.ToUpper(name))
			if other, twice := first[folded]; twice {
				d.Found = append(d.Found, Mistake{d.File, under(at, name), fmt.Sprintf("stands there already as %q", other)})
			}
			first[folded] = name
			d.clashes(under(at, name), tree.MapIndex(k))
		}
	}
}

// NotYAML is the sentence, on one line, for a file that Viper could not parse.
func NotYAML(err error) string {
	says := strings.TrimPrefix(err.Error(), "While parsing config: ")
	if parser, ok := strings.CutPrefix(says, "yaml: "); ok {
		says = "not YAML: " + strings.TrimPrefix(parser, "unmarshal errors:")
	}
	return strings.Join(strings.Fields(says), " ")
}
