package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"taskbridge/bot/chat"
)

// historian is the fake platform with a history that can be read, of so many
// messages a page. Its clock is the desk's.
type historian struct {
	*fakePlatform
	now func() time.Time

	mu    sync.Mutex
	page  int
	said  []*past
	roots map[string]chat.RootState
	// shown is the oldest message that is shown, by its number.
	shown int
	// calls count those that were answered; broken, when set, is asked before each.
	calls int
	// asked are the channels and read the threads that were, each first page.
	asked, read []string
	// alias are channels by name.
	alias  map[string]string
	broken func(method string) error
}

// past is a reply of a person.
type past struct {
	id, channel, thread, author, text string
	at, edited                        time.Time
}

func withHistory(d *desk) *historian {
	h := &historian{fakePlatform: d.p, now: d.clock.Now, page: 200, roots: map[string]chat.RootState{}}
	d.engine.Swap(h)
	return h
}

func number(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, "m"))
	return n
}

// reply writes a reply on the platform; nobody is told. The three that follow give
// the event that would tell.
func (h *historian) reply(author, channel, thread, text string) chat.Inbound {
	h.fakePlatform.mu.Lock()
	h.next++
	id := fmt.Sprintf("m%d", h.next)
	h.fakePlatform.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	m := &past{id: id, channel: channel, thread: thread, author: author, text: text, at: h.now().Truncate(time.Microsecond)}
	h.said = append(h.said, m)
	return h.event(m, m.at, chat.Said{Message: m.id, Thread: m.thread, Text: text})
}

func (h *historian) event(m *past, at time.Time, b chat.Body) chat.Inbound {
	return chat.Inbound{At: at, From: chat.Person{ID: m.author}, Channel: m.channel, Body: b}
}

func (h *historian) edit(id, text string) chat.Inbound {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.find(id)
	m.text, m.edited = text, h.now().Truncate(time.Microsecond)
	return h.event(m, m.edited, chat.Edited{Message: id, Thread: m.thread, Text: text, Version: m.edited})
}

func (h *historian) remove(id string) chat.Inbound {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.find(id)
	h.said = slices.DeleteFunc(h.said, func(o *past) bool { return o == m })
	return h.event(m, h.now().Truncate(time.Microsecond), chat.Deleted{Message: id, Thread: m.thread})
}

// Channel finds a channel by its present id or by name.
func (h *historian) Channel(ctx context.Context, name string) (chat.ChannelInfo, error) {
	if id := h.alias[name]; id != "" {
		name = id
	}
	return h.fakePlatform.Channel(ctx, name)
}

func (h *historian) find(id string) *past {
	i := slices.IndexFunc(h.said, func(m *past) bool { return m.id == id })
	if i < 0 {
		return nil
	}
	return h.said[i]
}

// removeRoot deletes a card, as an administrator may.
func (h *historian) removeRoot(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.roots[id] = chat.RootGone
	if slices.ContainsFunc(h.said, func(m *past) bool { return m.thread == id }) {
		h.roots[id] = chat.RootEmptied
	}
}

// expire hides everything older than a message, as a retention rule does.
func (h *historian) expire(before string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shown = number(before)
}

func (h *historian) ask(method, channel string) error {
	if h.broken != nil {
		if err := h.broken(method); err != nil {
			return err
		}
	}
	h.calls++
	h.asked = append(h.asked, channel)
	h.fakePlatform.mu.Lock()
	defer h.fakePlatform.mu.Unlock()
	if h.channels[channel] == nil {
		return &chat.SendError{Reason: chat.ChannelGone, Err: errors.New("no such channel")}
	}
	if !slices.Contains(h.channels[channel].members, "bot") {
		return &chat.SendError{Reason: chat.NotInChannel, Err: errors.New("not in the channel")}
	}
	return nil
}

// replies are the ids under a root, people's and the bot's, oldest first.
func (h *historian) replies(channel, root string) (ids []string) {
	for _, m := range h.said {
		if m.thread == root && m.channel == channel && number(m.id) >= h.shown {
			ids = append(ids, m.id)
		}
	}
	h.fakePlatform.mu.Lock()
	defer h.fakePlatform.mu.Unlock()
	for _, p := range h.channels[channel].posts {
		if p.Thread == root && number(p.ID) >= h.shown {
			ids = append(ids, p.ID)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return number(a) - number(b) })
	return ids
}

// starts are the messages of a channel that start threads, newest first.
func (h *historian) starts(channel string) (ids []string) {
	h.fakePlatform.mu.Lock()
	defer h.fakePlatform.mu.Unlock()
	for _, p := range slices.Backward(h.channels[channel].posts) {
		if p.Thread == "" && h.roots[p.ID] != chat.RootGone && number(p.ID) >= h.shown {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func (h *historian) root(channel, id string) chat.Root {
	r := chat.Root{Message: id, State: chat.RootThere, Own: true}
	if s := h.roots[id]; s != "" {
		r.State = s
	}
	ids := h.replies(channel, id)
	if slices.ContainsFunc(ids, func(id string) bool { return h.find(id) != nil }) {
		r.Replies, r.Latest = len(ids), ids[len(ids)-1]
	}
	return r
}

func (h *historian) Roots(_ context.Context, channel string, threads []string) ([]chat.Root, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.ask("roots", channel); err != nil {
		return nil, err
	}
	newest := slices.MaxFunc(threads, func(a, b string) int { return number(a) - number(b) })
	page := slices.DeleteFunc(h.starts(channel), func(id string) bool { return number(id) > number(newest) })
	more := len(page) > h.page
	page = page[:min(len(page), h.page)]
	var out []chat.Root
	for _, id := range threads {
		switch {
		case slices.Contains(page, id):
			out = append(out, h.root(channel, id))
		case len(page) > 0 && number(id) > number(page[len(page)-1]):
			out = append(out, chat.Root{Message: id, State: chat.RootGone})
		case !more:
			out = append(out, chat.Root{Message: id, State: chat.RootUnknown})
		}
	}
	return out, nil
}

func (h *historian) Replies(_ context.Context, channel, thread, cursor string) (chat.Replies, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.ask("replies", channel); err != nil {
		return chat.Replies{}, err
	}
	if !slices.Contains(h.starts(channel), thread) {
		return chat.Replies{}, &chat.SendError{Reason: chat.NotFound, Err: errors.New("no such thread")}
	}
	if cursor == "" {
		h.read = append(h.read, thread)
	}
	out := chat.Replies{Root: h.root(channel, thread)}
	ids := slices.DeleteFunc(h.replies(channel, thread), func(id string) bool { return number(id) < number(cursor) })
	// The root takes a place on each page.
	if room := max(1, h.page-1); len(ids) > room {
		out.Next = ids[room]
		ids = ids[:room]
	}
	for _, id := range ids {
		m := h.find(id)
		if m == nil {
			out.Others = append(out.Others, id)
			continue
		}
		in := h.event(m, m.at, chat.Said{Message: id, Thread: thread, Text: m.text, EditedAt: m.edited})
		in.Workspace, in.Key = workspace, fmt.Sprintf("history:%s:%d", id, m.edited.UnixMicro())
		out.Said = append(out.Said, in)
	}
	return out, nil
}

var _ chat.Historian = (*historian)(nil)
