package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestBoard: a firm's channel has a pinned list of its open jobs, which follows them and
// comes back when somebody removes it.
func TestBoard(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, _ := d.firm("Leeds", "Acme Heating", "frank")
	d.newIssue("Secret of the desk")
	n, _ := d.offered(acme, "Boiler down", "acme heating")
	board := d.board(acme, "To accept or decline (1)", "Boiler down")
	d.lacks("the board", board.Plain(), "Secret")
	until(t, "a pinned board", func() bool { return slices.Equal(d.slack.Pinned(acme), []string{board.TS}) })
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	if now := d.board(acme, "nothing to do"); now.TS != board.TS {
		t.Error("the board is another message")
	}
	d.must(d.slack.Person("frank").Unpin(acme, board.TS))
	until(t, "the board to be pinned again", func() bool { return slices.Equal(d.slack.Pinned(acme), []string{board.TS}) })
	d.must(d.slack.Join(acme, "ada"))
	d.must(d.ada.Delete(acme, board.TS))
	d.must(d.slack.Settle())
	again := d.board(acme, "nothing to do")
	until(t, "a pinned board again", func() bool { return slices.Equal(d.slack.Pinned(acme), []string{again.TS}) })
}

// board waits for a firm's board that says all parts.
func (d *desk) board(channel string, parts ...string) slacktest.Message {
	d.t.Helper()
	m, err := d.slack.WaitMessage(channel, func(m slacktest.Message) bool {
		return isBoard(m) && showing(parts...)(m)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// isBoard tells a firm's board from the cards that it lists.
func isBoard(m slacktest.Message) bool { return strings.Contains(m.Plain(), "Open jobs") }
