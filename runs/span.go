package runs

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// appendSeconds writes d in seconds, exactly and without trailing zeros.
func appendSeconds(b []byte, d time.Duration) []byte {
	ns := uint64(d)
	if d < 0 {
		b, ns = append(b, '-'), -ns
	}
	b = fmt.Appendf(b, "%d.%09d", ns/1e9, ns%1e9)
	return bytes.TrimSuffix(bytes.TrimRight(b, "0"), []byte("."))
}

// parseSeconds reads seconds: exactly if they have no exponent and no more than
// nine decimals, otherwise to the nearest nanosecond.
func parseSeconds(s string) (time.Duration, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: want a number of seconds", s)
	}
	whole, decimals, _ := strings.Cut(s, ".")
	if len(decimals) <= 9 {
		if ns, err := strconv.ParseInt(whole+decimals+"000000000"[len(decimals):], 10, 64); err == nil {
			return time.Duration(ns), nil
		}
	}
	if !(math.Abs(v) < math.MaxInt64/1e9) {
		return 0, fmt.Errorf("%s: want a number of seconds below 292 years", s)
	}
	return time.Duration(math.Round(v * 1e9)), nil
}
