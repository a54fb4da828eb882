package harness

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"gameday/targets"
)

// TestTrust holds whom each transport trusts, and who trusts it, with the files
// that a target names. The cause of every refusal is TLS.
func TestTrust(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	cert, key := ours.files(t)
	wrongCert, wrongKey := theirs.files(t)
	good := &tls.Config{Certificates: []tls.Certificate{ours.issue(t, nil)}}
	strict := &tls.Config{Certificates: good.Certificates, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ours.pool()}
	strict12 := strict.Clone()
	strict12.MaxVersion = tls.VersionTLS12
	issued := func(change func(*x509.Certificate)) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{ours.issue(t, change)}}
	}
	elsewhere := issued(func(c *x509.Certificate) { c.IPAddresses = nil })
	for name, tt := range map[string]struct {
		server *tls.Config
		tls    targets.TLS
		cause  string // empty: trusted
	}{
		"our own authority":           {good, targets.TLS{CA: ours.file}, ""},
		"no authority named":          {good, targets.TLS{}, causeTLS},
		"another authority":           {good, targets.TLS{CA: theirs.file}, causeTLS},
		"another name":                {elsewhere, targets.TLS{CA: ours.file}, causeTLS},
		"another name, said":          {elsewhere, targets.TLS{CA: ours.file, ServerName: "timeline.example"}, ""},
		"a name it has not":           {good, targets.TLS{CA: ours.file, ServerName: "other.example"}, causeTLS},
		"expired":                     {issued(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), targets.TLS{CA: ours.file}, causeTLS},
		"not yet valid":               {issued(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }), targets.TLS{CA: ours.file}, causeTLS},
		"TLS 1.1":                     {&tls.Config{Certificates: good.Certificates, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, targets.TLS{CA: ours.file}, causeTLS},
		"with a certificate":          {strict, targets.TLS{CA: ours.file, Cert: cert, Key: key}, ""},
		"without a certificate":       {strict, targets.TLS{CA: ours.file}, causeTLS},
		"the wrong certificate":       {strict, targets.TLS{CA: ours.file, Cert: wrongCert, Key: wrongKey}, causeTLS},
		"TLS 1.2, with a certificate": {strict12, targets.TLS{CA: ours.file, Cert: cert, Key: key}, ""},
		"TLS 1.2, the wrong one":      {strict12, targets.TLS{CA: ours.file, Cert: wrongCert, Key: wrongKey}, causeTLS},
	} {
		for _, transport := range overTLS {
			if transport == targets.TransportH3 && tt.server.MaxVersion != 0 {
				continue // QUIC is TLS 1.3
			}
			t.Run(name+" over "+transport, func(t *testing.T) {
				t.Parallel()
				address := serve(t, transport, tt.server, tells)
				conf, err := targets.Target{Name: "t", URL: address, TLS: tt.tls}.TLSConfig()
				if err != nil {
					t.Fatal(err)
				}
				err = failure(t, transport, address, conf)
				if tt.cause == "" && err != nil || tt.cause != "" && (err == nil || causeOf(err) != tt.cause) {
					t.Errorf("%v, want cause %q", err, tt.cause)
				}
			})
		}
	}
}
