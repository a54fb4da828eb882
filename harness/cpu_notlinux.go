//go:build !linux

package harness

import "time"

// A cpuWatch knows nothing here; a generator short of CPU still shows by waking
// late.
type cpuWatch struct{}

func (*cpuWatch) open()                         {}
func (*cpuWatch) close()                        {}
func (*cpuWatch) ticks() (ticks, time.Duration) { return ticks{}, -1 }
func (*cpuWatch) delay() time.Duration          { return 0 }
