package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"gameday/cli"
)

// blocks are the code blocks of a page, by the fence's language, in order.
func blocks(t *testing.T, page string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, m := range regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		found[m[1]] = append(found[m[1]], m[2])
	}
	return found
}

// TestReadmeIsTrue holds what the README shows against what there is: the
// scenario's file, the drawing of its load, and the commands and their flags.
func TestReadmeIsTrue(t *testing.T) {
	page := blocks(t, "README.md")
	scenario, err := os.ReadFile("scenarios/touchdown.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(page["yaml"]) == 0 || page["yaml"][0] != string(scenario) {
		t.Error("the README's scenario is not scenarios/touchdown.yaml")
	}
	var drawn bytes.Buffer
	if code := cli.Main([]string{"show", "touchdown"}, strings.NewReader(""), &drawn, &drawn); code != 0 {
		t.Fatalf("show exits %d: %s", code, &drawn)
	}
	shown := false
	for _, b := range page[""] {
		shown = shown || b == drawn.String()
	}
	if !shown {
		t.Errorf("the README does not show what show prints:\n%s", &drawn)
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `gameday ([a-z]+)(.*)$").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 7 {
		t.Errorf("the README's table has %d commands", len(rows))
	}
	for _, row := range rows {
		args := []string{row[1], "--help"}
		if row[1] == "freeze" {
			args = []string{"freeze", "check", "--help"}
		}
		var help bytes.Buffer
		if code := cli.Main(args, strings.NewReader(""), &help, &help); code != 0 {
			t.Errorf("gameday %s exits %d", strings.Join(args, " "), code)
		}
		for _, flag := range regexp.MustCompile("--[a-z-]+").FindAllString(row[2], -1) {
			if !strings.Contains(help.String(), flag+" ") && row[1] != "list" {
				t.Errorf("gameday %s has no %s", row[1], flag)
			}
		}
	}
}
