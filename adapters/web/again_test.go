package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// ear is a bot that only listens.
type ear struct {
	mu    sync.Mutex
	heard []chat.Inbound
}

func (e *ear) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, in)
	return chat.Answer{}, nil
}

// keys are those of all that was heard of a kind, each once.
func keys[B chat.Body](e *ear) map[string]B {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]B{}
	for _, in := range e.heard {
		if body, ok := in.Body.(B); ok {
			out[in.Key] = body
		}
	}
	return out
}

// thread is what stands under the root, without it.
func (c *conformance) thread() []storage.TalkMessage {
	c.t.Helper()
	root, err := c.faults.Talk.TalkMessage(c.t.Context(), "main", c.root)
	must(c.t, err)
	list, err := c.faults.ListTalk(c.t.Context(), "main", storage.TalkFilter{Room: root.Room, Thread: c.root})
	must(c.t, err)
	return list[1:]
}

// reply says something under the root with a mark.
func (c *conformance) reply(mark, text string) bool {
	c.t.Helper()
	root, err := c.faults.Talk.TalkMessage(c.t.Context(), "main", c.root)
	must(c.t, err)
	return c.acts("/c/"+root.Room+"/say", url.Values{"thread": {c.root}, "text": {text}, "once": {mark}})
}

func (c *conformance) acts(path string, values url.Values) bool {
	c.t.Helper()
	return c.post(path, "application/x-www-form-urlencoded", []byte(values.Encode())).Acknowledged
}

// TestWordsThatWereChangedAreOthers: who sees no answer changes the words and sends them
// again, with the mark of before. Neither is lost, and each that comes again is known.
func TestWordsThatWereChangedAreOthers(t *testing.T) {
	t.Parallel()
	bot := &ear{}
	c := newConformance(t, bot, nil)
	for _, text := range []string{"On my way", "On my way, 20 minutes", "On my way", "On my way, 20 minutes"} {
		if !c.reply("the-same-mark", text) {
			t.Fatalf("%q was refused", text)
		}
	}
	list := c.thread()
	if len(list) != 2 || list[0].Text != "On my way" || list[1].Text != "On my way, 20 minutes" {
		t.Errorf("in the thread stands %+v", list)
	}
	said := keys[chat.Said](bot)
	for _, m := range list {
		if got := said["said "+m.ID].Text; got != m.Text {
			t.Errorf("the page says %q, and the bot was told %q", m.Text, got)
		}
	}
	for _, text := range []string{"/task new A", "/task new B", "/task new A"} {
		c.reply("the-same-mark", text)
	}
	if got := len(keys[chat.Command](bot)); got != 2 {
		t.Errorf("the bot was given %d commands", got)
	}
}

// TestEditsThatComeAgain: an edit that is sent again is one edit; one that comes again
// when the words were changed once more does not bring the old ones back; and of two
// windows that edit the same words the second is told.
func TestEditsThatComeAgain(t *testing.T) {
	t.Parallel()
	bot := &ear{}
	c := newConformance(t, bot, nil)
	c.reply("mark-one-one", "first")
	id := c.thread()[0].ID
	edit := func(text, was string) bool { return c.acts("/m/"+id+"/edit", url.Values{"text": {text}, "was": {was}}) }
	var all sync.WaitGroup
	taken := make([]bool, 4)
	for n := range taken {
		all.Go(func() { taken[n] = edit("second", "0") })
	}
	all.Wait()
	for _, ok := range taken {
		if !ok {
			t.Errorf("of those at the same moment one was refused: %+v", c.toasts)
		}
	}
	if got := keys[chat.Edited](bot); len(got) != 1 {
		t.Errorf("the bot was told of %d edits", len(got))
	}
	if !edit("third", version(c.thread()[0])) {
		t.Error("the next edit was refused")
	}
	for _, text := range []string{"second", "other words, from another window"} {
		if edit(text, "0") {
			t.Errorf("%q was taken", text)
		}
	}
	if got := c.thread()[0].Text; got != "third" {
		t.Errorf("the message says %q", got)
	}
	newest := chat.Edited{}
	for _, e := range keys[chat.Edited](bot) {
		if e.Version.After(newest.Version) {
			newest = e
		}
	}
	if newest.Text != "third" {
		t.Errorf("the newest that the bot knows is %q", newest.Text)
	}
}

// TestDeletedTwiceAtOnce: of two who delete a message at the same moment none is told that
// it is not there.
func TestDeletedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	bot := &ear{}
	c := newConformance(t, bot, nil)
	for round := range 10 {
		c.reply("mark-"+time.Duration(round).String()+"-delete", "not for here")
		id := c.thread()[0].ID
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if !c.acts("/m/"+id+"/delete", url.Values{}) {
					t.Error("a deletion was refused")
				}
			})
		}
		all.Wait()
		if got := len(c.thread()); got != 0 {
			t.Fatalf("%d messages are left", got)
		}
	}
	if got := len(keys[chat.Deleted](bot)); got != 10 {
		t.Errorf("the bot was told of %d deletions", got)
	}
}

// TestPinnedTwice: to pin a message is sent twice and pins it.
func TestPinnedTwice(t *testing.T) {
	t.Parallel()
	c := newConformance(t, &ear{}, nil)
	c.reply("mark-of-a-pin", "the code of the door is with Ada")
	id := c.thread()[0].ID
	for _, pinned := range []string{"true", "true", "false", "false"} {
		c.acts("/m/"+id+"/pin", url.Values{"pinned": {pinned}})
		if got := c.thread()[0].Pinned; got != (pinned == "true") {
			t.Errorf("pinned: %v after %s", got, pinned)
		}
	}
}

// TestLongThread: a thread that is too long to be shown whole keeps its root and can be
// replied to.
func TestLongThread(t *testing.T) {
	t.Parallel()
	c := newConformance(t, &ear{}, nil)
	root, err := c.faults.Talk.TalkMessage(t.Context(), "main", c.root)
	must(t, err)
	for range threadMessages {
		m := storage.TalkMessage{ID: newID(), Room: root.Room, Thread: root.ID, Author: c.known.Person, Text: "again", CreatedAt: time.Now()}
		_, _, err := c.faults.Talk.Say(t.Context(), "main", m, nil)
		must(t, err)
	}
	shown, err := c.a.thread(t.Context(), &visit{Talker: storage.Talker{ID: c.known.Person}}, root.Room, root.ID)
	must(t, err)
	if !shown.MayWrite || shown.Messages[0].ID != root.ID || len(shown.Messages) != threadMessages+1 {
		t.Errorf("may write: %v, %d messages, the first %s", shown.MayWrite, len(shown.Messages), shown.Messages[0].ID)
	}
}

// slowBrowser is a browser's end of a line, which says by when it has to read.
type slowBrowser struct {
	*httptest.ResponseRecorder

	until time.Time
}

func (s *slowBrowser) SetWriteDeadline(t time.Time) error {
	s.until = t
	return nil
}

// TestLinesAreNotHeldUp: a browser that reads nothing any more is given up after a while.
func TestLinesAreNotHeldUp(t *testing.T) {
	t.Parallel()
	w := &slowBrowser{ResponseRecorder: httptest.NewRecorder()}
	l := &listener{w: w, control: http.NewResponseController(w)}
	before := time.Now()
	must(t, l.send("breath", "", "{}"))
	if w.until.Before(before.Add(lineWait)) || w.until.After(time.Now().Add(lineWait)) {
		t.Errorf("it has to read until %v, asked at %v", w.until, before)
	}
}
