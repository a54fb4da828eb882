package cli

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// nearby is "nearby NAME ADDRESS": it waits until pages are served at a port behind
// that of the address, and sets a variable to where.
func nearby(ts *testscript.TestScript, _ bool, args []string) {
	host, port, err := splitAddress(args[1])
	ts.Check(err)
	client := http.Client{Timeout: time.Second}
	until(ts, "pages near "+args[1], func() bool {
		for next := port + 1; next <= port+nextPorts; next++ {
			at := net.JoinHostPort(host, strconv.Itoa(next))
			res, err := client.Get("http://" + at + "/")
			if err != nil {
				continue
			}
			text, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err == nil && strings.Contains(string(text), ">Gameday<") {
				ts.Setenv(args[0], at)
				return true
			}
		}
		return false
	})
}
