package cli

import (
	"gameday/harness"
	"gameday/reports"
)

// exports are the formats of a run for other tools that take a library of the
// harness to write.
var exports = []reports.Named{
	{Name: "vegeta", Write: harness.WriteResults},
	{Name: "openmetrics", Write: harness.WriteMetrics},
}
