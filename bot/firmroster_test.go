package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// RemoveMember implements chat.Steward.
func (p *fakePlatform) RemoveMember(_ context.Context, channel, person string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("remove"); err != nil {
		return err
	}
	c := p.channels[channel]
	c.members = slices.DeleteFunc(c.members, func(id string) bool { return id == person })
	p.touch()
	return nil
}

// ArchiveChannel implements chat.Steward.
func (p *fakePlatform) ArchiveChannel(_ context.Context, channel string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("archive"); err != nil {
		return err
	}
	p.channels[channel].Archived = true
	p.touch()
	return nil
}

// RestoreChannel implements chat.Steward.
func (p *fakePlatform) RestoreChannel(_ context.Context, channel string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("restore"); err != nil {
		return err
	}
	p.channels[channel].Archived = false
	p.touch()
	return nil
}

func (p *fakePlatform) leave(channel, person string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.channels[channel]
	c.members = slices.DeleteFunc(c.members, func(id string) bool { return id == person })
}

// waitMembers waits until somebody is, or is not, in a channel.
func (d *desk) waitMembers(channel, person string, in bool) {
	d.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		d.p.mu.Lock()
		changed := d.p.changed
		members := slices.Clone(d.p.channels[channel].members)
		d.p.mu.Unlock()
		if slices.Contains(members, person) == in {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			d.t.Fatalf("%s in %s should be %v; there are %v", person, channel, in, members)
		}
	}
}

// leaves takes somebody out of a channel and tells of it, as a platform does.
func (d *desk) leaves(who, channel string) {
	d.t.Helper()
	d.p.leave(channel, who)
	d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Left{}})
}

// TestOperatorsFollowTheOperationsChannel: who becomes an operator is put into every
// firm's channel, and who is one no longer is taken out and cannot act there.
func TestOperatorsFollowTheOperationsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor add York | Baker"), "is set up")
	d.p.addPerson("nora", chat.Member, false)
	d.join("ops", "nora")
	for _, channel := range []string{firmChannel, "ext-york-baker"} {
		d.waitMembers(channel, "nora", true)
	}
	d.drained()
	d.leaves("nora", "ops")
	for _, channel := range []string{firmChannel, "ext-york-baker"} {
		d.waitMembers(channel, "nora", false)
	}
	d.drained()
	expect(t, d.says("nora", "ops", "list"), "does not know you")
	// A guest of the desk's channel is none of its people, and is not put anywhere.
	d.p.addPerson("gus", chat.Guest, false)
	d.join("ops", "gus")
	d.drained()
	d.waitMembers(firmChannel, "gus", false)
}

// TestTheLastOperatorStays: when nobody is left in the operations channel, nobody is
// taken out of the firms' channels.
func TestTheLastOperatorStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	for _, who := range []string{"anna", "otto"} {
		d.leaves(who, "ops")
		d.waitMembers(firmChannel, who, false)
	}
	d.leaves("olivia", "ops")
	d.drained()
	d.waitMembers(firmChannel, "olivia", true)
}

// TestRemovalThatThePlatformRefuses is told to the desk, and holds up nothing.
func TestRemovalThatThePlatformRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	d.p.refuse("remove", &chat.SendError{Reason: chat.Unsupported})
	d.leaves("otto", "ops")
	d.waitText("ops", "Otto is no longer an operator but could not be taken out")
	d.accepted()
}

// TestWhoComesAndGoesIsNoticed: once each, with the jobs that lose the person in
// charge.
func TestWhoComesAndGoesIsNoticed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.p.addPerson("fay", chat.External, false)
	d.join(firmChannel, "fay")
	d.join(firmChannel, "fay")
	d.waitText("ops", "Fay is in "+firmChannel)
	d.accepted()
	d.drained()
	if n := strings.Count(d.dump("ops"), "Fay is in"); n != 1 {
		t.Errorf("told %d times that she came:\n%s", n, d.dump("ops"))
	}
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Fay (brought in by the firm)", "Desk:")
	d.leaves("cora", firmChannel)
	d.waitText("ops", "Cora is no longer in")
	d.waitText("ops", "They were in charge of #1")
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Cora (not in the channel)")
}

// TestInvitedAsTold: the command that the answer to a new firm names is understood as it
// stands, whatever other firms there are.
func TestInvitedAsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	told := d.says("olivia", "ops", "contractor add York | Baker & Sons")
	_, arguments, found := strings.Cut(told, "contractor invite")
	if !found {
		t.Fatalf("%q names no command", told)
	}
	expect(t, d.says("olivia", "ops", "contractor invite"+strings.TrimSuffix(arguments, ".")), "someone@example.com was sent an invitation")
	expect(t, d.says("olivia", "ops", "contractor show Baker"), "someone@example.com was sent an invitation")
}

// TestInvitationLapses: after fourteen days it is over, the desk is offered to send it
// again, and one press of one operator does.
func TestInvitationLapses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.engine.AwaitFor(time.Minute)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor invite acme dora@acme.example"), "was sent an invitation")
	d.drained()
	d.clock.Advance(14*24*time.Hour - time.Minute)
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "dora@acme.example is not in it")
	expect(t, d.says("olivia", "ops", "contractor show acme"), "dora@acme.example was sent an invitation")
	d.clock.Advance(2 * time.Minute)
	d.says("olivia", "ops", "contractor sync acme")
	post := d.waitText("ops", "did not answer the invitation in time")
	// Nobody of a firm can use the button, nor can anybody elsewhere.
	for _, who := range []string{"cora", "sam"} {
		if a := d.click(who, "ops", post, "Invite again"); a.Refused == "" {
			t.Errorf("%s could invite: %+v", who, a)
		}
	}
	if a := d.click("olivia", firmChannel, post, "Invite again"); a.Refused == "" {
		t.Errorf("in another channel: %+v", a)
	}
	a := d.click("otto", "ops", post, "Invite again")
	expect(t, a.Message.Text.String(), "was sent an invitation")
	if a := d.click("olivia", "ops", post, "Invite again"); a.Refused != "conflict" {
		t.Errorf("a second press: %+v", a)
	}
	expect(t, d.says("olivia", "ops", "contractor show acme"), "dora@acme.example was sent an invitation")
}

// TestSyncGoesOnWithWhoIsNotKnown: in a channel with more people than one look looks up, the
// next look gets to know the others.
func TestSyncGoesOnWithWhoIsNotKnown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.engine.AwaitFor(time.Minute)
	d.withFirm()
	d.drained()
	for n := range 210 {
		who := fmt.Sprintf("p%03d", n)
		d.p.addPerson(who, chat.External, false)
		d.p.join(firmChannel, who)
	}
	d.clock.Advance(20 * time.Minute)
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "took note of")
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "took note of", "P207 and 2 more")
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "is as it should be")
}

// TestSyncMendsWhatEventsDidNotTell: an operator who is missing is added, one of before
// removed, the firm's own people are only noted.
func TestSyncMendsWhatEventsDidNotTell(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.engine.AwaitFor(time.Minute)
	d.withFirm()
	d.drained()
	d.p.addPerson("fay", chat.External, false)
	d.p.leave(firmChannel, "otto")
	d.p.leave("ops", "anna")
	d.p.join(firmChannel, "fay")
	d.p.mu.Lock()
	d.p.channels[firmChannel].Name = "ext-leeds-acme"
	d.p.mu.Unlock()
	// Members are asked for anew, and the engine's own look, once an hour, does not come first.
	d.clock.Advance(20 * time.Minute)
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "adding Otto", "removing Anna", "took note of Fay", "called ext-leeds-acme now")
	d.waitMembers(firmChannel, "otto", true)
	d.waitMembers(firmChannel, "anna", false)
	d.waitMembers(firmChannel, "fay", true)
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "is as it should be")
	expect(t, d.says("cora", firmChannel, "contractor sync"), "Only the desk can bring")
}

// TestSyncFindsAnArchivedChannel and tells of it once.
func TestSyncFindsAnArchivedChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.engine.AwaitFor(time.Minute)
	d.withFirm()
	d.drained()
	set := func(archived bool) {
		d.p.mu.Lock()
		defer d.p.mu.Unlock()
		d.p.channels[firmChannel].Archived = archived
	}
	set(true)
	for range 2 {
		expect(t, d.says("olivia", "ops", "contractor sync acme"), "the channel is archived")
	}
	d.drained()
	if n := strings.Count(d.dump("ops"), "was archived"); n != 1 {
		t.Errorf("told %d times:\n%s", n, d.dump("ops"))
	}
	drift, err := d.engine.Drift(t.Context())
	if err != nil || len(drift) == 0 || !strings.Contains(drift[0].What, "is archived") {
		t.Errorf("drift %+v, %v", drift, err)
	}
	set(false)
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "into use again")
}

// TestStrikingSomebodyOfAFirm takes them out, and a sync does again when they are back.
func TestStrikingSomebodyOfAFirm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.engine.AwaitFor(time.Minute)
	d.withFirm()
	d.p.addPerson("fay", chat.External, false)
	d.join(firmChannel, "fay")
	expect(t, d.says("olivia", "ops", "contractor role acme Fay site manager"), "Fay of Acme Heating, Leeds: site manager.")
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Fay (site manager, brought in by the firm)")
	expect(t, d.says("olivia", "ops", "contractor remove acme Fay"), "Fay is no longer in "+firmChannel)
	d.waitMembers(firmChannel, "fay", false)
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Taken off: Fay")
	d.join(firmChannel, "fay")
	d.clock.Advance(time.Hour)
	expect(t, d.says("olivia", "ops", "contractor sync acme"), "removing Fay")
	d.waitMembers(firmChannel, "fay", false)
	expect(t, d.says("olivia", "ops", "contractor remove acme nobody"), "usage")
}

// TestMissedWhileAway: who left the operations channel while the program was down is
// found at the start.
func TestMissedWhileAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	d.stop()
	d.p.leave("ops", "otto")
	d.clock.Advance(time.Hour)
	d.start()
	d.waitMembers(firmChannel, "otto", false)
	d.drained()
	var events []storage.Event
	err := d.store.View(t.Context(), "main", func(tx storage.Tx) (err error) {
		events, err = tx.ListEvents(t.Context(), "", 0, 0)
		return err
	})
	if err != nil || !slices.ContainsFunc(events, func(e storage.Event) bool { return e.Kind == "operator_removed" && e.Data["name"] == "Otto" }) {
		t.Errorf("the history has no word of it: %v", err)
	}
}
