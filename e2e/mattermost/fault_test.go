package mattermost_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// fault takes something away and gives it back.
type fault struct {
	name       string
	take, give func(t *testing.T, s *scene)
	// down is true when the product itself is away, so that its API is too.
	down bool
}

func faults() []fault {
	return []fault{
		{
			name: "line cut",
			take: func(_ *testing.T, s *scene) { s.Proxy.Cut() },
			give: func(t *testing.T, s *scene) {
				s.Proxy.Restore()
				s.Product.Ready(t)
			},
		},
		{
			name: "product stopped",
			take: func(t *testing.T, s *scene) { s.Product.Stop(t) },
			give: func(t *testing.T, s *scene) { s.Product.Start(t) },
			down: true,
		},
		{
			name: "product killed",
			take: func(_ *testing.T, s *scene) { s.Product.Kill() },
			give: func(t *testing.T, s *scene) { s.Product.Start(t) },
			down: true,
		},
	}
}

// What is written, edited and deleted while the product cannot hear it is found
// afterwards: nothing is lost, nothing is doubled.
func TestFaultMissedEvents(t *testing.T) {
	t.Parallel()
	for _, engine := range []harness.Engine{harness.Postgres15, harness.SQLite} {
		for _, f := range faults() {
			t.Run(fmt.Sprintf("%s on %s", f.name, engine), func(t *testing.T) {
				t.Parallel()
				missedEvents(t, setUp(t, engine), f)
			})
		}
	}
}

func missedEvents(t *testing.T, s *scene, f fault) {
	n, desk, card := s.accepted(t, "Boiler down at 4 Elm St")
	kept := s.Cora.Reply(t, card, "kept")
	mended := s.Cora.Reply(t, card, "mendd")
	gone := s.Carl.Reply(t, card, "gone")
	inside := s.Otto.Reply(t, desk, "inside")
	s.waitForLedger(t, n, "shared kept", "shared mendd", "shared gone", "internal inside")

	f.take(t, s)
	s.Cora.Edit(t, mended, "mended")
	s.Carl.Delete(t, gone)
	s.Cora.Reply(t, card, "missed")
	brief := s.Carl.Reply(t, card, "brief")
	s.Carl.Delete(t, brief)
	s.Otto.Edit(t, inside, "inside, edited")
	s.Otto.Reply(t, desk, "inside, missed")
	want := []string{"shared kept", "shared mended", "shared (deleted)", "shared missed", "internal inside, edited", "internal inside, missed"}
	if !f.down {
		// The product is there and takes orders; they go out when they can.
		s.API.Do(t, http.MethodPost, fmt.Sprintf("/issues/%d/comments", n), map[string]any{"text": "from the desk"}, nil)
		want = append(want, "shared from the desk")
	}
	f.give(t, s)

	// A reply that was made and deleted unseen may be known or not: a contractor's
	// word that nobody read is no history that must be kept.
	s.Cora.Reply(t, card, "after")
	want = append(want, "shared after")
	s.waitForLedgerOr(t, n, want, append(append([]string(nil), want...), "shared (deleted)"))
	if !f.down {
		s.waitForReply(t, s.Cora, card, "from the desk")
	}

	// Whatever would come late or twice comes before the answer to one more round.
	s.Proxy.Drop()
	s.Cora.Edit(t, kept, "kept, edited")
	s.Cora.Reply(t, card, "last")
	want[0] = "shared kept, edited"
	want = append(want, "shared last")
	s.waitForLedgerOr(t, n, want, append(append([]string(nil), want...), "shared (deleted)"))
	if !f.down {
		s.waitForReply(t, s.Cora, card, "from the desk")
	}
	// The job itself is where it was and can go on.
	s.waitForButtons(t, s.Cora, card, "Complete")
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "Pump fitted."})
	s.waitForStatus(t, n, "waiting_approval")
}

// A card that is deleted while the product cannot hear it takes its replies along, as
// the server does, and is posted anew; what is said under the new one counts.
func TestFaultMissedDeletionOfACard(t *testing.T) {
	t.Parallel()
	for _, f := range faults()[:2] {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := setUp(t, harness.SQLite)
			n, _, card := s.accepted(t, "Blocked drain")
			told := s.Cora.Reply(t, card, "told")
			s.waitForLedger(t, n, "shared told")
			f.take(t, s)
			s.Cora.Edit(t, told, "told, edited")
			s.Carl.Reply(t, card, "missed")
			s.Admin.Delete(t, card)
			f.give(t, s)
			again := s.Cora.WaitForPost(t, s.firm.Id, "a new card", func(p *model.Post) bool {
				return s.isCard(p, n) && p.Id != card.Id && p.DeleteAt == 0
			})
			s.Cora.Reply(t, again, "under the new card")
			// A reply that went with the card before anybody heard of it may be known.
			s.waitForLedgerOr(t, n, []string{"shared (deleted)", "shared under the new card"},
				[]string{"shared (deleted)", "shared (deleted)", "shared under the new card"})
			if text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task history %d", n)); !harness.Contains(text, "told", "under the new card", "Synced with Mattermost up to") {
				t.Errorf("the history reads %q", text)
			}
			s.waitForButtons(t, s.Cora, again, "Complete")
		})
	}
}

// What the product had promised when it was killed is done once afterwards.
func TestFaultKilledWhileSending(t *testing.T) {
	t.Parallel()
	for _, engine := range []harness.Engine{harness.Postgres15, harness.SQLite} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			s := setUp(t, engine)
			n, _, card := s.accepted(t, "Boiler down at 4 Elm St")
			const rounds, each = 3, 4
			for round := range rounds {
				for i := range each {
					s.API.Do(t, http.MethodPost, fmt.Sprintf("/issues/%d/comments", n), map[string]any{"text": fmt.Sprintf("order %d%d.", round, i)}, nil)
				}
				s.Product.Kill()
				s.Product.Start(t)
			}
			// A send that the kill cut off is tried again only when its lease has run
			// out, so this takes longer than anything else.
			start := time.Now()
			harness.Within(t, 4*time.Minute, "every order to arrive", func() error {
				for i := range rounds * each {
					text := fmt.Sprintf("order %d%d.", i/each, i%each)
					if got := countInThread(t, s.Cora, card, text); got != 1 {
						return fmt.Errorf("%q is there %d times", text, got)
					}
				}
				return nil
			})
			t.Logf("the last order arrived %s after the last start", time.Since(start).Round(time.Second))
			// One more order shows that nothing was still to come, and that the order
			// of the orders was kept.
			s.API.Do(t, http.MethodPost, fmt.Sprintf("/issues/%d/comments", n), map[string]any{"text": "order last."}, nil)
			s.waitForReply(t, s.Cora, card, "order last.")
			thread, err := s.Cora.Thread(t.Context(), card.Id)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range thread {
				if i := indexFold(harness.Show(p), "order "); p.RootId != "" && i >= 0 {
					got = append(got, harness.Show(p)[i:])
				}
			}
			if len(got) != rounds*each+1 {
				t.Errorf("%d orders arrived, not %d: %q", len(got), rounds*each+1, got)
			}
			for i := range got[:len(got)-1] {
				if want := fmt.Sprintf("order %d%d.", i/each, i%each); !harness.Contains(got[i], want) {
					t.Errorf("order %d is %q, not %q", i, got[i], want)
				}
			}
			if all, err := s.API.Comments(t.Context(), n); err != nil || len(all) != rounds*each+1 {
				t.Errorf("the ledger has %d comments, error %v", len(all), err)
			}
		})
	}
}

// Mattermost acts and its answer is lost: what was posted is not posted again.
func TestFaultAnswerLost(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n, _, card := s.accepted(t, "Boiler down at 4 Elm St")
	say := func(text string) {
		s.API.Do(t, http.MethodPost, fmt.Sprintf("/issues/%d/comments", n), map[string]any{"text": text}, nil)
	}
	s.Product.Settled(t)
	s.Proxy.Deafen()
	say("order first.")
	say("order second.")
	s.Cora.Eventually(t, "the first order to arrive", func() error {
		if countInThread(t, s.Cora, card, "order first.") == 0 {
			return errorf("it has not")
		}
		return nil
	})
	s.Proxy.Restore()
	say("order last.")
	harness.Within(t, 2*time.Minute, "the last order to arrive", func() error {
		if countInThread(t, s.Cora, card, "order last.") == 0 {
			return errorf("it has not")
		}
		return nil
	})
	for _, text := range []string{"order first.", "order second.", "order last."} {
		s.waitForReply(t, s.Cora, card, text)
	}
	s.waitForLedger(t, n, "shared order first.", "shared order second.", "shared order last.")
}

// A click that was answered has happened, even when the product dies at once.
func TestFaultKilledAfterClick(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	desk, card := s.deskCard(t, n), s.offer(t, n)
	s.Cora.Click(t, card, "Accept")
	s.Product.Kill()
	// Nobody is there: the press fails visibly and does nothing.
	if res := s.Cora.ClickAction(t.Context(), card, harness.ActionID(t, card, "Decline")); res.Err == nil {
		t.Error("a press that nobody heard was answered")
	}
	s.Product.Start(t)
	s.waitForStatus(t, n, "accepted")
	s.waitForButtons(t, s.Cora, card, "Start", "Complete")
	s.waitForCard(t, s.Olivia, desk, "Accepted")
	if got := s.countEvents(t, n, "accept"); got != 1 {
		t.Errorf("it was accepted %d times", got)
	}
}

// The Mattermost server itself goes away and comes back. This test takes it from
// every other one, so it does not run beside them.
func TestFaultServerRestart(t *testing.T) {
	s := setUp(t, harness.Postgres15)
	n, _, card := s.accepted(t, "Boiler down at 4 Elm St")
	s.Cora.Reply(t, card, "before")
	s.waitForLedger(t, n, "shared before")

	if err := env.Server.Stop(); err != nil {
		t.Fatal(err)
	}
	s.API.Do(t, http.MethodPost, fmt.Sprintf("/issues/%d/comments", n), map[string]any{"text": "meanwhile"}, nil)
	if err := env.Server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Cora.Reply(t, card, "after")
	s.waitForLedger(t, n, "shared before", "shared meanwhile", "shared after")
	s.waitForReply(t, s.Cora, card, "meanwhile")
	s.Cora.Reply(t, card, "last")
	s.waitForLedger(t, n, "shared before", "shared meanwhile", "shared after", "shared last")
	s.waitForReply(t, s.Cora, card, "meanwhile")
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "Pump fitted."})
	s.waitForStatus(t, n, "waiting_approval")
}
