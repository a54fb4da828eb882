package cli

import (
	"os"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmpHead is "cmp_head FILE HEAD": the first file must begin with the second.
func cmpHead(ts *testscript.TestScript, _ bool, args []string) {
	all, head := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	if !strings.HasPrefix(all, head) {
		ts.Fatalf("%s does not begin as %s (-want +got):\n%s", args[0], args[1], cmp.Diff(head, all))
	}
}

// latestRun is "latest OUT NAME": it sets a variable to the name of the newest run.
func latestRun(ts *testscript.TestScript, _ bool, args []string) {
	name, err := os.Readlink(ts.MkAbs(args[0] + "/" + latest))
	ts.Check(err)
	ts.Setenv(args[1], name)
}

// empty is "empty FOLDER": nothing may be in it.
func empty(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) > 0 {
		ts.Fatalf("%s has %v", args[0], entries)
	}
}

// replace is "replace FILE OLD NEW": it replaces text that must be there.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o644))
}

// truncate is "truncate FILE SIZE": it cuts a file off, at a size or, if that is
// negative, so many bytes before its end.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	if size < 0 {
		size += len(ts.ReadFile(args[0]))
	}
	ts.Check(os.Truncate(ts.MkAbs(args[0]), int64(size)))
}
