package mattermost_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// forbidden is something that a person may not do where they type it, and what the
// private answer says.
type forbidden struct{ command, says string }

// Who may do what follows from the channel a person is in; an administrator makes
// exceptions, which count at once; and a sum above the desk's limit waits for somebody
// who may decide about it. Whoever is refused reads privately why, and nothing changes.
func TestStoryRights(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	managers := s.addManagers(t)
	admin := func(text, says string) {
		t.Helper()
		if got := s.Admin.Ask(t, s.Operations.Id, "/task rights "+text); !harness.Contains(got, says) {
			t.Errorf("rights %s: %q, want %q", text, got, says)
		}
	}
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	desk, card := s.deskCard(t, n), s.offer(t, n)

	channels := len(s.Olivia.Channels(t))

	// The desk reads along in the firm's channel, and cannot answer for the firm.
	before := s.facts(t)
	for _, label := range []string{"Accept", "Decline", "Suggest other terms"} {
		forPeople(t, "an operator presses "+label, s.Olivia.Click(t, card, label).ToldPrivately(t, "Only the firm can"))
	}
	s.unchanged(t, "an operator at the firm's card", before)
	s.Cora.Click(t, card, "Accept").Told(t, "You are in charge")
	s.waitForStatus(t, n, "accepted")

	s.refused(t, "a firm's person", s.Cora, s.firm.Id,
		forbidden{"new A job of my own", "Only"}, forbidden{fmt.Sprintf("assign %d acme", n), "Only"},
		forbidden{fmt.Sprintf("approve %d", n), "Only"}, forbidden{fmt.Sprintf("sendback %d Not good.", n), "Only"},
		forbidden{fmt.Sprintf("close %d", n), "Only"}, forbidden{fmt.Sprintf("note %d psst", n), "Only"},
		forbidden{fmt.Sprintf("require %d", n), "Only"}, forbidden{"template new", "Only"},
		forbidden{"contractor pause acme", "Only"}, forbidden{"settings money", "Only an administrator"},
		forbidden{"rights", "Only"}, forbidden{"rights grant " + s.Cora.Name + " admin", "Only an administrator"})
	s.refused(t, "an operator", s.Olivia, s.Operations.Id,
		forbidden{"settings money", "Only an administrator"}, forbidden{"here managers", "administrator"},
		forbidden{"rights grant " + s.Olivia.Name + " money", "Only an administrator"},
		forbidden{"rights revoke " + s.Otto.Name + " view", "Only an administrator"})
	s.refused(t, "a manager", s.Sam, managers.Id,
		forbidden{"new Not theirs", "Only the desk"}, forbidden{fmt.Sprintf("assign %d acme", n), "Only the desk"},
		forbidden{fmt.Sprintf("note %d Not theirs", n), "Only the desk"}, forbidden{fmt.Sprintf("close %d", n), "Only the desk"},
		forbidden{"contractor pause acme", "Only the desk"}, forbidden{"contractor add Hull | Mine", "Only the desk"},
		forbidden{"settings money", "Only an administrator"}, forbidden{"rights grant " + s.Sam.Name + " hand out", "Only an administrator"})
	if text := s.Sam.Ask(t, managers.Id, "/task list"); !harness.Contains(text, "Boiler down") {
		t.Errorf("a manager reads %q", text)
	}

	// A manager is given a right, and an operator loses one and keeps the others.
	admin("grant "+s.Sam.Name+" hand out", "has the right")
	admin("grant "+s.Sam.Name+" handout", "already")
	if text := s.Sam.Ask(t, managers.Id, "/task new Theirs now"); !harness.Contains(text, "Created", "#2") {
		t.Errorf("a manager who may hand out: %q", text)
	}
	admin("revoke "+s.Olivia.Name+" firms", "does not have the right")
	s.refused(t, "an operator without firms", s.Olivia, s.Operations.Id,
		forbidden{"contractor pause acme", "was taken from you"}, forbidden{"contractor add Hull | Mine", "was taken from you"})
	s.Olivia.Command(t, s.Operations.Id, fmt.Sprintf("/task note %d Still theirs to do", n)).Told(t, "only the desk reads it")
	if text := s.Olivia.Ask(t, s.Operations.Id, "/task rights"); !harness.Contains(text, "given: hand out", "taken: manage firms") {
		t.Errorf("the rights read %q", text)
	}
	admin("grant "+s.Olivia.Name+" firms", "has the right")
	if text := s.Olivia.Ask(t, s.Operations.Id, "/task contractor show acme"); !harness.Contains(text, "Acme Heating") || harness.Contains(text, "paused") {
		t.Errorf("the firm after refused pauses: %q", text)
	}
	for text, says := range map[string]string{
		"revoke " + s.Admin.Name + " admin": "yourself", "grant " + s.Cora.Name + " admin": "Nobody in the desk's channels",
		"grant " + s.Sam.Name + " everything": "which right",
	} {
		admin(text, says)
	}

	// Above the limit the desk's people are told who can decide.
	form := s.Admin.Command(t, s.Operations.Id, "/task settings money").Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"limit": "a lot"}).Complaint(); !harness.Contains(got, "500 EUR") {
		t.Errorf("a limit of a lot: %q", got)
	}
	form.Submit(t, harness.Values{"limit": "€1.000"})
	s.waitForButtons(t, s.Cora, card, "Complete")
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "All of it.", "costs": "1 200,50 EUR"})
	s.waitForStatus(t, n, "waiting_approval")
	s.waitForCard(t, s.Olivia, desk, "1200.50 EUR")
	s.waitForButtons(t, s.Olivia, desk, "Approve")
	const above = "above the desk's limit of 1000.00 EUR"
	before = s.facts(t)
	forPeople(t, "approve above the limit", s.Olivia.Click(t, desk, "Approve").ToldPrivately(t, "1200.50 EUR is "+above, "Ask", s.Sam.Name))
	s.unchanged(t, "an approval above the limit", before)
	s.refused(t, "an operator above the limit", s.Olivia, s.Operations.Id,
		forbidden{"assign 2 acme price 1,000.01 EUR", above}, forbidden{fmt.Sprintf("approve %d", n), above}, forbidden{fmt.Sprintf("close %d", n), above})
	s.Sam.Ask(t, managers.Id, fmt.Sprintf("/task approve %d", n))
	s.waitForStatus(t, n, "complete")
	s.waitForCard(t, s.Olivia, desk, "Resolved")
	if history := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task history %d", n)); !harness.Contains(history, s.Sam.Name, "approved") {
		t.Errorf("the history does not say who approved:\n%s", history)
	}
	if now := len(s.Olivia.Channels(t)); now != channels {
		t.Errorf("%d channels became %d, although nobody was allowed to add a firm", channels, now)
	}
}

// refused lets a person type what they may not do. Each answer is private, in words, and
// says why; afterwards all is as it was.
func (s *scene) refused(t *testing.T, who string, u *harness.User, channel string, all ...forbidden) {
	t.Helper()
	before := s.facts(t)
	var answers []string
	for _, f := range all {
		text := u.Ask(t, channel, "/task "+f.command)
		answers = append(answers, text)
		forPeople(t, who+" types "+f.command, text)
		if !harness.Contains(text, f.says) {
			t.Errorf("%s types %s: %q, want %q", who, f.command, text, f.says)
		}
	}
	s.unchanged(t, who, before)
	posts, err := u.Posts(t.Context(), channel)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range answers {
		if harness.Contains(harness.ShowAll(posts), text) {
			t.Errorf("%s: everybody in the channel reads %q", who, text)
		}
	}
}

// facts are all jobs with their histories and comments, and the channels there are.
func (s *scene) facts(t *testing.T) string {
	t.Helper()
	issues, err := s.API.Issues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	for i := range issues {
		events, err := s.API.Events(t.Context(), issues[i].Number)
		if err != nil {
			t.Fatal(err)
		}
		comments, err := s.API.Comments(t.Context(), issues[i].Number)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, issues[i], events, comments)
	}
	text, err := json.Marshal(append(all, len(s.Olivia.Channels(t))))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// unchanged checks that facts are still those of before.
func (s *scene) unchanged(t *testing.T, who, before string) {
	t.Helper()
	if after := s.facts(t); after != before {
		t.Errorf("%s changed something:\n%s\nbefore:\n%s", who, after, before)
	}
}
