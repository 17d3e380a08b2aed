package mattermost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"taskbridge/bot/chat"
)

const (
	// lanesAtOnce is how many channels are worked on side by side.
	lanesAtOnce = 8
	// laneFull is how many events of one channel may wait. More are left to
	// catch-up, so that memory stays bounded while the handler is down.
	laneFull = 2048
	// redoFull is how many events that REST cannot bring back are kept per channel.
	redoFull = 256
	// handleTries is how often an event is tried before catch-up takes over.
	handleTries = 4
)

// feed is what one Run keeps: the queues of live events and how complete each
// channel is.
//
// A channel is complete while its stream of live events has no hole since it was
// last compared with the server over REST. Only complete channels' marks move.
type feed struct {
	a     *Adapter
	s     *server
	lanes *lanes
	wg    sync.WaitGroup
	wake  chan struct{}

	mu sync.Mutex
	// generation counts the connections that began anew, each with a possible
	// hole before it. Zero is before the first.
	generation int
	channels   map[string]*channelState
	names      map[string]string
	watched    map[string]bool
	// mark is a moment of the server's up to which everything that reached us has
	// been handled or is known to have failed.
	mark        time.Time
	marking     bool
	lastMarked  time.Time
	watchFailed int
}

// channelState is how complete a channel is.
type channelState struct {
	// complete is the generation in which the channel was compared with the
	// server; it is complete while that is the present one.
	complete int
	// compared is the server's moment up to which it was last compared, and looked is
	// when that was by our clock.
	compared, looked time.Time
	// holes counts what was lost since the start, to notice a new hole.
	holes   int
	running bool
	tries   int
	due     time.Time
	// redo are failed events that no history on the server brings back.
	redo []chat.Inbound
}

func newFeed(ctx context.Context, a *Adapter, s *server) *feed {
	return &feed{
		a: a, s: s, lanes: newLanes(ctx, lanesAtOnce), wake: make(chan struct{}, 1),
		channels: map[string]*channelState{}, names: map[string]string{}, watched: map[string]bool{},
	}
}

func (f *feed) decoder() decoder {
	return decoder{
		workspace: f.a.Workspace(), self: f.s.self.ID, teamID: f.s.team.ID,
		siteURL: f.s.siteURL, now: f.a.api.serverNow(),
	}
}

// restarted notes that events may have been lost before this moment.
func (f *feed) restarted() {
	f.mu.Lock()
	f.generation++
	f.mu.Unlock()
	f.nudge()
}

func (f *feed) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// state is a channel's state; the caller holds the lock.
func (f *feed) state(channelID string) *channelState {
	st := f.channels[channelID]
	if st == nil {
		st = &channelState{}
		f.channels[channelID] = st
	}
	return st
}

// event takes one event of the websocket and queues what is to be done about it.
func (f *feed) event(ctx context.Context, fr frame, raw []byte, connectionID string) {
	var data eventData
	seqKey := fmt.Sprintf("ws:%s:%d", connectionID, fr.Seq)
	switch fr.Event {
	case "posted", "post_edited", "post_deleted", "user_added", "user_removed":
	case "channel_deleted", "channel_restored", "channel_updated", "channel_converted":
		if json.Unmarshal(fr.Data, &data) == nil {
			f.channelEvent(fr, data)
		}
		return
	case "leave_team":
		if json.Unmarshal(fr.Data, &data) == nil && data.UserID == f.s.self.ID && data.TeamID == f.s.team.ID {
			f.leftTeam(seqKey)
		}
		return
	case "user_updated", "user_role_updated", "memberrole_updated":
		f.personChanged(fr.Data)
		return
	default:
		// Typing, presence and what newer servers tell of is no concern of ours.
		return
	}
	err := json.Unmarshal(fr.Data, &data)
	var in chat.Inbound
	ours := false
	if err == nil {
		in, ours, err = f.decoder().event(fr, data, seqKey)
	}
	if err != nil {
		f.a.log.WarnContext(ctx, "mattermost: event cannot be read", "event", fr.Event, "err", err)
		in = chat.Inbound{
			Key: seqKey, Workspace: f.a.Workspace(), At: f.a.api.serverNow(),
			Channel: fr.Broadcast.ChannelID, Body: chat.Unknown{Type: fr.Event}, Raw: raw,
		}
		ours = true
	}
	if !ours {
		return
	}
	in.Raw = raw
	f.queue(in)
	if ownMove(in, f.s.self.ID) {
		f.suspect(in.Channel)
	}
}

// ownMove tells whether an event is of our coming into a channel, or of our being taken out.
func ownMove(in chat.Inbound, self string) bool {
	switch b := in.Body.(type) {
	case chat.Joined:
		return in.From.ID == self
	case chat.ChannelChanged:
		return b.Change == chat.ChannelBotRemoved
	}
	return false
}

// suspect has a channel compared with the server before its mark moves again: while we are
// out of it nothing that is said there reaches us.
func (f *feed) suspect(channelID string) {
	f.mu.Lock()
	st := f.state(channelID)
	st.complete, st.due = 0, time.Time{}
	st.holes++
	f.mu.Unlock()
	f.nudge()
}

// queue puts an event behind the others of its channel.
func (f *feed) queue(in chat.Inbound) {
	if f.lanes.waiting(in.Channel) >= laneFull {
		f.lost(in)
		return
	}
	f.lanes.push(in.Channel, func(ctx context.Context) { f.deliver(ctx, in) })
}

// deliver hands an event to the bot, a few times if need be.
func (f *feed) deliver(ctx context.Context, in chat.Inbound) {
	if err := f.handOver(ctx, in); err != nil && ctx.Err() == nil {
		f.a.log.WarnContext(ctx, "mattermost: event was not kept, catch-up will bring it again", "key", in.Key, "channel", in.Channel, "err", err)
		f.lost(in)
	}
}

func (f *feed) handOver(ctx context.Context, in chat.Inbound) error {
	in.From = f.person(ctx, in.From)
	wait := f.a.timing.retry
	var err error
	for try := range handleTries {
		if try > 0 {
			if !pause(ctx, wait) {
				return ctx.Err()
			}
			wait *= 2
		}
		if _, err = f.a.handler.Handle(ctx, in); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return err
}

// person fills in who somebody is; without an answer the id must do.
func (f *feed) person(ctx context.Context, p chat.Person) chat.Person {
	if p.ID == f.s.self.ID {
		return f.s.self
	}
	if p.ID == "" {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	if k, err := f.a.people.person(ctx, p.ID); err == nil {
		return k.Person
	}
	return p
}

// lost notes that an event was not kept. Its channel is compared with the server
// before its mark moves again; what the server's history does not hold is kept
// here to be tried again.
func (f *feed) lost(in chat.Inbound) {
	f.mu.Lock()
	st := f.state(in.Channel)
	st.complete = 0
	st.holes++
	st.due = time.Now().Add(f.backOff(st.tries))
	st.tries++
	if !f.isHistory(in) && len(st.redo) < redoFull {
		st.redo = append(st.redo, in)
	}
	f.mu.Unlock()
	f.nudge()
}

// isHistory tells whether REST brings an event back; the caller holds the lock.
func (f *feed) isHistory(in chat.Inbound) bool {
	if !f.watched[in.Channel] {
		return false
	}
	switch in.Body.(type) {
	case chat.Said, chat.Edited, chat.Deleted:
		return true
	}
	return false
}

func (f *feed) backOff(tries int) time.Duration {
	d := f.a.timing.retry << min(tries, 10)
	return min(d, f.a.timing.retryMax)
}

// channelEvent queues the translation of a channel's change. The server's own
// record is what counts, for events may be late.
func (f *feed) channelEvent(fr frame, data eventData) {
	var c channel
	_ = json.Unmarshal([]byte(data.Channel), &c)
	id := c.ID
	if id == "" {
		id = data.ChannelID
	}
	if id == "" {
		id = fr.Broadcast.ChannelID
	}
	if !isID(id) {
		return
	}
	f.lanes.push(id, func(ctx context.Context) {
		change := chat.ChannelRenamed
		switch fr.Event {
		case "channel_deleted":
			c = channel{ID: id}
			c.DeleteAt, _ = strconv.ParseInt(data.DeleteAt.String(), 10, 64)
			change = chat.ChannelArchived
		case "channel_restored":
			change = chat.ChannelUnarchived
		case "channel_converted":
			change = chat.ChannelShared
		}
		if c.ID == "" || change == chat.ChannelArchived && c.DeleteAt == 0 {
			found, err := f.a.channelByID(ctx, id)
			if err != nil {
				f.a.log.WarnContext(ctx, "mattermost: changed channel cannot be read", "channel", id, "err", err)
				return
			}
			c = found
		}
		if c.TeamID != "" && c.TeamID != f.s.team.ID {
			return
		}
		if change == chat.ChannelRenamed && !f.renamed(c) || change == chat.ChannelShared && !c.Shared {
			return
		}
		f.deliver(ctx, f.decoder().channelState(c, change))
	})
}

// renamed remembers a channel's name and tells whether it is news.
func (f *feed) renamed(c channel) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Name == "" || f.names[c.ID] == c.Name {
		return false
	}
	f.names[c.ID] = c.Name
	return true
}

// leftTeam tells every watched channel that the bot is gone from it.
func (f *feed) leftTeam(seqKey string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.decoder()
	for id := range f.watched {
		in := chat.Inbound{
			Key: seqKey + ":" + id, Workspace: d.workspace, At: d.now, From: f.s.self, Channel: id,
			Body: chat.ChannelChanged{Change: chat.ChannelBotRemoved},
		}
		f.lanes.push(id, func(ctx context.Context) { f.deliver(ctx, in) })
		st := f.state(id)
		st.complete = 0
		st.holes++
	}
}

// personChanged forgets what was known of somebody.
func (f *feed) personChanged(raw json.RawMessage) {
	var data struct {
		UserID string `json:"user_id"`
		User   struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	// A shape we do not know costs at most a minute of old knowledge.
	_ = json.Unmarshal(raw, &data)
	f.a.people.forget(data.UserID)
	f.a.people.forget(data.User.ID)
}

// alive notes the server's sign of life: everything it sent before has reached
// us, and the mark may move there once that has been handled.
func (f *feed) alive(ctx context.Context, at time.Time) {
	f.mu.Lock()
	busy := f.marking
	f.marking = true
	f.mu.Unlock()
	if busy {
		return
	}
	handled := f.lanes.barrier()
	f.wg.Go(func() {
		select {
		case <-handled:
		case <-ctx.Done():
			return
		}
		f.mu.Lock()
		f.marking = false
		first := f.mark.IsZero()
		f.mark = at.Add(-f.a.timing.margin)
		f.mu.Unlock()
		if first {
			f.nudge()
		}
	})
}

// pause waits; false means that the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// errRunning is what a second Run beside the first comes to.
var errRunning = errors.New("mattermost: already running")
