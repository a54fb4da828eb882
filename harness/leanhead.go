package harness

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"

	"gameday/targets"
)

// appendCall appends a call as it goes over the wire.
func (l *lean) appendCall(b []byte, c *targets.Call) ([]byte, error) {
	b = append(b, c.Method...)
	b = append(b, ' ')
	if plainPath(c.Path) {
		b = append(append(b, l.path...), c.Path...)
	} else {
		req, err := targets.NewRequest(context.Background(), l.base, *c, "") // escapes what must be
		if err != nil {
			return b, err
		}
		b = append(b, req.URL.RequestURI()...)
	}
	b = append(b, l.hosts...)
	for _, h := range [...]struct{ name, value string }{
		{"Authorization: Bearer ", c.Token}, {"Content-Type: ", c.Type}, {"Idempotency-Key: ", c.Key},
	} {
		if h.value == "" {
			continue
		}
		if !plainValue(h.value) {
			return b, fmt.Errorf("%sa value that cannot stand in a header", h.name)
		}
		b = append(append(append(b, h.name...), h.value...), '\r', '\n')
	}
	if !c.Trace.IsZero() {
		b = append(c.Trace.Append(append(b, "Traceparent: "...)), '\r', '\n')
	}
	if c.Body != "" || c.Method == http.MethodPost || c.Method == http.MethodPut || c.Method == http.MethodPatch {
		b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(c.Body)), 10)
		b = append(b, '\r', '\n')
	}
	b = append(b, '\r', '\n')
	return append(b, c.Body...), nil
}

// plainPath reports whether a path and its query can be sent as they are.
func plainPath(s string) bool {
	for i := range len(s) {
		if bytesOf[s[i]]&inPath == 0 {
			return false
		}
	}
	return s != ""
}

func plainValue(s string) bool {
	for i := range len(s) {
		if bytesOf[s[i]]&inValue == 0 {
			return false
		}
	}
	return true
}

// What a byte may be part of.
const (
	inToken = 1 << iota // the name of a header
	inValue             // its value
	inPath              // a path or query as it goes over the wire
)

var bytesOf = func() (of [256]uint8) {
	for c := range of {
		if c >= ' ' && c != 0x7f || c == '\t' {
			of[c] |= inValue
		}
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if letter || c < 0x80 && bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), byte(c)) >= 0 {
			of[c] |= inToken
		}
		if letter || c < 0x80 && bytes.IndexByte([]byte("-._~!$&'()*+,;=:@/?%"), byte(c)) >= 0 {
			of[c] |= inPath
		}
	}
	return of
}()

// A head is what the header of an answer says.
type head struct {
	reply
	length  int // of the body, unless it is chunked
	chunked bool
	close   bool // the connection ends with this answer
}

// A state is how far an answer in a buffer is understood.
type state int

const (
	part  state = iota // the rest has not come yet
	whole              // it was understood
	odd                // it is for net/http to read
)

// parseHead reads the header at the start of b, which takes up its first n bytes.
// It understands only what is plain and cannot be taken otherwise.
func parseHead(b []byte, call *targets.Call) (h head, n int, state state) {
	line, n := nextLine(b, 0)
	if n < 0 {
		return h, 0, part
	}
	// HTTP/1.1 200 OK
	if len(line) < 13 || string(line[:9]) != "HTTP/1.1 " || line[12] != ' ' && len(line) > 13 {
		return h, 0, odd
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return h, 0, odd
		}
		h.status = h.status*10 + int(c-'0')
	}
	if h.status < 200 || line[len(line)-1] != '\r' {
		return h, 0, odd
	}
	var seen seenFields
	for {
		if line, n = nextLine(b, n); n < 0 {
			return h, 0, part
		}
		if len(line) == 1 && line[0] == '\r' {
			break
		}
		if !h.field(line, &seen, call) {
			return h, 0, odd
		}
	}
	bodiless := call.Method == http.MethodHead || h.status == http.StatusNoContent || h.status == http.StatusNotModified
	switch {
	case bodiless:
		h.length, h.chunked = 0, false
	case seen.length == h.chunked: // neither: it goes on until the end; both: a trap
		return h, 0, odd
	}
	return h, n, whole
}

// nextLine is the line from b[at:] without its newline, and where the next one
// begins; negative if it is not all there.
func nextLine(b []byte, at int) (line []byte, next int) {
	i := bytes.IndexByte(b[at:], '\n')
	if i < 0 {
		return nil, -1
	}
	return b[at : at+i], at + i + 1
}

// seenFields are the fields of which a second would have to be understood.
type seenFields struct{ length, kind, location, connection, retry bool }

// field reads a line of a header, which ends with a carriage return, and reports
// whether it is plain.
func (h *head) field(line []byte, seen *seenFields, call *targets.Call) bool {
	colon := 0
	for colon < len(line) && bytesOf[line[colon]]&inToken != 0 {
		colon++
	}
	last := len(line) - 1
	if colon == 0 || colon >= last || line[colon] != ':' || line[last] != '\r' {
		return false // folded, without a value, …
	}
	value := line[colon+1 : last]
	for _, c := range value {
		if bytesOf[c]&inValue == 0 {
			return false
		}
	}
	name := line[:colon]
	switch colon {
	case len("Trailer"):
		return !sameWord(name, "Trailer")
	case len("Location"):
		if sameWord(name, "Location") && once(&seen.location) {
			h.location = string(trimmed(value))
		}
	case len("Connection"):
		if !sameWord(name, "Connection") {
			return true
		}
		h.close = sameWord(trimmed(value), "close")
		return once(&seen.connection) && (h.close || sameWord(trimmed(value), "keep-alive"))
	case len("Retry-After"):
		if h.failed() && sameWord(name, "Retry-After") && once(&seen.retry) {
			h.retry = string(trimmed(value))
		}
	case len("Content-Type"):
		if call.JSON && sameWord(name, "Content-Type") && once(&seen.kind) {
			v := trimmed(value)
			h.json = string(v) == "application/json; charset=utf-8" || string(v) == "application/json" || targets.IsJSON(string(v))
		}
	case len("Content-Length"):
		if sameWord(name, "Content-Length") {
			return once(&seen.length) && h.setLength(trimmed(value))
		}
	case len("Transfer-Encoding"):
		if sameWord(name, "Transfer-Encoding") {
			again := h.chunked
			h.chunked = sameWord(trimmed(value), "chunked")
			return h.chunked && !again
		}
	}
	return true
}

// once reports whether it is called for the first time.
func once(seen *bool) bool {
	first := !*seen
	*seen = true
	return first
}

func (h *head) setLength(digits []byte) bool {
	if len(digits) == 0 || len(digits) > 15 {
		return false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
		h.length = h.length*10 + int(c-'0')
	}
	return true
}

// sameWord compares ASCII without case.
func sameWord(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		x, y := b[i], word[i]
		if x != y && (x^y != 0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
			return false
		}
	}
	return true
}

// trimmed is a value without the spaces around it.
func trimmed(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
