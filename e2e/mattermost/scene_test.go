package mattermost_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// scene is a desk at work: its operations channel is known and one firm, Acme
// Heating of Leeds, has its channel with Cora and Carl in it.
type scene struct {
	*harness.Desk

	firm *model.Channel
}

// setUp opens a desk and does what chapters one and two tell in full.
func setUp(t *testing.T, engine harness.Engine) *scene {
	t.Helper()
	return furnish(t, env.Open(t, engine))
}

// furnish is setUp for a desk that is open.
func furnish(t *testing.T, desk *harness.Desk) *scene {
	t.Helper()
	s := &scene{Desk: desk}
	s.Admin.Ask(t, s.Operations.Id, "/task here operations")
	s.firm = s.addFirm(t, "Leeds | Acme Heating", "ext-leeds-acme-heating")
	invited := s.Olivia.Command(t, s.firm.Id, "/task contractor invite "+s.Cora.Email+" "+s.Carl.Email)
	s.waitForMembers(t, s.firm, s.Cora, s.Carl)
	for _, u := range []*harness.User{s.Cora, s.Carl} {
		invited.Told(t, u.Email, "added")
	}
	return s
}

// addFirm lets Olivia add a firm and returns its channel.
func (s *scene) addFirm(t *testing.T, firm, channel string) *model.Channel {
	t.Helper()
	s.Olivia.Command(t, s.Operations.Id, "/task contractor add "+firm).Told(t, channel)
	var c *model.Channel
	s.Olivia.Eventually(t, "the channel "+channel, func() (err error) {
		c, err = s.Olivia.ChannelByName(t.Context(), channel)
		return err
	})
	return c
}

// addBolt lets Olivia add a second firm, Bolt Services of York, with Sam in its channel,
// which is returned.
func (s *scene) addBolt(t *testing.T) *model.Channel {
	t.Helper()
	bolt := s.addFirm(t, "York | Bolt Services", "ext-york-bolt-services")
	s.Olivia.Ask(t, bolt.Id, "/task contractor invite "+s.Sam.Email)
	s.waitForMembers(t, bolt, s.Sam)
	return bolt
}

// addManagers makes a managers' channel with Admin and Sam in it.
func (s *scene) addManagers(t *testing.T) *model.Channel {
	t.Helper()
	managers := s.NewChannel(t, "managers", s.Admin, s.Sam)
	if _, _, err := s.Admin.Client.AddChannelMember(t.Context(), managers.Id, s.BotID); err != nil {
		t.Fatal(err)
	}
	s.asks(t, s.Admin, managers, "/task here managers", "managers channel")
	return managers
}

// asks lets somebody type a command, whose private answer must have every part.
func (s *scene) asks(t *testing.T, u *harness.User, in *model.Channel, command string, parts ...string) string {
	t.Helper()
	text := u.Ask(t, in.Id, command)
	if !harness.Contains(text, parts...) {
		t.Errorf("%s types %s: %q, want %q", u.Name, command, text, parts)
	}
	return text
}

// neverRead checks that none of this has reached somebody, not even for a moment.
func neverRead(t *testing.T, u *harness.User, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if u.HasRead(secret) {
			t.Errorf("%s has read %q", u.Name, secret)
		}
	}
}

// offered waits for a firm's card of a job that it can accept.
func (s *scene) offered(t *testing.T, u *harness.User, in *model.Channel, n int) *model.Post {
	t.Helper()
	return u.WaitForPost(t, in.Id, fmt.Sprintf("the firm's card of #%d", n), func(p *model.Post) bool {
		return s.isCard(p, n) && harness.HasButton(p, "Accept")
	})
}

func (s *scene) waitForMembers(t *testing.T, c *model.Channel, people ...*harness.User) {
	t.Helper()
	s.Olivia.Eventually(t, "the members of "+c.Name, func() error {
		members, err := s.Olivia.Members(t.Context(), c.Id)
		if err != nil {
			return err
		}
		for _, u := range people {
			if !slices.Contains(members, u.ID) {
				return fmt.Errorf("%s is not in", u.Name)
			}
		}
		return nil
	})
}

var issueNumber = regexp.MustCompile(`#(\d+)`)

// newIssue lets Olivia report a job by command and returns its number.
func (s *scene) newIssue(t *testing.T, title string) int {
	t.Helper()
	text := s.Olivia.Ask(t, s.Operations.Id, "/task new "+title)
	found := issueNumber.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("the answer names no number: %q", text)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// isCard tells whether a message is the bot's card of an issue.
func (s *scene) isCard(p *model.Post, n int) bool {
	number := regexp.MustCompile(`#` + strconv.Itoa(n) + `\b`)
	return p.UserId == s.BotID && p.RootId == "" && len(p.Attachments()) > 0 && number.MatchString(harness.Show(p))
}

// cardSaying matches the bot's card of an issue that says something: one that others name
// is known by its title.
func (s *scene) cardSaying(n int, text string) func(*model.Post) bool {
	return func(p *model.Post) bool { return s.isCard(p, n) && harness.Contains(harness.Show(p), text) }
}

// deskCard waits for the operators' card of an issue.
func (s *scene) deskCard(t *testing.T, n int) *model.Post {
	t.Helper()
	return s.Olivia.WaitForPost(t, s.Operations.Id, fmt.Sprintf("the desk's card of #%d", n), func(p *model.Post) bool { return s.isCard(p, n) })
}

// offer lets Olivia offer an issue to Acme and returns the firm's card.
func (s *scene) offer(t *testing.T, n int) *model.Post {
	t.Helper()
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task assign %d acme", n))
	return s.offered(t, s.Cora, s.firm, n)
}

// accepted is a job that Cora has accepted: its number and both cards.
func (s *scene) accepted(t *testing.T, title string) (n int, desk, firm *model.Post) {
	t.Helper()
	n = s.newIssue(t, title)
	desk = s.deskCard(t, n)
	firm = s.offer(t, n)
	s.Cora.Click(t, firm, "Accept")
	s.waitForStatus(t, n, "accepted")
	s.waitForButtons(t, s.Cora, firm, "Start", "Complete", "Hand over")
	return n, desk, firm
}

// waitForStatus waits until the newest assignment of an issue stands at status.
func (s *scene) waitForStatus(t *testing.T, n int, status string) {
	t.Helper()
	s.Olivia.Eventually(t, fmt.Sprintf("#%d to be %s", n, status), func() error {
		if got := s.status(t, n); got != status {
			return fmt.Errorf("it is %s", got)
		}
		return nil
	})
}

// status is that of the newest assignment as the API tells it.
func (s *scene) status(t *testing.T, n int) string {
	t.Helper()
	issue, err := s.API.Issue(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if len(issue.Assignments) == 0 {
		return "not assigned"
	}
	return issue.Assignments[len(issue.Assignments)-1].Status
}

// waitForCard waits until a message reads as every part says.
func (s *scene) waitForCard(t *testing.T, u *harness.User, card *model.Post, parts ...string) {
	t.Helper()
	u.Eventually(t, fmt.Sprintf("the card to say %q", parts), func() error {
		if now := harness.Show(u.Read(t, card.Id)); !harness.Contains(now, parts...) {
			return fmt.Errorf("it says:\n%s", now)
		}
		return nil
	})
}

// waitForButtons waits until a message bears these buttons.
func (s *scene) waitForButtons(t *testing.T, u *harness.User, card *model.Post, labels ...string) {
	t.Helper()
	u.Eventually(t, fmt.Sprintf("the buttons %q", labels), func() error {
		now := u.Read(t, card.Id)
		for _, label := range labels {
			if !harness.HasButton(now, label) {
				return fmt.Errorf("there is no %q among %q", label, harness.Buttons(now))
			}
		}
		return nil
	})
}

// waitForNoButtons waits until a message bears none of these buttons.
func (s *scene) waitForNoButtons(t *testing.T, u *harness.User, card *model.Post, labels ...string) {
	t.Helper()
	u.Eventually(t, fmt.Sprintf("no buttons %q", labels), func() error {
		now := u.Read(t, card.Id)
		for _, label := range labels {
			if harness.HasButton(now, label) {
				return fmt.Errorf("%q is still there among %q", label, harness.Buttons(now))
			}
		}
		return nil
	})
}

// entry writes a comment in one line, for comparison.
func entry(c *harness.Comment) string {
	if c.DeletedAt != nil {
		return c.Visibility + " (deleted)"
	}
	return c.Visibility + " " + c.Text
}

// waitForLedger waits until an issue's comments are these and no others, each
// once. The order is that of the text: events of two sides may cross.
func (s *scene) waitForLedger(t *testing.T, n int, want ...string) []harness.Comment {
	t.Helper()
	return s.waitForLedgerOr(t, n, want)
}

// waitForLedgerOr is waitForLedger where more than one outcome is right.
func (s *scene) waitForLedgerOr(t *testing.T, n int, wants ...[]string) []harness.Comment {
	t.Helper()
	var comments []harness.Comment
	s.Olivia.Eventually(t, fmt.Sprintf("the comments of #%d", n), func() error {
		var err error
		if comments, err = s.API.Comments(t.Context(), n); err != nil {
			return err
		}
		got := make([]string, 0, len(comments))
		for i := range comments {
			got = append(got, entry(&comments[i]))
		}
		slices.Sort(got)
		diff := ""
		for _, want := range wants {
			if diff = cmp.Diff(slices.Sorted(slices.Values(want)), got, cmpopts.EquateEmpty()); diff == "" {
				return nil
			}
		}
		return fmt.Errorf("comments differ (-want +got):\n%s", diff)
	})
	return comments
}

// comment finds the one that has or had this text.
func comment(t *testing.T, all []harness.Comment, text string) *harness.Comment {
	t.Helper()
	for i := range all {
		if slices.Contains(texts(&all[i]), text) {
			return &all[i]
		}
	}
	t.Fatalf("no comment says or said %q", text)
	return nil
}

// texts are all that a comment says and ever said.
func texts(c *harness.Comment) []string {
	all := []string{c.Text}
	for _, v := range c.Versions {
		all = append(all, v.Text)
	}
	return all
}

// countInThread counts the replies under a root that contain text.
func countInThread(t *testing.T, u *harness.User, root *model.Post, text string) int {
	t.Helper()
	thread, err := u.Thread(t.Context(), root.Id)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, p := range thread {
		if p.RootId == root.Id && harness.Contains(harness.Show(p), text) {
			count++
		}
	}
	return count
}

// waitForReply waits until exactly one reply under root contains text.
func (s *scene) waitForReply(t *testing.T, u *harness.User, root *model.Post, text string) {
	t.Helper()
	u.Eventually(t, fmt.Sprintf("one reply %q", text), func() error {
		if got := countInThread(t, u, root, text); got != 1 {
			return fmt.Errorf("there are %d", got)
		}
		return nil
	})
}

// forPeople checks that an answer is short and in words a person understands.
func forPeople(t *testing.T, asked, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: no answer", asked)
	}
	if lines := strings.Count(strings.TrimSpace(text), "\n") + 1; lines > 3 || len(text) > 400 {
		t.Errorf("%s: the answer is no short sentence: %q", asked, text)
	}
	for _, word := range []string{"<nil>", "%!", "map[", "goroutine", "sql:", "SQLSTATE", "context canceled", "strconv", "panic", "store:", "null"} {
		if strings.Contains(text, word) {
			t.Errorf("%s: the answer speaks of %s: %q", asked, word, text)
		}
	}
}

// countEvents counts an issue's history lines of a kind.
func (s *scene) countEvents(t *testing.T, n int, kind string) int {
	t.Helper()
	events, err := s.API.Events(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, e := range events {
		if harness.Contains(e.Kind, kind) {
			count++
		}
	}
	return count
}

// errorf is fmt.Errorf under the name that checks read best with.
func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// indexFold is strings.Index without regard to case.
func indexFold(s, part string) int { return strings.Index(strings.ToLower(s), strings.ToLower(part)) }
