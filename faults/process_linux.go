package faults

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// inspect looks up a process: its state, and when it was started in ticks since
// the system was. See proc_pid_stat(5).
func inspect(pid int) (state byte, start string, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, "", fmt.Errorf("there is no process %d", pid)
	}
	// The second field is a name in parentheses that may hold anything.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 20 {
		return 0, "", fmt.Errorf("process %d: cannot read its state", pid)
	}
	if fields[0] == "X" {
		fields[0] = "Z"
	}
	return fields[0][0], fields[19], nil
}

// begun is when a process was started, to a second or so.
func begun(id identity) (time.Time, bool) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return time.Time{}, false
	}
	for line := range strings.Lines(string(data)) {
		if boot, ok := strings.CutPrefix(line, "btime "); ok {
			seconds, err := strconv.ParseInt(strings.TrimSpace(boot), 10, 64)
			ticks, err2 := strconv.ParseInt(id.Start, 10, 64) // of a hundredth of a second
			return time.Unix(seconds, 0).Add(time.Duration(ticks) * 10 * time.Millisecond), err == nil && err2 == nil
		}
	}
	return time.Time{}, false
}
