package harness

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"gameday/scenarios"
)

// Safety is what a play must not do, whatever its scenario says.
type Safety struct {
	// Hosts may be pressed besides loopback: names or addresses, without port.
	Hosts []string `json:"hosts"`
	// MaxRate is the highest rate of all crowds together; zero: DefaultMaxRate.
	MaxRate scenarios.Rate `json:"max_rate"`
	// MaxInFlight is how many requests may be on their way at once; zero:
	// DefaultMaxInFlight.
	MaxInFlight int `json:"max_in_flight"`
	// Stop are the conditions that end any play, besides those of its scenario.
	Stop []scenarios.Stop `json:"stop"`
}

// The limits where none is set.
const (
	DefaultMaxRate     scenarios.Rate = 50_000
	DefaultMaxInFlight int            = 10_000
)

func (s Safety) maxRate() scenarios.Rate {
	if s.MaxRate == 0 {
		return DefaultMaxRate
	}
	return s.MaxRate
}

func (s Safety) maxInFlight() int {
	if s.MaxInFlight == 0 {
		return DefaultMaxInFlight
	}
	return s.MaxInFlight
}

// Check refuses a target that is not allowed, and a schedule that exceeds the
// highest rate. The error says what to change.
func (s Safety) Check(target string, schedule *scenarios.Schedule) error {
	u, err := url.Parse(target)
	if err != nil {
		return fmt.Errorf("target %q: %w", target, err)
	}
	if !s.Allows(u.Hostname()) {
		return fmt.Errorf("the host %q may not be pressed: only loopback may, and what stands in safety.hosts; to allow it, add to config.yaml: safety: {hosts: [%q]}", u.Hostname(), u.Hostname())
	}
	return s.CheckRate(schedule)
}

// CheckRate refuses a schedule that exceeds the highest rate.
func (s Safety) CheckRate(schedule *scenarios.Schedule) error {
	if peak := schedule.Peak(); peak > float64(s.maxRate()) {
		return fmt.Errorf("scenario %s at scale %s reaches %.0f requests a second, over safety.max_rate, %s; lower --scale, or raise the limit", schedule.Scenario.Name, schedule.Scale, peak, s.maxRate())
	}
	return nil
}

// Loopback reports whether a host, without its port, is this very machine.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}

// Allows reports whether a host, without its port, may be pressed and broken.
func (s Safety) Allows(host string) bool {
	if Loopback(host) {
		return true
	}
	for _, h := range s.Hosts {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}

// places shares the requests that may be in flight among the crowds by their
// peak rates: by Little's law, what they need at the same latency.
func (s Safety) places(schedule *scenarios.Schedule) []int {
	peaks := make([]float64, len(schedule.Crowds))
	var sum float64
	for i, c := range schedule.Crowds {
		peaks[i] = c.Peak()
		sum += peaks[i]
	}
	places := make([]int, len(peaks))
	for i, p := range peaks {
		places[i] = max(1, int(float64(s.maxInFlight())*p/max(sum, 1)))
	}
	return places
}
