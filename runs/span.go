package runs

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// appendSeconds writes d in seconds, exactly and without trailing zeros.
func appendSeconds(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, float64(d)/1e9, 'f', -1, 64)
}

// parseSeconds reads seconds, to the nearest nanosecond.
func parseSeconds(s string) (time.Duration, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(v) < math.MaxInt64/1e9) {
		return 0, fmt.Errorf("%s: want a number of seconds", s)
	}
	return time.Duration(math.Round(v * 1e9)), nil
}
