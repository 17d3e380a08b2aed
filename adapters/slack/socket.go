package slack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"taskbridge/bot/chat"
)

const (
	handshakeTimeout = 10 * time.Second
	minBackoff       = time.Second
	maxBackoff       = 5 * time.Minute
	// refusedEvery is how often a connection that Slack says no to is asked for again:
	// each of two replicas may ask, and one a minute is what Slack allows.
	refusedEvery = 2 * time.Minute
	// stableAfter is how long a connection must have lived to be worth an
	// immediate reconnect.
	stableAfter = time.Minute
)

// socketHealth is whether events can reach us over a socket.
type socketHealth struct {
	mu   sync.Mutex
	open int
	last error
	// standing is true while other replicas have the connections.
	standing bool
}

var (
	errConnecting = errors.New("slack: Socket Mode is connecting")
	errDisabled   = errors.New("slack: Socket Mode was turned off in the app's settings; turn it on, and within two minutes it is used again")
)

// opened notes a connection and tells whether there was none before it.
func (h *socketHealth) opened() (only bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open++
	h.last = nil
	return h.open == 1
}

func (h *socketHealth) closed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open--
}

func (h *socketHealth) failed(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = err
}

func (h *socketHealth) standBy(standing bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.standing = standing
}

func (h *socketHealth) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.open > 0, h.standing:
		return nil
	case h.last != nil:
		return h.last
	}
	return errConnecting
}

// socketSeats is how many replicas have a connection at once. Slack gives each
// payload to any one of up to ten connections: with two, one that dies leaves no
// moment in which nobody listens, and more would only be more to keep up.
const socketSeats = 2

// runSockets keeps a connection while it is this replica's turn.
func (a *Adapter) runSockets(ctx context.Context) {
	if a.cfg.Leases == nil {
		a.runSocket(ctx)
		return
	}
	a.socket.standBy(true)
	a.cfg.Leases.Hold(ctx, a.Workspace(), socketSeats, func(ctx context.Context) {
		a.socket.standBy(false)
		a.runSocket(ctx)
		a.socket.standBy(true)
	})
}

// runSocket keeps one Socket Mode connection, and two for the moment of a
// refresh: the new one is open before the old one ends, so that no event finds
// nobody (docs.slack.dev/apis/events-api/using-socket-mode).
func (a *Adapter) runSocket(ctx context.Context) {
	var conns sync.WaitGroup
	defer conns.Wait()
	failures := 0
	for ctx.Err() == nil {
		began := time.Now()
		c, err := a.dialSocket(ctx)
		if err != nil {
			a.socket.failed(fmt.Errorf("slack: Socket Mode: %w", err))
			a.log.WarnContext(ctx, "slack: Socket Mode connection failed", "err", err, "attempt", failures+1)
			failures++
			if !pause(ctx, backoff(failures, err)) {
				return
			}
			continue
		}
		conns.Go(func() { c.serve(ctx) })
		select {
		case <-ctx.Done():
			return
		case <-c.refresh:
			// The old connection goes on until Slack ends it.
			a.log.InfoContext(ctx, "slack: Socket Mode connection is being refreshed")
		case <-c.done:
		}
		if c.disabled.Load() {
			// Connecting is refused for as long as the mode is off.
			a.socket.failed(errDisabled)
			a.log.ErrorContext(ctx, errDisabled.Error())
			if !pause(ctx, refusedEvery) {
				return
			}
			failures = 0
			continue
		}
		if time.Since(began) >= stableAfter {
			failures = 0
			continue
		}
		failures++
		if !pause(ctx, backoff(failures, nil)) {
			return
		}
	}
}

// backoff grows with each failure in a row, with jitter so that replicas do not
// return together, and honours what Slack asked for. A plain no, as where the mode
// is off or the token withdrawn, stands until somebody acts: it is asked again
// seldom.
func backoff(failures int, err error) time.Duration {
	d := minBackoff << min(failures-1, 10)
	d = min(d, maxBackoff)
	d = d/2 + rand.N(d/2)
	se, ok := errors.AsType[*chat.SendError](err)
	switch {
	case ok && !se.Retry:
		return refusedEvery
	case ok && se.RetryAfter > d:
		return se.RetryAfter
	}
	return d
}

// pause waits and tells whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// dialSocket asks for an address and connects to it. The address holds a ticket,
// so it appears in no error.
func (a *Adapter) dialSocket(ctx context.Context) (*socketConn, error) {
	_, address, err := a.api.StartSocketModeContext(ctx)
	if err != nil {
		return nil, callError("apps.connections.open", err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "wss" && (u.Scheme != "ws" || a.apiURL.Scheme != "http") {
		return nil, errors.New("apps.connections.open: the address is no secure socket")
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeTimeout}
	ws, resp, err := dialer.DialContext(ctx, u.String(), nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("connect to the socket: %w", withoutURL(err))
	}
	return newSocketConn(a, ws), nil
}
