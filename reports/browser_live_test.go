package reports

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"gameday/runs"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A flaky handler is not there while it is broken.
type flaky struct {
	http.Handler
	broken atomic.Bool
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if f.broken.Load() {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	f.Handler.ServeHTTP(w, req)
}

// testLive follows a play from its beginning to its end, through a lost connection.
func testLive(t *testing.T, browser context.Context) {
	r := wideNight{long: 20, short: 10, fault: true, weight: 1}.play(t)
	live := NewLive("127.0.0.1:0")
	h := &flaky{Handler: live}
	s := serveTo(t, h)
	live.Begin(begun(r))
	b := openTab(t, browser, s.URL, 1440, "light")
	b.until(`document.querySelector('#state').textContent === 'live' && document.querySelector('h1 .word')?.textContent === '▶Live'`)

	news := entries(r, rand.New(rand.NewPCG(1, 2)), 5)
	observe := func(from, to int) {
		for i, e := range news[from:to] {
			at := time.Duration(from+i+1) * 5 * time.Second
			live.Observe(Moment{At: at, Rates: []float64{100, 10}, InFlight: 7, Faults: []string{"slow-store"}, Entry: e})
		}
	}
	requests := `Number(document.querySelector('.glance dd').textContent.replaceAll(',', ''))`
	observe(0, len(news)/2)
	b.until(requests + ` > 1000`)
	b.until(`document.querySelector('h1').textContent.includes('110 requests a second are wanted, 7 are in flight')`)
	b.draw()
	before := b.sketches()

	h.broken.Store(true)
	s.CloseClientConnections()
	b.until(`document.querySelector('#state').textContent === 'connection lost, trying again'`)
	so := b.number(requests)
	observe(len(news)/2, len(news))
	h.broken.Store(false)
	b.until(`document.querySelector('#state').textContent === 'live'`)
	if got := b.number(requests); got <= so {
		t.Errorf("%v requests are shown after the connection was back, %v before", got, so)
	}
	b.draw()
	for i, now := range b.sketches()[:3] {
		if now == before[i] {
			t.Errorf("chart %d shows nothing new", i)
		}
	}
	live.End(r)
	b.until(`document.querySelector('#state').textContent === 'over'`)
	b.until(`document.querySelector('h1').textContent.includes('promises')`)
	if got, want := b.number(requests), float64(offered(r)); got != want {
		t.Errorf("%v requests are shown at the end, want %v", got, want)
	}
	b.forgive("503")
	b.forgive("net::ERR")
}

// offered are all requests of a run.
func offered(r *runs.Run) (n uint64) {
	for i := range r.Tallies {
		n += r.Tallies[i].Offered
	}
	return n
}

// testLiveEnded comes when the play is over: the page is that of the record.
func testLiveEnded(t *testing.T, browser context.Context) {
	r := night(t)
	live := NewLive("127.0.0.1:0")
	live.Begin(begun(r))
	live.End(r)
	b := openTab(t, browser, serveTo(t, live).URL, 390, "dark")
	b.until(`document.querySelector('#state').textContent === 'over' && document.querySelector('#promises .pill') != null`)
	if wide := b.number(`document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("it is %v pixels wide", wide)
	}
}

// testAccessible has axe look for what keeps people out.
func testAccessible(t *testing.T, browser context.Context) {
	axe, err := os.ReadFile(filepath.Join("web", "testdata", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range []string{"fail", "compared"} {
		checkAccessible(openTab(t, browser, keptPage(t, sampleView(t, sample)), 1440, "light"), axe)
	}
}

func checkAccessible(b *tab, axe []byte) {
	b.Helper()
	b.draw()
	b.do(chromedp.Evaluate[chromedp.Void](string(bytes.TrimSpace(axe)) + "; undefined"))
	checkAxe(b)
	b.do(chromedp.Click(chromedp.CSS("#theme")))
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('details:not(.behind)').forEach(d => { d.open = true; })`))
	b.do(chromedp.Focus(chromedp.CSS(".plot")), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector('#second').open`)
	checkAxe(b)
}

func checkAxe(b *tab) {
	b.Helper()
	for _, found := range inPage[[]string](b, `axe.run(document, {resultTypes: ['violations']}).then(r => r.passes.length < 20 ? ['only ' + r.passes.length + ' rules were looked at'] : r.violations
		.filter(v => ['serious', 'critical'].includes(v.impact))
		.map(v => v.impact + ' ' + v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.target + ' ' + n.html.slice(0, 120)).join(' | ')))`) {
		b.Error(found)
	}
}
