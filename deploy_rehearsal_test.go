package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const rehearsalAction = "deploy/ci/github/rehearsal/action.yml"

var (
	bashStep = []string{"bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"}
	shStep   = []string{"sh", "-e", "-c"}
)

// verdicts are what gameday exits with.
var verdicts = map[int]string{0: "pass", 1: "fail", 2: "none", 3: "unclear", 4: "aborted", 5: "frozen", 127: "none"}

// stubRun puts a gameday on the PATH that leaves a run's folder, unless it never
// played, and exits with a code, and notes how it was called, an argument a line.
func stubRun(t *testing.T, code int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	record := map[string]any{
		"verdict": verdicts[code], "why": "100% late:\nso it is", "scenario": map[string]any{"name": "shop"},
		"findings": []any{
			map[string]any{"verdict": "pass", "expect": "p50 <= 1s", "phase": "all", "why": ""},
			map[string]any{"verdict": "unclear", "expect": "p99 <= 1s", "phase": "b,c", "why": "too few"},
			map[string]any{"verdict": "fail", "expect": "success >= 9%", "phase": "a:b", "why": "::stop"},
		},
	}
	data, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`#!/bin/sh
printf '%%s\n' "$@" >>%[1]s/calls
case "$1 $4" in
"run "*) ;;
*markdown*) echo 'the summary'; exit %[2]d ;;
*junit*) echo '<testsuites/>'; exit %[2]d ;;
*json*) cat %[1]s/record; exit %[2]d ;;
esac
echo '::error::what a service said'
case %[2]d in
0|1|3|4) mkdir -p "$3/one" && ln -s one "$3/latest" && echo '{}' >"$3/one/journal.jsonl" ;;
esac
exit %[2]d
`, dir, code)
	for name, text := range map[string]string{"gameday": script, "record": string(data)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// steps are the scripts of an action, by the id of the step.
func steps(t *testing.T, action any) map[string]string {
	t.Helper()
	scripts := map[string]string{}
	for _, step := range at(t, action, "runs", "steps").([]any) {
		if s := step.(map[string]any); s["run"] != nil {
			scripts[s["id"].(string)] = s["run"].(string)
		}
	}
	return scripts
}

// outputs are what the steps said so far.
func outputs(dir string) map[string]string {
	said := map[string]string{}
	for _, line := range strings.Split(contents(dir, "output"), "\n") {
		if name, value, found := strings.Cut(line, "="); found {
			said[name] = value
		}
	}
	return said
}

// rehearsed plays all steps of the action but the upload, as GitHub's runner does,
// and returns the code of the last.
func rehearsed(t *testing.T, dir, unclear string, variables ...string) (code int, output string) {
	t.Helper()
	script := steps(t, documents(t, rehearsalAction)[0])
	env := append([]string{
		"GITHUB_OUTPUT=" + dir + "/output", "GITHUB_STEP_SUMMARY=" + dir + "/summary", "GITHUB_PATH=" + dir + "/path", "RUNNER_TEMP=" + dir,
		"SOURCE=", "RELEASE=", "SHA256=", "CONFIG=", "TARGET=", "SCALE=", "SEED=", "UNCLEAR=" + unclear,
	}, variables...)
	for _, id := range []string{"install", "play"} {
		got, out := play(t, bashStep, script[id], dir, env...)
		if output += out; got != 0 {
			return got, output
		}
	}
	said := outputs(dir)
	env = append(env, "OUT="+said["out"], "VERDICT="+said["verdict"], "CODE="+said["code"])
	got, out := play(t, bashStep, script["tell"], dir, env...)
	if output += out; got != 0 {
		t.Errorf("telling exits %d: %s", got, out)
	}
	code, out = play(t, bashStep, script["judge"], dir, env...)
	return code, output + out
}

// TestRehearsalAction runs the steps with a gameday that exits with each code.
func TestRehearsalAction(t *testing.T) {
	for code, verdict := range verdicts {
		for _, unclear := range []string{"fail", "pass"} {
			dir := stubRun(t, code)
			got, out := rehearsed(t, dir, unclear, "SCENARIO=shop.yaml touch*", "TARGET=my shop", "SEED=7")
			want := code
			if code == 3 && unclear == "pass" {
				want = 0
			}
			said := outputs(dir)
			if got != want || said["verdict"] != verdict || said["code"] != fmt.Sprint(code) {
				t.Errorf("gameday exits %d, the job %d with %v: %s", code, got, said, out)
			}
			call := []string{"run", "--out", said["out"], "--target", "my shop", "--seed", "7", "--", "shop.yaml", "touch*"}
			if calls := contents(dir, "calls"); !strings.HasPrefix(calls, strings.Join(call, "\n")+"\n") {
				t.Errorf("it was called %q", calls)
			}
			if muted := regexp.MustCompile(`(?s)^::stop-commands::(mute-\d+)\n.*::error::what a service said\n\n::(mute-\d+)::\n`).FindStringSubmatch(out); muted == nil || muted[1] != muted[2] {
				t.Errorf("what a service says can command the runner: %s", out)
			}
			checkTold(t, dir, said["out"], verdict, out)
		}
	}
}

// checkTold checks what the summary, the annotations and the folder tell.
func checkTold(t *testing.T, dir, folder, verdict, out string) {
	t.Helper()
	if _, err := os.Lstat(filepath.Join(folder, "latest")); err == nil {
		t.Error("the run would be kept twice")
	}
	if _, err := os.Stat(filepath.Join(folder, "one")); err != nil {
		if want := "## gameday: " + verdict + "\n\nNothing was played; the log says why.\n"; contents(dir, "summary") != want || !strings.Contains(out, "::error title=gameday::nothing was played") {
			t.Errorf("%s: the summary is %q", verdict, contents(dir, "summary"))
		}
		return
	}
	if contents(dir, "summary") != "the summary\n" || contents(folder, "one/junit.xml") != "<testsuites/>\n" {
		t.Errorf("%s: the summary is %q, JUnit %q", verdict, contents(dir, "summary"), contents(folder, "one/junit.xml"))
	}
	for _, line := range []string{
		"::error title=shop a%3Ab%3A success >= 9%25::::stop\n",
		"::warning title=shop b%2Cc%3A p99 <= 1s::too few\n",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("%s: no %q in %s", verdict, line, out)
		}
	}
	line := "title=shop%3A " + verdict + "::100%25 late:%0Aso it is\n"
	if (verdict != "pass") != strings.Contains(out, line) {
		t.Errorf("%s: %q in %s", verdict, line, out)
	}
}

// TestRehearsalActionIsWhole holds the action against what GitHub asks for.
func TestRehearsalActionIsWhole(t *testing.T) {
	action := documents(t, rehearsalAction)[0]
	inputs := at(t, action, "inputs").(map[string]any)
	if at(t, action, "runs", "using") != "composite" {
		t.Error("it is not composite")
	}
	var uploads int
	for i, s := range at(t, action, "runs", "steps").([]any) {
		step := s.(map[string]any)
		if step["id"] != "install" && step["id"] != "play" && step["if"] != "always() && steps.play.outputs.out != ''" {
			t.Errorf("step %d is left out if another fails", i)
		}
		if step["uses"] == "actions/upload-artifact@v4" {
			uploads++
			continue
		}
		if strings.Contains(step["run"].(string), "${{") {
			t.Error("an expression in a script lets an input be a command")
		}
		for name, from := range step["env"].(map[string]any) {
			input := regexp.MustCompile(`^\$\{\{ inputs\.(\w+) \}\}$`).FindStringSubmatch(from.(string))
			output := regexp.MustCompile(`^\$\{\{ steps\.play\.outputs\.(out|code|verdict)( \|\| 'aborted')? \}\}$`).MatchString(from.(string))
			if !output && (input == nil || inputs[input[1]] == nil) {
				t.Errorf("%s comes from %s, which is no input", name, from)
			}
		}
	}
	if uploads != 1 {
		t.Errorf("%d steps keep the run", uploads)
	}
	example := documents(t, "deploy/ci/github/rehearsal/example.yml")[0]
	for _, s := range at(t, example, "jobs", "rehearse", "steps").([]any) {
		if step := s.(map[string]any); strings.Contains(step["uses"].(string), "/rehearsal@") {
			for name := range step["with"].(map[string]any) {
				if inputs[name] == nil {
					t.Errorf("the example gives %s, which is no input", name)
				}
			}
		}
	}
	dir := stubRun(t, 0)
	if code, out := rehearsed(t, dir, "maybe", "SCENARIO=x"); code != 2 || !strings.Contains(out, `unclear is "maybe"; want fail or pass`) {
		t.Errorf("unclear: maybe exits %d: %s", code, out)
	}
	// A job that was cancelled while it played.
	if code, _ := play(t, bashStep, steps(t, action)["judge"], dir, "CODE=", "UNCLEAR=fail"); code != 4 {
		t.Errorf("a play that was cut off exits %d, want 4", code)
	}
	none := t.TempDir()
	c := exec.Command("bash", "-c", steps(t, action)["install"])
	c.Env = []string{"PATH=" + none, "SOURCE=", "RELEASE=", "SHA256=", "RUNNER_TEMP=" + none}
	if err := c.Run(); err == nil {
		t.Error("without gameday, sources and a release it installs")
	}
}
