package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gorilla/websocket"
)

// maxFrame bounds one websocket message: a post with all its properties, encoded
// twice.
const maxFrame = 16 << 20

var (
	errGap     = errors.New("the sequence of events has a gap")
	errRefused = errors.New("the server refused the token")
)

// Run listens to the team's events until the context ends, and returns nil then.
// It reconnects by itself: with the same connection where the server still has it,
// so that nothing is lost, and otherwise with a catch-up over REST of every watched
// channel. Where Start has not succeeded yet, Run does that first.
func (a *Adapter) Run(ctx context.Context) error {
	if !a.health.begin() {
		return errRunning
	}
	defer a.health.end()
	retry := a.newBackOff()
	for a.server.Load() == nil {
		err := a.Start(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil
		}
		a.health.set(false, err)
		a.log.WarnContext(ctx, "mattermost: not started", "err", err)
		if !pause(ctx, retry.NextBackOff()) {
			return nil
		}
	}
	if a.cfg.Leases == nil {
		a.feed(ctx)
		return nil
	}
	a.health.standBy(true)
	a.cfg.Leases.Hold(ctx, a.Workspace(), 1, func(ctx context.Context) {
		a.health.standBy(false)
		a.feed(ctx)
		a.health.standBy(true)
	})
	return nil
}

// feed listens to the team's events until the context ends. Every connection hears
// all of them, so that of several replicas one listens; the next one goes on from
// the channels' marks.
func (a *Adapter) feed(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	f := newFeed(ctx, a, a.server.Load())
	f.wg.Go(func() { f.tend(ctx) })
	a.listen(ctx, f)
	cancel()
	f.wg.Wait()
	f.lanes.wait()
}

func (a *Adapter) newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = a.timing.retry
	b.MaxInterval = a.timing.retryMax
	return b
}

// listen keeps a connection up until the context ends.
func (a *Adapter) listen(ctx context.Context, f *feed) {
	retry := a.newBackOff()
	var st stream
	for {
		began := time.Now()
		err := a.connection(ctx, f, &st)
		a.health.set(false, err)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > a.timing.silence {
			// It had been up for a while: this is a new trouble, not the old one.
			retry.Reset()
		}
		wait := retry.NextBackOff()
		a.log.WarnContext(ctx, "mattermost: websocket is down", "err", err, "retry_in", wait)
		if !pause(ctx, wait) {
			return
		}
	}
}

// stream is where we are in the server's sequence of events.
type stream struct {
	connectionID string
	// next is the sequence number of the event to come.
	next int64
}

// connection runs one websocket connection until it ends. It always returns an
// error that says why.
func (a *Adapter) connection(ctx context.Context, f *feed, st *stream) error {
	conn, err := a.dial(ctx, st)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Reading cannot be cancelled but by closing.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	conn.SetReadLimit(maxFrame)
	var pinging sync.WaitGroup
	done := make(chan struct{})
	sent := &pings{}
	pinging.Go(func() { a.ping(conn, sent, done) })
	defer pinging.Wait()
	defer close(done)
	conn.SetPingHandler(func(data string) error {
		_ = conn.SetReadDeadline(time.Now().Add(a.timing.silence))
		// A pong that cannot be written will be noticed by reading.
		_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		return nil
	})
	for {
		_ = conn.SetReadDeadline(time.Now().Add(a.timing.silence))
		_, raw, err := conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := a.frame(ctx, f, st, raw, sent); err != nil {
			return err
		}
		a.health.set(true, nil)
	}
}

// dial opens a connection, the old one again where there was one. The token goes
// into the header: the server resumes no others (server/channels/api4/websocket.go).
func (a *Adapter) dial(ctx context.Context, st *stream) (*websocket.Conn, error) {
	address := "ws" + strings.TrimPrefix(a.cfg.URL, "http") + "/api/v4/websocket"
	q := url.Values{"connection_id": {st.connectionID}, "sequence_number": {strconv.FormatInt(st.next, 10)}}
	address += "?" + q.Encode()
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: a.timing.silence, ReadBufferSize: 16 << 10}
	if t, ok := a.cfg.HTTPClient.Transport.(*http.Transport); ok {
		d.Proxy, d.TLSClientConfig, d.NetDialContext = t.Proxy, t.TLSClientConfig, t.DialContext
	}
	conn, resp, err := d.DialContext(ctx, address, http.Header{"Authorization": {"Bearer " + a.cfg.Token}})
	if err == nil {
		return conn, nil
	}
	// The handshake's error may quote the address, the answer's status does not.
	if resp != nil {
		if resp.Body != nil {
			resp.Body.Close()
		}
		if resp.StatusCode == http.StatusUnauthorized {
			return nil, errRefused
		}
		return nil, fmt.Errorf("connect: HTTP %d", resp.StatusCode)
	}
	return nil, transportError(call{op: "connect"}, err)
}

// frame takes one message of the server's.
func (a *Adapter) frame(ctx context.Context, f *feed, st *stream, raw []byte, sent *pings) error {
	var fr frame
	if json.Unmarshal(raw, &fr) != nil {
		// Nobody knows what it was, so that only a comparison can tell.
		*st = stream{}
		return errors.New("a message of the server cannot be read")
	}
	if fr.Event == "" {
		a.reply(ctx, f, fr, sent)
		return nil
	}
	if fr.Event == "hello" {
		var data eventData
		if json.Unmarshal(fr.Data, &data) == nil && data.ConnectionID != "" && data.ConnectionID != st.connectionID {
			*st = stream{connectionID: data.ConnectionID, next: fr.Seq + 1}
			f.restarted()
			return nil
		}
	}
	if fr.Seq != st.next {
		*st = stream{}
		return errGap
	}
	st.next++
	f.event(ctx, fr, raw, st.connectionID)
	return nil
}

// reply takes the answer to one of our pings. Pings go through the server's own
// queue (server/channels/wsapi/system.go), so that every event it had queued
// before has reached us with the answer; a protocol pong would overtake them.
func (a *Adapter) reply(ctx context.Context, f *feed, fr frame, sent *pings) {
	at, ok := sent.answered(fr.SeqReply)
	if !ok {
		return
	}
	var data struct {
		ServerTime int64 `json:"server_time"`
	}
	if json.Unmarshal(fr.Data, &data) == nil && data.ServerTime > 0 {
		at = millis(data.ServerTime)
	} else {
		at = at.Add(time.Duration(a.api.ahead.Load()) * time.Millisecond)
	}
	f.alive(ctx, at)
}

// pings are the pings under way.
type pings struct {
	mu   sync.Mutex
	seq  int64
	open map[int64]time.Time
}

func (p *pings) next(now time.Time) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil || len(p.open) > 16 {
		p.open = map[int64]time.Time{}
	}
	p.seq++
	p.open[p.seq] = now
	return p.seq
}

func (p *pings) answered(seq int64) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.open[seq]
	delete(p.open, seq)
	return at, ok
}

// ping asks the server for a sign of life, at once and then again and again.
func (a *Adapter) ping(conn *websocket.Conn, sent *pings, done <-chan struct{}) {
	t := time.NewTicker(a.timing.ping)
	defer t.Stop()
	for {
		msg := map[string]any{"seq": sent.next(a.now()), "action": "ping"}
		_ = conn.SetWriteDeadline(time.Now().Add(a.timing.ping))
		if err := conn.WriteJSON(msg); err != nil {
			// Reading then fails too, and says more.
			conn.Close()
			return
		}
		select {
		case <-done:
			return
		case <-t.C:
		}
	}
}
