package cli

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gameday/runs"
	"gameday/selftest"
)

// hasty is gameday with a selftest of some seconds.
func hasty() {
	selftestPlan = selftest.Plan{
		Pacing: 200 * time.Millisecond, Percentiles: 500 * time.Millisecond, Freeze: 3 * time.Second, Step: 200 * time.Millisecond, Steps: 2,
	}
	os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// proves is "proves OUT ARG ...": a hasty selftest, which may come to anything on
// a busy machine, but must exit with what its record under OUT says, and print the
// very same.
func proves(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	if err := ts.Exec("hasty", append([]string{"selftest", "--out", args[0]}, args[1:]...)...); err != nil {
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("running the selftest: %v", err)
		}
		code = ended.ExitCode()
	}
	s, err := runs.LoadSelftest(ts.MkAbs(args[0]))
	ts.Check(err)
	if want := exitOf(s.Verdict); code != want {
		ts.Fatalf("exited %d, want %d for %s", code, want, s.Verdict)
	}
	said := ts.ReadFile("stdout")
	if json.Valid([]byte(said)) {
		if said != ts.ReadFile(args[0]+"/"+runs.SelftestFile) {
			ts.Fatalf("printed is not what was kept")
		}
		return
	}
	if !strings.HasPrefix(said, strings.ToUpper(s.Verdict.String())+"  ") {
		ts.Fatalf("the verdict is %s", s.Verdict)
	}
	words := strings.Join(strings.Fields(said), " ")
	for _, c := range s.Checks {
		if row := strings.Join(strings.Fields(c.Name+" "+c.Verdict.String()+" "+c.Limit+" "+c.Got), " "); !strings.Contains(words, row) {
			ts.Fatalf("the table has no %q", row)
		}
	}
}
