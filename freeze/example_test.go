package freeze_test

import (
	"fmt"
	"time"

	"gameday/freeze"
)

func ExampleCalendar_Check() {
	start, _ := freeze.ParseInstant("2027-02-12T00:00:00-05:00")
	end, _ := freeze.ParseInstant("2027-02-15T12:00:00-05:00")
	calendar := freeze.Calendar{{Name: "super-bowl", Start: start, End: end}}

	kickoff := time.Date(2027, 2, 14, 23, 30, 0, 0, time.UTC)
	for _, at := range []time.Time{kickoff, end, start.Add(-time.Hour)} {
		answer, err := calendar.Check(at, 30*time.Minute)
		fmt.Println(answer, err)
	}
	next, frozen, ok := calendar.Next(kickoff)
	fmt.Println(next.Format(time.RFC3339), frozen, ok)
	// Output:
	// frozen: "super-bowl" (full) until 2027-02-15T12:00:00-05:00 <nil>
	// not frozen <nil>
	// not frozen <nil>
	// 2027-02-15T12:00:00-05:00 false true
}
