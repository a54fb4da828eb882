package timeline

import "encoding/json"

// renderInstance renders what the service says about itself. It does not change
// while the service runs.
func renderInstance(o Options) ([]byte, error) {
	type object = map[string]any
	return json.Marshal(object{
		"domain":      domain,
		"title":       "Gameday timeline",
		"version":     o.Version,
		"source_url":  "",
		"description": "The reference timeline service: Mastodon's client API, in memory.",
		"usage":       object{"users": object{"active_month": o.Accounts}},
		"thumbnail":   object{"url": picture},
		"icon":        []object{},
		"languages":   []string{"en"},
		"configuration": object{
			"urls":              object{},
			"accounts":          object{"max_featured_tags": 0},
			"statuses":          object{"max_characters": maxCharacters, "max_media_attachments": 0, "characters_reserved_per_url": 0},
			"media_attachments": object{"supported_mime_types": []string{}},
			"polls":             object{"max_options": 0},
			"translation":       object{"enabled": false},
		},
		"registrations": object{"enabled": false, "approval_required": false, "message": nil, "url": nil},
		"contact":       object{"email": "", "account": nil},
		"rules":         []object{},
	})
}
