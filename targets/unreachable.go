package targets

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Unreachable says in plain words, and of which target, why it could not be
// reached: err is what a dial or a round trip returned.
func (t Target) Unreachable(err error) error { return t.trouble(unreachable(err)) }

// trouble says of which target an error is.
func (t Target) trouble(err error) error {
	if t.Name == t.URL {
		return fmt.Errorf("target %s: %w", shown(t.URL), err)
	}
	return fmt.Errorf("target %s at %s: %w", t.Name, shown(t.URL), err)
}

// unreachable says in plain words why a target could not be reached. For some
// reasons net/http has only words, no error that could be asked for.
func unreachable(err error) error {
	var timeout net.Error
	var dns *net.DNSError
	says := func(part string) bool { return strings.Contains(err.Error(), part) }
	if why := mistrust(err); why != "" {
		return errors.New("cannot be reached: " + why)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("cannot be reached: the connection was refused; is it running?")
	case errors.As(err, &dns):
		return fmt.Errorf("cannot be reached: no address is known for %s", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("cannot be reached: no answer within %s", AskTimeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), says("server closed idle connection"), says("client conn could not be established"):
		return errors.New("cannot be reached: it closed the connection without an answer")
	case says("malformed HTTP"), says("readLoopPeekFailLocked: %!w(<nil>)"): // the second: it speaks before it is asked, as SSH does
		return errors.New("cannot be reached: what answers there does not speak HTTP")
	case says("looked like an HTTP/1.1 header"):
		return errors.New("cannot be reached: it speaks HTTP/1.1 where HTTP/2 was wanted; want transport: auto")
	}
	return fmt.Errorf("cannot be reached: %w", err)
}

// The alerts, by RFC 8446, 6.2, with which a server refuses whom it does not know:
// bad, unsupported, revoked, expired, unknown or missing certificates, and those
// of an unknown authority or without access. The first, a failed handshake, is
// what some send before TLS 1.3 to those who show none.
var strangerAlerts = []tls.AlertError{40, 42, 43, 44, 45, 46, 48, 49, 116}

// alertNoProtocol is sent by a server that speaks none of the protocols offered
// (RFC 7301, 3.2).
const alertNoProtocol tls.AlertError = 120

// mistrust says why a TLS connection did not come about; empty if it is not that.
func mistrust(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate is not signed by an authority that is trusted here; tls: ca names another"
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("its certificate is not for %s; tls: server_name says another name", e.Host)
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired && e.Cert != nil {
		return fmt.Sprintf("its certificate is valid from %s to %s only", e.Cert.NotBefore.UTC().Format(time.DateTime), e.Cert.NotAfter.UTC().Format(time.DateTime))
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "what answers there does not speak TLS; is its url one with http?"
	}
	e, ok := errors.AsType[*net.OpError](err)
	if !ok || e.Op != "remote error" { // so crypto/tls calls an alert from the other side
		return ""
	}
	is := func(a tls.AlertError) bool { return a.Error() == e.Err.Error() }
	switch {
	case is(alertNoProtocol):
		return "it does not speak the HTTP version that was asked for; want transport: auto"
	case slices.ContainsFunc(strangerAlerts, is):
		return fmt.Sprintf("it refused the TLS connection (%s); if it wants a certificate of ours, tls: cert and key name it", e.Err)
	}
	return fmt.Sprintf("it refused the TLS connection (%s)", e.Err)
}
