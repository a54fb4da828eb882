package timeline

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// heard is one event of a stream, or with no name a heartbeat.
type heard struct {
	name string
	data string
}

// listen opens a stream and gives its events; the channel closes when it ends.
func listen(t testing.TB, client *http.Client, url, token string) <-chan heard {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream answers %d %s", res.StatusCode, res.Header)
	}
	out := make(chan heard, 1000)
	go func() {
		defer close(out)
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		now := heard{}
		for lines.Scan() {
			switch name, rest, _ := strings.Cut(lines.Text(), ":"); name {
			case "":
				if rest == "thump" {
					out <- heard{}
				}
			case "event":
				now.name = strings.TrimSpace(rest)
			case "data":
				now.data = rest
				out <- now
			}
		}
	}()
	return out
}

// next is the next event that is no heartbeat.
func next(t testing.TB, from <-chan heard) heard {
	t.Helper()
	for {
		select {
		case e, open := <-from:
			if !open {
				t.Fatal("the stream ended")
			}
			if e.name != "" {
				return e
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing came on the stream for 10 s")
		}
	}
}

// nextStatus is the status of the next event, which must be an update.
func nextStatus(t testing.TB, from <-chan heard) statusJSON {
	t.Helper()
	e := next(t, from)
	var st statusJSON
	if err := json.Unmarshal([]byte(e.data), &st); err != nil || e.name != "update" {
		t.Fatalf("heard %v: %v", e, err)
	}
	return st
}

// until waits until something is so.
func until(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited 10 s for " + what)
		}
	}
}

// TestStreams posts, and hears of it on the streams of its author, of those who
// follow, of the public, and on no other; in the order of ids.
func TestStreams(t *testing.T) {
	for _, fanout := range []string{"push", "pull", "hybrid"} {
		t.Run(fanout, func(t *testing.T) {
			s := start(t, Options{Accounts: 50, Knobs: withKnobs(func(k *Knobs) { k.Fanout, k.FanoutThreshold = fanout, 10 })})
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			open := func(path string, who int) <-chan heard {
				token := ""
				if who > 0 {
					token = Token(0, who)
				}
				return listen(t, server.Client(), server.URL+"/api/v1/streaming/"+path, token)
			}
			s.people.unfollow(7, 1)
			author, follower, other := open("user", 1), open("user", 2), open("user", 7)
			public, local := open("public", 0), open("public/local", 3)
			until(t, "five streams", func() bool { return s.hub.open.Load() == 5 })
			for range 10 {
				listed, unlisted := s.say(t, 1, "goal").ID, s.say(t, 1, "psst", "visibility", "unlisted").ID
				for name, stream := range map[string]<-chan heard{"author": author, "follower": follower} {
					if first, second := nextStatus(t, stream), nextStatus(t, stream); first.ID != listed || second.ID != unlisted || first.Favourited == nil {
						t.Errorf("the %s hears of %s and %s, want %s and %s", name, first.ID, second.ID, listed, unlisted)
					}
				}
				for name, stream := range map[string]<-chan heard{"public": public, "local": local} {
					if got := nextStatus(t, stream); got.ID != listed {
						t.Errorf("the %s stream hears of %s, want %s", name, got.ID, listed)
					}
				}
			}
			s.say(t, 7, "mine")
			if own := nextStatus(t, other); own.Content != "<p>mine</p>" {
				t.Errorf("who does not follow hears of %s", own.Content)
			}
		})
	}
}

// TestNotifications does everything one can do to somebody; they hear of it once,
// of what they do themselves never.
func TestNotifications(t *testing.T) {
	s := start(t, Options{Accounts: 50})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	id := s.say(t, 40, "mine").ID
	s.people.unfollow(2, 40)
	stream := listen(t, server.Client(), server.URL+"/api/v1/streaming/user", Token(0, 40))
	for _, who := range []int{40, 2} {
		s.act(t, who, "/api/v1/statuses/"+id+"/favourite")
		s.act(t, who, "/api/v1/statuses/"+id+"/reblog")
		s.say(t, who, "an answer", "in_reply_to_id", id)
	}
	s.do(s.request(2, "POST", "/api/v1/accounts/40/follow", nil))
	got := map[string]int{}
	for len(got) < 4 {
		e := next(t, stream)
		if e.name == "update" {
			continue
		}
		var n struct {
			ID, Type  string
			CreatedAt time.Time `json:"created_at"`
			Account   accountJSON
			Status    *statusJSON
		}
		if err := json.Unmarshal([]byte(e.data), &n); err != nil || e.name != "notification" {
			t.Fatalf("heard %v: %v", e, err)
		}
		if n.ID == "" || n.Account.ID != "2" || (n.Status == nil) != (n.Type == "follow") || time.Since(n.CreatedAt) > time.Minute {
			t.Errorf("heard %s", e.data)
		}
		if got[n.Type]++; got[n.Type] > 1 {
			t.Errorf("heard of a %s twice", n.Type)
		}
	}
	for _, kind := range []string{"favourite", "reblog", "mention", "follow"} {
		if got[kind] != 1 {
			t.Errorf("heard of %v", got)
		}
	}
}

// TestStreamsAreCut ends all streams; who comes back is served.
func TestStreamsAreCut(t *testing.T) {
	s := start(t, Options{Accounts: 20})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	var streams []<-chan heard
	for who := range 10 {
		streams = append(streams, listen(t, server.Client(), server.URL+"/api/v1/streaming/user", Token(0, 1+who)))
	}
	until(t, "ten streams", func() bool { return s.hub.open.Load() == 10 })
	if w := control(s, "Bearer secret", "POST", "/streams/cut", ""); !strings.Contains(w.Body.String(), `"cut": 10`) {
		t.Errorf("cutting answers %s", w.Body)
	}
	for _, stream := range streams {
		select {
		case _, open := <-stream:
			if open {
				t.Error("something came on a stream that was cut")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("a stream was not cut")
		}
	}
	until(t, "no streams", func() bool { return s.hub.open.Load() == 0 && len(s.hub.users) == 0 })
	again := listen(t, server.Client(), server.URL+"/api/v1/streaming/user", Token(0, 1))
	until(t, "a stream", func() bool { return s.hub.open.Load() == 1 })
	id := s.say(t, 1, "back again").ID
	if got := nextStatus(t, again); got.ID != id {
		t.Errorf("after coming back heard of %s", got.ID)
	}
	if got := s.scrape(t); value(got, "timeline_streams") != 1 || value(got, "timeline_streams_opened_total") != 11 || value(got, "timeline_stream_events_total") != 1 {
		t.Error("the streams are counted wrongly")
	}
}

// TestMaxStreams opens one more than may be open.
func TestMaxStreams(t *testing.T) {
	s := start(t, Options{Accounts: 20, Knobs: withKnobs(func(k *Knobs) { k.MaxStreams = 2 })})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	listen(t, server.Client(), server.URL+"/api/v1/streaming/user", Token(0, 1))
	listen(t, server.Client(), server.URL+"/api/v1/streaming/public", "")
	until(t, "two streams", func() bool { return s.hub.open.Load() == 2 })
	w := s.do(s.request(1, "GET", "/api/v1/streaming/user", nil))
	checkRefusal(t, w, 503, "No more streams can be opened; try again later")
	if w.Header().Get("Retry-After") == "" || value(s.scrape(t), "timeline_sheds_total", "reason", "streams") != 1 {
		t.Error("a stream too many is refused without Retry-After, or not counted")
	}
}

// TestSlowReaderIsDropped tells streams that nobody reads: they end, and telling
// never waits.
func TestSlowReaderIsDropped(t *testing.T) {
	dropped := 0
	h := newHub(3, func() { dropped++ })
	slow := h.join(1, 1, 4, 10)
	fast := h.join(1, 1, 100, 10)
	for range 50 {
		h.tell(1, event{})
		h.tell(2, event{})
	}
	select {
	case <-slow.gone:
	default:
		t.Error("a stream that nobody reads is not ended")
	}
	if dropped != 1 || len(fast.events) != 50 {
		t.Errorf("%d streams were dropped, and the other has %d events", dropped, len(fast.events))
	}
	h.leave(1, slow)
	h.leave(1, fast)
	if h.open.Load() != 0 || len(h.users) != 0 || h.opened[0].Load() != 0 {
		t.Error("streams that left are still there")
	}
}

// TestHeartbeats streams in a bubble, over a pipe: a beat as often as the knob says,
// every 15 seconds unless it is turned, and none of the time limits of requests.
func TestHeartbeats(t *testing.T) {
	for _, every := range []time.Duration{15 * time.Second, 3 * time.Second} {
		strike(t, func(o *stricken) {
			if every != DefaultKnobs().StreamHeartbeat {
				o.order("PATCH /knobs", patchOf("stream_heartbeat", every))
			}
			stream := listen(o, o.client, "http://timeline/api/v1/streaming/user", Token(0, 1))
			began := time.Now()
			for beat := range 20 {
				if e, open := <-stream; !open || e.name != "" {
					o.Fatalf("heard %v", e)
				}
				if got, want := time.Since(began), time.Duration(beat+1)*every; got != want {
					o.Fatalf("beat %d came after %s, want %s", beat, got, want)
				}
			}
			o.end()
			if _, open := <-stream; open {
				o.Error("the stream did not end with the service")
			}
		})
	}
}
