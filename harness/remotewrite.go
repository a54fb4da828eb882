package harness

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/snappy"

	"gameday/runs"
)

// remoteWrite is a receiver of Prometheus's remote write. It is asked for 2.0 first
// (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0), and for 1.0 if it
// knows nothing newer; for native and classic histograms, and for classic ones alone
// if it has the native ones off. It is used by one goroutine.
type remoteWrite struct {
	client        *pushClient
	url, instance string

	version int  // that it speaks; 0: not known yet
	classic bool // it takes no native histograms
	traced  map[string]time.Time
}

var _ receiver = (*remoteWrite)(nil)

// send sends a snapshot in the newest way that the receiver takes.
func (w *remoteWrite) send(ctx context.Context, s *snapshot) error {
	all := flatten(s, w.instance, w.traced)
	a, err := w.try(ctx, all, s.at)
	if err != nil {
		return fmt.Errorf("pushing by remote write: %w", err)
	}
	if !w.classic && a.status/100 != 2 && strings.Contains(a.says, "native histogram") {
		w.classic = true
		if a, err = w.try(ctx, all, s.at); err != nil {
			return fmt.Errorf("pushing by remote write: %w", err)
		}
	}
	switch {
	case a.status/100 == 2:
		w.traced = newestTraces(all, w.traced)
		return nil
	case permanent(a.status):
		return &refusal{fmt.Sprintf("pushing by remote write was answered %d: %s", a.status, runs.Line(a.says))}
	}
	return fmt.Errorf("pushing by remote write was answered %d: %s", a.status, runs.Line(a.says))
}

// try sends series, as 1.0 if the receiver turns out to know nothing newer.
func (w *remoteWrite) try(ctx context.Context, all []series, at time.Time) (writeAnswer, error) {
	if w.classic {
		all = withoutNative(all)
	}
	if w.version != 1 {
		a, err := w.post(ctx, encodeV2(all, at), "application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0")
		switch {
		case a.counted:
			w.version = 2
			return a, err
		case err != nil || a.status/100 != 2 && a.status != http.StatusUnsupportedMediaType && a.status != http.StatusBadRequest:
			return a, err
		}
		// A receiver of 1.0 refuses the type, or takes what it does not know for
		// nothing at all and is content.
	}
	a, err := w.post(ctx, encodeV1(all, at), "application/x-protobuf", "0.1.0")
	if err == nil && a.status/100 == 2 {
		w.version = 1
	}
	return a, err
}

// A writeAnswer is what was answered to a push.
type writeAnswer struct {
	status  int
	says    string
	counted bool // it says what it has written, as 2.0 demands
}

func (w *remoteWrite) post(ctx context.Context, message []byte, kind, version string) (a writeAnswer, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(snappy.Encode(nil, message)))
	if err != nil {
		return a, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Content-Encoding", "snappy")
	r.Header.Set("X-Prometheus-Remote-Write-Version", version)
	res, err := w.client.Do(r)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	says, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	for _, what := range []string{"Samples", "Histograms", "Exemplars"} {
		a.counted = a.counted || res.Header.Get("X-Prometheus-Remote-Write-"+what+"-Written") != ""
	}
	a.status, a.says = res.StatusCode, string(says)
	return a, err
}
