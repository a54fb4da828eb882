package faults

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// prepareHTTP breaks by calls to those who own what is broken.
func prepareHTTP(_ context.Context, f Fault, _ *Keeper) (breakage, error) {
	f.Confirm.Method = cmp.Or(f.Confirm.Method, http.MethodGet)
	return stepped(f, callStep), nil
}

func undoHTTP(ctx context.Context, undo json.RawMessage) error {
	return undoStep(ctx, undo, callStep)
}

// callStep calls. An answer below 500 that is not the wanted one says no; one from
// 500 on, unless it is wanted, says nothing.
func callStep(ctx context.Context, s Step) (outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.within(), fmt.Errorf("no answer within %s", s.within()))
	defer cancel()
	c := call{Method: cmp.Or(s.Method, http.MethodPost), URL: s.URL, Body: s.Body, Type: s.Type, Token: s.Token}
	code, body, err := c.do(ctx)
	if err != nil {
		return outcome{}, err
	}
	ok := code == s.Status || s.Status == 0 && code >= 200 && code < 300
	ok = ok && strings.Contains(string(body), s.Contains)
	said := fmt.Sprintf("answered %d%s", code, firstLine(string(body)))
	if !ok && code >= 500 {
		return outcome{}, fmt.Errorf("%s", said)
	}
	return outcome{ok: ok, said: said}, nil
}
