package slacktest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxSockets = 10        // per app (docs.slack.dev/apis/events-api/using-socket-mode)
	maxAck     = 20 * 1024 // bytes; Slack drops larger answers without a word
	// warningLead is how long before the end a warning comes.
	warningLead = 10 * time.Second
	// longestSearch bounds the wait for a connection to send on.
	longestSearch = 3 * time.Second
)

type socketMode struct {
	tickets      map[string]bool
	conns        []*socketConn
	next         int
	linkDisabled bool
	pending      map[string]*pendingAck
}

type pendingAck struct {
	conn    *socketConn
	accepts bool
	got     chan json.RawMessage
}

type socketConn struct {
	ws      *websocket.Conn
	write   sync.Mutex
	closing bool // no new envelopes; guarded by the server's lock
	gone    chan struct{}
}

func newSocketMode() socketMode {
	return socketMode{tickets: map[string]bool{}, pending: map[string]*pendingAck{}}
}

func (s *Server) socketMethods() map[string]method {
	return map[string]method{
		"apps.connections.open": {tier: 1, scope: one("connections:write"), appToken: true, handle: s.connectionsOpen},
	}
}

func (s *Server) connectionsOpen(*call) (object, error) {
	if s.linkDisabled {
		return nil, fail("socket_mode_disabled")
	}
	ticket := randomHex(16)
	s.tickets[ticket] = true
	return object{"url": "ws" + strings.TrimPrefix(s.base, "http") + "/socket/" + ticket + "?app_id=" + s.appID}, nil
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := r.PathValue("ticket")
	s.mu.Lock()
	ok := s.tickets[ticket]
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if !ok {
		http.Error(w, "the ticket was used or never issued", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &socketConn{ws: ws, gone: make(chan struct{})}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_ = ws.Close()
		return
	}
	n := len(s.conns) + 1
	tooMany := n > maxSockets
	// What is sent on the connection from when it is listed waits until hello is written,
	// so that a client that has read hello is told of all that happens from then on.
	c.write.Lock()
	if tooMany {
		s.violatef(RuleSocket, "connect", "more than %d connections", maxSockets)
	} else {
		s.conns = append(s.conns, c)
		s.spawn(func() { s.pings(c) })
		s.touch()
	}
	s.mu.Unlock()
	if tooMany {
		_ = ws.WriteJSON(object{"type": "disconnect", "reason": "too_many_websockets"})
		c.write.Unlock()
		_ = ws.Close()
		return
	}
	_ = ws.WriteJSON(object{
		"type": "hello", "num_connections": n, "connection_info": object{"app_id": s.appID},
		"debug_info": object{"host": "applink-fake", "build_number": 1, "approximate_connection_time": 3600},
	})
	c.write.Unlock()
	s.readAcks(c)
}

// pings keeps the client's watchdog quiet.
func (s *Server) pings(c *socketConn) {
	tick := time.NewTicker(s.opts.PingInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = c.ws.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(time.Second))
		case <-c.gone:
			return
		case <-s.ctx.Done():
			return
		}
	}
}

func (c *socketConn) send(v any) error {
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.ws.WriteJSON(v); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// end says no more and lets the client read what was said: to close where some of
// what the client wrote has not been read would reset the connection, and the last
// frame might be lost.
func (c *socketConn) end() {
	if tcp, ok := c.ws.NetConn().(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
		return
	}
	_ = c.ws.Close()
}

// readAcks reads until the connection ends.
func (s *Server) readAcks(c *socketConn) {
	defer func() {
		_ = c.ws.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conns = slices.DeleteFunc(s.conns, func(o *socketConn) bool { return o == c })
		close(c.gone)
		s.touch()
	}()
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		s.takeAck(raw)
	}
}

func (s *Server) takeAck(raw []byte) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	err := json.Unmarshal(raw, &ack)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pending[ack.EnvelopeID]
	switch {
	case err != nil:
		s.violatef(RuleAckShape, "socket", "a frame that is no JSON")
	case len(raw) >= maxAck:
		s.violatef(RuleAckSize, "socket", "an acknowledgement of %d bytes is dropped; less than %d are read", len(raw), maxAck)
	case p == nil:
		// Late or repeated acknowledgements are ignored; lateness was recorded.
	default:
		if !p.accepts && len(ack.Payload) > 0 && string(ack.Payload) != "null" && string(ack.Payload) != "{}" {
			s.violatef(RuleAckShape, "socket", "a payload in the acknowledgement of an envelope that accepts none")
		}
		delete(s.pending, ack.EnvelopeID)
		p.got <- ack.Payload
	}
}

// sendSocket hands an envelope to any one connection and waits for its
// acknowledgement. Without a connection it waits for one first, as long as it then does
// for the acknowledgement, and three seconds at most.
func (s *Server) sendSocket(sh shipment) receipt {
	late, stop := s.waited(min(s.ackTimeout(), longestSearch))
	c, ok := s.pickSocket(late)
	stop()
	if !ok {
		return receipt{failed: "connection_failed"}
	}
	payload := sh.payload
	if payload == nil {
		payload = sh.body
	}
	p := &pendingAck{conn: c, accepts: sh.accepts, got: make(chan json.RawMessage, 1)}
	s.mu.Lock()
	id := randomHex(16)
	s.pending[id] = p
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.pending, id)
	}()
	env := object{"envelope_id": id, "type": sh.kind, "payload": payload, "accepts_response_payload": sh.accepts}
	if sh.kind == kindEvents {
		env["retry_attempt"], env["retry_reason"] = sh.retry, sh.why
	}
	// The application has its time from when it is told, however long there was nobody
	// to tell.
	over, end := s.waited(s.ackTimeout())
	defer end()
	if err := c.send(env); err != nil {
		return receipt{failed: "connection_failed"}
	}
	var failed string
	select {
	case answer := <-p.got:
		return acknowledged(answer)
	case <-c.gone:
		failed = "connection_failed"
	case <-over:
		failed = "http_timeout"
	case <-s.ctx.Done():
		failed = "unknown_error"
	}
	select {
	case answer := <-p.got:
		// It was there before we looked.
		return acknowledged(answer)
	default:
		return receipt{failed: failed}
	}
}

func acknowledged(answer json.RawMessage) receipt {
	if string(answer) == "null" {
		answer = nil
	}
	return receipt{status: http.StatusOK, body: answer, json: len(answer) > 0}
}

// pickSocket takes the connections in turn.
func (s *Server) pickSocket(deadline <-chan struct{}) (*socketConn, bool) {
	for {
		s.mu.Lock()
		for range s.conns {
			s.next++
			if c := s.conns[s.next%len(s.conns)]; !c.closing {
				s.mu.Unlock()
				return c, true
			}
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-deadline:
			return nil, false
		case <-s.ctx.Done():
			return nil, false
		}
	}
}

// Sockets is the number of open Socket Mode connections.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// WaitSockets waits until exactly n connections take envelopes.
func (s *Server) WaitSockets(n int) error {
	ok := s.wait(func() bool {
		open := 0
		for _, c := range s.conns {
			if !c.closing {
				open++
			}
		}
		return open == n
	})
	if !ok {
		return fmt.Errorf("%w: %d sockets, there are %d", ErrWait, n, s.Sockets())
	}
	return nil
}

// The reasons of a disconnect frame.
const (
	DisconnectWarning      = "warning"
	DisconnectRefresh      = "refresh_requested"
	DisconnectLinkDisabled = "link_disabled"
)

// Disconnect sends a disconnect frame on every connection. After a refresh no
// new envelope uses the connection, and it is cut ten scheduled seconds later. A
// warning announces a refresh ten seconds on. A disabled link is cut at once and
// refuses new connections until EnableLink.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	conns := slices.Clone(s.conns)
	for _, c := range conns {
		c.closing = c.closing || reason != DisconnectWarning
	}
	s.linkDisabled = s.linkDisabled || reason == DisconnectLinkDisabled
	s.touch()
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.send(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-fake"}})
		switch reason {
		case DisconnectWarning:
			s.clock.AfterFunc(warningLead, func() { s.refresh(c) })
		case DisconnectLinkDisabled:
			c.end()
		default:
			s.clock.AfterFunc(warningLead, func() { _ = c.ws.Close() })
		}
	}
}

func (s *Server) refresh(c *socketConn) {
	s.mu.Lock()
	c.closing = true
	s.touch()
	s.mu.Unlock()
	_ = c.send(object{"type": "disconnect", "reason": DisconnectRefresh, "debug_info": object{"host": "applink-fake"}})
	s.clock.AfterFunc(warningLead, func() { _ = c.ws.Close() })
}

// EnableLink undoes a disabled link.
func (s *Server) EnableLink() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.linkDisabled = false
}

// DropSockets cuts every connection without a frame, as a network failure does.
func (s *Server) DropSockets() {
	s.mu.Lock()
	conns := slices.Clone(s.conns)
	for _, c := range conns {
		// It counts no longer, so that whoever waits for sockets waits for new ones.
		c.closing = true
	}
	s.touch()
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.ws.Close()
	}
}

func (s *Server) closeSockets() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.DropSockets()
}
