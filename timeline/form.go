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
	"unicode/utf8"
)

// form reads the body of a request: a form, a multipart form, or a JSON object,
// of which it takes the texts. Without a body it is the query.
func (c *call) form() (url.Values, *problem) {
	var in io.ReadCloser = http.NoBody
	if c.r.Body != nil {
		in = c.r.Body
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, in, maxBody))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, bodyTooLarge()
		}
		return nil, badRequest("The request body could not be read")
	}
	form, bad := parseForm(c.r.Header.Get("Content-Type"), body)
	if bad != nil {
		return nil, bad
	}
	query, bad := c.query()
	for key, values := range query {
		if !form.Has(key) {
			form[key] = values
		}
	}
	for _, values := range form {
		for _, v := range values {
			if !utf8.ValidString(v) {
				return nil, notUTF8()
			}
		}
	}
	return form, bad
}

// parseForm reads a body of the given content type; none means a form.
func parseForm(contentType string, body []byte) (url.Values, *problem) {
	kind, params := "application/x-www-form-urlencoded", map[string]string(nil)
	if contentType != "" {
		var err error
		if kind, params, err = mime.ParseMediaType(contentType); err != nil {
			return nil, unsupportedType()
		}
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, unparsable()
		}
		return form, nil
	case "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(maxBody)
		if err != nil {
			return nil, unparsable()
		}
		defer form.RemoveAll()
		return form.Value, nil
	case "application/json":
		var object map[string]any
		if err := json.Unmarshal(body, &object); err != nil {
			return nil, unparsable()
		}
		form := url.Values{}
		for key, value := range object {
			if text, ok := value.(string); ok {
				form.Set(key, text)
			}
		}
		return form, nil
	}
	return nil, unsupportedType()
}
