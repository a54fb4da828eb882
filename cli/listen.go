package cli

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// nextPorts is how many ports behind one that is taken are tried.
const nextPorts = 100

// listenNear listens at an address, or, if somebody else does, at the next port that
// is free. Without a host that is loopback: others can reach it only where somebody
// said so.
func listenNear(address string) (l net.Listener, taken bool, err error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, false, err
	}
	for next := port; ; next++ {
		l, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(next)))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) || next == min(port+nextPorts, 65535) {
			return l, next > port, err
		}
	}
}

// splitAddress reads an address such as 127.0.0.1:7777, localhost:0 or :7777.
func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err == nil {
		var n uint64
		n, err = strconv.ParseUint(text, 10, 16)
		port = int(n)
	}
	if err != nil {
		return "", 0, fmt.Errorf("%q: want an address such as %s", address, defaultDashboard)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return host, port, nil
}
