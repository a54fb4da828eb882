package timeline

type object = map[string]any

// readInstance answers with what the service says about itself.
func (s *Service) readInstance(c *call) *problem {
	return c.json(object{
		"domain":      domain,
		"title":       title,
		"version":     s.build(c.knobs),
		"source_url":  "",
		"description": describes,
		"usage":       object{"users": object{"active_month": s.opts.Accounts}},
		"thumbnail":   object{"url": picture},
		"icon":        []object{},
		"languages":   []string{"en"},
		"configuration": configuration(object{
			"urls":        object{"streaming": c.streamingURL()},
			"flags":       c.knobs.Flags,
			"translation": object{"enabled": false},
		}),
		"registrations": object{"enabled": false, "approval_required": false, "message": nil, "url": nil},
		"contact":       object{"email": "", "account": nil},
		"rules":         []object{},
	})
}

// readInstance1 says the same as clients before version 4 want it.
func (s *Service) readInstance1(c *call) *problem {
	return c.json(object{
		"uri":               domain,
		"title":             title,
		"short_description": describes,
		"description":       describes,
		"email":             "",
		"version":           s.build(c.knobs),
		"urls":              object{"streaming_api": c.streamingURL()},
		"stats":             object{"user_count": s.opts.Accounts, "status_count": s.statuses(), "domain_count": 0},
		"thumbnail":         picture,
		"languages":         []string{"en"},
		"registrations":     false,
		"approval_required": false,
		"invites_enabled":   false,
		"configuration":     configuration(object{}),
		"contact_account":   nil,
		"rules":             []object{},
	})
}

const (
	title     = "Gameday timeline"
	describes = "The reference timeline service: Mastodon's client API over a made-up population."
)

// configuration are the limits that clients keep to.
func configuration(more object) object {
	more["accounts"] = object{"max_featured_tags": 0}
	more["statuses"] = object{"max_characters": maxCharacters, "max_media_attachments": 0, "characters_reserved_per_url": 0}
	more["media_attachments"] = object{"supported_mime_types": []string{}}
	more["polls"] = object{"max_options": 0}
	return more
}

// streamingURL is where streams are, as the client reaches this service.
func (c *call) streamingURL() string {
	if c.r.TLS != nil {
		return "wss://" + c.r.Host
	}
	return "ws://" + c.r.Host
}
