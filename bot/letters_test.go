package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// gathered has something waiting to be shown to the first firm, and gives its card.
func (d *desk) gathered(m *fakeMail, words string) fakePost {
	d.t.Helper()
	letters := d.mail(m)
	card := letters.waitCard(acmeAddress, "#1", "Accept", "Decline", "Suggest other terms")
	d.says("olivia", "ops", "comment 1 "+words)
	d.until("what is gathered", func() bool {
		n := 0
		err := d.store.View(d.t.Context(), "main", func(tx storage.Tx) error {
			list, err := tx.Gathered(d.t.Context(), mailWorkspace, acmeAddress, card.ID)
			n = len(list)
			return err
		})
		return err == nil && n > 0
	})
	return card
}

// TestLettersHaveTime: a server may look at a letter for longer than any chat platform
// takes, without being sent it again.
func TestLettersHaveTime(t *testing.T) {
	t.Parallel()
	d, m := byMail(t)
	left := make(chan time.Duration, 10)
	m.deliver(func(ctx context.Context, _ chat.Bundle) error {
		until, _ := ctx.Deadline()
		left <- time.Until(until)
		return nil
	})
	d.gathered(m, "Mind the dog")
	d.advance(2 * time.Minute)
	d.until("the letter", func() bool { return len(left) > 0 })
	if got := <-left; got < 2*time.Minute {
		t.Errorf("the letter has %s", got)
	}
}

// TestLetterWithTooMuch: files that a letter cannot take do not keep its words back, and
// the desk hears that they did not get through.
func TestLetterWithTooMuch(t *testing.T) {
	t.Parallel()
	d, m := byMail(t)
	m.deliver(func(_ context.Context, b chat.Bundle) error {
		if !b.WithoutFiles {
			return &chat.SendError{Reason: chat.TooLarge, Retry: true}
		}
		return nil
	})
	card := d.gathered(m, "Mind the dog")
	d.handle(chat.Inbound{From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{
		Text: "comment 1 The plan", Files: []chat.KeptFile{d.given("plan.png", []byte("the plan"))},
	}})
	d.until("the file to be gathered", func() bool {
		n := 0
		err := d.store.View(t.Context(), "main", func(tx storage.Tx) error {
			list, err := tx.Gathered(t.Context(), mailWorkspace, acmeAddress, card.ID)
			n = len(list)
			return err
		})
		return err == nil && n == 3
	})
	d.advance(2 * time.Minute)
	d.untilInTime("the letter", func() bool { return len(m.bundles(acmeAddress)) == 1 })
	expect(t, m.bundles(acmeAddress)[0], "Mind the dog | The plan")
	d.drainedInTime()
	if n := len(d.posts("ops", "send the files another way")); n != 1 {
		t.Errorf("the desk is told %d times", n)
	}
}

// TestLettersThatAreNotTaken: the desk hears of it after a while, once for an address, and
// the letter goes out when the server takes letters again.
func TestLettersThatAreNotTaken(t *testing.T) {
	t.Parallel()
	d, m := byMail(t)
	m.deliver(func(context.Context, chat.Bundle) error {
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
	})
	d.says("olivia", "ops", "new Second")
	d.says("olivia", "ops", "assign 2 acme")
	d.mail(m).waitCard(acmeAddress, "#2", "Accept", "Decline", "Suggest other terms")
	d.says("olivia", "ops", "comment 2 Ring twice")
	d.gathered(m, "Mind the dog")
	d.advance(2 * time.Minute)
	parked := func() int {
		list, err := d.store.ParkedLanes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	d.until("the letters to be parked", func() bool {
		if inFlight, _ := d.outbox(); !inFlight && parked() < 2 {
			d.advance(10 * time.Minute)
		}
		return parked() == 2
	})
	d.until("the desk to be told", func() bool { return len(d.posts("ops", "has taken no letter")) > 0 })
	if n := len(d.posts("ops", acmeAddress+" (the mail server has taken no letter")); n != 1 {
		t.Errorf("the desk is told %d times:\n%s", n, d.dump("ops"))
	}
	// When it takes letters again, it takes them without their files.
	m.deliver(func(_ context.Context, b chat.Bundle) error {
		if !b.WithoutFiles {
			return &chat.SendError{Reason: chat.TooLarge, Retry: true}
		}
		return nil
	})
	d.untilInTime("the letters", func() bool { return strings.Contains(strings.Join(m.bundles(acmeAddress), " "), "Mind the dog") })
}

// TestOffboardedByMail: what was said to a firm before it was off-boarded reaches it, and
// what could not be sent by then never does.
func TestOffboardedByMail(t *testing.T) {
	t.Parallel()
	for name, blocked := range map[string]bool{"in time": false, "too late": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, m := byMail(t)
			if blocked {
				m.deliver(func(context.Context, chat.Bundle) error {
					return &chat.SendError{Reason: chat.Unavailable, Retry: true}
				})
			}
			d.gathered(m, "Mind the dog")
			form := d.command("olivia", "ops", "contractor offboard acme").Form
			d.submit("olivia", "ops", form, map[string]string{"all": "keep"})
			d.untilInTime("the address to be closed", func() bool {
				var ch storage.Channel
				err := d.store.View(t.Context(), "main", func(tx storage.Tx) (err error) {
					ch, err = tx.Channel(t.Context(), mailWorkspace, acmeAddress)
					return err
				})
				return err == nil && ch.State == "closed"
			})
			m.deliver(nil)
			d.drainedInTime()
			if got := strings.Join(m.bundles(acmeAddress), " "); strings.Contains(got, "Mind the dog") == blocked {
				t.Errorf("the firm was shown %q", got)
			}
			d.mail(m).waitText(acmeAddress, "ended its work with you")
			d.neverSaid("ops", "could not be archived")
		})
	}
}
