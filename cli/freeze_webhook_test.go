package cli

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"gameday/freeze"
)

// writePair writes a certificate that signs itself, and its key.
func writePair(t *testing.T, number int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "gameday"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der}, "tls.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serial is the serial number of the certificate that a server shows.
func serial(t *testing.T, address string) int64 {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// TestServeWebhook serves real documents over TLS while the configuration and the
// certificate change under it.
func TestServeWebhook(t *testing.T) {
	image, err := os.ReadFile("../freeze/testdata/admission/image.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	writePair(t, 1)
	lines := make(chan string, 100)
	config := freeze.Rules{}
	var wrong error
	s := &webhookServer{
		config: rereader{files: []string{"config.yaml"}}, pair: rereader{files: []string{"tls.crt", "tls.key"}},
		load: func() (freeze.Rules, error) { return config, wrong },
		say:  func(line string) { lines <- line },
	}
	until := func(what string) string {
		t.Helper()
		for {
			select {
			case line := <-lines:
				if strings.Contains(line, what) {
					return line
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("nobody says %q", what)
			}
		}
	}
	rewrite := func(text string) {
		t.Helper()
		if err := os.WriteFile("config.yaml", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rewrite("1")
	s.poll()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx, "127.0.0.1:0", false) }()
	url := strings.TrimPrefix(until("webhook at"), "webhook at ")
	address := strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/validate")
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	ask := func() string {
		t.Helper()
		res, err := client.Post(url, "application/json", bytes.NewReader(image))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := ask(); !strings.Contains(got, `"allowed":true`) {
		t.Errorf("without windows: %s", got)
	}
	config = freeze.Rules{Calendar: freeze.Calendar{{Name: "sb", Start: time.Now().Add(-time.Hour), End: time.Now().Add(time.Hour)}}}
	rewrite("2")
	until("the configuration was read: 1 windows")
	if got := ask(); !strings.Contains(got, `"allowed":false`) || !strings.Contains(got, `frozen: \"sb\" (full)`) {
		t.Errorf("in a window: %s", got)
	}
	wrong = errors.New("config.yaml: freeze.windows[0].end: missing")
	rewrite("3")
	until("the configuration cannot be read")
	if got := ask(); !strings.Contains(got, `"allowed":false`) || !strings.Contains(got, "freeze.windows[0].end: missing") {
		t.Errorf("while nobody knows: %s", got)
	}
	if n := serial(t, address); n != 1 {
		t.Errorf("certificate %d", n)
	}
	if err := os.WriteFile("tls.crt", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	until("the certificate and its key: ")
	if n := serial(t, address); n != 1 {
		t.Errorf("a half-written certificate ends the one before: %d", n)
	}
	writePair(t, 2)
	for range 200 {
		if serial(t, address) == 2 {
			break
		}
		<-time.After(50 * time.Millisecond)
	}
	if n := serial(t, address); n != 2 {
		t.Errorf("certificate %d", n)
	}
	if res, err := client.Get("https://" + address + "/healthz"); err != nil || res.StatusCode != 200 {
		t.Errorf("%v, %v", res, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestServeWebhookUsage refuses what cannot be served.
func TestServeWebhookUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	serve := func(more ...string) (int, string) {
		code, _, stderr := gameday(append([]string{"freeze", "serve-webhook", "--listen", "127.0.0.1:0"}, more...)...)
		return code, stderr
	}
	check := func(want string, more ...string) {
		t.Helper()
		if code, stderr := serve(more...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%q: %d %s", more, code, stderr)
		}
	}
	check("--cert and --key: missing; the API server speaks only TLS")
	check(`--fail "maybe": want open or closed`, "--fail", "maybe")
	check("there is no config.yaml here; want one with freeze windows", "--cert", "a", "--key", "b")
	if err := os.WriteFile("config.yaml", []byte("freeze: {windows: []}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	check("the certificate and its key cannot be used", "--cert", "a", "--key", "b")
	if err := os.WriteFile("config.yaml", []byte("freeze: {windows: [{name: x}]}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	check("config.yaml: freeze.windows[0].start: missing", "--cert", "a", "--key", "b")
}
