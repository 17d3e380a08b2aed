package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
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

// withOperations gives the desk an operations channel, ops2, on its second platform.
func (d *desk) withOperations() {
	d.t.Helper()
	d.p.addPerson("oscar", chat.Member, true)
	d.p.addChannel("ops2", "oscar")
	expect(d.t, d.says("oscar", "ops2", "here operations"), "operations channel")
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
	other = second.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
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
	other := b.waitCard(firmChannel, "#1", "Complete", "Hand over")
	b.wantThread(firmChannel, other.ID,
		"Cora (Acme Heating): word 0", "Cora (Acme Heating): better word", "Cora (Acme Heating): word 3",
		"Cora (Acme Heating): word 4", "Olivia: From the desk")
	b.submit("mia", firmChannel, b.click("mia", firmChannel, other, "Complete").Form, map[string]string{"note": "Done"})
	a.wantStatus(1, "allocated/waiting_approval")
}

// parts are the messages that show a comment, by id, in order.
func (d *desk) parts(root string) (ids, texts []string) {
	for _, p := range d.posts(firmChannel, "") {
		if p.Thread == root && p.Message.Speaker.Name != "" {
			ids, texts = append(ids, p.ID), append(texts, p.Message.Text.String())
		}
	}
	return ids, texts
}

// TestLongReplyInParts follows a text that grows and shrinks (E23).
func TestLongReplyInParts(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	words := func(from, n int) string {
		var w []string
		for i := range n {
			w = append(w, fmt.Sprintf("w%05d", from+i))
		}
		return strings.Join(w, " ")
	}
	// whole checks that the parts show a text, in order, with nothing lost.
	whole := func(text string, parts int) []string {
		t.Helper()
		a.drained()
		ids, texts := b.parts(other.ID)
		var got []string
		for n, s := range texts {
			if parts > 1 {
				mark := fmt.Sprintf("\n(part %d of %d)", n+1, parts)
				if !strings.HasSuffix(s, mark) {
					t.Errorf("part %d ends in %q", n, s[max(0, len(s)-30):])
				}
				s = strings.TrimSuffix(s, mark)
			}
			if len(s) > 4000 {
				t.Errorf("part %d has %d characters", n, len(s))
			}
			got = append(got, s)
		}
		if len(ids) != parts || strings.Join(got, " ") != text {
			t.Fatalf("%d parts, want %d", len(ids), parts)
		}
		return ids
	}
	at := a.clock.Now()
	edit := func(text string) {
		at = at.Add(time.Minute)
		a.edits("cora", firmChannel, card.ID, "long", text, at)
	}
	text := words(0, 2857) // 20,000 characters
	a.reply("cora", firmChannel, card.ID, "long", text)
	first := whole(text, 6)
	b.reply("mia", firmChannel, other.ID, "between", "I see")

	before := b.called("update")
	changed := words(0, 2856) + " w99999"
	edit(changed)
	second := whole(changed, 6)
	if n := b.called("update") - before; n != 1 || !slices.Equal(first, second) {
		t.Errorf("a change in the last part made %d updates, %v became %v", n, first, second)
	}
	edit(words(0, 1000))
	if third := whole(words(0, 1000), 2); !slices.Equal(third, first[:2]) {
		t.Errorf("shorter: %v of %v", third, first)
	}
	edit("short")
	if fourth := whole("short", 1); !slices.Equal(fourth, first[:1]) {
		t.Errorf("short: %v of %v", fourth, first)
	}
	edit(words(0, 1500))
	whole(words(0, 1500), 3)
	a.deletes(firmChannel, card.ID, "long")
	b.wantThread(firmChannel, other.ID)
}

// TestPartlySentMirror has the platform refuse in the middle of a long text.
func TestPartlySentMirror(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	posts := 0
	b.p.mu.Lock()
	b.p.failPost = func(chat.Post) error {
		if posts++; posts%2 == 0 {
			return &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: time.Second}
		}
		return nil
	}
	b.p.mu.Unlock()
	a.reply("cora", firmChannel, card.ID, "long", strings.Repeat("words and words ", 1000))
	a.reply("cora", firmChannel, card.ID, "next", "and more")
	a.drainedInTime()
	_, texts := b.parts(other.ID)
	if len(texts) != 6 || texts[5] != "and more" || !strings.HasSuffix(texts[4], "(part 5 of 5)") {
		t.Errorf("%d parts, the last is %.40q", len(texts), texts[len(texts)-1])
	}
}

// TestMirrorWithALostAnswer loses the answer to every first attempt: each comment is
// there once all the same, with what it says at the end.
func TestMirrorWithALostAnswer(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	lost := map[string]bool{}
	b.p.mu.Lock()
	b.p.afterPost = func(in chat.Post, _ string) error {
		b.p.mu.Lock()
		defer b.p.mu.Unlock()
		if lost[in.DeliveryID] {
			return nil
		}
		lost[in.DeliveryID] = true
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
	}
	b.p.mu.Unlock()
	for n := range 3 {
		a.reply("cora", firmChannel, card.ID, fmt.Sprintf("r%d", n), fmt.Sprintf("word %d", n))
	}
	a.edits("cora", firmChannel, card.ID, "r2", "last word", a.clock.Now())
	a.drainedInTime()
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): word 0", "Cora (Acme Heating): word 1", "Cora (Acme Heating): last word")
}

// TestMirrorTakenBackAfterALostAnswer: what was shown without our knowing, and was taken
// back or shortened before that could be found out, is not left standing.
func TestMirrorTakenBackAfterALostAnswer(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	var lost atomic.Int32
	b.p.mu.Lock()
	b.p.afterPost = func(in chat.Post, _ string) error {
		// The first message of the one, the last of the other.
		if strings.Contains(in.Message.Text.String(), "secret") || strings.Contains(in.Message.Text.String(), "(part 3 of 3)") {
			lost.Add(1)
			return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
		}
		return nil
	}
	b.p.mu.Unlock()
	a.reply("cora", firmChannel, card.ID, "r1", "secret")
	a.until("a post whose answer is lost", func() bool { return lost.Load() == 1 })
	a.deletes(firmChannel, card.ID, "r1")
	a.drainedInTime()
	b.wantThread(firmChannel, other.ID)

	a.reply("cora", firmChannel, card.ID, "long", strings.Repeat("words and words ", 600))
	a.untilInTime("another one", func() bool { return lost.Load() == 2 })
	a.edits("cora", firmChannel, card.ID, "long", "in short", a.clock.Now())
	a.drainedInTime()
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): in short")
}

// TestMirrorRemovedByHand stays removed, whatever is said later, and nothing else does.
func TestMirrorRemovedByHand(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.reply("cora", firmChannel, card.ID, "r1", "one")
	a.reply("cora", firmChannel, card.ID, "r2", "two")
	a.drained()
	mirror := b.waitText(firmChannel, "one")
	if err := b.p.Delete(t.Context(), firmChannel, mirror.ID); err != nil {
		t.Fatal(err)
	}
	b.handle(chat.Inbound{From: chat.Person{ID: "max"}, Channel: firmChannel, Body: chat.Deleted{Message: mirror.ID, Thread: other.ID, Own: true}})
	for n := range 2 {
		a.edits("cora", firmChannel, card.ID, "r1", fmt.Sprintf("one, %d", n), a.clock.Now())
		a.edits("cora", firmChannel, card.ID, "r2", fmt.Sprintf("two, %d", n), a.clock.Now())
		a.drained()
	}
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): two, 1")
	if c, ok := a.comment("r1"); !ok || c.DeletedAt != nil || c.Text != "one, 1" {
		t.Errorf("the comment itself is %+v", c)
	}
}

// TestUnseenChange is an edit that changes nothing anyone reads: it leaves no trace and
// makes no call (E13).
func TestUnseenChange(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.reply("cora", firmChannel, card.ID, "r1", "see https://example.com")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): see https://example.com")
	before := b.called("update")
	a.edits("cora", firmChannel, card.ID, "r1", "see https://example.com", time.Time{})
	a.edits("cora", firmChannel, card.ID, "r1", "see https://example.com", a.clock.Now())
	a.drained()
	if n := b.called("update") - before; n != 0 {
		t.Errorf("%d updates", n)
	}
	if c, _ := a.comment("r1"); c.EditedAt != nil || len(c.Versions) != 1 {
		t.Errorf("recorded as edited: %+v", c)
	}
}

// TestOneDeliveryPerEvent has one event come four times, also at two replicas at once
// (E04), and shows its comment once.
func TestOneDeliveryPerEvent(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	second, _ := a.anotherEngine()
	in := chat.Inbound{
		Key: "Ev1", Workspace: workspace, At: a.clock.Now(), From: chat.Person{ID: "cora"}, Channel: firmChannel,
		Body: chat.Said{Message: "r1", Thread: card.ID, Text: "once"},
	}
	done := make(chan error)
	for n := range 4 {
		engine := a.engine
		if n%2 == 1 {
			engine = second
		}
		go func() {
			_, err := engine.Handle(t.Context(), in)
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): once")
	if n := len(a.comments(1)); n != 1 {
		t.Errorf("%d comments", n)
	}
}

// TestMirrorsAfterARestart sends what was committed but not sent when the program
// ended, once (E06), and recognises nothing of its own as news (E15).
func TestMirrorsAfterARestart(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	stop := b.failing(firmChannel, &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Minute})
	var want []string
	for n := range 5 {
		a.reply("cora", firmChannel, card.ID, fmt.Sprintf("r%d", n), fmt.Sprintf("word %d", n))
		want = append(want, fmt.Sprintf("Cora (Acme Heating): word %d", n))
	}
	a.until("a first try is written down", func() bool {
		next, err := a.store.NextDelivery(t.Context(), otherWorkspace)
		return err == nil && next.After(a.clock.Now().Add(30*time.Second))
	})
	stop()
	fresh, _ := a.anotherEngine()
	a.clock.Advance(2 * time.Minute)
	a.engine, b.engine = fresh, fresh
	a.advance(time.Second)
	b.wantThread(firmChannel, other.ID, want...)
	b.echo(other.ID)
	a.edits("cora", firmChannel, card.ID, "r4", "word 4, truly", a.clock.Now())
	want[4] += ", truly"
	b.wantThread(firmChannel, other.ID, want...)
	a.wantThread(firmChannel, card.ID)
}

// TestHeldIsNotMirrored holds what is said while work waits for approval, until it is
// sent back; after an approval it stays where it was said.
func TestHeldIsNotMirrored(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.submit("cora", firmChannel, a.click("cora", firmChannel, card, "Complete").Form, map[string]string{"note": "Done"})
	b.waitPost(firmChannel, "the card that says so", func(p fakePost) bool {
		return p.ID == other.ID && len(p.Message.Notes) == 1 && strings.Contains(p.Message.Notes[0].String(), "stay in this channel")
	})
	a.reply("cora", firmChannel, card.ID, "h1", "One more thing")
	b.reply("mia", firmChannel, other.ID, "h2", "Me too")
	a.says("olivia", "ops", "comment 1 Nice")
	b.edits("mia", firmChannel, other.ID, "h2", "Me as well", a.clock.Now())
	a.wantThread(firmChannel, card.ID)
	b.wantThread(firmChannel, other.ID)

	a.says("olivia", "ops", "sendback 1 A photo is missing")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): One more thing", "Olivia: Nice")
	a.wantThread(firmChannel, card.ID, "Mia (Acme Heating): Me as well", "Olivia: Nice")

	other = b.waitCard(firmChannel, "#1", "Complete", "Hand over")
	b.submit("mia", firmChannel, b.click("mia", firmChannel, other, "Complete").Form, map[string]string{"note": "With a photo"})
	b.reply("mia", firmChannel, other.ID, "h3", "Approve, please")
	expect(t, a.says("olivia", "ops", "approve 1"), "approved")
	a.wantThread(firmChannel, card.ID, "Mia (Acme Heating): Me as well", "Olivia: Nice")
}

// TestInternalStaysWithTheDesk shows replies to the desk's own card in the desk's other
// operations channel and in no firm's.
func TestInternalStaysWithTheDesk(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	b.withOperations()
	a.link(b)
	a.accepted()
	own, elsewhere := a.issueCard("#1"), b.waitPost("ops2", "the desk's card", func(p fakePost) bool { return strings.Contains(p.Message.Title, "#1") })
	a.reply("olivia", "ops", own.ID, "n1", "He is always late")
	b.reply("oscar", "ops2", elsewhere.ID, "n2", "I know")
	a.says("olivia", "ops", "note 1 Ask for a discount")
	b.wantThread("ops2", elsewhere.ID, "Olivia: He is always late", "Olivia: Ask for a discount")
	a.wantThread("ops", own.ID, "Oscar: I know", "Olivia: Ask for a discount")
	// A channel that no longer is the desk's own hears no more of it.
	b.p.addChannel("ops3", "oscar")
	expect(t, b.says("oscar", "ops3", "here operations"), "operations channel")
	a.reply("olivia", "ops", own.ID, "n3", "He is late again")
	b.wantThread("ops2", elsewhere.ID, "Olivia: He is always late", "Olivia: Ask for a discount")
	expect(t, b.says("oscar", "ops3", "contractor link acme #ops2"), "was the desk's own channel")
	for _, side := range []*desk{a, b} {
		for _, secret := range []string{"late", "I know", "discount"} {
			if n := len(side.posts(firmChannel, secret)); n != 0 {
				t.Errorf("%q is in a firm's channel of %s", secret, side.p.id)
			}
		}
	}
}

// TestFirmsNeverHearEachOther offers a job to two firms with linked channels, one after
// the other: what one says never reaches the other.
func TestFirmsNeverHearEachOther(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	a.withRival()
	a.link(b)
	b.p.addPerson("dirk", chat.Member, false)
	expect(t, a.says("olivia", "ops", "contractor link other other"), "now also has")
	b.waitText(rivalChannel, "Accept")
	b.join(rivalChannel, "dirk")
	a.advance(2 * time.Minute)
	a.drained()

	card := a.offered()
	a.reply("cora", firmChannel, card.ID, "c1", "acme secret: too cheap")
	a.click("cora", firmChannel, card, "Decline")
	a.submit("cora", firmChannel, a.click("cora", firmChannel, card, "Decline").Form, map[string]string{"reason": "no_capacity", "text": "acme secret reason"})
	a.says("olivia", "ops", "assign 1 other by 2h")
	rival := a.waitCard(rivalChannel, "#1", "Accept", "Decline", "Suggest other terms")
	other := b.waitCard(rivalChannel, "#1", "Accept", "Decline", "Suggest other terms")
	a.reply("dora", rivalChannel, rival.ID, "d1", "rival secret: we come")
	b.reply("dirk", rivalChannel, other.ID, "d2", "rival secret: tomorrow")
	a.says("olivia", "ops", "comment 1 rival secret: good")
	a.drained()
	for _, side := range []*desk{a, b} {
		if n := len(side.posts(firmChannel, "rival secret")); n != 0 {
			t.Errorf("%s: Acme reads %d messages of its rival's", side.p.id, n)
		}
		if n := len(side.posts(rivalChannel, "acme secret")); n != 0 {
			t.Errorf("%s: the rival reads %d messages of Acme's", side.p.id, n)
		}
	}
	if n := len(b.posts(firmChannel, "acme secret")); n != 1 {
		t.Errorf("Acme's own other channel has %d", n)
	}
	b.wantThread(rivalChannel, other.ID, "Dora (Other Firm): rival secret: we come", "Olivia: rival secret: good")
}

// TestMentionsAcross makes a mention of the same person, known by the e-mail address,
// where that person is in the other channel, and words of any other.
func TestMentionsAcross(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	mail := func(p *fakePlatform, id, email string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		who := p.people[id]
		who.Email = email
		p.people[id] = who
	}
	b.p.addPerson("carl2", chat.Member, false)
	b.p.addPerson("olivia2", chat.Member, false)
	mail(a.p, "carl", "Carl@acme.example")
	mail(b.p, "carl2", "carl@acme.example")
	mail(a.p, "olivia", "olivia@desk.example")
	mail(b.p, "olivia2", "olivia@desk.example")
	b.join(firmChannel, "carl2")
	a.clock.Advance(time.Hour)
	says := func(who string) chat.Text {
		return chat.T("ask ").Mention(who, "@"+who).Plain(" ").Add(chat.Span{Kind: chat.Everyone, Text: "@all"}).Bold("now")
	}
	for n, who := range []string{"carl", "olivia", "nobody"} {
		text := says(who)
		a.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Said{
			Message: fmt.Sprintf("m%d", n), Thread: card.ID, Text: text.String(), Rich: text,
		}})
	}
	a.drained()
	var got []chat.Text
	for _, p := range b.posts(firmChannel, "ask") {
		if p.Thread == other.ID {
			got = append(got, p.Message.Text)
		}
	}
	word := func(s string) chat.Text {
		return chat.Text{{Text: "ask "}, {Text: s}, {Text: " "}, {Text: "@all"}, {Kind: chat.Bold, Text: "now"}}
	}
	mention := word("@carl")
	mention[1] = chat.Span{Kind: chat.Mention, Ref: "carl2", Text: "@carl"}
	if diff := cmp.Diff([]chat.Text{mention, word("@olivia"), word("@nobody")}, got); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
}
