package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// PublishHome implements chat.HomeKeeper.
func (p *fakePlatform) PublishHome(_ context.Context, person string, page []chat.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("home"); err != nil {
		return err
	}
	if p.homes == nil {
		p.homes = map[string][]chat.Message{}
	}
	p.homes[person] = page
	p.published++
	p.touch()
	return nil
}

// opens looks at one's own home.
func (d *desk) opens(who string) {
	d.t.Helper()
	d.handle(chat.Inbound{From: chat.Person{ID: who}, Body: chat.HomeOpened{}})
}

// homeText is all that a home says.
func homeText(page []chat.Message) string {
	var b strings.Builder
	for _, m := range page {
		fmt.Fprintln(&b, m.Title)
		fmt.Fprintln(&b, m.Text.String(), labels(m))
		for _, n := range m.Notes {
			fmt.Fprintln(&b, n.String())
		}
	}
	return b.String()
}

// waitHome waits for a home that has all parts and lacks those that begin with "-".
func (d *desk) waitHome(who string, parts ...string) []chat.Message {
	d.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		d.p.mu.Lock()
		changed, page := d.p.changed, d.p.homes[who]
		d.p.mu.Unlock()
		text := homeText(page)
		fits := func(part string) bool {
			if without, ok := strings.CutPrefix(part, "-"); ok {
				return !strings.Contains(text, without)
			}
			return strings.Contains(text, part)
		}
		if page != nil && !slices.ContainsFunc(parts, func(s string) bool { return !fits(s) }) {
			return page
		}
		select {
		case <-changed:
		case <-deadline.C:
			d.t.Fatalf("no home of %s with %q; there is:\n%s", who, parts, text)
		}
	}
}

// pressHome uses a control of somebody's home, as who.
func (d *desk) pressHome(who string, page []chat.Message, label, choice string) chat.Answer {
	d.t.Helper()
	for _, m := range page {
		for _, b := range m.Buttons {
			if b.Label == label {
				return d.handle(chat.Inbound{From: chat.Person{ID: who}, Body: chat.Click{Token: b.Token, Home: true}})
			}
		}
		if m.Choice != nil && m.Choice.Placeholder == label {
			return d.handle(chat.Inbound{From: chat.Person{ID: who}, Body: chat.Click{Token: m.Choice.Token, Choice: choice, Home: true}})
		}
	}
	d.t.Fatalf("no control %q in\n%s", label, homeText(page))
	return chat.Answer{}
}

// later lets the homes follow what has changed.
func (d *desk) later() {
	d.clock.Advance(3 * time.Second)
	d.engine.Nudge()
}

// TestHomes follows a job in the homes of all who have one.
func TestHomes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.opens("olivia")
	page := d.waitHome("olivia", "New jobs (1)", "#1 Boiler down", "[Offer to a firm Edit details Close]", "Waiting approval (0)")
	d.opens("cora")
	d.waitHome("cora", "To accept or decline (0)", "-Boiler")
	d.opens("sam")
	d.waitHome("sam", "hands jobs to outside firms", "To work with it, ask", "-Boiler")

	form := d.pressHome("olivia", page, "Offer to a firm", "")
	d.submit("olivia", "", form.Form, map[string]string{"contractor": "acme"})
	d.later()
	page = d.waitHome("cora", "To accept or decline (1)", "#1 Boiler down", "[Accept Decline Suggest other terms]", "-Olivia")
	expect(t, d.pressHome("cora", page, "Accept", "").Message.Text.String(), "You are in charge")
	d.later()
	d.waitHome("cora", "To accept or decline (0)", "My jobs (1)", "[Start Complete Hand over]")
	d.waitHome("olivia", "New jobs (0)", "My jobs (1)", "Accepted")

	if a := d.pressHome("carl", page, "Decline", ""); a.Refused != bot.RefusedUnauthenticated {
		t.Errorf("another's home was used: %+v", a)
	}
	d.p.mu.Lock()
	before := d.p.published
	d.p.mu.Unlock()
	d.later()
	d.settled()
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	if d.p.published != before {
		t.Errorf("%d homes were shown though nothing had changed", d.p.published-before)
	}
}

// TestHomeLists looks at lists in a home: chooses, filters, turns pages, goes back.
func TestHomeLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	for n := range 25 {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", n+1))
	}
	d.opens("olivia")
	page := d.waitHome("olivia", "New jobs (25)", "#25", "-#20")
	d.pressHome("olivia", page, "Show a list", "open")
	page = d.waitHome("olivia", "Open jobs (25)", "#25", "#6", "-#5 ", "There is more", "Back")
	d.pressHome("olivia", page, "Next", "")
	page = d.waitHome("olivia", "Open jobs (25)", "#5 ", "#1 ", "-#6 ", "[Previous]")
	form := d.pressHome("olivia", page, "Filter", "")
	bad := d.submit("olivia", "", form.Form, map[string]string{"list": "open", "firm": "nobody"})
	expect(t, fmt.Sprint(bad.FieldErrors), "No firm fits")
	d.submit("olivia", "", form.Form, map[string]string{"list": "open", "firm": "acme"})
	page = d.waitHome("olivia", "Open jobs · Acme Heating, Leeds (0)", "There is nothing on this list.")
	d.pressHome("olivia", page, "Back", "")
	d.waitHome("olivia", "New jobs (25)", "-Back")
}

// TestHomesCostNothingUnopened shows that a change enqueues nothing for homes while
// nobody has opened one, and one look for any number of changes when somebody has.
func TestHomesCostNothingUnopened(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	waiting := func() (n int) {
		list, err := d.store.ListDeliveries(t.Context(), storage.ListDeliveriesParams{Lane: storage.Lane{Workspace: workspace, Name: "homes"}})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	d.says("olivia", "ops", "new Boiler down")
	if n := waiting(); n != 0 {
		t.Fatalf("%d looks wait though nobody has opened a home", n)
	}
	d.opens("olivia")
	d.waitHome("olivia", "Boiler down")
	for n := range 5 {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", n))
	}
	if n := waiting(); n != 1 {
		t.Fatalf("%d looks wait for five changes", n)
	}
	d.later()
	d.waitHome("olivia", "New jobs (6)")
}

// TestHomeCommand asks for one's home in a conversation.
func TestHomeCommand(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	a := d.command("olivia", "ops", "home")
	expect(t, a.Message.Text.String(), "New jobs (1)\n#1 Boiler down")
	shown := d.press("olivia", "ops", "shown", a.Message.Choice.Token, "new")
	expect(t, shown.Message.Title, "New jobs (1)")
	filter := d.press("olivia", "ops", "shown", token(t, a.Message, "Filter"), "")
	b := d.submit("olivia", "ops", filter.Form, map[string]string{"list": "mine", "topic": "boiler"})
	expect(t, b.Message.Title, "My jobs · boiler")
	expect(t, d.says("cora", firmChannel, "home"), "To accept or decline (0)")
	expect(t, d.says("sam", "dm", "home"), "hands jobs to outside firms")
}
