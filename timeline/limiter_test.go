package timeline

import (
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// limited is a service with quotas of so many requests a window of a minute.
func limited(t testing.TB, onLoss string, quota int) *Service {
	return start(t, Options{Accounts: 50, Knobs: withKnobs(func(k *Knobs) {
		k.Limiter, k.LimiterOnDataLoss = true, onLoss
		k.LimitWindow, k.LimitPerToken, k.LimitPerAddress = time.Minute, quota, quota
		k.LimitPages, k.LimitPosts = quota, quota
	})})
}

// get is the answer to a read of a token or, for 0, of an address.
func (s *Service) get(who int, from string) *httptest.ResponseRecorder {
	r := s.request(who, "GET", "/api/v1/accounts/1", nil)
	r.RemoteAddr = from
	return s.do(r)
}

// TestQuotas uses up each quota: exactly that many are let through, the headers
// count down, others are not affected, and all is well in the next window.
func TestQuotas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := limited(t, "last_good", 5)
		for window := range 3 {
			for _, caller := range []struct {
				who  int
				from string
			}{{1, "127.0.0.1:1"}, {2, "127.0.0.1:1"}, {0, "127.0.0.1:1"}, {0, "127.0.0.2:1"}, {0, "[::1]:7"}} {
				for n := range 8 {
					w := s.get(caller.who, caller.from)
					reset, err := time.Parse(time.RFC3339Nano, w.Header().Get("X-RateLimit-Reset"))
					if err != nil || time.Until(reset) <= 0 || time.Until(reset) > time.Minute || reset.Second() != 0 {
						t.Fatalf("the window ends at %s: %v", w.Header().Get("X-RateLimit-Reset"), err)
					}
					if left := w.Header().Get("X-RateLimit-Remaining"); left != strconv.Itoa(max(0, 4-n)) || w.Header().Get("X-RateLimit-Limit") != "5" {
						t.Fatalf("window %d, %v, request %d: %s left", window, caller, n, left)
					}
					if n < 5 != (w.Code == 200) {
						t.Fatalf("window %d, %v, request %d answered %d", window, caller, n, w.Code)
					}
					if w.Code != 200 {
						checkRefusal(t, w, 429, "Too many requests")
						if again, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || again < 1 || again > 60 {
							t.Errorf("retry after %s", w.Header().Get("Retry-After"))
						}
					}
				}
			}
			time.Sleep(time.Minute)
		}
		got := s.scrape(t)
		if tokens, addresses := value(got, "timeline_limiter_denials_total", "by", "token"), value(got, "timeline_limiter_denials_total", "by", "address"); tokens != 3*2*3 || addresses != 3*3*3 {
			t.Errorf("%v and %v denials are counted", tokens, addresses)
		}
	})
}

// TestQuotasOfPagesAndPosts uses up those of paging and posting: reading on is
// not affected.
func TestQuotasOfPagesAndPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := limited(t, "last_good", 3)
		s.turn(t, `{"limit_per_token":1000}`)
		for n := range 5 {
			page := s.do(s.request(1, "GET", "/api/v1/timelines/home?limit=1&max_id=99999999999999999", nil)).Code
			post := s.do(s.request(1, "POST", "/api/v1/statuses", map[string][]string{"status": {"x"}})).Code
			read := s.do(s.request(1, "GET", "/api/v1/timelines/home?limit=1", nil)).Code
			if n < 3 != (page == 200) || n < 3 != (post == 200) || read != 200 {
				t.Errorf("time %d: a page %d, a post %d, a read %d", n, page, post, read)
			}
		}
		time.Sleep(15 * time.Minute)
		if page := s.do(s.request(1, "GET", "/api/v1/timelines/home?limit=1&since_id=1", nil)).Code; page != 200 {
			t.Errorf("a page in the next window answers %d", page)
		}
	})
}

// TestLimiterLeavesOut checks what is never limited, and that a wrong token is.
func TestLimiterLeavesOut(t *testing.T) {
	s := limited(t, "last_good", 1)
	for range 5 {
		for _, path := range []string{"/health", "/metrics", "/api/v1/streaming/health"} {
			if w := s.do(s.request(0, "GET", path, nil)); w.Code != 200 {
				t.Errorf("%s answers %d", path, w.Code)
			}
		}
	}
	wrong := func() int {
		r := s.request(0, "GET", "/api/v1/timelines/home", nil)
		r.Header.Set("Authorization", "Bearer 1-0")
		return s.do(r).Code
	}
	if first, second := wrong(), wrong(); first != 401 || second != 429 {
		t.Errorf("guessing tokens answers %d and %d", first, second)
	}
}

func TestForwardedAddress(t *testing.T) {
	s := limited(t, "last_good", 1)
	s.turn(t, `{"trust_forwarded":true}`)
	from := func(forwarded ...string) int {
		r := s.request(0, "GET", "/api/v1/accounts/1", nil)
		for _, f := range forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		return s.do(r).Code
	}
	for i, c := range []struct {
		forwarded []string
		code      int
	}{
		{[]string{"10.0.0.1"}, 200}, {[]string{"10.0.0.1"}, 429}, {[]string{"10.0.0.1, 10.0.0.2"}, 200}, {[]string{"10.0.0.9", "::ffff:10.0.0.2"}, 429},
		{[]string{"nonsense"}, 200}, {nil, 429}, // both are the address of the connection
	} {
		if code := from(c.forwarded...); code != c.code {
			t.Errorf("request %d, forwarded for %v, answers %d, want %d", i, c.forwarded, code, c.code)
		}
	}
}

// TestLimiterDataLoss loses the data in each way under each policy.
func TestLimiterDataLoss(t *testing.T) {
	for _, c := range []struct {
		policy, as string
		used, kept int // what somebody over quota, and within it, is answered
		back       int // the one over quota, when the data is back
	}{
		{"open", "lost", 200, 200, 200},
		{"closed", "lost", 503, 503, 200},
		{"last_good", "lost", 429, 200, 429},
		{"open", "zeros", 429, 429, 200}, // nobody noticed: the lie of 8 February 2023
		{"last_good", "zeros", 429, 429, 429},
	} {
		t.Run(c.policy+" "+c.as, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := limited(t, c.policy, 8)
				for range 10 {
					s.get(1, "127.0.0.1:1")
				}
				s.get(2, "127.0.0.1:1")
				if w := control(s, "Bearer secret", "POST", "/limiter/wipe?for=20s&as="+c.as, ""); w.Code != 200 {
					t.Fatalf("wiping answers %d %s", w.Code, w.Body)
				}
				if got := s.get(1, "127.0.0.1:1"); got.Code != c.used {
					t.Errorf("over quota answers %d, want %d", got.Code, c.used)
				} else if got.Code == 503 && got.Header().Get("Retry-After") == "" {
					t.Error("503 without Retry-After")
				}
				if got := s.get(2, "127.0.0.1:1").Code; got != c.kept {
					t.Errorf("within quota answers %d, want %d", got, c.kept)
				}
				time.Sleep(20 * time.Second)
				if got := s.get(1, "127.0.0.1:1").Code; got != c.back {
					t.Errorf("afterwards over quota answers %d, want %d", got, c.back)
				}
				if got := s.get(2, "127.0.0.1:1").Code; got != 200 {
					t.Errorf("afterwards within quota answers %d", got)
				}
			})
		})
	}
}

// TestLimiterIsRestored ends a loss without end.
func TestLimiterIsRestored(t *testing.T) {
	s := limited(t, "closed", 8)
	control(s, "Bearer secret", "POST", "/limiter/wipe", "")
	if got := s.get(1, "127.0.0.1:1").Code; got != 503 {
		t.Errorf("without data it answers %d", got)
	}
	control(s, "Bearer secret", "POST", "/limiter/restore", "")
	if got := s.get(1, "127.0.0.1:1").Code; got != 200 {
		t.Errorf("with its data back it answers %d", got)
	}
}
