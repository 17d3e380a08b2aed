package bot_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// history is a desk with much open work, of which the platform keeps the threads.
type history struct {
	*desk
	h *historian
	// least is the fewest calls that can tell of everything that was missed.
	least int
}

// bigDesk makes channels with so many open jobs each. A part of the threads has
// replies, among other messages that nobody needs. All is on the platform and nothing
// of it in the ledger.
func bigDesk(t *testing.T, page, channels, jobs int) *history {
	t.Helper()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	d.drained()
	b := &history{desk: d, h: withHistory(d)}
	b.h.page = page
	dice := rand.New(rand.NewPCG(1, 2)) // The same desk each time.
	number := 0
	for n := range channels {
		id := fmt.Sprintf("C%d", n)
		d.p.addChannel(id, "cora")
		var quiet []bool // Of each message that starts a thread, whether only a look at it tells that it is quiet.
		err := d.store.Update(t.Context(), "main", func(tx storage.Tx) error {
			if err := tx.PutChannel(t.Context(), storage.Channel{Workspace: workspace, ID: id, Kind: storage.OperationsChannel, Name: id}); err != nil {
				return err
			}
			for range jobs {
				number++
				for range dice.IntN(3) {
					b.post(id, "chatter")
					quiet = append(quiet, false)
				}
				card := storage.Card{
					ID: fmt.Sprintf("D%d", number), Kind: storage.IssueCard, Issue: fmt.Sprintf("I%d", number),
					Workspace: workspace, Channel: id, Message: b.post(id, "a card"),
				}
				if _, err := tx.InsertIssue(t.Context(), storage.Issue{Issue: workflow.Issue{ID: card.Issue, Status: workflow.Reported}}); err != nil {
					return err
				}
				if err := tx.PutCard(t.Context(), card); err != nil {
					return err
				}
				replies := 0
				if dice.IntN(10) < 3 {
					replies = 1 + dice.IntN(60)
				}
				for range replies {
					b.h.reply("cora", id, card.Message, "missed")
				}
				// A thread with replies has to be read, for an edit shows nowhere else.
				b.least += (replies + page - 2) / (page - 1)
				quiet = append(quiet, replies == 0)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := len(quiet) - 1; i >= 0; i-- {
			if quiet[i] {
				b.least++
				i -= page - 1
			}
		}
	}
	return b
}

func (b *history) post(channel, text string) string {
	b.p.mu.Lock()
	defer b.p.mu.Unlock()
	b.p.next++
	m := &fakePost{ID: fmt.Sprintf("m%d", b.p.next), Message: chat.Message{Text: chat.T(text)}}
	b.p.channels[channel].posts = append(b.p.channels[channel].posts, m)
	return m.ID
}

// TestReplayCalls counts what a comparison of everything costs beside the fewest
// calls that can do it, under both of Slack's limits.
func TestReplayCalls(t *testing.T) {
	t.Parallel()
	for _, desk := range []struct{ channels, jobs int }{{2, 80}, {10, 16}, {30, 4}} {
		for name, page := range map[string]int{"internal": 200, "distributed": 15} {
			t.Run(fmt.Sprintf("%d channels of %d jobs, %s", desk.channels, desk.jobs, name), func(t *testing.T) {
				t.Parallel()
				b := bigDesk(t, page, desk.channels, desk.jobs)
				b.missed("")
				b.reconciled()
				ratio := float64(b.h.calls) / float64(b.least)
				t.Logf("%d calls, at least %d are needed: %.2f", b.h.calls, b.least, ratio)
				if ratio > 1.1 {
					t.Errorf("%d calls are %.2f of the %d that are needed", b.h.calls, ratio, b.least)
				}
				// And when nothing is missing, a look over each channel.
				b.h.calls = 0
				b.clock.Advance(time.Hour)
				b.reconciled()
				t.Logf("%d calls when nothing is missing", b.h.calls)
			})
		}
	}
}
