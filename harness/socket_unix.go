//go:build unix

package harness

import (
	"crypto/tls"
	"io"
	"net"
	"syscall"
	"unsafe"
)

// A socket is the connection beneath a leanConn, asked directly.
//
// A net.Conn tries to read before it waits, which a client that has just sent a
// request does in vain, and tells the scheduler of each call to the kernel, which
// these are too short for: together an eighth of the CPU of a request.
type socket struct {
	raw    syscall.RawConn // nil: there is only the net.Conn
	step   func(uintptr) bool
	unsent []byte
	in     []byte
	n      int
	err    error
}

func newSocket(conn net.Conn) *socket {
	s := &socket{}
	if plain, ok := conn.(syscall.Conn); ok {
		if raw, err := plain.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	s.step = s.once
	return s
}

// swap writes out, waits, and reads what comes into in. It reports how much of
// out it wrote: all, unless the socket takes no more at once, or there is an
// error. With nothing to write it only reads.
func (s *socket) swap(out, in []byte) (wrote, n int, err error) {
	if s.raw == nil {
		return 0, 0, nil
	}
	s.unsent, s.in, s.n, s.err = out, in, 0, nil
	err = s.raw.Read(s.step)
	if s.err != nil {
		err = s.err
	}
	wrote = len(out) - len(s.unsent)
	s.unsent, s.in = nil, nil
	return wrote, s.n, err
}

// once does what can be done now, and reports whether that is all. To return
// false is to wait until there is something to read.
func (s *socket) once(fd uintptr) (done bool) {
	if len(s.unsent) > 0 {
		n, errno := transfer(syscall.SYS_WRITE, fd, s.unsent)
		if errno == syscall.EAGAIN {
			return true
		}
		if errno != 0 {
			s.err = errno
			return true
		}
		s.unsent = s.unsent[n:]
		return len(s.unsent) > 0 // the rest, if any, is for the net.Conn to wait with
	}
	n, errno := transfer(syscall.SYS_READ, fd, s.in)
	switch {
	case errno == syscall.EAGAIN:
		return false
	case errno != 0:
		s.err = errno
	case n == 0:
		s.err = io.EOF
	}
	s.n = n
	return true
}

// transfer is a read or a write that does not wait.
func transfer(call, fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}

// quiet reports whether a connection that rests is still open, as far as this
// host has heard, and nothing has come on it unasked.
func quiet(conn net.Conn) bool {
	secure, over := conn.(*tls.Conn)
	if over {
		conn = secure.NetConn()
	}
	plain, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := plain.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = err == syscall.EAGAIN || err == nil && n > 0 && over // TLS has a word to say after an answer, too
	})
	return err == nil && open
}
