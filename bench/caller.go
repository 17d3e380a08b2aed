package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// caller sends single signed requests as Slack would, for seeding and probing.
// It is safe for concurrent use.
type caller struct {
	addr   string
	client *http.Client
	serial *atomic.Int64
}

func newCaller(addr string) *caller {
	var n atomic.Int64
	n.Store(time.Now().UnixMicro())
	t := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	return &caller{addr: addr, client: &http.Client{Transport: t, Timeout: requestTimeout}, serial: &n}
}

func (c *caller) close() { c.client.CloseIdleConnections() }

func (c *caller) post(ctx context.Context, path, contentType string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.addr+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("POST %s: %w", path, err)
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", "v0="+string(newSigner(signingSecret).sign([]byte(stamp), body)))
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("POST %s: %w", path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, nil, fmt.Errorf("POST %s: %w", path, err)
	}
	return resp.StatusCode, answer, nil
}

// unique returns an id and a message time that this caller has not used.
func (c *caller) unique() (id, ts string) {
	n := c.serial.Add(1)
	// The leading Z keeps these ids apart from the generator's, which count
	// slices there.
	return "EvZZZZ" + string(base36(nil, uint64(n), 10)), string(fraction(strconv.AppendInt(nil, n/1_000_000, 10), n%1_000_000))
}

// probe sends one reply to a thread nobody knows.
func (c *caller) probe(ctx context.Context) (int, error) {
	return c.send(ctx, replies, target{User: firmUser, Channel: "C0UNKNOWN", Message: "1700000000.000100"}, "")
}

// send delivers one reply or click.
func (c *caller) send(ctx context.Context, k kind, t target, responseURL string) (int, error) {
	name, contentType := "message", "application/json"
	if k == clicks {
		name, contentType = "block_actions", "application/x-www-form-urlencoded"
	}
	tmpl, err := loadTemplate(name, k == clicks)
	if err != nil {
		return 0, err
	}
	id, ts := c.unique()
	v := slotValues{
		slotID: tmpl.value(id), slotTS: tmpl.value(ts), slotNow: []byte(strconv.FormatInt(time.Now().Unix(), 10)),
		slotUUID: appendUUID(nil, []byte(id)), slotTrigger: tmpl.value("7712345678901.7712345678902." + id),
		slotUser: tmpl.value(t.User), slotChannel: tmpl.value(t.Channel),
		slotThread: tmpl.value(t.Message), slotMessage: tmpl.value(t.Message),
		slotBlock: tmpl.value(t.BlockID), slotAction: tmpl.value(t.ActionID), slotValue: tmpl.value(t.Value),
		slotResponseURL: tmpl.value(responseURL),
	}
	status, _, err := c.post(ctx, pathOf(k), contentType, tmpl.render(nil, &v))
	return status, err
}

// slash runs a slash command and returns its answer, which may come in the
// response or, with an empty one, to the response URL.
func (c *caller) slash(ctx context.Context, stub *slackStub, user, channel, text string) ([]byte, error) {
	id, _ := c.unique()
	later := stub.expect(id)
	defer stub.forget(id)
	form := url.Values{
		"token": {"Zz9yXw8vUt7sRq6pOn5mLk4j"}, "team_id": {teamID}, "team_domain": {"bench"},
		"channel_id": {channel}, "channel_name": {"privategroup"}, "user_id": {user}, "user_name": {"bench"},
		"command": {"/task"}, "text": {text}, "response_url": {stub.responseURL(id)},
		"trigger_id": {"7712345678901.7712345678902." + id}, "api_app_id": {"A0BENCH01"},
		"is_enterprise_install": {"false"},
	}
	status, answer, err := c.post(ctx, "/slack/commands", "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("/task %s: %w", text, err)
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("/task %s: status %d: %.300s", text, status, answer)
	}
	if len(bytes.TrimSpace(answer)) > 0 {
		return answer, nil
	}
	select {
	case answer := <-later:
		return answer, nil
	case <-time.After(5 * time.Second):
		return nil, fmt.Errorf("/task %s: no answer", text)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("decode %.200s: %w", raw, err)
	}
	return nil
}

func splitAddr(addr string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(addr)
	if err != nil {
		return "", "", fmt.Errorf("address %q: %w", addr, err)
	}
	return host, port, nil
}
