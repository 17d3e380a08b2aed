package mattermost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync/atomic"
	"time"

	"taskbridge/bot/chat"
)

// maxAnswer bounds one REST answer: a thousand posts with their properties.
const maxAnswer = 64 << 20

// errorID is the shape of an error id; anything else may be somebody's text.
var errorID = regexp.MustCompile(`^[a-z0-9_.\-]{1,128}$`)

// client speaks REST to one server as one account.
type client struct {
	base  string
	token string
	http  *http.Client
	pace  *pacer
	meter chat.Meter
	now   func() time.Time
	// ahead is how far the server's clock is ahead of ours, in milliseconds.
	ahead atomic.Int64
}

func newClient(base, token string, h *http.Client, now func() time.Time, pace *pacer) *client {
	own := *h
	// A redirect would carry the token to wherever it leads.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{base: base, token: token, http: &own, now: now, meter: pace.meter, pace: pace}
}

// call is one REST call.
type call struct {
	// op names the call in errors, where the path would quote ids and addresses.
	op     string
	method string
	path   string
	query  url.Values
	body   any
	out    any
	// creates is true when a lost answer may hide an effect.
	creates bool
	// forbidden and missing are what 403 and 404 mean for this call.
	forbidden, missing chat.Reason
}

// do makes the call. Its errors are *chat.SendError.
func (c *client) do(ctx context.Context, k call) error {
	if err := c.pace.wait(ctx, k.op); err != nil {
		return err
	}
	began := time.Now()
	err := c.exchange(ctx, k)
	c.meter.Called(ctx, chat.Call{Platform: platform, Method: k.op, Err: err, Took: time.Since(began)})
	if se, ok := errors.AsType[*chat.SendError](err); ok && se.Reason == chat.RateLimited {
		c.meter.Held(ctx, chat.Hold{Platform: platform, Method: k.op, Scope: chat.HeldByRefusal, Wait: se.RetryAfter})
	}
	return err
}

// platform is our name in figures.
const platform = "mattermost"

func (c *client) exchange(ctx context.Context, k call) error {
	var body io.Reader
	if k.body != nil {
		b, err := json.Marshal(k.body)
		if err != nil {
			return &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("%s: encode: %w", k.op, err)}
		}
		body = bytes.NewReader(b)
	}
	address := c.base + "/api/v4" + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address, body)
	if err != nil {
		return &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("%s: the request is malformed", k.op)}
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return transportError(k, err)
	}
	defer resp.Body.Close()
	c.pace.learn(ctx, resp.StatusCode, resp.Header)
	c.learnClock(resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return asSendError(k, readError(k.op, resp), resp.Header)
	}
	if k.out == nil {
		// Reading to the end lets the connection be used again.
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(k.out); err != nil {
		return &chat.SendError{
			Reason: chat.Unavailable, Retry: true, Ambiguous: k.creates,
			Err: fmt.Errorf("%s: the answer cannot be read", k.op),
		}
	}
	return nil
}

// readError reads what the server says of its refusal. A 429 is plain text, and a
// proxy's error page is anything.
func readError(op string, resp *http.Response) *apiError {
	ae := &apiError{Op: op, Status: resp.StatusCode}
	var body struct {
		ID string `json:"id"`
	}
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(b, &body) == nil && errorID.MatchString(body.ID) {
		ae.ID = body.ID
	}
	return ae
}

func (c *client) learnClock(h http.Header) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		// The header is cut to whole seconds, so that we believe the server to be
		// up to a second earlier than it is: marks err to the safe side.
		c.ahead.Store(at.Sub(c.now()).Milliseconds())
	}
}

// serverNow is the server's clock as far as we know it, never ahead of it by more
// than a moment.
func (c *client) serverNow() time.Time {
	return c.now().Add(time.Duration(c.ahead.Load()) * time.Millisecond)
}
