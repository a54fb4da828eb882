package main

// runBoard is the dashboard of a rehearsal.
func runBoard() dashboard {
	d := newBoard("run", "a run", "One rehearsal: what was wanted of the service, what was held, how quick it was, and the verdict.")
	d.Templating.List = append(d.Templating.List, values("scenario", "gameday_run_info"), values("instance", "gameday_run_info"))
	const who = `instance=~"$instance"`
	const of = `scenario=~"$scenario",` + who
	d.Annotations.List = []annotation{
		{"phases", picked, true, "blue", `gameday_phase_active{` + of + `} == 1`, "1s", "{{phase}}", "phase of {{scenario}}"},
		{"faults", picked, true, "red", `gameday_fault_active{` + who + `} == 1`, "1s", "{{fault}}", "fault in force"},
	}
	verdict := figure("Verdict", "", "name", "Of the last play that ended in the time shown.",
		now(`last_over_time(gameday_verdict{`+of+`}[$__range]) == 1`, "{{scenario}}: {{verdict}}"))
	d.row(4, verdict,
		figure("Run", "", "name", "What was played where.", now(`last_over_time(gameday_run_info{`+of+`}[$__range])`, "{{id}} against {{target}} {{build}}")),
		figure("Good", "percentunit", "value_and_name", "Answered with success within the promised time.",
			now(`sum by (scenario) (increase(gameday_good_total{`+of+`}[$__range])) / sum by (scenario) (increase(gameday_requests_total{`+of+`}[$__range]))`, "{{scenario}}")).coloured("red", 0.99, "green"),
		figure("In flight", "short", "value_and_name", "Requests on their way.", over(`gameday_in_flight{`+who+`}`, "{{instance}}")))
	d.row(8,
		lines("Offered and held", "reqps", "What the schedule wants, and what was answered or given up.",
			over(`sum by (crowd) (gameday_offered_rate{`+who+`})`, "{{crowd}} wanted"), over(rate("gameday_requests_total", of, "crowd"), "{{crowd}} held")),
		lines("Good share", "percentunit", "Answered with success within the promised time.", over(share("gameday_good_total{"+of+"}", "gameday_requests_total{"+of+"}", "crowd"), "{{crowd}}")))
	d.row(8,
		lines("Response", "s", "From when a request was due until its answer was read.", quantiles("gameday_response_seconds", of, "crowd", "{{crowd}}")...),
		lines("Service", "s", "From when a request was sent until its answer was read.", quantiles("gameday_service_seconds", of, "crowd", "{{crowd}}")...))
	d.row(8,
		lines("Lag", "s", "How late requests were sent. Above 10 ms the run cannot be a pass, if it was the generator.", quantiles("gameday_lag_seconds", who, "crowd", "{{crowd}}")...),
		lines("Errors by outcome", "reqps", "Requests that did not succeed.", over(rate("gameday_requests_total", of+`,outcome!="success"`, "outcome"), "{{outcome}}")))
	d.row(8,
		lines("Attempts a request", "short", "Tries for each request; above 1 clients try again.",
			over(`sum by (crowd) (rate(gameday_attempts_total{`+who+`}[$window])) / sum by (crowd) (rate(gameday_requests_total{`+of+`}[$window]))`, "{{crowd}}")),
		lines("In flight", "short", "Requests on their way.", over(`gameday_in_flight{`+who+`}`, "{{instance}}")),
		lines("Freshness", "s", "From a post's acknowledgement until a follower could read it.", quantiles("gameday_freshness_seconds", who, "", "")...))
	d.row(6, stretches("Phases", "Which phase is played.", over(`gameday_phase_active{`+of+`}`, "{{phase}}")),
		stretches("Faults", "From when a fault was put in force until it was seen to be gone.", over(`gameday_fault_active{`+who+`}`, "{{fault}}")))
	d.row(8,
		list("Promises", "Kept or broken, once the play has ended.", yesNo("kept", "green", "broken", "red"), now(`last_over_time(gameday_expectation_met{`+who+`}[$__range])`, "{{phase}}: {{expect}}")),
		recovered(list("Time to recover", "From when a spike or a fault was over until goodput was back.", nil, now(`last_over_time(gameday_recovery_seconds{`+who+`}[$__range])`, "{{trigger}}"))))
	return d
}

// recovered has its values in seconds.
func recovered(p panel) panel {
	p.FieldConfig.Defaults.Unit = "s"
	return p
}
