package cli

import (
	"bytes"
	"os"
	"sync/atomic"
)

// An output is the terminal that is drawn on, until it is abandoned.
type output struct {
	file      *os.File
	abandoned atomic.Bool // what is written from now on is thrown away
}

func (o *output) Write(data []byte) (int, error) {
	if o.abandoned.Load() {
		return len(data), nil
	}
	return o.file.Write(data)
}

func (o *output) Read(data []byte) (int, error) { return o.file.Read(data) }

// Close leaves the terminal open: others use it too.
func (o *output) Close() error { return nil }

func (o *output) Fd() uintptr { return o.file.Fd() }

// An input is the terminal's keyboard. It sees Ctrl-C before anybody else does, as
// who takes the keys may be waiting for a terminal that takes nothing.
type input struct {
	*os.File
	interrupt func()
}

// interrupts are Ctrl-C as terminals send it: plain, by Kitty's protocol, and by
// xterm's modifyOtherKeys.
var interrupts = [][]byte{[]byte("\x03"), []byte("\x1b[99;5u"), []byte("\x1b[27;5;99~")}

// Read reads keys. In the place of Ctrl-C stands a key that means nothing.
func (i *input) Read(data []byte) (int, error) {
	n, err := i.File.Read(data)
	for _, key := range interrupts {
		for {
			at := bytes.Index(data[:n], key)
			if at < 0 {
				break
			}
			data[at] = 0
			n = at + 1 + copy(data[at+1:n], data[at+len(key):n])
			go i.interrupt()
		}
	}
	return n, err
}
