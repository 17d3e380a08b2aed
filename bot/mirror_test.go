package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

const otherWorkspace = "other:W2"

// onTwo is a desk whose operators are on one platform and whose firm is on two: Cora
// and Carl on the first, Mia and Max on the second. It returns the desk as seen from
// each of them.
func onTwo(t *testing.T) (first, second *desk) {
	t.Helper()
	d := newDesk(t)
	p := newFakePlatform(otherWorkspace)
	for _, who := range []string{"mia", "max"} {
		p.addPerson(who, chat.Member, false)
	}
	d.second = p
	d.attach(d.engine)
	d.withFirm()
	other := *d
	other.p, other.second = p, d.p
	return d, &other
}

// link gives the firm its channel on the second platform, and its people.
func (d *desk) link(second *desk) {
	d.t.Helper()
	expect(d.t, d.says("olivia", "ops", "contractor link acme other"), "now also has "+firmChannel+" on Other")
	second.waitText(firmChannel, "Accept")
	second.join(firmChannel, "mia", "max")
	// The second look of those who did not know of the channel yet.
	d.advance(2 * time.Minute)
	d.drained()
}

// linked is a desk with a job that was accepted, on both platforms, with its cards.
func linked(t *testing.T) (first, second *desk, card, other fakePost) {
	t.Helper()
	first, second = onTwo(t)
	first.link(second)
	card = first.accepted()
	other = second.waitCard(firmChannel, "#1", "Start", "Hand over", "Complete")
	return first, second, card, other
}

// thread is what stands under a card: who said what, in order.
func (d *desk) thread(channel, root string) []string {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	var out []string
	for _, p := range d.p.channels[channel].posts {
		if p.Thread == root && p.Message.Speaker.Name != "" {
			out = append(out, p.Message.Speaker.Name+": "+p.Message.Text.String())
		}
	}
	return out
}

func (d *desk) wantThread(channel, root string, want ...string) {
	d.t.Helper()
	d.drained()
	if got := d.thread(channel, root); !slices.Equal(got, want) {
		d.t.Errorf("the thread has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (d *desk) edits(who, channel, thread, message, text string, at time.Time) {
	d.t.Helper()
	d.handle(chat.Inbound{At: at, From: chat.Person{ID: who}, Channel: channel, Body: chat.Edited{Message: message, Thread: thread, Text: text, Version: at}})
}

func (d *desk) deletes(channel, thread, message string) {
	d.t.Helper()
	d.handle(chat.Inbound{Channel: channel, Body: chat.Deleted{Message: message, Thread: thread}})
}

// TestRepliesOnBothPlatforms carries replies, edits and deletions both ways.
func TestRepliesOnBothPlatforms(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.reply("cora", firmChannel, card.ID, "a1", "On my way")
	b.reply("mia", firmChannel, other.ID, "b1", "Key is with me")
	a.reply("olivia", firmChannel, card.ID, "a2", "Thank you")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): On my way", "Olivia: Thank you")
	a.wantThread(firmChannel, card.ID, "Mia (Acme Heating): Key is with me")

	at := a.clock.Now()
	a.edits("cora", firmChannel, card.ID, "a1", "On my way, 10 minutes", at)
	b.edits("mia", firmChannel, other.ID, "b1", "Key is with Max", at)
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): On my way, 10 minutes", "Olivia: Thank you")
	a.wantThread(firmChannel, card.ID, "Mia (Acme Heating): Key is with Max")

	a.deletes(firmChannel, card.ID, "a1")
	b.deletes(firmChannel, other.ID, "b1")
	b.wantThread(firmChannel, other.ID, "Olivia: Thank you")
	a.wantThread(firmChannel, card.ID)
	if got := a.comments(1); len(got) != 3 {
		t.Errorf("the history has %d comments", len(got))
	}
	for _, c := range a.comments(1) {
		if c.Visibility != "shared" {
			t.Errorf("%q is %s", c.Text, c.Visibility)
		}
	}
}

// TestLinkedLater shows the open jobs and what was said about them in a channel that
// is linked later.
func TestLinkedLater(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	card := a.accepted()
	for n := range 5 {
		a.reply("cora", firmChannel, card.ID, fmt.Sprintf("r%d", n), fmt.Sprintf("word %d", n))
	}
	a.edits("cora", firmChannel, card.ID, "r1", "better word", a.clock.Now())
	a.deletes(firmChannel, card.ID, "r2")
	a.says("olivia", "ops", "comment 1 From the desk")
	a.says("olivia", "ops", "note 1 Between us")
	a.link(b)
	other := b.waitCard(firmChannel, "#1", "Hand over", "Complete")
	b.wantThread(firmChannel, other.ID,
		"Cora (Acme Heating): word 0", "Cora (Acme Heating): better word", "Cora (Acme Heating): word 3",
		"Cora (Acme Heating): word 4", "Olivia: From the desk")
	b.submit("mia", firmChannel, b.click("mia", firmChannel, other, "Complete").Form, map[string]string{"note": "Done"})
	a.wantStatus(1, "allocated/waiting_approval")
}
