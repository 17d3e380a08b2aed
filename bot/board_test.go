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

// Pin implements chat.Pinner.
func (p *fakePlatform) Pin(_ context.Context, channel, message string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pins == nil {
		p.pins = map[string][]string{}
	}
	p.pins[channel] = append(p.pins[channel], message)
	p.touch()
	return p.call("pin")
}

// boardSays waits, while the clock goes on, for a board that has all parts and lacks those that begin with "-".
func (d *desk) boardSays(parts ...string) fakePost {
	d.t.Helper()
	var board fakePost
	d.untilInTime(fmt.Sprintf("a board with %q", parts), func() bool {
		d.p.mu.Lock()
		defer d.p.mu.Unlock()
		for _, p := range d.p.channels[firmChannel].posts {
			if p.Message.Pinned {
				board = *p
			}
		}
		text := board.Message.Text.String()
		return board.Message.Pinned && !slices.ContainsFunc(parts, func(part string) bool {
			without, absent := strings.CutPrefix(part, "-")
			return strings.Contains(text, without) == absent
		})
	})
	return board
}

// TestBoard follows jobs on the board of their firm's channel.
func TestBoard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "new Secret of the desk")
	d.says("olivia", "ops", "assign 1 acme")
	card := d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms")
	d.later()
	board := d.boardSays("To accept or decline (1)", "#1 Boiler down", "-Secret")
	d.p.mu.Lock()
	if pins := d.p.pins[firmChannel]; len(pins) != 1 || pins[0] != board.ID {
		t.Errorf("pinned are %v, want the board %s", pins, board.ID)
	}
	d.p.mu.Unlock()
	d.click("cora", firmChannel, card, "Accept")
	d.later()
	if again := d.boardSays("Accepted or in progress (1)", "#1 Boiler down", "Cora"); again.ID != board.ID {
		t.Error("the board was posted anew")
	}
	d.says("olivia", "ops", "close 1")
	d.later()
	d.boardSays("nothing to do", "-Boiler")

	// Somebody removes it: it comes back, pinned.
	d.p.mu.Lock()
	ch := d.p.channels[firmChannel]
	for n, post := range ch.posts {
		if post.ID == board.ID {
			ch.posts = append(ch.posts[:n:n], ch.posts[n+1:]...)
			break
		}
	}
	d.p.mu.Unlock()
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Deleted{Message: board.ID, Own: true}})
	d.later()
	if again := d.boardSays("nothing to do"); again.ID == board.ID {
		t.Error("the board did not come back")
	}
}

// TestBoardsAreNotMovedByTalk shows that what people say enqueues no board, and that a
// reply under a board is no comment of any job.
func TestBoardsAreNotMovedByTalk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	card := d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms")
	d.click("cora", firmChannel, card, "Accept")
	d.reply("cora", firmChannel, card.ID, "r0", "On my way")
	d.later()
	board := d.boardSays("Accepted or in progress (1)")
	d.settled()
	for n := range 5 {
		d.reply("cora", firmChannel, card.ID, fmt.Sprintf("r%d", n+1), "Still on my way")
	}
	d.reply("cora", firmChannel, board.ID, "b1", "Nice list")
	list, err := d.store.ListDeliveries(t.Context(), storage.ListDeliveriesParams{Lane: storage.Lane{Workspace: workspace, Name: "board/" + firmChannel}})
	if err != nil || len(list) != 0 {
		t.Errorf("talk moved the board: %v, %v", list, err)
	}
	if got := len(d.comments(1)); got != 6 {
		t.Errorf("the job has %d comments", got)
	}
	for range 3 {
		d.clock.Advance(time.Second)
	}
	d.engine.Nudge()
	d.settled()
	if now := d.boardSays("Accepted or in progress (1)"); now.Updates != board.Updates {
		t.Errorf("the board was sent %d times more", now.Updates-board.Updates)
	}
}

// pinned are the messages of a channel that were pinned, in order.
func (d *desk) pinned(channel string) []string {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	return append([]string(nil), d.p.pins[channel]...)
}

// TestBoardIsPinnedAgain: somebody unpins it; it is pinned, and not posted, again.
func TestBoardIsPinnedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	d.later()
	board := d.boardSays("To accept or decline (1)")
	for _, message := range []string{card.ID, board.ID} {
		d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Unpinned{Message: message}})
	}
	d.later()
	d.untilInTime("the board to be pinned again", func() bool { return len(d.pinned(firmChannel)) == 2 })
	if got := d.pinned(firmChannel); got[1] != board.ID {
		t.Errorf("pinned are %v, want the board %s", got, board.ID)
	}
}

// TestBoardGoesWithTheFirm: the board leaves the channel of a firm that is off-boarded,
// and a channel that is unlinked, and does not come back.
func TestBoardGoesWithTheFirm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.offered()
	d.later()
	board := d.boardSays("To accept or decline (1)")
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	d.submit("olivia", "ops", form, map[string]string{"all": "close", "farewell": "Thank you, all."})
	d.waitText(firmChannel, "Thank you, all.")
	d.drained()
	d.handle(chat.Inbound{From: chat.Person{ID: "bot"}, Channel: firmChannel, Body: chat.Deleted{Message: board.ID, Own: true}})
	d.later()
	d.settled()
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	for _, p := range d.p.channels[firmChannel].posts {
		if p.Message.Pinned {
			t.Errorf("the board is still there: %s", p.Message.Text)
		}
	}
}

// TestBoardWaitsForItsChannel: what the platform wants to hear later of a channel holds
// its board back as well, which then shows what is true in one call.
func TestBoardWaitsForItsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	d.later()
	board := d.boardSays("To accept or decline (1)")
	d.settled()
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: 30 * time.Second})
	d.says("olivia", "ops", "comment 1 word")
	d.untilWritten("the refusal", func() bool { return d.called("refused "+firmChannel) == 1 })
	d.click("cora", firmChannel, card, "Accept")
	d.clock.Advance(10 * time.Second)
	// Another channel's board shows that the dispatcher has looked.
	d.withRival()
	expect(t, d.says("olivia", "ops", "new Other job"), "#2")
	d.says("olivia", "ops", "assign 2 other")
	d.waitCard(rivalChannel, "#2", "Accept", "Decline", "Suggest other terms")
	d.later()
	d.until("the rival's board", func() bool { return len(d.pinned(rivalChannel)) == 1 })
	stop()
	if now := d.boardSays("To accept or decline (1)"); now.Updates != board.Updates {
		t.Errorf("the board was sent %d times while its channel rests", now.Updates-board.Updates)
	}
	d.advance(31 * time.Second)
	d.waitText(firmChannel, "word")
	now := d.boardSays("Accepted or in progress (1)")
	if now.Updates != board.Updates+1 {
		t.Errorf("the board was sent %d times, want once", now.Updates-board.Updates)
	}
}

// TestBoardComesSoonAfterItsChannel: however often a board gave way, it comes soon after
// its channel is free.
func TestBoardComesSoonAfterItsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	d.later()
	d.boardSays("To accept or decline (1)")
	d.settled()
	d.failing(firmChannel, &chat.SendError{Reason: chat.NotInChannel})
	d.says("olivia", "ops", "comment 1 word")
	d.untilWritten("the channel is stopped", func() bool { return d.called("refused "+firmChannel) == 1 })
	d.click("cora", firmChannel, card, "Accept")
	lane := storage.ListDeliveriesParams{Lane: storage.Lane{Workspace: workspace, Name: "board/" + firmChannel}}
	for gave := range 10 {
		d.advance(31 * time.Second)
		d.until(fmt.Sprintf("the board gives way again after %d times", gave), func() bool {
			list, err := d.store.ListDeliveries(t.Context(), lane)
			return err == nil && len(list) == 1 && list[0].Attempts > gave && !list[0].InFlight
		})
	}
}

// TestBoardIsPostedInTheTurnOfItsChannel: all that is posted into a channel is posted by
// one lane, and so by one replica at a time.
func TestBoardIsPostedInTheTurnOfItsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.offered()
	d.drained()
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: 30 * time.Second})
	d.later()
	d.untilWritten("the board's post is refused", func() bool { return d.called("refused "+firmChannel) == 1 })
	list, err := d.store.ListDeliveries(t.Context(), storage.ListDeliveriesParams{Lane: storage.Lane{Workspace: workspace, Name: firmChannel}})
	if err != nil || len(list) != 1 || list[0].Kind != "board" {
		t.Errorf("in the channel's lane are %+v, %v", list, err)
	}
	stop()
	d.advance(31 * time.Second)
	d.boardSays("To accept or decline (1)", "#1 ")
	if pins := d.pinned(firmChannel); len(pins) != 1 {
		t.Errorf("pinned are %v", pins)
	}
}

// TestBoardMovesWithItsChannel: a change that the board was still to show when the platform
// gave its channel another id is shown there.
func TestBoardMovesWithItsChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.offered()
	d.later()
	d.boardSays("To accept or decline (1)")
	expect(t, d.says("olivia", "ops", "cancel 1"), "withdrawn")
	d.drained()
	d.moves(firmChannel, "C-new")
	d.untilInTime("the board to show the change", func() bool {
		d.p.mu.Lock()
		defer d.p.mu.Unlock()
		for _, p := range d.p.channels["C-new"].posts {
			if p.Message.Pinned {
				return !strings.Contains(p.Message.Text.String(), "To accept or decline")
			}
		}
		return false
	})
}
