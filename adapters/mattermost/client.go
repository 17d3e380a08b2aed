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
	"sync"
	"sync/atomic"
	"time"

	"taskbridge/bot/chat"
)

// maxAnswer bounds one REST answer: a thousand posts with their properties.
const maxAnswer = 64 << 20

// errorID is the shape of an error id, which has several parts; anything else may be
// somebody's text or a token.
// It is made when it is needed, because making it takes longer than a start should.
var errorID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9_\-]{1,64}(\.[a-z0-9_\-]{1,64}){2,6}$`)
})

// client speaks REST to one server as one account.
type client struct {
	base  string
	token string
	http  *http.Client
	// transfers is http without a bound in time.
	transfers *http.Client
	pace      *pacer
	meter     chat.Meter
	now       func() time.Time
	// ahead is how far the server's clock is ahead of ours, in milliseconds.
	ahead atomic.Int64
}

func newClient(base, token string, h *http.Client, now func() time.Time, pace *pacer) *client {
	own := *h
	// A redirect would carry the token to wherever it leads.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	transfers := own
	transfers.Timeout = 0
	return &client{base: base, token: token, http: &own, transfers: &transfers, now: now, meter: pace.meter, pace: pace}
}

// call is one REST call.
type call struct {
	// op names the call in errors, where the path would quote ids and addresses.
	op     string
	method string
	path   string
	query  url.Values
	body   any
	// content, of size bytes, is sent in place of body as it is.
	content io.Reader
	size    int64
	// bulk marks a call that takes as long as its content does.
	bulk bool
	out  any
	// yields marks a call that can wait for those that somebody waits for.
	yields bool
	// creates is true when a lost answer may hide an effect.
	creates bool
	// forbidden and missing are what 403 and 404 mean for this call.
	forbidden, missing chat.Reason
}

// do makes the call. Its errors are *chat.SendError.
func (c *client) do(ctx context.Context, k call) error {
	return c.metered(ctx, k, func() error { return c.exchange(ctx, k) })
}

// open makes the call and leaves what it answers to be read and closed by the caller.
// Its errors are *chat.SendError.
func (c *client) open(ctx context.Context, k call) (content io.ReadCloser, err error) {
	err = c.metered(ctx, k, func() error {
		resp, err := c.send(ctx, k) //nolint:bodyclose // The caller closes it.
		if err == nil {
			content = resp.Body
		}
		return err
	})
	return content, err
}

// metered makes a call when its turn has come and tells how it went.
func (c *client) metered(ctx context.Context, k call, exchange func() error) error {
	if err := c.pace.wait(ctx, k.op, k.yields); err != nil {
		return err
	}
	began := time.Now()
	err := exchange()
	c.meter.Called(ctx, chat.Call{Platform: platform, Method: k.op, Err: err, Took: time.Since(began)})
	if se, ok := errors.AsType[*chat.SendError](err); ok && se.Reason == chat.RateLimited {
		c.meter.Held(ctx, chat.Hold{Platform: platform, Method: k.op, Scope: chat.HeldByRefusal, Wait: se.RetryAfter})
	}
	return err
}

// platform is our name in figures.
const platform = "mattermost"

func (c *client) exchange(ctx context.Context, k call) error {
	resp, err := c.send(ctx, k)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
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

// send sends the request; only a success has an answer to be closed.
func (c *client) send(ctx context.Context, k call) (*http.Response, error) {
	body, kind := k.content, "application/octet-stream"
	if k.body != nil {
		b, err := json.Marshal(k.body)
		if err != nil {
			return nil, &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("%s: encode: %w", k.op, err)}
		}
		body, kind = bytes.NewReader(b), "application/json"
	}
	address := c.base + "/api/v4" + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address, body)
	if err != nil {
		return nil, &chat.SendError{Reason: chat.Invalid, Err: fmt.Errorf("%s: the request is malformed", k.op)}
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	caller := c.http
	if k.content != nil {
		req.ContentLength = k.size
	}
	if k.bulk {
		caller = c.transfers
	}
	resp, err := caller.Do(req)
	if err != nil {
		return nil, transportError(k, err)
	}
	c.pace.learn(ctx, resp.StatusCode, resp.Header)
	c.learnClock(resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer resp.Body.Close()
		return nil, asSendError(k, readError(k.op, resp), resp.Header)
	}
	return resp, nil
}

// readError reads what the server says of its refusal. A 429 is plain text, and a
// proxy's error page is anything.
func readError(op string, resp *http.Response) *apiError {
	ae := &apiError{Op: op, Status: resp.StatusCode}
	var body struct {
		ID string `json:"id"`
	}
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(b, &body) == nil && errorID().MatchString(body.ID) {
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
