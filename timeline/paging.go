package timeline

import (
	"math"
	"net/url"
	"strconv"
	"strings"
)

const (
	defaultLimit = 20
	maxLimit     = 40
)

// paging says which page of a timeline is wanted: entries between after and
// before, both excluded. The page is the newest of them, or with upward the
// oldest; it is newest first either way.
type paging struct {
	limit  int
	before uint64
	after  uint64
	upward bool
}

// readPaging reads limit, max_id, since_id and min_id as Mastodon does: the
// limit is 20 unless given, its sign does not matter, and 40 is the most;
// min_id asks for the page immediately newer than it and beats since_id; an
// empty value is none. A value that is no number is refused.
func readPaging(query url.Values) (paging, *problem) {
	p := paging{limit: defaultLimit, before: math.MaxUint64}
	if text := query.Get("limit"); text != "" {
		digits := strings.TrimPrefix(text, "-")
		n, ok := parseID(digits)
		if !ok {
			return p, badRequest("limit must be a whole number")
		}
		p.limit = int(min(n, maxLimit))
	}
	for _, key := range []string{"max_id", "since_id", "min_id"} {
		text := query.Get(key)
		if text == "" {
			continue
		}
		id, ok := parseID(text)
		if !ok {
			return p, badRequest(key + " must be the id of a status")
		}
		switch key {
		case "max_id":
			p.before = id
		case "since_id":
			p.after = id
		case "min_id":
			p.after, p.upward = id, true
		}
	}
	return p, nil
}

// parseID reads a decimal number without a sign. One too large for 64 bits is
// the largest there is: no id is above it.
func parseID(text string) (uint64, bool) {
	if text == "" {
		return 0, false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return math.MaxUint64, true
	}
	return id, true
}

// pageLinks is the Link header of a page that is not empty: next is the page
// older than it, prev the one immediately newer. Other parameters stay.
func (c *call) pageLinks(query url.Values, page []*status) string {
	at := url.URL{Scheme: "http", Host: c.r.Host, Path: c.r.URL.Path}
	if c.r.TLS != nil {
		at.Scheme = "https"
	}
	base := at.String() + "?"
	if len(query) > 0 {
		query.Del("max_id")
		query.Del("since_id")
		query.Del("min_id")
		if rest := query.Encode(); rest != "" {
			base += rest + "&"
		}
	}
	oldest := strconv.FormatUint(page[len(page)-1].id, 10)
	newest := strconv.FormatUint(page[0].id, 10)
	return "<" + base + "max_id=" + oldest + `>; rel="next", <` + base + "min_id=" + newest + `>; rel="prev"`
}
