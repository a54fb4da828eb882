package cli

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// mostAside is how much is kept of what others write while a screen is up.
const mostAside = 64 << 10

// An aside is where others than the view write to its terminal. While a screen is up
// that is kept, its last line shown, and the whole written when the screen is gone.
// It is safe for concurrent use.
type aside struct {
	to io.Writer

	mu   sync.Mutex
	held bool
	kept bytes.Buffer
	more int // bytes for which there was no room
	say  func(line string)
}

func (a *aside) Write(data []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.held {
		return a.to.Write(data)
	}
	room := min(max(mostAside-a.kept.Len(), 0), len(data))
	a.kept.Write(data[:room])
	a.more += len(data) - room
	if lines := strings.Split(strings.TrimSpace(string(data)), "\n"); a.say != nil {
		a.say(lines[len(lines)-1])
	}
	return len(data), nil
}

// hold keeps what is written, and tells say the last line of it.
func (a *aside) hold(say func(string)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held, a.say = true, say
}

// release writes what was kept, and keeps no more.
func (a *aside) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held, a.say = false, nil
	if a.kept.Len() > 0 {
		a.to.Write(a.kept.Bytes())
	}
	if a.more > 0 {
		io.WriteString(a.to, "…\n")
	}
	a.kept.Reset()
	a.more = 0
}
