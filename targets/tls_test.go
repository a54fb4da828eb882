package targets

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gameday/scenarios"
)

// leaf makes a certificate that signs itself, and its key, in PEM.
func leaf(t *testing.T, from, to time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, DNSNames: []string{"timeline.example"}}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// TestTLSConfig holds what is made of the files, and what is said of bad ones. What
// stands in a file is never said.
func TestTLSConfig(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Now()
	cert, key := leaf(t, now.Add(-time.Hour), now.Add(time.Hour))
	other, otherKey := leaf(t, now.Add(-time.Hour), now.Add(time.Hour))
	old, oldKey := leaf(t, now.Add(-48*time.Hour), time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC))
	early, earlyKey := leaf(t, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2999, 2, 1, 0, 0, 0, 0, time.UTC))
	for name, text := range map[string]string{
		"cert.pem": cert, "key.pem": key, "both.pem": key + cert + other, "old.pem": old, "old.key": oldKey,
		"early.pem": early, "early.key": earlyKey, "other.key": otherKey, "empty.pem": "", "words.pem": "no certificate",
		"broken.pem":    "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n",
		"broken.key":    "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
		"encrypted.key": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n",
		"locked.key":    "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	locked := "the private key is locked with a passphrase; want one without"
	for _, tt := range []struct {
		tls  TLS
		want string // of the error
	}{
		{TLS{}, ""},
		{TLS{CA: "cert.pem"}, ""},
		{TLS{CA: "both.pem", Cert: "cert.pem", Key: "key.pem"}, ""},
		{TLS{Cert: "both.pem", Key: "both.pem"}, ""},
		{TLS{CA: "none.pem"}, "tls.ca: there is no file none.pem"},
		{TLS{CA: "."}, "tls.ca: read .: is a directory"},
		{TLS{CA: "empty.pem"}, "tls.ca: empty.pem: no certificate in PEM in it"},
		{TLS{CA: "words.pem"}, "tls.ca: words.pem: no certificate in PEM in it"},
		{TLS{CA: "key.pem"}, "tls.ca: key.pem: no certificate in PEM in it"},
		{TLS{CA: "broken.pem"}, "tls.ca: broken.pem: certificate 1 cannot be read: x509: malformed certificate"},
		{TLS{Cert: "none.pem", Key: "key.pem"}, "tls.cert: there is no file none.pem"},
		{TLS{Cert: "cert.pem", Key: "none.pem"}, "tls.key: there is no file none.pem"},
		{TLS{Cert: "key.pem", Key: "key.pem"}, "tls.cert: key.pem: no certificate in PEM in it"},
		{TLS{Cert: "cert.pem", Key: "cert.pem"}, "tls.key: cert.pem: no private key in PEM in it"},
		{TLS{Cert: "cert.pem", Key: "other.key"}, "tls.key: other.key: the private key does not fit the certificate in cert.pem"},
		{TLS{Cert: "cert.pem", Key: "broken.key"}, "tls.key: broken.key: the private key cannot be read: tls: failed to parse private key"},
		{TLS{Cert: "cert.pem", Key: "encrypted.key"}, "tls.key: encrypted.key: " + locked},
		{TLS{Cert: "cert.pem", Key: "locked.key"}, "tls.key: locked.key: " + locked},
		{TLS{Cert: "old.pem", Key: "old.key"}, "tls.cert: old.pem: the certificate expired on 2026-01-31 12:00:00"},
		{TLS{Cert: "early.pem", Key: "early.key"}, "tls.cert: early.pem: the certificate is not valid before 2999-01-01 00:00:00"},
	} {
		conf, err := Target{Name: "staging", TLS: tt.tls}.TLSConfig()
		switch {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || err.Error() != "target staging: "+tt.want):
			t.Errorf("%+v: %v, want %q", tt.tls, err, tt.want)
		case err == nil && (conf.MinVersion != tls.VersionTLS12 || conf.InsecureSkipVerify || conf.ClientSessionCache == nil ||
			(conf.RootCAs == nil) != (tt.tls.CA == "") || (len(conf.Certificates) == 0) != (tt.tls.Cert == "")):
			t.Errorf("%+v: %+v", tt.tls, conf)
		}
	}
}

// TestOpenMistrusts says in a sentence why a TLS connection did not come about.
func TestOpenMistrusts(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{NextProtos: []string{"http/1.1"}, MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Target, *tls.Config){
		"its certificate is not signed by an authority that is trusted here; tls: ca names another": func(t *Target, _ *tls.Config) { t.TLS.CA = "" },
		"its certificate is not for other.example; tls: server_name says another name":              func(t *Target, _ *tls.Config) { t.TLS.ServerName = "other.example" },
		"it refused the TLS connection (tls: handshake failure); if it wants a certificate of ours, tls: cert and key name it": func(*Target, *tls.Config) {
		},
		"it does not speak the HTTP version that was asked for; want transport: auto": func(_ *Target, c *tls.Config) { c.NextProtos = []string{"h2"} },
		"it refused the TLS connection (tls: protocol version not supported)":         func(_ *Target, c *tls.Config) { c.MinVersion = tls.VersionTLS13 },
		"its certificate is valid from 1970-01-01 00:00:00 to 2084-01-29 16:00:00 only": func(_ *Target, c *tls.Config) {
			c.Time = func() time.Time { return time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC) }
		},
	} {
		target := Target{Name: "t", URL: server.URL, Dialect: DialectHTTP, TLS: TLS{CA: file}}
		var late tls.Config
		change(&target, &late)
		conf, err := target.TLSConfig()
		if err != nil {
			t.Fatal(err)
		}
		conf.NextProtos, conf.Time = late.NextProtos, late.Time
		conf.MinVersion = max(conf.MinVersion, late.MinVersion)
		tr := &http.Transport{TLSClientConfig: conf}
		_, _, err = target.Open(t.Context(), Opening{Transport: tr, Actions: []scenarios.Action{{Name: "buy", Path: "/"}}})
		if err == nil || err.Error() != "target t at "+server.URL+": cannot be reached: "+want {
			t.Errorf("%v\nwant %s", err, want)
		}
		tr.CloseIdleConnections()
	}
}

// TestUnreachableTarget names the target once, and no password.
func TestUnreachableTarget(t *testing.T) {
	for _, tt := range []struct {
		target Target
		want   string
	}{
		{Target{Name: "t", URL: "http://me:secret@h"}, "target t at http://…@h: "},
		{Target{Name: "http://h", URL: "http://h"}, "target http://h: "},
	} {
		err := tt.target.Unreachable(errors.New("no route"))
		if got := err.Error(); got != tt.want+"cannot be reached: no route" || strings.Contains(got, "secret") {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}
