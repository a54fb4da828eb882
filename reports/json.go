package reports

import (
	"io"

	"gameday/runs"
)

// JSON writes the record itself, byte for byte as [runs.Run.Save] does.
func JSON(w io.Writer, r *runs.Run) error { return r.Write(w) }
