package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// AskTimeout is how long a question before the start may take.
const AskTimeout = 10 * time.Second

// MaxAnswer is how much of an answer is read, in bytes, before it is too large.
const MaxAnswer = 16 << 20

// asker asks a target single questions before the start.
type asker struct {
	target  Target
	opening Opening
	base    *url.URL
}

// A statusError is an answer that is not a success.
type statusError struct {
	call   Call
	status int
	to     string // where to ask instead, if it is a redirect
}

func (e *statusError) Error() string {
	if e.status < 400 {
		return fmt.Sprintf("%s %s is redirected to %q; want the url that answers itself", e.call.Method, e.call.Path, e.to)
	}
	return fmt.Sprintf("%s %s was answered %d %s", e.call.Method, e.call.Path, e.status, http.StatusText(e.status))
}

// reached reports whether an error of ask is an answer, if not the hoped-for one.
func reached(err error) bool {
	_, ok := errors.AsType[*statusError](err)
	return ok
}

// troubled reports whether an error of ask is a service in trouble.
func troubled(err error) bool {
	e, ok := errors.AsType[*statusError](err)
	return ok && (e.status >= 500 || e.status == http.StatusTooManyRequests)
}

// ask makes a call and returns the body of a successful answer, if that is JSON.
func (a *asker) ask(ctx context.Context, c Call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, AskTimeout)
	defer cancel()
	req, err := NewRequest(ctx, a.base, c, a.opening.Agent)
	if err != nil {
		return nil, err
	}
	res, err := a.opening.Transport.RoundTrip(req)
	if err != nil {
		return nil, unreachable(err)
	}
	defer res.Body.Close()
	switch kind := res.Header.Get("Content-Type"); {
	case res.StatusCode >= 300:
		return nil, &statusError{c, res.StatusCode, res.Header.Get("Location")}
	case !c.JSON:
		return nil, nil
	case !IsJSON(kind):
		return nil, fmt.Errorf("%s %s was answered with %q where JSON was wanted; is it dialect: %s?", c.Method, c.Path, kind, a.target.Dialect)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxAnswer+1))
	if err != nil {
		return nil, unreachable(err)
	}
	if len(body) > MaxAnswer {
		return nil, fmt.Errorf("%s %s was answered with more than %d MB", c.Method, c.Path, MaxAnswer>>20)
	}
	return body, nil
}

// IsJSON reports whether a Content-Type says JSON.
func IsJSON(contentType string) bool {
	if strings.HasPrefix(contentType, "application/json") {
		return true // the common case, without parsing
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// NewRequest turns a call into a request to the target at base. It parses
// nothing, so that it costs little.
func NewRequest(ctx context.Context, base *url.URL, c Call, agent string) (*http.Request, error) {
	at := *base
	path, query, ask := strings.Cut(c.Path, "?")
	at.RawPath, at.RawQuery, at.ForceQuery = strings.TrimSuffix(base.EscapedPath(), "/")+path, query, ask
	at.Path = at.RawPath
	if strings.Contains(at.RawPath, "%") {
		plain, err := url.PathUnescape(at.RawPath)
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", c.Path, err)
		}
		at.Path = plain
	}
	header := make(http.Header, 6)
	header["User-Agent"] = []string{agent}
	if c.Token != "" {
		header["Authorization"] = []string{"Bearer " + c.Token}
	}
	if c.Type != "" {
		header["Content-Type"] = []string{c.Type}
	}
	if c.Key != "" {
		header["Idempotency-Key"] = []string{c.Key}
	}
	if !c.Trace.IsZero() {
		header["Traceparent"] = []string{string(c.Trace.Append(nil))}
	}
	req := &http.Request{
		Method: c.Method, URL: &at, Host: base.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if c.Body != "" {
		req.ContentLength = int64(len(c.Body))
		req.Body = io.NopCloser(strings.NewReader(c.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(c.Body)), nil }
	}
	return req.WithContext(ctx), nil
}
