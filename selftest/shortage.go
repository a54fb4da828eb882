package selftest

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gameday/runs"
)

// A shortage is what a play lacked of the CPUs, as shares of its length.
type shortage struct {
	others  float64 // of the CPUs' time, used by other programs or kept by the hypervisor
	starved float64 // in which the generator got too little CPU to be on time
}

const (
	starvedTenth = 100 * time.Millisecond // what runs.Generator.Starved counts
	// What was met may have been by luck if more than this was lacking,
	luckyShortage = 0.25
	// and what was not met is not the host's fault if more than that was.
	excusingShortage = 0.10
	// neededCPUs are enough for generator and server, whatever others use.
	neededCPUs = 2
)

// doubt says why a check that was met, or not, proves nothing; empty if it does.
func (s shortage) doubt(met bool) string {
	most := excusingShortage
	if met {
		most = luckyShortage
	}
	left := float64(runtime.NumCPU()) * (1 - s.others)
	switch {
	case s.others > most && left < neededCPUs:
		return fmt.Sprintf("other programs took %s of the CPUs meanwhile; end them and test again", runs.Percent(s.others))
	case s.starved > most:
		return fmt.Sprintf("gameday got too little CPU for %s of the time; give it more and test again", runs.Percent(s.starved))
	}
	return ""
}

// clocks is how long the CPUs that this process may use were busy, in the
// kernel's ticks; zeros where the host does not say.
type clocks struct {
	total, busy uint64
	ours        uint64 // of busy, by this process and the server
}

// readClocks reads the clocks. The server's process is pid.
func readClocks(pid int) clocks {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return clocks{}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return clocks{}
	}
	c := parseClocks(stat, allowed(status))
	for _, who := range []string{"self", strconv.Itoa(pid)} {
		if data, err := os.ReadFile("/proc/" + who + "/stat"); err == nil && who != "0" {
			c.ours += parseUsed(data)
		}
	}
	return c
}

// since is the share of the CPUs' time that others used since before.
func (c clocks) since(before clocks) float64 {
	total, busy, ours := c.total-before.total, c.busy-before.busy, c.ours-before.ours
	if total == 0 || busy < ours {
		return 0
	}
	return float64(busy-ours) / float64(total)
}

// parseClocks adds up, from /proc/stat, the CPUs that may be used. Interrupts do
// not count as busy: most of them are the packets between generator and server.
func parseClocks(stat []byte, may func(cpu int) bool) clocks {
	var c clocks
	for line := range bytes.Lines(stat) {
		f := strings.Fields(string(line))
		if len(f) < 9 {
			continue
		}
		name, found := strings.CutPrefix(f[0], "cpu")
		cpu, err := strconv.Atoi(name)
		if !found || err != nil || !may(cpu) {
			continue
		}
		for i, field := range f[1:9] { // user, nice, system, idle, iowait, irq, softirq, steal
			n, _ := strconv.ParseUint(field, 10, 64)
			c.total += n
			if i < 3 || i == 7 {
				c.busy += n
			}
		}
	}
	return c
}

// parseUsed is the ticks that a process used, from its /proc/PID/stat. The second
// field, its name in parentheses, may hold anything.
func parseUsed(stat []byte) uint64 {
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseUint(f[11], 10, 64)
	system, _ := strconv.ParseUint(f[12], 10, 64)
	return user + system
}

// allowed reads, from /proc/PID/status, which CPUs a process may use: a list such
// as 0-3,7. Where it does not say, all.
func allowed(status []byte) func(cpu int) bool {
	_, list, found := strings.Cut(string(status), "Cpus_allowed_list:")
	list, _, _ = strings.Cut(list, "\n")
	return func(cpu int) bool {
		for part := range strings.SplitSeq(strings.TrimSpace(list), ",") {
			from, to, span := strings.Cut(part, "-")
			first, err := strconv.Atoi(from)
			last := first
			if span && err == nil {
				last, err = strconv.Atoi(to)
			}
			if err == nil && first <= cpu && cpu <= last {
				return true
			}
		}
		return !found
	}
}
