package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"gameday/freeze"
)

func freezeServeWebhookCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve-webhook",
		Short: "Refuse changes in Kubernetes while they are frozen",
		Long: "Serves a validating admission webhook, which refuses changes of .spec.template in a freeze window.\n" +
			"The configuration, the certificate and the key are read again when they change.",
		Args: arguments(0, 0),
	}
	f := c.Flags()
	listen := f.String("listen", ":8443", "address to listen on")
	cert := f.String("cert", "", "file with the certificate")
	key := f.String("key", "", "file with its key")
	fail := f.String("fail", "closed", "while the configuration cannot be read: closed refuses changes, open lets them through")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *fail != "open" && *fail != "closed" {
			return fmt.Errorf("--fail %q: want open or closed", *fail)
		}
		if *cert == "" || *key == "" {
			return errors.New("--cert and --key: missing; the API server speaks only TLS")
		}
		config, err := loadConfig(c.Flags())
		if err != nil {
			return err
		}
		if config.file == "" {
			return fmt.Errorf("there is no %s here; want one with freeze windows", defaultConfig)
		}
		s := &webhookServer{
			config: rereader{files: []string{config.file}}, pair: rereader{files: []string{*cert, *key}},
			say: func(line string) { fmt.Fprintln(c.ErrOrStderr(), line) },
			load: func() (freeze.Rules, error) {
				config, err := loadConfig(c.Flags())
				if err != nil {
					return freeze.Rules{}, errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
				}
				return config.rules(), nil
			},
		}
		s.poll()
		if s.certificate.Load() == nil {
			return errors.New("the certificate and its key cannot be used")
		}
		ctx, stop := untilSignal()
		defer stop()
		return s.serve(ctx, *listen, *fail == "open")
	}
	return c
}

// A webhookServer serves the admission webhook by files that may change.
type webhookServer struct {
	config, pair rereader
	load         func() (freeze.Rules, error)
	say          func(line string)

	rules       atomic.Pointer[ruling]
	certificate atomic.Pointer[tls.Certificate]
}

// A ruling is what the configuration said last.
type ruling struct {
	rules freeze.Rules
	err   error
}

// A rereader notices when files change.
type rereader struct {
	files []string
	text  [][]byte
	read  bool
}

// changed reads the files and reports whether they hold something else than the
// last time. A file that cannot be read holds nothing.
func (r *rereader) changed() bool {
	text := make([][]byte, len(r.files))
	same := r.read
	for i, f := range r.files {
		text[i], _ = os.ReadFile(f)
		same = same && bytes.Equal(text[i], r.text[i])
	}
	r.text, r.read = text, true
	return !same
}

// poll reads what has changed. A pair of certificate and key that does not fit, as
// while it is being written, leaves the one before in use.
func (s *webhookServer) poll() {
	if s.config.changed() {
		rules, err := s.load()
		s.rules.Store(&ruling{rules, err})
		if err != nil {
			s.say(fmt.Sprintf("the configuration cannot be read: %v", err))
		} else {
			s.say(fmt.Sprintf("the configuration was read: %d windows, %d overrides", len(rules.Calendar), len(rules.Overrides)))
		}
	}
	if s.pair.changed() {
		pair, err := tls.X509KeyPair(s.pair.text[0], s.pair.text[1])
		if err != nil {
			s.say(fmt.Sprintf("the certificate and its key: %v", err))
			return
		}
		s.certificate.Store(&pair)
	}
}

// pollEvery is how soon a changed file counts.
const pollEvery = time.Second

// serve answers until ctx ends, then finishes what it has begun.
func (s *webhookServer) serve(ctx context.Context, listen string, open bool) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	var lines sync.Mutex
	admission := &freeze.Admission{
		FailOpen: open,
		Rules: func() (freeze.Rules, error) {
			r := s.rules.Load()
			return r.rules, r.err
		},
		Tell: func(line string) {
			lines.Lock()
			defer lines.Unlock()
			s.say(line)
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/validate", admission)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		TLSConfig: &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.certificate.Load(), nil }},
	}
	s.say(fmt.Sprintf("webhook at https://%s/validate", l.Addr()))
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(l, "", "") }()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-served:
			return fmt.Errorf("serving: %w", err)
		case <-tick.C:
			lines.Lock()
			s.poll()
			lines.Unlock()
			continue
		case <-ctx.Done():
		}
		drain, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return server.Shutdown(drain)
	}
}
