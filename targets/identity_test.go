package targets

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// TestIdentityMistakes names every mistake in a list of sources with its key.
func TestIdentityMistakes(t *testing.T) {
	for _, c := range []struct {
		s    Source
		want string // empty: none
	}{
		{Source{Kind: "build", URL: "/v", JSON: "version"}, ""},
		{Source{Kind: "ref", Command: []string{"git", "rev-parse", "HEAD"}}, ""},
		{Source{Kind: "flags", File: "flags.json", Body: "json", Drop: []string{"a.b"}}, ""},
		{Source{Kind: "build", URL: "http://prometheus:9090", Query: "count by (version) (x_build_info)", Labels: []string{"version"}}, ""},
		{Source{Kind: "template", URL: "https://k8s", Template: "prod/deployments/timeline"}, ""},
		{Source{URL: "/v", JSON: "version"}, `identity[0].kind: "": want a word for what it tells, such as build, config or flags`},
		{Source{Kind: "Build", URL: "/v", JSON: "version"}, `identity[0].kind: "Build": want a word for what it tells, such as build, config or flags`},
		{Source{Kind: "a"}, "identity[0]: want exactly one of json, header, metric, query, body, template, images, command"},
		{Source{Kind: "a", URL: "/v", JSON: "x", Header: "y"}, "identity[0]: want exactly one of json, header, metric, query, body, template, images, command"},
		{Source{Kind: "a", JSON: "x"}, "identity[0].url: missing: want a path of the target, such as /api/v2/instance, another address, or a file"},
		{Source{Kind: "a", Header: "x"}, "identity[0].url: missing: want a path of the target, such as /api/v2/instance, or another address"},
		{Source{Kind: "a", URL: "v", JSON: "x"}, `identity[0].url: "v": want a path that starts with /, or an address such as https://prometheus.example`},
		{Source{Kind: "a", URL: "//evil/v", JSON: "x"}, `identity[0].url: "//evil/v": want a path that starts with /, or an address such as https://prometheus.example`},
		{Source{Kind: "a", URL: "https://u:secret@h/", JSON: "x"}, `identity[0].url: "https://…@h/": want a path that starts with /, or an address such as https://prometheus.example`},
		{Source{Kind: "a", URL: "/v", File: "f", JSON: "x"}, "identity[0].file: there is a url already; want one of them"},
		{Source{Kind: "a", URL: "/v", Header: "x", File: "f"}, "identity[0].file: does not go with header"},
		{Source{Kind: "a", URL: "/v", JSON: "x", Labels: []string{"l"}}, "identity[0].labels: does not go with json"},
		{Source{Kind: "a", URL: "/v", JSON: "x", Drop: []string{"l"}}, "identity[0].drop: does not go with json"},
		{Source{Kind: "a", URL: "/v", Command: []string{"true"}}, "identity[0].url: does not go with command"},
		{Source{Kind: "a", URL: "/v", JSON: "a..b"}, `identity[0].json: "a..b": want names with dots between, such as configuration.flags`},
		{Source{Kind: "a", URL: "/v", Body: "xml"}, `identity[0].body: "xml": want json, which compares what it means, or text, which compares every byte`},
		{Source{Kind: "a", URL: "/v", Body: "text", Drop: []string{"x"}}, "identity[0].body: drop wants json, and not text"},
		{Source{Kind: "a", URL: "/v", Body: "json", Drop: []string{"x."}}, `identity[0].body: drop: "x.": want names with dots between, such as configuration.flags`},
		{Source{Kind: "a", URL: "/v", Metric: "x_build_info"}, "identity[0].metric: x_build_info: its value is always 1; want labels, such as labels: [version]"},
		{Source{Kind: "a", URL: "/v", Metric: `x{a="b"}`}, `identity[0].metric: "x{a=\"b\"}": want the name alone`},
		{Source{Kind: "a", URL: "/v", Query: "x_build_info"}, "identity[0].query: of a metric of that kind its value is always 1; want labels, such as labels: [version]"},
		{Source{Kind: "a", URL: "/v", Template: "timeline"}, `identity[0].template: "timeline": want namespace/deployments/name, or with statefulsets or daemonsets`},
		{Source{Kind: "a", URL: "/v", Images: "a/pods/b"}, `identity[0].images: "a/pods/b": want namespace/deployments/name, or with statefulsets or daemonsets`},
	} {
		target := Target{Name: "t", URL: "http://h", Dialect: DialectHTTP, Identity: []Source{c.s}}
		var got string
		for _, m := range target.Validate("config.yaml", "targets[3]") {
			got = strings.TrimPrefix(m.Key, "targets[3].") + ": " + m.Says
		}
		if got != c.want {
			t.Errorf("%s: %q\nwant %q", c.s, got, c.want)
		}
	}
	twice := Target{Name: "t", URL: "http://h", Dialect: DialectHTTP, Identity: []Source{{Kind: "a", URL: "/", JSON: "x"}, {Kind: "a", URL: "/", JSON: "y"}}}
	if found := twice.Validate("f", "k"); len(found) != 1 || !strings.Contains(found[0].Says, "already the kind of identity[0]") {
		t.Errorf("two sources of a kind: %v", found)
	}
}

// TestSourceSaysNoSecret sees that what goes into a lock has no key to any door.
func TestSourceSaysNoSecret(t *testing.T) {
	s := Source{Kind: "build", URL: "https://u:hunter2@h/v", JSON: "version", Token: "/secret/token", CA: "/secret/ca"}
	if got, want := s.String(), "url https://…@h/v, json version"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestDefaultSources asks what a target of each dialect is asked for.
func TestDefaultSources(t *testing.T) {
	own := []Source{{Kind: "x", URL: "/", JSON: "y"}}
	for _, c := range []struct {
		t    Target
		want []Source
	}{
		{Target{Dialect: DialectMastodon}, []Source{{Kind: "build", URL: "/api/v2/instance", JSON: "version"}}},
		{Target{Dialect: DialectHTTP}, nil},
		{Target{Dialect: DialectMastodon, Identity: own}, own},
		{Target{Dialect: DialectMastodon, Identity: EmbeddedIdentity()}, EmbeddedIdentity()},
	} {
		if diff := cmp.Diff(c.want, c.t.Sources()); diff != "" {
			t.Error(diff)
		}
	}
}

// FuzzSeries holds the reading of a metric against Prometheus's own parser.
func FuzzSeries(f *testing.F) {
	for _, seed := range []string{
		"h 1\n", "h{a=\"b\"} 1\n", "h{a=\"b\",c=\"\\\\d\\\"\\n\",} 1e3 1700000000\n", "# HELP h 1\n# TYPE h gauge\nh 2\nhh 3\nh{} 4\n",
		"h{a=\"b\"", "h{a=b} 1\n", "h\n", "h{a=\"}\"} 5\n", "h { a = \"b\" } 6\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(text))
		if err != nil {
			for line := range strings.Lines(text) {
				_, _ = parseSeries(line, "h") // must not panic
			}
			return
		}
		var got, want []string
		for line := range strings.Lines(text) {
			s, err := parseSeries(strings.TrimRight(line, "\n"), "h")
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if s != nil {
				got = append(got, s.labels["a"])
			}
		}
		if families["h"] == nil {
			return
		}
		if k := families["h"].GetType(); k == dto.MetricType_HISTOGRAM || k == dto.MetricType_SUMMARY {
			return
		}
		for _, m := range families["h"].Metric {
			a := ""
			for _, l := range m.Label {
				if l.GetName() == "a" {
					a = l.GetValue()
				}
			}
			want = append(want, a)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}

// FuzzPath sees that a path finds what it drops, and that dropping ends it.
func FuzzPath(f *testing.F) {
	f.Add("a.b", `{"a":{"b":1}}`)
	f.Add("*.0", `[[1],[2]]`)
	f.Add(`a\.b`, `{"a.b":{}}`)
	f.Fuzz(func(t *testing.T, text, document string) {
		p, err := parsePath(text)
		if err != nil {
			return
		}
		v, err := answer{body: []byte(document)}.parse()
		if err != nil {
			return
		}
		for _, left := range p.find(p.drop(v)) {
			if left != nil {
				t.Errorf("%q leaves %v in %s", text, left, document)
			}
		}
	})
}
