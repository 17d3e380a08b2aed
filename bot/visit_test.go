package bot_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// TestVisitAnswer: by the link to a job the customer answers to the time that the firm has
// planned. Both sides hear of it in their threads, another firm hears nothing; an answer
// that was sent twice counts once, and one to another time is refused.
func TestVisitAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.engine.ServeStatusAt("https://tasks.example/status/")
	card := d.accepted()
	m := regexp.MustCompile(`/status/(\S{32})`).FindStringSubmatch(d.says("olivia", "ops", "status-link 1"))
	if m == nil {
		t.Fatal("there is no link")
	}
	link := m[1]
	see := func() chat.StatusView {
		t.Helper()
		v, err := d.engine.StatusAt(t.Context(), link, "")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	answer := func(key, language string, v chat.VisitAnswer) chat.Answer {
		t.Helper()
		a, err := d.engine.AnswerVisitAt(t.Context(), link, language, key, v)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if v := see(); v.CanAnswer {
		t.Errorf("asked about no visit: %+v", v)
	}
	if a := answer("k0", "", chat.VisitAnswer{Answer: chat.VisitSuits}); a.Refused != "too_late" {
		t.Errorf("answered to no visit: %+v", a)
	}
	plan := func(from string) chat.StatusView {
		t.Helper()
		form := d.press("cora", firmChannel, card.ID, card.Message.Choice.Token, "step:Planned").Form
		d.submit("cora", firmChannel, form, map[string]string{"from": from, "till": "2h"})
		return see()
	}
	v := plan("in 26h")
	if !v.CanAnswer || v.Answer != "" || v.From.IsZero() {
		t.Fatalf("planned: %+v", v)
	}
	if a := answer("k1", "de", chat.VisitAnswer{Answer: chat.VisitSuits, From: v.From.Add(time.Hour), To: v.To}); a.Refused != "conflict" || !strings.Contains(a.Message.Text.String(), "neu geplant") {
		t.Errorf("to another time: %+v", a)
	}
	for range 2 {
		if a := answer("k2", "", chat.VisitAnswer{Answer: chat.VisitSuits, From: v.From, To: v.To}); a.Refused != "" {
			t.Errorf("agreed: %+v", a)
		}
	}
	if v := see(); v.Answer != chat.VisitSuits || !v.CanAnswer {
		t.Errorf("agreed: %+v", v)
	}
	for _, where := range []string{"ops", firmChannel} {
		d.until(where+" to hear of it", func() bool { return len(d.posts(where, "The customer agrees to")) == 1 })
	}
	if a := answer("k3", "", chat.VisitAnswer{Answer: chat.VisitAnother, Text: "After 5, <please> & *thanks*", From: v.From, To: v.To}); a.Refused != "" {
		t.Errorf("another time: %+v", a)
	}
	for _, where := range []string{"ops", firmChannel} {
		d.until(where+" to hear of another time", func() bool {
			return len(d.posts(where, "The customer asks for another time")) == 1 && strings.Contains(d.dump(where), "asks for another time: After 5, <please> & *thanks*")
		})
	}
	if got := d.issue(1).Assignments[0].VisitAnswer; got == nil || got.Answer != "another" || got.Text != "After 5, <please> & *thanks*" {
		t.Errorf("programs read %+v", got)
	}
	if got := d.dump(rivalChannel); strings.Contains(got, "customer") {
		t.Errorf("another firm reads\n%s", got)
	}
	expect(t, d.says("cora", firmChannel, "history 1"), "The customer asked for another time")
	if v := plan("in 50h"); v.Answer != "" || v.Text != "" || !v.CanAnswer {
		t.Errorf("planned anew: %+v", v)
	}
	d.until("the card to be drawn anew", func() bool {
		card = d.waitCard(firmChannel, "#1", "Complete", "Hand over")
		return d.press("cora", firmChannel, card.ID, card.Message.Choice.Token, "step:Travel").Refused == ""
	})
	if v := see(); v.CanAnswer || v.Answer != "" {
		t.Errorf("on the way: %+v", v)
	}
	if _, err := d.engine.AnswerVisitAt(t.Context(), link[:16]+strings.Repeat("a", 16), "", "k4", chat.VisitAnswer{Answer: chat.VisitSuits}); err == nil {
		t.Error("a forged link is taken")
	}
}
