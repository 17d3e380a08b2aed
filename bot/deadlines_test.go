package bot_test

import (
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

func TestOfferRunsOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered() // It may be answered for two hours, and is warned half an hour before.
	d.advance(time.Hour)
	if n := has(d.events(1), "warned"); n != 0 {
		t.Fatalf("warned %d times after an hour", n)
	}
	d.advance(35 * time.Minute)
	warning := d.waitText(firmChannel, "Please answer this offer")
	if warning.Thread != card.ID || len(warning.Message.Text) == 0 || warning.Message.Text[0].Kind != chat.Everyone {
		t.Errorf("the warning is %+v", warning)
	}
	d.advance(10 * time.Minute)
	if n := has(d.events(1), "warned"); n != 1 {
		t.Errorf("warned %d times", n)
	}
	d.wantStatus(1, "allocated/assigned")
	d.advance(20 * time.Minute)
	d.wantStatus(1, "reported/declined")
	d.waitText("ops", "did not answer in time")
	d.waitText(firmChannel, "The time to answer is over")
	d.waitCard(firmChannel, "#1")
	d.waitCard("ops", "#1", "Offer elsewhere", "Edit details", "Close", "Ask somebody outside")
	expect(t, d.click("cora", firmChannel, card, "Accept").Message.Text.String(), "time to answer ended")
	d.fire()
	if n := has(d.events(1), "expired"); n != 1 {
		t.Errorf("expired %d times", n)
	}
}

// TestClickAtTheLastMoment accepts when the time is over but the clock has not come
// by yet: what counts is when the firm answered.
func TestClickAtTheLastMoment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait time.Duration
		want string
	}{
		"just in time": {2*time.Hour - 5*time.Second, "allocated/accepted"},
		"just late":    {2 * time.Hour, "reported/declined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			card := d.offered()
			d.clock.Advance(c.wait)
			a := d.click("cora", firmChannel, card, "Accept")
			if (a.Refused == "") != strings.HasSuffix(c.want, "accepted") || a.Message.Text.Empty() {
				t.Errorf("the click: %+v", a)
			}
			d.advance(time.Minute)
			d.wantStatus(1, c.want)
		})
	}
}

func TestReminders(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	expect(t, d.says("olivia", "ops", "remind 1 2h"), "reminder of #1")
	expect(t, d.says("olivia", "ops", "remind 1 0m"), "future")
	expect(t, d.says("olivia", "ops", "remind 1"), "usage")
	d.advance(time.Hour)
	if has(d.events(1), "reminded") != 0 {
		t.Error("reminded too early")
	}
	d.advance(61 * time.Minute)
	d.waitText("ops", "Reminder: #1 Boiler down waits for the desk")
	d.fire()
	if n := has(d.events(1), "reminded"); n != 1 {
		t.Errorf("reminded %d times", n)
	}
	d.advance(25 * time.Hour)
	if n := has(d.events(1), "reminded"); n != 2 {
		t.Errorf("reminded %d times after another day", n)
	}
	d.says("olivia", "ops", "close 1")
	d.advance(30 * 24 * time.Hour)
	if n := has(d.events(1), "reminded"); n != 2 {
		t.Errorf("a closed job was reminded of: %d times", n)
	}
}

func TestReminderOfTheFirm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.says("olivia", "ops", "remind 1 1h")
	d.advance(61 * time.Minute)
	if p := d.waitText(firmChannel, "Reminder:"); p.Thread != card.ID {
		t.Errorf("reminded outside of the thread: %+v", p)
	}
}

func TestOverdue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.handle(chat.Inbound{Workspace: "rest:api", From: chat.Person{ID: "t"}, Body: chat.Request{Verb: "new", Fields: map[string]string{"title": "Boiler", "due": "2h"}}})
	d.says("olivia", "ops", "assign 1 acme by 1h")
	d.click("cora", firmChannel, d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms"), "Accept")
	d.advance(121 * time.Minute)
	d.waitText("ops", "Overdue: #1")
	d.waitText(firmChannel, "Overdue: this job")
	d.waitPost("ops", "an overdue card", func(p fakePost) bool {
		return len(p.Message.Facts) > 0 && strings.Contains(p.Message.Facts[0].Value.String(), "overdue")
	})
	d.fire()
	if n := has(d.events(1), "overdue"); n != 1 {
		t.Errorf("overdue %d times", n)
	}
	form := d.click("olivia", "ops", d.issueCard("#1"), "Edit details").Form
	d.submit("olivia", "ops", form, map[string]string{"title": "Boiler", "priority": "normal", "due": "tomorrow 9am"})
	lacks(t, d.says("olivia", "ops", "list"), "overdue")
	d.advance(24 * time.Hour)
	if n := has(d.events(1), "overdue"); n != 2 {
		t.Errorf("the new due date was not watched: overdue %d times", n)
	}
}

// TestClockJumps moves the clock back and forth around a deadline.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.offered()
	d.advance(110 * time.Minute)
	for range 3 {
		d.advance(-10 * time.Minute)
		d.advance(9 * time.Minute)
	}
	d.wantStatus(1, "allocated/assigned")
	d.advance(15 * time.Minute)
	d.wantStatus(1, "reported/declined")
	d.advance(-10 * time.Minute)
	d.wantStatus(1, "reported/declined")
	if has(d.events(1), "warned") != 1 || has(d.events(1), "expired") != 1 {
		t.Errorf("events %v", d.events(1))
	}
	// With the clock back, the desk goes on working.
	expect(t, d.says("olivia", "ops", "assign 1 acme by 5m"), "offered")
	d.advance(6 * time.Minute)
	d.wantStatus(1, "reported/declined,declined")
}
