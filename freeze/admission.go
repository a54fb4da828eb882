package freeze

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An Admission is a validating admission webhook for Kubernetes. In a window that
// covers a workload it refuses what would change the workload's .spec.template, and
// lets everything else pass: scaling, status, labels, what controllers do. It is
// safe for concurrent use.
type Admission struct {
	// Rules are the windows and overrides at this moment. It is asked for every
	// request, and must be quick. After an error nobody knows what is frozen.
	Rules func() (Rules, error)
	// FailOpen lets changes pass while nobody knows what is frozen.
	FailOpen bool
	// Tell is given a line for each change that a window is about.
	Tell func(line string)
}

// OverrideAnnotation is the annotation of a workload that calls on overrides, by the
// exact revisions they allow, with commas between: the template's hash, or the new
// images if nothing else changes.
const OverrideAnnotation = "gameday.dev/override"

// TargetLabel is the label of a workload that says which target it is, if that is
// not its name.
const TargetLabel = "gameday.dev/target"

// The kinds of identity of which an override can allow a revision here.
const (
	templateKind = "template"
	imageKind    = "image"
)

// workloads are the resources of the group apps that have a pod template.
var workloads = []string{"deployments", "statefulsets", "daemonsets", "replicasets"}

// largestReview is how long a request may be: two objects of the size that etcd takes.
const largestReview = 8 << 20

// ServeHTTP answers one AdmissionReview.
func (a *Admission) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "want POST", http.StatusMethodNotAllowed)
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
		return
	}
	var body bytes.Buffer
	if _, err := io.Copy(&body, http.MaxBytesReader(w, r.Body, largestReview)); err != nil {
		http.Error(w, fmt.Sprintf("want at most %d MB, whole", largestReview>>20), http.StatusRequestEntityTooLarge)
		return
	}
	request, err := parseReview(body.Bytes())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	response := a.decide(request, time.Now())
	response.UID = request.UID
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(admissionReview{APIVersion: reviewVersion, Kind: reviewKind, Response: response})
}

// decide answers a request that came at an instant.
func (a *Admission) decide(r *admissionRequest, at time.Time) *admissionResponse {
	c, err := newChange(r)
	if err != nil {
		return a.doubt(r, fmt.Errorf("the object cannot be read: %w", err))
	}
	if c == nil {
		return &admissionResponse{Allowed: true}
	}
	rules, err := a.Rules()
	if err != nil {
		return a.doubt(r, fmt.Errorf("the freeze windows cannot be read: %w", err))
	}
	answer, err := rules.Calendar.For(c.reach(rules.Reach)...).Check(at, 0)
	if err != nil {
		return a.doubt(r, err)
	}
	if !answer.Frozen {
		return &admissionResponse{Allowed: true}
	}
	target := c.request.Name
	if names := c.targets(); len(names) > 0 {
		target = names[0]
	}
	if by := c.exempted(rules.Overrides, answer.Windows, target, at); by != "" {
		a.tell(r, "let through, as overridden: "+by)
		return &admissionResponse{
			Allowed:          true,
			Warnings:         []string{"changes are frozen; an override lets this one through: " + by},
			AuditAnnotations: map[string]string{"override": by},
		}
	}
	return a.refuse(r, fmt.Sprintf("%s: %s", answer, c.says(target)))
}

// doubt answers while nobody knows what is frozen.
func (a *Admission) doubt(r *admissionRequest, err error) *admissionResponse {
	if a.FailOpen {
		says := fmt.Sprintf("it is not known whether changes are frozen, and this one is let through: %v", err)
		a.tell(r, says)
		return &admissionResponse{Allowed: true, Warnings: []string{says}}
	}
	return a.refuse(r, fmt.Sprintf("it is not known whether changes are frozen, so that none is let through: %v", err))
}

func (a *Admission) refuse(r *admissionRequest, says string) *admissionResponse {
	a.tell(r, "refused: "+says)
	return &admissionResponse{Status: &admissionStatus{"Failure", says, "Forbidden", http.StatusForbidden}}
}

func (a *Admission) tell(r *admissionRequest, says string) {
	if a.Tell != nil {
		a.Tell(fmt.Sprintf("%s %s %s/%s by %q: %s", r.Operation, r.Resource.Resource, r.Namespace, r.Name, r.UserInfo.Username, says))
	}
}

// A change is a request that changes a pod template, makes a workload or ends one.
type change struct {
	request  *admissionRequest
	old, now workload
	was, is  podTemplate // without text where there is none
}

// newChange returns nil for a request that changes no template.
func newChange(r *admissionRequest) (*change, error) {
	if r.Resource.Group != "apps" || !slices.Contains(workloads, r.Resource.Resource) || r.SubResource != "" {
		return nil, nil
	}
	c := &change{request: r}
	var err error
	if c.now, err = parseWorkload(r.Object); err != nil {
		return nil, err
	}
	if c.old, err = parseWorkload(r.OldObject); err != nil {
		return nil, err
	}
	switch r.Operation {
	case "CREATE":
		if c.now.owned() {
			return nil, nil // it follows from a change that was let through
		}
	case "UPDATE":
		if bytes.Equal(c.old.Spec.Template, c.now.Spec.Template) {
			return nil, nil
		}
		if c.was, err = parseTemplate(c.old.Spec.Template); err != nil {
			return nil, err
		}
	case "DELETE": // what was deleted could not be made again
		if c.old.owned() || strings.HasPrefix(r.UserInfo.Username, "system:serviceaccount:kube-system:") {
			return nil, nil
		}
		return c, nil
	default:
		return nil, nil
	}
	if c.is, err = parseTemplate(c.now.Spec.Template); err != nil {
		return nil, err
	}
	if c.is.hash == c.was.hash {
		return nil, nil
	}
	return c, nil
}

// targets are the names of the targets that the workload is: before the change and,
// as who changes it may call it another, after it.
func (c *change) targets() []string {
	var names []string
	for _, x := range []struct {
		object json.RawMessage
		workload
	}{{c.request.OldObject, c.old}, {c.request.Object, c.now}} {
		name := c.request.Name
		if l := x.Metadata.Labels[TargetLabel]; l != "" {
			name = l
		}
		if len(x.object) > 0 && string(x.object) != "null" {
			names = append(names, name)
		}
	}
	return names
}

// reach are the labels by which windows reach the workload: those of its targets,
// its namespace, and its own before and after.
func (c *change) reach(targets map[string][]string) []string {
	labels := []string{"namespace:" + c.request.Namespace}
	for _, name := range c.targets() {
		labels = append(append(labels, "target:"+name), targets[name]...)
	}
	for _, w := range []workload{c.old, c.now} {
		for k, v := range w.Metadata.Labels {
			labels = append(labels, k+":"+v)
		}
	}
	return labels
}

// exempted says by what the change is let through; empty: by nothing.
func (c *change) exempted(overrides Overrides, windows []Window, target string, at time.Time) string {
	called := strings.FieldsFunc(c.now.Metadata.Annotations[OverrideAnnotation], func(r rune) bool { return r == ',' || r == ' ' })
	if len(called) == 0 || c.request.Operation == "DELETE" {
		return ""
	}
	var all []string
	allows := func(kind, revision string) bool {
		if !slices.Contains(called, revision) {
			return false
		}
		by, ok := overrides.Allows(windows, Allowed{Target: target, Kind: kind, Revision: revision}, at)
		for _, o := range by {
			all = append(all, o.says())
		}
		return ok
	}
	if allows(templateKind, c.is.hash) {
		return strings.Join(all, "; ")
	}
	images, only := c.is.newImages(c.was)
	if !only || slices.ContainsFunc(images, func(i string) bool { return !allows(imageKind, i) }) {
		return ""
	}
	return strings.Join(slices.Compact(all), "; ")
}

// says is what the change would do, and what would let it through.
func (c *change) says(target string) string {
	name := c.request.Namespace + "/" + c.request.Name
	if c.request.Operation == "DELETE" {
		return fmt.Sprintf("%s cannot be deleted now, as it could not be made again; scale it to 0 instead", name)
	}
	does := "would change its pod template"
	if c.request.Operation == "CREATE" {
		does = "would be new"
	}
	return fmt.Sprintf("%s %s; to let exactly this through, approve an override with allow: {target: %s, kind: %s, revision: %q} and set the annotation %s to that revision",
		name, does, target, templateKind, c.is.hash, OverrideAnnotation)
}
