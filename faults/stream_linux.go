package faults

import (
	"io"
	"os"
	"syscall"
)

// stream passes bytes within the kernel until the link changes, which is an error.
// That costs descriptors, so that only those connections have them that carry much.
// [net.TCPConn.ReadFrom] does the same, but cannot hold back what it has read when
// the link has changed by then.
func (p *pipe) stream() error {
	var tube [2]int
	if syscall.Pipe2(tube[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK) != nil {
		return p.copy() // no descriptors are left, most likely
	}
	defer syscall.Close(tube[0])
	defer syscall.Close(tube[1])
	syscall.Syscall(syscall.SYS_FCNTL, uintptr(tube[1]), setPipeSize, pieceSize) // smaller will do
	for {
		n, err := p.drain(tube[1])
		if err == syscall.EINVAL {
			return p.copy() // the system does not splice these
		} else if err != nil {
			return err
		}
		if p.changed() {
			p.held = make([]byte, n)
			if _, err := io.ReadFull(reader(tube[0]), p.held); err != nil {
				return err
			}
			return os.ErrDeadlineExceeded // as whoever was woken
		}
		if err := p.pump(tube[0], n); err != nil {
			return err
		}
	}
}

const (
	setPipeSize   = 1031 // F_SETPIPE_SZ, see fcntl(2)
	pieceSize     = 1 << 20
	spliceNoBlock = 2 // SPLICE_F_NONBLOCK, see splice(2)
)

// drain moves what has come, at least a byte, into the tube.
func (p *pipe) drain(tube int) (n int, err error) {
	src, err := p.src.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = src.Read(func(fd uintptr) bool {
		n, failed = splice(int(fd), tube, pieceSize)
		return failed != syscall.EAGAIN
	})
	if err == nil && failed == nil && n == 0 {
		err = io.EOF
	}
	if err == nil {
		err = failed
	}
	return n, err
}

// pump moves n bytes out of the tube.
func (p *pipe) pump(tube, n int) error {
	dst, err := p.dst.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = dst.Write(func(fd uintptr) bool {
		for n > 0 && failed == nil {
			var moved int
			moved, failed = splice(tube, int(fd), n)
			n -= moved
		}
		if failed != syscall.EAGAIN {
			return true
		}
		failed = nil
		return false
	})
	if err == nil {
		err = failed
	}
	return err
}

// splice is splice(2), which a signal does not end.
func splice(from, to, most int) (int, error) {
	for {
		n, err := syscall.Splice(from, nil, to, nil, most, spliceNoBlock)
		if err != syscall.EINTR {
			return max(int(n), 0), err
		}
	}
}

// reader reads a descriptor.
type reader int

func (r reader) Read(b []byte) (int, error) {
	n, err := syscall.Read(int(r), b)
	return max(n, 0), err
}
