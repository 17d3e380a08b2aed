package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"taskbridge/bot/chat"
)

const (
	// pingEvery and silence keep a dead connection from going unnoticed. We ping
	// ourselves: a server that sends no pings is not dead for that.
	pingEvery = 20 * time.Second
	silence   = 70 * time.Second
	// writeTimeout bounds one write.
	writeTimeout = 5 * time.Second
	// maxFrame bounds one envelope.
	maxFrame = 4 << 20
	// maxAckPayload is what fits into an acknowledgement: Slack silently drops
	// answers of 20 KB and more.
	maxAckPayload = 19 << 10
	// socketHandlers bounds how many envelopes are handled at once.
	socketHandlers = 32
)

// frame is an envelope of Socket Mode.
type frame struct {
	Type       string          `json:"type"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
	Accepts    bool            `json:"accepts_response_payload"`
	Reason     string          `json:"reason"`
	Retry      int             `json:"retry_attempt"`
}

type ack struct {
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload,omitempty"`
}

// socketConn is one connection. Envelopes are handled side by side and each is
// acknowledged on the connection it came by, once it was kept.
type socketConn struct {
	a  *Adapter
	ws *websocket.Conn

	// refresh is closed when Slack announces the end, done when it came.
	refresh, done chan struct{}
	refreshOnce   sync.Once
	disabled      atomic.Bool

	write    sync.Mutex
	deadline sync.Mutex
	ending   bool
	slots    chan struct{}
	handlers sync.WaitGroup
}

func newSocketConn(a *Adapter, ws *websocket.Conn) *socketConn {
	return &socketConn{
		a: a, ws: ws,
		refresh: make(chan struct{}), done: make(chan struct{}),
		slots: make(chan struct{}, socketHandlers),
	}
}

// serve reads until the connection ends or ctx does, and then lets what was
// begun be finished and acknowledged.
func (c *socketConn) serve(ctx context.Context) {
	defer close(c.done)
	defer func() { _ = c.ws.Close() }()
	reading, stop := context.WithCancel(ctx)
	var side sync.WaitGroup
	side.Go(func() { c.keepAlive(reading) })
	hello := false
	err := c.read(ctx, &hello)
	if hello {
		c.a.socket.closed()
	}
	stop()
	side.Wait()
	c.handlers.Wait()
	if ctx.Err() != nil {
		c.writeControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
		return
	}
	c.a.log.InfoContext(ctx, "slack: Socket Mode connection ended", "err", withoutURL(err))
}

// keepAlive pings, and ends the reading when ctx is done.
func (c *socketConn) keepAlive(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.writeControl(websocket.PingMessage, nil)
		case <-ctx.Done():
			c.endReading()
			return
		}
	}
}

// alive allows another while of silence.
func (c *socketConn) alive() {
	c.deadline.Lock()
	defer c.deadline.Unlock()
	if !c.ending {
		_ = c.ws.SetReadDeadline(time.Now().Add(silence))
	}
}

// endReading makes the read loop return, also when a frame arrives just now.
func (c *socketConn) endReading() {
	c.deadline.Lock()
	defer c.deadline.Unlock()
	c.ending = true
	_ = c.ws.SetReadDeadline(time.Now())
}

func (c *socketConn) writeControl(kind int, data []byte) {
	// An error here shows in the read loop.
	_ = c.ws.WriteControl(kind, data, time.Now().Add(writeTimeout))
}

func (c *socketConn) read(ctx context.Context, hello *bool) error {
	c.ws.SetReadLimit(maxFrame)
	c.alive()
	c.ws.SetPongHandler(func(string) error {
		c.alive()
		return nil
	})
	c.ws.SetPingHandler(func(data string) error {
		c.alive()
		c.writeControl(websocket.PongMessage, []byte(data))
		return nil
	})
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			return err //nolint:wrapcheck // it is only logged.
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.alive()
		var f frame
		if err := json.Unmarshal(raw, &f); err != nil {
			f = frame{Type: "unparsable", EnvelopeID: looseEnvelopeID(raw), Payload: raw}
		}
		switch f.Type {
		case "hello":
			if !*hello {
				*hello = true
				if c.a.socket.opened() {
					c.a.gap()
				}
				c.a.log.InfoContext(ctx, "slack: Socket Mode connected")
			}
		case "disconnect":
			c.disconnect(f.Reason)
			if c.disabled.Load() {
				return errors.New("link_disabled")
			}
		default:
			c.dispatch(ctx, f)
		}
	}
}

// disconnect takes an announced end. A warning comes ten seconds before it.
func (c *socketConn) disconnect(reason string) {
	if reason == "link_disabled" {
		c.disabled.Store(true)
	}
	if reason == "warning" || reason == "refresh_requested" {
		c.refreshOnce.Do(func() { close(c.refresh) })
	}
}

// dispatch handles an envelope beside the others. When too many are under way
// the reading waits, and with it Slack.
func (c *socketConn) dispatch(ctx context.Context, f frame) {
	if f.EnvelopeID == "" {
		c.a.log.WarnContext(ctx, "slack: a socket frame of an unknown type was ignored", "type", printable(f.Type))
		return
	}
	c.slots <- struct{}{}
	c.handlers.Go(func() {
		defer func() { <-c.slots }()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleTimeout)
		defer cancel()
		c.handle(ctx, f)
	})
}

// handle acknowledges only what was kept; without an acknowledgement Slack
// delivers again.
func (c *socketConn) handle(ctx context.Context, f frame) {
	out, err := c.a.envelope(ctx, f)
	if err != nil {
		c.a.log.ErrorContext(ctx, "slack: not kept, Slack is asked to deliver again", "type", printable(f.Type), "err", err)
		return
	}
	reply := ack{EnvelopeID: f.EnvelopeID}
	switch {
	case len(out.body) == 0 || !json.Valid(out.body):
	case f.Accepts && len(out.body) <= maxAckPayload:
		reply.Payload = out.body
	default:
		c.a.answerElsewhere(ctx, f, out)
	}
	raw, err := json.Marshal(reply)
	if err != nil {
		return
	}
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := c.ws.WriteMessage(websocket.TextMessage, raw); err != nil {
		c.a.log.WarnContext(ctx, "slack: an acknowledgement was not sent, Slack will deliver again", "err", err)
	}
}

// envelope hands the payload to the code that serves HTTP as well.
func (a *Adapter) envelope(ctx context.Context, f frame) (reply, error) {
	req := request{body: f.Payload, received: a.now(), retry: f.Retry, final: f.Retry >= lastRetry}
	switch f.Type {
	case "events_api":
		return a.event(ctx, req)
	case "interactive":
		return a.interaction(ctx, req)
	case "slash_commands":
		return a.commandJSON(ctx, req)
	}
	return a.unknown(ctx, req, f.EnvelopeID, "socket/"+f.Type)
}

// answerElsewhere delivers a private answer that the acknowledgement has no room
// for by way of the response URL.
func (a *Adapter) answerElsewhere(ctx context.Context, f frame, out reply) {
	var c command
	if f.Type != "slash_commands" || json.Unmarshal(f.Payload, &c) != nil || c.ResponseURL == "" {
		a.log.WarnContext(ctx, "slack: an answer did not fit into the acknowledgement", "type", f.Type, "bytes", len(out.body))
		return
	}
	ok := a.tasks.run(func(ctx context.Context) {
		if err := a.respondRaw(ctx, c.ResponseURL, out.body); err != nil {
			a.log.WarnContext(ctx, "slack: a long answer was not delivered", "err", err)
			_ = a.Whisper(ctx, c.ChannelID, c.UserID, chat.Private(chat.T("The answer was too long to be shown here.")).Message)
		}
	})
	if !ok {
		a.log.WarnContext(ctx, "slack: too many private answers under way, one was dropped", "channel", c.ChannelID)
	}
}

// looseEnvelopeID finds the id in a frame that did not decode, so that it can be
// acknowledged nevertheless.
func looseEnvelopeID(raw []byte) string {
	_, rest, ok := bytes.Cut(raw, []byte(`"envelope_id"`))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n:")
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	id, _, ok := bytes.Cut(rest[1:], []byte(`"`))
	if !ok || len(id) > 128 || bytes.IndexByte(id, '\\') >= 0 {
		return ""
	}
	return string(id)
}
