package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"gameday/harness"
)

const (
	// leastColumns and leastRows are the smallest terminal that a screen is raised on.
	leastColumns = 20
	leastRows    = 6
	// framesPerSecond is how often the terminal is drawn on at most.
	framesPerSecond = 10
	// drainPatience is how long the end waits for a terminal that takes nothing.
	drainPatience = 2 * time.Second
)

// A screen shows a picture on a terminal, all over it, and takes the keys.
//
// The play hands moments over and goes on: they are added to the picture, and drawn
// when the terminal has taken what was drawn before. A terminal that takes nothing
// costs frames and nothing else.
type screen struct {
	out   *output
	keys  *os.File    // nil: no keys
	state *term.State // of the terminal before; nil without keys
	guard *guard
	wants func(wish, *picture) // does what a key wants done; called with the picture locked

	mu      sync.Mutex // held while the picture is changed or turned to text, never while anything is written
	picture *picture

	program *tea.Program
	fresh   chan struct{} // there is something new to draw
	closing chan struct{}
	once    sync.Once
	done    chan struct{} // the program has ended, and the terminal is as it was
	err     error         // of the program, once it is done
}

// startScreen takes the terminal. Keys may be nil.
func startScreen(to, keys *os.File, p *picture, wants func(wish, *picture)) *screen {
	s := &screen{
		out: &output{file: to}, picture: p, wants: wants,
		fresh: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
	}
	options := []tea.ProgramOption{
		tea.WithOutput(s.out), tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond),
	}
	if keys != nil {
		if state, err := term.GetState(int(keys.Fd())); err == nil {
			s.keys, s.state, p.keyboard = keys, state, true
			options = append(options, tea.WithInput(&input{File: keys, interrupt: func() { s.press("ctrl+c") }}))
		}
	}
	s.guard = startGuard(to)
	s.program = tea.NewProgram(model{screen: s}, options...)
	go func() {
		defer close(s.done)
		if _, s.err = s.program.Run(); s.err == nil {
			s.err = errors.New("it ended")
		}
	}()
	go s.forward()
	return s
}

// forward tells the program of what is fresh, for as long as that takes.
func (s *screen) forward() {
	for {
		select {
		case <-s.fresh:
			s.program.Send(freshMsg{})
		case <-s.closing:
			return
		}
	}
}

// show adds a moment. It does not wait for the terminal.
func (s *screen) show(m harness.Moment) {
	s.mu.Lock()
	s.picture.add(m)
	s.mu.Unlock()
	s.redraw()
}

// say puts the newest line that somebody else wrote into the picture.
func (s *screen) say(line string) {
	s.mu.Lock()
	s.picture.says = line
	s.mu.Unlock()
	s.redraw()
}

func (s *screen) redraw() {
	select {
	case s.fresh <- struct{}{}:
	default: // it will be drawn with what is waiting
	}
}

// press does what a key asks for.
func (s *screen) press(key string) {
	s.mu.Lock()
	w := s.picture.press(key)
	if w != wishNothing && w != wishNow {
		s.wants(w, s.picture)
	}
	s.mu.Unlock()
	if w == wishNow {
		s.end()
		s.wants(w, nil)
	}
	s.redraw()
}

// frame is what is to be drawn now.
func (s *screen) frame(width, height int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.picture.frame(width, height)
}

// block is what stays.
func (s *screen) block(width int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.picture.block(width)
}

// end gives the terminal back as it was, and reports whether it took that. One that
// takes nothing is given back when it does, at the latest by the guard.
func (s *screen) end() (drained bool) {
	s.once.Do(func() {
		close(s.closing)
		go s.program.Quit()
		select {
		case <-s.done:
			s.guard.dismiss()
		case <-time.After(drainPatience):
			s.abandon()
		}
	})
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// abandon leaves a terminal that takes nothing: what the program has yet to draw is
// thrown away, and what gives the terminal back waits in its place.
func (s *screen) abandon() {
	s.out.abandoned.Store(true)
	if s.keys != nil {
		term.Restore(int(s.keys.Fd()), s.state)
	}
	go func() {
		if _, err := io.WriteString(s.out.file, giveBack); err == nil {
			s.guard.dismiss()
		}
	}()
}

// broke is why the program ended by itself; nil: it goes on.
func (s *screen) broke() error {
	select {
	case <-s.done:
		s.guard.dismiss()
		return fmt.Errorf("showing the play on the terminal: %w", s.err)
	default:
		return nil
	}
}
