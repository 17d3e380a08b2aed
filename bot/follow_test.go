package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/settings"
	"taskbridge/storage"
)

// complete lets a firm's people take a job and the desk complete it.
func (d *desk) complete(number int) {
	d.t.Helper()
	d.accepts(number)
	expect(d.t, d.says("olivia", "ops", fmt.Sprintf("complete %d", number)), "is complete")
}

func (d *desk) accepts(number int) {
	d.t.Helper()
	if d.issue(number).Status == "reported" {
		expect(d.t, d.says("olivia", "ops", fmt.Sprintf("assign %d acme", number)), "offered")
	}
	card := d.waitCard(firmChannel, fmt.Sprintf("#%d ", number), offerButtons()...)
	d.click("cora", firmChannel, card, "Accept")
}

// line makes so many jobs.
func withJobs(t *testing.T, n int) *desk {
	t.Helper()
	d := newDesk(t)
	d.withFirm()
	for i := range n {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", i+1))
	}
	return d
}

func (d *desk) wantLine(number int, state string, followers ...int) {
	d.t.Helper()
	i := d.issue(number)
	got := ""
	if i.Follows != nil {
		got = fmt.Sprintf("%d %s", i.Follows.Number, i.Follows.State)
	}
	if got != state || !slices.Equal(i.Followers, followers) {
		d.t.Fatalf("#%d follows %q and is followed by %v, want %q and %v", number, got, i.Followers, state, followers)
	}
}

// TestFollow: a job waits with its offer prepared until another one is done, and is offered
// then, with its times counted from there.
func TestFollow(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 3)
	expect(t, d.says("olivia", "ops", "draft 2 acme by 3h due in 2 days"), "Job 2")
	expect(t, d.says("olivia", "ops", "follow 2 after 1"), "#2 Job 2 waits for #1", "offered to Acme Heating, Leeds as prepared")
	expect(t, d.says("olivia", "ops", "follow 3 1"), "#3 Job 3 waits for #1", "can be handed out")
	d.wantLine(1, "", 2, 3)
	d.wantLine(2, "1 waits")
	if got := d.issue(2); got.RemindAt != nil {
		t.Errorf("a job that waits lies with %s until %v", got.LiesWith, got.RemindAt)
	}
	expect(t, d.says("olivia", "ops", "list later"), "(2)", "#3 Job 3", "#2 Job 2")
	if got := d.says("olivia", "ops", "list new"); strings.Contains(got, "#2") || !strings.Contains(got, "#1 Job 1") {
		t.Errorf("new jobs are %s", got)
	}
	d.waitText("ops", "Waits for #1; then it is offered to Acme Heating, Leeds.")
	expect(t, d.says("olivia", "ops", "show 2"), "Waits for #1")

	d.accepts(1)
	d.clock.Advance(72 * time.Hour)
	at := d.clock.Now()
	expect(t, d.says("olivia", "ops", "complete 1"), "is complete")
	d.wantStatus(2, "allocated/assigned")
	d.wantLine(2, "1 went_on")
	a := d.issue(2).Assignments[0]
	near := func(got *time.Time, after time.Duration) bool { return got.Sub(at.Add(after)).Abs() < time.Minute }
	if !near(a.AcceptBy, 3*time.Hour) || !near(a.Terms.DueAt, 48*time.Hour) {
		t.Errorf("offered at %s with %s and %s", at, a.AcceptBy, a.Terms.DueAt)
	}
	d.waitCard(firmChannel, "#2 Job 2", offerButtons()...)
	d.waitText("ops", "#1 is done: this job is offered to Acme Heating, Leeds now.")
	d.waitText("ops", "#1 is done: this job can be handed out now.")
	d.wantStatus(3, "reported/")
	expect(t, d.says("olivia", "ops", "list new"), "#3 Job 3")
	history := d.says("olivia", "ops", "history 2")
	expect(t, history, "Olivia lets it wait for #1", "taskbridge let it go on after #1")
	if firms := d.says("cora", firmChannel, "history 2"); strings.Contains(firms, "#1") {
		t.Errorf("the firm reads %s", firms)
	}

	// What went on is not taken back; it is said, and happens no second time.
	expect(t, d.says("olivia", "ops", "reopen 1"), "open again")
	d.waitText("ops", "#1 was reopened. This job no longer waits for it and stays as it is.")
	d.says("olivia", "ops", "complete 1")
	d.wantStatus(2, "allocated/assigned")
	if posts := d.posts("ops", "#1 is done: this job is offered"); len(posts) != 1 {
		t.Errorf("it was told %d times", len(posts))
	}
}

// TestFollowClosed: when the one before is closed without being done, the desk is asked,
// and decides.
func TestFollowClosed(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 3)
	d.says("olivia", "ops", "draft 2 acme by 3h")
	d.says("olivia", "ops", "follow 2 after 1")
	d.says("olivia", "ops", "follow 3 after 1")
	d.says("olivia", "ops", "close 1")
	d.wantStatus(2, "reported/unsent")
	d.wantLine(2, "1 asked")
	var asked []fakePost
	d.untilInTime("both questions", func() bool {
		asked = d.posts("ops", "#1 was closed without being done, so this job still waits")
		return len(asked) == 2
	})
	// Open again: they wait as before, and the question is out of date.
	d.says("olivia", "ops", "reopen 1")
	d.wantLine(2, "1 waits")
	d.says("olivia", "ops", "close 1")
	d.untilInTime("the questions again", func() bool {
		asked = d.posts("ops", "#1 was closed without being done, so this job still waits")
		return len(asked) == 4
	})
	var done int
	for _, ask := range asked[:2] {
		if a := d.click("cora", "ops", ask, "Go on anyway"); a.Refused != "not_found" {
			t.Errorf("a firm got %+v", a)
		}
		got := d.click("otto", "ops", ask, "Go on anyway").Message.Text.String()
		if strings.Contains(got, "is offered to Acme") || strings.Contains(got, "can be handed out") {
			done++
		}
		expect(t, d.click("olivia", "ops", ask, "Go on anyway").Message.Text.String(), "waits for no other")
	}
	if done != 2 {
		t.Errorf("%d went on", done)
	}
	d.wantStatus(2, "allocated/assigned")
	d.wantStatus(3, "reported/")
}

// TestFollowRefused: no circles, bounds, and what the desk does by hand ends the waiting.
func TestFollowRefused(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 8)
	for text, want := range map[string]string{
		"follow":            "Usage",
		"follow 2":          "like /task follow 13 after 12",
		"follow 2 after x":  "like /task follow 13 after 12",
		"follow 2 after 99": "no such job",
		"follow 2 after 2":  "cannot wait for itself",
		"follow 2 off":      "waits for no other",
		"follow 2 now":      "waits for no other",
	} {
		expect(t, d.says("olivia", "ops", text), want)
	}
	expect(t, d.says("cora", firmChannel, "follow 2 after 1"), "only the desk")
	d.says("olivia", "ops", "follow 2 after 1")
	d.says("olivia", "ops", "follow 3 after 2")
	expect(t, d.says("olivia", "ops", "follow 1 after 3"), "#3 waits for this job itself")
	expect(t, d.says("olivia", "ops", "follow 2 after 1"), "waits for #1 already")
	for n := 4; n <= 7; n++ {
		expect(t, d.says("olivia", "ops", fmt.Sprintf("follow %d after 1", n)), "waits for #1")
	}
	expect(t, d.says("olivia", "ops", "follow 8 after 1"), "At most 5 jobs")
	expect(t, d.says("olivia", "ops", "follow 7 off"), "waits for no other job")
	d.wantLine(1, "", 2, 4, 5, 6)
	expect(t, d.says("olivia", "ops", "follow 6 after 5"), "#6 Job 6 waits for #5")
	d.wantLine(1, "", 2, 4, 5)
	d.wantLine(5, "1 waits", 6)
	// By hand: offered, closed.
	expect(t, d.says("olivia", "ops", "assign 4 acme"), "offered")
	d.says("olivia", "ops", "close 5")
	d.wantLine(1, "", 2)
	d.wantLine(6, "5 asked")
	expect(t, d.says("olivia", "ops", "follow 4 after 1"), "A firm has this job already")
	d.complete(1)
	expect(t, d.says("olivia", "ops", "follow 8 after 1"), "#1 is done")
	if lists := d.says("cora", firmChannel, "list later"); strings.Contains(lists, "Waiting for another") {
		t.Errorf("a firm has the list %s", lists)
	}
}

// TestFollowKept: what cannot be sent by itself stays prepared, and the desk is told.
func TestFollowKept(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 3)
	d.says("olivia", "ops", "draft 2 acme by 3h due 2026-11-24 12:00")
	d.says("olivia", "ops", "follow 2 after 1")
	d.accepts(1)
	d.clock.Advance(72 * time.Hour)
	d.says("olivia", "ops", "complete 1")
	d.waitText("ops", "#1 is done. The prepared offer could not be sent automatically")
	d.wantStatus(2, "reported/unsent")
	d.wantLine(2, "1 went_on")
	d.says("olivia", "ops", "draft 3 acme by 3h")
	d.says("olivia", "ops", "new Job 4")
	d.says("olivia", "ops", "follow 3 after 4")
	d.says("olivia", "ops", "contractor pause acme")
	expect(t, d.says("olivia", "ops", "follow 3 now"), "can be handed out", "The prepared offer was not sent: Acme Heating, Leeds is paused")
}

// TestNewAfter: the form of a new job lets it wait, with an offer prepared.
func TestNewAfter(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 1)
	form := d.handle(chat.Inbound{From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{Text: "new"}}).Form
	firm := ""
	for _, f := range form.Fields {
		if f.Name == "contractor" {
			firm = f.Options[0].Value
		}
	}
	values := map[string]string{"title": "Paint", "priority": "normal", "contractor": firm, "accept_by": "4h", "after": "9"}
	if a := d.submit("olivia", "ops", form, values); !strings.Contains(a.FieldErrors["after"], "no such job") {
		t.Fatalf("an unknown number gave %+v", a)
	}
	values["after"] = "#1"
	got := d.submit("olivia", "ops", form, values).Message.Text.String()
	expect(t, got, "#2 Paint", "waits for #1", "Acme Heating, Leeds as prepared")
	d.wantStatus(2, "reported/unsent")
	d.complete(1)
	d.wantStatus(2, "allocated/assigned")
}

// TestFollowAgain: a job that went on and waits for the same one again is followed by it
// once, and the desk is told once.
func TestFollowAgain(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 2)
	d.says("olivia", "ops", "follow 2 after 1")
	d.complete(1)
	d.wantLine(2, "1 went_on")
	d.says("olivia", "ops", "reopen 1")
	expect(t, d.says("olivia", "ops", "follow 2 after 1"), "waits for #1")
	d.wantLine(1, "", 2)
	d.says("olivia", "ops", "complete 1")
	d.wantLine(2, "1 went_on")
	d.says("olivia", "ops", "reopen 1")
	d.drained()
	if n := len(d.posts("ops", "#1 was reopened. This job no longer waits for it")); n != 2 {
		t.Errorf("of two reopenings it was told %d times", n)
	}
	// TestFollowTheNewestLimit: a step of an off-boarding that ends a job goes by the limit that
}

// another replica has set meanwhile.
func TestFollowTheNewestLimit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	d.accepted()
	d.says("olivia", "ops", "new Dear")
	expect(t, d.says("olivia", "ops", "draft 2 other by 3h price 250 EUR"), "Dear")
	expect(t, d.says("olivia", "ops", "follow 2 after 1"), "waits for #1")
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	is := settings.Default()
	is.Rights.Ceiling = "100.00 EUR"
	text, err := settings.Encode(is)
	if err == nil {
		err = d.store.Update(t.Context(), "main", func(tx storage.Tx) error { return tx.SetSetting(t.Context(), "desk", text) })
	}
	if err != nil {
		t.Fatal(err)
	}
	d.submit("olivia", "ops", form, map[string]string{"all": "close"})
	d.drained()
	d.wantStatus(1, "closed/complete")
	d.wantLine(2, "1 went_on")
}

// TestFollowClosedOnceMore: a job that was done, reopened as a whole and closed without more
// work is not done once more.
func TestFollowClosedOnceMore(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 2)
	d.complete(1)
	d.says("olivia", "ops", "close 1")
	expect(t, d.says("olivia", "ops", "reopen 1"), "open again")
	d.wantStatus(1, "reported/complete")
	d.says("olivia", "ops", "draft 2 acme by 3h")
	expect(t, d.says("olivia", "ops", "follow 2 after 1"), "waits for #1")
	d.says("olivia", "ops", "close 1")
	d.wantLine(2, "1 asked")
	d.wantStatus(2, "reported/unsent")
}

// TestFollowOverdue: what may not begin is not overdue, and is as soon as it may.
func TestFollowOverdue(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 1)
	d.handle(chat.Inbound{Workspace: "rest:api", From: chat.Person{ID: "t"}, Body: chat.Request{Verb: "new", Fields: map[string]string{"title": "Job 2", "due": "2h"}}})
	d.says("olivia", "ops", "follow 2 after 1")
	d.accepts(1)
	d.advance(3 * time.Hour)
	lacks(t, d.says("olivia", "ops", "list overdue"), "#2")
	if n := has(d.events(2), "overdue"); n != 0 {
		t.Errorf("a job that waits became overdue %d times", n)
	}
	expect(t, d.says("olivia", "ops", "complete 1"), "is complete")
	expect(t, d.says("olivia", "ops", "list overdue"), "#2 Job 2")
	d.advance(time.Minute)
	if n := has(d.events(2), "overdue"); n != 1 {
		t.Errorf("it became overdue %d times", n)
	}
}
