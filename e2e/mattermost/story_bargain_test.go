package mattermost_test

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// A firm that is asked first declines, the next suggests another price in a dialog, and
// the desk agrees; neither learns of the other.
func TestStoryBargain(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	bolt := s.addBolt(t)
	n := s.newIssue(t, "Boiler down at 4 Elm St")
	desk := s.deskCard(t, n)
	if text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task assign %d acme price 250", n)); !harness.Contains(text, "Write the currency") {
		t.Errorf("a price without its currency: %q", text)
	}
	if text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task assign %d acme then bolt by 3h price 1.250,5 EUR", n)); !harness.Contains(text, "then the others in turn", "Bolt Services") {
		t.Errorf("the chain: %q", text)
	}
	first := s.Cora.WaitForPost(t, s.firm.Id, "the first firm's card", func(p *model.Post) bool { return s.isCard(p, n) && harness.HasButton(p, "Accept") })
	s.waitForCard(t, s.Cora, first, "1250.50 EUR")
	s.Cora.Click(t, first, "Decline").Dialog(t).Submit(t, harness.Values{"add": "No van."})
	second := s.Sam.WaitForPost(t, bolt.Id, "the second firm's card", func(p *model.Post) bool { return s.isCard(p, n) && harness.HasButton(p, "Accept") })
	s.waitForCard(t, s.Sam, second, "1250.50 EUR")

	form := s.Sam.Click(t, second, "Suggest other terms").Dialog(t)
	if res := form.TrySubmit(t, harness.Values{"price": "1400"}); !harness.Contains(res.Complaint(), "currency") {
		t.Errorf("a price without its currency: %q", res.Complaint())
	}
	form.Submit(t, harness.Values{"price": "1400 EUR", "why": "The part is dear."})
	s.waitForNoButtons(t, s.Sam, second, "Suggest other terms")
	s.waitForCard(t, s.Olivia, desk, "The firm suggests", "1400.00 EUR", "The part is dear.")
	s.waitForButtons(t, s.Olivia, desk, "Agree to terms", "Refuse terms")
	s.Olivia.Click(t, desk, "Agree to terms")
	s.waitForStatus(t, n, "accepted")
	s.waitForCard(t, s.Sam, second, "1400.00 EUR", s.Sam.Name)
	for _, c := range []struct {
		who     *harness.User
		channel string
		foreign []string
	}{{s.Cora, s.firm.Id, []string{"Bolt", "1400", s.Sam.Name}}, {s.Sam, bolt.Id, []string{"Acme", "No van", s.Cora.Name}}} {
		posts, err := c.who.Posts(t.Context(), c.channel)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range c.foreign {
			if all := harness.ShowAll(posts); harness.Contains(all, secret) {
				t.Errorf("a firm reads %q:\n%s", secret, all)
			}
		}
	}
}
