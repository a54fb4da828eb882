package targets

import (
	"fmt"
	"slices"

	"gameday/scenarios"
)

// The transports: how requests travel to a target.
const (
	TransportAuto  = "auto"  // what suits the target: http1, or h2 if it offers that over TLS; so is the empty text
	TransportHTTP1 = "http1" // HTTP/1.1, over a transport of our own that costs little
	TransportNet   = "net"   // HTTP/1.1, over the transport of net/http
	TransportH2    = "h2"    // HTTP/2 over TLS, and nothing less
	TransportH2C   = "h2c"   // HTTP/2 without TLS, without asking whether the target speaks it
	TransportH3    = "h3"    // HTTP/3, which is over QUIC and so over TLS
)

var transports = []string{"", TransportAuto, TransportHTTP1, TransportNet, TransportH2, TransportH2C, TransportH3}

// validateTransport returns what is wrong with the transport and with TLS. The
// scheme of the target's URL is empty if that cannot be read.
func (t Target) validateTransport(file, key, scheme string) scenarios.Mistakes {
	var found scenarios.Mistakes
	add := func(key, says string) {
		found = append(found, scenarios.Mistake{File: file, Key: key, Says: says})
	}
	switch {
	case !slices.Contains(transports, t.Transport):
		add(key+".transport", fmt.Sprintf("%q: want auto, http1, net, h2, h2c or h3", t.Transport))
	case scheme == "https" && t.Transport == TransportH2C:
		add(key+".transport", fmt.Sprintf("%q is HTTP/2 without TLS, and the url says https; want h2", t.Transport))
	case scheme == "http" && t.Transport == TransportH2:
		add(key+".transport", fmt.Sprintf("%q is HTTP/2 over TLS, and the url says http; want h2c, or a url with https", t.Transport))
	case scheme == "http" && t.Transport == TransportH3:
		add(key+".transport", fmt.Sprintf("%q goes over TLS, and the url says http; want a url with https", t.Transport))
	}
	if scheme == "http" && t.TLS != (TLS{}) {
		add(key+".tls", "the url says http, which has no TLS; want a url with https, or no tls")
	}
	return append(found, t.TLS.validate(file, key+".tls")...)
}
