package runs

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
)

// ReadGoodput reads from a record, as [Run.Write] wrote it, nothing but how many
// requests its tallies hold, and how many of them were good. It takes a small part
// of the time that [ReadRun] takes, and checks nothing.
func ReadGoodput(record io.Reader) (good, offered uint64, err error) {
	in := bufio.NewReaderSize(record, 1<<18)
	before, due := "", uint64(0)
	for {
		text, err := in.ReadSlice(':') // so it ends with a key, or within a string
		if errors.Is(err, io.EOF) {
			return good, offered, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, 0, err
		}
		// What stands behind offered and good in a tally. (The quotes around a key are
		// not escaped, so no text within a string is like one.)
		if before != "" {
			value, key, _ := bytes.Cut(text, []byte(","))
			n, wrong := strconv.ParseUint(string(value), 10, 64)
			switch {
			case wrong != nil:
			case before == "good":
				good, offered = good+n, offered+due
			case string(key) == `"good":`:
				due, before = n, "good"
				continue
			}
			before = ""
		}
		if bytes.HasSuffix(text, []byte(`,"offered":`)) {
			before = "offered"
		}
	}
}
