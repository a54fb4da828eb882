//go:build !linux

package selftest

import "time"

type alarm struct{}

func newAlarm() *alarm { return nil }

func (*alarm) sleep(d time.Duration) { time.Sleep(d) }

func (*alarm) close() {}
