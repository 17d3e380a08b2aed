package slack_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// giveUp makes Slack try an event once only: what fails is never told again. Without
// a socket each try takes the three seconds of an acknowledgement.
func giveUp() slacktest.Options {
	return slacktest.Options{Retries: []time.Duration{}, WaitTimeout: time.Minute}
}

// deleted waits until a comment is known to be deleted.
func (d *desk) deleted(number int, text string) {
	d.t.Helper()
	until(d.t, fmt.Sprintf("the deletion of %q", text), func() bool { return d.once(number, text).DeletedAt != nil })
}

// TestE05E12ReplayAfterAnOutage: what people write, edit and delete while the program
// is away and Slack has given up on telling is in the history once it is back.
func TestE05E12ReplayAfterAnOutage(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{slack: giveUp()})
		acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
		frank, fiona := who[0], who[1]
		n, card := d.accepted(acme, "Across an outage", "acme", frank)
		quiet, quietCard := d.offered(acme, "Nothing happens here", "acme")
		ops := d.card(d.ops, n, "Accepted")
		say := func(p *slacktest.Person, text string) slacktest.Message {
			m, err := p.Reply(acme, card.TS, text)
			d.must(err)
			return m
		}
		say(frank, "kept")
		changed, gone := say(fiona, "to be changed"), say(frank, "to be deleted")
		d.once(n, "to be deleted")
		d.must(d.slack.Settle())
		d.program.Stop()

		say(frank, "lost &lt;b&gt; &amp; found")
		twice := say(fiona, "lost and changed")
		d.must(fiona.Edit(acme, twice.TS, "lost, changed"))
		never := say(frank, "lost and deleted")
		d.must(frank.Delete(acme, never.TS))
		d.must(fiona.Edit(acme, changed.TS, "changed meanwhile"))
		d.must(frank.Delete(acme, gone.TS))
		_, err := d.oskar.Reply(d.ops, ops.TS, "an internal note")
		d.must(err)
		d.must(d.slack.Moderate(d.ops, ops.TS))
		d.must(d.slack.Moderate(acme, quietCard.TS))
		d.must(d.slack.Settle())
		d.start(v)

		d.once(n, "lost, changed")
		if c := d.once(n, "lost <b> & found"); c.Author.Name != "frank" || c.Visibility != "shared" {
			t.Errorf("the lost reply is %+v", c)
		}
		if c := d.once(n, "an internal note"); c.Visibility != "internal" {
			t.Errorf("the lost note is %+v", c)
		}
		if c := d.once(n, "changed meanwhile"); !slices.Equal(c.said(), []string{"to be changed", "changed meanwhile"}) {
			t.Errorf("the changed reply says %q", c.said())
		}
		d.deleted(n, "to be deleted")
		if c := d.once(n, "kept"); c.DeletedAt != nil || c.EditedAt != nil {
			t.Errorf("what nobody touched is %+v", c)
		}
		if got := len(d.comments(n)); got != 6 {
			t.Errorf("the ledger has %d comments, want 6", got)
		}
		// Cards that were deleted stand there again, and everything goes on.
		again := d.card(acme, quiet, "accept or decline")
		if again.TS == quietCard.TS {
			t.Error("the deleted card is still the card")
		}
		d.told(fiona, func() error { return fiona.Click(acme, again.TS, "Accept") }, "You are in charge")
		if now := d.card(d.ops, n, "replies"); now.TS == ops.TS {
			t.Error("the desk's deleted card is still the card")
		}
		say(frank, "back to normal")
		d.once(n, "back to normal")
		d.says(fmt.Sprintf("/task history %d", n), "lost", "changed meanwhile", "(deleted)", "back to normal")
	})
}

// TestE04ReplayAndRetriesTogether: the retries of what history has told already
// double nothing, and add what a message said at first.
func TestE04ReplayAndRetriesTogether(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, card := d.accepted(acme, "Told twice", "acme", who[0])
		old, err := who[0].Reply(acme, card.TS, "before")
		d.must(err)
		d.once(n, "before")
		d.program.Stop()
		m, err := who[0].Reply(acme, card.TS, "first words")
		d.must(err)
		d.must(who[0].Edit(acme, m.TS, "last words"))
		d.must(who[0].Delete(acme, old.TS))
		_, err = d.slack.WaitDelivery(func(got slacktest.Delivery) bool {
			return got.Retry == 1 && got.Failed != "" && got.Subtype == "message_deleted"
		})
		d.must(err)
		d.must(d.slack.Settle())
		d.start(v)
		d.once(n, "last words")
		d.deleted(n, "before")
		d.slack.Advance(time.Minute)
		d.must(d.slack.Settle())
		d.slack.Advance(5 * time.Minute)
		d.must(d.slack.Settle())
		if c := d.once(n, "last words"); !slices.Equal(c.said(), []string{"first words", "last words"}) {
			t.Errorf("it says %q", c.said())
		}
		if got := len(d.comments(n)); got != 2 {
			t.Errorf("the ledger has %d comments, want 2", got)
		}
	})
}

// TestReplayOfWithheldEvents: Slack withholds events for there were too many, and
// says so; what they told is found all the same.
func TestReplayOfWithheldEvents(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, card := d.accepted(acme, "Withheld", "acme", who[0])
		first, err := who[0].Reply(acme, card.TS, "before")
		d.must(err)
		d.once(n, "before")
		d.must(d.slack.Settle())
		d.slack.Withhold(true)
		// One act each, for what is withheld after the notice is found a minute later.
		if v.socket {
			d.must(who[0].Edit(acme, first.TS, "before, edited"))
			d.once(n, "before, edited")
		} else {
			_, err = who[0].Reply(acme, card.TS, "withheld")
			d.must(err)
			d.once(n, "withheld")
		}
		d.slack.Withhold(false)
		_, err = who[0].Reply(acme, card.TS, "after")
		d.must(err)
		d.once(n, "after")
	})
}

// TestReplayAfterASocketDrop: what happened while no socket was open and Slack gave
// up on is found once there is one again.
func TestReplayAfterASocketDrop(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[2], options{slack: giveUp()})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card := d.accepted(acme, "Without a socket", "acme", who[0])
	first, err := who[0].Reply(acme, card.TS, "before")
	d.must(err)
	d.once(n, "before")
	d.must(d.slack.Settle())
	d.slack.DropSockets()
	_, err = who[0].Reply(acme, card.TS, "between")
	d.must(err)
	d.must(who[0].Edit(acme, first.TS, "before, edited"))
	d.must(d.slack.WaitSockets(1))
	d.once(n, "between")
	d.once(n, "before, edited")
}

// TestE30ReplayFollowsAMovedChannel: a channel got a new id while the program was
// away, and nobody told.
func TestE30ReplayFollowsAMovedChannel(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{slack: giveUp()})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card := d.accepted(acme, "Moved meanwhile", "acme", who[0])
	_, err := who[0].Reply(acme, card.TS, "before the move")
	d.must(err)
	d.once(n, "before the move")
	d.must(d.slack.Settle())
	d.program.Stop()
	moved, err := d.slack.ChangeChannelID(acme)
	d.must(err)
	_, err = who[0].Reply(moved, card.TS, "after the move")
	d.must(err)
	d.must(d.slack.Settle())
	d.start(variants()[0])
	d.once(n, "after the move")
	d.once(n, "before the move")
	d.says(fmt.Sprintf("/task comment %d Found you", n))
	d.reply(slacktest.Message{Channel: moved, TS: card.TS}, "Found you")
	d.must(who[0].Click(moved, card.TS, "Complete"))
	d.submit(who[0], fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "All of it"})
	d.card(d.ops, n, "Waiting approval")
}

// TestE30ReplayAfterTheArchive: a channel was archived, brought back and talked in
// while the program was away.
func TestE30ReplayAfterTheArchive(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{slack: giveUp()})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card := d.accepted(acme, "In and out of the archive", "acme", who[0])
	d.must(d.slack.Archive(acme, "ada"))
	d.must(d.slack.Settle())
	d.says("/task contractor show acme", "archived")
	before := len(d.slack.Calls("conversations.replies"))
	d.program.Stop()
	d.must(d.slack.Unarchive(acme, "ada"))
	_, err := who[0].Reply(acme, card.TS, "out again")
	d.must(err)
	d.must(d.slack.Settle())
	for _, c := range d.slack.Calls("conversations.replies")[before:] {
		if c.Args["channel"] == acme {
			t.Error("an archived channel was read")
		}
	}
	d.start(variants()[0])
	d.once(n, "out again")
	d.lacks("the firm", d.says("/task contractor show acme").Plain(), "archived")
}
