// Package faults is BREAKING and mending: one file a kind, one visible table of
// kinds.
//
// A [Fault] is what a scenario writes, a [Site] what of a target can be broken. A
// [Keeper] breaks the one by the other, says whether it bites, and mends it
// however the play ends; what a killed play left in force stands in its journal,
// where [Leftovers] finds it.
package faults

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// A Mistake is something wrong in what a person wrote.
type Mistake struct {
	Key  string // below the fault or the site, such as latency or inject.run
	Says string // what is wrong, and what was wanted
}

// patience is how long an injection, a look or a mending may take that does not
// say otherwise. None takes longer, whatever hangs.
const patience = 10 * time.Second

// kind is one way to break something.
type kind struct {
	name  string
	keys  func(Fault) []string  // of a fault, besides name and kind
	wrong func(Fault) []Mistake // what is wrong with it, whatever the target is
	fits  func(Fault, Site) []Mistake
	// places are what a fault breaks: two faults do not break one place at once.
	places func(Fault) []string
	// prepare finds out what is needed to break and to mend, and changes nothing.
	prepare func(context.Context, Fault, *Keeper) (breakage, error)
	// undo mends from a journal; nil: it does not outlive the process.
	undo func(context.Context, json.RawMessage) error
}

// kinds are all there are.
var kinds = []kind{
	{"link", toxicKeys, toxicMistakes, linkFits, toxicPlaces, prepareLink, nil},
	{"toxiproxy", toxicKeys, toxiproxyMistakes, toxiproxyFits, toxicPlaces, prepareToxiproxy, undoToxiproxy},
	{"process", processKeys, processMistakes, processFits, processPlaces, prepareProcess, undoProcess},
	{"service", serviceKeys, serviceMistakes, serviceFits, servicePlaces, prepareService, undoService},
	{"command", stepKeys, commandMistakes, anySite, ownPlace, prepareCommand, undoCommand},
	{"http", stepKeys, httpMistakes, anySite, ownPlace, prepareHTTP, undoHTTP},
}

// Kinds are the names of all kinds.
func Kinds() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// kindOf is the kind of that name.
func kindOf(name string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// A breakage is a fault that is ready to be injected. Its functions take at most
// [patience] each, or what the fault says, and end early when ctx does.
type breakage struct {
	// undo is what another process needs to mend it, written as JSON before it is
	// injected; nil: it does not outlive this process.
	undo any
	// inject breaks. After an error mend is called all the same.
	inject func(context.Context) error
	// mend may be called before inject and again after itself.
	mend func(context.Context) error
	// bites looks whether the fault is in force. An error says why that cannot be
	// told.
	bites func(context.Context) (bool, error)
	reach func() Reach // nil: nobody counts
}

// Reach is how much a fault has touched so far.
type Reach struct {
	Connections int64 // that passed by while it was in force
	Hit         int64 // of them, those it was drawn for
	Bytes       int64 // that it delayed, cut or swallowed
}
