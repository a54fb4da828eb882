package harness

import (
	"errors"
	"strings"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// http3Gone are the error codes of HTTP/3 (RFC 9114, 8.1) that say that a request
// or a connection was given up; all others, that somebody did not keep to the
// protocol.
var http3Gone = map[http3.ErrCode]bool{
	0: true, http3.ErrCodeNoError: true, http3.ErrCodeInternalError: true, http3.ErrCodeExcessiveLoad: true, http3.ErrCodeRequestRejected: true,
	http3.ErrCodeRequestCanceled: true, http3.ErrCodeRequestIncomplete: true, http3.ErrCodeConnectError: true,
}

// causeOfQUIC is the cause of an error of QUIC or HTTP/3; empty if it is none.
func causeOfQUIC(err error) string {
	if e, ok := errors.AsType[*http3.Error](err); ok {
		return causeOfHTTP3(e.ErrorCode)
	}
	if e, ok := errors.AsType[*quic.StreamError](err); ok {
		return causeOfHTTP3(http3.ErrCode(e.ErrorCode))
	}
	if e, ok := errors.AsType[*quic.ApplicationError](err); ok {
		return causeOfHTTP3(http3.ErrCode(e.ErrorCode))
	}
	if e, ok := errors.AsType[*quic.TransportError](err); ok {
		switch c := e.ErrorCode; {
		case c == quic.ConnectionRefused:
			return causeRefused
		case c == 0x100+quic.TransportErrorCode(alertNoProtocol): // a TLS alert, after 0x100 (RFC 9001, 4.8)
			return causeProtocol
		case c.IsCryptoError():
			return causeTLS
		case c == quic.NoError, c == quic.InternalError, c == quic.ApplicationErrorErrorCode, c == quic.NoViablePathError:
			return causeReset
		}
		return causeProtocol
	}
	switch {
	case is[*quic.IdleTimeoutError](err), is[*quic.HandshakeTimeoutError](err):
		return causeTimeout
	case is[*quic.VersionNegotiationError](err):
		return causeProtocol
	case is[*quic.StatelessResetError](err):
		return causeReset
	case strings.HasSuffix(err.Error(), "connection in graceful shutdown"): // quic-go does not export it
		return causeReset
	}
	return ""
}

func causeOfHTTP3(code http3.ErrCode) string {
	if http3Gone[code] {
		return causeReset
	}
	return causeProtocol
}
