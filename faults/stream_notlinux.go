//go:build !linux

package faults

// stream passes bytes in large pieces until the link changes, which is an error.
func (p *pipe) stream() error { return p.copy() }
