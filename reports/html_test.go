package reports

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"

	"github.com/google/go-cmp/cmp"
)

var element = regexp.MustCompile(`(?s)<(script|style)([^>]*)>(.*?)</(?:script|style)>`)

// checkFilled checks that a page is that of another run but for its data.
func checkFilled(t *testing.T, page string) {
	t.Helper()
	p, err := loadPage()
	if err != nil {
		t.Fatal(err)
	}
	data, ok := strings.CutPrefix(page, p.parts[0]+html.EscapeString(p.policy)+p.parts[1])
	data, whole := strings.CutSuffix(data, p.parts[2])
	if !ok || !whole {
		t.Errorf("it is not the page: %.500s", page)
	}
	checkData(t, data)
}

// checkHTML checks that a page holds one style, one script and its data, that its
// policy lets in those two and nothing else, and that it loads nothing.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	_, rest, _ := strings.Cut(page, `http-equiv="Content-Security-Policy" content="`)
	policy, _, _ := strings.Cut(rest, `"`)
	policy = html.UnescapeString(policy)
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the policy is %s", policy)
	}
	var kinds []string
	for _, e := range element.FindAllStringSubmatch(page, -1) {
		switch attributes := e[2]; {
		case strings.Contains(attributes, `id="data"`):
			kinds = append(kinds, "data")
			checkData(t, e[3])
		default:
			kinds = append(kinds, e[1])
			sum := sha256.Sum256([]byte(e[3]))
			if want := e[1] + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
				t.Errorf("the policy %s does not let in %s", policy, want)
			}
		}
		page = strings.Replace(page, e[0], "", 1)
	}
	if want := []string{"style", "data", "script"}; !slices.Equal(kinds, want) {
		t.Errorf("the page has %v, want %v", kinds, want)
	}
	if loads := regexp.MustCompile(`(?i)<(script|iframe|img|object|embed|base|form)|\bsrc=|\bon[a-z]+=|href="[^#d]|url\(`).FindString(page); loads != "" {
		t.Errorf("the page loads or runs something besides: %s", loads)
	}
}

// checkData checks that the data of a page is JSON that cannot end its element.
func checkData(t *testing.T, data string) {
	t.Helper()
	if at := strings.IndexAny(data, "<>&\u2028\u2029"); at >= 0 {
		t.Errorf("the data holds %q", data[at:at+1])
	}
	var v struct {
		Schema int
		Series []struct{ Offered []uint64 }
	}
	if err := json.Unmarshal([]byte(data), &v); err != nil || v.Schema != ViewSchema || len(v.Series) == 0 {
		t.Errorf("the data is no View: %v, %v", err, v)
	}
}

// Every script and style of the page is in it, and none could end its element.
func TestPageIsWhole(t *testing.T) {
	files, err := web.ReadDir("web")
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, f := range files {
		if path.Ext(f.Name()) != ".html" {
			there = append(there, f.Name())
		}
	}
	listed := slices.Concat(scripts, styles)
	slices.Sort(listed)
	slices.Sort(there)
	if diff := cmp.Diff(listed, there); diff != "" {
		t.Errorf("the files of the page differ from those that are put together (-listed +there):\n%s", diff)
	}
	p, err := loadPage()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{p.style, p.script} {
		if bad := regexp.MustCompile(`(?i)</(script|style)|<!--|^\s*(import|export) `).FindString(text); bad != "" {
			t.Errorf("a part of the page holds %q", bad)
		}
	}
}

// Whatever a name holds, it is data.
func TestHostileNamesStayData(t *testing.T) {
	r := night(t)
	rename(r, "</script><script>alert(1)</script>\u2028<!--")
	page := write(t, HTML, r)
	checkHTML(t, page)
	if strings.Contains(page, "alert(1)<") || !strings.Contains(page, `\u003cscript\u003ealert(1)`) {
		t.Error("the name is not in the data as text")
	}
}

// The page of an hour of ten actions, which has 36,000 tallies, is at most 3 MB,
// and takes no more than some allocations for each of its bins and tallies.
func TestHourFits(t *testing.T) {
	r := wideNight{long: 1000, short: 300, fault: true}.play(t)
	began := time.Now()
	page := write(t, HTML, r)
	t.Logf("%d tallies: %d kB in %s", len(r.Tallies), len(page)/1000, time.Since(began))
	if len(page) > 3_000_000 {
		t.Errorf("the page has %d bytes, want 3 MB at most", len(page))
	}
	v := NewView(r)
	cells := len(v.Series[0].Offered) * len(v.Series)
	if cells < mostCells/2 || cells > mostCells {
		t.Errorf("there are %d bins of %d series", len(v.Series[0].Offered), len(v.Series))
	}
	if got, most := testing.AllocsPerRun(1, func() { NewView(r) }), float64(16*cells+2*len(r.Tallies)); got > most {
		t.Errorf("the View takes %v allocations, want %v at most", got, most)
	}
}

// With a comparison and its base, that page is no more than 3 MB either.
func TestHourComparedFits(t *testing.T) {
	r := wideNight{long: 1000, short: 300, fault: true}.play(t)
	c := runs.Compare(r, r, runs.DefaultTolerance)
	var page strings.Builder
	if err := CompareHTML(&page, r, r, c); err != nil {
		t.Fatal(err)
	}
	checkHTML(t, page.String())
	if page.Len() > 3_000_000 || len(c.Rows) < 300 {
		t.Errorf("the page of %d rows has %d bytes, want 3 MB at most", len(c.Rows), page.Len())
	}
}

// However long a run is and however much is done in it, there are few bins, and
// none shorter than they need to be.
func TestStep(t *testing.T) {
	for _, lines := range []int{1, 2, 14, 100, 1000, 20_000} {
		last := 0
		for seconds := 1; seconds <= int(scenarios.MaxDuration/time.Second); seconds += 1 + seconds/7 {
			step := stepOf(seconds, lines)
			n := (seconds + step - 1) / step
			if step < 1 || step < last || n > mostBins || n*lines > max(mostCells, lines) {
				t.Errorf("%d seconds of %d series: %d bins of %d seconds", seconds, lines, n, step)
			}
			if step > 1 && step <= 300 && (seconds+step/3)/(step/3+1) < mostBins/8 && (seconds+step/3)*lines < mostCells/8 {
				t.Errorf("%d seconds of %d series: bins of %d seconds are too long", seconds, lines, step)
			}
			last = step
		}
	}
}

// BenchmarkHour writes the page of an hour of ten actions.
func BenchmarkHour(b *testing.B) {
	r := wideNight{long: 1000, short: 300, fault: true}.play(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := HTML(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
