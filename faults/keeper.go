package faults

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A Keeper breaks a site and keeps count of what is in force, so that all of it is
// mended however a play ends: defer [Keeper.Close]. It is safe for concurrent use.
type Keeper struct {
	journal *journal

	mu        sync.Mutex
	site      Site
	relays    map[string]*relay
	processes map[string]*process
	holds     map[string]*hold // by the fault's name; also those that are mended
	n         int
	closed    bool
}

// Open starts the relays of the site's links and the processes that are commands.
// Whatever could outlive this process is written to journal, as JSON lines, before
// it is broken and when it is mended; nil: nowhere.
func Open(site Site, journal io.Writer) (*Keeper, error) {
	k := &Keeper{journal: newJournal(journal), relays: map[string]*relay{},
		processes: map[string]*process{}, holds: map[string]*hold{}}
	if err := k.Add(site); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	return k, nil
}

// Add adds to what can be broken: a service may be started after the links that
// it needs. After an error the keeper is good for nothing but Close.
func (k *Keeper) Add(site Site) error {
	if found := site.Validate(); len(found) > 0 {
		return fmt.Errorf("%s: %s", found[0].Key, found[0].Says)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return errClosed
	}
	for _, l := range site.Links {
		if k.relays[l.Name] != nil {
			return fmt.Errorf("there is a link %s already", l.Name)
		}
		r, err := startRelay(l)
		if err != nil {
			return err
		}
		k.relays[l.Name] = r
	}
	for _, p := range site.Processes {
		if k.processes[p.Name] != nil {
			return fmt.Errorf("there is a process %s already", p.Name)
		}
		live := &process{Process: p, keeper: k}
		var err error
		if p.PID != 0 {
			live.id, err = identify(p.PID)
		} else if len(p.Run) > 0 {
			err = live.run()
		}
		if err != nil {
			return fmt.Errorf("process %s: %w", p.Name, err)
		}
		k.processes[p.Name] = live
	}
	k.site.Toxiproxy = cmp.Or(site.Toxiproxy, k.site.Toxiproxy)
	k.site.Control = cmp.Or(site.Control, k.site.Control)
	return nil
}

// Address is where the relay of a link listens; empty if there is no such link.
func (k *Keeper) Address(link string) string {
	if r, ok := k.relay(link); ok {
		return r.address
	}
	return ""
}

func (k *Keeper) relay(link string) (*relay, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.relays[link]
	return r, ok
}

func (k *Keeper) process(name string) (*process, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.processes[name]
	return p, ok
}

func (k *Keeper) control() Control {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.site.Control
}

func (k *Keeper) toxiproxy() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.site.Toxiproxy
}

// InForce are the names of the faults that are not mended, in the order in which
// they were injected.
func (k *Keeper) InForce() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var names []string
	for _, h := range k.held() {
		names = append(names, h.fault.Name)
	}
	return names
}

// Close mends all, ends the processes that it started, and closes the links. After
// it nothing can be injected. It may be called again, which tries again what
// failed.
func (k *Keeper) Close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	failed := []error{k.MendAll()}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.processes {
		failed = append(failed, p.stop(context.Background()))
	}
	for _, r := range k.relays {
		r.close()
	}
	return errors.Join(failed...)
}
