package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gameday/runs"
	"gameday/scenarios"
)

// shelved is a run on a shelf that came out in some way.
func shelved(n int, scenario string, v runs.Verdict, findings ...runs.Finding) runs.Shelved {
	began := time.Date(2027, 2, 14, 12, 0, 0, 0, time.UTC).Add(-time.Duration(n) * time.Hour)
	r := &runs.Run{Scenario: &scenarios.Scenario{Name: scenario}, Scale: 0.01, Verdict: v, Why: "Because.", Target: runs.Target{Name: "staging"}, Findings: findings}
	return runs.Shelved{Name: runs.NewID(began, scenario), Began: began, State: runs.Recorded, Run: r}
}

func index(t *testing.T, all []runs.Shelved, goodput func(string) (float64, bool)) string {
	t.Helper()
	var page bytes.Buffer
	x := &Index{Out: "reports/out", Now: time.Date(2027, 2, 14, 13, 0, 0, 0, time.UTC), Runs: all, Goodput: goodput}
	if err := IndexHTML(&page, x); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

func unknownGoodput(string) (float64, bool) { return 0, false }

// However runs came out, every mark of a trend is within its drawing, one for each
// run, and the drawing is XML.
func TestTrendsStayInTheirFrame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 9))
	got := []string{"unanswered", "0s", "1ns", "100µs", "1h", "", "junk", "250ms"}
	for range 100 {
		var all []runs.Shelved
		n := 2 + rnd.IntN(30)
		for i := range n {
			all = append(all, shelved(i, "night", runs.Verdict(rnd.IntN(3)), runs.Finding{Expect: "readers p99 <= 100ms", Got: got[rnd.IntN(len(got))]}))
		}
		page := index(t, all, func(string) (float64, bool) { return rnd.Float64() * float64(rnd.IntN(2)), rnd.IntN(3) > 0 })
		svg := regexp.MustCompile(`(?s)<svg viewBox="0 0 320 (\d+)".*?</svg>`).FindStringSubmatch(page)
		if svg == nil {
			t.Fatalf("there is no drawing:\n%s", page)
		}
		for d := xml.NewDecoder(strings.NewReader(svg[0])); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, svg[0])
			}
		}
		height, _ := strconv.ParseFloat(svg[1], 64)
		for _, m := range regexp.MustCompile(` (c?[xy][12]?)="([^"]*)"`).FindAllStringSubmatch(svg[0], -1) {
			most := 320.0
			if strings.Contains(m[1], "y") {
				most = height
			}
			if v, err := strconv.ParseFloat(m[2], 64); err != nil || math.IsNaN(v) || v < 0 || v > most {
				t.Errorf("%s is %q: want 0 to %g", m[1], m[2], most)
			}
		}
		if marks := strings.Count(svg[0], `class="mark `); marks != min(n, mostPlotted) {
			t.Errorf("%d marks of %d runs", marks, n)
		}
	}
}

// Only what can be compared is: runs of one scenario, scale and target, that have a
// record, and more than one of them.
func TestTrendsCompareLikeWithLike(t *testing.T) {
	all := []runs.Shelved{
		shelved(0, "night", runs.Pass), shelved(1, "other", runs.Pass), shelved(2, "night", runs.Pass), shelved(3, "night", runs.Pass),
		shelved(4, "night", runs.Pass), shelved(5, "night", runs.Pass),
	}
	all[2].Run.Scale, all[3].Run.Target.Name, all[4].State = 0.02, "elsewhere", runs.Killed
	x := &Index{Runs: all, Goodput: unknownGoodput}
	got := trends(x)
	if len(got) != 1 || got[0].Scenario != "night" || len(got[0].Marks) != 2 || len(got[0].Lanes) != 0 {
		t.Errorf("got %+v", got)
	}
}

// The worst p99 is the greatest that was held against a promise of one.
func TestWorstP99(t *testing.T) {
	finding := func(expect, got string) runs.Finding { return runs.Finding{Expect: expect, Got: got} }
	for _, x := range []struct {
		want     float64
		findings []runs.Finding
	}{
		{math.NaN(), nil},
		{math.NaN(), []runs.Finding{finding("p50 <= 1s", "900ms"), finding("service p99 <= 1s", "2s"), finding("fresh p99 <= 5s", "4s"), finding("success >= 99%", "100%"), finding("p99 <= 1s", "")}},
		{0.3, []runs.Finding{finding("readers p99 <= 1s", "300ms"), finding("p99 <= 1s", "200ms"), finding("p99.9 <= 1s", "700ms"), finding("junk", "9s")}},
		{math.Inf(1), []runs.Finding{finding("p99 <= 1s", "300ms"), finding("p99 <= 1s", "unanswered")}},
	} {
		if got := worstP99(&runs.Run{Findings: x.findings}); got != x.want && !(math.IsNaN(got) && math.IsNaN(x.want)) {
			t.Errorf("%v: %g, want %g", x.findings, got, x.want)
		}
	}
}

// A page lists the newest, and says that there are more.
func TestIndexOfMany(t *testing.T) {
	var all []runs.Shelved
	for i := range mostListed + 1234 {
		all = append(all, shelved(i, fmt.Sprintf("night%d", i), runs.Fail))
	}
	page := index(t, all, unknownGoodput)
	if rows := strings.Count(page, "✕ fail"); rows != mostListed || !strings.Contains(page, "1,234 older ones are left out") {
		t.Errorf("%d rows", rows)
	}
	if !strings.Contains(index(t, nil, unknownGoodput), "There are none yet.") {
		t.Error("nothing is not said")
	}
}

// Every class that a page gives has a rule in the style sheet, so that no verdict
// goes without its colour.
func TestStyleKnowsEveryVerdict(t *testing.T) {
	for _, class := range []string{"pass", "fail", "unclear", runs.Playing.String(), runs.Killed.String(), runs.Unreadable.String()} {
		if !bytes.Contains(Style, []byte("."+class)) {
			t.Errorf("the style sheet has no .%s", class)
		}
	}
}

func TestNoteHTML(t *testing.T) {
	var page bytes.Buffer
	if err := NoteHTML(&page, "<b>", "a & b"); err != nil || !strings.Contains(page.String(), "<h1>&lt;b&gt;</h1>") || !strings.Contains(page.String(), "<p>a &amp; b</p>") {
		t.Errorf("%v:\n%s", err, page.String())
	}
}
