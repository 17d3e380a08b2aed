package slack

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

// TestListsAreReadToTheirEnd: a page may hold fewer than were asked for although there
// are more, so that who or what is looked for is found on the last one, too.
func TestListsAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{PageSize: 4, NoRateLimits: true}, newRecorder())
	var names []string
	for n := range 7 {
		names = append(names, fmt.Sprintf("person%d", n))
		fake.AddUser(slacktest.UserSpec{Name: names[n]})
		fake.AddChannel(slacktest.ChannelSpec{Name: fmt.Sprintf("room%d", n)})
	}
	last := fake.AddChannel(slacktest.ChannelSpec{Name: "last", Members: names})
	if got, err := a.Channel(t.Context(), "#last"); err != nil || got.ID != last {
		t.Errorf("the last channel is %+v, %v", got, err)
	}
	if got, err := a.FindPerson(t.Context(), "person6"); err != nil || got.Name != "person6" {
		t.Errorf("the last person is %+v, %v", got, err)
	}
	if got, err := a.Members(t.Context(), last); err != nil || len(got) != len(names)+1 {
		t.Errorf("%d members, %v", len(got), err)
	}
	if _, err := a.FindPerson(t.Context(), "person7"); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("nobody: %v", err)
	}
}

// TestOrgWideInstallationIsNamed: its events come from workspaces that are not known.
func TestOrgWideInstallationIsNamed(t *testing.T) {
	t.Parallel()
	a, _ := newConnected(t, slacktest.Options{OrgWide: true}, newRecorder())
	if found := a.Check(t.Context()); !strings.Contains(found[0].Problem, "whole organisation") || found[0].Advice == "" {
		t.Errorf("findings %+v", found)
	}
}

// TestRotatingTokensAreNamed: such a token is good for twelve hours, which is noticed when
// it is over at the latest.
func TestRotatingTokensAreNamed(t *testing.T) {
	t.Parallel()
	a, _ := newConnected(t, slacktest.Options{}, newRecorder())
	if found := a.Check(t.Context()); found[0].Problem != "" {
		t.Errorf("a lasting token: %+v", found[0])
	}
	a.cfg.BotToken = "xoxe.xoxb-1-hush"
	found := a.Check(t.Context())
	if found[0].Problem == "" || found[0].Advice == "" || strings.Contains(fmt.Sprint(found), "hush") {
		t.Errorf("a rotating token: %+v", found[0])
	}
}
