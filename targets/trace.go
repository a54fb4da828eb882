package targets

import (
	"encoding/binary"
	"encoding/hex"
)

// A Trace is what a request says of itself in a traceparent header (W3C Trace
// Context, version 00), so that the traces of the service can be found by it. The
// zero Trace is none; the trace id and the parent of any other are not zero.
type Trace struct {
	High, Low uint64 // the trace id
	Parent    uint64 // the parent id: the request itself
}

// IsZero reports whether there is none.
func (t Trace) IsZero() bool { return t == Trace{} }

// ID is the trace id as everybody writes it: 32 hexadecimal digits.
func (t Trace) ID() string { return string(t.appendID(nil)) }

func (t Trace) appendID(b []byte) []byte { return appendHex(appendHex(b, t.High), t.Low) }

// Append appends the value of the header, which is 55 bytes. It says that the
// request is recorded, so that services which leave that to their callers do so.
func (t Trace) Append(b []byte) []byte {
	b = append(t.appendID(append(b, "00-"...)), '-')
	return append(appendHex(b, t.Parent), "-01"...)
}

func appendHex(b []byte, n uint64) []byte {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], n)
	return hex.AppendEncode(b, raw[:])
}
