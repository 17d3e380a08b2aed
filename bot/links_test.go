package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

func (p *fakePlatform) hasChannel(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.channels[id] != nil
}

func (p *fakePlatform) make(id string, private bool, members ...string) {
	p.addChannel(id, members...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.channels[id].Private = private
}

// TestAddOnAnotherPlatform adds firms that work elsewhere than the desk: the one who
// asked is told where they asked, and only people of the right workspace are put in.
func TestAddOnAnotherPlatform(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	expect(t, a.says("olivia", "ops", "contractor add Hull | Other Firm on other"), "is set up. Its channel is "+rivalChannel)
	if a.p.hasChannel(rivalChannel) || !b.p.hasChannel(rivalChannel) {
		t.Error("the channel was not made on the other platform alone")
	}
	a.drained()
	if got, _ := b.p.Members(t.Context(), rivalChannel); len(got) != 1 || got[0] != "bot" {
		t.Errorf("in the channel are %v", got)
	}
	told := a.says("olivia", "ops", "contractor add York | Print on Paper on both")
	a.drainedInTime()
	a.p.mu.Lock()
	told += "\n" + strings.Join(a.p.whispers, "\n")
	a.p.mu.Unlock()
	// Whichever is made first is the firm's channel.
	expect(t, told, "Print on Paper, York is set up. Its channel is ext-york-print-on-paper", "Print on Paper, York now also has ext-york-print-on-paper on")
	if got := b.p.whispers; len(got) != 0 {
		t.Errorf("told on the wrong platform: %v", got)
	}
	expect(t, a.says("olivia", "ops", "contractor show york"), "Channel: ext-york-print-on-paper")
	expect(t, a.says("olivia", "ops", "contractor invite york zoe@york.example on other"), "zoe@york.example was sent an invitation")
	firms, err := a.engine.Contractors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range firms {
		if f.Company == "Print on Paper" && len(f.Channels) != 2 {
			t.Errorf("its channels are %+v", f.Channels)
		}
	}
	for _, what := range []string{"contractor invite other a@b.example on fake", "contractor add Hull | Print on Mars"} {
		got := a.says("olivia", "ops", what)
		if strings.Contains(what, "Mars") {
			expect(t, got, "Print on Mars, Hull is set up")
		} else {
			expect(t, got, "has no channel on Fake. Link one first")
		}
	}
}

// TestAddForm asks where a firm works once there is a choice.
func TestAddForm(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	form := a.command("olivia", "ops", "contractor add").Form
	if form == nil || len(form.Fields) != 3 || len(form.Fields[2].Options) != 3 {
		t.Fatalf("the form is %+v", form)
	}
	got := a.submit("olivia", "ops", form, map[string]string{"city": "Hull", "company": "Other Firm", "where": "mars"})
	if got.FieldErrors["where"] == "" {
		t.Errorf("a platform that is not connected: %+v", got)
	}
	a.submit("olivia", "ops", form, map[string]string{"city": "Hull", "company": "Other Firm", "where": "both"})
	a.until("both channels", func() bool { return a.p.hasChannel(rivalChannel) && b.p.hasChannel(rivalChannel) })
}

func TestLinkIsRefused(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	a.withRival()
	a.p.make("site", true, "olivia")
	a.p.make("gone", true)
	a.p.mu.Lock()
	a.p.channels["gone"].Archived = true
	a.p.channels["general"].members = []string{"sam"} // The bot is not in it.
	a.p.mu.Unlock()
	for said, want := range map[string]string{
		"contractor link":                          "Which firm?",
		"contractor link acme":                     "now also has",
		"contractor link acme other":               "has a channel on Other already. To link another one, name it",
		"contractor link acme on fake":             "has a channel on Fake already",
		"contractor link acme #ops":                "the desk's own operations channel",
		"contractor link acme #mgr":                "the desk's own managers channel",
		"contractor link acme #" + rivalChannel:    "is or was the channel of another firm",
		"contractor link acme #" + firmChannel:     "is a channel of Acme Heating, Leeds already",
		"contractor link acme #nowhere":            "There is no such channel that I am in. Add @taskbridge to it",
		"contractor link acme #general":            "There is no such channel that I am in. Add @taskbridge to it",
		"contractor link acme #gone":               "is archived",
		"contractor link acme here":                "the desk's own operations channel",
		"contractor link nobody #site":             "No firm fits",
		"contractor unlink acme":                   "Usage",
		"contractor unlink acme #site":             "That is no channel of Acme Heating",
		"contractor unlink other #" + rivalChannel: "This is the only channel of Other Firm",
	} {
		if said == "contractor link acme" {
			continue
		}
		if strings.HasPrefix(said, "contractor link acme other") {
			expect(t, a.says("olivia", "ops", "contractor link acme"), "now also has "+firmChannel+" on Other")
		}
		expect(t, a.says("olivia", "ops", said), want)
	}
	for _, who := range []struct{ name, channel string }{{"cora", firmChannel}, {"mona", managers}, {"sam", "site"}} {
		for _, said := range []string{"contractor link acme #site", "contractor unlink acme other"} {
			if got := a.command(who.name, who.channel, said); got.Refused != "forbidden" {
				t.Errorf("%s said %q and was told %q", who.name, said, got.Message.Text)
			}
		}
	}
	_ = b
}

// TestLinkAnExistingChannel links a channel that is there, also on one platform.
func TestLinkAnExistingChannel(t *testing.T) {
	t.Parallel()
	a, _ := onTwo(t)
	card := a.accepted()
	a.reply("cora", firmChannel, card.ID, "r1", "On my way")
	a.p.addPerson("carol", chat.External, false)
	a.p.make("acme-site", false, "carol")
	got := a.says("olivia", "ops", "contractor link acme #acme-site")
	expect(t, got, "now also has acme-site", "acts for the firm now", "This channel is public")
	linked := a.waitCard("acme-site", "#1", "Complete", "Hand over")
	a.advance(2 * time.Minute)
	a.wantThread("acme-site", linked.ID, "Cora (Acme Heating): On my way")
	a.handle(chat.Inbound{From: chat.Person{ID: "carol"}, Channel: "acme-site", Body: chat.Said{Message: "c1", Thread: linked.ID, Text: "I wait at the gate"}})
	a.wantThread(firmChannel, card.ID, "Carol (Acme Heating): I wait at the gate")
	// Everything that is shown once is also kept up to date in both.
	a.submit("carol", "acme-site", a.click("carol", "acme-site", linked, "Complete").Form, map[string]string{"note": "Done"})
	a.waitPost(firmChannel, "the card of handed-in work", func(p fakePost) bool { return p.ID == card.ID && len(p.Message.Buttons) == 0 })
	a.wantStatus(1, "allocated/waiting_approval")
}

// TestUnlink ends what is shown and heard in a channel, without touching the other one.
func TestUnlink(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.reply("cora", firmChannel, card.ID, "r1", "before")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): before")
	button := token(t, other.Message, "Complete")

	expect(t, a.says("olivia", "ops", "contractor unlink acme other"), "is no longer a channel of Acme Heating")
	b.waitPost(firmChannel, "a closed card", func(p fakePost) bool {
		return p.ID == other.ID && len(p.Message.Buttons) == 0 && strings.Contains(p.Message.Text.String(), "no longer linked")
	})
	b.waitText(firmChannel, "The desk unlinked this channel")
	a.reply("cora", firmChannel, card.ID, "r2", "after")
	a.edits("cora", firmChannel, card.ID, "r1", "before, changed", a.clock.Now())
	b.reply("mia", firmChannel, other.ID, "s1", "hello?")
	a.says("olivia", "ops", "new Second job")
	a.says("olivia", "ops", "assign 2 acme")
	a.waitCard(firmChannel, "#2", "Accept", "Decline", "Suggest other terms")
	a.drained()
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): before")
	a.wantThread(firmChannel, card.ID)
	if n := len(b.posts(firmChannel, "#2")); n != 0 {
		t.Error("a new job is shown in a channel that was unlinked")
	}
	if got := b.press("mia", firmChannel, other.ID, button, ""); got.Refused == "" {
		t.Errorf("an old button still works: %+v", got)
	}
	if _, ok := b.comment("s1"); ok {
		t.Error("a reply was taken from a channel that was unlinked")
	}

	// It stays the firm's: no other firm may have it, and it can be linked again.
	expect(t, a.says("olivia", "ops", "contractor add Hull | Other Firm"), "is set up")
	b.withOperations()
	expect(t, b.says("oscar", "ops2", "contractor link other #"+firmChannel), "is or was the channel of another firm")
	expect(t, b.says("oscar", "ops2", "contractor link acme #"+firmChannel), "now also has")
	again := b.waitPost(firmChannel, "a new card", func(p fakePost) bool { return p.ID != other.ID && strings.Contains(p.Message.Title, "#1") })
	a.advance(2 * time.Minute)
	b.wantThread(firmChannel, again.ID, "Cora (Acme Heating): before, changed", "Cora (Acme Heating): after")
	b.reply("mia", firmChannel, other.ID, "s2", "in the old thread")
	a.wantThread(firmChannel, card.ID, "Mia (Acme Heating): in the old thread")
}

// TestHeardUntilLinked: what a desk heard in its own thread while the firm had no channel on
// its platform is changed and taken back there when it has one.
func TestHeardUntilLinked(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	b.withOperations()
	card := a.accepted()
	desks := b.waitPost("ops2", "the desk's card", func(p fakePost) bool { return strings.Contains(p.Message.Title, "#1") })
	a.reply("cora", firmChannel, card.ID, "r1", "first")
	a.reply("cora", firmChannel, card.ID, "r2", "second")
	b.wantThread("ops2", desks.ID, "Cora (Acme Heating): first", "Cora (Acme Heating): second")

	expect(t, a.says("olivia", "ops", "contractor link acme other"), "now also has")
	other := b.waitCard(firmChannel, "#1", "Complete", "Hand over")
	a.edits("cora", firmChannel, card.ID, "r1", "first, changed", a.clock.Now())
	a.deletes(firmChannel, card.ID, "r2")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): first, changed")
	b.wantThread("ops2", desks.ID, "Cora (Acme Heating): first, changed")
}

// TestHeardAfterUnlink: where the firm's channel was unlinked, the desk hears in its own
// thread what the firm says on the other platform from then on.
func TestHeardAfterUnlink(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	b.withOperations()
	a.link(b)
	card := a.accepted()
	other := b.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	desks := b.waitPost("ops2", "the desk's card", func(p fakePost) bool { return strings.Contains(p.Message.Title, "#1") })
	a.reply("cora", firmChannel, card.ID, "r1", "before")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): before")
	b.wantThread("ops2", desks.ID)

	expect(t, a.says("olivia", "ops", "contractor unlink acme other"), "is no longer a channel of Acme Heating")
	b.waitText(firmChannel, "The desk unlinked this channel")
	a.reply("cora", firmChannel, card.ID, "r2", "after")
	b.wantThread("ops2", desks.ID, "Cora (Acme Heating): after")
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): before")
}

// TestManyJobsAreFilledInOrder bounds what a channel gets when it is linked.
func TestManyJobsAreFilledInOrder(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	card := a.accepted()
	for n := range 120 {
		a.reply("cora", firmChannel, card.ID, fmt.Sprintf("r%d", n), fmt.Sprintf("word %d", n))
	}
	for n := range 3 {
		a.says("olivia", "ops", fmt.Sprintf("new Job %d", n))
		a.says("olivia", "ops", fmt.Sprintf("assign %d acme", n+2))
	}
	a.link(b)
	var titles []string
	var root string
	for _, p := range b.posts(firmChannel, "#") {
		if p.Thread == "" && strings.HasPrefix(p.Message.Title, "#") {
			titles = append(titles, p.Message.Title)
			if strings.HasPrefix(p.Message.Title, "#1 ") {
				root = p.ID
			}
		}
	}
	if strings.Join(titles, ",") != "#1 Boiler down,#2 Job 0,#3 Job 1,#4 Job 2" {
		t.Errorf("cards %v", titles)
	}
	got := b.thread(firmChannel, root)
	if len(got) != 100 || got[0] != "Cora (Acme Heating): word 20" || got[99] != "Cora (Acme Heating): word 119" {
		t.Errorf("%d replies: %q", len(got), got)
	}
	a.advance(2 * time.Minute)
	a.drained()
	if n := len(b.thread(firmChannel, root)); n != 100 {
		t.Errorf("%d replies after the second look", n)
	}
	if n := len(b.posts(firmChannel, "20 earlier comments are in the job's history.")); n != 1 {
		t.Errorf("told of earlier ones %d times", n)
	}
}

// TestLinkedUnknownElsewhere has a replica that does not know of the link yet take
// replies: what it did not mirror is made up for.
func TestLinkedUnknownElsewhere(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	card := a.accepted()
	late, _ := a.anotherEngine()
	in := func(n int) {
		t.Helper()
		_, err := late.Handle(t.Context(), chat.Inbound{
			Key: fmt.Sprintf("late%d", n), Workspace: workspace, At: a.clock.Now(), From: chat.Person{ID: "cora"}, Channel: firmChannel,
			Body: chat.Said{Message: fmt.Sprintf("l%d", n), Thread: card.ID, Text: fmt.Sprintf("word %d", n)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	in(0)
	a.says("olivia", "ops", "contractor link acme other")
	other := b.waitCard(firmChannel, "#1", "Complete", "Hand over")
	in(1)
	// By the second: a lease that ran out under an attempt would be the other replica's.
	looked := a.clock.Now().Add(2 * time.Minute)
	a.untilInTime("a look at what is missing", func() bool { return a.clock.Now().After(looked) })
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): word 0", "Cora (Acme Heating): word 1")
	in(2)
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): word 0", "Cora (Acme Heating): word 1", "Cora (Acme Heating): word 2")
}

// counting counts the reads of cards and the rows that the outbox gets.
type counting struct {
	storage.Store
	cards, rows int
}

type countingTx struct {
	storage.Tx
	c *counting
}

func (c *counting) Update(ctx context.Context, desk string, fn func(storage.Tx) error) error {
	return c.Store.Update(ctx, desk, func(tx storage.Tx) error { return fn(countingTx{tx, c}) })
}

func (t countingTx) ListCards(ctx context.Context, issue string) ([]storage.Card, error) {
	t.c.cards++
	return t.Tx.ListCards(ctx, issue)
}

func (t countingTx) Enqueue(ctx context.Context, d storage.Delivery) error {
	t.c.rows++
	return t.Tx.Enqueue(ctx, d)
}

// TestOneChannelCostsNothing has a firm with one channel: a reply makes no statement
// and no row that it would not make if there were no mirrors. A linked firm's reply
// makes one of each.
func TestOneChannelCostsNothing(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	card := a.accepted()
	cost := func(message string) (cards, rows int) {
		t.Helper()
		c := &counting{Store: a.store}
		e, err := bot.New(t.Context(), bot.Config{Store: c, SecretKey: secretKey, Now: a.clock.Now, Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		a.attach(e)
		for n := range 2 {
			_, err := e.Handle(t.Context(), chat.Inbound{
				Key: message + fmt.Sprint(n), Workspace: workspace, At: a.clock.Now(), From: chat.Person{ID: "cora"}, Channel: firmChannel,
				Body: chat.Said{Message: message + fmt.Sprint(n), Thread: card.ID, Text: "word"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				// What is only read the first time is known now.
				c.cards, c.rows = 0, 0
			}
		}
		return c.cards, c.rows
	}
	a.reply("cora", firmChannel, card.ID, "start", "begun")
	if cards, rows := cost("alone"); cards != 0 || rows != 1 {
		t.Errorf("with one channel a reply reads cards %d times and makes %d rows", cards, rows)
	}
	a.link(b)
	if cards, rows := cost("linked"); cards != 1 || rows != 2 {
		t.Errorf("with two channels a reply reads cards %d times and makes %d rows", cards, rows)
	}
}

// TestUnlinkWithNoticesThatWait: what waited for a channel is not said there when it is
// the firm's no longer.
func TestUnlinkWithNoticesThatWait(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withAnnex()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	d.waitCard("annex", "#1", "Accept", "Decline", "Suggest other terms")
	d.drainedInTime()
	stop := d.failing("annex", &chat.SendError{Reason: chat.Unavailable, Retry: true})
	expect(t, d.says("olivia", "ops", "cancel 1"), "withdrawn")
	d.waitText(firmChannel, "The desk withdrew this offer")
	// What is under way when the channel is taken from the firm was said before that.
	d.until("the notice to wait", func() bool {
		inFlight, postponed := d.outbox()
		return d.called("refused annex") > 0 && !inFlight && postponed
	})
	expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
	stop()
	d.drainedInTime()
	d.waitText("annex", "The desk unlinked this channel")
	d.neverSaid("annex", "The desk withdrew this offer")
}

// TestUnlinkOfAParkedChannel: what is not said any more tells nothing of whether the
// channel can be written to, and the desk is not told of it twice.
func TestUnlinkOfAParkedChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withAnnex()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	d.waitCard("annex", "#1", "Accept", "Decline", "Suggest other terms")
	d.drainedInTime()
	stop := d.failing("annex", &chat.SendError{Reason: chat.MissingScope})
	expect(t, d.says("olivia", "ops", "cancel 1"), "withdrawn")
	d.waitText("ops", "I cannot post to annex")
	expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
	tried := d.called("refused annex")
	for range 2 {
		d.clock.Advance(11 * time.Minute)
		d.untilWritten("another try", func() bool { return d.called("refused annex") > tried })
		tried = d.called("refused annex")
	}
	if n := len(d.posts("ops", "I cannot post to annex")); n != 1 {
		t.Errorf("the operators were told %d times", n)
	}
	stop()
	d.clock.Advance(11 * time.Minute)
	d.drainedInTime()
	d.waitText("annex", "The desk unlinked this channel")
	d.neverSaid("annex", "The desk withdrew this offer")
	if summary := d.says("olivia", "ops", "summary"); strings.Contains(summary, "cannot post") {
		t.Errorf("after mending the summary says:\n%s", summary)
	}
}
