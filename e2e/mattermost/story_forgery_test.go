package mattermost_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// refused checks an answer to a forged request: a refusal to the caller, or a text
// for a person, never a crash.
func refused(t *testing.T, what string, a harness.Answer) {
	t.Helper()
	switch {
	case a.Status == http.StatusOK && len(strings.Trim(a.Body, "{} \n")) > 0:
	case a.Status >= 400 && a.Status < 500:
	default:
		t.Errorf("%s: answered %d %q", what, a.Status, a.Body)
	}
}

// Chapter nine: of two people who press at once, one wins and the other is told.
func TestStoryDoubleClick(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	card := s.offer(t, n)
	accept := harness.ActionID(t, card, "Accept")

	var all sync.WaitGroup
	results := make([]*harness.Result, 6)
	for i := range results {
		all.Go(func() {
			u := []*harness.User{s.Cora, s.Carl}[i%2]
			results[i] = u.ClickAction(t.Context(), card, accept)
		})
	}
	all.Wait()
	s.waitForStatus(t, n, "accepted")
	won := 0
	for _, r := range results {
		// The server itself refuses a press on a card that has changed already.
		if r.Err == nil {
			won++
		}
	}
	if won == 0 {
		t.Error("no press got through")
	}
	if got := s.countEvents(t, n, "accept"); got != 1 {
		t.Errorf("it was accepted %d times", got)
	}
	issue, err := s.API.Issue(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if len(issue.Assignments) != 1 {
		t.Errorf("there are %d assignments", len(issue.Assignments))
	}

	// The same request again, and a stale button's, change nothing.
	press := s.Gate.Last(t, "/mattermost/actions")
	again := s.Gate.Replay(t, press, nil)
	if again.Status >= 500 {
		t.Errorf("a repeated request was answered %d %q", again.Status, again.Body)
	}
	late := s.Gate.Replay(t, press, func(m map[string]any) { m["user_id"], m["trigger_id"] = s.Carl.ID, "late" })
	if late.Status != http.StatusOK || len(late.Body) < 10 {
		t.Errorf("who came late is not told: %d %q", late.Status, late.Body)
	}
	if got := s.countEvents(t, n, "accept"); got != 1 {
		t.Errorf("it was accepted %d times in the end", got)
	}
}

// A press on a button of the past is answered and has no effect.
func TestStoryStaleClick(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	card := s.offer(t, n)
	// Olivia sees the firm's card too, but it is not hers to accept.
	text := s.Olivia.Click(t, card, "Accept").Ephemeral(t)
	forPeople(t, "an operator accepts for the firm", text)
	s.waitForStatus(t, n, "assigned")
	press := s.Gate.Last(t, "/mattermost/actions")

	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task cancel %d", n))
	s.waitForStatus(t, n, "canceled")
	answer := s.Gate.Replay(t, press, func(m map[string]any) { m["user_id"], m["trigger_id"] = s.Cora.ID, "stale" })
	if answer.Status != http.StatusOK || len(answer.Body) < 10 {
		t.Errorf("a stale press was answered %d %q", answer.Status, answer.Body)
	}
	s.waitForStatus(t, n, "canceled")
}

// Whoever reaches the product without Mattermost, or alters what a button holds,
// achieves nothing.
func TestStoryForgedAction(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	card := s.offer(t, n)
	s.Olivia.Click(t, card, "Accept").Ephemeral(t)
	press := s.Gate.Last(t, "/mattermost/actions")
	asCora := func(m map[string]any) { m["user_id"], m["user_name"] = s.Cora.ID, s.Cora.Username }

	for what, alter := range map[string]func(map[string]any){
		"no context":        func(m map[string]any) { delete(m, "context") },
		"an empty context":  func(m map[string]any) { m["context"] = map[string]any{} },
		"a stranger":        func(m map[string]any) { m["user_id"] = s.Sam.ID },
		"an unknown person": func(m map[string]any) { m["user_id"] = "abcdefghijklmnopqrstuvwxyz" },
		"nobody":            func(m map[string]any) { m["user_id"] = "" },
		"another channel":   func(m map[string]any) { asCora(m); m["channel_id"] = s.Operations.Id },
		"an altered token": func(m map[string]any) {
			asCora(m)
			for key, v := range m["context"].(map[string]any) {
				if text, ok := v.(string); ok && len(text) > 4 {
					m["context"].(map[string]any)[key] = "x" + text[:len(text)-2] + "zz"
				}
			}
		},
	} {
		answer := s.Gate.Replay(t, press, alter)
		refused(t, what, answer)
		if got := s.status(t, n); got != "assigned" {
			t.Fatalf("%s: it became %s", what, got)
		}
	}
	for what, body := range map[string]string{"nothing": "", "no JSON": "hello", "a list": "[]", "null": "null", "deep": strings.Repeat(`{"context":`, 200) + "1" + strings.Repeat("}", 200)} {
		for _, path := range []string{"/mattermost/actions", "/mattermost/dialogs"} {
			refused(t, what+" to "+path, s.Gate.Send(t, path, http.Header{"Content-Type": {"application/json"}}, []byte(body)))
		}
	}
	// A slash command proves itself by its token.
	typed := s.Gate.Last(t, "/mattermost/commands")
	typed.Body = []byte("token=wrong&team_id=" + s.Team.Id + "&channel_id=" + s.Operations.Id + "&user_id=" + s.Olivia.ID + "&command=%2Ftask&text=close+1")
	typed.Header.Del("Authorization")
	if a := s.Gate.Send(t, typed.Path, typed.Header, typed.Body); a.Status != http.StatusUnauthorized {
		t.Errorf("a wrong command token was answered %d %q", a.Status, a.Body)
	}
	if got := s.status(t, n); got != "assigned" {
		t.Errorf("a forged command made it %s", got)
	}
	// The real thing still works.
	s.Cora.Click(t, card, "Accept")
	s.waitForStatus(t, n, "accepted")
}

// A form belongs to the person it was opened for, and can be sent once.
func TestStoryForgedDialog(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	card := s.offer(t, n)
	form := s.Cora.Click(t, card, "Decline").Dialog(t)
	values := map[string]any{}
	for i := range form.Request.Dialog.Elements {
		e := &form.Request.Dialog.Elements[i]
		values[e.Name] = "x"
		if len(e.Options) > 0 {
			values[e.Name] = e.Options[0].Value
		}
	}
	for _, u := range []*harness.User{s.Carl, s.Olivia, s.Sam} {
		if res := form.SubmitAs(t, u, values); res.Complaint() == "" {
			t.Errorf("%s could send Cora's form", u.Name)
		}
		if got := s.status(t, n); got != "assigned" {
			t.Fatalf("%s sent Cora's form and made it %s", u.Name, got)
		}
	}
	forged := *form
	forged.Request.Dialog.State = "x" + form.Request.Dialog.State[1:] + "y"
	if res := forged.SubmitAs(t, s.Cora, values); res.Complaint() == "" {
		t.Error("a form with an altered state was accepted")
	}
	empty := *form
	empty.Request.Dialog.State = ""
	if res := empty.SubmitAs(t, s.Cora, values); res.Complaint() == "" {
		t.Error("a form without a state was accepted")
	}
	s.waitForStatus(t, n, "assigned")

	form.Submit(t, harness.Values{})
	s.waitForStatus(t, n, "declined")
	sent := s.Gate.Last(t, "/mattermost/dialogs")
	events := s.countEvents(t, n, "")
	if a := s.Gate.Replay(t, sent, nil); a.Status >= 500 {
		t.Errorf("a form sent twice was answered %d %q", a.Status, a.Body)
	}
	if got := s.countEvents(t, n, ""); got != events {
		t.Errorf("a form sent twice left %d lines of history, not %d", got, events)
	}
}
