package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"gameday/ready"
	"gameday/scenarios"
	"gameday/targets"
)

// A check is a question about an event that a command or a query answers, as it is
// written.
type check struct {
	Name    string        `json:"name"`
	Timeout time.Duration `json:"timeout"` // for the answer; 30s where left out
	Command []string      `json:"command"` // a program and its arguments: exit 0 is yes, 1 no, anything else unknown

	URL    string     `json:"url"`    // instead: an address, and one way to read what is there
	Query  string     `json:"query"`  // PromQL, if a Prometheus server is there
	JSON   string     `json:"json"`   // path of a value in JSON
	Metric string     `json:"metric"` // name of a metric in Prometheus's text format
	Header string     `json:"header"` // name of a header
	Token  string     `json:"token"`  // file with the bearer token for the address
	CA     string     `json:"ca"`     // file with the certificates that sign the address's own
	Want   ready.Want `json:"want"`   // what every value that is found must be
}

const (
	checkTimeout    = 30 * time.Second // of a check that does not say
	maxCheckTimeout = 10 * time.Minute
)

// source is where the check reads its values.
func (c *check) source() targets.Source {
	return targets.Source{Kind: "check", URL: c.URL, Query: c.Query, JSON: c.JSON, Metric: c.Metric, Header: c.Header, Token: c.Token, CA: c.CA}
}

// validate returns what is wrong with a check that stands in file under key. Its
// name is the event's matter.
func (c *check) validate(file, key string) scenarios.Mistakes {
	var found scenarios.Mistakes
	add := func(at, says string) {
		found = append(found, scenarios.Mistake{File: file, Key: key + at, Says: says})
	}
	if c.Timeout < 0 || c.Timeout > maxCheckTimeout {
		add(".timeout", fmt.Sprintf("%s: want a duration up to %s", c.Timeout, maxCheckTimeout))
	}
	reads := c.URL + c.Query + c.JSON + c.Metric + c.Header + c.Token + c.CA + c.Want.Compare
	switch {
	case len(c.Command) > 0 && reads != "":
		add(".command", "a command answers by what it exits with: want nothing besides name and timeout")
		return found
	case len(c.Command) > 0:
		if strings.TrimSpace(c.Command[0]) == "" {
			add(".command[0]", fmt.Sprintf("%q: want a program", c.Command[0]))
		}
		return found
	case c.URL == "":
		add(".command", "want either a command, or a url and what is to be found there")
		return found
	}
	if !strings.Contains(c.URL, "://") {
		add(".url", fmt.Sprintf("%q: want an address such as http://prometheus.example:9090", c.URL))
	}
	probe := targets.Target{Name: "check", URL: "http://127.0.0.1", Dialect: targets.DialectHTTP, Identity: []targets.Source{c.source()}}
	for _, m := range probe.Validate(file, key) {
		m.Key = strings.Replace(m.Key, ".identity[0]", "", 1)
		if m.Key == key {
			m.Key, m.Says = key+".url", "want exactly one of query, json, metric, header beside the url"
		}
		found = append(found, m)
	}
	if c.Want == (ready.Want{}) {
		add(".want", `missing: want a comparison and a limit, such as "<= 0.1" or "== ready"`)
	}
	return found
}

// ask makes the check. It never takes longer than its timeout.
func (c *check) ask(ctx context.Context) ready.Result {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = checkTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var r ready.Result
	if len(c.Command) > 0 {
		r = c.run(ctx)
	} else {
		r = c.read(ctx)
	}
	if ctx.Err() != nil {
		r.Reply, r.Why = ready.Unknown, fmt.Sprintf("It did not answer within %s.", timeout)
	}
	r.At = time.Now()
	return r
}

// run asks a command. What it prints last is shown.
func (c *check) run(ctx context.Context) ready.Result {
	cmd := exec.CommandContext(ctx, c.Command[0], c.Command[1:]...)
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	apart(cmd)
	cmd.Cancel = func() error { return endGroup(cmd) }
	cmd.WaitDelay = time.Second // children of its own may hold the pipe
	err := cmd.Run()
	last := "."
	if line := said.line(); line != "" {
		last = ": " + line
	}
	ended, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return ready.Result{Reply: ready.Yes, Why: "It exited 0" + last}
	case exited && ended.ExitCode() == 1:
		return ready.Result{Reply: ready.No, Why: "It exited 1" + last}
	case exited && ended.ExitCode() > 1:
		return ready.Result{Why: fmt.Sprintf("It exited %d, which is neither yes, 0, nor no, 1%s", ended.ExitCode(), last)}
	}
	return ready.Result{Why: fullStop(fmt.Sprintf("It could not be run to its end: %v", err))}
}

// read asks an address. Every value that is there must be what is wanted.
func (c *check) read(ctx context.Context) ready.Result {
	t := targets.Target{Name: c.Name, URL: c.URL, Dialect: targets.DialectHTTP, Identity: []targets.Source{c.source()}}
	sample := t.Sample(ctx, targets.Sampling{Agent: "gameday/" + version()})
	if wrong := sample.Wrong["check"]; wrong != "" {
		return ready.Result{Why: fullStop("It cannot be told: " + wrong)}
	}
	values := sample.Sets["check"]
	if len(values) == 0 {
		return ready.Result{Why: "It cannot be told: nothing was found."}
	}
	for _, v := range values {
		holds, err := c.Want.Holds(v)
		if err != nil {
			return ready.Result{Why: fullStop(fmt.Sprintf("It cannot be told: %v", err))}
		}
		if !holds {
			return ready.Result{Reply: ready.No, Why: fmt.Sprintf("%s is not %s.", shortened(v), c.Want)}
		}
	}
	return ready.Result{Reply: ready.Yes, Why: fmt.Sprintf("%s is %s.", shortened(strings.Join(values, ", ")), c.Want)}
}

// A tail keeps the last of what is written to it.
type tail struct{ kept []byte }

const tailSize = 4 << 10

func (t *tail) Write(data []byte) (int, error) {
	t.kept = append(t.kept, data[max(0, len(data)-tailSize):]...)
	t.kept = t.kept[max(0, len(t.kept)-tailSize):]
	return len(data), nil
}

// line is the last line that says something.
func (t *tail) line() string {
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	return shortened(strings.TrimSpace(lines[len(lines)-1]))
}

// shortened cuts what somebody else wrote to what fits a table.
func shortened(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
