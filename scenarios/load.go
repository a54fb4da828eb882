package scenarios

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/viper"
)

//go:embed *.yaml
var shipped embed.FS

// Shipped are the names of the scenarios in the binary, sorted.
func Shipped() []string {
	files, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".yaml")
	}
	slices.Sort(files) // a-b.yaml goes before a.yaml
	return files
}

// File is what the mistakes in a scenario call its file, for a name as Load takes it.
func File(name string) string {
	if isShipped(name) {
		return name + ".yaml"
	}
	return name
}

// isShipped reports whether a name is that of a scenario in the binary, rather
// than of a file.
func isShipped(name string) bool {
	return !strings.ContainsAny(name, `/\`) && filepath.Ext(name) == ""
}

// Load reads a scenario: a shipped one by its name, or a file by its path, which
// is whatever ends in .yaml or .yml or holds a slash. The error is [Mistakes]
// when the file was read but is wrong.
func Load(name string) (*Scenario, error) {
	if isShipped(name) {
		data, err := shipped.ReadFile(File(name))
		if err != nil {
			return nil, fmt.Errorf("no scenario %q; there are %s, and any file.yaml", name, strings.Join(Shipped(), ", "))
		}
		return Read(File(name), data)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	return Read(name, data)
}

// Read reads a scenario from YAML, one document a file. The error is [Mistakes],
// with everything that is wrong at once.
func Read(file string, data []byte) (*Scenario, error) {
	doc := Document{File: file}
	v := viper.NewWithOptions(viper.KeyDelimiter("\x00"), viper.WithDecoderRegistry(&doc))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(data)); err != nil {
		return nil, Mistakes{{File: file, Says: NotYAML(err)}}
	}
	settings := doc.Settings(v)
	s := &Scenario{Population: DefaultPopulation}
	found := doc.Found
	if len(found) == 0 {
		found = Decode(settings, file, s)
	}
	if len(found) == 0 {
		for i := range s.Crowds {
			defaultActions(s.Crowds[i].Do)
		}
		found = s.Validate(file)
		if base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)); s.Name != "" && s.Name != base {
			found = append(found, Mistake{file, "name", fmt.Sprintf("%q: want the file's own name, %q", s.Name, base)})
		}
	}
	if len(found) > 0 {
		return nil, found
	}
	return s, nil
}

// defaultActions fills in what an action with a path of its own may leave out.
func defaultActions(do []Action) {
	for i := range do {
		a := &do[i]
		if !a.Plain() {
			continue
		}
		if a.Method == "" {
			a.Method = "GET"
		}
		if a.Body != "" && a.Type == "" {
			a.Type = "application/json"
		}
	}
}
