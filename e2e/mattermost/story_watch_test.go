package mattermost_test

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// Four people watch a job, by the real clock. Each is told in their own conversation with
// the bot of what others did with it, once and together: but not who chose to be told
// nothing, and not who has left the desk. A firm cannot watch.
func TestStoryWatching(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	managers := s.addManagers(t)
	n, other := s.newIssue(t, "Boiler down at 4 Elm St"), s.newIssue(t, "Nobody looks")
	watch := fmt.Sprintf("/task watch %d", n)
	for _, u := range []*harness.User{s.Olivia, s.Otto, s.Admin} {
		s.asks(t, u, s.Operations, watch, "You watch", "Boiler down", "in working hours")
	}
	s.asks(t, s.Sam, managers, watch, "You watch")
	s.asks(t, s.Olivia, s.Operations, watch, "already")
	if list := s.asks(t, s.Olivia, s.Operations, "/task watch", "Jobs you watch", "Boiler down"); harness.Contains(list, "Nobody looks") {
		t.Errorf("the list of watched jobs reads %q", list)
	}
	s.refused(t, "an operator", s.Olivia, s.Operations.Id, forbidden{"watch 99", "no such job"}, forbidden{fmt.Sprintf("unwatch %d", other), "You do not watch"})
	s.refused(t, "a firm's person", s.Cora, s.firm.Id, forbidden{fmt.Sprintf("watch %d", n), "Only"}, forbidden{"notify", "Only"})

	// Admin chooses to be told nothing. E-mail is not set up, so it is neither offered nor
	// taken.
	choice := s.Admin.Command(t, s.Operations.Id, "/task notify")
	form := choice.Dialog(t)
	for i := range form.Request.Dialog.Elements {
		for _, o := range form.Request.Dialog.Elements[i].Options {
			if o.Value == "mail" {
				t.Errorf("%s offers %q", form.Request.Dialog.Elements[i].DisplayName, o.Text)
			}
		}
	}
	if got := form.TrySubmit(t, harness.Values{"watched": "mail"}).Complaint(); !harness.Contains(got, "I cannot write you e-mail here") {
		t.Errorf("news by e-mail where there is none: %q", got)
	}
	form.Submit(t, harness.Values{"watched": "Not at all"})
	choice.Told(t, "from now on", "firms and people outside")

	// Otto leaves the desk before anything happens.
	if _, err := s.Admin.Client.RemoveUserFromChannel(t.Context(), s.Operations.Id, s.Otto.ID); err != nil {
		t.Fatal(err)
	}
	s.waitForOut(t, s.firm, s.Otto)
	card := s.offer(t, n)
	s.offer(t, other)
	s.Cora.Click(t, card, "Accept").Told(t, "You are in charge")
	s.Cora.Reply(t, card, "Here by noon.")
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task note %d The landlord pays.", n))
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task comment %d Mind the dog.", n))
	s.waitForLedger(t, n, "shared Here by noon.", "internal The landlord pays.", "shared Mind the dog.")

	const news = "News of 1 job that you watch"
	hers := s.waitForNews(t, s.Olivia, news, "Boiler down", "accepted it", "Here by noon.")
	his := s.waitForNews(t, s.Sam, news, "Boiler down", "offered it", "accepted it", "Here by noon.", "Mind the dog.", "/task unwatch")
	for u, p := range map[*harness.User]*model.Post{s.Olivia: hers, s.Sam: his} {
		if text := harness.Show(p); harness.Contains(text, "landlord") || harness.Contains(text, "Nobody looks") {
			t.Errorf("%s is told %q", u.Name, text)
		}
	}
	if text := harness.Show(hers); harness.Contains(text, "offered it") || harness.Contains(text, "Mind the dog") {
		t.Errorf("Olivia is told what she did: %q", text)
	}
	harness.Within(t, patience, "who chose so to be passed over", func() error {
		if !s.Product.Wrote("notice: not sent, as its reader chose") {
			return errorf("the log does not say so")
		}
		return nil
	})
	s.Product.Settled(t)
	for _, u := range []*harness.User{s.Admin, s.Otto, s.Cora} {
		neverRead(t, u, "that you watch")
	}
	s.asks(t, s.Olivia, s.Operations, fmt.Sprintf("/task unwatch %d", n), "no longer watch")
}

// waitForNews waits, for as long as news rest, for a message in somebody's own
// conversation with the bot.
func (s *scene) waitForNews(t *testing.T, u *harness.User, parts ...string) *model.Post {
	t.Helper()
	direct, _, err := u.Client.CreateDirectChannel(t.Context(), u.ID, s.BotID)
	if err != nil {
		t.Fatalf("open the direct channel of %s: %v", u.Name, err)
	}
	var found *model.Post
	harness.Within(t, patience, u.Name+" to have news", func() error {
		posts, err := u.Posts(t.Context(), direct.Id)
		if err != nil {
			return err
		}
		for _, p := range posts {
			if harness.Contains(harness.Show(p), parts...) {
				found = p
				return nil
			}
		}
		return errorf("the conversation shows:\n%s", harness.ShowAll(posts))
	})
	return found
}
