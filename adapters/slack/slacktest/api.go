package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object as Slack sends it.
type object = map[string]any

// maxBody bounds what is read of one request; Slack's own bound is not
// published.
const maxBody = 8 << 20

// Call is one Web API call the application made.
type Call struct {
	Method string
	Args   map[string]string // JSON arguments that are no strings keep their JSON text
	At     time.Time         // scheduling time
	Error  string            // Slack's error code, empty when it succeeded
	Status int               // HTTP status answered; 0 when the connection was dropped
}

// Calls returns the calls of one method, or of all when method is empty. Tokens
// are not among the arguments.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			c.Args = maps.Clone(c.Args)
			out = append(out, c)
		}
	}
	return out
}

// WaitCalls waits until the method was called n times and returns its calls.
func (s *Server) WaitCalls(method string, n int) ([]Call, error) {
	ok := s.wait(func() bool {
		count := 0
		for _, c := range s.calls {
			if c.Method == method {
				count++
			}
		}
		return count >= n
	})
	calls := s.Calls(method)
	if !ok {
		return calls, fmt.Errorf("%w: %d of %d calls of %s", ErrWait, len(calls), n, method)
	}
	return calls, nil
}

// call is a request being handled.
type call struct {
	method string
	args   map[string]string
	token  string
	header bool // the token came in the Authorization header
}

func (c *call) bool(name string) bool {
	v := c.args[name]
	return v == "true" || v == "1"
}

// int returns the argument or def when it is absent or no number.
func (c *call) int(name string, def int) int {
	if n, err := strconv.Atoi(c.args[name]); err == nil {
		return n
	}
	return def
}

// list splits a comma-separated argument, or a JSON array of strings.
func (c *call) list(name string) []string {
	v := strings.TrimSpace(c.args[name])
	if strings.HasPrefix(v, "[") {
		var out []string
		if json.Unmarshal([]byte(v), &out) == nil {
			return out
		}
	}
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
}

// method is one row of the Web API.
type method struct {
	tier     int // 1 to 4, or tierSpecial
	scope    func(*call) []string
	handle   func(*call) (object, error)
	appToken bool
}

// apiError is an answer with "ok": false.
type apiError struct {
	code  string
	extra object
}

func (e *apiError) Error() string { return e.code }

func fail(code string) error { return &apiError{code: code} }

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	c, err := readCall(r)
	if err != nil {
		writeJSON(w, http.StatusOK, object{"ok": false, "error": "invalid_post_type"})
		return
	}
	s.mu.Lock()
	fault, injected := s.takeFault(c)
	if injected && fault.Kind.before() {
		s.answerFault(w, r, c, fault)
		return
	}
	out, status, retryAfter := s.answer(c)
	if injected && out["ok"] == true {
		s.answerFault(w, r, c, fault)
		return
	}
	s.record(c, out, status)
	s.mu.Unlock()
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	w.Header().Set("X-Oauth-Scopes", strings.Join(s.opts.Scopes, ","))
	writeJSON(w, status, out)
}

// answer checks the caller's right and allowance and runs the method. The lock
// is held.
func (s *Server) answer(c *call) (out object, status, retryAfter int) {
	m, known := s.methods[c.method]
	if !known {
		s.violatef(RuleMethod, c.method, "no such method")
		return object{"ok": false, "error": "unknown_method", "req_method": c.method}, http.StatusOK, 0
	}
	if code := s.authenticate(c, m); code != "" {
		s.violatef(RuleAuth, c.method, "%s", code)
		return object{"ok": false, "error": code}, http.StatusOK, 0
	}
	if needed := s.missingScope(c, m); needed != "" {
		provided := s.opts.Scopes
		if m.appToken {
			provided = s.opts.AppScopes
		}
		s.violatef(RuleScope, c.method, "needs %s", needed)
		return object{"ok": false, "error": "missing_scope", "needed": needed, "provided": strings.Join(provided, ",")}, http.StatusOK, 0
	}
	if wait := s.throttle(c, m); wait > 0 {
		return object{"ok": false, "error": "ratelimited"}, http.StatusTooManyRequests, wait
	}
	out, err := m.handle(c)
	if err == nil {
		if out == nil {
			out = object{}
		}
		out["ok"] = true
		return out, http.StatusOK, 0
	}
	out = object{"ok": false, "error": err.Error()}
	if e, ok := errors.AsType[*apiError](err); ok {
		maps.Copy(out, e.extra)
	}
	return out, http.StatusOK, 0
}

func (s *Server) authenticate(c *call, m method) string {
	switch {
	case c.token == "":
		return "not_authed"
	case m.appToken && c.token == s.appToken:
		if !c.header {
			return "invalid_auth"
		}
		return ""
	case m.appToken && c.token == s.botToken, !m.appToken && c.token == s.appToken:
		return "not_allowed_token_type"
	case c.token != s.botToken:
		return "invalid_auth"
	}
	return s.revoked
}

// RevokeToken makes every later call answer code, such as token_revoked or
// account_inactive; an empty code mends the token.
func (s *Server) RevokeToken(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = code
}

// record keeps the call. The lock is held.
func (s *Server) record(c *call, out object, status int) {
	code, _ := out["error"].(string)
	s.calls = append(s.calls, Call{Method: c.method, Args: c.args, At: s.clock.Now(), Error: code, Status: status})
	s.touch()
}

// readCall reads form, multipart and JSON requests alike, as the Web API does.
func readCall(r *http.Request) (*call, error) {
	c := &call{method: r.PathValue("method"), args: map[string]string{}}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		if err := c.readJSON(r.Body); err != nil {
			return nil, err
		}
	} else {
		// A body cut short, as when the application is killed, is no call at all:
		// ParseMultipartForm alone would take it for a form without fields.
		if err := r.ParseForm(); err != nil {
			return nil, fmt.Errorf("parse form: %w", err)
		}
		if err := r.ParseMultipartForm(maxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			return nil, fmt.Errorf("parse form: %w", err)
		}
		for k, v := range r.Form {
			c.args[k] = v[0]
		}
	}
	c.token = c.args["token"]
	delete(c.args, "token")
	if h, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.token, c.header = h, true
	}
	return c, nil
}

func (c *call) readJSON(body io.Reader) error {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(body).Decode(&fields); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("decode json body: %w", err)
	}
	for k, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if string(raw) != "null" {
			c.args[k] = text
		}
	}
	// A token in a JSON body is ignored by Slack.
	delete(c.args, "token")
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // The client may be gone.
}

// methodTable is the whole Web API of the fake. Tiers are those of the method
// pages on docs.slack.dev.
func (s *Server) methodTable() map[string]method {
	groups := []map[string]method{
		s.chatMethods(), s.channelMethods(), s.peopleMethods(), s.viewMethods(), s.pinMethods(),
		s.connectMethods(), s.fileMethods(), s.socketMethods(),
	}
	out := map[string]method{}
	for _, g := range groups {
		maps.Copy(out, g)
	}
	return out
}

// Methods lists the Web API methods that are served, sorted.
func (s *Server) Methods() []string {
	return slices.Sorted(maps.Keys(s.methods))
}
