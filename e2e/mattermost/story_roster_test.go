package mattermost_test

import (
	"slices"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// The firm's channel is as the desk wants it: operators are in it while they are
// operators, whom the desk takes off is out and stays out, what changed without a word is
// found, and at the end of the work its people are taken out and the channel is archived.
func TestStoryRoster(t *testing.T) {
	t.Parallel()
	s := setUp(t, harness.SQLite)
	s.Join(t, s.Operations, s.Sam)
	s.waitForMembers(t, s.firm, s.Sam)
	if _, err := s.Admin.Client.RemoveUserFromChannel(t.Context(), s.Operations.Id, s.Sam.ID); err != nil {
		t.Fatal(err)
	}
	s.waitForOut(t, s.firm, s.Sam)

	roster := func(command string, parts ...string) {
		t.Helper()
		if got := s.Olivia.Ask(t, s.Operations.Id, "/task contractor "+command); !harness.Contains(got, parts...) {
			t.Errorf("contractor %s: %q, want %q", command, got, parts)
		}
	}
	roster("role acme "+s.Cora.Email+" foreman", s.Cora.Name, "foreman")
	roster("show acme", s.Cora.Username+" (foreman", s.Carl.Username, "Desk:")
	s.Olivia.Command(t, s.Operations.Id, "/task contractor remove acme "+s.Carl.Email).Told(t, s.Carl.Name)
	s.waitForOut(t, s.firm, s.Carl)
	s.Join(t, s.firm, s.Carl)
	s.waitForMembers(t, s.firm, s.Carl)
	s.Olivia.Command(t, s.Operations.Id, "/task contractor sync acme").Told(t, "removing "+s.Carl.Name)
	s.waitForOut(t, s.firm, s.Carl)
	if _, err := s.Admin.Client.RemoveUserFromChannel(t.Context(), s.firm.Id, s.Otto.ID); err != nil {
		t.Fatal(err)
	}
	s.Olivia.Command(t, s.Operations.Id, "/task contractor sync acme").Told(t, s.firm.Name)
	s.waitForMembers(t, s.firm, s.Otto, s.Cora)

	// The end of the work with the firm.
	n, desk, _ := s.accepted(t, "Half done")
	s.Olivia.Command(t, s.Operations.Id, "/task contractor offboard acme").Dialog(t).Submit(t, harness.Values{
		"open jobs": "Back to the desk", "farewell": "It was good to work with you",
	})
	s.waitForStatus(t, n, "canceled")
	s.waitForCard(t, s.Olivia, desk, "Reported")
	s.waitForOut(t, s.firm, s.Cora)
	harness.Eventually(t, "an archived channel", func() error {
		c, _, err := s.Admin.Client.GetChannel(t.Context(), s.firm.Id, "")
		if err == nil && c.DeleteAt == 0 {
			err = errorf("it is open")
		}
		return err
	})
	roster("list", "off-boarded")
	if text := s.Olivia.Ask(t, s.Operations.Id, "/task assign 1 acme"); harness.Contains(text, "is offered to") {
		t.Errorf("an offer to a firm that is gone: %q", text)
	}
}

// waitForOut waits until somebody is no longer in a channel.
func (s *scene) waitForOut(t *testing.T, c *model.Channel, u *harness.User) {
	t.Helper()
	s.Olivia.Eventually(t, u.Name+" out of "+c.Name, func() error {
		members, _, err := s.Admin.Client.GetChannelMembers(t.Context(), c.Id, 0, 100, "")
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, func(m model.ChannelMember) bool { return m.UserId == u.ID }) {
			return errorf("they are in it")
		}
		return nil
	})
}
