package main

// timelineBoard is the dashboard of the reference timeline service.
func timelineBoard() dashboard {
	d := newBoard("timeline", "the timeline service", "The reference timeline service from within.")
	d.Templating.List = append(d.Templating.List, values("instance", "timeline_build_info"))
	const of = `instance=~"$instance"`
	all := func(metric, legend string) target { return over(metric+"{"+of+"}", legend) }
	d.row(4,
		figure("Build", "", "name", "What runs.", now(`timeline_build_info{`+of+`}`, "{{version}}")),
		figure("Requests", "reqps", "value", "Answered a second.", over(rate("timeline_requests_total", of, ""), "requests")),
		figure("Deliveries", "ops", "value", "Entries written into home timelines a second.", over(rate("timeline_deliveries_total", of, ""), "deliveries")),
		figure("Posts not delivered", "short", "value", "To all followers.", all("timeline_fanout_queue", "{{instance}}")))
	d.row(8,
		lines("Requests by endpoint", "reqps", "", over(rate("timeline_requests_total", of, "endpoint"), "{{endpoint}}")),
		lines("Errors by endpoint", "reqps", "Answers of 400 and above.", over(`sum by (endpoint, code) (rate(timeline_requests_total{`+of+`,code=~"[45].."}[$window]))`, "{{endpoint}} {{code}}")))
	d.row(8,
		lines("Request time", "s", "From a request's arrival until its answer is written, all endpoints.", quantiles("timeline_request_seconds", of, "", "")...),
		lines("Request time by endpoint, p99", "s", "", over(quantile("0.99", "timeline_request_seconds", of, "endpoint"), "{{endpoint}}")))
	d.row(8,
		lines("Fan-out", "short", "Posts not yet delivered to all followers.", all("timeline_fanout_queue", "queue")),
		lines("Oldest post that waits", "s", "", all("timeline_fanout_age_seconds", "age")),
		lines("Freshness", "s", "From a post's acknowledgement until it is in its last follower's home timeline.", quantiles("timeline_freshness_seconds", of, "", "")...))
	d.row(8,
		lines("Home reads by source", "reqps", "", over(rate("timeline_home_reads_total", of, "source"), "{{source}}")),
		lines("Turned away", "reqps", "Shed because there were too many; refused by the limiter.",
			over(rate("timeline_sheds_total", of, "")+" or vector(0)", "shed"), over(rate("timeline_limiter_denials_total", of, "")+" or vector(0)", "limited")),
		lines("Inside", "short", "Requests inside the concurrency limit, and waiting for their turn.",
			all("timeline_in_flight", "in flight"), all("timeline_waiting", "waiting"), all("timeline_concurrency_limit", "limit"), all("timeline_connections", "connections"), all("timeline_streams", "streams")))
	d.row(8,
		lines("Store", "s", "How long calls to a store that can fail took.", quantiles("timeline_store_seconds", of, "", "")...),
		lines("Store trouble", "ops", "", over(rate("timeline_store_errors_total", of, ""), "errors"), over(rate("timeline_store_retries_total", of, ""), "retries")),
		stretches("Store not called", "Because it failed.", all("timeline_store_breaker_open", "breaker")))
	return d
}
