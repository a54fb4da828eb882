package main

import (
	"bytes"
	"encoding/json"
	"testing"

	registration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
)

// TestManifestsSpeakKubernetes decodes each manifest into the type of the API
// server, which must know every field.
func TestManifestsSpeakKubernetes(t *testing.T) {
	for name, into := range map[string]any{
		"namespace": &core.Namespace{}, "configmap": &core.ConfigMap{}, "deployment": &apps.Deployment{},
		"service": &core.Service{}, "webhook": &registration.ValidatingWebhookConfiguration{},
	} {
		all := documents(t, "deploy/kubernetes/"+name+".yaml")
		if len(all) != 1 {
			t.Fatalf("%s holds %d documents", name, len(all))
		}
		text, err := json.Marshal(all[0])
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
