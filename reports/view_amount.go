package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// An amount is a number of a View, which JSON holds to a thousandth, and below one
// to four digits. What is no finite number is null.
type amount float64

// amounts are a column of them.
type amounts []float64

// tallied is a column of counts, which JSON holds exactly.
type tallied []uint64

// missing is null.
var missing = amount(math.NaN())

// inSeconds is a duration in a View.
func inSeconds(d time.Duration) amount { return amount(d.Seconds()) }

// MarshalJSON writes a number or null.
func (a amount) MarshalJSON() ([]byte, error) { return appendAmount(nil, float64(a)), nil }

// UnmarshalJSON reads a number or null.
func (a *amount) UnmarshalJSON(data []byte) error {
	var v *float64
	if err := json.Unmarshal(data, &v); err != nil {
		return fmt.Errorf("an amount: %w", err)
	}
	if *a = missing; v != nil {
		*a = amount(*v)
	}
	return nil
}

// MarshalJSON writes a list of amounts.
func (a amounts) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 6*len(a)+2), '[')
	for i, v := range a {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendAmount(b, v)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads a list of numbers and nulls.
func (a *amounts) UnmarshalJSON(data []byte) error {
	var all []amount
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*a = make(amounts, len(all))
	for i, v := range all {
		(*a)[i] = float64(v)
	}
	return nil
}

// MarshalJSON writes a list of whole numbers.
func (c tallied) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 4*len(c)+2), '[')
	for i, n := range c {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, n, 10)
	}
	return append(b, ']'), nil
}

// appendAmount writes v to a thousandth, and below one to four digits.
func appendAmount(b []byte, v float64) []byte {
	switch size := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return append(b, "null"...)
	case size >= 1e15:
		return strconv.AppendFloat(b, v, 'e', 3, 64)
	case size < 1:
		return strconv.AppendFloat(b, v, 'g', 4, 64)
	}
	b = strconv.AppendFloat(b, v, 'f', 3, 64)
	return bytes.TrimSuffix(bytes.TrimRight(b, "0"), []byte("."))
}
