package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// arrival is one happening as it arrives: perhaps again, perhaps late.
type arrival struct {
	side    int
	message string
	key     string
	happening
}

// TestMirrorsSettle lets messages of two linked channels be written, changed and
// deleted, and has all of it arrive in any order, any number of times, partly before
// and partly after mirrors were shown. The history is always the same, and the other
// channel ends up with each comment exactly once, with its newest text, and with none
// that was deleted.
func TestMirrorsSettle(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	sides := []*desk{a, b}
	roots := []string{card.ID, other.ID}
	people := []string{"cora", "mia"}
	names := []string{"Cora (Acme Heating)", "Mia (Acme Heating)"}
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		var all []arrival
		type message struct {
			side int
			id   string
			hist []happening
		}
		var messages []message
		for n := range rapid.IntRange(1, 4).Draw(rt, "messages") {
			m := message{side: rapid.IntRange(0, 1).Draw(rt, "side"), id: fmt.Sprintf("s%d-%d", round, n)}
			at := sunday.Add(time.Duration(n) * time.Hour)
			m.hist = append(m.hist, happening{"create", at, fmt.Sprintf("text %d-%d", round, n)})
			for e := range rapid.IntRange(0, 3).Draw(rt, "edits") {
				m.hist = append(m.hist, happening{"edit", at.Add(time.Duration(e+1) * time.Minute), fmt.Sprintf("text %d-%d v%d", round, n, e+1)})
			}
			if rapid.Bool().Draw(rt, "deleted") {
				m.hist = append(m.hist, happening{"delete", at.Add(30 * time.Minute), ""})
			}
			for i, h := range m.hist {
				for again := range rapid.IntRange(1, 3).Draw(rt, "arrives") {
					key := fmt.Sprintf("%s/%d", m.id, i)
					if rapid.Bool().Draw(rt, "replayed") {
						// Read from the history instead of delivered again.
						key += fmt.Sprintf("/%d", again)
					}
					all = append(all, arrival{m.side, m.id, key, h})
				}
			}
			messages = append(messages, m)
		}
		for _, x := range rapid.Permutation(all).Draw(rt, "order") {
			sides[x.side].arrive(people[x.side], roots[x.side], x)
			if rapid.IntRange(0, 7).Draw(rt, "shown meanwhile") == 0 {
				a.drained()
				for n, side := range sides {
					side.echo(roots[n])
				}
			}
		}
		a.drained()

		for _, m := range messages {
			last := m.hist[len(m.hist)-1]
			gone := last.what == "delete"
			var texts []string
			for _, h := range m.hist {
				if h.what != "delete" {
					texts = append(texts, h.text)
				}
			}
			got, ok := sides[m.side].comment(m.id)
			if !ok {
				rt.Fatalf("%s is not in the history", m.id)
			}
			var versions []string
			for _, v := range got.Versions {
				versions = append(versions, v.Text)
			}
			if diff := cmp.Diff(texts, versions); diff != "" || got.Text != texts[len(texts)-1] || (got.DeletedAt != nil) != gone {
				rt.Fatalf("%s is %+v:\n%s", m.id, got, diff)
			}
			prefix := names[m.side] + ": " + texts[0]
			var shown []string
			for _, line := range sides[1-m.side].thread(firmChannel, roots[1-m.side]) {
				if line == prefix || strings.HasPrefix(line, prefix+" v") {
					shown = append(shown, line)
				}
			}
			want := []string{names[m.side] + ": " + texts[len(texts)-1]}
			if gone {
				want = nil
			}
			if !slices.Equal(shown, want) {
				rt.Fatalf("%s is shown as %q, want %q", m.id, shown, want)
			}
			for _, line := range sides[m.side].thread(firmChannel, roots[m.side]) {
				if strings.Contains(line, texts[0]) {
					rt.Fatalf("%s came back: %q", m.id, line)
				}
			}
		}
	})
}

// arrive delivers one happening.
func (d *desk) arrive(who, root string, x arrival) {
	d.t.Helper()
	in := chat.Inbound{Key: x.key, At: x.at, From: chat.Person{ID: who}, Channel: firmChannel}
	switch x.what {
	case "create":
		in.Body = chat.Said{Message: x.message, Thread: root, Text: x.text}
	case "edit":
		in.Body = chat.Edited{Message: x.message, Thread: root, Text: x.text, Version: x.at}
	case "delete":
		in.From = chat.Person{}
		in.Body = chat.Deleted{Message: x.message, Thread: root}
	}
	d.handle(in)
}

// echo lets the platform tell of everything that the bot itself posted in a thread.
func (d *desk) echo(root string) {
	d.t.Helper()
	before := len(d.comments(1))
	for _, p := range d.posts(firmChannel, "") {
		if p.Thread == root {
			d.handle(chat.Inbound{From: chat.Person{ID: "bot", Kind: chat.Bot}, Channel: firmChannel, Body: chat.Said{Message: p.ID, Thread: root, Text: p.Message.Text.String(), Own: true}})
		}
	}
	if after := len(d.comments(1)); after != before {
		d.t.Errorf("our own mirrors became %d comments", after-before)
	}
}
