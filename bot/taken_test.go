package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// sayInChannel puts a message for all of a channel into the outbox.
func (d *desk) sayInChannel(in, channel, text string) {
	d.t.Helper()
	payload, err := json.Marshal(map[string]any{"Message": chat.Message{Text: chat.T(text)}})
	if err != nil {
		d.t.Fatal(err)
	}
	err = d.store.Update(d.t.Context(), "main", func(tx storage.Tx) error {
		return tx.Enqueue(d.t.Context(), storage.Delivery{
			Lane: storage.Lane{Workspace: in, Name: channel}, Kind: "post", Payload: payload, CreatedAt: d.clock.Now(),
		})
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.engine.Nudge()
}

// TestUnlinkWithWordsThatWait: what waited for a channel as a whole is not said there when
// it is the firm's no longer, and is said when it is another channel of the firm.
func TestUnlinkWithWordsThatWait(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.withAnnex()
		stop := d.failing("annex", &chat.SendError{Reason: chat.Unavailable, Retry: true})
		d.sayInChannel(workspace, "annex", "Three of your jobs are late.")
		d.until("the words to wait", func() bool {
			inFlight, postponed := d.outbox()
			return d.called("refused annex") > 0 && !inFlight && postponed
		})
		d.sayInChannel(workspace, firmChannel, "Three of your jobs are late.")
		expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
		stop()
		d.drainedInTime()
		d.waitText("annex", "The desk unlinked this channel")
		d.neverSaid("annex", "are late")
		d.waitText(firmChannel, "are late")
	})
}

// moves gives a channel another id.
func (d *desk) moves(channel, to string) {
	d.t.Helper()
	d.p.mu.Lock()
	ch := d.p.channels[channel]
	ch.ID = to
	d.p.channels[to] = ch
	delete(d.p.channels, channel)
	d.p.mu.Unlock()
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: channel, Body: chat.ChannelChanged{Change: chat.ChannelMoved, NewID: to}})
}

// manyJobs gives the only firm so many jobs in progress, without cards.
func (d *desk) manyJobs(count int) (firm string) {
	d.t.Helper()
	err := d.store.Update(d.t.Context(), "main", func(tx storage.Tx) error {
		all, err := tx.ListContractors(d.t.Context())
		if err != nil {
			return err
		}
		firm = all[slices.IndexFunc(all, func(c storage.Contractor) bool { return c.Company == "Acme Heating" })].ID
		for n := range count {
			id := fmt.Sprintf("many%03d", n)
			_, err := tx.InsertIssue(d.t.Context(), storage.Issue{Issue: workflow.Issue{
				ID: id, Status: workflow.Allocated, Revision: 1, CreatedAt: d.clock.Now(),
				Assignments: []workflow.Assignment{{ID: "of" + id, Contractor: firm, Status: workflow.InProgress, Revision: 1, CreatedAt: d.clock.Now()}},
			}, Title: "Boiler down"})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return firm
}

// TestHereWithMuchOpenWork: a new operations channel gets the cards of the newest jobs, and
// it is said that there are more.
func TestHereWithMuchOpenWork(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]bool{300: false, 301: true} {
		d := newDesk(t)
		d.withFirm()
		d.manyJobs(count)
		d.p.addChannel("ops2", "anna", "olivia")
		said := d.says("anna", "ops2", "here operations")
		expect(t, said, "300 open jobs get their cards here.")
		if strings.Contains(said, "There are more than 300 open jobs; /task list open") != want {
			t.Errorf("with %d jobs: %s", count, said)
		}
	}
}

// TestLinkedWithMuchOpenWork: a channel that is linked gets the card of every open job,
// however many there are, each once; when it is taken away again, none of them can be
// worked with any more.
func TestLinkedWithMuchOpenWork(t *testing.T) {
	t.Parallel()
	const count = 230
	d := newDesk(t)
	d.withFirm()
	d.manyJobs(count)
	d.p.addChannel("annex", "anna", "olivia")
	expect(t, d.says("olivia", "annex", "contractor link acme here"), "annex")
	expect(t, d.says("olivia", "ops", "contractor show acme"), fmt.Sprint(count))
	cards := func(with func(fakePost) bool) int {
		titles := map[string]bool{}
		for _, p := range d.posts("annex", "#") {
			if p.Thread == "" && strings.HasPrefix(p.Message.Title, "#") && with(p) {
				if titles[p.Message.Title] {
					t.Errorf("%s has two cards", p.Message.Title)
				}
				titles[p.Message.Title] = true
			}
		}
		return len(titles)
	}
	d.drainedInTime()
	if n := cards(func(p fakePost) bool { return len(p.Message.Buttons) > 0 }); n != count {
		t.Fatalf("%d of %d jobs have a card", n, count)
	}
	expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
	d.drainedInTime()
	if n := cards(func(p fakePost) bool { return len(p.Message.Buttons) > 0 }); n != 0 {
		t.Errorf("%d cards have buttons in a channel that is the firm's no longer", n)
	}
}

// TestOffboardingOffersAllOpenWork: what was chosen for all jobs is done with all of them.
func TestOffboardingOffersAllOpenWork(t *testing.T) {
	t.Parallel()
	const count = 230
	d := newDesk(t)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor add York | Baker"), "is set up")
	d.manyJobs(count)
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	if form == nil {
		t.Fatal("there is no form")
	}
	d.submit("olivia", "ops", form, map[string]string{"all": "offer", "contractor": "baker"})
	d.drained()
	offered := 0
	err := d.store.View(t.Context(), "main", func(tx storage.Tx) error {
		list, err := tx.ListIssues(t.Context(), storage.IssueFilter{Assignment: []workflow.Status{workflow.Assigned}, Limit: 2 * count})
		offered = len(list)
		return err
	})
	if err != nil || offered != count {
		t.Errorf("%d of %d jobs are offered to the other firm: %v", offered, count, err)
	}
}

// TestTakenBackBeforeItsChannelIsClosed: a firm that is taken back while its channel waits
// to be closed keeps the channel.
func TestTakenBackBeforeItsChannelIsClosed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.Unavailable, Retry: true})
	d.offboards("acme")
	d.untilInTime("the firm to be off-boarded", func() bool { return d.firmState("Acme Heating") == "offboarded" })
	expect(t, d.says("olivia", "ops", "contractor resume acme"), "gets offers again")
	stop()
	d.drainedInTime()
	d.p.mu.Lock()
	ch := *d.p.channels[firmChannel]
	d.p.mu.Unlock()
	if ch.Archived || !slices.Contains(ch.members, "cora") {
		t.Errorf("the channel of a firm that is back is %+v", ch)
	}
}

// closing is a platform on which something happens while a channel is being closed.
type closing struct {
	*fakePlatform

	meanwhile func()
}

func (c *closing) ArchiveChannel(ctx context.Context, channel string) error {
	c.meanwhile()
	return c.fakePlatform.ArchiveChannel(ctx, channel)
}

// TestTakenBackWhileItsChannelIsClosed: then the channel is opened again.
func TestTakenBackWhileItsChannelIsClosed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	var said string
	d.engine.Swap(&closing{d.p, sync.OnceFunc(func() { said = d.says("olivia", "ops", "contractor resume acme") })})
	d.offboards("acme")
	d.untilInTime("the channel to be open", func() bool {
		d.p.mu.Lock()
		defer d.p.mu.Unlock()
		return d.p.calls["restore"] > 0
	})
	d.drainedInTime()
	expect(t, said, "gets offers again")
	d.p.mu.Lock()
	archived := d.p.channels[firmChannel].Archived
	d.p.mu.Unlock()
	if state := d.channelRecord(firmChannel).State; archived || state != "" {
		t.Errorf("the channel of a firm that is back: archived %t, %q", archived, state)
	}
}

// TestChannelMovesBeforeItIsClosed: it is closed where it is by then.
func TestChannelMovesBeforeItIsClosed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.Unavailable, Retry: true})
	d.offboards("acme")
	d.untilInTime("the firm to be off-boarded", func() bool { return d.firmState("Acme Heating") == "offboarded" })
	d.moves(firmChannel, "C-new")
	stop()
	d.drainedInTime()
	if state := d.channelRecord("C-new").State; state != "closed" {
		t.Errorf("the channel of a firm that has left is %q", state)
	}
}

// TestChannelRecordsAtOnce: what befalls a channel while it gets another use, or is taken
// from its firm, stays written down, and a workspace has one operations channel.
func TestChannelRecordsAtOnce(t *testing.T) {
	t.Parallel()
	d, other := replicas(t)
	d.withFirm()
	for _, id := range []string{"desk0", "desk1", "annex"} {
		d.p.addChannel(id, "anna", "olivia")
	}
	for round := range 20 {
		types := func(who, channel, text string) chat.Inbound {
			return chat.Inbound{Key: fmt.Sprint(round, channel, text), From: chat.Person{ID: who}, Channel: channel, Body: chat.Command{Text: text}}
		}
		name := fmt.Sprintf("name%d", round)
		renamed := func(channel string) chat.Inbound {
			return chat.Inbound{Key: fmt.Sprint(round, channel, name), Channel: channel, Body: chat.ChannelChanged{Change: chat.ChannelRenamed, Name: name}}
		}
		together(t, d, other, types("anna", "desk0", "here operations"), types("anna", "desk1", "here operations"), renamed("ops"))
		if c := d.channelRecord("ops"); c.Kind != "" || c.Name != name {
			t.Errorf("round %d: the former operations channel is %q and called %s", round, c.Kind, c.Name)
		}
		if one, two := d.channelRecord("desk0").Kind, d.channelRecord("desk1").Kind; one == two {
			t.Errorf("round %d: two channels are %q", round, one)
		}
		expect(t, d.says("anna", "ops", "here operations"), "operations channel")
		expect(t, d.says("olivia", "annex", "contractor link acme here"), "annex")
		together(t, d, other, types("olivia", "ops", "contractor unlink acme #annex"), renamed("annex"))
		if c := d.channelRecord("annex"); c.Kind != "" || c.Name != name {
			t.Errorf("round %d: the channel that was taken away is %q and called %s", round, c.Kind, c.Name)
		}
	}
}

func (d *desk) channelRecord(id string) (c storage.Channel) {
	d.t.Helper()
	err := d.store.View(d.t.Context(), "main", func(tx storage.Tx) (err error) {
		c, err = tx.Channel(d.t.Context(), workspace, id)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// TestReplyFormIsForWhoHasTheJob: what is written in a form is for whoever had the job when
// it was opened, and never for who has it since.
func TestReplyFormIsForWhoHasTheJob(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	d.withRival()
	d.says("olivia", "ops", "new Roof leaks")
	expect(t, d.says("olivia", "ops", "assign 2 acme"), "offered")
	firms := d.command("olivia", "ops", "comment 2").Form
	expect(t, d.says("olivia", "ops", "cancel 2"), "withdrawn")
	expect(t, d.says("olivia", "ops", "assign 2 other"), "offered")
	d.submit("olivia", "ops", firms, map[string]string{"text": "You owe us 500"})
	expect(t, d.says("olivia", "ops", "cancel 2"), "withdrawn")
	expect(t, d.says("olivia", "ops", "external 2 claims@insurer.example"), "Ivan is asked")
	outside := d.command("olivia", "ops", "comment 2").Form
	expect(t, d.says("olivia", "ops", "external 2 remove claims@insurer.example"), "no longer involved")
	expect(t, d.says("olivia", "ops", "assign 2 other"), "offered")
	a := d.submit("olivia", "ops", outside, map[string]string{"text": "What does the policy pay?"})
	if a.Refused == "" {
		t.Errorf("it is sent to somebody else: %s", a.Message.Text)
	}
	d.drained()
	d.neverSaid(rivalChannel, "500")
	d.neverSaid(rivalChannel, "policy")
	d.neverSaid(firmChannel, "policy")
	d.neverSaid(direct("ivan"), "500")
}

// TestPageSaysWhoReads: a job's page in the browser stands for whoever reads what is written
// on it, and for another when somebody else has the job.
func TestPageSaysWhoReads(t *testing.T) {
	t.Parallel()
	d := withOutsiders(t)
	d.withRival()
	seenBy := func(who, channel string) string {
		t.Helper()
		page, err := d.engine.JobPage(t.Context(), chat.Viewer{Workspace: workspace, From: chat.Person{ID: who}, Channel: channel, Acts: true}, 1, "")
		if err != nil {
			t.Fatal(err)
		}
		return page.To
	}
	to := func() string { return seenBy("olivia", "") }
	seen := map[string]string{"nobody yet": to()}
	expect(t, d.says("olivia", "ops", "assign 1 acme"), "offered")
	seen["the firm"] = to()
	if again := to(); again != seen["the firm"] || again == "" {
		t.Errorf("it is %q and then %q", seen["the firm"], again)
	}
	if firms := seenBy("cora", firmChannel); firms != "" {
		t.Errorf("what a firm writes is for %q", firms)
	}
	expect(t, d.says("olivia", "ops", "cancel 1"), "withdrawn")
	expect(t, d.says("olivia", "ops", "assign 1 other"), "offered")
	seen["another firm"] = to()
	// What was on its way when the job changed hands is for nobody else.
	late := chat.Inbound{From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{Text: "comment 1 The price is 40", For: seen["the firm"]}}
	if a := d.handle(late); a.Refused != "conflict" || !strings.Contains(a.Message.Text.String(), "Nothing was sent") {
		t.Errorf("written for a firm that the job has left: %+v", a)
	}
	late.Body = chat.Command{Text: "comment 1 The price is 40", For: seen["another firm"]}
	if a := d.handle(late); a.Refused != "" {
		t.Errorf("written for the firm that has it: %+v", a)
	}
	expect(t, d.says("olivia", "ops", "cancel 1"), "withdrawn")
	expect(t, d.says("olivia", "ops", "external 1 claims@insurer.example"), "Ivan is asked")
	seen["people outside"] = to()
	whose := map[string]string{}
	for name, id := range seen {
		if other, known := whose[id]; known {
			t.Errorf("%s and %s are the same %q", name, other, id)
		}
		whose[id] = name
	}
}
