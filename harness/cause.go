package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// The causes of failure, a closed set: raw error text never leaves this file, as
// it holds ports and addresses and would make every failure its own kind.
const (
	causeTimeout   = "timeout"   // no whole answer within the client's patience
	causeRefused   = "refused"   // the connection was refused
	causeReset     = "reset"     // the connection was cut off before a whole answer
	causeDNS       = "dns"       // the host's name was not resolved
	causeTLS       = "tls"       // no trustworthy connection
	causeProtocol  = "protocol"  // not HTTP, or not what the dialect promises
	causeRedirect  = "redirect"  // sent elsewhere: to another host, or in a loop
	causeTooLarge  = "too-large" // the answer was larger than any that was wanted
	cause429       = "429"       // too many requests
	cause4xx       = "4xx"       // any other refusal that blames the client
	cause503       = "503"       // temporarily unavailable
	cause5xx       = "5xx"       // any other that blames the service
	causeUnsent    = "unsent"    // too far behind the schedule to be sent at all
	causeLocal     = "local"     // this host had no more ports or files; not the service's fault
	causeCancelled = "cancelled" // the play was ended; not counted
	causeHeld      = "held"      // held back while load was lowered on purpose; not counted as a request
)

// causeOf is the cause of an error of a transport.
func causeOf(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return causeCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return causeTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return causeRefused
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.ENOBUFS):
		return causeLocal
	case is[*net.DNSError](err):
		return causeDNS
	}
	for _, of := range []func(error) string{causeOfTLS, causeOfQUIC, causeOfHTTP2} {
		if cause := of(err); cause != "" {
			return cause
		}
	}
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return causeReset
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return causeTimeout
	}
	if strings.HasSuffix(err.Error(), "server closed idle connection") { // net/http does not export it
		return causeReset
	}
	return causeProtocol
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// causeOfStatus is the cause of an answer's status; empty for a success.
func causeOfStatus(status int) string {
	switch {
	case status >= 200 && status < 300:
		return ""
	case status >= 300 && status < 400:
		return causeRedirect
	case status == 429:
		return cause429
	case status >= 400 && status < 500:
		return cause4xx
	case status == 503:
		return cause503
	case status >= 500 && status < 600:
		return cause5xx
	}
	return causeProtocol
}

// alertNoProtocol is the alert of a server that speaks no version of HTTP that was
// offered (RFC 7301, 3.2).
const alertNoProtocol tls.AlertError = 120

// causeOfTLS is the cause of an error of TLS; empty if it is none.
func causeOfTLS(err error) string {
	// crypto/tls wraps an alert, its own or the other side's, in this, and has
	// only words for the alert itself.
	if e, ok := errors.AsType[*net.OpError](err); ok && (e.Op == "remote error" || e.Op == "local error") {
		if e.Err.Error() == alertNoProtocol.Error() {
			return causeProtocol
		}
		return causeTLS
	}
	if e, ok := errors.AsType[tls.AlertError](err); ok && e == alertNoProtocol {
		return causeProtocol
	}
	if is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) || is[tls.AlertError](err) ||
		is[x509.UnknownAuthorityError](err) || is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err) ||
		strings.HasPrefix(err.Error(), "tls: ") {
		return causeTLS
	}
	return ""
}

// An http2Error is net/http's error of one HTTP/2 stream, which net/http copies
// into any struct of this shape.
type http2Error struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e http2Error) Error() string { return fmt.Sprintf("HTTP/2 error %#x", e.Code) }

// The error codes of HTTP/2 (RFC 9113, 7) that say that somebody did not keep to
// the protocol; all others say that the request was given up.
var http2Protocol = map[uint32]bool{1: true, 3: true, 6: true, 9: true, 0xd: true}

const http2Insecure = 0xc // INADEQUATE_SECURITY

// causeOfHTTP2 is the cause of an error of net/http's HTTP/2, which has only words
// for most; empty if it is none.
func causeOfHTTP2(err error) string {
	if e, ok := errors.AsType[http2Error](err); ok {
		switch {
		case e.Code == http2Insecure:
			return causeTLS
		case http2Protocol[e.Code]:
			return causeProtocol
		}
		return causeReset
	}
	text := err.Error()
	if !strings.HasPrefix(text, "http2: ") {
		return ""
	}
	switch {
	case strings.Contains(text, "client connection lost"): // no answer to a ping
		return causeTimeout
	case strings.Contains(text, "GOAWAY"), strings.Contains(text, "client conn"), strings.Contains(text, "REFUSED_STREAM"):
		return causeReset
	}
	return ""
}
