package reports

import (
	"encoding/json"
	"fmt"
	"io"

	"gameday/runs"
)

// JSON writes the record itself, byte for byte as [runs.Run.Save] does.
func JSON(w io.Writer, r *runs.Run) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the run: %w", err)
	}
	return send(w, append(data, '\n'))
}
