package scenarios

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"strings"
)

// The actions that every timeline dialect knows.
const (
	Home   = "home"   // read one's own home timeline
	User   = "user"   // read somebody's posts
	Status = "status" // read one post
	Public = "public" // read everybody's posts
	Post   = "post"   // write a post
	Like   = "like"   // like a post
	Unlike = "unlike" // take a like back
	Boost  = "boost"  // pass a post on to one's followers
	Follow = "follow" // follow somebody
)

// TimelineActions are the actions that need no further description.
var TimelineActions = []string{Home, User, Status, Public, Post, Like, Unlike, Boost, Follow}

// An Action is one thing that the people of a crowd do. Its text is "home 80":
// a timeline action and its weight.
//
// An action of a plain HTTP service has a path of its own:
// {name: checkout, method: POST, path: /cart, body: …, weight: 3}.
type Action struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`           // relative to the crowd's other actions; 1 where left out
	Method string  `json:"method,omitempty"` // GET where left out
	Path   string  `json:"path,omitempty"`   // with the query; begins with /
	Body   string  `json:"body,omitempty"`
	Type   string  `json:"type,omitempty"` // of the body; application/json where left out
}

// Plain reports whether the action describes its own HTTP request.
func (a Action) Plain() bool { return a.Path != "" }

// UnmarshalText reads "home 80", or "home" for a weight of 1.
func (a *Action) UnmarshalText(text []byte) error {
	f := strings.Fields(string(text))
	weight := 1.0
	if len(f) == 2 {
		v, err := parseNumber(f[1])
		if err != nil {
			f = nil
		}
		weight = v
	}
	if len(f) != 1 && len(f) != 2 {
		return fmt.Errorf("%q: want an action and its weight, such as home 80", text)
	}
	*a = Action{Name: f[0], Weight: weight}
	return nil
}

// MarshalJSON writes the short text where it says everything.
func (a Action) MarshalJSON() ([]byte, error) {
	if a == (Action{Name: a.Name, Weight: a.Weight}) {
		return json.Marshal(a.String())
	}
	type plain Action
	return json.Marshal(plain(a))
}

// UnmarshalJSON reads both forms.
func (a *Action) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return a.UnmarshalText([]byte(text))
	}
	type plain Action
	p := plain{Weight: 1}
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	*a = Action(p)
	return nil
}

func (a Action) String() string { return a.Name + " " + formatNumber(a.Weight) }

// request looks through an action that describes its own HTTP request. What it
// lets pass can stand in a request as it is.
func (v *validation) request(key string, a Action) {
	v.name(key+".name", a.Name)
	_, err := url.ParseRequestURI(a.Path)
	switch {
	case a.Path[0] != '/' || strings.HasPrefix(a.Path, "//"):
		v.add(key+".path", fmt.Sprintf("%q: want a path that begins with one /", a.Path))
	case err != nil || !visible(a.Path) || strings.ContainsAny(a.Path, " #"):
		v.add(key+".path", fmt.Sprintf("%q: want a path without spaces or #, other than ASCII written with %%", a.Path))
	}
	if strings.Trim(a.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		v.add(key+".method", fmt.Sprintf("%q: want a method in capitals, such as POST", a.Method))
	}
	if kind, _, err := mime.ParseMediaType(a.Type); a.Type != "" && (err != nil || !strings.Contains(kind, "/") || !visible(a.Type)) {
		v.add(key+".type", fmt.Sprintf("%q: want a media type, such as application/json", a.Type))
	}
	v.text(key+".body", a.Body)
}

// visible reports whether text is printable ASCII throughout.
func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
