package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// withManagers makes a managers' channel.
func (d *desk) withManagers() {
	d.t.Helper()
	d.p.addPerson("mary", chat.Member, false)
	d.p.addChannel("mgmt", "mary", "anna")
	expect(d.t, d.says("anna", "mgmt", "here managers"), "managers channel")
	d.p.fileBytes = 100_000
}

// day moves the clock to an hour of a day of November 2026 and lets what is due happen.
func (d *desk) day(day, hour int) {
	d.t.Helper()
	to := time.Date(2026, 11, day, hour, 0, 1, 0, time.UTC)
	d.advance(to.Sub(d.clock.Now()))
	d.drained()
}

// digests are the summaries in the managers' channel.
func (d *desk) digests() []string {
	var titles []string
	for _, p := range d.posts("mgmt", "") {
		if strings.HasPrefix(p.Message.Title, "Summary: ") && p.Thread == "" {
			titles = append(titles, strings.TrimPrefix(p.Message.Title, "Summary: "))
		}
	}
	return titles
}

// TestDigests moves the clock over a week: a summary on each working day, and one for
// the week, each with its picture.
func TestDigests(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withManagers()
	d.accepted() // On Monday, the 23rd.
	d.day(23, 20)
	if got := d.digests(); len(got) > 0 {
		t.Fatalf("sent before their time: %v", got)
	}
	for day := 24; day <= 30; day++ {
		d.day(day, 7)
		d.day(day, 8)
		d.fire()
	}
	d.drained()
	got := d.digests()
	slices.Sort(got)
	want := []string{
		"Friday 27 to Sunday 29 November", "Monday 23 November", "Thursday 26 November", "Tuesday 24 November",
		"Wednesday 25 November", "week from 23 November to 29 November",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the summaries are %q, want %q", got, want)
	}
	first := d.waitPost("mgmt", "the first summary", func(p fakePost) bool { return strings.Contains(p.Message.Title, "Monday 23 November") })
	expect(t, first.Message.Text.String(), "1 job was created", "Offers: 1 made, 1 accepted")
	chart := d.waitPost("mgmt", "its picture", func(p fakePost) bool { return p.Thread == first.ID })
	if len(chart.Files) != 1 {
		t.Errorf("the picture is %+v", chart)
	}
	expect(t, chart.Message.Text.String(), "Jobs created and closed on each day from Tue 10 Nov to Mon 23 Nov: 1 and 0 in all")
}

// TestDigestWithoutPicture: where files are not taken, the summary stands for itself and
// nothing is held up by its picture.
func TestDigestWithoutPicture(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withManagers()
	d.p.mu.Lock()
	d.p.fail = func(method string) error {
		if strings.HasPrefix(method, "upload") {
			return &chat.SendError{Reason: chat.MissingScope}
		}
		return nil
	}
	d.p.mu.Unlock()
	d.day(24, 8)
	d.waitPost("mgmt", "the summary", func(p fakePost) bool { return strings.Contains(p.Message.Title, "Monday 23 November") })
	d.day(25, 8)
	d.waitPost("mgmt", "the next one", func(p fakePost) bool { return strings.Contains(p.Message.Title, "Tuesday 24 November") })
	notes := d.command("olivia", "ops", "summary").Message.Notes
	if last := notes[len(notes)-1].String(); last != "Delivery: all is well." {
		t.Errorf("after a picture that was refused: %s", last)
	}
}

// TestDigestOnTwoReplicas: both find a summary due, and it is sent once. One that came
// due while nobody ran is sent late.
func TestDigestOnTwoReplicas(t *testing.T) {
	t.Parallel()
	d, other := replicas(t)
	other.keys = 1_000_000
	d.withFirm()
	d.withManagers()
	d.clock.Advance(24 * time.Hour)
	done := make(chan error, 2)
	for _, on := range []*desk{d, other} {
		go func() { done <- on.engine.FireDue(t.Context()) }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	d.drained()
	d.fire()
	other.fire()
	d.drained()
	if got := d.digests(); !slices.Equal(got, []string{"Monday 23 November"}) {
		t.Fatalf("the summaries are %q", got)
	}
	d.clock.Advance(50 * time.Hour) // Thursday, past its hour.
	d.fire()
	d.drained()
	if got := d.digests(); !slices.Equal(got, []string{"Monday 23 November", "Wednesday 25 November"}) {
		t.Fatalf("the summaries are %q", got)
	}
}

// TestPostSummary has the one who asked show a summary to all.
func TestPostSummary(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.p.fileBytes = 100_000
	d.withFirm()
	d.accepted()
	a := d.command("olivia", "ops", "summary week acme")
	expect(t, a.Message.Title+a.Message.Text.String(), "the last 7 days · Acme Heating, Leeds", "1 accepted")
	expect(t, d.press("olivia", "ops", "", token(t, a.Message, "Post it here with a chart"), "").Message.Text.String(), "on its way")
	posted := d.waitPost("ops", "the summary", func(p fakePost) bool { return strings.HasPrefix(p.Message.Title, "Summary: ") })
	d.waitPost("ops", "its picture", func(p fakePost) bool { return p.Thread == posted.ID && len(p.Files) == 1 })
	if a := d.press("otto", "ops", "", token(t, a.Message, "Post it here with a chart"), ""); a.Refused == "" {
		t.Error("somebody else pressed the button of a private answer")
	}
}

// TestScore shows a firm its own score and no other's.
func TestScore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	card := d.accepted()
	expect(t, d.says("olivia", "ops", "score acme"), "Score: Acme Heating, Leeds", "1 accepted")
	expect(t, d.says("olivia", "ops", "score"), "usage")
	expect(t, d.says("olivia", "ops", "score nobody"), "no firm")
	expect(t, d.says("cora", firmChannel, "score"), "Score: Acme Heating, Leeds", "1 accepted")
	expect(t, d.says("cora", firmChannel, "score acme"), "Score: Acme Heating, Leeds")
	for _, name := range []string{"rival", "Bolt", "xyz"} {
		a := d.command("cora", firmChannel, "score "+name)
		expect(t, a.Message.Text.String(), "your own firm's score only")
		if a.Refused != "forbidden" {
			t.Errorf("score %s: %q", name, a.Refused)
		}
	}
	if a := d.command("sam", "elsewhere", "score acme"); a.Refused != "forbidden" {
		t.Errorf("a stranger saw a score: %+v", a)
	}
	d.says("olivia", "ops", "close 1")
	card = d.waitPost(firmChannel, "the finished card", func(p fakePost) bool {
		return p.ID == card.ID && slices.ContainsFunc(p.Message.Buttons, func(b chat.Button) bool { return b.Label == "Our score" })
	})
	expect(t, d.click("cora", firmChannel, card, "Our score").Message.Title, "Score: Acme Heating, Leeds")
	if a := d.click("sam", firmChannel, card, "Our score"); a.Refused != "forbidden" {
		t.Errorf("a stranger saw a score: %+v", a)
	}
}
