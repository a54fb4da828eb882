package targets

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"gameday/scenarios"
)

// TLS is whom to trust, and who we are to the target. The zero value trusts the
// authorities that this host trusts, and shows no certificate. The target's
// certificate is always verified. Files are relative to the working directory.
type TLS struct {
	CA         string `json:"ca"`          // PEM file of the only authorities to trust
	Cert       string `json:"cert"`        // PEM file of the certificate to show, and what it is signed with
	Key        string `json:"key"`         // PEM file of its private key
	ServerName string `json:"server_name"` // that the target's certificate must be for; empty: the URL's host
}

// validate returns what is wrong with the settings, without reading the files.
func (s TLS) validate(file, key string) scenarios.Mistakes {
	var found scenarios.Mistakes
	add := func(key, says string) {
		found = append(found, scenarios.Mistake{File: file, Key: key, Says: says})
	}
	if s.Cert != "" && s.Key == "" {
		add(key+".key", "missing; a certificate wants its private key")
	}
	if s.Key != "" && s.Cert == "" {
		add(key+".cert", "missing; a private key wants its certificate")
	}
	if _, _, err := net.SplitHostPort(s.ServerName); err == nil || strings.ContainsAny(s.ServerName, "/*@ ") {
		add(key+".server_name", fmt.Sprintf("%q: want a host's name, without port or pattern", s.ServerName))
	}
	return found
}

// TLSConfig reads the files that TLS names. The error says the target, the key
// and the file, and nothing of what stands in it. The configuration speaks TLS
// 1.2 or newer and resumes sessions; it is for all connections to the target, and
// safe to share and clone.
func (t Target) TLSConfig() (*tls.Config, error) {
	conf, err := t.TLS.Config()
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	return conf, nil
}

// Config is what TLSConfig returns. The error says the key, from tls on, and the file.
func (s TLS) Config() (*tls.Config, error) {
	conf := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         s.ServerName,
		ClientSessionCache: tls.NewLRUClientSessionCache(0),
	}
	if s.CA != "" {
		all, err := certificates("tls.ca", s.CA)
		if err != nil {
			return nil, err
		}
		conf.RootCAs = x509.NewCertPool()
		for _, c := range all {
			conf.RootCAs.AddCert(c)
		}
	}
	if s.Cert != "" {
		own, err := s.own()
		if err != nil {
			return nil, err
		}
		conf.Certificates = []tls.Certificate{own}
	}
	return conf, nil
}

// own reads the certificate to show and its key. One that no server can accept
// today is refused here, where it can be said why.
func (s TLS) own() (tls.Certificate, error) {
	chain, err := certificates("tls.cert", s.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	switch now, leaf := time.Now(), chain[0]; {
	case now.After(leaf.NotAfter):
		return tls.Certificate{}, fmt.Errorf("tls.cert: %s: the certificate expired on %s", s.Cert, leaf.NotAfter.UTC().Format(time.DateTime))
	case now.Before(leaf.NotBefore):
		return tls.Certificate{}, fmt.Errorf("tls.cert: %s: the certificate is not valid before %s", s.Cert, leaf.NotBefore.UTC().Format(time.DateTime))
	}
	cert, err := readFile("tls.cert", s.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readFile("tls.key", s.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	own, err := tls.X509KeyPair(cert, key)
	switch {
	case err == nil:
		return own, nil
	case !strings.Contains(string(key), "PRIVATE KEY-----"):
		return own, fmt.Errorf("tls.key: %s: no private key in PEM in it", s.Key)
	case strings.Contains(string(key), "ENCRYPTED"):
		return own, fmt.Errorf("tls.key: %s: the private key is locked with a passphrase; want one without", s.Key)
	case strings.Contains(err.Error(), "does not match"): // crypto/tls has only words for it
		return own, fmt.Errorf("tls.key: %s: the private key does not fit the certificate in %s", s.Key, s.Cert)
	}
	return own, fmt.Errorf("tls.key: %s: the private key cannot be read: %w", s.Key, err)
}

// certificates reads a file that holds certificates, at least one.
func certificates(key, file string) ([]*x509.Certificate, error) {
	rest, err := readFile(key, file)
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue // a key in the same file, for one
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: certificate %d cannot be read: %w", key, file, len(all)+1, err)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: %s: no certificate in PEM in it", key, file)
	}
	return all, nil
}

func readFile(key, file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no file %s", key, file)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return data, nil
}
