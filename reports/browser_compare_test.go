package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// testCompared reads a page that begins with a comparison, and one that begins with
// the run's own verdict.
func testCompared(t *testing.T, browser context.Context) {
	var v View
	if err := json.Unmarshal(sampleView(t, "compared"), &v); err != nil {
		t.Fatal(err)
	}
	b := openSample(t, browser, "compared")
	b.draw()
	if got := b.text(`document.querySelector('h1').textContent`); !strings.HasPrefix(got, "✕Worse") {
		t.Errorf("the page begins with %q", got)
	}
	if got := b.text(`document.title`); !strings.HasPrefix(got, "Worse: overtime") {
		t.Errorf("the title is %q", got)
	}
	if got := b.text(`[...document.querySelectorAll('main > section:not([hidden])')].map(s => s.id).slice(0, 2).join()`); got != "verdict,compared" {
		t.Errorf("the sections begin with %s", got)
	}
	checkRowOrder(b, &v)
	for chart, names := range map[string][]string{"night": {"base good"}, "latency": {"base p50", "base p99"}} {
		legend := b.text(fmt.Sprintf(`document.querySelector('#%s .reading').textContent`, chart))
		for _, name := range names {
			if !strings.Contains(legend, name) {
				t.Errorf("the legend of %s is %q, without %s", chart, legend, name)
			}
		}
	}
	with := b.sketches()
	v.Base = nil
	data, err := json.Marshal(&v)
	if err != nil {
		t.Fatal(err)
	}
	without := openTab(t, browser, keptPage(t, data), 1440, "light")
	without.draw()
	for i, now := range without.sketches()[:2] {
		if now == with[i] {
			t.Errorf("in chart %d the base is not drawn", i)
		}
	}
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('#crowds .link')].find(l => l.textContent === 'posters').click()`))
	b.until(`!document.querySelector('#latency .reading').textContent.includes('base')`)

	v.Comparison.First = false
	if data, err = json.Marshal(&v); err != nil {
		t.Fatal(err)
	}
	own := openTab(t, browser, keptPage(t, data), 1440, "light")
	own.until(`document.querySelector('h1').textContent.startsWith('✓Pass') && document.querySelector('#compared .told').textContent.startsWith('✕ worse')`)
}

// checkRowOrder checks that the table holds what is worse first, in words and drawn.
func checkRowOrder(b *tab, v *View) {
	b.Helper()
	rows := inPage[[][]string](b, `[...document.querySelectorAll('#compared .scroll')].flatMap(t => [...t.querySelectorAll('tbody tr')]).map(tr => [...tr.children].map(c => c.textContent))`)
	if len(rows) != len(v.Comparison.Rows) {
		b.Errorf("%d rows are shown, want %d", len(rows), len(v.Comparison.Rows))
	}
	drawn := 0
	for _, r := range v.Comparison.Rows {
		if !math.IsNaN(float64(r.By)) {
			drawn++
		}
	}
	if n := b.number(`document.querySelectorAll('#compared table svg.interval').length`); int(n) != drawn || drawn == 0 {
		b.Errorf("%v changes are drawn, want %d", n, drawn)
	}
	last, order := 0, []string{"✕ worse", "? cannot be told", "✓ better", "✓ same"}
	for _, row := range rows[:b.open()] {
		at := 0
		for i, word := range order {
			if row[0] == word {
				at = i
			}
		}
		if at < last {
			b.Errorf("%q stands after %q", row, order[last])
		}
		last = at
	}
}

// open is how many rows stand open.
func (b *tab) open() int {
	b.Helper()
	return int(b.number(`document.querySelectorAll('#compared > div > .scroll tbody tr').length`))
}
