package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// links are the links of a post, each with what is read.
func links(p fakePost) (all []string) {
	for _, s := range p.Message.Text {
		if s.Kind == chat.Link {
			all = append(all, s.Text+" "+s.Ref)
		}
	}
	return all
}

// withLinks gives messages addresses.
func (d *desk) withLinks() {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	d.p.links = true
}

// cardLink is where the card with a title is opened that stands in a channel.
func (d *desk) cardLink(channel, title string) string {
	return d.p.Permalink(channel, d.waitPost(channel, "card "+title, func(p fakePost) bool { return strings.HasPrefix(p.Message.Title, title) }).ID)
}

// TestOneReminderOfAllThatWaits: each side gets one message, in its own channel, about
// its own jobs.
func TestOneReminderOfAllThatWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withLinks()
	d.withFirm()
	d.withRival()
	for _, line := range []string{
		"new Boiler down", "new Gutter loose", "new Lift stuck", "new Roof leaks", "new SECRET door",
		"assign 3 acme by 5d", "assign 4 acme by 5d", "assign 5 other by 5d",
	} {
		d.says("olivia", "ops", line)
		d.clock.Advance(10 * time.Minute)
	}
	d.drained()
	d.advance(23 * time.Hour)
	d.drained()
	if all := d.posts("ops", "wait for you"); len(all) != 1 || all[0].Thread != "" {
		t.Fatalf("the desk got %v", all)
	} else if text := all[0].Message.Text.String(); !strings.Contains(text, "2 jobs wait for you") || !strings.Contains(text, "#1 Boiler down") || !strings.Contains(text, "#2 Gutter") {
		t.Errorf("the desk reads %s", text)
	}
	if got, want := links(d.posts("ops", "wait for you")[0]), []string{"#1 " + d.cardLink("ops", "#1"), "#2 " + d.cardLink("ops", "#2")}; !slices.Equal(got, want) {
		t.Errorf("the desk is led to %v, want %v", got, want)
	}
	d.advance(time.Hour)
	d.drained()
	firms := d.posts(firmChannel, "wait for you")
	if len(firms) != 1 || !strings.Contains(firms[0].Message.Text.String(), "2 jobs wait for you") {
		t.Fatalf("the firm got %v", firms)
	}
	lacks(t, firms[0].Message.Text.String(), "SECRET")
	if got, want := links(firms[0]), []string{"#3 " + d.cardLink(firmChannel, "#3"), "#4 " + d.cardLink(firmChannel, "#4")}; !slices.Equal(got, want) {
		t.Errorf("the firm is led to %v, want %v", got, want)
	}
	if one := d.posts(rivalChannel, "Reminder: the desk waits for you here"); len(one) != 1 || one[0].Thread == "" {
		t.Errorf("the other firm, with one job, got %v", one)
	}
	d.advance(time.Hour)
	d.drained()
	if n := len(d.posts(firmChannel, "wait for you")) + len(d.posts("ops", "wait for you")); n != 2 {
		t.Errorf("%d messages after another hour", n)
	}

	// The firm puts both off; somebody else cannot.
	later := token(t, firms[0].Message, "Next week")
	if a := d.press("dora", rivalChannel, "", later, ""); a.Refused == "" {
		t.Errorf("from another channel: %+v", a)
	}
	a := d.press("cora", firmChannel, firms[0].ID, later, "")
	if !strings.Contains(a.Message.Text.String(), "reminded of 2 jobs again") {
		t.Errorf("the button said %+v", a)
	}
	if got := d.issue(3).RemindAt.UTC().Format(time.RFC3339); got != "2026-11-30T09:00:00Z" {
		t.Errorf("put off to %s", got)
	}
	if n := has(d.events(3), "snoozed"); n != 1 {
		t.Errorf("snoozed %d times", n)
	}
	d.advance(48 * time.Hour)
	d.drained()
	if n := len(d.posts(firmChannel, "wait for you")); n != 1 {
		t.Errorf("reminded %d times though it was put off", n)
	}
}

// TestRemindersWaitForWorkingHours, and what came due meanwhile comes together.
func TestRemindersWaitForWorkingHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.deskWorks(map[string]string{"zone": "Europe/Berlin", "hours": "Mon–Fri 08:00–17:00", "holidays": "2026-11-30 A holiday"})
	d.at("2026-11-26T17:00:00Z")
	d.says("olivia", "ops", "new Boiler down")
	d.at("2026-11-26T20:00:00Z")
	d.says("olivia", "ops", "new Gutter loose")
	d.drained()
	d.at("2026-11-27T20:01:00Z") // Friday evening.
	d.at("2026-11-30T12:00:00Z") // The holiday.
	d.drained()
	if n := len(d.posts("ops", "wait")); n != 0 {
		t.Errorf("reminded %d times while nobody works", n)
	}
	d.at("2026-12-01T07:00:30Z")
	d.drained()
	all := d.posts("ops", "2 jobs wait for you")
	if len(all) != 1 {
		t.Fatalf("got %v", all)
	}
	a := d.press("olivia", "ops", all[0].ID, token(t, all[0].Message, "Remind me tomorrow"), "")
	if a.Refused != "" || d.issue(1).RemindAt.UTC().Format(time.RFC3339) != "2026-12-02T08:00:00Z" {
		t.Errorf("put off: %+v, %v", a, d.issue(1).RemindAt)
	}
	d.says("olivia", "ops", "close 1")
	d.says("olivia", "ops", "close 2")
	if a := d.press("olivia", "ops", all[0].ID, token(t, all[0].Message, "Next week"), ""); a.Refused != "too_late" {
		t.Errorf("closed jobs: %+v", a)
	}
	if a := d.press("sam", "ops", all[0].ID, token(t, all[0].Message, "Next week"), ""); a.Refused != "forbidden" {
		t.Errorf("a stranger: %+v", a)
	}
}

// TestReminderBesideOneThatWasMoved: a job that was dealt with after it was found takes no
// reminder from the others.
func TestReminderBesideOneThatWasMoved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	d.says("olivia", "ops", "new Boiler down")
	d.clock.Advance(20 * time.Hour)
	d.says("olivia", "ops", "new Gutter loose")
	var ids []string
	err := d.store.View(t.Context(), "main", func(tx storage.Tx) error {
		for _, number := range []int{1, 2} {
			i, err := tx.IssueByNumber(t.Context(), number)
			if err != nil {
				return err
			}
			ids = append(ids, i.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.clock.Advance(4 * time.Hour)
	d.handle(chat.Inbound{
		Workspace: "system:clock", From: chat.Person{ID: "clock"}, Body: chat.Deadline{Kind: "remind_round", Subject: strings.Join(ids, " ")},
	})
	d.waitText("ops", "Reminder: #1 Boiler down")
}

// withPages is a platform with a page about each job.
type withPages struct{ *fakePlatform }

func (p withPages) JobLink(number int) string {
	return fmt.Sprint("https://pages.example/jobs/", number)
}

// TestRemindersLeadToPages where jobs have some, and the managers to theirs, too.
func TestRemindersLeadToPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	p := newFakePlatform(otherWorkspace)
	p.addPerson("oscar", chat.Member, true)
	p.addChannel("ops2", "oscar")
	p.addChannel("mgmt", "oscar")
	if err := d.engine.Attach(t.Context(), withPages{p}, "", ""); err != nil {
		t.Fatal(err)
	}
	second := *d
	second.p, second.second = p, d.p
	expect(t, second.says("oscar", "ops2", "here operations"), "operations channel")
	expect(t, second.says("oscar", "mgmt", "here managers"), "managers channel")
	d.limits(map[string]string{"escalate": "2h"})
	for n, title := range []string{"Boiler down", "Gutter loose"} {
		d.says("olivia", "ops", "new "+title)
		form := d.click("olivia", "ops", d.issueCard(fmt.Sprint("#", n+1)), "Edit details").Form
		d.submit("olivia", "ops", form, map[string]string{"title": title, "priority": "normal", "due": "1h"})
	}
	d.advance(61 * time.Minute)
	d.drained()
	d.advance(121 * time.Minute)
	d.drained()
	want := []string{"#1 https://pages.example/jobs/1", "#2 https://pages.example/jobs/2"}
	for _, channel := range []string{"ops2", "mgmt"} {
		if got := links(second.waitText(channel, "2 jobs are overdue")); !slices.Equal(got, want) {
			t.Errorf("%s is led to %v", channel, got)
		}
	}
}
