package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRehearsalTemplate runs GitLab's script with a gameday that exits with each code.
func TestRehearsalTemplate(t *testing.T) {
	job := at(t, documents(t, "deploy/ci/gitlab/rehearsal.yml")[0], ".gameday-rehearsal")
	for _, want := range [][]any{{"when", "always"}, {"reports", "junit", "rehearsal/*/junit.xml"}, {"paths", 0, "rehearsal/"}} {
		if got := at(t, at(t, job, "artifacts"), want[:len(want)-1]...); got != want[len(want)-1] {
			t.Errorf("artifacts %v are %v", want, got)
		}
	}
	var defaults []string
	for name, value := range at(t, job, "variables").(map[string]any) {
		defaults = append(defaults, fmt.Sprintf("%s=%v", name, value))
	}
	script := at(t, job, "script", 0).(string)
	for code, verdict := range verdicts {
		for _, unclear := range []string{"fail", "pass"} {
			dir := stubRun(t, code)
			got, out := play(t, shStep, script, dir, append(defaults, "GAMEDAY_UNCLEAR="+unclear, "GAMEDAY_SCENARIO=shop.yaml touch*", "GAMEDAY_RUN_TARGET=my shop")...)
			want := code
			if code == 3 && unclear == "pass" {
				want = 0
			}
			if got != want || contents(dir, "rehearsal.env") != "GAMEDAY_VERDICT="+verdict+"\n" {
				t.Errorf("gameday exits %d, the job %d with %q: %s", code, got, contents(dir, "rehearsal.env"), out)
			}
			if calls := contents(dir, "calls"); !strings.HasPrefix(calls, "run\n--out\nrehearsal\n--target\nmy shop\n--\nshop.yaml\ntouch*\n") {
				t.Errorf("it was called %q", calls)
			}
			_, err := os.Stat(filepath.Join(dir, "rehearsal/one"))
			if played := err == nil; played != (contents(dir, "rehearsal/one/junit.xml") != "") {
				t.Errorf("exit %d: played %t, JUnit %q", code, played, contents(dir, "rehearsal/one/junit.xml"))
			}
		}
	}
	if code, out := play(t, shStep, script, stubRun(t, 0), append(defaults, "GAMEDAY_UNCLEAR=maybe")...); code != 2 {
		t.Errorf("unclear: maybe exits %d: %s", code, out)
	}
}
