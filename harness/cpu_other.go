//go:build !unix

package harness

import "time"

// cpuTime is unknown here; a generator short of CPU still shows by waking late.
func cpuTime() time.Duration { return 0 }
