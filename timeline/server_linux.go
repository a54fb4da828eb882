package timeline

import (
	"net"

	"golang.org/x/sys/unix"
)

// deafen makes a listener deaf to those who begin to connect, so that those who
// have begun can be accepted before it closes: what the system has connected and
// nobody accepted is reset, and with it the request that came along.
//
// The filter is given TCP headers, with their flags in byte 13. It drops those
// with SYN and lets all others pass.
func deafen(l net.Listener) {
	at, ok := l.(*net.TCPListener)
	if !ok {
		return
	}
	raw, err := at.SyscallConn()
	if err != nil {
		return
	}
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 13},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: 0x02, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: 1 << 30},
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	})
}
