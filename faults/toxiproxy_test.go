package faults

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	toxi "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// overToxiproxy is a proxy of a real Toxiproxy server.
func overToxiproxy(t *testing.T) (Site, func(*Keeper) bool) {
	server := toxi.NewServer(toxi.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxi.NewProxy(server, "store", "127.0.0.1:0", listen(t, echo))
	if err := server.Collection.Add(proxy, true); err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(server.Routes())
	t.Cleanup(func() {
		proxy.Stop()
		api.Close()
	})
	return Site{Toxiproxy: api.URL}, func(*Keeper) bool { return hurt(proxy.Listen) }
}

func TestToxiproxyThatHasNoSuchProxy(t *testing.T) {
	site, _ := overToxiproxy(t)
	k := open(t, site)
	err := k.Keep(t.Context(), Fault{Name: "slow", Kind: "toxiproxy", On: "cache", Toxic: "latency", Latency: time.Second})
	if err == nil || !strings.Contains(err.Error(), "/proxies/cache: answered 404: {\"error\":\"proxy not found\",\"status\":404}") {
		t.Error(err)
	}
}

// TestToxiproxyThatHangs has the removal of a toxic hang until its proxy is put
// down, as Toxiproxy's own can.
func TestToxiproxyThatHangs(t *testing.T) {
	site, hurts := overToxiproxy(t)
	var stuck atomic.Bool
	stuck.Store(true)
	real := site.Toxiproxy
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete && stuck.Load() {
			<-r.Context().Done()
			return
		}
		if r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/toxics") {
			stuck.Store(false)
		}
		again, _ := http.NewRequestWithContext(r.Context(), r.Method, real+r.URL.Path, r.Body)
		answer, err := http.DefaultTransport.RoundTrip(again)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	}))
	defer front.Close()
	slow := Fault{Name: "slow", Kind: "toxiproxy", On: "store", Toxic: "latency", Latency: 300 * time.Millisecond}
	direct := open(t, site)
	if err := direct.Keep(context.Background(), slow); err != nil {
		t.Fatal(err)
	}
	p := remote{URL: front.URL, Proxy: "store", Toxic: "gameday-slow"}
	forced := false
	within(t, ages, "mending", func() {
		if err := p.mend(t.Context(), &forced); err != nil {
			t.Error(err)
		}
	})
	if !forced || stuck.Load() {
		t.Errorf("forced %t, stuck %t; want the proxy put down and up", forced, stuck.Load())
	}
	until(t, "whole after it was mended", func() bool { return !hurts(nil) })
}
