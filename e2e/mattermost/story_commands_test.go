package mattermost_test

import (
	"fmt"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// Chapter eight: looking things up, and who may.
func TestStoryLookUp(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	n, _, _ := s.accepted(t, "Boiler down at 4 Elm St")
	other := s.newIssue(t, "Gutter torn off at 12 Ash Ln")

	ask := func(text string) string { return s.Olivia.Ask(t, s.Operations.Id, text) }
	for command, parts := range map[string][]string{
		"/task list":                     {"Boiler down", "Gutter torn off", "#1", "#2"},
		"/task list new":                 {"Gutter torn off"},
		fmt.Sprintf("/task show %d", n):  {"Boiler down", "Acme Heating", "Accepted"},
		fmt.Sprintf("/task show #%d", n): {"Boiler down"},
		"/task summary":                  {"jobs", "accepted"},
		"/task summary today":            {"today"},
		"/task summary week acme":        {"Acme Heating"},
		"/task contractor show acme":     {"Acme Heating", "Leeds"},
		"/task help":                     {"/task new", "/task assign", "/task list", "/task contractor add"},
		"/task":                          {"/task new"},
	} {
		if text := ask(command); !harness.Contains(text, parts...) {
			t.Errorf("%s: want %q in\n%s", command, parts, text)
		}
	}
	if text := ask("/task list new"); harness.Contains(text, "Boiler down") {
		t.Errorf("an accepted job is listed as new:\n%s", text)
	}

	// A contractor reads the firm's jobs only and changes nothing by command.
	for _, command := range []string{"/task list", fmt.Sprintf("/task show %d", other), "/task summary", "/task contractor list"} {
		if text := s.Cora.Ask(t, s.firm.Id, command); harness.Contains(text, "Gutter torn off") {
			t.Errorf("%s shows a contractor another's job: %q", command, text)
		}
	}
	for _, command := range []string{
		"/task new A job of my own", fmt.Sprintf("/task assign %d acme", other), fmt.Sprintf("/task approve %d", n),
		fmt.Sprintf("/task close %d", n), fmt.Sprintf("/task note %d psst", n), fmt.Sprintf("/task remind %d 2h", n),
		"/task contractor add Hull | Mine", "/task here operations", "/task contractor pause acme",
	} {
		forPeople(t, "a contractor types "+command, s.Cora.Ask(t, s.firm.Id, command))
	}
	issues, err := s.API.Issues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(issues) != 2 || s.status(t, n) != "accepted" || s.status(t, other) != "not assigned" {
		t.Errorf("a contractor's commands had an effect: %+v", issues)
	}
	s.waitForLedger(t, n)
}

// Chapter ten: wrong inputs get a sentence that a person understands.
func TestStoryWrongInputs(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	for _, command := range []string{
		"/task frobnicate",
		"/task show", "/task show 99", "/task show abc", "/task show -1", "/task show 0", "/task show 99999999999999999999",
		fmt.Sprintf("/task assign %d nobody", n), "/task assign 99 acme",
		fmt.Sprintf("/task assign %d acme by yesterday", n), fmt.Sprintf("/task assign %d acme by 2020-01-01 10:00", n),
		fmt.Sprintf("/task assign %d acme by 1s", n),
		"/task comment 99 hello", "/task close 99", fmt.Sprintf("/task approve %d", n), fmt.Sprintf("/task cancel %d", n),
		fmt.Sprintf("/task reopen %d", n), fmt.Sprintf("/task sendback %d nothing to send back", n),
		fmt.Sprintf("/task remind %d someday", n), "/task contractor add Leeds |", "/task contractor add | Acme",
		"/task contractor show nobody", "/task contractor frobnicate", "/task contractor invite not-an-address",
		"/task list frobnicate", "/task summary frobnicate", "/task here", "/task here nowhere", "/task history 99",
		"/task show \x00\x01'; drop table issues; --",
	} {
		forPeople(t, command, s.Olivia.Ask(t, s.Operations.Id, command))
	}
	if got := s.status(t, n); got != "not assigned" {
		t.Errorf("a wrong input made it %s", got)
	}
	// A second offer to the same firm and an answer to a job nobody has are refused.
	card := s.offer(t, n)
	forPeople(t, "offer twice", s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task assign %d acme", n)))
	s.Cora.Click(t, card, "Accept")
	s.waitForStatus(t, n, "accepted")
	forPeople(t, "cancel after an answer", s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task cancel %d", n)))
	s.waitForStatus(t, n, "accepted")
}
