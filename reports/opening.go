package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// why is the verdict in a sentence.
func why(r *runs.Run) string {
	if r.Why == "" {
		return "Nobody has judged this run."
	}
	return clean(r.Why)
}

// name is that of the scenario.
func name(r *runs.Run) string {
	if r.Scenario == nil || clean(r.Scenario.Name) == "" {
		return "unnamed"
	}
	return clean(r.Scenario.Name)
}

// opening says what was played, where, when and by whom.
func opening(r *runs.Run) []fact {
	var facts []fact
	add := func(name, value string) {
		if value = clean(value); value != "" {
			facts = append(facts, fact{name, value})
		}
	}
	if r.Scenario != nil {
		add("asks", r.Scenario.Asks)
	}
	add("scenario", fmt.Sprintf("%s at scale %s (100%% is the real night), seed %d", name(r), r.Scale, r.Seed))
	add("target", target(r.Target))
	var running []string
	for _, kind := range slices.Sorted(maps.Keys(r.Identity)) {
		running = append(running, kind+" "+cmp.Or(strings.Join(r.Identity[kind], "+"), "unknown"))
	}
	add("running", strings.Join(running, ", "))
	add("played", played(r))
	add("from", host(r))
	add("ended early", r.Aborted)
	add("in a freeze", r.DuringFreeze)
	return facts
}

func target(t runs.Target) string {
	var about []string
	for _, s := range []string{t.Dialect, t.Transport, t.URL} {
		if s != "" && s != t.Name {
			about = append(about, s)
		}
	}
	if len(about) == 0 {
		return t.Name
	}
	return t.Name + " (" + strings.Join(about, ", ") + ")"
}

func played(r *runs.Run) string {
	at := "at an unknown time"
	if !r.Began.IsZero() {
		at = r.Began.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	if r.Ended.IsZero() {
		return fmt.Sprintf("%s; the end is not recorded; the record covers %s", at, took(length(r)))
	}
	return at + ", for " + took(length(r))
}

func host(r *runs.Run) string {
	var parts []string
	if r.Host.Name != "" {
		parts = append(parts, r.Host.Name)
	}
	if r.Host.CPUs > 0 {
		parts = append(parts, fmt.Sprintf("%s/%s with %s", r.Host.OS, r.Host.Arch, counted(uint64(r.Host.CPUs), "CPU")))
	}
	if r.Gameday != "" {
		parts = append(parts, "gameday "+r.Gameday)
	}
	return strings.Join(parts, ", ")
}

// sameSchedule says how to tell that a repetition was one.
func sameSchedule(r *runs.Run) string {
	hash := clean(r.Schedule)
	if hash == "" {
		return "The record does not hold the hash of its schedule, so a repetition cannot be compared."
	}
	return "The same requests were sent if the hash of the schedule is " + hash + "."
}

// command is what plays the same again, as a shell reads it.
func command(r *runs.Run) string {
	words := []string{"gameday", "run", name(r)}
	if !slices.Contains(scenarios.Shipped(), words[2]) {
		words[2] += ".yaml"
	}
	words = append(words, "--scale", r.Scale.String(), "--seed", fmt.Sprint(r.Seed))
	if target := clean(r.Target.Name); target != "" {
		words = append(words, "--target", target)
	}
	for i, w := range words {
		if strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:%=,@+") != "" {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// eventSection tells what else happened, such as faults and a stop.
func eventSection(r *runs.Run) section {
	s := section{title: "What happened", note: "Times count from the start."}
	for _, m := range r.Marks {
		if m.Kind == runs.MarkPhase || m.Kind == runs.MarkEnd {
			continue
		}
		s.facts = append(s.facts, fact{took(time.Duration(m.At)), clean(eventName(m) + ": " + m.Text)})
	}
	return s
}

// eventName is what happened, with the name of the fault it happened to.
func eventName(m runs.Mark) string { return strings.TrimSpace(m.Kind + " " + m.Fault) }
