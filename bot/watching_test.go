package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/storage"
)

// newsTo gives what somebody was told privately of what they watch.
func (d *desk) newsTo(who string) (out []string) {
	for _, p := range d.posts("dm-"+who, "") {
		out = append(out, p.Message.Text.String())
	}
	return out
}

// watches counts what somebody watches.
func (d *desk) watches(who string) (n int) {
	d.t.Helper()
	err := d.store.View(d.t.Context(), "main", func(tx storage.Tx) error {
		list, err := tx.Watches(d.t.Context(), d.p.Workspace()+"/"+who)
		n = len(list)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// TestWatching tells an operator and a manager of what others do with the job they watch,
// once, together, and nobody else.
func TestWatching(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "new Nobody looks")
	expect(t, d.says("olivia", "ops", "watch"), "Jobs you watch")
	expect(t, d.says("olivia", "ops", "watch 1"), "You watch #1 Boiler down")
	expect(t, d.says("olivia", "ops", "watch 1"), "already")
	expect(t, d.says("mona", managers, "watch 1"), "You watch #1")
	expect(t, d.says("olivia", "ops", "watch 9"), "no such job")
	for _, text := range []string{"watch 1", "watch", "unwatch 1", "list watching"} {
		expect(t, d.says("cora", firmChannel, text), "Only the desk")
	}
	expect(t, d.says("olivia", "ops", "list watching"), "#1 Boiler down")
	if said := d.says("olivia", "ops", "list watching"); strings.Contains(said, "#2") {
		t.Errorf("the list says %q", said)
	}
	expect(t, d.says("olivia", "ops", "list watching person:cora"), "Leave the person out")

	// What she does herself is no news to her, and is to the manager.
	d.says("olivia", "ops", "assign 1 acme by 2h")
	d.advance(3 * time.Minute)
	d.until("the manager is told", func() bool { return len(d.newsTo("mona")) == 1 })
	expect(t, d.newsTo("mona")[0], "News of 1 job that you watch", "#1 Boiler down", "olivia offered")
	if all := d.newsTo("olivia"); len(all) > 0 {
		t.Errorf("olivia is told %q", all)
	}

	card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	d.click("cora", firmChannel, card, "Accept")
	d.reply("cora", firmChannel, card.ID, "m1", "On my way")
	d.says("olivia", "ops", "note 1 A secret")
	d.says("olivia", "ops", "new Something else")
	d.advance(3 * time.Minute)
	d.until("she is told", func() bool { return len(d.newsTo("olivia")) == 1 })
	expect(t, d.newsTo("olivia")[0], "#1 Boiler down", "accepted it", "On my way")
	if strings.Contains(d.newsTo("olivia")[0], "secret") {
		t.Errorf("a note is told: %q", d.newsTo("olivia"))
	}

	// Who no longer wants to hear, and who is no longer of the desk, hear nothing.
	expect(t, d.says("olivia", "ops", "unwatch 1"), "no longer watch #1")
	expect(t, d.says("olivia", "ops", "unwatch 1"), "do not watch #1")
	d.until("the manager is told again", func() bool { return len(d.newsTo("mona")) == 2 })
	d.leaves("mona", managers)
	d.reply("cora", firmChannel, card.ID, "m2", "Done soon")
	d.advance(3 * time.Minute)
	d.until("her watch ends", func() bool { return d.watches("mona") == 0 })
	if len(d.newsTo("olivia")) != 1 || len(d.newsTo("mona")) != 2 {
		t.Errorf("they are told %q and %q", d.newsTo("olivia"), d.newsTo("mona"))
	}
}

// TestWatchersOfAWorkspaceThatIsGone keep nobody else waiting, however many they are.
func TestWatchersOfAWorkspaceThatIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("anna", "ops", "new Boiler down")
	expect(t, d.says("olivia", "ops", "watch 1"), "You watch #1")
	err := d.store.Update(t.Context(), "main", func(tx storage.Tx) error {
		list, err := tx.Watches(t.Context(), d.p.Workspace()+"/olivia")
		for n := 0; err == nil && n < 60; n++ {
			w := list[0]
			w.Person = fmt.Sprintf("!gone/%02d", n)
			err = tx.PutWatch(t.Context(), w)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.says("anna", "ops", "close 1")
	d.advance(3 * time.Minute)
	d.until("she is told", func() bool { return len(d.newsTo("olivia")) == 1 })
}

// TestWatchersAreToldInWorkingHours keeps news for the morning, in one message.
func TestWatchersAreToldInWorkingHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withMona()
	d.deskWorks(map[string]string{"hours": "Mon–Fri 08:00–17:00", "zone": "UTC"})
	d.at("2026-11-25T18:00:00Z")
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "new Tap drips")
	d.says("mona", managers, "watch 1")
	d.says("mona", managers, "watch 2")
	d.says("olivia", "ops", "assign 1 acme by 2026-11-27 12:00")
	d.says("olivia", "ops", "close 2")
	d.at("2026-11-25T22:00:00Z")
	if err := d.engine.TellWatchers(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.drained()
	if all := d.newsTo("mona"); len(all) > 0 {
		t.Errorf("at night she is told %q", all)
	}
	d.at("2026-11-26T08:00:00Z")
	d.until("she is told in the morning", func() bool { return len(d.newsTo("mona")) > 0 })
	all := d.newsTo("mona")
	if len(all) != 1 {
		t.Errorf("she is told %q", all)
	}
	expect(t, all[0], "News of 2 jobs", "#1 Boiler down", "#2 Tap drips", "closed it")
}

// TestWatchersHearOfWhatWasHeld while work waited for approval: when it is released, once.
func TestWatchersHearOfWhatWasHeld(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	ops := d.handedIn()
	d.says("otto", "ops", "watch 1")
	d.reply("cora", firmChannel, d.waitCard(firmChannel, "#1").ID, "h1", "One more thing")
	d.clock.Advance(3 * time.Minute)
	if err := d.engine.TellWatchers(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.submit("olivia", "ops", d.click("olivia", "ops", ops, "Send back").Form, map[string]string{"reason": "Photo?"})
	d.advance(3 * time.Minute)
	d.until("otto is told", func() bool { return len(d.newsTo("otto")) == 1 })
	told := d.newsTo("otto")[0]
	expect(t, told, "sent the work back", "One more thing")
	if n := strings.Count(told, "One more thing"); n != 1 {
		t.Errorf("he reads it %d times: %q", n, told)
	}
}
