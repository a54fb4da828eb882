package harness

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gameday/runs"
)

// Every cause that is counted is one of the closed set that reports know.
func TestCausesAreClosed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "cause.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var counted []string
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if name := v.Names[0].Name; !strings.HasPrefix(name, "cause") || name == "causeCancelled" || name == "causeHeld" {
				continue
			}
			cause, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			counted = append(counted, cause)
		}
	}
	slices.Sort(counted)
	if want := slices.Sorted(slices.Values(runs.Causes)); !slices.Equal(counted, want) {
		t.Errorf("counted are %v, runs.Causes are %v", counted, want)
	}
}
