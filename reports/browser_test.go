package reports

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const (
	chromium = "/usr/bin/chromium"
	soon     = 20 * time.Second // within which a page must have done what is waited for
)

// shown are the views that the page is shown with, and how wide.
var shown = []struct {
	sample string
	width  int
}{{"pass", 390}, {"fail", 1440}, {"fail", 390}, {"aborted", 1440}, {"empty", 390}, {"hostile", 1440}, {"hostile", 390},
	{"compared", 1440}, {"compared", 390}, {"compared", 768}, {"compared-hostile", 1440}, {"compared-hostile", 390}}

// TestBrowser opens the pages in a real browser, one for all of its parts.
func TestBrowser(t *testing.T) {
	browser := startBrowser(t)
	for _, s := range shown {
		t.Run(fmt.Sprintf("%s at %d", s.sample, s.width), func(t *testing.T) { testKept(t, browser, s.sample, s.width) })
	}
	for name, test := range map[string]func(*testing.T, context.Context){
		"theme":      testTheme,
		"zoom":       testZoom,
		"cursor":     testCursor,
		"bad second": testSecond,
		"chooser":    testChooser,
		"keyboard":   testKeyboard,
		"copy":       testCopy,
		"hostile":    testHostile,
		"print":      testPrint,
		"hour":       testHour,
		"live":       testLive,
		"live, over": testLiveEnded,
		"accessible": testAccessible,
		"compared":   testCompared,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

// startBrowser starts one that lives as long as the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil {
		t.Fatalf("the pages are tested in Chromium, which is missing: apt-get install chromium: %v", err)
	}
	data, err := os.MkdirTemp("", "gameday-browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(data),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, kill := chromedp.NewExecAllocator(context.Background(), options...)
	browser, leave := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		leave()
		kill()
		_ = os.RemoveAll(data) // what a dying browser still writes is left behind
	})
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("starting %s: %v", chromium, err)
	}
	return browser
}

// A tab is one page in the browser.
type tab struct {
	*testing.T
	ctx context.Context

	mu        sync.Mutex
	complains []string // what the page and the browser had to complain of
}

// openTab opens a page that is so many pixels wide, in light or dark. It fails the
// test when the page complains: of a mistake in a script, of what its policy does
// not let in, of what it could not load.
func openTab(t *testing.T, browser context.Context, url string, width int, scheme string) *tab {
	t.Helper()
	ctx, leave := chromedp.NewContext(browser)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	b := &tab{T: t, ctx: ctx}
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(width), Height: 900, DeviceScaleFactor: 1,
		})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
	messages := chromedp.Console(ctx)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.complains = append(b.complains, fmt.Sprint(m.Type, ": ", m.Text))
			b.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		cancel()
		leave()
		<-read
		if len(b.complains) > 0 {
			t.Errorf("the page complains:\n%s", strings.Join(b.complains, "\n"))
		}
	})
	b.do(chromedp.Navigate(url))
	return b
}

// forgive forgets the complaints that hold a text, which a test has provoked.
func (b *tab) forgive(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var rest []string
	for _, c := range b.complains {
		if !strings.Contains(c, text) {
			rest = append(rest, c)
		}
	}
	b.complains = rest
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// number, text and truth are what an expression comes to in the page.
func (b *tab) number(js string) float64 { b.Helper(); return inPage[float64](b, js) }
func (b *tab) text(js string) string    { b.Helper(); return inPage[string](b, js) }
func (b *tab) truth(js string) bool     { b.Helper(); return inPage[bool](b, js) }

func inPage[T any](b *tab, js string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits until an expression is true.
func (b *tab) until(js string) {
	b.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(soon))); err != nil {
		b.Fatalf("it does not come about that %s: %v", js, err)
	}
}

// draw scrolls every chart into view until all are drawn.
func (b *tab) draw() {
	b.Helper()
	b.until(`(() => {
		const waiting = [...document.querySelectorAll('.plot')].filter(p => p.offsetParent && !p.querySelector('canvas'));
		waiting[0]?.scrollIntoView();
		return waiting.length === 0;
	})()`)
	b.do(chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`))
}

// A sketch is which charts there are and what their pixels come to.
func (b *tab) sketches() []string {
	b.Helper()
	return inPage[[]string](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
		done([...document.querySelectorAll('.plot canvas')].map(c => c.toDataURL())))))`)
}

// keptPage writes the page of a view in JSON to a file, and returns its address.
func keptPage(t *testing.T, data []byte) string {
	t.Helper()
	p, err := loadPage()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := p.write(f, p.policy, data); err != nil {
		t.Fatal(err)
	}
	return "file://" + file
}

// sampleView is one of the samples.
func sampleView(t *testing.T, sample string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("web", "testdata", sample+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// openSample opens the kept page of a sample, wide and light.
func openSample(t *testing.T, browser context.Context, sample string) *tab {
	t.Helper()
	return openTab(t, browser, keptPage(t, sampleView(t, sample)), 1440, "light")
}

// serveTo serves h on the loopback until the test ends.
func serveTo(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}
