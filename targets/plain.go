package targets

import "gameday/scenarios"

// plain is the dialect of any HTTP service: the action itself says what to ask.
type plain struct{}

var _ API = plain{}

func (plain) Call(a scenarios.Action, _ uint64) Call {
	return Call{Method: a.Method, Path: a.Path, Type: a.Type, Body: a.Body}
}
