package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"gameday/runs"
)

//go:embed web/page.html web/*.css web/*.js
var web embed.FS

// styles and scripts are the parts of the page, in the order in which they are put
// together: all scripts become one module, so what runs at once stands last.
var (
	styles  = []string{"uPlot.min.css", "style.css"}
	scripts = []string{
		"uPlot.iife.min.js", "dom.js", "format.js", "theme.js", "data.js", "board.js", "charts.js", "stage.js", "heat.js",
		"head.js", "compared.js", "promises.js", "timeline.js", "latency.js", "crowds.js", "errors.js", "told.js", "second.js", "live.js", "page.js",
	}
)

// A webPage is the page without its data and the policy of what it may do, which
// stand between its parts.
type webPage struct {
	parts         [3]string
	style, script string
	policy        string // for a page that needs nothing but itself
}

// loadPage puts the page together, once.
var loadPage = sync.OnceValues(func() (*webPage, error) {
	text, err := web.ReadFile("web/page.html")
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	page, err := template.New("page").Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	p := &webPage{}
	if p.style, err = joined(styles); err != nil {
		return nil, err
	}
	if p.script, err = joined(scripts); err != nil {
		return nil, err
	}
	const gap = "=-=-="
	var whole strings.Builder
	if err := page.Execute(&whole, map[string]any{
		"CSP": gap, "Style": template.CSS(p.style), "Script": template.JS(p.script),
		"Data": template.HTML(`<script type="application/json" id="data">` + gap + `</script>`),
	}); err != nil {
		return nil, fmt.Errorf("putting the page together: %w", err)
	}
	if n := copy(p.parts[:], strings.Split(whole.String(), gap)); n != len(p.parts) {
		return nil, fmt.Errorf("putting the page together: it has %d parts, want %d", n, len(p.parts))
	}
	p.policy = strings.Join([]string{
		"default-src 'none'", "script-src " + hashOf(p.script), "style-src " + hashOf(p.style), "img-src data:",
		"base-uri 'none'", "form-action 'none'",
	}, "; ")
	return p, nil
})

// joined are files of the page behind each other.
func joined(files []string) (string, error) {
	var all strings.Builder
	for _, f := range files {
		text, err := web.ReadFile("web/" + f)
		if err != nil {
			return "", fmt.Errorf("reading the page: %w", err)
		}
		all.WriteString("\n")
		all.Write(text)
	}
	return all.String(), nil
}

// hashOf is how a policy names the one text that it lets in.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// write writes the page with its policy and its data, which is JSON in which
// nothing could end its element: without <, > and &.
func (p *webPage) write(w io.Writer, policy string, data []byte) error {
	var page bytes.Buffer
	page.Grow(2*len(policy) + len(p.parts[0]) + len(p.parts[1]) + len(data) + len(p.parts[2]))
	page.WriteString(p.parts[0] + template.HTMLEscapeString(policy) + p.parts[1])
	page.Write(data)
	page.WriteString(p.parts[2])
	return send(w, page.Bytes())
}

// HTML writes a run as one page that draws it: it needs nothing besides itself,
// loads nothing, and opens from a disk.
func HTML(w io.Writer, r *runs.Run) error { return writePage(w, NewView(r)) }

// HTMLCompared writes the page of the head with what became of it since the base.
// The page begins with the run's own verdict.
func HTMLCompared(w io.Writer, base, head *runs.Run, c *runs.Comparison) error {
	v := NewView(head)
	v.compared(base, c, false)
	return writePage(w, v)
}

// writePage writes the page of a View.
func writePage(w io.Writer, v *View) error {
	p, err := loadPage()
	if err != nil {
		return err
	}
	data, err := json.Marshal(v) // which escapes <, >, &, U+2028 and U+2029
	if err != nil {
		return fmt.Errorf("encoding the view: %w", err)
	}
	return p.write(w, p.policy, data)
}
