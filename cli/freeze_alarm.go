package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"time"

	"gameday/freeze"
)

// alarmPatience is how long a webhook or a command may take.
const alarmPatience = 10 * time.Second

// An alarm tells somebody about a violation.
type alarm struct {
	url     string // a secret; empty: no webhook
	command string // empty: none
	output  io.Writer
}

// check says what is wrong with the webhook, without saying the webhook.
func (a alarm) check() error {
	if a.url == "" {
		return nil
	}
	u, err := url.Parse(a.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("the webhook is no URL; want one such as https://hooks.example/T0")
	}
	return nil
}

// raise tells both, and returns what went wrong with each.
func (a alarm) raise(ctx context.Context, v freeze.Verification) error {
	body, err := json.Marshal(struct {
		Event string `json:"event"`
		freeze.Verification
	}{"freeze-violated", v})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, alarmPatience)
	defer cancel()
	return errors.Join(a.post(ctx, body), a.run(ctx, body))
}

func (a alarm) post(ctx context.Context, body []byte) error {
	if a.url == "" {
		return nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("the webhook is no URL")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "gameday/"+version())
	res, err := http.DefaultClient.Do(r)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the URL
	}
	if err != nil {
		return fmt.Errorf("the webhook at %s: %w", r.URL.Host, err)
	}
	res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("the webhook at %s answered %s", r.URL.Host, res.Status)
	}
	return nil
}

func (a alarm) run(ctx context.Context, body []byte) error {
	if a.command == "" {
		return nil
	}
	c := exec.CommandContext(ctx, "sh", "-c", a.command)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(body), a.output, a.output
	c.WaitDelay = time.Second // children of its own may hold the pipes
	if err := c.Run(); err != nil {
		return fmt.Errorf("the command: %w", err)
	}
	return nil
}
