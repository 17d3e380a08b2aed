package slack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"taskbridge/bot/chat"
)

// maxAnswer bounds one answer of the Web API.
const maxAnswer = 16 << 20

// web makes the Web API calls, also those of slack-go, which it is given to as
// its HTTP client. It keeps the pace and turns every way in which Slack says no
// into a *chat.SendError, since slack-go tells them apart in four ways and takes
// one of them for success.
type web struct {
	http  *http.Client
	pace  *pacer
	meter chat.Meter
	base  string
	token string

	// unauthorised is true while Slack refuses the token.
	unauthorised atomic.Bool
	// revoked is true since Slack told that the installation is gone, until a call shows
	// that the token is good: there may have been two, or the app is back.
	revoked atomic.Bool
	scopes  atomic.Pointer[[]string]
}

type channelKey struct{}

// inChannel marks a call as one that counts against a channel's own allowance.
func inChannel(ctx context.Context, channel string) context.Context {
	return context.WithValue(ctx, channelKey{}, channel)
}

type yieldsKey struct{}

// yielding marks the calls for a message that is kept pinned: it follows what is true
// and can wait for those that somebody waits for.
func yielding(ctx context.Context, m chat.Message) context.Context {
	if !m.Pinned {
		return ctx
	}
	return context.WithValue(ctx, yieldsKey{}, true)
}

func yields(ctx context.Context) bool {
	y, _ := ctx.Value(yieldsKey{}).(bool)
	return y
}

// answerHead is what every answer of the Web API has.
type answerHead struct {
	OK     bool   `json:"ok"`
	Error  string `json:"error"`
	Needed string `json:"needed"`
}

// Do makes one call. The answer's body is complete and says "ok": true.
func (w *web) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	method := path.Base(req.URL.Path)
	channel, _ := ctx.Value(channelKey{}).(string)
	if err := w.pace.wait(ctx, method, channel); err != nil {
		return nil, err
	}
	began := time.Now()
	resp, err := w.exchange(req, method, channel)
	w.meter.Called(ctx, chat.Call{Platform: platform, Method: method, Err: err, Took: time.Since(began)})
	if se, ok := errors.AsType[*chat.SendError](err); ok && se.Reason == chat.RateLimited {
		w.meter.Held(ctx, chat.Hold{Platform: platform, Method: method, Scope: chat.HeldByRefusal, Wait: se.RetryAfter})
	}
	return resp, err
}

// platform is our name in figures.
const platform = "slack"

func (w *web) exchange(req *http.Request, method, channel string) (*http.Response, error) {
	resp, err := w.http.Do(req)
	if err != nil {
		return nil, transportError(method, err)
	}
	// The body is replaced below, and it is the platform's that has to be closed.
	raw := resp.Body
	defer func() { _ = raw.Close() }()
	body, err := io.ReadAll(io.LimitReader(raw, maxAnswer))
	if err != nil {
		return nil, transportError(method, err)
	}
	if err := w.judge(req.Context(), method, channel, resp, body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// judge finds out whether the call succeeded and remembers what it learnt.
func (w *web) judge(ctx context.Context, method, channel string, resp *http.Response, body []byte) error {
	retryAfter := parseRetryAfter(resp.Header.Get("Retry-After"))
	if resp.StatusCode != http.StatusOK {
		se := statusError(method, resp.StatusCode, retryAfter)
		if se.Reason == chat.RateLimited {
			se.RetryAfter = cmp.Or(retryAfter, defaultBlock)
			w.pace.block(ctx, method, channel, se.RetryAfter)
		}
		return se
	}
	if s := resp.Header.Get("X-Oauth-Scopes"); s != "" && method != "apps.connections.open" {
		w.remember(s)
	}
	var head answerHead
	if err := json.Unmarshal(body, &head); err != nil {
		return unreadable(method)
	}
	if head.OK {
		if method != "apps.connections.open" {
			w.unauthorised.Store(false)
			w.revoked.Store(false)
		}
		return nil
	}
	se := codeError(method, head.Error, head.Needed)
	switch se.Reason {
	case chat.RateLimited:
		se.RetryAfter = cmp.Or(retryAfter, defaultBlock)
		w.pace.block(ctx, method, channel, se.RetryAfter)
	case chat.Unauthorised:
		if method != "apps.connections.open" {
			w.unauthorised.Store(true)
		}
	}
	return se
}

func (w *web) remember(header string) {
	if old := w.scopes.Load(); old != nil && strings.Join(*old, ",") == header {
		return
	}
	scopes := strings.Split(header, ",")
	for i := range scopes {
		scopes[i] = strings.TrimSpace(scopes[i])
	}
	w.scopes.Store(&scopes)
}

// granted tells whether the token has a scope, as far as Slack has said.
func (w *web) granted(scope string) bool {
	list := w.scopes.Load()
	if list == nil {
		return false
	}
	return slices.Contains(*list, scope)
}

// call is for methods that slack-go lacks or decodes less tolerantly than we
// need.
func (w *web) call(ctx context.Context, method string, args url.Values, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.base+method, strings.NewReader(args.Encode()))
	if err != nil {
		return invalid(method + ": not a valid request")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+w.token)
	resp, err := w.Do(req)
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		// A field of an unexpected shape leaves the others filled in.
		if shape := new(json.UnmarshalTypeError); !errors.As(err, &shape) {
			return unreadable(method)
		}
	}
	return nil
}

// parseRetryAfter reads whole seconds, as Slack sends them.
func parseRetryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(header))
	if err != nil || seconds < 0 || seconds > 24*60*60 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
