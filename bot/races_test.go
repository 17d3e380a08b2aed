package bot_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"

	"github.com/google/go-cmp/cmp"
)

// replicas is a desk on PostgreSQL with two engines, on which transactions truly
// run side by side.
func replicas(t *testing.T) (d, other *desk) {
	t.Helper()
	d = newDeskOn(t, cluster.Database(t))
	second := *d
	second.start()
	return d, &second
}

// together hands all inbounds in at once, to one engine or the other.
func together(t *testing.T, a, b *desk, list ...chat.Inbound) {
	t.Helper()
	start := make(chan struct{})
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, in := range list {
		e := a.engine
		if rand.IntN(2) == 0 {
			e = b.engine
		}
		if in.Workspace == "" {
			in.Workspace = workspace
		}
		if in.Channel == "" {
			in.Channel = firmChannel
		}
		if in.At.IsZero() {
			in.At = a.clock.Now()
		}
		all.Go(func() {
			<-start
			_, errs[i] = e.Handle(t.Context(), in)
		})
	}
	close(start)
	all.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("handle %T: %v", list[i].Body, err)
		}
	}
}

// TestAtOnceOnTwoReplicas hands create, edits and deletion of one message to two
// replicas at the same moment, each twice: the ledger ends as if they had come one
// after the other.
func TestAtOnceOnTwoReplicas(t *testing.T) {
	t.Parallel()
	d, other := replicas(t)
	d.withFirm()
	card := d.accepted()
	from := chat.Person{ID: "cora"}
	for round := range 40 {
		story := []chat.Inbound{
			{At: sunday, From: from, Body: chat.Said{Thread: card.ID, Text: "first"}},
			{At: sunday.Add(time.Minute), From: from, Body: chat.Edited{Thread: card.ID, Text: "second", Version: sunday.Add(time.Minute)}},
			{At: sunday.Add(2 * time.Minute), From: from, Body: chat.Edited{Thread: card.ID, Text: "third", Version: sunday.Add(2 * time.Minute)}},
		}
		if round%2 == 0 {
			story = append(story, chat.Inbound{At: sunday.Add(3 * time.Minute), From: from, Body: chat.Deleted{Thread: card.ID}})
		}
		told := func(message string) []chat.Inbound {
			out := make([]chat.Inbound, 0, len(story))
			for i, in := range story {
				in.Key = fmt.Sprintf("%s/%d", message, i)
				switch b := in.Body.(type) {
				case chat.Said:
					b.Message = message
					in.Body = b
				case chat.Edited:
					b.Message = message
					in.Body = b
				case chat.Deleted:
					b.Message = message
					in.Body = b
				}
				out = append(out, in)
			}
			return out
		}
		straight, atOnce := fmt.Sprintf("straight%d", round), fmt.Sprintf("atonce%d", round)
		for _, in := range told(straight) {
			together(t, d, other, in)
		}
		mixed := told(atOnce)
		mixed = append(mixed, mixed...)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		together(t, d, other, mixed...)
		want, ok := d.comment(straight)
		got, found := d.comment(atOnce)
		if !ok || !found {
			t.Fatalf("round %d: the comments are there: %v, %v", round, ok, found)
		}
		if diff := cmp.Diff(want, got, sameComment()); diff != "" {
			t.Errorf("round %d differs:\n%s", round, diff)
		}
	}
}

// TestReplyWhileWorkIsSentBack: what is said or changed at the moment in which work
// is sent back is released with the rest, and no change of it is undone.
func TestReplyWhileWorkIsSentBack(t *testing.T) {
	t.Parallel()
	d, other := replicas(t)
	d.withFirm()
	d.handedIn()
	card := d.waitCard(firmChannel, "#1")
	from := chat.Person{ID: "cora"}
	for round := range 20 {
		held, late := fmt.Sprintf("held%d", round), fmt.Sprintf("late%d", round)
		d.reply("cora", firmChannel, card.ID, held, "held")
		at := d.clock.Now()
		together(t, d, other,
			chat.Inbound{Key: "late" + held, At: at, From: from, Body: chat.Said{Message: late, Thread: card.ID, Text: "late"}},
			chat.Inbound{Key: "edit" + held, At: at, From: from, Body: chat.Edited{Message: held, Thread: card.ID, Text: "changed", Version: at}},
			chat.Inbound{Key: "back" + held, From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{Text: "sendback 1 Once more"}},
		)
		for _, message := range []string{held, late} {
			c, ok := d.comment(message)
			if !ok || c.Held {
				t.Errorf("round %d: %s is in the ledger: %v, held: %v", round, message, ok, c.Held)
			}
			if message == held && c.Text != "changed" {
				t.Errorf("round %d: the edit is lost: %q", round, c.Text)
			}
		}
		again := d.waitCard(firmChannel, "#1", "Complete", "Hand over")
		d.submit("cora", firmChannel, d.click("cora", firmChannel, again, "Complete").Form, map[string]string{"note": "Now"})
		d.waitCard(firmChannel, "#1")
	}
}

// TestOfferWhileAChannelIsUnlinked: a job that is offered at the moment in which a channel
// is taken from its firm has no open card in it.
func TestOfferWhileAChannelIsUnlinked(t *testing.T) {
	t.Parallel()
	d, _ := replicas(t)
	d.withFirm()
	d.p.addChannel("annex", "anna", "olivia")
	from := chat.Person{ID: "olivia"}
	for round := range 40 {
		expect(t, d.says("olivia", "annex", "contractor link acme here"), "annex")
		d.says("olivia", "ops", "new Boiler down")
		// How far the one is when the other begins is another each time.
		unlink := chat.Inbound{Key: fmt.Sprintf("unlink%d", round), From: from, Channel: "ops", Body: chat.Command{Text: "contractor unlink acme #annex"}}
		offer := chat.Inbound{Key: fmt.Sprintf("offer%d", round), From: from, Channel: "ops", Body: chat.Command{Text: fmt.Sprintf("assign %d acme", round+1)}}
		list := []chat.Inbound{offer, unlink}
		for n := range round % 10 {
			list = append(list, chat.Inbound{Key: fmt.Sprintf("note%d/%d", round, n), From: from, Channel: "ops", Body: chat.Command{Text: fmt.Sprintf("note %d Word", round+1)}})
		}
		together(t, d, d, list...)
		err := d.store.View(t.Context(), "main", func(tx storage.Tx) error {
			i, err := tx.IssueByNumber(t.Context(), round+1)
			if err != nil {
				return err
			}
			cards, err := tx.ListCards(t.Context(), i.ID)
			for _, c := range cards {
				if c.Kind == storage.AssignmentCard && c.Channel == "annex" {
					t.Errorf("round %d: an open card is in the channel that was unlinked", round)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
