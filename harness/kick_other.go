//go:build !linux

package harness

import "time"

// A kick is only known to Linux; here timers fire when Go's scheduler looks.
type kick struct{}

func newKick() *kick { return nil }

func (*kick) in(time.Duration) {}

func (*kick) close() {}
