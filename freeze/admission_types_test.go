package freeze

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	admission "k8s.io/api/admission/v1"
)

// strictly decodes into a type of Kubernetes, and complains about anything that it
// does not know.
func strictly(t *testing.T, text []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// TestAdmissionSpeaksKubernetes holds questions and answers against the types of
// the API server.
func TestAdmissionSpeaksKubernetes(t *testing.T) {
	files, err := filepath.Glob("testdata/admission/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var asked, answered admission.AdmissionReview
		strictly(t, text, &asked)
		ours, err := parseReview(text)
		if err != nil {
			t.Fatal(err)
		}
		theirs := asked.Request
		got := []string{ours.UID, ours.Resource.Group, ours.Resource.Resource, ours.SubResource, ours.Name, ours.Namespace, ours.Operation, ours.UserInfo.Username}
		want := []string{string(theirs.UID), theirs.Resource.Group, theirs.Resource.Resource, theirs.SubResource, theirs.Name, theirs.Namespace, string(theirs.Operation), theirs.UserInfo.Username}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		ruling(now(nil, Window{Name: "w"})).ServeHTTP(w, r)
		strictly(t, w.Body.Bytes(), &answered)
		if answered.Response.UID != theirs.UID || answered.TypeMeta != asked.TypeMeta {
			t.Errorf("%s: %+v", file, answered)
		}
		if !answered.Response.Allowed && (answered.Response.Result == nil || answered.Response.Result.Code != 403 || answered.Response.Result.Message == "") {
			t.Errorf("%s is refused without a reason: %+v", file, answered.Response)
		}
	}
}
