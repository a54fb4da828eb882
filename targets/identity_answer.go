package targets

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// newTransport makes connections that are used once. To the target itself they
// trust whom its own TLS says.
func (t Target) newTransport(s Source) (*http.Transport, error) {
	out := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: AskTimeout}
	if s.CA == "" && strings.HasPrefix(s.URL, "/") {
		conf, err := t.TLSConfig()
		out.TLSClientConfig = conf
		return out, err
	}
	if s.CA == "" {
		return out, nil
	}
	pem, err := os.ReadFile(s.CA)
	if err != nil {
		return nil, fmt.Errorf("reading ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca: %s holds no certificate", s.CA)
	}
	out.TLSClientConfig = &tls.Config{RootCAs: pool}
	return out, nil
}

// An answer is what a source holds.
type answer struct {
	from   string // as it is said in sentences
	header http.Header
	body   []byte
}

// content reads a source's file or address.
func (q *inquiry) content(ctx context.Context, s Source) (answer, error) {
	if s.File == "" {
		return q.get(ctx, s, "", nil)
	}
	f, err := os.Open(s.File)
	if err != nil {
		return answer{}, fmt.Errorf("reading the file: %w", err)
	}
	defer f.Close()
	body, err := limited(s.File, f)
	return answer{from: s.File, body: body}, err
}

// get asks a source's address, or a path under it.
func (q *inquiry) get(ctx context.Context, s Source, path string, query url.Values) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, AskTimeout)
	defer cancel()
	at, err := q.address(s, path, query)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", q.agent)
	if s.Token != "" {
		secret, err := os.ReadFile(s.Token)
		if err != nil {
			return answer{}, fmt.Errorf("reading token: %w", err)
		}
		token := strings.TrimSpace(string(secret))
		if !headerSafe(token) {
			return answer{}, fmt.Errorf("token: %s does not hold a bearer token", s.Token)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	sent := time.Now()
	res, err := q.transport.RoundTrip(req)
	if err != nil {
		return answer{}, unreachable(err)
	}
	defer res.Body.Close()
	if strings.HasPrefix(s.URL, "/") {
		q.compareClocks(res.Header, sent, time.Now())
	}
	if res.StatusCode != http.StatusOK {
		return answer{}, &statusError{Call{Method: req.Method, Path: at.Path}, res.StatusCode, shown(res.Header.Get("Location"))}
	}
	from := "GET " + at.Path
	body, err := limited(from, res.Body)
	return answer{from, res.Header, body}, err
}

// address is where a source is, with a path and a query of its way.
func (q *inquiry) address(s Source, path string, query url.Values) (*url.URL, error) {
	where := s.URL
	if strings.HasPrefix(where, "/") {
		if q.base.Host == "" {
			return nil, fmt.Errorf("the target has no address")
		}
		where = strings.TrimSuffix(q.base.String(), "/") + where
	}
	if path != "" {
		where = strings.TrimSuffix(where, "/") + path
	}
	at, err := url.Parse(where)
	if err != nil {
		return nil, fmt.Errorf("the url is not one")
	}
	if query != nil {
		at.RawQuery = query.Encode()
	}
	return at, nil
}

// compareClocks notes how far a server's clock is from ours at least. Its Date was
// written between sent and got, and cut to the second.
func (q *inquiry) compareClocks(h http.Header, sent, got time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" {
		return // none, or that of a cache's first answer
	}
	ahead := time.Duration(0)
	if least := date.Sub(got); least > 0 {
		ahead = least
	} else if least := date.Add(time.Second).Sub(sent); least < 0 {
		ahead = least
	}
	if ahead.Abs() > q.ahead.Abs() {
		q.ahead = ahead
	}
}

// limited reads all of a content that is not too large.
func limited(from string, r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	if len(body) > MaxAnswer {
		return nil, fmt.Errorf("%s holds more than %d MB", from, MaxAnswer>>20)
	}
	return body, nil
}

// parse reads the answer as JSON, whatever its Content-Type says. Numbers stay as
// they are written.
func (a answer) parse() (any, error) {
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); more == io.EOF {
			return v, nil
		}
	}
	text := bytes.TrimLeft(a.body, " \t\r\n\ufeff")
	switch {
	case len(text) == 0:
		return nil, fmt.Errorf("%s was answered with nothing where JSON was promised", a.from)
	case text[0] == '<':
		return nil, fmt.Errorf("%s was answered with HTML where JSON was promised; is a sign-in or error page in front of it?", a.from)
	}
	return nil, fmt.Errorf("%s was answered with something that is not JSON", a.from)
}

// decode reads the answer of a known API into a struct.
func (a answer) decode(into any) error {
	if _, err := a.parse(); err != nil {
		return err
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return fmt.Errorf("%s was answered with JSON of another form", a.from)
	}
	return nil
}
