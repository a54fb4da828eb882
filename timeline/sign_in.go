package timeline

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Signing in is Mastodon's OAuth as far as client libraries walk it. Nothing of
// it is kept: an application, a code and a token are all made from the seed and
// can be told from made-up ones. None is a secret, as Token says.

// clientID is the id of an application, made from its name and redirect.
func (s *Service) clientID(name, redirect string) string {
	h := mix(s.opts.Seed ^ 0x617070)
	for _, b := range []byte(name + "\x00" + redirect) {
		h = mix(h ^ uint64(b))
	}
	return hex16(h)
}

// clientSecret is the secret of an application.
func (s *Service) clientSecret(id string) string {
	h := mix(s.opts.Seed ^ 0x736563726574)
	for _, b := range []byte(id) {
		h = mix(h ^ uint64(b))
	}
	return hex16(h)
}

func hex16(h uint64) string {
	text := strconv.FormatUint(h, 16)
	return strings.Repeat("0", 16-len(text)) + text
}

// codeSeed makes codes of what would be tokens.
func (s *Service) codeSeed() uint64 { return mix(s.opts.Seed ^ 0x636f6465) }

const appToken = "app-"

// isAppToken says whether a token is one of an application without a user.
func (s *Service) isAppToken(token string) bool {
	rest, ok := strings.CutPrefix(token, appToken)
	id, secret, both := strings.Cut(rest, "-")
	return ok && both && secret == s.clientSecret(id)
}

// writeApp registers an application.
func (s *Service) writeApp(c *call) *problem {
	form, bad := c.form()
	if bad != nil {
		return bad
	}
	name, redirect := form.Get("client_name"), form.Get("redirect_uris")
	switch {
	case strings.TrimSpace(name) == "":
		return invalid("Application name can't be blank")
	case strings.TrimSpace(redirect) == "":
		return invalid("Redirect URI can't be blank")
	}
	id := s.clientID(name, redirect)
	scopes := form.Get("scopes")
	if scopes == "" {
		scopes = "read"
	}
	return c.json(map[string]any{
		"id": id, "name": name, "website": orNull(form.Get("website")), "scopes": strings.Fields(scopes),
		"redirect_uri": redirect, "redirect_uris": strings.Fields(redirect),
		"client_id": id, "client_secret": s.clientSecret(id), "client_secret_expires_at": 0, "vapid_key": "",
	})
}

// writeToken gives a token for a password, a code, or an application itself. The
// password of an account is its token.
func (s *Service) writeToken(c *call) *problem {
	form, bad := c.form()
	if bad != nil {
		return bad
	}
	if !pause(c.r.Context(), c.knobs.AuthDelay) {
		return unavailable("Nobody waited for the token")
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := c.r.BasicAuth(); ok && id == "" {
		id, secret = user, password
	}
	if id == "" || secret != s.clientSecret(id) {
		return s.oauthProblem(c, http.StatusUnauthorized, "invalid_client",
			"Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.")
	}
	token := ""
	switch form.Get("grant_type") {
	case "client_credentials":
		token = appToken + id + "-" + secret
	case "password":
		who := s.people.find(strings.TrimPrefix(form.Get("username"), "user"))
		if who != 0 && s.tokenOwner(form.Get("password")) == who {
			token = form.Get("password")
		}
	case "authorization_code":
		if who := s.ownerOf(form.Get("code"), s.codeSeed()); who != 0 {
			token = Token(s.opts.Seed, int(who))
		}
	default:
		return s.oauthProblem(c, http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
	}
	if token == "" {
		return s.oauthProblem(c, http.StatusBadRequest, "invalid_grant",
			"The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.")
	}
	scope := form.Get("scope")
	if scope == "" {
		scope = "read"
	}
	return c.json(map[string]any{"access_token": token, "token_type": "Bearer", "scope": scope, "created_at": time.Now().Unix()})
}

// oauthProblem is a refusal as OAuth words it: a name and a description.
func (s *Service) oauthProblem(c *call, code int, name, says string) *problem {
	c.code = code
	return c.json(map[string]any{"error": name, "error_description": says})
}

// writeRevoke answers as for a token that is revoked. Tokens follow from the
// seed, so they are good for ever all the same.
func (s *Service) writeRevoke(c *call) *problem {
	if _, bad := c.form(); bad != nil {
		return bad
	}
	return c.json(map[string]any{})
}

// readAuthorize gives the code of the account named by username. There is nobody
// to ask for leave, and no page to ask on.
func (s *Service) readAuthorize(c *call) *problem {
	query, bad := c.query()
	if bad != nil {
		return bad
	}
	who := s.people.find(strings.TrimPrefix(query.Get("username"), "user"))
	switch {
	case query.Get("response_type") != "code":
		return badRequest("response_type must be code")
	case query.Get("client_id") == "":
		return badRequest("client_id is missing")
	case who == 0:
		return badRequest("username must be that of an account, such as user1")
	}
	code := Token(s.codeSeed(), int(who))
	redirect, err := url.Parse(query.Get("redirect_uri"))
	if err == nil && (redirect.Scheme == "http" || redirect.Scheme == "https") {
		back := redirect.Query()
		back.Set("code", code)
		if state := query.Get("state"); state != "" {
			back.Set("state", state)
		}
		redirect.RawQuery = back.Encode()
		c.code = http.StatusFound
		c.w.Header().Set("Location", redirect.String())
	}
	return c.json(map[string]any{"code": code})
}

// json makes a value the answer.
func (c *call) json(v any) *problem {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // only texts, lists and numbers are given to it
	}
	c.out = append(c.out, body...)
	return nil
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
