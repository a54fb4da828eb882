package reports

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// place is where a part of the first chart's plot is, from 0 to 1 of its width.
func (b *tab) place(part float64) (x, y float64) {
	b.Helper()
	at := inPage[[]float64](b, `(() => {
		document.querySelector('#night').scrollIntoView({behavior: 'instant'});
		const r = document.querySelector('.plot .u-over').getBoundingClientRect();
		return [r.left, r.top + r.height / 2, r.width];
	})()`)
	return at[0] + part*at[2], at[1]
}

// drag draws the mouse over the first chart, from one part of it to another.
func (b *tab) drag(from, to float64) {
	b.Helper()
	left, y := b.place(from)
	right, _ := b.place(to)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, left, y),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, left, y, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, (left+right)/2, y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, right, y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, right, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// testZoom drags over one chart: all show that part of the night, until Escape.
func testZoom(t *testing.T, browser context.Context) {
	b := openSample(t, browser, "fail")
	b.draw()
	before := b.sketches()
	b.drag(0.25, 0.45)
	b.until(`!document.querySelector('#whole').hidden`)
	for i, now := range b.sketches() {
		if now == before[i] {
			t.Errorf("chart %d does not show another part", i)
		}
	}
	if b.truth(`document.querySelector('#second').open`) {
		t.Error("the drag opened a second")
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`document.querySelector('#whole').hidden`)
	for i, now := range b.sketches() {
		if now != before[i] {
			t.Errorf("chart %d does not show the whole again", i)
		}
	}
	b.drag(0.25, 0.45)
	b.until(`!document.querySelector('#whole').hidden`)
	x, y := b.place(0.5)
	b.do(chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	b.until(`document.querySelector('#whole').hidden`)
}

// testCursor hovers over one chart: all read the same second.
func testCursor(t *testing.T, browser context.Context) {
	b := openSample(t, browser, "fail")
	b.draw()
	x, y := b.place(100.5 / 310)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
	b.until(`[...document.querySelectorAll('.reading .at')].every(at => at.textContent === '1:40')`)
	for i, at := range inPage[[]float64](b, `[...document.querySelectorAll('.u-cursor-x')].map(line => line.getBoundingClientRect().left)`) {
		if at < x-2 || at > x+2 {
			t.Errorf("the line of chart %d is at %v, the mouse at %v", i, at, x)
		}
	}
	if text := b.text(`document.querySelector('.reading').textContent`); !strings.Contains(text, "planned140") {
		t.Errorf("it reads %q", text)
	}
}

// testSecond clicks on a second in which requests failed.
func testSecond(t *testing.T, browser context.Context) {
	b := openSample(t, browser, "fail")
	b.draw()
	x, y := b.place(104.5 / 310)
	b.do(chromedp.MouseClickXY(x, y))
	b.until(`document.querySelector('#second').open`)
	text := b.text(`document.querySelector('#second').textContent`)
	for _, want := range []string{"1:44 to 1:45", "outage", "fault slow-store", "Why requests failed", "5xx", "503", "the store does not answer", "timeout"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q but %q", want, text)
		}
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.querySelector('#second').open`)
}

// testChooser chooses a crowd in its table: all charts but that of causes change.
func testChooser(t *testing.T, browser context.Context) {
	b := openSample(t, browser, "fail")
	b.draw()
	before := b.sketches()
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('#crowds .link')].find(l => l.textContent === 'posters').click()`))
	b.until(`document.querySelector('#who').selectedOptions[0].textContent === 'posters'`)
	for i, now := range b.sketches()[:3] {
		if now == before[i] {
			t.Errorf("chart %d shows the same requests", i)
		}
	}
	if text := b.text(`document.querySelector('.chart h3').textContent`); text != "Requests a second"+"of posters" {
		t.Errorf("the chart is called %q", text)
	}
}

// testKeyboard walks through the page without a mouse.
func testKeyboard(t *testing.T, browser context.Context) {
	b := openSample(t, browser, "fail")
	b.draw()
	var walk []string
	for range 24 {
		b.do(chromedp.KeyEvent(kb.Tab))
		walk = append(walk, b.text(`(e => e.id || e.getAttribute('href') || e.className || e.tagName)(document.activeElement)`))
	}
	order := []string{"#page", "who", "theme", "#verdict", "#promises", "scroll", "SUMMARY", "plot"}
	at := 0
	for _, stop := range walk {
		if at < len(order) && stop == order[at] {
			at++
		}
	}
	if at < len(order) {
		t.Errorf("the walk %v does not come to %q", walk, order[at])
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`), chromedp.KeyEvent("2"))
	b.until(`document.activeElement.id === 'promises' || document.activeElement.id === 'night'`)

	b.do(chromedp.Focus(chromedp.CSS(".plot")), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	b.until(`[...document.querySelectorAll('.reading .at')].every(at => at.textContent === '0:02')`)
	if said := b.text(`document.querySelector('#said').textContent`); !strings.HasPrefix(said, "0:02: planned 1") {
		t.Errorf("it is said: %q", said)
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector('#second').open && document.querySelector('#second').contains(document.activeElement)`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.querySelector('#second').open && document.activeElement.className === 'plot'`)
	b.do(chromedp.KeyEvent("+"))
	b.until(`!document.querySelector('#whole').hidden`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`document.querySelector('#whole').hidden`)
}

// testCopy copies the command that plays the same again.
func testCopy(t *testing.T, ctx context.Context) {
	b := openSample(t, ctx, "fail")
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: "clipboard-read"}, Setting: browser.PermissionSettingGranted,
		})
		if err != nil {
			return fmt.Errorf("letting the page use the clipboard: %w", err)
		}
		return nil
	}))
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#copy")), chromedp.Click(chromedp.CSS("#copy")))
	b.until(`document.querySelector('#copy').textContent === 'Copied'`)
	if got, want := b.text(`navigator.clipboard.readText()`), b.text(`document.querySelector('.command code').textContent`); got != want || !strings.HasPrefix(got, "gameday run ") {
		t.Errorf("copied %q, want %q", got, want)
	}
}
