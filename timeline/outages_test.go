package timeline

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// outages are those of docs/timeline.md, in its order: its first column, the knobs
// that are turned, what else is ordered, and what is seen then.
var outages = []struct {
	name, knobs, order string
	shows              func(o *stricken)
}{
	{"the limiter's data is gone and it lies to everybody", `{"limiter":true}`, "POST /limiter/wipe?as=zeros", func(o *stricken) {
		a := o.ask(7, homePath)
		o.want(a.code == 429 && a.header.Get("X-RateLimit-Limit") == "0" && o.metric("timeline_limiter_denials_total", "by", "token") == 1, "a first request", a)
	}},
	{"the limiter's data is gone and it refuses everybody", `{"limiter":true,"limiter_on_data_loss":"closed"}`, "POST /limiter/wipe?as=lost", func(o *stricken) {
		a := o.ask(7, homePath)
		o.want(count([]answer{a}, 503) == 1 && o.metric("timeline_limiter_denials_total", "by", "data_loss") == 1, "a first request", a)
	}},
	{"reading fails when everybody refreshes", `{"store_delay":"1s","store_delay_share":1,"concurrency_limit":"fixed","concurrency":8,"wait_queue":8,"wait_timeout":"500ms"}`, "", func(o *stricken) {
		all := o.crowd(0, 40, homePath)
		o.want(count(all, 200) == 8 && count(all, 503) == 32 && o.metric("timeline_sheds_total", "reason", shedFull) == 24, "40 at once", all)
	}},
	{"a third of the capacity is taken away", `{"concurrency_limit":"fixed","concurrency":8,"store_delay":"100ms"}`, "", func(o *stricken) {
		before := slowest(o.crowd(0, 48, homePath))
		o.order("PATCH /knobs", `{"concurrency":5}`)
		after := slowest(o.crowd(0, 48, homePath))
		o.want(before == 600*time.Millisecond && after == time.Second && o.metric("timeline_concurrency_limit") == 5, "48 at once", before, after)
	}},
	{"a bad build, or a gate that refuses our own", `{"build":"2","error_share":1,"error_code":403}`, "", func(o *stricken) {
		o.want(count(o.crowd(0, 20, homePath), 403) == 20 && o.metric("timeline_build_info", "version", "2") == 1, "own requests are let in")
	}},
	{"clients that loop on a quota", `{"limiter":true,"limit_per_token":3,"limit_window":"24h"}`, "", func(o *stricken) {
		all := make([]answer, 50)
		for i := range all {
			all[i] = o.ask(7, homePath)
		}
		o.want(count(all, 200) == 3 && count(all, 429) == 47 && o.metric("timeline_limiter_denials_total", "by", "token") == 47, "50 in a loop", all)
	}},
	{"a proxy fails before a service in good order", `{"error_share":1,"error_code":502}`, "", func(o *stricken) {
		o.want(o.ask(7, homePath).code == 502 && o.ask(0, "GET /health").code == 200, "behind a bad gateway")
	}},
	{"the backlog of one spike is there at the next", `{"fanout_workers":1,"fanout_batch":1,"store_delay":"10ms"}`, "", func(o *stricken) {
		var ages []float64
		for range 3 {
			o.crowd(0, 20, sayPath)
			time.Sleep(time.Second)
			ages = append(ages, o.metric("timeline_fanout_age_seconds"))
		}
		o.want(ages[0] >= 1 && ages[1] > ages[0]+0.5 && ages[2] > ages[1]+0.5 && o.metric("timeline_fanout_queue") > 30, "the oldest post waits", ages)
	}},
	{"a celebrity's post blocks everybody's", `{"fanout":"push","fanout_workers":1,"fanout_batch":1,"store_delay":"100ms"}`, "", func(o *stricken) {
		o.ask(1, sayPath)
		id := o.s.say(o, 64, "ordinary").ID
		time.Sleep(3 * time.Second)
		o.want(!strings.Contains(o.ask(1, homePath).body, id) && o.metric("timeline_freshness_seconds") == 0, "it is there at once")
		o.s.settle()
		slow := o.s.scrape(o)["timeline_freshness_seconds"].GetMetric()[0].GetHistogram().GetSampleSum()
		o.want(slow > 6, "seconds until both were there", slow)
	}},
	{"half the fan-out is gone", `{"fanout_workers":2,"fanout_batch":1,"fanout_queue":2,"store_delay":"10ms"}`, "", func(o *stricken) {
		all := o.crowd(0, 10, sayPath)
		o.want(count(all, 200) == 10 && slowest(all) > 200*time.Millisecond, "posting does not wait", slowest(all))
	}},
	{"one hot post, or one hot wall", `{"shard_cost":"10ms","coalesce":false}`, "", func(o *stricken) {
		id := o.s.say(o, 1, "press the heart").ID
		all := o.anybody(50, "GET /api/v1/statuses/"+id)
		o.order("PATCH /knobs", `{"replicas":5}`)
		spread := o.anybody(50, "GET /api/v1/statuses/"+id)
		o.want(slowest(all) == 500*time.Millisecond && slowest(spread) == 100*time.Millisecond && o.metric("timeline_shard_seconds") == 100, "50 at once", slowest(all), slowest(spread))
	}},
	{"hot keys meet on a few shards after a failover", `{"cache_shards":4,"shard_cost":"50ms","wait_timeout":"100ms"}`, "", func(o *stricken) {
		all := o.crowd(0, 64, homePath)
		o.want(count(all, 200) == 12 && count(all, 503) == 52 && o.metric("timeline_sheds_total", "reason", shedShard) == 52, "64 at once", count(all, 200))
	}},
	{"one hot like counter", `{"like_counter":"denormalised","store_delay":"10ms"}`, "", func(o *stricken) {
		path := "POST /api/v1/statuses/" + o.s.say(o, 1, "press the heart").ID + "/favourite"
		one := slowest(o.crowd(0, 32, path))
		o.order("PATCH /knobs", `{"like_counter":"sharded"}`)
		many := slowest(o.crowd(32, 32, path))
		o.want(one >= 320*time.Millisecond && many <= 100*time.Millisecond, "32 likes at once", one, many)
	}},
	{"connections pile up", `{"max_connections":10}`, "", func(o *stricken) {
		o.client.CloseIdleConnections()
		synctest.Wait()
		for range 10 {
			conn, err := o.at.dial(o.Context(), "", "")
			if err != nil {
				o.Fatal(err)
			}
			defer conn.Close()
		}
		synctest.Wait()
		one, err := o.at.dial(o.Context(), "", "")
		if err != nil {
			o.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(one), nil)
		o.want(err == nil && res.StatusCode == 503 && res.Header.Get("Retry-After") == "1", "one too many", res, err)
		one.Close()
		o.want(o.metric("timeline_connections") == 10 && o.metric("timeline_sheds_total", "reason", "connections") == 1, "connections", o.metric("timeline_connections"))
	}},
	{"overload that outlives its cause", `{"concurrency_limit":"fixed","concurrency":1,"shed":"off","store_delay":"1s"}`, "", func(o *stricken) {
		go o.crowd(0, 40, homePath)
		synctest.Wait()
		o.order("PATCH /knobs", `{"store_delay":"0s"}`)
		o.want(o.metric("timeline_waiting") == 39 && o.ask(41, homePath).took == time.Second, "who comes when all is well need not wait")
	}},
	{"a cold cache is filled too slowly", `{"rebuild_workers":2,"rebuild_delay":"1s"}`, "POST /cache/flush", func(o *stricken) {
		all := o.crowd(0, 40, homePath)
		time.Sleep(10 * time.Second)
		o.want(count(all, 206) == 40 && o.metric("timeline_rebuild_seconds") == 20, "after 10 s", o.metric("timeline_rebuild_seconds"))
	}},
	{"a part of the cache is cold and misses fail", `{"cache_shards":6,"rebuild_delay":"1h"}`, "POST /cache/flush?shard=0", func(o *stricken) {
		all := o.crowd(0, 60, homePath)
		o.want(count(all, 200) == 50 && count(all, 206) == 10 && all[0].header.Get("Mastodon-Async-Refresh") != "", "60 at once", count(all, 206))
	}},
	{"a herd rebuilds one home timeline", `{"coalesce":false,"rebuild_delay":"2s"}`, "POST /cache/flush", func(o *stricken) {
		for range 10 {
			a := o.ask(7, homePath)
			o.want(a.code == 206 && a.source() == fromRebuild, "a cold timeline", a)
		}
		time.Sleep(2 * time.Second)
		o.want(o.metric("timeline_rebuild_seconds") == 10, "rebuilds", o.metric("timeline_rebuild_seconds"))
	}},
	{"a node is given up for long after a few failures", `{"store_errors":0.5,"store_retries":0,"breaker_share":0.1,"breaker_delay":"30s"}`, "", func(o *stricken) {
		for range 40 {
			o.ask(7, homePath)
		}
		o.order("PATCH /knobs", `{"store_errors":0.001}`)
		time.Sleep(29 * time.Second)
		o.want(o.metric("timeline_store_breaker_open") == 1 && count([]answer{o.ask(7, homePath)}, 503) == 1, "well again, it is asked")
	}},
	{"retries keep a store down", `{"store_errors":1,"store_retries":4,"retry_budget":1,"breaker":false}`, "", func(o *stricken) {
		all := o.crowd(0, 50, homePath)
		o.want(count(all, 503) == 50 && o.metric("timeline_store_errors_total") == 250 && o.metric("timeline_store_retries_total") == 200, "calls for 50 requests", o.metric("timeline_store_errors_total"))
	}},
	{"an uninvited crowd", `{"concurrency_limit":"fixed","concurrency":2,"wait_queue":10,"wait_timeout":"10s","store_delay":"100ms","coalesce":false,"shed":"priority"}`, "", func(o *stricken) {
		crowd := make(chan []answer)
		go func() { crowd <- o.anybody(40, crowdPath) }()
		synctest.Wait()
		invited := o.crowd(0, 8, homePath)
		o.want(count(invited, 200) == 8 && slowest(invited) <= 500*time.Millisecond, "the invited", invited)
		all := <-crowd
		o.want(count(all, 503) == 36 && o.metric("timeline_sheds_total", "reason", shedEvicted) == 8, "the others", count(all, 503))
	}},
	{"a queue of more than can come in", `{"concurrency_limit":"fixed","concurrency":1,"wait_queue":1000,"wait_timeout":"1s","store_delay":"100ms","shed":"fifo"}`, "", func(o *stricken) {
		all := o.crowd(0, 60, homePath)
		o.want(count(all, 200) >= 10 && count(all, 503) >= 49 && slowest(all) <= 1100*time.Millisecond && o.metric("timeline_sheds_total", "reason", shedWaited) >= 49, "60 at once", count(all, 200))
	}},
	{"one call in a hundred takes nearly all the time", `{"store_delay":"5s","store_delay_share":0.01}`, "", func(o *stricken) {
		slow := 0
		for range 2000 {
			if o.ask(7, homePath).took == 5*time.Second {
				slow++
			}
		}
		o.want(slow >= 1 && slow <= 60, "slow of 2,000", slow)
	}},
	{"everybody reconnects", `{"auth_delay":"2s","max_streams":10}`, "POST /streams/cut", func(o *stricken) {
		for n := range 11 {
			r, err := http.NewRequestWithContext(o.Context(), "GET", "http://service/api/v1/streaming/user", nil)
			if err != nil {
				o.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+Token(0, 1+n))
			began := time.Now()
			res, err := o.client.Do(r)
			if err != nil {
				o.Fatal(err)
			}
			go io.Copy(io.Discard, res.Body) // until it is cut
			o.want((res.StatusCode == 200) == (n < 10) && time.Since(began) == 2*time.Second, "a stream", n, res.StatusCode, time.Since(began))
		}
		o.want(o.metric("timeline_streams") == 10 && o.metric("timeline_sheds_total", "reason", "streams") == 1, "open streams", o.metric("timeline_streams"))
		o.order("POST /streams/cut", "")
		synctest.Wait()
		o.want(o.metric("timeline_streams") == 0, "open streams after they were cut", o.metric("timeline_streams"))
	}},
	{"a new feature is switched on at the peak", `{"flags":["new-ranker"],"rank_delay":"1s","rank_cache":"0s"}`, "", func(o *stricken) {
		a := o.ask(7, rankPath)
		o.want(a.source() == fromDegraded && o.metric("timeline_flag_info", "flag", "new-ranker") == 1, "with the flag", a)
		o.order("PATCH /knobs", `{"flags":[],"rank_delay":"0s"}`)
		a = o.ask(8, rankPath)
		o.want(a.source() == fromMerge && o.metric("timeline_flag_info", "flag", "new-ranker") == 0, "without it", a)
	}},
	{"the ranker is late and nothing stands in for it", `{"rank_delay":"1s","rank_cache":"0s","degrade_to_chrono":false}`, "", func(o *stricken) {
		a := o.ask(7, rankPath)
		o.want(count([]answer{a}, 503) == 1 && o.metric("timeline_rankings_total", "outcome", "late") == 1 && o.ask(7, homePath).took == 0, "the best", a)
	}},
	{"nobody can write for now", `{"read_only":true}`, "", func(o *stricken) {
		o.want(count(o.crowd(0, 5, sayPath), 503) == 5 && o.ask(7, homePath).code == 200 && o.metric("timeline_sheds_total", "reason", shedReadOnly) == 5, "posts are taken")
	}},
}

// TestOutages makes each outage at the control listener of a service that runs, and
// looks for what it is known by; then all knobs are turned back, and it is over.
func TestOutages(t *testing.T) {
	for _, c := range outages {
		t.Run(c.name, func(t *testing.T) {
			strike(t, func(o *stricken) {
				well := func(when string) {
					if a := o.ask(64, homePath); a.code != 200 || a.took > rebuildPatience {
						o.Errorf("%s, home is %d after %s", when, a.code, a.took)
					}
				}
				well("before")
				o.order("PATCH /knobs", c.knobs)
				if c.order != "" {
					o.order(c.order, "")
				}
				c.shows(o)
				back, err := json.Marshal(DefaultKnobs())
				if err != nil {
					t.Fatal(err)
				}
				o.order("PATCH /knobs", string(back))
				o.order("POST /limiter/restore", "")
				time.Sleep(2 * time.Hour) // rebuilding is not cut short
				well("afterwards")
			})
		})
	}
}

// TestOutagesAreWrittenDown checks that the guide has a row for each outage that
// is tested, with the knobs and the order that make it, and no other.
func TestOutagesAreWrittenDown(t *testing.T) {
	text, err := os.ReadFile("../docs/timeline.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	_, table, _ := strings.Cut(string(text), "| outage |")
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+?) \|(.*)$`).FindAllStringSubmatch(table, -1) {
		rows[row[1]] = row[2]
	}
	for _, c := range outages {
		row, there := rows[c.name]
		if !there {
			t.Errorf("the guide does not have %q", c.name)
			continue
		}
		delete(rows, c.name)
		var knobs map[string]any
		if err := json.Unmarshal([]byte(c.knobs), &knobs); err != nil {
			t.Fatal(err)
		}
		for name := range knobs {
			if !strings.Contains(row, name) {
				t.Errorf("%q does not name %s", c.name, name)
			}
		}
		if path, _, _ := strings.Cut(strings.TrimPrefix(c.order, "POST "), "?"); !strings.Contains(row, path) {
			t.Errorf("%q does not name %s", c.name, path)
		}
	}
	for name := range rows {
		t.Errorf("no test shows %q", name)
	}
}
