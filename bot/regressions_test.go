package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// TestCardPostedForAReplyIsFound loses the answer to the card that a reply
// posts ahead of itself: it must be looked for, not posted twice.
func TestCardPostedForAReplyIsFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.drained()
	held := true
	d.p.mu.Lock()
	d.p.failPost = func(in chat.Post) error {
		if held && strings.Contains(in.Message.Text.String(), "Mind") {
			return &chat.SendError{Reason: chat.Unavailable, Retry: true}
		}
		return nil
	}
	before := d.p.calls["post"]
	d.p.mu.Unlock()
	d.says("olivia", "ops", "comment 1 Mind the dog")
	d.untilInTime("a first attempt", func() bool { return d.called("post") > before })
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Deleted{Message: card.ID, Own: true}})
	lost := false
	d.p.mu.Lock()
	held = false
	d.p.afterPost = func(in chat.Post, _ string) error {
		d.p.mu.Lock()
		defer d.p.mu.Unlock()
		if !lost && strings.HasSuffix(in.DeliveryID, "-card") {
			lost = true
			return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
		}
		return nil
	}
	d.p.mu.Unlock()
	d.drainedInTime()
	if !lost {
		t.Fatal("the card was not posted by the reply")
	}
	if got := len(d.posts(firmChannel, "#1 Boiler")); got != 2 {
		t.Errorf("%d cards were posted, want the first and one in its place:\n%s", got, d.dump(firmChannel))
	}
}

// TestRequestWithADueDate makes an issue as the REST adapter asks for it.
func TestRequestWithADueDate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	a := d.handle(chat.Inbound{Workspace: bot.APIWorkspace, Body: chat.Request{Verb: "new", Fields: map[string]string{
		"title": "Boiler", "due": "2026-12-01T14:00:00Z",
	}}})
	if a.Refused != "" {
		t.Errorf("refused: %s %s", a.Refused, a.Message.Text)
	}
}

// TestPublicOperationsChannel warns of a channel that anybody may join.
func TestPublicOperationsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if got := d.says("anna", "ops", "here operations"); !strings.Contains(got, "public") {
		t.Errorf("nothing is said of a public channel: %q", got)
	}
}

// TestListAfterDecline: the list of a firm that declined.
func TestListAfterDecline(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	d.drained()
	d.says("olivia", "ops", "cancel 1")
	open := d.says("cora", firmChannel, "list open")
	d.says("olivia", "ops", "close 1")
	closed := d.says("cora", firmChannel, "list open")
	if open != closed {
		t.Errorf("a firm that is out learns what becomes of the job:\n%q\n%q", open, closed)
	}
}

// TestEditingDetailsKeepsOverdue: saving the form unchanged.
func TestEditingDetailsKeepsOverdue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	// due is typed as a duration, and so has seconds.
	form := func() *chat.Form {
		card := d.waitPost("ops", "card", func(p fakePost) bool {
			return slices.Contains(labels(p.Message), "Edit details")
		})
		a := d.click("olivia", "ops", card, "Edit details")
		return a.Form
	}
	f := form()
	v := map[string]string{}
	for _, x := range f.Fields {
		v[x.Name] = x.Value
	}
	d.clock.Advance(31 * time.Second)
	v["due"] = "2m"
	if a := d.submit("olivia", "ops", f, v); a.Refused != "" {
		t.Fatalf("refused: %v %v", a.Refused, a.FieldErrors)
	}
	d.clock.Advance(time.Hour)
	overdue := func() int {
		if err := d.engine.FireDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		evs, err := d.engine.Events(t.Context(), 1, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range evs {
			if strings.Contains(e.Kind, "overdue") {
				n++
			}
		}
		return n
	}
	if n := overdue(); n != 1 {
		t.Fatalf("%d", n)
	}
	f = form()
	v = map[string]string{}
	for _, x := range f.Fields {
		v[x.Name] = x.Value
	}
	if a := d.submit("olivia", "ops", f, v); a.Refused != "" {
		t.Fatalf("refused: %v %v", a.Refused, a.FieldErrors)
	}
	d.clock.Advance(time.Minute)
	if n := overdue(); n != 1 {
		t.Errorf("overdue was said %d times although the form was saved unchanged", n)
	}
}

// TestMissedLeave loses the event of somebody's leaving, as in a gap of the
// connection: the firm's rights must end with the member list's life.
func TestMissedLeave(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.drained()
	d.p.mu.Lock()
	d.p.channels[firmChannel].members = []string{"bot", "carl"}
	d.p.mu.Unlock()
	d.clock.Advance(24 * time.Hour)
	if got := d.says("cora", "elsewhere", "show 1"); strings.Contains(got, "Boiler") {
		t.Errorf("a day after she left the firm's channel she reads %q", got)
	}
}

// TestPageWithOrphans pages through comments among which an edit waits for
// its message: a page that is short by it would be taken for the last.
func TestPageWithOrphans(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Edited{
		Message: "gone", Thread: card.ID, Text: "edited", Version: d.clock.Now(),
	}})
	d.reply("cora", firmChannel, card.ID, "r1", "one")
	d.reply("cora", firmChannel, card.ID, "r2", "two")
	page, err := d.engine.Comments(t.Context(), 1, "", 2) // As the REST adapter asks for a page of one.
	if err != nil {
		t.Fatal(err)
	}
	if len(page) != 2 {
		t.Errorf("%d comments of two that fit; the rest is never listed", len(page))
	}
}

// TestOneKeyForTwoRequests: a program that names two requests alike is told so.
func TestOneKeyForTwoRequests(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ask := func(title string) chat.Answer {
		return d.handle(chat.Inbound{Workspace: bot.APIWorkspace, Key: "idempotent:new:k", Body: chat.Request{
			Verb: "new", Fields: map[string]string{"title": title, "place": "Leeds"},
		}})
	}
	first := ask("Boiler")
	if again := ask("Boiler"); again.Refused != "" || again.Number != first.Number {
		t.Errorf("the same request again: %+v", again)
	}
	if other := ask("Window"); other.Refused != "invalid" || other.Number != 0 {
		t.Errorf("another request of that name: %+v", other)
	}
}
