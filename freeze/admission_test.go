package freeze

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// document is a real AdmissionReview, as Kubernetes's own types write it.
func document(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "admission", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// review sends a document to an admission and returns what it answers.
func review(t testing.TB, a *Admission, body []byte) admissionResponse {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	var got admissionReview
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Response == nil || got.APIVersion != reviewVersion || got.Kind != reviewKind {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return *got.Response
}

// now are rules with windows in force for an hour.
func now(overrides Overrides, windows ...Window) Rules {
	for i := range windows {
		windows[i].Start, windows[i].End = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	return Rules{Calendar: windows, Overrides: overrides, Reach: map[string][]string{"timeline": {"target:timeline", "tier:core"}}}
}

func ruling(r Rules) *Admission { return &Admission{Rules: func() (Rules, error) { return r, nil }} }

// TestAdmission sends every document in a freeze, out of it, and when nobody knows.
func TestAdmission(t *testing.T) {
	refused := []string{
		"create", "image", "image-dry-run", "env", "image-and-env", "restart", "hide", "delete",
		"replicaset-of-deployment-edit", "replicaset-create", "statefulset-image", "daemonset-image",
	}
	let := []string{
		"scale", "scale-subresource", "status", "labels", "delete-by-namespace-controller",
		"replicaset-of-deployment", "replicaset-of-deployment-delete", "pod",
	}
	files, err := os.ReadDir("testdata/admission")
	if err != nil || len(files) != len(refused)+len(let) {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	unread := func() (Rules, error) { return Rules{}, errors.New("config.yaml: line 3") }
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".json")
		body := document(t, name)
		want := slices.Contains(let, name)
		if !want && !slices.Contains(refused, name) {
			t.Fatalf("nobody says what becomes of %s", name)
		}
		got := review(t, ruling(now(nil, Window{Name: "super-bowl"})), body)
		if got.Allowed != want || got.UID == "" || !strings.Contains(string(body), got.UID) {
			t.Errorf("%s in a freeze: %+v", name, got)
		}
		if !want && (got.Status == nil || got.Status.Code != 403 || !strings.HasPrefix(got.Status.Message, `frozen: "super-bowl" (full) until `)) {
			t.Errorf("%s is refused without a reason: %+v", name, got.Status)
		}
		if got := review(t, ruling(Rules{}), body); !got.Allowed || len(got.Warnings) > 0 {
			t.Errorf("%s without a freeze: %+v", name, got)
		}
		got = review(t, &Admission{Rules: unread}, body)
		if got.Allowed != want || !want && got.Status.Message != "it is not known whether changes are frozen, so that none is let through: the freeze windows cannot be read: config.yaml: line 3" {
			t.Errorf("%s while nobody knows, closed: %+v", name, got)
		}
		got = review(t, &Admission{Rules: unread, FailOpen: true}, body)
		if !got.Allowed || (len(got.Warnings) == 0) != want {
			t.Errorf("%s while nobody knows, open: %+v", name, got)
		}
	}
}

// TestAdmissionScope sees which windows are about a workload.
func TestAdmissionScope(t *testing.T) {
	for scope, want := range map[string]bool{
		"namespace:prod": true, "namespace:dev": false, "target:timeline": true, "target:other": false,
		"env:prod": true, "env:dev": false, "app:timeline": true, "tier:core": true, "tier:edge": false,
	} {
		rules := now(nil, Window{Name: "w", Scope: []string{scope}})
		if got := review(t, ruling(rules), document(t, "image")); got.Allowed == want {
			t.Errorf("a window about %s: %+v", scope, got)
		}
	}
	for _, scope := range []string{"target:timeline", "env:prod", "tier:core", "target:other", "env:dev"} {
		if review(t, ruling(now(nil, Window{Name: "w", Scope: []string{scope}})), document(t, "hide")).Allowed {
			t.Errorf("who calls it another gets out of %s", scope)
		}
	}
}

// annotated is a document whose new object has the annotation.
func annotated(t *testing.T, name, value string) []byte {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(document(t, name), &d); err != nil {
		t.Fatal(err)
	}
	m := d["request"].(map[string]any)["object"].(map[string]any)["metadata"].(map[string]any)
	m["annotations"] = map[string]any{OverrideAnnotation: value}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAdmissionOverride lets through exactly what was allowed and called on.
func TestAdmissionOverride(t *testing.T) {
	window := Window{Name: "super-bowl"}
	says := review(t, ruling(now(nil, window)), document(t, "env")).Status.Message
	hash := regexp.MustCompile(`sha256:[0-9a-f]{64}`).FindString(says)
	if hash == "" || !strings.Contains(says, "target: timeline, kind: template") {
		t.Fatalf("no hash to allow: %s", says)
	}
	const image = "registry.example/timeline:4.3.1"
	allow := func(kind, revision string) Overrides {
		return Overrides{{
			Window: "super-bowl", Reason: "SEV1", ApprovedBy: "kim", From: time.Now().Add(-time.Minute), Until: time.Now().Add(time.Minute),
			Allow: Allowed{"timeline", kind, revision},
		}}
	}
	expired, other, second := allow("template", hash), allow("template", hash), now(allow("image", image), window, Window{Name: "second"})
	expired[0].Until = time.Now().Add(-time.Second)
	other[0].Allow.Target = "other"
	for _, c := range []struct {
		name     string
		document []byte
		rules    Rules
		want     bool
	}{
		{"this template", annotated(t, "env", hash), now(allow("template", hash), window), true},
		{"not called on", document(t, "env"), now(allow("template", hash), window), false},
		{"called on and not allowed", annotated(t, "env", hash), now(nil, window), false},
		{"another template", annotated(t, "image", hash), now(allow("template", hash), window), false},
		{"expired", annotated(t, "env", hash), now(expired, window), false},
		{"of another target", annotated(t, "env", hash), now(other, window), false},
		{"of another kind", annotated(t, "env", hash), now(allow("build", hash), window), false},
		{"this image", annotated(t, "image", image), now(allow("image", image), window), true},
		{"this image and more", annotated(t, "image", "x, "+image), now(allow("image", image), window), true},
		{"another image", annotated(t, "image", "registry.example/timeline:6"), now(allow("image", "registry.example/timeline:6"), window), false},
		{"this image, and something else changes", annotated(t, "image-and-env", image), now(allow("image", image), window), false},
		{"two windows, one override", annotated(t, "image", image), second, false},
		{"what stays annotated is not let through for ever", annotated(t, "restart", image), now(allow("image", image), window), false},
		{"a new one, by its template", annotated(t, "create", hash), now(allow("template", hash), window), false},
	} {
		got := review(t, ruling(c.rules), c.document)
		if got.Allowed != c.want || c.want && (len(got.Warnings) != 1 || !strings.Contains(got.AuditAnnotations["override"], "SEV1 (approved by kim, until ")) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// TestAdmissionTells says who did what.
func TestAdmissionTells(t *testing.T) {
	var told []string
	a := ruling(now(nil, Window{Name: "w"}))
	a.Tell = func(line string) { told = append(told, line) }
	review(t, a, document(t, "scale"))
	review(t, a, document(t, "delete"))
	if len(told) != 1 || !strings.HasPrefix(told[0], `DELETE deployments prod/timeline by "kim@example.com": refused: frozen: "w" (full) until `) {
		t.Errorf("%q", told)
	}
}

// TestAdmissionBadRequests refuses what no API server sends.
func TestAdmissionBadRequests(t *testing.T) {
	good := string(document(t, "image"))
	for _, c := range []struct {
		method, kind, body string
		code               int
		says               string
	}{
		{"GET", "application/json", good, 405, "want POST"},
		{"POST", "text/html", good, 415, "want application/json"},
		{"POST", "", good, 415, "want application/json"},
		{"POST", "application/json", "<html>", 400, "not an AdmissionReview: it is not JSON of that form"},
		{"POST", "application/json", good[:200], 400, "not an AdmissionReview: it is not JSON of that form"},
		{"POST", "application/json", `{}`, 400, " of : want AdmissionReview of admission.k8s.io/v1"},
		{"POST", "application/json", strings.Replace(good, "k8s.io/v1", "k8s.io/v1beta1", 1), 400, "AdmissionReview of admission.k8s.io/v1beta1: want AdmissionReview of admission.k8s.io/v1"},
		{"POST", "application/json", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`, 400, "the AdmissionReview has no request with a uid"},
		{"POST", "application/json", strings.Repeat(" ", largestReview+1), 413, "want at most 8 MB, whole"},
	} {
		r := httptest.NewRequest(c.method, "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		ruling(Rules{}).ServeHTTP(w, r)
		if w.Code != c.code || strings.TrimRight(w.Body.String(), "\n") != c.says {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.kind, w.Code, w.Body, c.code, c.says)
		}
	}
	odd := strings.Replace(good, `"spec": {`, `"spec": 7, "x": {`, 2)
	if got := review(t, ruling(Rules{}), []byte(odd)); got.Allowed || !strings.Contains(got.Status.Message, "the object cannot be read") {
		t.Errorf("an object of another form: %+v", got)
	}
}

// FuzzAdmission sees that whatever is sent is answered, and that in a freeze nothing
// gets through whose template is another.
func FuzzAdmission(f *testing.F) {
	files, err := filepath.Glob("testdata/admission/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	a := ruling(now(nil, Window{Name: "w"}))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		request, err := parseReview(body)
		if err != nil {
			return
		}
		var before, after struct{ Spec struct{ Template any } }
		if request.Operation != "UPDATE" || request.SubResource != "" || request.Resource.Group != "apps" || !slices.Contains(workloads, request.Resource.Resource) ||
			json.Unmarshal(request.OldObject, &before) != nil || json.Unmarshal(request.Object, &after) != nil {
			return
		}
		var got admissionReview
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Response.Allowed && !cmp.Equal(before, after) {
			t.Errorf("let through: %s", cmp.Diff(before, after))
		}
	})
}

// BenchmarkAdmission asks over TLS and reports the 99th percentile of what the
// client waits.
func BenchmarkAdmission(b *testing.B) {
	server := httptest.NewTLSServer(ruling(now(nil, Window{Name: "w"}, Window{Name: "v", Scope: []string{"env:prod"}})))
	b.Cleanup(server.Close)
	body, client := document(b, "image"), server.Client()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		res, err := client.Post(server.URL, "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || !bytes.Contains(text, []byte(`"allowed":false`)) {
			b.Fatalf("%s, %v", text, err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
