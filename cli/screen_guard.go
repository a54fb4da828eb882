package cli

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// giveBack undoes what a view can have done to a terminal, in the order in which a
// terminal may forget it: looks, keys, the cursor, and the other screen.
const giveBack = ansi.ResetModeSynchronizedOutput + ansi.ResetStyle + ansi.ResetModifyOtherKeys + "\x1b[<1u" +
	ansi.ResetModeUnicodeCore + ansi.ResetModeBracketedPaste +
	ansi.SetModeTextCursorEnable + ansi.ResetModeAltScreenSaveCursor

// guarded is what a guard is told when there is nothing left to guard.
const guarded = "\x00over"

// A guard is a process that gives a terminal back if gameday is killed, or ends by a
// panic of any goroutine: nothing in gameday itself can do anything then.
type guard struct {
	tell *os.File // the guard acts when this closes
	cmd  *exec.Cmd
	once sync.Once
}

// startGuard keeps the terminal's state. A guard that cannot be had is nil: the play
// is worth more.
func startGuard(terminal *os.File) *guard {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	hear, tell, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer hear.Close()
	cmd := exec.Command(self, "terminal-guard")
	cmd.Args[0] = os.Args[0]
	cmd.Stdin, cmd.Stderr = hear, terminal
	ready, err := cmd.StdoutPipe()
	apart(cmd)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		tell.Close()
		return nil
	}
	io.ReadAll(ready) // until it has closed it
	// What a panic says would be lost with the other screen, so the guard repeats it.
	debug.SetCrashOutput(tell, debug.CrashOptions{})
	return &guard{tell: tell, cmd: cmd}
}

// dismiss ends the guard: the terminal is as it was.
func (g *guard) dismiss() {
	if g == nil {
		return
	}
	g.once.Do(func() {
		debug.SetCrashOutput(nil, debug.CrashOptions{})
		io.WriteString(g.tell, guarded)
		g.tell.Close()
		killed := time.AfterFunc(drainPatience, func() { g.cmd.Process.Kill() })
		defer killed.Stop()
		g.cmd.Wait()
	})
}

// guardCommand is what a guard runs. Its standard error is the terminal.
func guardCommand() *cobra.Command {
	return &cobra.Command{
		Use: "terminal-guard", Short: "Give a terminal back when standard input ends", Hidden: true,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			deaf()
			state, err := term.GetState(int(os.Stderr.Fd()))
			if err != nil {
				return fmt.Errorf("asking for the terminal's state: %w", err)
			}
			os.Stdout.Close() // it is ready
			said, _ := io.ReadAll(c.InOrStdin())
			if strings.HasSuffix(string(said), guarded) {
				return nil
			}
			if err := term.Restore(int(os.Stderr.Fd()), state); err != nil {
				return fmt.Errorf("giving the terminal back: %w", err)
			}
			_, err = fmt.Fprintf(os.Stderr, "%s%s", giveBack, said)
			return err
		},
	}
}
