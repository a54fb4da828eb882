package timeline

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"time"
)

const (
	domain  = "timeline.localhost"
	address = "https://" + domain
	picture = address + "/picture.png"

	// stamp is how times are written, always in UTC.
	stamp = "2006-01-02T15:04:05.000Z"
)

// renderContent makes HTML of a text, as a JSON string: a paragraph for every
// block between blank lines, a break for every other line.
func renderContent(text string) []byte {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = html.EscapeString(text)
	text = strings.ReplaceAll(text, "\n\n", "</p><p>")
	text = strings.ReplaceAll(text, "\n", "<br>")
	return quote("<p>" + text + "</p>")
}

// quote makes a JSON string of a text.
func quote(text string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		panic(err) // a string cannot fail
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// render renders what never changes of a status, once. Counts, the author and the
// viewer's marks follow it at every read (see appendStatus), so nothing rendered
// ever goes stale.
func (st *status) render() {
	id := strconv.FormatUint(st.id, 10)
	author := strconv.Itoa(int(st.author))
	visibility := "unlisted"
	if st.listed {
		visibility = "public"
	}
	b := make([]byte, 0, 448+len(st.content))
	b = append(b, `{"id":"`...)
	b = append(b, id...)
	b = append(b, `","created_at":"`...)
	b = st.at.UTC().AppendFormat(b, stamp)
	if st.replyTo != nil {
		b = append(b, `","in_reply_to_id":"`...)
		b = strconv.AppendUint(b, st.replyTo.id, 10)
		b = append(b, `","in_reply_to_account_id":"`...)
		b = strconv.AppendInt(b, int64(st.replyTo.author), 10)
		b = append(b, '"')
	} else {
		b = append(b, `","in_reply_to_id":null,"in_reply_to_account_id":null`...)
	}
	b = append(b, `,"sensitive":false,"spoiler_text":"","visibility":"`...)
	b = append(b, visibility...)
	b = append(b, `","language":"en","uri":"`+address+`/users/user`...)
	b = append(b, author...)
	b = append(b, `/statuses/`...)
	b = append(b, id...)
	b = append(b, `","url":"`+address+`/@user`...)
	b = append(b, author...)
	b = append(b, '/')
	b = append(b, id...)
	b = append(b, `","edited_at":null,"media_attachments":[],"mentions":[],"tags":[],"emojis":[],"card":null,"poll":null,"content":`...)
	b = append(b, st.content...)
	st.head = b
	st.content = b[len(b)-len(st.content):] // the same bytes, once
}

// appendStatus appends a status as one viewer sees it; 0 is nobody in
// particular, who has no marks. A boost shows the counts and marks of its post.
func (s *Service) appendStatus(b []byte, st *status, t *told, viewer int32) []byte {
	b = s.appendCounted(b, st, t)
	b = append(b, `,"reblog":`...)
	if st.reblog == nil {
		b = append(b, "null"...)
	} else {
		b = s.appendStatus(b, st.reblog, t, viewer)
	}
	return appendMarks(b, viewer, t.liked, t.boosted)
}

// appendCounted appends a status up to its counts and its author.
func (s *Service) appendCounted(b []byte, st *status, t *told) []byte {
	b = append(b, st.head...)
	b = append(b, `,"replies_count":`...)
	b = strconv.AppendInt(b, t.replies, 10)
	b = append(b, `,"reblogs_count":`...)
	b = strconv.AppendInt(b, t.boosts, 10)
	b = append(b, `,"favourites_count":`...)
	b = strconv.AppendInt(b, t.likes, 10)
	b = append(b, `,"account":`...)
	return s.appendAccount(b, st.author, false)
}

// appendMarks ends a status with the viewer's marks, if there is a viewer.
func appendMarks(b []byte, viewer int32, liked, boosted bool) []byte {
	if viewer == 0 {
		return append(b, '}')
	}
	b = append(b, `,"favourited":`...)
	b = strconv.AppendBool(b, liked)
	b = append(b, `,"reblogged":`...)
	b = strconv.AppendBool(b, boosted)
	return append(b, `,"muted":false,"bookmarked":false}`...)
}

// appendAccount appends an account; self adds what only its owner sees.
func (s *Service) appendAccount(b []byte, id int32, self bool) []byte {
	a := s.people.get(id)
	var digits [10]byte
	name := strconv.AppendInt(digits[:0], int64(id), 10)
	b = append(append(b, `{"id":"`...), name...)
	b = append(append(b, `","username":"user`...), name...)
	b = append(append(b, `","acct":"user`...), name...)
	b = append(append(b, `","display_name":"User `...), name...)
	b = append(append(b, `","url":"`+address+`/@user`...), name...)
	b = append(append(b, `","uri":"`+address+`/users/user`...), name...)
	b = append(b, `","locked":false,"bot":false,"group":false,"discoverable":true,"created_at":"2008-01-01T00:00:00.000Z","note":""`+
		`,"avatar":"`+picture+`","avatar_static":"`+picture+`","header":"`+picture+`","header_static":"`+picture+`","emojis":[],"fields":[]`...)
	b = append(b, `,"followers_count":`...)
	b = strconv.AppendInt(b, int64(a.followers.Load()), 10)
	b = append(b, `,"following_count":`...)
	b = strconv.AppendInt(b, int64(a.following.Load()), 10)
	b = append(b, `,"statuses_count":`...)
	b = strconv.AppendInt(b, int64(a.posts.Load()), 10)
	if ms := a.lastPost.Load(); ms == 0 {
		b = append(b, `,"last_status_at":null`...)
	} else {
		b = append(b, `,"last_status_at":"`...)
		b = appendDate(b, time.UnixMilli(ms).UTC())
		b = append(b, '"')
	}
	if self {
		b = append(b, `,"source":{"privacy":"public","sensitive":false,"language":"en","note":"","fields":[],"follow_requests_count":0}`...)
	}
	return append(b, '}')
}

// appendDate appends the date of a time in the years 1 to 9999, about three
// times as fast as time.Time.AppendFormat: every status of a page has one.
func appendDate(b []byte, at time.Time) []byte {
	year, month, day := at.Date()
	return append(b, byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10),
		'-', byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10))
}

// appendRelationship appends how the viewer stands to an account.
func (s *Service) appendRelationship(b []byte, viewer, author int32) []byte {
	following := s.people.follows(viewer, author)
	b = append(b, `{"id":"`...)
	b = strconv.AppendInt(b, int64(author), 10)
	b = append(b, `","following":`...)
	b = strconv.AppendBool(b, following)
	b = append(b, `,"showing_reblogs":`...)
	b = strconv.AppendBool(b, following)
	b = append(b, `,"followed_by":`...)
	b = strconv.AppendBool(b, s.people.follows(author, viewer))
	return append(b, `,"notifying":false,"languages":null,"blocking":false,"blocked_by":false,"muting":false,"muting_notifications":false`+
		`,"requested":false,"requested_by":false,"domain_blocking":false,"endorsed":false,"note":""}`...)
}

// appendNow appends a status with the counts it has now, as an event tells it. A
// store that cannot be asked leaves them at zero, as they are of most that is new.
func (s *Service) appendNow(c *call, b []byte, st *status, viewer int32) []byte {
	one := []told{{}}
	err := s.ask(c.r.Context(), func(ctx context.Context) (err error) {
		one, err = s.store.tell(ctx, []*status{st}, viewer, one[:0])
		return err
	})
	if err != nil {
		one = []told{{}}
	}
	return s.appendStatus(b, st, &one[0], viewer)
}
