package timeline

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Control is the service's other side, where it is broken and mended on purpose:
// an [http.Handler] for a listener of its own, never the public one. All requests
// carry the token as their bearer; an empty token keeps everybody out.
//
//	GET   /healthz                       {"status":"UP"}, without a token
//	GET   /knobs                         every knob
//	PATCH /knobs                         a JSON object of knobs: all are set, or none
//	POST  /cache/flush[?shard=N]         empties one cache shard, or all
//	POST  /limiter/wipe[?as=lost|zeros][&for=60s]  loses the limiter's data
//	POST  /limiter/restore               brings it back
//	POST  /streams/cut                   ends all streams
//
// Whatever else can be broken is a knob: the delay of the store and the ranker,
// the workers of the fan-out, the reported build and flags. A refusal is
// {"error":"..."}, or {"mistakes":[{"key":"...","says":"..."}]}.
func (s *Service) Control(token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { tellJSON(w, 200, object{"status": "UP"}) })
	for pattern, do := range map[string]func(*http.Request) (any, error){
		"GET /knobs":            func(*http.Request) (any, error) { return s.knobs.Load(), nil },
		"PATCH /knobs":          s.controlKnobs,
		"POST /cache/flush":     s.controlFlush,
		"POST /limiter/wipe":    s.controlWipe,
		"POST /limiter/restore": func(*http.Request) (any, error) { s.limiter.restore(); return object{"limiter": lossNone}, nil },
		"POST /streams/cut":     func(*http.Request) (any, error) { return object{"cut": s.hub.cut(false)}, nil },
	} {
		mux.HandleFunc(pattern, controlled(token, do))
	}
	return mux
}

// refusal is why something was not done.
type refusal struct {
	code     int
	says     string
	mistakes []KnobMistake
}

func (r *refusal) Error() string { return r.says }

// controlled does something for those who have the token.
func controlled(token string, do func(*http.Request) (any, error)) http.HandlerFunc {
	want := sha256.Sum256([]byte(token))
	return func(w http.ResponseWriter, r *http.Request) {
		given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(given))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || !bearer || token == "" {
			w.Header().Set("Www-Authenticate", `Bearer realm="control"`)
			tellJSON(w, http.StatusUnauthorized, object{"error": "want the control token as bearer"})
			return
		}
		said, err := do(r)
		switch bad := err.(type) {
		case nil:
			tellJSON(w, http.StatusOK, said)
		case *refusal:
			if bad.mistakes != nil {
				tellJSON(w, bad.code, object{"mistakes": bad.mistakes})
				return
			}
			tellJSON(w, bad.code, object{"error": bad.says})
		default:
			tellJSON(w, http.StatusInternalServerError, object{"error": err.Error()})
		}
	}
}

func tellJSON(w http.ResponseWriter, code int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		code, body = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n'))
}

// controlKnobs sets knobs and answers with all of them.
func (s *Service) controlKnobs(r *http.Request) (any, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, &refusal{code: http.StatusBadRequest, says: "the body cannot be read, or is larger than 1 MB"}
	}
	if found := s.Turn(body); len(found) > 0 {
		return nil, &refusal{code: http.StatusUnprocessableEntity, says: found[0].Says, mistakes: found}
	}
	return s.knobs.Load(), nil
}

// controlFlush empties the cache of home timelines.
func (s *Service) controlFlush(r *http.Request) (any, error) {
	shard, err := -1, error(nil)
	if text := r.URL.Query().Get("shard"); text != "" {
		shard, err = strconv.Atoi(text)
		if shards := s.knobs.Load().CacheShards; err != nil || shard < 0 || shard >= shards {
			return nil, &refusal{code: http.StatusUnprocessableEntity, says: fmt.Sprintf("shard=%s: want 0 to %d", text, shards-1)}
		}
	}
	flushed, err := s.flush(r.Context(), shard)
	if err != nil {
		return nil, fmt.Errorf("flushing the cache: %w", err)
	}
	return object{"flushed": flushed}, nil
}

// controlWipe loses the limiter's data.
func (s *Service) controlWipe(r *http.Request) (any, error) {
	query := r.URL.Query()
	as := lossKnown
	if text := query.Get("as"); text != "" {
		if as = loss(text); as != lossKnown && as != lossZeros {
			return nil, &refusal{code: http.StatusUnprocessableEntity, says: fmt.Sprintf("as=%s: want lost or zeros", text)}
		}
	}
	lasting := time.Duration(0)
	if text := query.Get("for"); text != "" {
		var err error
		if lasting, err = time.ParseDuration(text); err != nil || lasting <= 0 {
			return nil, &refusal{code: http.StatusUnprocessableEntity, says: fmt.Sprintf("for=%s: want a duration above zero, such as 60s", text)}
		}
	}
	s.limiter.wipe(as, lasting, s.knobs.Load().LimiterOnDataLoss)
	return object{"limiter": as}, nil
}
