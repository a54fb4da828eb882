package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"gameday/scenarios"
)

func TestCauses(t *testing.T) {
	wrapped := func(err error) error {
		return &url.Error{Op: "Get", URL: "http://127.0.0.1", Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)}}
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{context.DeadlineExceeded, causeTimeout},
		{fmt.Errorf("reading: %w", os.ErrDeadlineExceeded), causeTimeout},
		{context.Canceled, causeCancelled},
		{wrapped(syscall.ECONNREFUSED), causeRefused},
		{wrapped(syscall.ECONNRESET), causeReset},
		{wrapped(syscall.EPIPE), causeReset},
		{io.ErrUnexpectedEOF, causeReset},
		{wrapped(syscall.EMFILE), causeLocal},
		{wrapped(syscall.EADDRNOTAVAIL), causeLocal},
		{&url.Error{Err: &net.DNSError{Name: "nowhere.example"}}, causeDNS},
		{&url.Error{Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, causeTLS},
		{x509.HostnameError{}, causeTLS},
		{tls.RecordHeaderError{}, causeTLS},
		{errors.New("net/http: HTTP/1.x transport connection broken: malformed HTTP response"), causeProtocol},
	} {
		if got := causeOf(tt.err); got != tt.want {
			t.Errorf("%v: cause %s, want %s", tt.err, got, tt.want)
		}
	}
	for status := range 1000 {
		if (causeOfStatus(status) == "") != (status >= 200 && status <= 299) {
			t.Errorf("status %d has cause %q", status, causeOfStatus(status))
		}
	}
}

func TestSafety(t *testing.T) {
	schedule := scenarios.NewSchedule(night(t, steady), 1) // 300/s and about 100/s at most
	for _, tt := range []struct {
		safety Safety
		target string
		ok     bool
	}{
		{Safety{}, "http://127.0.0.1:8080", true},
		{Safety{}, "http://127.8.9.10", true},
		{Safety{}, "http://[::1]:80", true},
		{Safety{}, "http://localhost", true},
		{Safety{}, "http://localhost.example", false},
		{Safety{}, "http://127.0.0.1.example", false},
		{Safety{}, "http://0.0.0.0", false},
		{Safety{}, "http://10.0.0.1", false},
		{Safety{Hosts: []string{"Staging.example"}}, "https://staging.example:8443/base", true},
		{Safety{Hosts: []string{"staging.example"}}, "https://evil.staging.example", false},
		{Safety{Hosts: []string{"staging.example"}}, "https://staging.example.evil", false},
		{Safety{MaxRate: 300}, "http://127.0.0.1", false},
		{Safety{MaxRate: 1000}, "http://127.0.0.1", true},
	} {
		if err := tt.safety.Check(tt.target, schedule); (err == nil) != tt.ok {
			t.Errorf("%+v, %s: %v, want allowed: %t", tt.safety, tt.target, err, tt.ok)
		}
	}
}

func TestPlacesAreSharedByPeakRate(t *testing.T) {
	schedule := scenarios.NewSchedule(night(t, steady), 1)
	sum := 0
	for _, n := range (Safety{MaxInFlight: 400}).places(schedule) {
		if n < 1 {
			t.Errorf("a crowd got %d places", n)
		}
		sum += n
	}
	if sum > 400 || sum < 398 {
		t.Errorf("the crowds got %d places together, want the 400 there are", sum)
	}
}

func TestLateBits(t *testing.T) {
	var b lateBits
	for n := range uint64(3_000_000) {
		late := n%7 == 0 || n%1024 < 3
		b.set(n, late)
		if b.get(n) != late {
			t.Fatalf("request %d", n)
		}
		if n > 1000 && b.get(n-1000) != ((n-1000)%7 == 0 || (n-1000)%1024 < 3) {
			t.Fatalf("request %d, looked at 1,000 later", n-1000)
		}
	}
}

func TestCutBase(t *testing.T) {
	for _, tt := range []struct {
		path, base, want string
		ok               bool
	}{
		{"/a?b", "", "/a?b", true}, {"/a", "/", "/a", true}, {"/base/a", "/base", "/a", true}, {"/base/a", "/base/", "/a", true},
		{"/basement", "/base", "", false}, {"/base", "/base", "", false}, {"/", "/base", "", false},
	} {
		if got, ok := cutBase(tt.path, tt.base); got != tt.want || ok != tt.ok {
			t.Errorf("cutBase(%q, %q) = %q, %t; want %q, %t", tt.path, tt.base, got, ok, tt.want, tt.ok)
		}
	}
}

// BenchmarkBook records what came of a request: two histograms and the counts.
func BenchmarkBook(b *testing.B) {
	schedule := scenarios.NewSchedule(night(b, steady), 1)
	book := newBook(schedule, 0)
	table := schedule.Crowds[0]
	r := table.At(table.Count() / 2)
	b.ReportAllocs()
	for b.Loop() {
		book.record(r, outcome{lag: 12 * time.Microsecond, service: 340 * time.Microsecond, tries: 1})
	}
}
