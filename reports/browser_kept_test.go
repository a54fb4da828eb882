package reports

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/chromedp/chromedp"
)

// testKept opens the kept page of a sample in light and in dark: everything is
// drawn, and nothing is wider than the window.
func testKept(t *testing.T, browser context.Context, sample string, width int) {
	b := openTab(t, browser, keptPage(t, sampleView(t, sample)), width, "dark")
	var v View
	if err := json.Unmarshal(sampleView(t, sample), &v); err != nil {
		t.Fatal(err)
	}
	if !b.truth(`document.documentElement.classList.contains('dark')`) {
		t.Error("it is not dark, as the system is")
	}
	if got, want := b.text(`document.querySelector('h1 .word').textContent`), wordOnTop(&v); got != want {
		t.Errorf("the verdict is shown as %q, want %q", got, want)
	}
	checkDrawn(b, &v)
	b.do(chromedp.Click(chromedp.CSS("#theme")))
	checkDrawn(b, &v)
}

// wordOnTop is the verdict that a page begins with.
func wordOnTop(v *View) string {
	if v.Comparison != nil && v.Comparison.First {
		return map[string]string{"better": "✓Better", "same": "✓Same", "worse": "✕Worse", "cannot be told": "?Cannot be told"}[v.Comparison.Word]
	}
	return map[string]string{"pass": "✓Pass", "fail": "✕Fail", "unclear": "?Unclear"}[v.Verdict]
}

// checkDrawn checks that there are as many charts as a view has to show, that
// something is drawn in each, and that the page fits the window.
func checkDrawn(b *tab, v *View) {
	b.Helper()
	b.draw()
	want := 1
	if v.Series[0].All.Offered > 0 {
		want += 2
	}
	if len(v.Causes) > 0 {
		want++
	}
	drawn := inPage[[]float64](b, `[...document.querySelectorAll('.plot')].filter(p => p.offsetParent).map(p => {
		const c = p.querySelector('canvas'), pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
		let drawn = 0;
		for (let i = 3; i < pixels.length; i += 4) if (pixels[i] > 0) drawn++;
		return drawn / (c.width * c.height);
	})`)
	if len(drawn) != want {
		b.Errorf("there are %d charts, want %d", len(drawn), want)
	}
	for i, share := range drawn {
		if share < 0.01 {
			b.Errorf("of chart %d, %.4f is drawn", i, share)
		}
	}
	if wide := b.text(`document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroll')).map(e => e.tagName + '.' + e.className).slice(0, 5).join() || 'something' : ''`); wide != "" {
		b.Errorf("it must be scrolled sideways for %s", wide)
	}
}

// testTheme switches between light and dark and back.
func testTheme(t *testing.T, browser context.Context) {
	b := openSample(t, browser, "fail")
	b.draw()
	light := b.sketches()
	b.do(chromedp.Click(chromedp.CSS("#theme")))
	b.until(`getComputedStyle(document.body).backgroundColor === 'rgb(16, 20, 24)'`)
	b.draw()
	for i, dark := range b.sketches() {
		if dark == light[i] {
			t.Errorf("chart %d is drawn in the same colours", i)
		}
	}
	b.do(chromedp.Click(chromedp.CSS("#theme")))
	b.until(`getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'`)
}

// testHostile opens a page of a record that was written to do harm: its words are
// shown as they are, and do nothing.
func testHostile(t *testing.T, browser context.Context) {
	for _, sample := range []string{"hostile", "compared-hostile"} {
		checkHostile(t, openSample(t, browser, sample))
	}
}

func checkHostile(t *testing.T, b *tab) {
	b.draw()
	if n := b.number(`document.querySelectorAll('script').length`); n != 2 {
		t.Errorf("there are %v scripts, want the page's own and its data", n)
	}
	if n := b.number(`document.querySelectorAll('main img, main iframe, main object, main svg:not(.interval), main a, main [onerror], main [onload], main [style*=url]').length`); n != 0 {
		t.Errorf("%v elements came from words", n)
	}
	if !b.truth(`document.querySelector('h1').textContent.includes("<script>alert(")`) {
		t.Error("the words are not shown as they are")
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('details').forEach(d => { d.open = true; })`))
	b.do(chromedp.Focus(chromedp.CSS(".plot")), chromedp.KeyEvent("\r"))
}

// testPrint prints a page: all charts are on paper, though nobody scrolled to them.
func testPrint(t *testing.T, browser context.Context) {
	b := openTab(t, browser, keptPage(t, sampleView(t, "fail")), 1440, "dark")
	b.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event('beforeprint'))`))
	if n := b.number(`document.querySelectorAll('.plot canvas').length`); n != 4 {
		t.Errorf("%v charts are drawn, want 4", n)
	}
	if b.truth(`document.documentElement.classList.contains('dark')`) {
		t.Error("it is printed white on black")
	}
	b.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event('afterprint'))`))
	if !b.truth(`document.documentElement.classList.contains('dark')`) {
		t.Error("it is not dark again")
	}
}

// testHour opens the page of an hour with 14 series.
func testHour(t *testing.T, browser context.Context) {
	data := hourView(t)
	b := openTab(t, browser, keptPage(t, data), 1440, "light")
	b.until(`document.querySelector('.plot canvas') != null`)
	open := b.number(`performance.getEntriesByType('navigation')[0].loadEventEnd`)
	t.Logf("%.1f MB are open after %.0f ms", float64(len(data))/1e6, open)
	if open > 10_000 { // on a machine that does much else
		t.Errorf("it is open after %.0f ms", open)
	}
	b.draw()
}

// hourView is a sample whose columns are repeated for an hour.
func hourView(t *testing.T) []byte {
	t.Helper()
	const bins = 3600
	var v View
	if err := json.Unmarshal(sampleView(t, "fail"), &v); err != nil {
		t.Fatal(err)
	}
	v.Lasts, v.At = bins, bins
	v.Wanted = repeated(v.Wanted, bins)
	for i := range v.Series {
		s := &v.Series[i]
		for _, c := range []*tallied{&s.Offered, &s.Good, &s.Failed, &s.Attempts, &s.Held, &s.Late, &s.Waited} {
			*c = repeated(*c, bins)
		}
		for _, c := range []*amounts{&s.P50, &s.P99, &s.P999, &s.Service50, &s.Service99, &s.Lag} {
			*c = repeated(*c, bins)
		}
	}
	v.Heat.Rows = repeated(v.Heat.Rows, bins)
	data, err := json.Marshal(&v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func repeated[S ~[]E, E any](column S, n int) S {
	var all S
	for len(all) < n {
		all = append(all, column[:min(len(column), n-len(all))]...)
	}
	return all
}
