package timeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// record is a status as it stands in a Redis. The id comes first: scripts look
// for it there.
type record struct {
	ID          uint64          `json:"id"`
	Seq         uint32          `json:"seq"`
	Author      int32           `json:"author"`
	At          int64           `json:"at"` // Unix nanoseconds
	Unlisted    bool            `json:"unlisted,omitempty"`
	ReplyTo     uint64          `json:"reply_to,omitempty"`
	ReplyAuthor int32           `json:"reply_author,omitempty"`
	Reblog      uint64          `json:"reblog,omitempty"`
	Content     json.RawMessage `json:"content,omitempty"` // that of a boost is its post's
}

// record is the status as a Redis keeps it.
func (st *status) record() string {
	r := record{ID: st.id, Seq: st.seq, Author: st.author, At: st.at.UnixNano(), Unlisted: !st.listed, Content: st.content}
	if st.replyTo != nil {
		r.ReplyTo, r.ReplyAuthor = st.replyTo.id, st.replyTo.author
	}
	if st.reblog != nil {
		r.Reblog, r.Content = st.reblog.id, nil
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // what was rendered is kept as it is
	if err := enc.Encode(r); err != nil {
		panic(err) // numbers and a JSON string cannot fail
	}
	return text.String()
}

// find looks among those kept here, and asks for the others: first for them, and
// then for the posts that are boosted among them.
func (r *redisStore) find(ctx context.Context, ids []uint64, out []*status) ([]*status, error) {
	from := len(out)
	out, missing := r.known(ids, out)
	if len(missing) == 0 {
		return out, nil
	}
	records, err := r.fetch(ctx, missing)
	if err != nil {
		return nil, err
	}
	var boosted []uint64
	for _, rec := range records {
		if rec.Reblog != 0 && r.kept.get(rec.Reblog) == nil {
			boosted = append(boosted, rec.Reblog)
		}
	}
	posts, err := r.fetch(ctx, boosted)
	if err != nil {
		return nil, err
	}
	for _, rec := range posts {
		r.adopt(rec)
	}
	for _, rec := range records {
		r.adopt(rec)
	}
	out, _ = r.known(ids, out[:from])
	return out, nil
}

// known appends those statuses that are kept here, nil for others, and says which
// are to be asked for. What is in doubt was refused, so it is not there.
func (r *redisStore) known(ids []uint64, out []*status) (found []*status, missing []uint64) {
	for _, id := range ids {
		st := r.kept.get(id)
		if st == nil && !r.inDoubt(id) {
			missing = append(missing, id)
		}
		out = append(out, st)
	}
	return out, missing
}

func (r *redisStore) inDoubt(id uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, is := r.doubtful[id]
	return is
}

// fetch reads those of the ids that are in the Redis.
func (r *redisStore) fetch(ctx context.Context, ids []uint64) ([]*record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = r.slot("s", id)
	}
	texts, err := r.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, err
	}
	var found []*record
	for i, text := range texts {
		said, ok := text.(string)
		if !ok || !strings.HasPrefix(said, `{"id":`+strconv.FormatUint(ids[i], 10)+",") {
			continue
		}
		rec := &record{}
		if err := json.Unmarshal([]byte(said), rec); err != nil {
			return nil, fmt.Errorf("reading status %d: %w", ids[i], err)
		}
		if rec.Author > 0 && int(rec.Author) <= len(r.people.accounts) {
			found = append(found, rec)
		}
	}
	return found, nil
}

// adopt keeps a status here that was read, unless a newer one has its slot, or
// the post it boosts is gone.
func (r *redisStore) adopt(rec *record) {
	st := &status{id: rec.ID, seq: rec.Seq, author: rec.Author, at: time.Unix(0, rec.At), listed: !rec.Unlisted, content: rec.Content}
	if rec.ReplyTo != 0 {
		st.replyTo = &parent{rec.ReplyTo, rec.ReplyAuthor}
	}
	if rec.Reblog != 0 {
		if st.reblog = r.kept.get(rec.Reblog); st.reblog == nil {
			return
		}
		st.content = st.reblog.content
	}
	st.render()
	r.kept.adopt(st)
}

func (r *redisStore) tell(ctx context.Context, page []*status, viewer int32, out []told) ([]told, error) {
	if len(page) == 0 {
		return out, nil
	}
	rows, keys := "0", make([]string, 0, 4*len(page))
	if r.knobs.Load().LikeCounter == countRows {
		rows = "1"
	}
	for _, st := range page {
		id := st.proper().id
		keys = append(keys, r.slot("r", id), r.slot("b", id), r.slot("l", id), r.slot("c", id))
	}
	said, err := tellScript.EvalSha(ctx, r.client, keys, viewer, rows).Int64Slice()
	if err == nil && len(said) != 5*len(page) {
		err = fmt.Errorf("%d counts were told of %d statuses", len(said), len(page))
	}
	if err != nil {
		return nil, err
	}
	for ; len(said) > 0; said = said[5:] {
		out = append(out, told{said[0], said[1], said[2], said[3] != 0, said[4] != 0})
	}
	return out, nil
}

func (r *redisStore) boostOf(ctx context.Context, st *status, who int32) (*status, error) {
	text, err := r.client.HGet(ctx, r.slot("b", st.id), strconv.Itoa(int(who))).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	id, _ := parseID(text)
	found, err := r.find(ctx, []uint64{id}, nil)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (r *redisStore) answers(ctx context.Context, of uint64, out []uint64) ([]uint64, error) {
	texts, err := r.client.SMembers(ctx, r.slot("r", of)).Result()
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		if id, ok := parseID(text); ok {
			out = append(out, id)
		}
	}
	return out, nil
}

// lists asks for all stretches in one exchange.
func (r *redisStore) lists(ctx context.Context, spans []span) error {
	pipe := r.client.Pipeline()
	said := make([]*redis.Cmd, len(spans))
	for i := range spans {
		sp := &spans[i]
		key, most, marked, upward := publicKey, publicKept, "0", "0"
		if sp.of != publicList {
			key, most = wallKey(sp.who), r.knobs.Load().TimelineCap
		}
		if sp.of == homeList {
			key, marked = r.homeKey(sp.who, sp.issue), "1"
		}
		if sp.upward {
			upward = "1"
		}
		said[i] = rangeScript.EvalSha(ctx, pipe, []string{key}, entry(sp.after), entry(sp.before), sp.limit, upward, most, marked)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	for i := range spans {
		found, err := said[i].StringSlice()
		if err != nil || len(found) < 2 {
			return fmt.Errorf("reading a list of %d entries: %w", len(found), err)
		}
		sp := &spans[i]
		sp.ids, sp.lost, sp.floor = sp.ids[:0], found[0] == "0", idOf(found[1])
		for _, e := range found[2:] {
			sp.ids = append(sp.ids, idOf(e))
		}
	}
	return nil
}
