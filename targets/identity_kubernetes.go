package targets

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// hashLabels are the labels with which Kubernetes marks a pod with the hash of the
// template that it was made from. They change when .spec.template does, and not
// when a workload is scaled, as metadata.generation would.
var hashLabels = map[string]string{
	"deployments":  "pod-template-hash",
	"statefulsets": "controller-revision-hash",
	"daemonsets":   "controller-revision-hash",
}

func wrongTemplate(s Source) string { return wrongWorkload(s.Template) }

func wrongImages(s Source) string { return wrongWorkload(s.Images) }

func wrongWorkload(w string) string {
	parts := strings.Split(w, "/")
	if len(parts) != 3 || hashLabels[parts[1]] == "" || !idSafe(parts[0]) || !idSafe(parts[2]) {
		return fmt.Sprintf("%q: want namespace/deployments/name, or with statefulsets or daemonsets", w)
	}
	return ""
}

// A pod is as much of a pod as tells what it runs.
type pod struct {
	Metadata struct {
		Labels            map[string]string
		DeletionTimestamp string
	}
	Status struct {
		Phase                 string
		ContainerStatuses     []container
		InitContainerStatuses []container
	}
}

type container struct{ Name, ImageID string }

// readTemplate takes the template hashes of a workload's pods.
func (q *inquiry) readTemplate(ctx context.Context, s Source) ([]string, error) {
	pods, label, err := q.pods(ctx, s, s.Template)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, p := range pods {
		if v := p.Metadata.Labels[label]; v != "" {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("no pod of %s has the label %s", s.Template, label)
	}
	return values, nil
}

// readImages takes the ids of the images that a workload's pods run, which tell a
// tag that was moved, each with its container's name.
func (q *inquiry) readImages(ctx context.Context, s Source) ([]string, error) {
	pods, _, err := q.pods(ctx, s, s.Images)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, p := range pods {
		for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
			if c.ImageID != "" { // until the image is there
				values = append(values, c.Name+"="+strings.TrimPrefix(c.ImageID, "docker-pullable://"))
			}
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("no pod of %s runs yet", s.Images)
	}
	return values, nil
}

// pods are the pods of a workload that run or are about to, and the label that has
// the hash of their template.
func (q *inquiry) pods(ctx context.Context, s Source, workload string) (found []pod, label string, err error) {
	parts := strings.Split(workload, "/")
	namespace, plural, name := parts[0], parts[1], parts[2]
	a, err := q.get(ctx, s, "/apis/apps/v1/namespaces/"+namespace+"/"+plural+"/"+name, nil)
	if err != nil {
		return nil, "", err
	}
	var w struct{ Spec struct{ Selector selector } }
	if err := a.decode(&w); err != nil {
		return nil, "", err
	}
	if w.Spec.Selector.String() == "" {
		return nil, "", fmt.Errorf("%s selects no pods", workload)
	}
	query := url.Values{"labelSelector": {w.Spec.Selector.String()}, "limit": {"500"}}
	for {
		a, err := q.get(ctx, s, "/api/v1/namespaces/"+namespace+"/pods", query)
		if err != nil {
			return nil, "", err
		}
		var page struct {
			Metadata struct{ Continue string }
			Items    []pod
		}
		if err := a.decode(&page); err != nil {
			return nil, "", err
		}
		for _, p := range page.Items {
			ended := p.Status.Phase == "Failed" || p.Status.Phase == "Succeeded" || p.Metadata.DeletionTimestamp != ""
			if !ended {
				found = append(found, p)
			}
		}
		if page.Metadata.Continue == "" {
			return found, hashLabels[plural], nil
		}
		query.Set("continue", page.Metadata.Continue)
	}
}

// A selector is Kubernetes's label selector.
type selector struct {
	MatchLabels      map[string]string
	MatchExpressions []struct {
		Key, Operator string
		Values        []string
	}
}

// String is the selector as the API takes it in a query.
func (s selector) String() string {
	var all []string
	for k, v := range s.MatchLabels {
		all = append(all, k+"="+v)
	}
	for _, e := range s.MatchExpressions {
		switch e.Operator {
		case "In", "NotIn":
			all = append(all, fmt.Sprintf("%s %s (%s)", e.Key, strings.ToLower(e.Operator), strings.Join(e.Values, ",")))
		case "Exists":
			all = append(all, e.Key)
		case "DoesNotExist":
			all = append(all, "!"+e.Key)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}
