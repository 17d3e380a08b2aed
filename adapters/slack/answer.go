package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
)

const (
	// formBudget is how long after a request came in a form is still opened
	// before the acknowledgement. Triggers live for three seconds.
	formBudget = 2500 * time.Millisecond
	// formMinimum is the least worth trying before the acknowledgement.
	formMinimum = 200 * time.Millisecond
)

// actor is who acted and where, as far as a private answer needs it.
type actor struct {
	channel, user string
	// responseURL is a secret.
	responseURL string
	// replaces is true when what is said takes the place of the message acted on.
	replaces bool
}

// opening is a form to be opened.
type opening struct {
	trigger  string
	form     chat.Form
	fallback chat.Message
	who      actor
	received time.Time
}

// tellLater shows a message to who acted after the acknowledgement.
func (a *Adapter) tellLater(who actor, m chat.Message) {
	if m.Empty() || who.user == "" {
		return
	}
	if !a.tasks.run(func(ctx context.Context) { a.tell(ctx, who, m) }) {
		a.log.Warn("slack: too many private answers under way, one was dropped", "channel", who.channel)
	}
}

// tell uses the response URL, which needs no membership, else posts privately.
func (a *Adapter) tell(ctx context.Context, who actor, m chat.Message) {
	if who.responseURL != "" {
		err := a.respond(ctx, who.responseURL, m, who.replaces)
		if err == nil {
			return
		}
		a.log.WarnContext(ctx, "slack: the response URL did not take an answer", "err", err)
	}
	if err := a.Whisper(ctx, who.channel, who.user, m); err != nil {
		a.log.WarnContext(ctx, "slack: a private answer was not delivered", "channel", who.channel, "err", err)
	}
}

// openForm opens a form with what is left of the trigger's time and tells whether
// it is open.
func (a *Adapter) openForm(ctx context.Context, o opening) bool {
	left := formBudget - a.now().Sub(o.received)
	if left < formMinimum {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	return a.openNow(ctx, o)
}

func (a *Adapter) openNow(ctx context.Context, o opening) bool {
	modal, err := renderForm(o.form, o.who.channel)
	if err == nil {
		_, err = a.api.OpenViewContext(ctx, o.trigger, modal)
	}
	if err != nil {
		err = callError("views.open", err)
		a.log.WarnContext(ctx, "slack: a form did not open, its fallback is shown", "reason", chat.ReasonOf(err), "err", err)
		return false
	}
	return true
}

// formOrFallback opens a form, before the acknowledgement where time allows, and
// shows its fallback privately when it does not open.
func (a *Adapter) formOrFallback(ctx context.Context, o opening) {
	if a.now().Sub(o.received) <= formBudget-formMinimum {
		if !a.openForm(ctx, o) {
			a.tellLater(o.who, o.fallback)
		}
		return
	}
	// The commit took long. The acknowledgement must not wait any longer, and
	// the trigger may just live.
	later := func(ctx context.Context) {
		if !a.openNow(ctx, o) && !o.fallback.Empty() {
			a.tell(ctx, o.who, o.fallback)
		}
	}
	if !a.tasks.run(later) {
		a.log.Warn("slack: too many answers under way, a form was dropped", "channel", o.who.channel)
	}
}

// ephemeral is a message in the shape of acknowledgements and response URLs.
func ephemeral(m chat.Message) (map[string]any, error) {
	out, err := render(m, true)
	if err != nil {
		return nil, err
	}
	payload := map[string]any{
		"response_type":    "ephemeral",
		"replace_original": false,
		"text":             out.text,
	}
	if len(out.blocks) > 0 {
		payload["blocks"] = out.blocks
	}
	return payload, nil
}

// respond posts to a response URL. Its address came from outside, so only Slack's
// hosts, and that of the configured API, are called.
func (a *Adapter) respond(ctx context.Context, rawURL string, m chat.Message, replaces bool) error {
	payload, err := ephemeral(m)
	if err != nil {
		return err
	}
	payload["replace_original"] = replaces
	body, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	return a.respondRaw(ctx, rawURL, body)
}

func (a *Adapter) respondRaw(ctx context.Context, rawURL string, body []byte) error {
	target, err := a.trustedURL(rawURL)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return errors.New("response URL: not a valid request")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := a.web.http.Do(req)
	if err != nil {
		return fmt.Errorf("response URL: %w", withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("response URL: status %d", resp.StatusCode)
	}
	return nil
}

var errUntrusted = errors.New("response URL: not an address of Slack")

func (a *Adapter) trustedURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil {
		return nil, errUntrusted
	}
	if u.Host == a.apiURL.Host && u.Scheme == a.apiURL.Scheme {
		return u, nil
	}
	host := strings.ToLower(u.Host)
	if u.Scheme != "https" {
		return nil, errUntrusted
	}
	for _, trusted := range []string{"slack.com", "slack-gov.com"} {
		if host == trusted || strings.HasSuffix(host, "."+trusted) {
			return u, nil
		}
	}
	return nil, errUntrusted
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
