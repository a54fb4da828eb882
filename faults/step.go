package faults

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Step is one thing that a fault of kind command or http does.
type Step struct {
	Run []string `json:"run,omitempty"` // of a command: the program and its arguments, without a shell

	Method   string `json:"method,omitempty"` // of http; POST where left out, GET of confirm
	URL      string `json:"url,omitempty"`
	Body     string `json:"body,omitempty"`
	Type     string `json:"type,omitempty"`     // of the body; application/json where left out
	Token    string `json:"token,omitempty"`    // a file that holds a bearer token
	Status   int    `json:"status,omitempty"`   // wanted in the answer; any 2xx where left out
	Contains string `json:"contains,omitempty"` // wanted in the answer's body

	Within time.Duration `json:"within,omitempty"` // how long it may take; 10s where left out
}

func (s Step) within() time.Duration { return cmp.Or(s.Within, patience) }

// stepKeys are the keys of a fault that is made of steps.
func stepKeys(Fault) []string { return []string{"inject", "confirm", "mend"} }

// steps are the three steps of a fault, in the order in which they are taken.
func (f Fault) steps() []Step { return []Step{f.Inject, f.Confirm, f.Mend} }

// isCall reports whether the step has anything that only calls have.
func (s Step) isCall() bool {
	return s.Method+s.URL+s.Body+s.Type+s.Token+s.Contains != "" || s.Status != 0
}

// limitMistakes are the time limits that are none.
func limitMistakes(key string, s Step) []Mistake {
	if s.Within < 0 || s.Within > maxDuration {
		return []Mistake{{key + ".within", fmt.Sprintf("%s: want a time limit up to 24h, such as 10s", s.Within)}}
	}
	return nil
}

func commandMistakes(f Fault) []Mistake {
	var found []Mistake
	for i, s := range f.steps() {
		key := stepKeys(f)[i]
		if len(s.Run) == 0 || s.Run[0] == "" {
			found = append(found, Mistake{key + ".run", "missing; want the program and the arguments that " + []string{
				"break it", "exit with 0 while it is broken and with 1 when it is whole", "mend it"}[i]})
		}
		if slices.ContainsFunc(s.Run, func(arg string) bool { return strings.Contains(arg, "\x00") }) {
			found = append(found, Mistake{key + ".run", "want text without NUL bytes"})
		}
		if s.isCall() {
			found = append(found, Mistake{key, "a command has only run and within; for calls there is kind: http"})
		}
		found = append(found, limitMistakes(key, s)...)
	}
	return found
}

func httpMistakes(f Fault) []Mistake {
	var found []Mistake
	for i, s := range f.steps() {
		key := stepKeys(f)[i]
		if s.URL == "" {
			found = append(found, Mistake{key + ".url", "missing; want the URL of a call that " + []string{
				"breaks it", "gives the wanted answer while it is broken, and another when it is whole", "mends it"}[i]})
		} else if !isURL(s.URL) {
			found = append(found, Mistake{key + ".url", fmt.Sprintf("%q: want one such as http://127.0.0.1:8081/flags, without user and fragment", s.URL)})
		}
		if len(s.Run) > 0 {
			found = append(found, Mistake{key + ".run", "does not go with kind: http; for commands there is kind: command"})
		}
		if _, err := http.NewRequest(s.Method, "http://localhost", nil); err != nil {
			found = append(found, Mistake{key + ".method", fmt.Sprintf("%q: want a method, such as POST", s.Method)})
		}
		if strings.ContainsFunc(s.Type, func(r rune) bool { return r < ' ' || r > '~' }) {
			found = append(found, Mistake{key + ".type", fmt.Sprintf("%q: want one such as application/json", s.Type)})
		}
		if s.Status != 0 && (s.Status < 200 || s.Status > 599) {
			found = append(found, Mistake{key + ".status", fmt.Sprintf("%d: want 200 to 599", s.Status)})
		}
		found = append(found, limitMistakes(key, s)...)
	}
	return found
}

// outcome is what came of a step that could be taken.
type outcome struct {
	ok   bool   // it was as wanted
	said string // how it ended, in a few words
}

// stepped is a fault that is made of steps, each taken by do. An error means that
// the step could not be taken, so that nobody knows.
func stepped(f Fault, do func(context.Context, Step) (outcome, error)) breakage {
	take := func(ctx context.Context, what string, s Step) error {
		o, err := do(ctx, s)
		if err == nil && !o.ok {
			err = errors.New(o.said)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", what, s, err)
		}
		return nil
	}
	undo := f.Mend
	undo.Token = absolute(undo.Token)
	return breakage{
		undo:   undo,
		inject: func(ctx context.Context) error { return take(ctx, "inject", f.Inject) },
		mend:   func(ctx context.Context) error { return take(ctx, "mend", f.Mend) },
		bites: func(ctx context.Context) (bool, error) {
			o, err := do(ctx, f.Confirm)
			if err != nil {
				return false, fmt.Errorf("confirm: %s: %w", f.Confirm, err)
			}
			return o.ok, nil
		},
	}
}

// undoStep mends by the step in a journal.
func undoStep(ctx context.Context, undo json.RawMessage, do func(context.Context, Step) (outcome, error)) error {
	var s Step
	if err := json.Unmarshal(undo, &s); err != nil {
		return fmt.Errorf("reading how to mend it: %w", err)
	}
	return stepped(Fault{Mend: s}, do).mend(ctx)
}

// String names the step in errors.
func (s Step) String() string {
	if len(s.Run) > 0 {
		return s.Run[0]
	}
	return s.URL
}
