package mattermost_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// menu is the one on a firm's card of work under way.
const menu = "Steps and more"

// What a firm does between accepting a job and its approval: a job from a template that
// asks for things, steps, who is in charge, pauses, a checklist, a photo and the costs.
func TestStoryDoing(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n, desk, card := s.fromTemplate(t)
	link := s.customersLink(t, n)

	s.Cora.Click(t, card, "Accept").Told(t, "You are in charge")
	s.waitForStatus(t, n, "accepted")
	s.waitForButtons(t, s.Cora, card, "Checklist 0/2", menu)
	s.waitForCard(t, s.Olivia, desk, "0 of 2 done; still required: Gas off", "0 of 1 file")
	s.waitForCustomer(t, link, "Open")

	s.stepsOf(t, n, desk, card, link)
	s.chargeOf(t, n, desk, card)
	s.pausesOf(t, n, desk, card, link)
	s.handIn(t, n, desk, card, link)
}

// fromTemplate lets Olivia make a template and offer a job made from it to Acme.
func (s *scene) fromTemplate(t *testing.T) (n int, desk, firm *model.Post) {
	t.Helper()
	form := s.Olivia.Command(t, s.Operations.Id, "/task template new").Dialog(t)
	v := harness.Values{
		"name": "Boiler service", "topic": "Heating", "title": "Boiler at {place}", "description": "Gauge {gauge}",
		"due": "soon", "checklist": "! Gas off\nTenant told", "evidence": "1", "costs": "Required", "steps": "Planned, Work",
	}
	if got := form.TrySubmit(t, v).Complaint(); !harness.Contains(got, "due", "3d") {
		t.Errorf("a template that is due soon: %q", got)
	}
	v["due"] = "3d"
	form.Submit(t, v)
	made := s.Olivia.Command(t, s.Operations.Id, "/task new boiler service: 4 Elm St")
	made.Dialog(t).Submit(t, harness.Values{"gauge": "7", "add": "Mind the dog.", "contractor": "Acme"})
	n = 1
	desk = s.deskCard(t, n)
	firm = s.Cora.WaitForPost(t, s.firm.Id, "the firm's card", func(p *model.Post) bool { return s.isCard(p, n) && harness.HasButton(p, "Accept") })
	s.waitForCard(t, s.Cora, firm, "Boiler at 4 Elm St", "Gauge 7", "Mind the dog.", "Gas off", "1 photo or file, to be posted in this thread", "To hand in: Costs")
	s.waitForCard(t, s.Olivia, desk, "Requirements: a checklist of 2 items, 1 photo or file, costs")
	return n, desk, firm
}

// stepsOf: a planned step asks for its window, and both cards and the customer follow.
func (s *scene) stepsOf(t *testing.T, n int, desk, card *model.Post, link string) {
	t.Helper()
	form := s.Cora.Choose(t, card, menu, "Step: Planned…").Dialog(t)
	for _, c := range []struct {
		v    harness.Values
		says string
	}{
		{harness.Values{"from": "some day"}, "from"},
		{harness.Values{"from": "2h ago"}, "from"},
		{harness.Values{"from": "2031-12-01 11:00", "till": "9am"}, "after the beginning"},
	} {
		if got := form.TrySubmit(t, c.v).Complaint(); !harness.Contains(got, c.says) {
			t.Errorf("the window %v: %q, want %q", c.v, got, c.says)
		}
	}
	if got := s.status(t, n); got != "accepted" {
		t.Errorf("a refused window made it %s", got)
	}
	form.Submit(t, harness.Values{"from": "tomorrow 9am", "till": "11am"})
	s.waitForStatus(t, n, "in_progress")
	s.waitForCard(t, s.Carl, card, "In progress", "Step: Planned,")
	s.waitForCard(t, s.Olivia, desk, "Step: Planned,", "Customer sees: Planned")
	s.waitForReply(t, s.Otto, desk, "planned the work for")
	s.waitForCustomer(t, link, "Planned")

	s.Carl.Choose(t, card, menu, "Step: Work")
	s.waitForCard(t, s.Cora, card, "Step: Work")
	s.waitForCard(t, s.Olivia, desk, "Step: Work", "Customer sees: Work")
	s.waitForCustomer(t, link, "Work")
}

// chargeOf: a colleague takes charge, nobody does so twice, and it is handed back.
func (s *scene) chargeOf(t *testing.T, n int, desk, card *model.Post) {
	t.Helper()
	before := s.countEvents(t, n, "")
	forPeople(t, "take charge twice", s.Cora.Choose(t, card, menu, "Take charge").ToldPrivately(t, "You are in charge already"))
	if after := s.countEvents(t, n, ""); after != before {
		t.Errorf("a refusal left %d lines in the history", after-before)
	}
	s.Carl.Choose(t, card, menu, "Take charge")
	for _, c := range []*model.Post{card, desk} {
		s.waitForCard(t, s.Olivia, c, "In charge: "+s.Carl.Name)
	}
	s.waitForReply(t, s.Cora, card, "took charge")
	s.Carl.Click(t, card, "Hand over").Dialog(t).Submit(t, harness.Values{"person": s.Cora.Name})
	for _, c := range []*model.Post{card, desk} {
		s.waitForCard(t, s.Olivia, c, "In charge: "+s.Cora.Name)
	}
}

// pausesOf: work waits with a reason that says whom it lies with, and goes on.
func (s *scene) pausesOf(t *testing.T, n int, desk, card *model.Post, link string) {
	t.Helper()
	form := s.Cora.Choose(t, card, menu, "Pause the work…").Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"reason": "Other", "text": ""}).Complaint(); !harness.Contains(got, "few words") {
		t.Errorf("a pause for another reason without a word: %q", got)
	}
	form.Submit(t, harness.Values{"reason": "Waiting for parts", "until": "3d"})
	s.waitForCard(t, s.Carl, card, "Paused.", "Waiting for parts", "until")
	s.waitForCard(t, s.Olivia, desk, "has paused the work", "Waiting for parts", "In progress")
	s.waitForReply(t, s.Olivia, desk, "paused the work: Waiting for parts")
	s.liesWith(t, n, "contractor")
	s.waitForCustomer(t, link, "Work")
	s.Carl.Click(t, card, "Resume")
	s.waitForNoButtons(t, s.Cora, card, "Resume")
	s.waitForReply(t, s.Olivia, desk, "resumed the work")

	s.Cora.Choose(t, card, menu, "Pause the work…").Dialog(t).Submit(t, harness.Values{"reason": "Waiting for the desk"})
	s.waitForCard(t, s.Cora, card, "The desk has to see to it")
	s.waitForCard(t, s.Otto, desk, "Deal with what it waits for")
	s.liesWith(t, n, "operator")
	s.waitForButtons(t, s.Otto, desk, "Resume work")
	s.Otto.Click(t, desk, "Resume work")
	s.waitForNoButtons(t, s.Cora, card, "Resume")
	s.liesWith(t, n, "contractor")
}

// handIn: nothing is handed in before the checklist is ticked and the photo is there;
// the desk sends it back once, approves it and closes the job.
func (s *scene) handIn(t *testing.T, n int, desk, card *model.Post, link string) {
	t.Helper()
	s.waitForButtons(t, s.Cora, card, "Complete")
	forPeople(t, "complete without the checklist", s.Cora.Click(t, card, "Complete").ToldPrivately(t, "Tick", "Gas off", "first"))
	s.Cora.Click(t, card, "Checklist 0/2").Dialog(t).Submit(t, harness.Values{"gas off": "true"})
	s.waitForButtons(t, s.Carl, card, "Checklist 1/2")
	s.waitForCard(t, s.Carl, card, "☑ Gas off", s.Cora.Name, "☐ Tenant told")
	s.waitForCard(t, s.Olivia, desk, "1 of 2 done")

	forPeople(t, "complete without the photo", s.Cora.Click(t, card, "Complete").ToldPrivately(t, "Post 1 more photo or file", "asks for 1, and 0 are there"))
	// What the desk posts is no evidence of the firm's.
	s.Olivia.Reply(t, card, "Like this one:", s.Olivia.Upload(t, s.firm.Id, "example.png", []byte("example")))
	s.waitForLedger(t, n, "shared Like this one:")
	s.Cora.Click(t, card, "Complete").ToldPrivately(t, "asks for 1, and 0 are there")
	if got := s.status(t, n); got != "in_progress" {
		t.Errorf("refused completions made it %s", got)
	}
	s.Carl.Reply(t, card, "The valve:", s.Carl.Upload(t, s.firm.Id, "valve.png", []byte("valve")))
	s.waitForCard(t, s.Cora, card, "1 photo or file posted; 1 asked for")
	s.waitForCard(t, s.Olivia, desk, "valve.png")

	form := s.Cora.Click(t, card, "Complete").Dialog(t)
	for costs, says := range map[string]string{"": "costs", "a lot": "250 EUR", "84.50": "currency"} {
		if got := form.TrySubmit(t, harness.Values{"done": "New valve.", "costs": costs}).Complaint(); !harness.Contains(got, says) {
			t.Errorf("costs of %q: %q, want %q", costs, got, says)
		}
	}
	form.Submit(t, harness.Values{"done": "New valve.", "costs": "€84,5"})
	s.waitForStatus(t, n, "waiting_approval")
	s.waitForCard(t, s.Cora, card, "Waiting approval", "84.50 EUR", "replies are on hold")
	s.waitForCard(t, s.Olivia, desk, "Waiting approval", "New valve.", "84.50 EUR", "1 of 2 done", "valve.png", "Comments are on hold")
	s.waitForCustomer(t, link, "Work")
	s.waitForButtons(t, s.Otto, desk, "Approve", "Send back")

	s.Otto.Click(t, desk, "Send back").Dialog(t).Submit(t, harness.Values{"missing": "The invoice says 80."})
	s.waitForStatus(t, n, "in_progress")
	s.waitForCard(t, s.Cora, card, "In progress", "The invoice says 80.", "☑ Gas off", "1 photo or file posted")
	s.waitForCustomer(t, link, "Work")
	s.waitForButtons(t, s.Cora, card, "Complete")
	s.Cora.Click(t, card, "Complete").Dialog(t).Submit(t, harness.Values{"done": "New valve.", "costs": "80 eur"})
	s.waitForStatus(t, n, "waiting_approval")
	s.waitForCard(t, s.Olivia, desk, "Waiting approval", "80.00 EUR")
	s.waitForButtons(t, s.Olivia, desk, "Approve")
	s.Olivia.Click(t, desk, "Approve")
	s.waitForStatus(t, n, "complete")
	s.waitForCard(t, s.Olivia, desk, "Resolved", "80.00 EUR")
	s.waitForCard(t, s.Cora, card, "Complete", "80.00 EUR")
	s.waitForCustomer(t, link, "Finished")

	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task close %d", n))
	s.waitForCard(t, s.Olivia, desk, "Closed")
	for _, c := range []*model.Post{card, desk} {
		s.waitForNoButtons(t, s.Olivia, c, append(liveButtons[:], menu, "Checklist 1/2", "Resume", "Resume work")...)
	}
	s.waitForCustomer(t, link, "Finished")
	history := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task history %d", n))
	for _, part := range []string{"reported a step: Planned", "took charge", "paused the work: Waiting for parts", "ticked “Gas off”", "84.50 EUR", "sent the work back", "80.00 EUR"} {
		at := indexFold(history, part)
		if at < 0 {
			t.Fatalf("the history does not say, or not in this order, %q:\n%s", part, history)
		}
		history = history[at:]
	}
}

// liesWith checks who has to do something next.
func (s *scene) liesWith(t *testing.T, n int, side string) {
	t.Helper()
	issue, err := s.API.Issue(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if issue.LiesWith != side {
		t.Errorf("#%d lies with the %s, not the %s", n, issue.LiesWith, side)
	}
}

var (
	statusLink = regexp.MustCompile(`http://[^\s<>()\[\]]+/status/\w+`)
	statusNow  = regexp.MustCompile(`(?s)aria-current="step">.*?class="name">([^<]+)<`)
)

// customersLink lets Olivia ask for the link by which the customer follows a job.
func (s *scene) customersLink(t *testing.T, n int) string {
	t.Helper()
	text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task status-link %d", n))
	link := statusLink.FindString(text)
	if link == "" {
		t.Fatalf("there is no link in %q", text)
	}
	return link
}

// waitForCustomer waits until the customer's page says that the job stands at step, and
// checks that it says nothing of the firm.
func (s *scene) waitForCustomer(t *testing.T, link, step string) {
	t.Helper()
	harness.Eventually(t, "the customer to read "+step, func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		for _, secret := range []string{"Acme", s.Cora.Name, s.Carl.Name, "EUR"} {
			if harness.Contains(string(page), secret) {
				t.Errorf("the customer reads %q", secret)
			}
		}
		now := statusNow.FindSubmatch(page)
		if now == nil || string(now[1]) != step {
			return fmt.Errorf("status %d, the page says:\n%s", resp.StatusCode, page)
		}
		return nil
	})
}
