package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// approved is a job that is complete.
func (d *desk) approved() fakePost {
	d.t.Helper()
	d.click("otto", "ops", d.handedIn(), "Approve")
	return d.waitCard("ops", "#1", "Close", "Reopen", "Rate")
}

func facts(p fakePost, label string) string {
	for _, f := range p.Message.Facts {
		if f.Label == label {
			return f.Value.String()
		}
	}
	return ""
}

// TestRating asks the requester once, takes the answer, and lets it be changed until the
// job has been closed for a while.
func TestRating(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.approved() // Olivia created the job.
	asked := d.waitText("ops", "how was the work of Acme Heating, Leeds on #1 Boiler down?")
	if asked.Thread != card.ID || asked.Message.Choice == nil || asked.Message.Text[0].Kind != chat.Mention || asked.Message.Text[0].Ref != "olivia" {
		t.Fatalf("asked %+v", asked)
	}
	// Others of the desk rate by the card.
	if a := d.press("otto", "ops", asked.ID, asked.Message.Choice.Token, "1"); a.Refused == "" {
		t.Error("somebody else answered what Olivia was asked")
	}
	expect(t, d.press("olivia", "ops", asked.ID, asked.Message.Choice.Token, "3").Message.Text.String(), "rated 3 of 5")
	d.waitPost("ops", "the rated card", func(p fakePost) bool { return strings.HasPrefix(facts(p, "Rating"), "★★★☆☆ 3 of 5") })
	form := d.press("olivia", "ops", asked.ID, asked.Message.Buttons[0].Token, "").Form
	if form == nil || form.Fields[0].Value != "3" {
		t.Fatalf("the form is %+v", form)
	}
	if a := d.submit("olivia", "ops", form, map[string]string{"stars": "9"}); a.FieldErrors["stars"] == "" {
		t.Errorf("nine stars gave %+v", a)
	}
	d.submit("olivia", "ops", form, map[string]string{"stars": "5", "text": "Mended at last <!channel>", "share": "false"})
	d.waitPost("ops", "the changed rating", func(p fakePost) bool { return strings.Contains(facts(p, "Rating"), "5 of 5 · Mended at last") })

	// Whoever offers the next job like it is told.
	d.says("olivia", "ops", "contractor topics acme boiler")
	d.says("olivia", "ops", "new Boiler leaks")
	if got := firmChoices(d.command("olivia", "ops", "assign 2").Form); got[0] != "Acme Heating, Leeds – boiler · 1 done · 5.0 of 5 · accepts 100%" {
		t.Errorf("the firms to choose from: %q", got)
	}

	// The firm learns nothing of it.
	d.drained()
	for _, p := range d.posts(firmChannel, "") {
		if strings.Contains(p.Message.Text.String()+facts(p, "Rating"), "Mended") || facts(p, "Rating") != "" {
			t.Errorf("the firm sees %+v", p)
		}
	}
	lacks(t, d.says("cora", firmChannel, "history 1"), "rated")
	lacks(t, d.says("cora", firmChannel, "show 1"), "Mended")
	expect(t, d.says("olivia", "ops", "history 1"), "Olivia rated the work of Acme Heating, Leeds 3 of 5", "5 of 5: Mended at last")
	if a := d.command("cora", firmChannel, "rate 1 5"); a.Refused != "forbidden" {
		t.Errorf("the firm rated itself: %+v", a)
	}

	// Until it is shared.
	form = d.click("otto", "ops", card, "Rate").Form
	d.submit("otto", "ops", form, map[string]string{"stars": "4", "text": "Good work", "share": "true"})
	d.waitPost(firmChannel, "the shared rating", func(p fakePost) bool { return strings.Contains(facts(p, "Rating"), "4 of 5 · Good work") })
	expect(t, d.says("cora", firmChannel, "history 1"), "Otto rated", "Good work")

	expect(t, d.says("olivia", "ops", "rate 1"), "FORM Rate #1")
	expect(t, d.says("olivia", "ops", "rate 1 good"), "from 1, the worst, to 5")
	expect(t, d.says("olivia", "ops", "rate 1 6"), "from 1, the worst, to 5")
	d.says("olivia", "ops", "close 1")
	expect(t, d.says("olivia", "ops", "rate 1 2 It broke again"), "rated 2 of 5")
	expect(t, d.says("olivia", "ops", "score acme"), "Rating: 2.0 of 5 from 1 rating")
	expect(t, d.says("olivia", "ops", "summary today"), "Rating: 2.0 of 5 from 1 rating")
	d.clock.Advance(15 * 24 * time.Hour)
	expect(t, d.says("olivia", "ops", "rate 1 5"), "closed more than two weeks ago")
	if n := has(d.events(1), "rated"); n != 4 {
		t.Errorf("%d ratings are in the history", n)
	}
}

// TestRatingIsAskedOnce: work that is reopened and completed again is not asked about
// again, and a job that a program made is asked about in the operations channel.
func TestRatingIsAskedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.approved()
	d.waitText("ops", "how was the work of")
	d.click("otto", "ops", card, "Reopen")
	firm := d.waitCard(firmChannel, "#1", "Complete", "Hand over")
	d.submit("cora", firmChannel, d.click("cora", firmChannel, firm, "Complete").Form, map[string]string{"note": "Once more"})
	d.click("otto", "ops", d.waitCard("ops", "#1", "Approve", "Send back", "Reply to firm", "Edit details"), "Approve")
	d.waitCard("ops", "#1", "Close", "Reopen", "Rate")
	d.drained()
	if n := len(d.posts("ops", "how was the work of")); n != 1 {
		t.Errorf("asked %d times", n)
	}

	d.handle(chat.Inbound{Workspace: "rest:api", From: chat.Person{ID: "t"}, Body: chat.Request{Verb: "new", Fields: map[string]string{"title": "By a program"}}})
	d.says("olivia", "ops", "assign 2 acme by 1h")
	d.click("cora", firmChannel, d.waitCard(firmChannel, "#2", "Accept", "Decline", "Suggest other terms"), "Accept")
	d.click("otto", "ops", d.waitCard("ops", "#2", "Reply to firm", "Edit details", "Amend terms", "Complete early", "Take back"), "Complete early")
	asked := d.waitText("ops", "How was the work of Acme Heating, Leeds on #2")
	if asked.Message.Choice != nil || len(asked.Message.Buttons) > 0 || slices.ContainsFunc(asked.Message.Text, func(s chat.Span) bool { return s.Kind == chat.Mention }) {
		t.Errorf("asked %+v", asked)
	}
}
