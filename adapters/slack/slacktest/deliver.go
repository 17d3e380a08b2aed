package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	hourlyEvents  = 30_000 // per workspace and app (docs.slack.dev/apis/events-api)
	disableBelow  = 1_000  // apps with fewer events an hour are not disabled
	disableFailed = 0.95
)

// Endpoints say where the application takes deliveries.
type Endpoints struct {
	// Base is the application's URL; events go to Base/slack/events,
	// interactions to /slack/interactions, commands to /slack/commands.
	Base string
	// Socket delivers through Socket Mode instead.
	Socket bool
	// Command is the slash command's name; default "/task".
	Command string
}

// Delivery is one attempt to hand something to the application.
type Delivery struct {
	EventID string
	Type    string // inner event type, or interactive, slash_commands
	Subtype string
	Retry   int    // x-slack-retry-num; 0 for the first attempt
	Why     string // x-slack-retry-reason of this attempt
	Status  int    // HTTP status; 200 for an acknowledged envelope, 0 without answer
	Failed  string // retry reason this attempt leads to; empty when acknowledged
	Took    time.Duration
	At      time.Time // scheduling time of its start
}

// Event is an event as it was or will be sent.
type Event struct {
	ID, Type, Subtype, Channel string
	Body                       json.RawMessage // the whole envelope
}

type delivery struct {
	endpoints  Endpoints
	connected  bool
	lanes      map[string][]Event
	busy       int
	holding    bool
	held       []Event
	withheld   bool
	sent       map[string]Event
	order      []string
	deliveries []Delivery
	window     []mark
	disabled   bool
	limitTold  time.Time
	closed     bool
}

// mark is an attempt's outcome in the sliding hour.
type mark struct {
	at   time.Time
	fail bool
}

func newDelivery() delivery {
	return delivery{lanes: map[string][]Event{}, sent: map[string]Event{}}
}

// Connect tells where the application is. Before it, events are lost, as they
// are for an app without a request URL.
func (s *Server) Connect(e Endpoints) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Base = strings.TrimSuffix(e.Base, "/")
	if e.Command == "" {
		e.Command = "/task"
	}
	s.endpoints, s.connected = e, true
	s.touch()
}

// spawn runs f unless the server is closing. The lock is held.
func (s *Server) spawn(f func()) {
	if !s.closed {
		s.tasks.Go(f)
	}
}

// emit sends an event to the application if it is entitled to it. Within one
// channel first attempts keep their order, which Slack does not promise; use
// Hold and Release for others. The lock is held.
func (s *Server) emit(ch *channel, inner object) {
	s.touch()
	if !s.connected || s.disabled || !s.entitled(ch, inner) {
		return
	}
	ev := s.envelope(ch, inner)
	if s.overHourly() {
		return
	}
	s.sent[ev.ID] = ev
	s.order = append(s.order, ev.ID)
	if s.holding {
		s.held = append(s.held, ev)
		return
	}
	s.enqueue(ev)
}

func (s *Server) enqueue(ev Event) {
	s.busy++
	lane := ev.Channel
	s.lanes[lane] = append(s.lanes[lane], ev)
	if len(s.lanes[lane]) == 1 {
		s.spawn(func() { s.runLane(lane) })
	}
}

func (s *Server) runLane(lane string) {
	for {
		s.mu.Lock()
		ev := s.lanes[lane][0]
		s.mu.Unlock()
		s.attempt(ev, 0, "")
		s.mu.Lock()
		s.lanes[lane] = s.lanes[lane][1:]
		s.busy--
		s.touch()
		done := len(s.lanes[lane]) == 0 || s.closed
		if done {
			delete(s.lanes, lane)
		}
		s.mu.Unlock()
		if done {
			return
		}
	}
}

// entitled checks the scope and membership an event needs.
func (s *Server) entitled(ch *channel, inner object) bool {
	kind := str(inner, "type")
	switch {
	case kind == "message":
		return ch.has(s.botUser) && s.has(channelScope("history", ch))
	case kind == "app_mention":
		return ch.has(s.botUser) && s.has("app_mentions:read")
	case strings.HasPrefix(kind, "reaction_"):
		return ch.has(s.botUser) && s.has("reactions:read")
	case strings.HasPrefix(kind, "file_"):
		return s.has("files:read")
	case strings.HasPrefix(kind, "shared_channel_invite_"):
		return s.has("conversations.connect:read")
	case strings.HasPrefix(kind, "member_"), strings.HasPrefix(kind, "channel_"), strings.HasPrefix(kind, "group_"):
		return s.has(channelScope("read", ch)) && (!ch.private || ch.has(s.botUser))
	case kind == "user_change":
		return s.has("users:read")
	}
	return true
}

// envelope wraps an inner event (docs.slack.dev/apis/events-api).
func (s *Server) envelope(ch *channel, inner object) Event {
	ev := Event{ID: s.nextID("Ev"), Type: str(inner, "type"), Subtype: str(inner, "subtype")}
	o := object{
		"token": s.verifTk, "team_id": s.teamID, "api_app_id": s.appID, "type": "event_callback",
		"event": inner, "event_id": ev.ID, "event_time": time.Now().Unix(),
		"authorizations": s.authorizations(), "is_ext_shared_channel": false,
		"context_team_id": s.teamID, "context_enterprise_id": nil,
		"event_context": "4-" + strings.ToLower(ev.ID),
	}
	if ch != nil {
		ev.Channel = ch.id
		o["is_ext_shared_channel"] = ch.extShared
	}
	ev.Body, _ = json.Marshal(o) // It is made of plain values.
	return ev
}

// Withhold drops events from now on as if there had been too many in the last hour,
// and tells so; false ends it.
func (s *Server) Withhold(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.withheld = on
}

// crowded counts first attempts of the last hour.
func (s *Server) crowded() bool {
	if s.opts.NoRateLimits || len(s.order) < hourlyEvents {
		return s.withheld
	}
	recent := 0
	for _, m := range s.window {
		if s.clock.Now().Sub(m.at) < time.Hour {
			recent++
		}
	}
	return s.withheld || recent >= hourlyEvents
}

// overHourly sends app_rate_limited once a minute instead of events above Slack's
// cap.
func (s *Server) overHourly() bool {
	if !s.crowded() {
		return false
	}
	now := s.clock.Now()
	if now.Sub(s.limitTold) >= time.Minute {
		s.limitTold = now
		body, _ := json.Marshal(object{
			"token": s.verifTk, "type": "app_rate_limited", "team_id": s.teamID,
			"minute_rate_limited": now.Unix() / 60 * 60, "api_app_id": s.appID,
		})
		s.enqueue(Event{ID: s.nextID("Ev"), Type: "app_rate_limited", Body: body})
	}
	return true
}

// attempt delivers an event once and schedules the next try when it failed.
func (s *Server) attempt(ev Event, n int, why string) Delivery {
	start := s.clock.Now()
	got := s.send(shipment{kind: kindEvents, path: "/slack/events", contentType: "application/json", body: ev.Body, retry: n, why: why})
	d := Delivery{
		EventID: ev.ID, Type: ev.Type, Subtype: ev.Subtype, Retry: n, Why: why,
		Status: got.status, Failed: got.failed, Took: got.took, At: start,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return d
	}
	s.deliveries = append(s.deliveries, d)
	if got.failed == "http_timeout" {
		s.violatef(RuleAck, "event "+ev.Type, "%s not acknowledged within %v", ev.ID, s.ackTimeout())
	}
	s.judge(got.failed != "")
	if got.failed != "" && !got.noRetry && n < len(s.opts.Retries) && !s.disabled {
		s.retryLater(ev, n+1, got.failed)
	}
	s.touch()
	return d
}

func (s *Server) retryLater(ev Event, n int, why string) {
	again := func() {
		s.busy++
		s.spawn(func() {
			s.attempt(ev, n, why)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.busy--
			s.touch()
		})
	}
	delay := s.opts.Retries[n-1]
	if delay <= 0 {
		again()
		return
	}
	s.clock.AfterFunc(delay, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		again()
	})
}

// judge disables deliveries when over 95 % of an hour's attempts failed.
func (s *Server) judge(failed bool) {
	now := s.clock.Now()
	s.window = append(s.window, mark{at: now, fail: failed})
	if len(s.window) > 2*hourlyEvents {
		s.window = slices.Delete(s.window, 0, hourlyEvents)
	}
	if !failed || len(s.window) < disableBelow {
		return
	}
	s.window = slices.DeleteFunc(s.window, func(m mark) bool { return now.Sub(m.at) >= time.Hour })
	bad := 0
	for _, m := range s.window {
		if m.fail {
			bad++
		}
	}
	if n := len(s.window); n >= disableBelow && float64(bad) > disableFailed*float64(n) && !s.disabled {
		s.disabled = true
		s.violatef(RuleDisabled, "events", "%d of %d attempts failed within an hour; Slack turned event delivery off", bad, n)
	}
}

// Hold keeps back events from now on; Held lists them and Release delivers.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
}

// Held returns the events that are kept back, in order.
func (s *Server) Held() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.held)
}

// Release delivers the given held events one after the other and waits for
// each. Without ids it delivers all that are left, in order, and ends Hold.
func (s *Server) Release(ids ...string) []Delivery {
	s.mu.Lock()
	var now []Event
	if len(ids) == 0 {
		now, s.held, s.holding = s.held, nil, false
	}
	for _, id := range ids {
		if i := slices.IndexFunc(s.held, func(e Event) bool { return e.ID == id }); i >= 0 {
			now = append(now, s.held[i])
			s.held = slices.Delete(s.held, i, i+1)
		}
	}
	s.mu.Unlock()
	var out []Delivery
	for _, ev := range now {
		out = append(out, s.attempt(ev, 0, ""))
	}
	return out
}

// Events returns every event that was sent or held, in order.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Event, 0, len(s.order))
	for _, id := range s.order {
		out = append(out, s.sent[id])
	}
	return out
}

// Deliveries returns all attempts so far, in order of their end.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deliveries)
}

// WaitDelivery waits for an attempt that satisfies pred.
func (s *Server) WaitDelivery(pred func(Delivery) bool) (Delivery, error) {
	var hit Delivery
	ok := s.wait(func() bool {
		i := slices.IndexFunc(s.deliveries, pred)
		if i >= 0 {
			hit = s.deliveries[i]
		}
		return i >= 0
	})
	if !ok {
		return hit, fmt.Errorf("%w: delivery; there were %+v", ErrWait, s.Deliveries())
	}
	return hit, nil
}

// Settle waits until no delivery is under way; retries that are scheduled for
// later do not count.
func (s *Server) Settle() error {
	if !s.wait(func() bool { return s.busy == 0 }) {
		return fmt.Errorf("%w: deliveries to end", ErrWait)
	}
	return nil
}
