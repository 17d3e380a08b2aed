package bot_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// ReadFor implements chat.LinkReader: a link is the channel's name and the message's id.
func (p *fakePlatform) ReadFor(_ context.Context, person, link string) (chat.LinkedMessage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls["read"]++
	channel, id, _ := strings.Cut(strings.TrimPrefix(link, "https://chat.example/"), "/")
	c, ok := p.channels[channel]
	if !ok || !slices.Contains(c.members, person) || !slices.Contains(c.members, "bot") {
		return chat.LinkedMessage{}, &chat.SendError{Reason: chat.NotFound}
	}
	for _, post := range c.posts {
		if post.ID == id {
			return chat.LinkedMessage{Text: post.Message.Text.String(), Link: link}, nil
		}
	}
	return chat.LinkedMessage{}, &chat.SendError{Reason: chat.NotFound}
}

// formValues are what stands in a form.
func formValues(f *chat.Form) map[string]string {
	out := map[string]string{}
	for _, field := range f.Fields {
		out[field.Name] = field.Value
	}
	return out
}

// TestTaskFromLink makes a task of a message by its link, for those alone who can read
// that message.
func TestTaskFromLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.p.addChannel("tenants", "olivia")
	d.p.mu.Lock()
	d.p.channels["tenants"].posts = []*fakePost{{ID: "m77", Message: chat.Message{Text: chat.T("The boiler is cold.\nSince Sunday, flat 3.")}}}
	d.p.mu.Unlock()
	const link = "https://chat.example/tenants/m77"

	a := d.command("olivia", "ops", "from "+link)
	if a.Form == nil {
		t.Fatalf("no form: %+v", a.Message)
	}
	v := formValues(a.Form)
	if v["title"] != "The boiler is cold." || v["description"] != "The boiler is cold.\nSince Sunday, flat 3." {
		t.Errorf("the form says %q", v)
	}
	d.submit("olivia", "ops", a.Form, v)
	if got := d.issue(1).SourceURL; got != link {
		t.Errorf("the source is %q", got)
	}
	card := d.waitCard("ops", "The boiler is cold.", "Offer to a firm", "Edit details", "Close", "Ask somebody outside")
	facts, _ := json.Marshal(card.Message.Facts)
	expect(t, string(facts), "Source", link)
	d.says("olivia", "ops", "assign 1 acme")
	offer := d.waitCard(firmChannel, "The boiler is cold.", "Accept", "Decline", "Suggest other terms")
	for _, m := range []chat.Message{offer.Message, d.command("cora", firmChannel, "show 1").Message, d.command("cora", firmChannel, "history 1").Message} {
		seen, _ := json.Marshal(m)
		if strings.Contains(string(seen), "m77") {
			t.Errorf("the firm sees the source: %s", seen)
		}
	}

	// Otto runs the desk, too, but is not in that channel.
	for _, where := range []string{link, "https://chat.example/tenants/m1", "https://elsewhere.example/x", "rubbish"} {
		b := d.command("otto", "ops", "from "+where)
		if b.Form != nil || strings.Contains(b.Message.Text.String(), "boiler") {
			t.Fatalf("%s was read for somebody who is not in its channel", where)
		}
		expect(t, b.Message.Text.String(), "no such message in a channel that you and I are both in")
	}
	d.p.mu.Lock()
	before := d.p.calls["read"]
	d.p.mu.Unlock()
	expect(t, d.says("cora", firmChannel, "from "+link), "Only the desk")
	expect(t, d.says("sam", "dm", "from "+link), "does not know you")
	expect(t, d.says("olivia", "ops", "from"), "Usage: /task from LINK")
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	if d.p.calls["read"] != before {
		t.Error("a message was read for somebody who may make no job")
	}
}

// TestTaskFromShortcut makes a task of a message that was chosen.
func TestTaskFromShortcut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	pick := func(who, channel string) chat.Answer {
		return d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Picked{
			Text: strings.Repeat("long ", 1000), Link: "https://chat.example/tenants/m78",
		}})
	}
	a := pick("olivia", "tenants")
	v := formValues(a.Form)
	if n := len([]rune(v["title"])); n > 150 {
		t.Errorf("a title of %d characters", n)
	}
	if n := len([]rune(v["description"])); n > 3000 {
		t.Errorf("a description of %d characters", n)
	}
	d.submit("olivia", "tenants", a.Form, map[string]string{"title": "Long story", "priority": "normal"})
	if got := d.issue(1).SourceURL; got != "https://chat.example/tenants/m78" {
		t.Errorf("the source is %q", got)
	}
	for who, channel := range map[string]string{"cora": firmChannel, "sam": "tenants", "gina": "ops"} {
		if b := pick(who, channel); b.Form != nil || b.Refused == "" {
			t.Errorf("%s made a job: %+v", who, b)
		}
	}
}
