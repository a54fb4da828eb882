package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
)

var modelName = regexp.MustCompile(`(?m)^model name\s*: (.*)$`)

// thisHost is the machine in a line: its processor, cores, kernel and Go.
func thisHost() string {
	model := "an unnamed processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := modelName.FindSubmatch(info); m != nil {
			model = strings.TrimSpace(string(m[1]))
		}
	}
	kernel := "an unnamed kernel"
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = runtime.GOOS + " " + strings.TrimSpace(string(release))
	}
	return fmt.Sprintf("%s, %d cores, %s, %s", model, runtime.NumCPU(), kernel, runtime.Version())
}
