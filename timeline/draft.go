package timeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	maxBody       = 1 << 20 // bytes of a request's body
	maxCharacters = 500     // of a post
)

// draft is what a request asks to publish.
type draft struct {
	text       string
	replyTo    string // id of the status it answers, empty for none
	visibility string // empty for public
	// refused names a field that cannot be honoured, such as scheduled_at.
	// Ignoring it would publish something else than what was asked for.
	refused string
}

// readDraft reads the body of a request to post: a form, a multipart form or
// JSON. It says nothing yet about whether the draft may be published.
func readDraft(w http.ResponseWriter, r *http.Request) (draft, *problem) {
	if r.Body == nil {
		return draft{}, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return draft{}, bodyTooLarge()
		}
		return draft{}, badRequest("The request body could not be read")
	}
	return parseDraft(r.Header.Get("Content-Type"), body)
}

// parseDraft reads a body of the given content type; none means a form.
func parseDraft(contentType string, body []byte) (draft, *problem) {
	kind, params := "application/x-www-form-urlencoded", map[string]string(nil)
	if contentType != "" {
		var err error
		if kind, params, err = mime.ParseMediaType(contentType); err != nil {
			return draft{}, unsupportedType()
		}
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return draft{}, unparsable()
		}
		return formDraft(form)
	case "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(maxBody)
		if err != nil {
			return draft{}, unparsable()
		}
		defer form.RemoveAll()
		return formDraft(form.Value)
	case "application/json":
		return jsonDraft(body)
	}
	return draft{}, unsupportedType()
}

func formDraft(form url.Values) (draft, *problem) {
	d := draft{text: form.Get("status"), replyTo: form.Get("in_reply_to_id"), visibility: form.Get("visibility")}
	for _, name := range unhonoured {
		for key, values := range form {
			if field, _, _ := strings.Cut(key, "["); field == name && strings.Join(values, "") != "" && d.refused == "" {
				d.refused = name
			}
		}
	}
	return d, d.readable()
}

func jsonDraft(body []byte) (draft, *problem) {
	if !utf8.Valid(body) {
		return draft{}, notUTF8()
	}
	var in struct {
		Status      string            `json:"status"`
		ReplyTo     json.RawMessage   `json:"in_reply_to_id"` // a string, or a number from a careless client
		Visibility  string            `json:"visibility"`
		MediaIDs    []json.RawMessage `json:"media_ids"`
		ScheduledAt *string           `json:"scheduled_at"`
		Poll        json.RawMessage   `json:"poll"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return draft{}, unparsable()
	}
	d := draft{text: in.Status, visibility: in.Visibility}
	if text := string(in.ReplyTo); text != "null" {
		d.replyTo = strings.Trim(text, `"`)
	}
	switch {
	case len(in.MediaIDs) > 0:
		d.refused = "media_ids"
	case in.ScheduledAt != nil && *in.ScheduledAt != "":
		d.refused = "scheduled_at"
	case in.Poll != nil && string(in.Poll) != "null":
		d.refused = "poll"
	}
	return d, d.readable()
}

// unhonoured are the fields that ask for something this service does not do.
var unhonoured = [...]string{"media_ids", "scheduled_at", "poll"}

// readable refuses text that is not UTF-8.
func (d draft) readable() *problem {
	if !utf8.ValidString(d.text) || !utf8.ValidString(d.replyTo) || !utf8.ValidString(d.visibility) {
		return notUTF8()
	}
	return nil
}

// check says why a draft cannot be published, or gives its text without the
// space around it. Characters are Unicode code points.
func (d draft) check() (string, *problem) {
	text := strings.TrimSpace(d.text)
	switch {
	case d.refused != "":
		return "", invalid(d.refused + " is not supported by this service")
	case text == "":
		return "", invalid("Text can't be blank")
	case utf8.RuneCountInString(text) > maxCharacters:
		return "", invalid("Text character limit of 500 exceeded")
	case d.visibility != "" && d.visibility != "public" && d.visibility != "unlisted":
		return "", invalid("Visibility must be public or unlisted")
	}
	return text, nil
}
