package timeline

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// shownBy names, for each knob, a test of the difference it makes.
var shownBy = map[string]string{
	"fanout": "TestModesShowTheSame", "fanout_threshold": "TestModesShowTheSame", "fanout_workers": "TestWorkersAndBatches",
	"fanout_batch": "TestWorkersAndBatches", "fanout_queue": "TestPostingWaitsWhenTheQueueIsFull",
	"timeline_cap": "TestCapTurned", "active_only": "TestActiveOnly", "active_share": "TestActiveOnly",
	"cache_shards": "TestFlushAShard", "replicas": "TestReplicasSpreadAHotPost", "shard_cost": "TestReplicasSpreadAHotPost",
	"rebuild_delay": "TestRegenerating", "rebuild_workers": "TestRebuildWorkers", "coalesce": "TestCoalescing",
	"like_counter": "TestLikeCounters", "counter_shards": "TestLikeCounters",
	"rank_cost": "TestRankingKnobs", "rank_cache": "TestRankingKnobs", "rank_timeout": "TestRankingKnobs",
	"degrade_to_chrono": "TestRankingKnobs", "rank_delay": "TestRankingKnobs", "rank_delay_share": "TestRankingKnobs",
	"store_delay": "TestStoreDelay", "store_delay_share": "TestStoreDelay", "store_errors": "TestBreakerKnob",
	"store_retries": "TestStoreRetries", "retry_budget": "TestRetryBudget", "breaker": "TestBreakerKnob",
	"breaker_share": "TestBreakerShareAndDelay", "breaker_delay": "TestBreakerShareAndDelay",
	"limiter": "TestQuotas", "limit_window": "TestQuotas", "limit_per_token": "TestQuotas", "limit_per_address": "TestQuotas",
	"limit_pages": "TestQuotasOfPagesAndPosts", "limit_posts": "TestQuotasOfPagesAndPosts",
	"trust_forwarded": "TestForwardedAddress", "limiter_on_data_loss": "TestLimiterDataLoss",
	"max_connections": "TestMaxConnections", "concurrency_limit": "TestAdaptiveLimit", "concurrency": "TestNeverMoreInsideThanTheLimit",
	"wait_queue": "TestShedByPriority", "wait_timeout": "TestWaitTimeout", "shed": "TestShedInOrder",
	"public_cache": "TestPublicCache", "read_only": "TestWritesWhileReadOnly",
	"max_streams": "TestMaxStreams", "stream_heartbeat": "TestHeartbeats", "stream_buffer": "TestStreamBuffer",
	"build": "TestControlTurnsKnobs", "flags": "TestControlTurnsKnobs", "auth_delay": "TestAuthDelay",
	"error_share": "TestErrorShare", "error_code": "TestErrorShare",
}

// TestEveryKnobIsShown checks that each knob is turned in the test that is said to
// show it, or in a helper that this test calls.
func TestEveryKnobIsShown(t *testing.T) {
	bodies, calls := map[string]string{}, map[string][]string{}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is || f.Recv != nil {
				continue
			}
			bodies[f.Name.Name] = string(text[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset])
			ast.Inspect(f, func(n ast.Node) bool {
				if c, is := n.(*ast.CallExpr); is {
					if to, is := c.Fun.(*ast.Ident); is {
						calls[f.Name.Name] = append(calls[f.Name.Name], to.Name)
					}
				}
				return true
			})
		}
	}
	for _, one := range allKnobs {
		test := shownBy[one.name]
		body, there := bodies[test]
		for _, helper := range calls[test] {
			body += bodies[helper]
		}
		field := "k." + reflect.TypeFor[Knobs]().Field(one.at).Name
		turned := strings.Contains(body, field+",") || strings.Contains(body, field+" ") || strings.Contains(body, `"`+one.name+`"`)
		if !there || !strings.HasPrefix(test, "Test") || !turned {
			t.Errorf("the knob %s is said to be shown by %q, which does not turn it", one.name, test)
		}
	}
	if len(shownBy) != len(allKnobs) {
		t.Errorf("%d knobs are said to be shown, there are %d", len(shownBy), len(allKnobs))
	}
}

// TestCapTurned turns the cap while a home timeline is longer, and back.
func TestCapTurned(t *testing.T) {
	s := start(t, Options{Accounts: 10})
	for i := range 60 {
		s.say(t, 1, fmt.Sprint(i))
	}
	s.settle()
	for _, most := range []int{30, 7, 25} {
		s.turn(t, fmt.Sprintf(`{"timeline_cap":%d}`, most))
		if n := len(s.read(t, 2, "/api/v1/timelines/home?limit=40")); n != most {
			t.Errorf("with a cap of %d, %d are at home", most, n)
		}
	}
}

// TestStoreRetries lets every call fail: each is made once, and as often again as
// the knob says.
func TestStoreRetries(t *testing.T) {
	for _, retries := range []int{0, 1, 4} {
		inBubble(t, withKnobs(func(k *Knobs) { k.StoreErrors, k.RetryBudget, k.Breaker, k.StoreRetries = 1, 1, false, retries }), func(t *testing.T, s *Service) {
			for range 10 {
				checkRefusal(t, s.do(s.request(9, "GET", "/api/v1/timelines/home", nil)), 503, "The store cannot be reached")
			}
			got := s.scrape(t)
			if failed, again := value(got, "timeline_store_errors_total"), value(got, "timeline_store_retries_total"); failed != float64(10*(1+retries)) || again != float64(10*retries) {
				t.Errorf("with %d retries, %v calls failed, %v of them made again", retries, failed, again)
			}
		})
	}
}

// TestBreakerShareAndDelay fails every fourth call: the breaker opens if its share is
// less, and is tried after its delay.
func TestBreakerShareAndDelay(t *testing.T) {
	for _, share := range []float64{0.1, 0.2, 0.3, 0.9} {
		synctest.Test(t, func(t *testing.T) {
			k := withKnobs(func(k *Knobs) { k.BreakerShare, k.BreakerDelay, k.StoreRetries = share, 7*time.Second, 0 })
			g := &guard{retried: func() {}}
			for i := range 100 {
				_ = g.do(t.Context(), k, func(context.Context) error {
					if i%4 == 3 {
						return errStoreFails
					}
					return nil
				})
			}
			if opened := g.breaker.openness() == 1; opened != (share <= 0.25) {
				t.Fatalf("a quarter fails; at a share of %v it is open: %v", share, opened)
			} else if !opened {
				return
			}
			well := func() error { return g.do(t.Context(), k, func(context.Context) error { return nil }) }
			time.Sleep(k.BreakerDelay - time.Millisecond)
			if well() == nil {
				t.Error("it is tried too early")
			}
			time.Sleep(time.Millisecond)
			if err := well(); err != nil {
				t.Errorf("it is not tried in time: %v", err)
			}
		})
	}
}

// TestStreamBuffer leaves a stream unread: it is ended once it is behind by more
// events than the knob says, and what a pipe or a connection holds beside.
func TestStreamBuffer(t *testing.T) {
	for _, buffer := range []int{2, 50} {
		strike(t, func(o *stricken) {
			o.order("PATCH /knobs", fmt.Sprintf(`{"stream_buffer":%d,"stream_heartbeat":"1h"}`, buffer))
			conn, err := o.at.dial(o.Context(), "", "")
			if err != nil {
				o.Fatal(err)
			}
			defer conn.Close()
			r, err := http.NewRequest("GET", "http://service/api/v1/streaming/user", nil)
			if err != nil {
				o.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+Token(0, 2))
			if err := r.Write(conn); err != nil {
				o.Fatal(err)
			}
			synctest.Wait()
			told := 0
			for o.metric("timeline_streams_dropped_total") == 0 && told < 1000 {
				o.s.say(o, 1, "goal")
				o.s.settle()
				synctest.Wait()
				told++
			}
			if told <= buffer || told > buffer+10 {
				o.Errorf("with a buffer of %d, a stream is dropped after %d events", buffer, told)
			}
		})
	}
}
