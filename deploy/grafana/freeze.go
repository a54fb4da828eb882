package main

// freezeBoard is the dashboard of change freezes, and of how ready a service is.
func freezeBoard() dashboard {
	d := newBoard("freeze", "freeze and readiness", "Whether changes are frozen, whether that is honoured, and what the last rehearsals said.")
	d.Refresh, d.Time = "1m", span{"now-7d", "now"}
	frozen := yesNo("frozen", "blue", "open", "green")
	honoured := yesNo("changed", "red", "as captured", "green")
	d.row(5,
		figure("Windows", "", "value_and_name", "In force or not.", now(`gameday_freeze_active`, "{{window}}")).mapped(frozen),
		figure("Next change of state", "dateTimeFromNow", "value", "When changes are frozen next, or free again.", now(`min(gameday_freeze_next_transition_timestamp_seconds) * 1000`, "next")),
		figure("Last known of every target", "s", "value", "How long ago.", now(`time() - max(gameday_freeze_last_verified_timestamp_seconds)`, "ago")).coloured("green", 900, "red"))
	d.row(8,
		stretches("Freeze", "Windows in force.", over(`gameday_freeze_active`, "{{window}}")),
		list("Honoured", "By target and kind of identity.", honoured, now(`gameday_freeze_drift`, "{{target}} {{kind}}")))
	d.row(8, stretches("Drift", "From when to when a target ran something else than what was captured.", over(`gameday_freeze_drift`, "{{target}} {{kind}}")))
	d.row(6,
		figure("Last verdict of each scenario", "", "name", "In the last 30 days. What it takes to go, gameday ready says.", now(`last_over_time(gameday_verdict[30d]) == 1`, "{{scenario}}: {{verdict}}")),
		figure("Since the last rehearsal", "s", "value_and_name", "Of each scenario.", now(`time() - max by (scenario) (last_over_time(gameday_ended_timestamp_seconds[30d]))`, "{{scenario}}")).coloured("green", 604800, "red"),
		figure("Good share of the last day", "percentunit", "value_and_name", "Over all rehearsals of a scenario.",
			now(`sum by (scenario) (increase(gameday_good_total[1d])) / sum by (scenario) (increase(gameday_requests_total[1d]))`, "{{scenario}}")))
	return d
}
