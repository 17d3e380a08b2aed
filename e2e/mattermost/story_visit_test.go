package mattermost_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// A firm plans a visit. The customer opens the link to the job, asks for another time and
// agrees to the one after: both sides read it on their cards and in their threads, and the
// customer learns neither whose job it is nor who comes.
func TestStoryVisit(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.Postgres15)
	n, desk, card := s.accepted(t, "Boiler down at 4 Elm St")
	link := s.customersLink(t, n)
	customer := s.tab(t)
	if _, page := customer.get(t, link); strings.Contains(page, "Does this time suit you?") {
		t.Errorf("the customer is asked about nothing:\n%s", page)
	}
	plan := func(from, to string) string {
		t.Helper()
		s.Cora.Choose(t, card, menu, "Step: Planned…").Dialog(t).Submit(t, harness.Values{"from": from, "till": to})
		page := ""
		harness.Eventually(t, "the customer to be asked", func() error {
			if _, page = customer.get(t, link); !strings.Contains(page, "Does this time suit you?") {
				return fmt.Errorf("the page says:\n%s", page)
			}
			return nil
		})
		return page
	}
	answer := func(page, button, text string, parts ...string) {
		t.Helper()
		now := customer.pressOn(t, link, page, button, text)
		if !harness.Contains(now, parts...) {
			t.Errorf("%s: the page does not say %q:\n%s", button, parts, now)
		}
	}
	page := plan("tomorrow 9am", "11am")
	for _, never := range []string{"Boiler", "Acme", s.Cora.Username, fmt.Sprintf("#%d", n)} {
		if strings.Contains(page, never) {
			t.Errorf("the customer reads %q in\n%s", never, page)
		}
	}
	before := s.facts(t)
	answer(page, "Another time, please", " ", "Say which time would suit you better.")
	s.unchanged(t, "an answer without words", before)
	const wish = "After five <b> @channel, the key is next door"
	answer(page, "Another time, please", wish, "Those who come have your answer.", "You asked for another time.")
	for _, c := range []struct {
		u    *harness.User
		card *model.Post
	}{{s.Carl, card}, {s.Otto, desk}} {
		s.waitForCard(t, c.u, c.card, "asks for another time", wish)
		said := c.u.WaitForPost(t, c.card.ChannelId, "the customer's words", s.replyWith(c.card, "The customer asks for another time"))
		if !harness.Contains(harness.Show(said), wish) || c.u.Mentioned(t, said) {
			t.Errorf("%s reads, or is called by, %q", c.u.Name, harness.Show(said))
		}
	}

	// A new time is asked about anew; the page of before is refused.
	old := page
	page = plan("tomorrow 5pm", "7pm")
	answer(old, "This suits me", "", "planned anew")
	answer(page, "This suits me", "", "You agreed to this time.", "Change your answer")
	for _, c := range []*model.Post{card, desk} {
		s.waitForCard(t, s.Olivia, c, "agrees to the time")
		s.waitForReply(t, s.Olivia, c, "The customer agrees to")
	}
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task history %d", n), "The customer asked for another time", "The customer agreed to")

	// Who is on the way cannot be put off any more.
	_, page = customer.get(t, link)
	s.Cora.Choose(t, card, menu, "Step: Travel")
	s.waitForCustomer(t, link, "Travel")
	answer(page, "Another time, please", "In May", "No visit is planned now")
	neverRead(t, s.Cora, "In May", "/status/")
}

// pressOn types words into the form of a page that has a button, sends it and returns the
// page that follows.
func (b *tab) pressOn(t *testing.T, link, page, button, text string) string {
	t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(form, ">"+button+"</button>") {
			continue
		}
		v := url.Values{}
		for _, in := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
			v.Set(in[1], html.UnescapeString(in[2]))
		}
		if text != "" {
			v.Set("text", text)
		}
		status, now := b.send(t, http.MethodPost, link, v)
		if status >= http.StatusInternalServerError {
			t.Errorf("%s: status %d", button, status)
		}
		return now
	}
	t.Fatalf("there is no button %q in\n%s", button, page)
	return ""
}
