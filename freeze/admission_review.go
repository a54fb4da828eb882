package freeze

// The part of Kubernetes's admission.k8s.io/v1 and apps/v1 that is needed here, by
// the names of k8s.io/api. Its own types would bring in forty packages.

import (
	"encoding/json"
	"errors"
	"fmt"
)

const (
	reviewVersion = "admission.k8s.io/v1"
	reviewKind    = "AdmissionReview"
)

type admissionReview struct {
	APIVersion string             `json:"apiVersion"`
	Kind       string             `json:"kind"`
	Request    *admissionRequest  `json:"request,omitempty"`
	Response   *admissionResponse `json:"response,omitempty"`
}

type admissionRequest struct {
	UID         string          `json:"uid"`
	Resource    groupResource   `json:"resource"`
	SubResource string          `json:"subResource"`
	Name        string          `json:"name"`
	Namespace   string          `json:"namespace"`
	Operation   string          `json:"operation"`
	UserInfo    userInfo        `json:"userInfo"`
	Object      json.RawMessage `json:"object"`
	OldObject   json.RawMessage `json:"oldObject"`
}

type groupResource struct {
	Group    string `json:"group"`
	Version  string `json:"version"`
	Resource string `json:"resource"`
}

type userInfo struct {
	Username string `json:"username"`
}

type admissionResponse struct {
	UID              string            `json:"uid"`
	Allowed          bool              `json:"allowed"`
	Status           *admissionStatus  `json:"status,omitempty"`
	AuditAnnotations map[string]string `json:"auditAnnotations,omitempty"`
	Warnings         []string          `json:"warnings,omitempty"`
}

type admissionStatus struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Reason  string `json:"reason"`
	Code    int    `json:"code"`
}

// parseReview reads what the API server asks.
func parseReview(body []byte) (*admissionRequest, error) {
	var r admissionReview
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, errors.New("not an AdmissionReview: it is not JSON of that form")
	}
	if r.APIVersion != reviewVersion || r.Kind != reviewKind {
		return nil, fmt.Errorf("%s of %s: want %s of %s", r.Kind, r.APIVersion, reviewKind, reviewVersion)
	}
	if r.Request == nil || r.Request.UID == "" {
		return nil, errors.New("the AdmissionReview has no request with a uid")
	}
	return r.Request, nil
}

// A workload is a Deployment or one of its kin.
type workload struct {
	Metadata struct {
		Labels          map[string]string `json:"labels"`
		Annotations     map[string]string `json:"annotations"`
		OwnerReferences []struct {
			Controller *bool `json:"controller"`
		} `json:"ownerReferences"`
	} `json:"metadata"`
	Spec struct {
		Template json.RawMessage `json:"template"`
	} `json:"spec"`
}

// owned reports whether a controller made w and looks after it.
func (w workload) owned() bool {
	for _, o := range w.Metadata.OwnerReferences {
		if o.Controller != nil && *o.Controller {
			return true
		}
	}
	return false
}

// parseWorkload reads an object. None at all, or null, is a workload without
// anything.
func parseWorkload(object json.RawMessage) (w workload, err error) {
	if len(object) == 0 {
		return w, nil
	}
	return w, json.Unmarshal(object, &w)
}
