package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestAChangeOfMembersCountsOnEveryReplica: what one replica has seen of who may do
// what holds on the other at once, although nobody tells it.
func TestAChangeOfMembersCountsOnEveryReplica(t *testing.T) {
	t.Parallel()
	d, other := replicas(t)
	other.keys = 1_000_000 // Its inbounds are others.
	d.withFirm()
	d.accepted()
	for _, on := range []*desk{d, other} {
		expect(t, on.says("olivia", "ops", "list open"), "#1")
		expect(t, on.says("cora", firmChannel, "list open"), "#1")
	}
	leave := func(who, channel string) {
		d.p.mu.Lock()
		c := d.p.channels[channel]
		c.members = slices.DeleteFunc(slices.Clone(c.members), func(id string) bool { return id == who })
		d.p.mu.Unlock()
		d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Left{}})
	}
	// One removed from the operations channel and one from the firm's.
	leave("olivia", "ops")
	leave("cora", firmChannel)
	for name, on := range map[string]*desk{"the one that saw it": d, "the other": other} {
		for who, channel := range map[string]string{"olivia": "ops", "cora": firmChannel} {
			a := on.command(who, channel, "close 1")
			if a.Refused == "" {
				t.Errorf("%s: %s may still act: %s", name, who, a.Message.Text)
			}
		}
	}
	// And one who comes may act, on the replica that did not see it.
	d.join("ops", "sam")
	expect(t, other.says("sam", "ops", "list open"), "#1")
	// Another channel becomes the operations channel: its people are operators, and
	// those of the former are no more.
	d.p.addChannel("desk", "anna", "gina")
	expect(t, d.says("anna", "desk", "here operations"), "operations channel")
	if a := other.command("otto", "ops", "close 1"); a.Refused == "" {
		t.Errorf("somebody of the former operations channel may still act: %s", a.Message.Text)
	}
}

// TestNewOperationsChannelOnEveryReplica: the cards in it stay true, whichever replica
// changes what they say.
func TestNewOperationsChannelOnEveryReplica(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	other, _ := d.anotherEngine()
	reply := func(message string) {
		t.Helper()
		_, err := other.Handle(t.Context(), chat.Inbound{
			Key: message, Workspace: workspace, At: d.clock.Now(), From: chat.Person{ID: "cora"}, Channel: firmChannel,
			Body: chat.Said{Message: message, Thread: card.ID, Text: message},
		})
		if err != nil {
			t.Fatal(err)
		}
		d.drainedInTime()
	}
	reply("FIRST")
	d.p.addChannel("desk", "anna", "olivia")
	expect(t, d.says("anna", "desk", "here operations"), "operations channel")
	d.drainedInTime()
	reply("SECOND")
	for _, channel := range []string{"ops", "desk"} {
		for _, p := range d.posts(channel, "#1 ") {
			if got := fmt.Sprint(p.Message.Notes); !strings.Contains(got, "2 replies") {
				t.Errorf("the card in %s says %s", channel, got)
			}
		}
	}
}

// TestABusyDeskStarvesNoOther: the calls of one desk's workspace hang, with ten
// thousand deliveries behind them, and another desk in the same store is served.
func TestABusyDeskStarvesNoOther(t *testing.T) {
	t.Parallel()
	busy := newDesk(t)
	busy.withFirm()
	busy.drained()
	hang := make(chan struct{})
	busy.p.mu.Lock()
	busy.p.afterPost = func(chat.Post, string) error { <-hang; return nil }
	busy.p.mu.Unlock()
	t.Cleanup(func() { close(hang) })
	const lanes, each = 200, 50
	payload, err := json.Marshal(map[string]any{"Message": chat.Message{Text: chat.T("noise")}})
	if err != nil {
		t.Fatal(err)
	}
	err = busy.store.Update(t.Context(), "main", func(tx storage.Tx) error {
		for n := range lanes * each {
			// Most wait for one channel.
			lane := firmChannel
			if n < lanes {
				lane = fmt.Sprintf("noisy-%d", n)
				busy.p.addChannel(lane, "bot")
			}
			err := tx.Enqueue(t.Context(), storage.Delivery{
				Lane: storage.Lane{Workspace: workspace, Name: lane}, Kind: "post", Payload: payload, CreatedAt: busy.clock.Now(),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	busy.engine.Nudge()
	busy.until("the busy desk's calls hang", func() bool { return busy.called("post") >= 32 })

	quiet := *busy
	quiet.p = newFakePlatform("fake:W2")
	for _, who := range []string{"anna", "olivia"} {
		quiet.p.addPerson(who, chat.Member, who == "anna")
	}
	for _, who := range []string{"cora", "carl"} {
		quiet.p.addPerson(who, chat.External, false)
	}
	quiet.p.addChannel("ops", "olivia", "anna")
	quiet.startAs("quiet")
	quiet.withFirm()
	expect(t, quiet.says("olivia", "ops", "new Small job"), "#1")
	expect(t, quiet.says("olivia", "ops", "assign 1 acme"), "offered")
	quiet.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
}

// atGate is a platform whose posts wait at a gate before they take effect.
type atGate struct {
	*fakePlatform
	entered atomic.Int32
	gate    chan struct{}
}

func (g *atGate) Post(ctx context.Context, p chat.Post) (string, error) {
	if strings.Contains(p.Message.Text.String(), "gated") {
		g.entered.Add(1)
		<-g.gate
	}
	return g.fakePlatform.Post(ctx, p)
}

// TestAClockThatJumpsDoublesNothing: the clock jumps while a post is under way, so
// that its lease has run out by the look of it. It is not begun a second time.
func TestAClockThatJumpsDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		t.Run(jump.String(), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.accepted()
			d.drained()
			g := &atGate{fakePlatform: d.p, gate: make(chan struct{})}
			if err := d.engine.Attach(t.Context(), g, "", ""); err != nil {
				t.Fatal(err)
			}
			d.says("olivia", "ops", "comment 1 gated word")
			d.until("the post is under way", func() bool { return g.entered.Load() == 1 })
			d.clock.Advance(jump)
			d.engine.Nudge()
			if jump > 0 {
				d.until("the lease has run out", func() bool {
					list, err := d.store.ListDeliveries(t.Context(), storage.ListDeliveriesParams{})
					return err == nil && slices.ContainsFunc(list, func(w storage.Waiting) bool { return w.Attempts > 1 })
				})
			}
			close(g.gate)
			d.drainedInTime()
			if n := g.entered.Load(); n != 1 {
				t.Errorf("posted %d times", n)
			}
			n := 0
			for _, p := range d.posts(firmChannel, "") {
				if strings.Contains(p.Message.Text.String(), "gated word") {
					n++
				}
			}
			if n != 1 {
				t.Errorf("it stands there %d times", n)
			}
		})
	}
}

// TestAChannelOfAnotherReplicaIsReadAtOnce: the desk makes an operations channel on another
// platform by one replica; what a firm says is shown there by the other one, however lately
// that has looked which channels there are.
func TestAChannelOfAnotherReplicaIsReadAtOnce(t *testing.T) {
	t.Parallel()
	a, b := onTwo(t)
	first := a.engine
	second, _ := a.anotherEngine()
	b.p.addPerson("oscar", chat.Member, true)
	b.p.addChannel("ops2", "oscar")
	a.engine = second
	expect(t, a.says("cora", firmChannel, "list open"), "Nothing")
	a.engine, b.engine = first, first
	expect(t, b.says("oscar", "ops2", "here operations"), "operations channel")
	card := a.accepted()
	there := b.waitPost("ops2", "the desk's card", func(p fakePost) bool { return strings.Contains(p.Message.Title, "#1") })
	a.engine = second
	a.reply("cora", firmChannel, card.ID, "r1", "The tap is broken, too")
	b.wantThread("ops2", there.ID, "Cora (Acme Heating): The tap is broken, too")
}
