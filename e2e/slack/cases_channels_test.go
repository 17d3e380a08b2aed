package slack_test

import (
	"fmt"
	"regexp"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestE30NamesThatClash: the same name twice, taken by a live and by an archived
// channel, gives channels of their own that Slack accepts.
func TestE30NamesThatClash(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[1], options{})
	_, first := d.addFirm("Köln", "Müller & Söhne — Строй")
	d.says("/task contractor add köln | müller & söhne — строй", "is here already", first)
	// Written otherwise it is another firm, whose channel would be called the same.
	second, name := d.addFirm("Köln", "Müller & Söhne - Строй")
	valid := regexp.MustCompile(`^ext-[a-z0-9][a-z0-9-]{0,75}$`)
	if first == name || !valid.MatchString(first) || !valid.MatchString(name) {
		t.Errorf("the channels are %q and %q", first, name)
	}
	d.must(d.slack.Archive(second, "ada"))
	_, third := d.addFirm("Köln", "Müller & Söhne + Строй")
	if third == first || third == name || !valid.MatchString(third) {
		t.Errorf("the third channel is %q", third)
	}
}

// TestE30ChannelMoves: a channel that gets another id keeps its jobs, and one whose
// connection is cut is reported.
func TestE30ChannelMoves(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, card := d.accepted(acme, "On the move", "acme", who[0])
		moved, err := d.slack.ChangeChannelID(acme)
		d.must(err)
		d.must(d.slack.Settle())
		_, err = who[0].Reply(moved, card.TS, "Still here")
		d.must(err)
		d.once(n, "Still here")
		d.card(moved, n, "In progress")
		d.says(fmt.Sprintf("/task comment %d Good", n), "Sent")
		card.Channel = moved
		d.reply(card, "Good")
		d.must(who[0].Click(moved, card.TS, "Complete"))
		d.submit(who[0], fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Moved and done"})
		d.card(moved, n, "Waiting approval")

		d.must(d.slack.Rename(moved, "ext-acme-renamed"))
		d.must(d.slack.Settle())
		d.says("/task contractor show acme", "ext-acme-renamed")
		d.must(d.slack.Sever(moved, "Acme"))
		_, err = d.slack.WaitMessage(d.ops, showing("ext-acme-renamed", "no longer shared", "Invite"))
		d.must(err)
		d.says(fmt.Sprintf("/task show %d", n), "On the move", "Acme, Leeds")
		d.says(fmt.Sprintf("/task approve %d", n), "is approved")
	})
}

// TestBotIsRemoved: without the bot the channel waits, and goes on when it is back.
func TestBotIsRemoved(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card := d.accepted(acme, "Without a bot", "acme", who[0])
	d.must(d.slack.Leave(acme, "taskbridge"))
	_, err := d.slack.WaitMessage(d.ops, showing("ext-leeds-acme", "Add me again"))
	d.must(err)
	d.says(fmt.Sprintf("/task comment %d Waits for the bot", n))
	d.must(d.slack.Join(acme, "taskbridge"))
	d.reply(card, "Waits for the bot")
	d.threadIs(card, "Waits for the bot")
}

// TestChannelIsClosedToPosting: where only a channel's managers may write, what is meant
// for it waits, the desk is told what to do, and all goes out when it is open again.
func TestChannelIsClosedToPosting(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, card := d.accepted(acme, "Read only", "acme", who[0])
		d.must(d.slack.ClosePosting(acme, "ada", true))
		d.must(d.slack.Settle())
		d.says(fmt.Sprintf("/task comment %d Waits for the channel", n))
		_, err := d.slack.WaitMessage(d.ops, showing("I cannot post to", "ext-leeds-acme", "its settings let me write nothing there", "goes out when this is mended"))
		d.must(err)
		d.says(fmt.Sprintf("/task comment %d And so does this", n))
		d.says("/task summary", "its settings let me write nothing there")
		d.must(d.slack.ClosePosting(acme, "ada", false))
		d.reply(card, "And so does this")
		d.threadIs(card, "Waits for the channel", "And so does this")
	})
}

// TestSharedOperationsChannel: a Slack Connect channel cannot be the desk's own, and
// one that becomes shared gets nothing internal any more until it is the desk's again.
func TestSharedOperationsChannel(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		d.slack.AddUser(slacktest.UserSpec{Name: "xenia", RealName: "Xenia", Team: "Rival"})
		joint := d.slack.AddChannel(slacktest.ChannelSpec{Name: "joint", Private: true, Members: []string{"ada", "taskbridge"}})
		d.must(d.slack.Share(joint, "xenia", "ada"))
		d.must(d.slack.Settle())
		a := d.command(d.ada, joint, "/task here operations", "shared with another company", "private channel")
		d.sentence(a.Plain())

		n := d.newIssue("Before")
		d.card(d.ops, n, "Before")
		d.told(d.oskar, func() error { return d.slack.Share(d.ops, "xenia", "ada") }, "is shared with another company now", "/task here operations")
		before := len(d.slack.Messages(d.ops))
		hidden := d.newIssue("Internal matter")
		d.must(d.slack.Settle())
		if after := d.slack.Messages(d.ops); len(after) != before {
			t.Errorf("posted into a shared channel: %s", after[len(after)-1].Plain())
		}
		d.must(d.slack.Sever(d.ops, "Rival"))
		d.card(d.ops, hidden, "Internal matter")
	})
}
