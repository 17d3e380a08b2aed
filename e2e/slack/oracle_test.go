package slack_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// check compares what the platform shows with what the program tells, both ways:
// every message is in the ledger once with its newest text, a deleted one as a
// tombstone, in the platform's order; what the desk typed stands in the firm's thread
// once and in order; each card is there once and shows how things are; no notice
// comes twice; nothing internal is in a firm's channel.
func (h *history) check() {
	h.t.Helper()
	for _, j := range h.jobs {
		ledger := h.ledger(j.number)
		h.checkThread(j.card)
		h.checkThread(j.desk)
		h.checkCards(ledger, j)
		if j.internal == nil {
			continue
		}
		for _, v := range j.shared {
			h.checkVoice(ledger, v, "shared")
		}
		h.checkVoice(ledger, j.internal, "internal")
		h.checkTyped(ledger, j)
		if j.linked.TS != "" {
			h.checkThread(j.linked)
			h.checkLinked(j)
		}
		n := len(j.typist.typed) + len(j.internal.said)
		for _, v := range j.shared {
			n += len(v.said)
		}
		if len(ledger) != n {
			h.t.Errorf("#%d has %d comments, the platform knows of %d", j.number, len(ledger), n)
		}
		for _, m := range h.slack.Messages(j.firm) {
			if strings.Contains(m.Plain(), j.internal.name) {
				h.t.Errorf("the firm's channel shows an internal note: %q", m.Plain())
			}
		}
	}
	if h.t.Failed() {
		h.t.Logf("seed %d", h.seed)
	}
}

func (h *history) checkVoice(ledger []commentView, v *voice, visibility string) {
	h.t.Helper()
	for _, u := range v.said {
		found := slices.DeleteFunc(slices.Clone(ledger), func(c commentView) bool {
			return c.Source.Message != u.ts || c.Source.Channel != v.root.Channel
		})
		if len(found) != 1 {
			h.t.Errorf("%q is in the ledger %d times\n%s", u.texts[0], len(found), h.trace(u.ts))
			continue
		}
		c := found[0]
		if u.file != "" && (len(c.Files) != 1 || c.Files[0].Name != u.file || c.Files[0].Digest == "") && !u.deleted {
			h.t.Errorf("%q came with %s and lists %+v", u.texts[0], u.file, c.Files)
		}
		if !slices.Equal(c.said(), u.texts) || (c.DeletedAt != nil) != u.deleted || c.Visibility != visibility {
			h.t.Errorf("%q (deleted: %v) is in the ledger as %+v\n%s", u.texts, u.deleted, c, h.trace(u.ts))
		}
		if micros, _ := strconv.ParseInt(strings.ReplaceAll(u.ts, ".", ""), 10, 64); !c.CreatedAt.Equal(time.UnixMicro(micros)) {
			h.t.Errorf("%q was said at %s and stands at %s", u.texts[0], u.ts, c.CreatedAt)
		}
	}
}

// checkTyped looks for what came through the API, in the ledger and in the threads.
func (h *history) checkTyped(ledger []commentView, j *job) {
	h.t.Helper()
	var entered []string
	for _, c := range ledger {
		if strings.HasPrefix(c.Text, "typed ") {
			entered = append(entered, c.Text)
		}
	}
	if !slices.Equal(entered, j.typist.typed) {
		h.t.Errorf("#%d: typed was %q, in the ledger is %q", j.number, j.typist.typed, entered)
	}
	for _, root := range []slacktest.Message{j.card, j.linked} {
		var shown []string
		for _, m := range h.slack.Thread(root.Channel, root.TS) {
			if _, text, ok := strings.Cut(visible(m.Plain()), "typed "); ok && m.IsReply() {
				line, _, _ := strings.Cut("typed "+text, "\n")
				shown = append(shown, line)
			}
		}
		if root.TS != "" && !slices.Equal(shown, j.typist.typed) {
			h.t.Errorf("#%d: typed was %q, in %s stands %q", j.number, j.typist.typed, root.Channel, shown)
		}
	}
}

// checkThread looks for anything that the program said twice.
func (h *history) checkThread(root slacktest.Message) {
	h.t.Helper()
	seen := map[string]bool{}
	for _, m := range h.slack.Thread(root.Channel, root.TS) {
		if !m.IsReply() || m.User != h.slack.BotUserID() {
			continue
		}
		if text := m.Plain(); seen[text] {
			h.t.Errorf("the thread says twice: %q", text)
		} else {
			seen[text] = true
		}
	}
}

// labels are what cards call the states that the API names.
func labels() map[string]string {
	return map[string]string{
		"allocated": "Allocated", "resolved": "Resolved", "accepted": "Accepted", "in_progress": "In progress",
		"waiting_approval": "Waiting approval", "complete": "Complete",
	}
}

func (h *history) checkCards(ledger []commentView, j *job) {
	h.t.Helper()
	i := h.issue(j.number)
	status, assignment := labels()[i.Status], labels()[i.Assignments[len(i.Assignments)-1].Status]
	replies := 0
	for _, c := range ledger {
		if c.Visibility == "shared" && c.DeletedAt == nil {
			replies++
		}
	}
	want := map[string][]string{j.firm: {"Status", assignment}, h.ops: {"Status", status, assignment}}
	if replies > 0 {
		want[h.ops] = append(want[h.ops], fmt.Sprintf("%d repl", replies), "in the firm's thread")
	}
	if j.linked.TS != "" {
		want[j.linked.Channel] = want[j.firm]
	}
	for channel, parts := range want {
		var cards []slacktest.Message
		for _, m := range h.slack.Messages(channel) {
			if !m.IsReply() && !isBoard(m) && m.User == h.slack.BotUserID() && strings.Contains(visible(m.Plain()), fmt.Sprintf("#%d ", j.number)) {
				cards = append(cards, m)
			}
		}
		if len(cards) != 1 {
			h.t.Errorf("#%d has %d cards in %s", j.number, len(cards), channel)
			continue
		}
		h.has(fmt.Sprintf("the card of #%d", j.number), cards[0].Plain(), parts...)
	}
}

// ledger reads all comments of an issue.
func (d *desk) ledger(number int) []commentView {
	d.t.Helper()
	var all []commentView
	for after := ""; ; {
		var page struct {
			Items []commentView
			Next  string
		}
		d.get(fmt.Sprintf("/issues/%d/comments?limit=200&after=%s", number, url.QueryEscape(after)), &page)
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// waiting is how much the program has to send, as far as it can tell.
func (d *desk) waiting() int { return len(d.program.Waiting()) }

// trace tells how Slack told the program of a message.
func (d *desk) trace(ts string) string {
	var b strings.Builder
	ids := map[string]bool{}
	for _, e := range d.slack.Events() {
		if bytes.Contains(e.Body, []byte(ts)) && e.Type == "message" {
			ids[e.ID] = true
			fmt.Fprintf(&b, "  event %s %s\n", e.ID, e.Subtype)
		}
	}
	return b.String() + d.tries(slices.Collect(maps.Keys(ids))...)
}

// tries tells how events were delivered.
func (d *desk) tries(events ...string) string {
	var b strings.Builder
	for _, at := range d.slack.Deliveries() {
		if slices.Contains(events, at.EventID) {
			fmt.Fprintf(&b, "  %s %s try %d: %d %s after %v\n", at.EventID, at.Type, at.Retry, at.Status, at.Failed, at.Took)
		}
	}
	return b.String()
}
