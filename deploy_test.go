package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"gameday/cli"
)

// documents are those of a YAML file.
func documents(t *testing.T, file string) (all []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var one map[string]any
		if err := d.Decode(&one); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, one)
	}
}

// at is what stands at a path of names and places.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for i, step := range path {
		ok := false
		switch step := step.(type) {
		case string:
			var m map[string]any
			if m, ok = v.(map[string]any); ok {
				v, ok = m[step]
			}
		case int:
			var l []any
			if l, ok = v.([]any); ok && step < len(l) {
				v = l[step]
			}
		}
		if !ok {
			t.Fatalf("nothing at %v", path[:i+1])
		}
	}
	return v
}

// stub puts a gameday on the PATH that answers like the real one and exits with a
// code, and notes how it was called.
func stub(t *testing.T, code int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	script := fmt.Sprintf(`#!/bin/sh
echo "$@" >>%s/calls
case "$*" in
*--json*) printf '{\n  "frozen": %t\n}\n' ;;
*) echo 'the sentence' ;;
esac
exit %d
`, dir, code == 5, code)
	if err := os.WriteFile(filepath.Join(dir, "gameday"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// play runs a step in a shell, in the folder of the stub, and returns its code.
func play(t *testing.T, shell []string, script, dir string, variables ...string) (code int, output string) {
	t.Helper()
	c := exec.Command(shell[0], append(shell[1:], script)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	c.Env = append(c.Env, variables...)
	out, err := c.CombinedOutput()
	if err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(out)
}

// contents of a file in dir; empty if there is none.
func contents(dir, name string) string {
	text, _ := os.ReadFile(filepath.Join(dir, name))
	return string(text)
}

var gates = map[int]string{0: "false", 5: "true", 2: "unknown", 3: "unknown", 127: "unknown"}

// TestGitHubAction runs the steps of the action as GitHub's runner does.
func TestGitHubAction(t *testing.T) {
	action := documents(t, "deploy/ci/github/action.yml")[0]
	if at(t, action, "runs", "using") != "composite" {
		t.Fatal("it is not composite")
	}
	bash := []string{"bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"}
	install, check := at(t, action, "runs", "steps", 0, "run").(string), at(t, action, "runs", "steps", 1, "run").(string)
	inputs := at(t, action, "inputs").(map[string]any)
	for _, step := range at(t, action, "runs", "steps").([]any) {
		for name, from := range at(t, step, "env").(map[string]any) {
			input := regexp.MustCompile(`^\$\{\{ inputs\.(\w+) \}\}$`).FindStringSubmatch(from.(string))
			if input == nil || inputs[input[1]] == nil {
				t.Errorf("%s comes from %s, which is no input", name, from)
			}
		}
		if strings.Contains(at(t, step, "run").(string), "${{") {
			t.Error("an expression in a script lets an input be a command")
		}
	}
	for code, frozen := range gates {
		dir := stub(t, code)
		variables := []string{"CONFIG=freeze.yaml", "TARGET=staging", "RUNWAY=20m", "GITHUB_OUTPUT=" + dir + "/output", "GITHUB_STEP_SUMMARY=" + dir + "/summary", "RUNNER_TEMP=" + dir, "RELEASE=", "SHA256="}
		if got, out := play(t, bash, install, dir, variables...); got != 0 {
			t.Errorf("installing where it is already: %d %s", got, out)
		}
		got, out := play(t, bash, check, dir, variables...)
		if got != code {
			t.Errorf("gameday exits %d, the step %d: %s", code, got, out)
		}
		output := regexp.MustCompile(`^frozen=(\w+)\nanswer<<(end-\d+)\n((?s).*)\n(end-\d+)\n$`).FindStringSubmatch(contents(dir, "output"))
		if output == nil || output[1] != frozen || output[2] != output[4] || !json.Valid([]byte(output[3])) {
			t.Errorf("exit %d: the output is %q", code, contents(dir, "output"))
		}
		want := "### Freeze\n\nthe sentence\n"
		if frozen == "unknown" {
			want = fmt.Sprintf("### Freeze\n\nit cannot be told whether changes are frozen (exit %d)\n", code)
		}
		if diff := cmp.Diff(want, contents(dir, "summary")); diff != "" {
			t.Errorf("exit %d: %s", code, diff)
		}
		if calls := contents(dir, "calls"); !regexp.MustCompile(`^freeze check --config freeze\.yaml --runway 20m --at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ --target staging --json\n`).MatchString(calls) {
			t.Errorf("it was called %q", calls)
		}
	}
	none := t.TempDir()
	c := exec.Command("bash", "-c", install)
	c.Env = []string{"PATH=" + none, "RELEASE=", "SHA256=", "RUNNER_TEMP=" + none}
	if err := c.Run(); err == nil || c.ProcessState.ExitCode() != 2 {
		t.Errorf("without gameday and without a release: %v", err)
	}
}

// TestGitLabTemplate runs the script of the template as GitLab's runner does.
func TestGitLabTemplate(t *testing.T) {
	job := at(t, documents(t, "deploy/ci/gitlab/freeze.yml")[0], ".gameday-freeze")
	script := at(t, job, "script", 0).(string)
	for code, frozen := range gates {
		dir := stub(t, code)
		var variables []string
		for name, value := range at(t, job, "variables").(map[string]any) {
			variables = append(variables, fmt.Sprintf("%s=%v", name, value))
		}
		got, out := play(t, []string{"sh", "-e", "-c"}, script, dir, append(variables, "GAMEDAY_FREEZE_TARGET=staging")...)
		if got != code || !strings.Contains(out, "the sentence") {
			t.Errorf("gameday exits %d, the job %d: %s", code, got, out)
		}
		if contents(dir, "freeze.env") != "GAMEDAY_FROZEN="+frozen+"\n" || !json.Valid([]byte(contents(dir, "freeze.json"))) {
			t.Errorf("exit %d: %q %q", code, contents(dir, "freeze.env"), contents(dir, "freeze.json"))
		}
	}
}

// TestManifests holds the manifests against each other and against the command.
func TestManifests(t *testing.T) {
	one := func(name string) any { return documents(t, "deploy/kubernetes/"+name+".yaml")[0] }
	deployment, service, webhook, config := one("deployment"), one("service"), one("webhook"), one("configmap")
	namespace := at(t, one("namespace"), "metadata", "name")
	same := func(what string, values ...any) {
		t.Helper()
		for _, v := range values[1:] {
			if diff := cmp.Diff(values[0], v); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
	}
	hook := at(t, webhook, "webhooks", 0)
	pod := at(t, deployment, "spec", "template")
	container := at(t, pod, "spec", "containers", 0)
	same("namespace", namespace, at(t, deployment, "metadata", "namespace"), at(t, service, "metadata", "namespace"), at(t, config, "metadata", "namespace"), at(t, hook, "clientConfig", "service", "namespace"))
	same("service", at(t, service, "metadata", "name"), at(t, hook, "clientConfig", "service", "name"))
	same("port", at(t, service, "spec", "ports", 0, "port"), at(t, hook, "clientConfig", "service", "port"))
	same("target port", at(t, service, "spec", "ports", 0, "targetPort"), at(t, container, "ports", 0, "name"), at(t, container, "readinessProbe", "httpGet", "port"))
	same("pods", at(t, service, "spec", "selector"), at(t, pod, "metadata", "labels"), at(t, deployment, "spec", "selector", "matchLabels"))
	same("config", at(t, config, "metadata", "name"), at(t, pod, "spec", "volumes", 0, "configMap", "name"))
	same("what is asked", []any{"deployments", "statefulsets", "daemonsets", "replicasets"}, at(t, hook, "rules", 0, "resources"))
	same("path", "/validate", at(t, hook, "clientConfig", "service", "path"))
	same("side effects", "None", at(t, hook, "sideEffects"))
	own := at(t, hook, "namespaceSelector", "matchExpressions", 0, "values").([]any)
	same("its own namespace must heal", namespace, own[len(own)-1])

	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(at(t, config, "data", "config.yaml").(string)), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{}
	for _, a := range at(t, container, "args").([]any) {
		args = append(args, strings.ReplaceAll(a.(string), "/etc/gameday/config.yaml", file))
	}
	var stderr bytes.Buffer
	code := cli.Main(append(args, "--listen=127.0.0.1:0"), strings.NewReader(""), io.Discard, &stderr)
	if want := "gameday: the certificate and its key cannot be used\n"; code != 2 || !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("the command line stops at something else than the missing certificate: %d %s", code, &stderr)
	}
}
