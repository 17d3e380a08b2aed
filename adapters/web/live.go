package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

const (
	// breath is how often something is sent although nothing happens, so that nobody
	// between us takes the line for dead; and how often it is asked whether who
	// listens is still signed in.
	breath = 20 * time.Second
	// liveBatch is how many changes are sent at once; whoever missed more reads the
	// page again.
	liveBatch = 200
	// lineWait is how long a browser may take to read what it is sent. One that reads
	// nothing any more must not hold us up, also not when we stop.
	lineWait = 30 * time.Second
)

// told is one change as the page's script reads it.
type told struct {
	ID     string `json:"id"`
	Room   string `json:"room"`
	Thread string `json:"thread,omitempty"`
	Seq    int64  `json:"seq"`
	Gone   bool   `json:"gone,omitempty"`
	// HTML is the message as it stands in the channel, or in its thread when it is a reply.
	HTML template.HTML `json:"html,omitempty"`
	// Call is what a notification says, for who is called, and URL where it leads.
	Call string `json:"call,omitempty"`
	URL  string `json:"url,omitempty"`
}

// listener is one open page.
type listener struct {
	*Adapter

	w       http.ResponseWriter
	control *http.ResponseController
	v       *visit
	room    string
	since   int64
	sidebar string
	// job is the job that the page of somebody of another platform is about, zero for none,
	// and mark what was told of it last. They have no card of it here that would change.
	job  int
	mark string
}

// serveLive tells a page what changes, for as long as it is open (server-sent
// events). What it missed while the line was down comes first.
func (a *Adapter) serveLive(w http.ResponseWriter, r *http.Request, v *visit) error {
	if r.Method == http.MethodHead {
		// A page asks whether it is still signed in.
		return nil
	}
	if !a.hub.enter() {
		return errUnavailable()
	}
	defer a.hub.leave()
	if !a.paces.enter(v.ID) {
		return refuse(http.StatusTooManyRequests, "You have too many pages open. Close some of them.")
	}
	defer a.paces.leave(v.ID)
	l := &listener{Adapter: a, w: w, control: http.NewResponseController(w), v: v, room: r.URL.Query().Get("room")}
	from := r.Header.Get("Last-Event-ID")
	if from == "" {
		from = r.URL.Query().Get("since")
	}
	var err error
	if l.since, err = strconv.ParseInt(from, 10, 64); err != nil {
		return refuse(http.StatusBadRequest, "Say since when.")
	}
	if v.home != nil && a.cfg.Pages != nil {
		l.job, l.mark = jobAsked(r), r.URL.Query().Get("mark")
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	// From here on an error only ends the line; the page opens another.
	if err := l.run(r); err != nil && r.Context().Err() == nil {
		a.log.DebugContext(r.Context(), "web: a page's line ended", "err", err)
	}
	return nil
}

func (l *listener) run(r *http.Request) error {
	ctx := r.Context()
	pulse := time.NewTicker(breath)
	defer pulse.Stop()
	var look <-chan time.Time
	if l.job > 0 {
		tick := time.NewTicker(l.cfg.PollEvery)
		defer tick.Stop()
		look = tick.C
	}
	if err := l.send("hello", "", "{}"); err != nil {
		return err
	}
	if err := l.goBack(ctx); err != nil {
		return err
	}
	for {
		changed, shut := l.hub.next()
		if shut {
			return nil
		}
		if err := l.news(ctx); err != nil {
			return err
		}
		if err := l.await(ctx, r, changed, look, pulse.C); err != nil {
			return err
		}
	}
}

// goBack has a page drawn anew that is ahead of us, or in a channel that is not there: the
// database is an older one now, or another. Who was taken out of the channel is told so, too.
func (l *listener) goBack(ctx context.Context) error {
	change, err := l.cfg.Talk.TalkChange(ctx, l.cfg.Desk)
	if err != nil {
		return err
	}
	again := l.since > change
	l.since = min(l.since, change)
	if !again && l.room != "" && l.room != forYou {
		err := l.enter(ctx, l.v, l.room)
		if again = errors.Is(err, storage.ErrNotFound); err != nil && !again {
			return err
		}
	}
	if !again {
		return nil
	}
	return l.send("again", "", "{}")
}

// await waits until there may be news, and tells of the job meanwhile.
func (l *listener) await(ctx context.Context, r *http.Request, changed <-chan struct{}, look, pulse <-chan time.Time) error {
	for {
		if err := l.jobNews(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
			return nil
		case <-look:
		case <-pulse:
			v, err := l.signedIn(r)
			switch {
			case err != nil:
				// Nobody is signed out because it could not be found out.
				return err
			case v == nil:
				return errors.Join(errSignedOut, l.send("out", "", "{}"))
			}
			return l.send("breath", "", "{}")
		}
	}
}

var errSignedOut = errors.New("signed out")

// jobNews tells a page about a job when there is something new to read on it.
func (l *listener) jobNews(ctx context.Context) error {
	if l.job == 0 {
		return nil
	}
	mark, err := l.cfg.Pages.JobMark(ctx, l.viewer(l.v), l.job)
	if errors.Is(err, chat.ErrNoSuch) || errors.Is(err, chat.ErrForbidden) {
		// It is not theirs any more: the page says so when it is drawn anew.
		mark, err = "", nil
	}
	if err != nil || mark == l.mark {
		return err
	}
	l.mark = mark
	data, err := json.Marshal(map[string]string{"mark": mark})
	if err != nil {
		return fmt.Errorf("encode a mark: %w", err)
	}
	return l.send("job", "", string(data))
}

// news sends what has changed.
func (l *listener) news(ctx context.Context) error {
	list, err := l.cfg.Talk.TalkSince(ctx, l.cfg.Desk, l.v.ID, l.since, liveBatch)
	if err != nil {
		return err
	}
	if len(list) == liveBatch {
		return l.send("again", "", "{}")
	}
	views, err := l.views(ctx, l.v, list)
	if err != nil {
		return err
	}
	for n, m := range list {
		data, err := l.told(m, views[n])
		if err != nil {
			return err
		}
		id := ""
		if n == len(list)-1 {
			// A line that breaks before begins with the first again.
			id = strconv.FormatInt(m.Change, 10)
			l.since = m.Change
		}
		if err := l.send("message", id, data); err != nil {
			return err
		}
	}
	return l.rooms(ctx)
}

func (l *listener) told(m storage.TalkMessage, view messageView) (string, error) {
	t := told{ID: m.ID, Room: view.Room, Thread: m.Thread, Seq: m.Seq, Gone: view.Gone && m.Replies == 0}
	if view.Room == l.room && !t.Gone {
		var err error
		view.InThread = m.Thread != ""
		if t.HTML, err = l.drawMessage(l.v.in, view); err != nil {
			return "", err
		}
	}
	if m.Seq == m.Change && m.Author != l.v.ID && l.called(m) {
		if t.Call = strings.TrimSpace(view.Title); t.Call == "" {
			t.Call = view.Name
		}
		t.URL = l.v.base + "/c/" + view.Room
		if m.Thread != "" {
			t.URL += "/t/" + m.Thread
		}
	}
	data, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("encode a change: %w", err)
	}
	return string(data), nil
}

func (l *listener) called(m storage.TalkMessage) bool {
	return m.To == l.v.ID && m.Room == "" || slices.Contains(m.Calls, "*") || slices.Contains(m.Calls, l.v.ID)
}

// rooms sends the list of channels when it is another.
func (l *listener) rooms(ctx context.Context) error {
	list, err := l.roomsOf(ctx, l.v, l.room)
	if err != nil {
		return err
	}
	text, err := l.draw(l.v.in, "rooms", list)
	if err != nil || text == l.sidebar {
		return err
	}
	l.sidebar = text
	data, err := json.Marshal(map[string]string{"html": text})
	if err != nil {
		return fmt.Errorf("encode the channels: %w", err)
	}
	return l.send("rooms", "", string(data))
}

func (l *listener) send(kind, id, data string) error {
	if id != "" {
		id = "id: " + id + "\n"
	}
	// Where no deadline can be set there is none. Connections go by the machine's clock.
	_ = l.control.SetWriteDeadline(time.Now().Add(lineWait))
	if _, err := fmt.Fprintf(l.w, "%sevent: %s\ndata: %s\n\n", id, kind, data); err != nil {
		return err
	}
	return l.control.Flush()
}
