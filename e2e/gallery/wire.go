package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"time"

	"taskbridge/bot/chat"
)

// platform is one chat system: how its adapter is made to send, and how what it
// sent is drawn.
type platform struct {
	name string
	// send runs a specimen through a fresh adapter and returns what went over the
	// wire: a message, an answer to one person or a form.
	send func(context.Context, specimen) (json.RawMessage, error)
	// message and form draw it.
	message, form func(json.RawMessage) (template.HTML, error)
	// author is who a message shows as its author.
	author func(json.RawMessage) string
}

func platforms() []platform {
	return []platform{
		{name: "slack", send: sendToSlack, message: drawSlackMessage, form: drawSlackForm, author: slackAuthor},
		{name: "mattermost", send: sendToMattermost, message: drawMattermostPost, form: drawMattermostDialog, author: mattermostAuthor},
	}
}

// drawn is a section as a page shows it.
type drawn struct {
	ID, Title, Channel string
	Wide               bool
	Items, Side        []item
}

// item is a specimen as a page shows it.
type item struct {
	Caption, Author string
	Person          bool
	Private         bool
	Replies         int
	Body, Form      template.HTML
}

// drawAll runs all specimens through the platform's adapter and draws them.
func drawAll(ctx context.Context, p platform, sections []section) ([]drawn, error) {
	out := make([]drawn, 0, len(sections))
	for _, s := range sections {
		d := drawn{ID: s.id, Title: s.title, Channel: s.channel, Wide: len(s.side) > 0}
		var err error
		if d.Items, err = drawItems(ctx, p, s.specimens); err != nil {
			return nil, fmt.Errorf("%s: %w", s.id, err)
		}
		if d.Side, err = drawItems(ctx, p, s.side); err != nil {
			return nil, fmt.Errorf("%s: %w", s.id, err)
		}
		out = append(out, d)
	}
	return out, nil
}

func drawItems(ctx context.Context, p platform, list []specimen) ([]item, error) {
	var out []item
	for _, s := range list {
		i := item{Caption: s.caption, Private: s.private, Replies: s.replies}
		if s.person != "" {
			i.Person, i.Author, i.Body = true, s.person, template.HTML(template.HTMLEscapeString(s.words)) //nolint:gosec // escaped right here.
			out = append(out, i)
			continue
		}
		raw, err := p.send(ctx, s)
		if err == nil && s.form != nil {
			i.Form, err = p.form(raw)
		} else if err == nil {
			i.Author = p.author(raw)
			i.Body, err = p.message(raw)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", s.caption, err)
		}
		out = append(out, i)
	}
	return out, nil
}

// wire stands in for the network. It knows what to answer to each call, and keeps
// the bodies of those it is to watch.
type wire struct {
	answers func(*http.Request) any
	// watched are the ends of paths whose bodies are kept, in the order they came.
	watched []string
	kept    [][]byte
	header  http.Header
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("read the call: %w", err)
		}
		if err := req.Body.Close(); err != nil {
			return nil, fmt.Errorf("close the call: %w", err)
		}
	}
	for _, end := range w.watched {
		if hasPathEnd(req.URL.Path, end) && req.Method != http.MethodGet {
			w.kept = append(w.kept, body)
		}
	}
	answer, err := json.Marshal(w.answers(req))
	if err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	header := w.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(answer)), ContentLength: int64(len(answer)), Request: req,
	}, nil
}

func hasPathEnd(path, end string) bool {
	return len(path) >= len(end) && path[len(path)-len(end):] == end
}

// answering is a bot that gives every command the same answer, and has nothing to
// watch.
type answering struct{ answer chat.Answer }

// Handle implements chat.Handler.
func (h answering) Handle(context.Context, chat.Inbound) (chat.Answer, error) { return h.answer, nil }

// Watched implements chat.Watch.
func (answering) Watched(context.Context, string) ([]chat.WatchedChannel, error) { return nil, nil }

// CaughtUp implements chat.Watch.
func (answering) CaughtUp(context.Context, string, string, time.Time) error { return nil }

// answerTo is what the bot answers to a command for the specimen to be seen.
func answerTo(s specimen) answering {
	if s.form != nil {
		return answering{chat.Answer{Form: s.form}}
	}
	return answering{chat.Answer{Message: s.message}}
}

// recorder takes an answer to a request.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// serve lets a handler answer a posted form.
func serve(ctx context.Context, h http.Handler, path string, body []byte, header http.Header) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://bridge.example"+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(rec, req)
	if rec.status != http.StatusOK {
		return nil, fmt.Errorf("the adapter answered %d", rec.status)
	}
	return rec.body.Bytes(), nil
}
