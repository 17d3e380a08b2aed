package bot_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// limits sets the desk's time limits by the form.
func (d *desk) limits(values map[string]string) {
	d.t.Helper()
	d.admin()
	if a := d.submit("anna", "ops", d.section("anna", "sla"), values); a.Refused != "" {
		d.t.Fatalf("the limits: %+v", a)
	}
}

// shownFacts are the facts of a card in one text.
func shownFacts(p fakePost) string {
	var b strings.Builder
	for _, f := range p.Message.Facts {
		b.WriteString(f.Label + ": " + f.Value.String() + "\n")
	}
	return b.String()
}

// TestTimeLimits warns of limits before they are broken and says once that they are, to
// each side in one message about all of its jobs.
func TestTimeLimits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.limits(map[string]string{"limits": "normal | 2h | 4h | 8h"})
	for _, line := range []string{
		"new Boiler down", "new Gutter loose", "new SECRET door",
		"assign 1 acme by 5d", "assign 2 acme by 5d", "assign 3 other by 5d",
	} {
		d.says("olivia", "ops", line)
	}
	first := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	if !strings.Contains(shownFacts(first), "Time limits: accept by 23 Nov 2026 11:00 UTC") {
		t.Errorf("the firm's card says %s", shownFacts(first))
	}
	d.advance(89 * time.Minute)
	d.drained()
	if n := len(d.posts("ops", "time limit")); n != 0 {
		t.Errorf("warned too early, %d times", n)
	}
	d.advance(2 * time.Minute)
	d.drained()
	if all := d.posts("ops", "3 jobs are near the end of a time limit"); len(all) != 1 || all[0].Thread != "" {
		t.Errorf("the desk got %v", all)
	}
	all := d.posts(firmChannel, "2 jobs are near the end of a time limit")
	if len(all) != 1 {
		t.Fatalf("the firm got %v", all)
	}
	lacks(t, all[0].Message.Text.String(), "SECRET")
	if one := d.posts(rivalChannel, "Please answer this offer soon"); len(one) != 1 || one[0].Thread == "" {
		t.Errorf("the other firm got %v", one)
	}

	d.click("cora", firmChannel, first, "Accept")
	d.advance(30 * time.Minute)
	d.drained()
	d.fire()
	d.drained()
	if all := d.posts("ops", "2 jobs have missed a time limit"); len(all) != 1 {
		t.Errorf("of the breaches the desk got %v", all)
	}
	for number, want := range map[int]int{1: 0, 2: 1, 3: 1} {
		if n := has(d.events(number), "limit_broken"); n != want {
			t.Errorf("#%d broke %d limits, want %d", number, n, want)
		}
	}
	if card := d.issueCard("#2"); !strings.Contains(shownFacts(card), "Time limits missed: not accepted by 23 Nov 2026 11:00 UTC") {
		t.Errorf("the desk's card says %s", shownFacts(card))
	}
	expect(t, d.says("olivia", "ops", "list breached"), "#3")
	own := d.says("cora", firmChannel, "list breached")
	expect(t, own, "#2")
	lacks(t, own, "#1")
	lacks(t, own, "#3")

	working := d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	if !strings.Contains(shownFacts(working), "start by 23 Nov 2026 14:31 UTC; complete by 23 Nov 2026 18:31 UTC") {
		t.Errorf("the card of accepted work says %s", shownFacts(working))
	}
}

// TestTimeLimitsForPrograms tells programs how each limit of an assignment stands.
func TestTimeLimitsForPrograms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.limits(map[string]string{"limits": "normal | 2h | 4h | 8h"})
	states := func() string {
		t.Helper()
		var all []string
		for _, l := range d.issue(1).Assignments[0].TimeLimits {
			line := fmt.Sprintf("%s of %d %s", l.Limit, l.AllowedMinutes, l.State)
			for _, at := range []*time.Time{l.EndsAt, l.KeptAt, l.MissedAt} {
				if at != nil {
					line += " " + at.Format("15:04")
				}
			}
			if l.LeftMinutes != nil {
				line += fmt.Sprintf(" with %d", *l.LeftMinutes)
			}
			all = append(all, line)
		}
		return strings.Join(all, ", ")
	}
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme by 5d")
	if got, want := states(), "accept of 120 running 11:00"; got != want {
		t.Errorf("offered: %s, want %s", got, want)
	}
	d.advance(time.Hour)
	d.click("cora", firmChannel, d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms"), "Accept")
	if got, want := states(), "accept of 120 kept 10:00, start of 240 running 14:00, complete of 480 running 18:00"; got != want {
		t.Errorf("accepted: %s, want %s", got, want)
	}
	d.advance(5 * time.Hour)
	d.drained()
	form := d.command("cora", firmChannel, "pause 1").Form
	if a := d.submit("cora", firmChannel, form, map[string]string{"reason": form.Fields[0].Options[0].Value}); a.Refused != "" {
		t.Fatalf("the pause: %+v", a)
	}
	got := states()
	if want := "accept of 120 kept 10:00, start of 240 missed 14:00, complete of 480 held with 180"; got != want {
		t.Errorf("late and paused: %s, want %s", got, want)
	}
}

// TestLimitBrokenWhileDown notes a breach once though nobody was there at the moment, and
// two replicas look for it at once.
func TestLimitBrokenWhileDown(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(*testing.T) *desk{
		"sqlite": func(t *testing.T) *desk { t.Helper(); return newDesk(t) },
		"postgres": func(t *testing.T) *desk {
			t.Helper()
			d, _ := replicas(t)
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := database(t)
			d.withFirm()
			d.limits(map[string]string{"limits": "normal | 2h | - | -", "warn": "0"})
			d.says("olivia", "ops", "new Boiler down")
			d.says("olivia", "ops", "assign 1 acme by 5d")
			card := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
			d.stop()
			d.clock.Advance(3 * time.Hour)
			d.start()
			other, stop := d.anotherEngine()
			defer stop()
			done := make(chan error, 2)
			for range 2 {
				go func() { done <- other.FireDue(t.Context()) }()
			}
			d.fire()
			for range 2 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			d.drained()
			if n := has(d.events(1), "limit_broken"); n != 1 {
				t.Errorf("noted %d times", n)
			}
			if n := len(d.posts(firmChannel, "should have been accepted by")); n != 1 {
				t.Errorf("the firm was told %d times", n)
			}
			d.click("cora", firmChannel, card, "Accept")
			d.wantStatus(1, "allocated/accepted")
			if n := has(d.events(1), "limit_broken"); n != 1 {
				t.Errorf("noted %d times after the answer", n)
			}
		})
	}
}

// TestOverdueIsEscalated tells the desk, and after a working day of silence its managers,
// in one message; who takes note is left alone.
func TestOverdueIsEscalated(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withLinks()
	d.withFirm()
	d.withManagers()
	d.limits(map[string]string{"escalate": "2h"})
	for n, title := range []string{"Boiler down", "Gutter loose", "Lift stuck", "Door jammed"} {
		d.says("olivia", "ops", "new "+title)
		form := d.click("olivia", "ops", d.issueCard("#"+string(rune('1'+n))), "Edit details").Form
		d.submit("olivia", "ops", form, map[string]string{"title": title, "priority": "normal", "due": "1h"})
	}
	d.advance(61 * time.Minute)
	d.drained()
	all := d.posts("ops", "4 jobs are overdue")
	if len(all) != 1 || all[0].Thread != "" {
		t.Fatalf("the desk got %v", all)
	}
	if got := links(all[0]); len(got) != 4 || got[3] != "#4 "+d.cardLink("ops", "#4") {
		t.Errorf("the desk's links are %v", got)
	}
	if n := len(d.posts("mgmt", "overdue")); n != 0 {
		t.Errorf("the managers got %d messages at once", n)
	}
	if a := d.press("sam", "ops", all[0].ID, token(t, all[0].Message, "Take note"), ""); a.Refused != "forbidden" {
		t.Errorf("a stranger: %+v", a)
	}
	expect(t, d.says("olivia", "ops", "seen 3"), "You took note of #3 Lift stuck")
	expect(t, d.says("otto", "ops", "seen 3"), "took note of this already")
	expect(t, d.says("olivia", "ops", "remind 4 1d"), "reminder of #4")
	d.drained()
	if !strings.Contains(shownFacts(d.issueCard("#3")), "overdue, noted by Olivia") {
		t.Errorf("the card says %s", shownFacts(d.issueCard("#3")))
	}
	d.advance(121 * time.Minute)
	d.drained()
	d.fire()
	d.drained()
	told := d.posts("mgmt", "2 jobs are overdue, and nobody at the desk took note")
	if len(told) != 1 {
		t.Fatalf("the managers got %v", d.posts("mgmt", ""))
	}
	if got := links(told[0]); len(got) > 0 {
		t.Errorf("the managers are led to cards in a channel that they may not see: %v", got)
	}
	if text := told[0].Message.Text.String(); !strings.Contains(text, "#1 Boiler down") || !strings.Contains(text, "#2 Gutter loose") || strings.Contains(text, "#3") || strings.Contains(text, "#4") {
		t.Errorf("the managers read %s", text)
	}
	d.advance(24 * time.Hour)
	d.drained()
	if n := has(d.events(4), "escalated"); n != 1 {
		t.Errorf("what was put off was escalated %d times after that", n)
	}
	for number, want := range map[int]int{1: 1, 2: 1, 3: 0} {
		if n := has(d.events(number), "escalated"); n != want {
			t.Errorf("#%d was escalated %d times, want %d", number, n, want)
		}
	}
	// All of the first message were dealt with, and the button says so.
	if a := d.press("otto", "ops", all[0].ID, token(t, all[0].Message, "Take note"), ""); !strings.Contains(a.Message.Text.String(), "You took note of 3 jobs") {
		t.Errorf("the button: %+v", a)
	}
}

// TestCountDownOnCards draws the cards of an offer anew at a few moments.
func TestCountDownOnCards(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.offered()
	d.drained()
	if !strings.Contains(shownFacts(card), "less than 2 hours left") {
		t.Errorf("the new card says %s", shownFacts(card))
	}
	before := d.called("update")
	for range 60 {
		d.advance(time.Minute)
	}
	d.drained()
	card = d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
	if !strings.Contains(shownFacts(card), "less than 1 hour left") || !strings.Contains(shownFacts(d.issueCard("#1")), "less than 1 hour left") {
		t.Errorf("after an hour the cards say %s and %s", shownFacts(card), shownFacts(d.issueCard("#1")))
	}
	if n := d.called("update") - before; n > 2 {
		t.Errorf("%d updates of two cards in an hour", n)
	}
	if n := len(d.events(1)); n != 2 {
		t.Errorf("the count-down is in the history: %v", d.events(1))
	}
}

// TestAnswerAndExpiryAtOnce lets a firm answer at the moment at which its time ends, in
// both orders and truly at once: the answer counts or comes too late, and never both.
func TestAnswerAndExpiryAtOnce(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) (d, other *desk){
		"sqlite": func(t *testing.T) (*desk, *desk) {
			t.Helper()
			d := newDesk(t)
			return d, d
		},
		"postgres, two replicas": replicas,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, other := open(t)
			d.withFirm()
			outcomes := map[string]int{}
			for n := 1; n <= 12; n++ {
				d.says("olivia", "ops", "new Boiler down")
				d.says("olivia", "ops", "assign "+strconv.Itoa(n)+" acme by 2h")
				card := d.waitCard(firmChannel, "#"+strconv.Itoa(n), "Accept", "Decline", "Suggest other terms")
				by := *d.issue(n).Assignments[0].AcceptBy
				accept := chat.Inbound{
					Key: "accept" + strconv.Itoa(n), From: chat.Person{ID: "cora"},
					Body: chat.Click{Message: card.ID, Token: token(t, card.Message, "Accept")},
				}
				answer := func() { together(t, d, other, accept) }
				expire := func() {
					if err := other.engine.FireDue(t.Context()); err != nil {
						t.Error(err)
					}
				}
				switch n % 3 {
				case 0: // The answer is first, in time.
					d.clock.Advance(by.Sub(d.clock.Now()) - 500*time.Millisecond)
					answer()
					d.clock.Advance(time.Second)
					expire()
				case 1: // The clock is first.
					d.clock.Advance(by.Sub(d.clock.Now()))
					expire()
					answer()
				case 2: // Both at once, while the last milliseconds pass.
					d.clock.Advance(by.Sub(d.clock.Now()) - time.Duration(n)*time.Millisecond)
					var both sync.WaitGroup
					both.Go(answer)
					both.Go(expire)
					both.Wait()
					d.clock.Advance(time.Minute)
					expire()
				}
				events := d.events(n)
				got := d.status(n)
				outcomes[got]++
				switch accepted, expired := has(events, "accepted"), has(events, "expired"); {
				case got == "allocated/accepted" && accepted == 1 && expired == 0 && n%3 != 1:
				case got == "reported/declined" && accepted == 0 && expired == 1 && n%3 != 0:
				default:
					t.Errorf("order %d: %s after %v", n%3, got, events)
				}
			}
			if outcomes["allocated/accepted"] < 4 || outcomes["reported/declined"] < 4 {
				t.Errorf("the outcomes are %v", outcomes)
			}
		})
	}
}
