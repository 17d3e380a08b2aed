package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	kindEvents      = "events_api"
	kindInteractive = "interactive"
	kindCommand     = "slash_commands"
)

var errTooManyRedirects = errors.New("too many redirects")

// limitRedirects follows two, as Slack does.
func limitRedirects(_ *http.Request, via []*http.Request) error {
	if len(via) > 2 {
		return errTooManyRedirects
	}
	return nil
}

// shipment is something to be acknowledged, whichever way it goes.
type shipment struct {
	kind, path, contentType string
	body                    []byte          // HTTP body
	payload                 json.RawMessage // Socket Mode payload; nil means body
	accepts                 bool            // an answer may come with the acknowledgement
	retry                   int
	why                     string
}

// receipt is what came back.
type receipt struct {
	status  int
	body    []byte
	json    bool
	failed  string // a retry reason, empty when acknowledged
	noRetry bool
	took    time.Duration
}

func (s *Server) send(sh shipment) receipt {
	s.mu.Lock()
	e := s.endpoints
	s.mu.Unlock()
	start := time.Now()
	var got receipt
	if e.Socket {
		got = s.sendSocket(sh)
	} else {
		header := s.Sign(sh.body, start)
		header.Set("Content-Type", sh.contentType)
		if sh.retry > 0 {
			header.Set("X-Slack-Retry-Num", strconv.Itoa(sh.retry))
			header.Set("X-Slack-Retry-Reason", sh.why)
		}
		got = s.sendHTTP(e.Base+sh.path, sh.body, header)
	}
	got.took = time.Since(start)
	return got
}

// sendHTTP posts and names what went wrong the way x-slack-retry-reason does.
func (s *Server) sendHTTP(url string, body []byte, header http.Header) receipt {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	over, end := s.waited(s.ackTimeout())
	defer end()
	go func() {
		select {
		case <-over:
			cancel(context.DeadlineExceeded)
		case <-ctx.Done():
		}
	}()
	// The client tells that its context ended and not why.
	reasonOf := func(err error) string { return reasonOf(errors.Join(err, context.Cause(ctx))) }
	res, err := s.post1(ctx, url, body, header)
	if err != nil {
		return receipt{failed: reasonOf(err)}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return receipt{status: res.StatusCode, failed: reasonOf(err)}
	}
	got := receipt{
		status: res.StatusCode, body: text,
		json:    strings.HasPrefix(res.Header.Get("Content-Type"), "application/json"),
		noRetry: res.Header.Get("X-Slack-No-Retry") == "1",
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		got.failed = "http_error"
	}
	return got
}

func (s *Server) post1(ctx context.Context, url string, body []byte, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.Header = header.Clone()
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	res, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("post: %w", err)
	}
	return res, nil
}

func reasonOf(err error) string {
	var dial *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "http_timeout"
	case errors.Is(err, errTooManyRedirects):
		return "too_many_redirects"
	case errors.As(err, &dial), errors.Is(err, io.EOF):
		return "connection_failed"
	}
	return "unknown_error"
}

// Sign makes the headers of a request signed at the given time
// (docs.slack.dev/authentication/verifying-requests-from-slack).
func (s *Server) Sign(body []byte, at time.Time) http.Header {
	ts := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.secret))
	mac.Write([]byte("v0:" + ts + ":"))
	mac.Write(body)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", ts)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

// Response is the application's answer to a raw request.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Post sends a raw request to a path of the application, such as
// "/slack/events", with exactly these headers; Content-Type defaults to JSON.
// It bypasses delivery records, retries and violations.
func (s *Server) Post(path string, body []byte, header http.Header) (Response, error) {
	s.mu.Lock()
	base := s.endpoints.Base
	s.mu.Unlock()
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.opts.WaitTimeout)
	defer cancel()
	res, err := s.post1(ctx, base+path, body, h)
	if err != nil {
		return Response{}, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return Response{}, fmt.Errorf("read answer: %w", err)
	}
	return Response{Status: res.StatusCode, Header: res.Header, Body: text}, nil
}

// DeliverEvent sends an event once and waits for its acknowledgement. An inner
// event is wrapped with a fresh event id; a whole envelope is sent as it is, so
// the same bytes can be sent twice. A failed attempt is retried by schedule.
func (s *Server) DeliverEvent(raw []byte) (Delivery, error) {
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		return Delivery{}, fmt.Errorf("decode event: %w", err)
	}
	s.mu.Lock()
	var ev Event
	if id := str(o, "event_id"); id != "" {
		inner, _ := o["event"].(object)
		ev = Event{ID: id, Type: str(inner, "type"), Subtype: str(inner, "subtype"), Body: raw}
	} else {
		ev = s.envelope(s.channelByID(str(o, "channel")), o)
	}
	if _, known := s.sent[ev.ID]; !known {
		s.order = append(s.order, ev.ID)
	}
	s.sent[ev.ID] = ev
	s.mu.Unlock()
	return s.attempt(ev, 0, ""), nil
}

// Redeliver sends an earlier event again as a retry, whatever became of it.
func (s *Server) Redeliver(eventID string) (Delivery, error) {
	s.mu.Lock()
	ev, ok := s.sent[eventID]
	n := 1
	for _, d := range s.deliveries {
		if d.EventID == eventID {
			n = max(n, d.Retry+1)
		}
	}
	s.mu.Unlock()
	if !ok {
		return Delivery{}, fmt.Errorf("redeliver %s: %w", eventID, ErrUnknown)
	}
	return s.attempt(ev, min(n, 3), "http_timeout"), nil
}

// VerifyURL makes the url_verification handshake with the events endpoint.
func (s *Server) VerifyURL() error {
	challenge := randomHex(20)
	body, err := json.Marshal(object{"token": s.verifTk, "challenge": challenge, "type": "url_verification"})
	if err != nil {
		return fmt.Errorf("encode challenge: %w", err)
	}
	res, err := s.Post("/slack/events", body, s.Sign(body, time.Now()))
	if err != nil {
		return err
	}
	var answer struct{ Challenge string }
	_ = json.Unmarshal(res.Body, &answer) // Plain text and form answers are fine too.
	text := strings.TrimPrefix(string(res.Body), "challenge=")
	if res.Status != http.StatusOK || text != challenge && answer.Challenge != challenge {
		return fmt.Errorf("%w: url_verification answered %d without the challenge", ErrRefused, res.Status)
	}
	return nil
}
