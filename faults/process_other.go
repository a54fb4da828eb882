//go:build !unix

package faults

import (
	"context"
	"errors"
	"syscall"
	"time"
)

const (
	signalStop     = syscall.Signal(-1)
	signalContinue = syscall.Signal(-2)
)

var errNotHere = errors.New("processes cannot be broken on this system")

func inspect(int) (state byte, start string, err error) { return 0, "", errNotHere }

func (id identity) signal(syscall.Signal) error { return errNotHere }

func (id identity) end(context.Context) error { return errNotHere }

func begun(identity) (time.Time, bool) { return time.Time{}, false }
