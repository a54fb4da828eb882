package targets

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A cluster plays as much of Kubernetes's API as tells what a workload runs.
type cluster struct {
	generation int
	pods       []map[string]any
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/apis/apps/v1/namespaces/prod/deployments/timeline", "/apis/apps/v1/namespaces/prod/statefulsets/timeline":
		fmt.Fprintf(w, `{"kind":"Deployment","metadata":{"generation":%d},"spec":{"replicas":%d,"selector":{"matchLabels":{"app":"timeline"},
			"matchExpressions":[{"key":"tier","operator":"In","values":["web","api"]},{"key":"old","operator":"DoesNotExist"}]}}}`, c.generation, len(c.pods))
	case "/apis/apps/v1/namespaces/prod/deployments/none":
		fmt.Fprint(w, `{"kind":"Deployment","spec":{}}`)
	case "/api/v1/namespaces/prod/pods":
		if got := r.URL.Query().Get("labelSelector"); got != "!old,app=timeline,tier in (web,api)" {
			http.Error(w, "selector "+got, http.StatusBadRequest)
			return
		}
		half := c.pods[:len(c.pods)/2] // in two pages
		page := map[string]any{"metadata": map[string]any{"continue": "more"}, "items": half}
		if r.URL.Query().Get("continue") == "more" {
			page = map[string]any{"metadata": map[string]any{}, "items": c.pods[len(c.pods)/2:]}
		}
		json.NewEncoder(w).Encode(page)
	default:
		http.NotFound(w, r)
	}
}

// aPod is a pod as the API has it, in short.
func aPod(hash, image string, more map[string]any) map[string]any {
	p := map[string]any{
		"metadata": map[string]any{"name": "timeline-" + hash, "labels": map[string]any{"app": "timeline", "pod-template-hash": hash, "controller-revision-hash": "rev-" + hash}},
		"status":   map[string]any{"phase": "Running", "containerStatuses": []any{map[string]any{"name": "app", "imageID": image}}},
	}
	maps.Copy(p, more)
	return p
}

// TestKubernetes scales a workload, rolls it out, and moves its tag.
func TestKubernetes(t *testing.T) {
	const one, two = "docker-pullable://registry/app@sha256:1111", "registry/app@sha256:2222"
	running := aPod("aaa", one, nil)
	ended := aPod("old", two, map[string]any{"status": map[string]any{"phase": "Failed"}})
	leaving := aPod("old", two, nil)
	leaving["metadata"].(map[string]any)["deletionTimestamp"] = "2027-02-14T23:30:00Z"
	pulling := aPod("aaa", "", map[string]any{"status": map[string]any{"phase": "Pending"}})
	c := &cluster{}
	url := answering(t, c.ServeHTTP)
	for i, x := range []struct {
		name             string
		pods             []map[string]any
		template, images string
	}{
		{"one", []map[string]any{running}, "aaa", "app=registry/app@sha256:1111"},
		{"scaled", slices.Repeat([]map[string]any{running}, 40), "aaa", "app=registry/app@sha256:1111"},
		{"scaled, one is still pulling", []map[string]any{running, pulling}, "aaa", "app=registry/app@sha256:1111"},
		{"what ended or is leaving is not running", []map[string]any{ended, running, leaving}, "aaa", "app=registry/app@sha256:1111"},
		{"rolling out", []map[string]any{running, aPod("bbb", one, nil)}, "aaa bbb", "app=registry/app@sha256:1111"},
		{"the tag was moved", []map[string]any{running, aPod("aaa", two, nil)}, "aaa", "app=registry/app@sha256:1111 app=registry/app@sha256:2222"},
	} {
		c.pods, c.generation = x.pods, i+1
		out := Target{URL: "http://h", Dialect: DialectHTTP, Identity: []Source{
			{Kind: "template", URL: url, Template: "prod/deployments/timeline"},
			{Kind: "images", URL: url, Images: "prod/deployments/timeline"},
			{Kind: "revision", URL: url, Template: "prod/statefulsets/timeline"},
		}}.Sample(t.Context(), Sampling{Times: 3})
		revision := strings.ReplaceAll("rev-"+x.template, " ", " rev-")
		want := map[string][]string{"template": strings.Fields(x.template), "images": strings.Fields(x.images), "revision": strings.Fields(revision)}
		if diff := cmp.Diff(want, out.Sets); diff != "" || len(out.Wrong) > 0 {
			t.Errorf("%s: %v %s", x.name, out.Wrong, diff)
		}
	}
	for workload, want := range map[string]string{
		"prod/deployments/nope": "GET /apis/apps/v1/namespaces/prod/deployments/nope was answered 404 Not Found",
		"prod/deployments/none": "prod/deployments/none selects no pods",
	} {
		if got, wrong := only(t, "http://h", Source{URL: url, Template: workload}, Sampling{}); len(got) > 0 || wrong != want {
			t.Errorf("%q, %q; want %q", got, wrong, want)
		}
	}
	c.pods = nil
	if got, wrong := only(t, "http://h", Source{URL: url, Images: "prod/deployments/timeline"}, Sampling{}); len(got) > 0 || wrong != "no pod of prod/deployments/timeline runs yet" {
		t.Errorf("scaled to nothing: %q, %q", got, wrong)
	}
}
