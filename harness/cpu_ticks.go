package harness

import (
	"bytes"
	"time"

	"gameday/runs"
)

// A userTick is the unit of /proc/stat: USER_HZ is 100 wherever Linux runs.
const userTick = time.Second / 100

// ticks are what all CPUs of the host did up to now, in the kernel's ticks.
type ticks struct {
	busy  uint64 // anything but nothing
	total uint64
	steal uint64 // of busy: ready to work, while the host's own host worked for others
}

// stolen is what was stolen between two readings, and the share it is of the time
// of all CPUs.
func stolen(before, now ticks) (runs.Span, float64) {
	total := now.total - before.total
	if now.total <= before.total || now.steal <= before.steal {
		return 0, 0
	}
	steal := now.steal - before.steal
	return runs.Span(steal) * runs.Span(userTick), float64(steal) / float64(total)
}

// parseTicks reads the first line of /proc/stat, that of all CPUs; zeros if it is
// no such line. It makes no garbage.
func parseTicks(stat []byte) ticks {
	const name = "cpu "
	if len(stat) < len(name) || string(stat[:len(name)]) != name {
		return ticks{}
	}
	var t ticks
	rest := stat[len(name):]
	for field := 1; field <= 8; field++ { // the ninth and tenth are counted in the first two
		n, after, ok := parseNumber(rest)
		if !ok {
			break
		}
		rest = after
		t.total += n
		if field != 4 && field != 5 { // idle and waiting for disks
			t.busy += n
		}
		if field == 8 {
			t.steal = n
		}
	}
	return t
}

// parseIdle adds up for how long those CPUs had nothing to do of which mine is true,
// from the lines of /proc/stat that follow the first; less than zero if there are
// none. It makes no garbage.
func parseIdle(stat []byte, mine func(cpu int) bool) time.Duration {
	const name = "cpu"
	idle := time.Duration(-1)
	for {
		end := bytes.IndexByte(stat, '\n')
		if end < 0 { // the last line may not be whole
			return idle
		}
		line := stat[:end]
		stat = stat[end+1:]
		if len(line) <= len(name) || string(line[:len(name)]) != name {
			return idle
		}
		if line[len(name)] == ' ' { // all CPUs
			continue
		}
		cpu, line, ok := parseNumber(line[len(name):])
		if !ok || cpu >= 1<<16 || !mine(int(cpu)) {
			continue
		}
		var n uint64
		for range 4 {
			n, line, ok = parseNumber(line)
		}
		if ok {
			idle = max(idle, 0) + time.Duration(n)*userTick
		}
	}
}

// parseWait reads the second field of a schedstat of Linux: for how long a thread
// was ready to run and waited for a CPU.
func parseWait(schedstat []byte) (waited time.Duration, ok bool) {
	if _, schedstat, ok = parseNumber(schedstat); !ok {
		return 0, false
	}
	n, _, ok := parseNumber(schedstat)
	return time.Duration(n), ok
}

// parseNumber reads a decimal number behind spaces.
func parseNumber(s []byte) (n uint64, rest []byte, ok bool) {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[0] >= '0' && s[0] <= '9' {
		n, s, ok = n*10+uint64(s[0]-'0'), s[1:], true
	}
	return n, s, ok
}
