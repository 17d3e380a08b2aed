package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// testMessages: a message is posted once, changed and removed.
func testMessages(t *testing.T, open Open) {
	b := newBench(t, open)
	ctx, p, channel := t.Context(), b.Platform(), b.Channel()
	m := chat.Message{
		Title: "#12 Leak", Tone: chat.Waiting, Text: chat.T("In the cellar"),
		Facts: []chat.Fact{{Label: "Place", Value: chat.T("Bonn")}}, Notes: []chat.Text{chat.T("Small print")},
		Buttons: []chat.Button{{ID: "yes", Label: "Accept", Token: "t", Style: chat.Primary}},
	}
	id := b.post(chat.Post{Message: m, DeliveryID: "d-1"})
	got, ok := b.shown(id)
	if !ok {
		t.Fatalf("message %s is not there", id)
	}
	for _, part := range []string{"Leak", "In the cellar", "Place", "Bonn", "Small print"} {
		if !strings.Contains(visible(got.Text), part) {
			t.Errorf("%q is not shown in %q", part, got.Text)
		}
	}
	if err := b.note(p.Update(ctx, channel, id, say("Dry again"))); err != nil {
		t.Fatal(err)
	}
	if got, _ := b.shown(id); !strings.Contains(got.Text, "Dry again") || strings.Contains(got.Text, "In the cellar") {
		t.Errorf("after the update: %q", got.Text)
	}
	for _, try := range []string{"first", "second"} {
		if err := b.note(p.Delete(ctx, channel, id)); err != nil {
			t.Errorf("the %s removal: %v", try, err)
		}
	}
	if _, ok := b.shown(id); ok {
		t.Error("the message is still there")
	}
	b.refused("an update of what is gone", b.note(p.Update(ctx, channel, id, say("Too late"))), chat.NotFound)

	canceled, cancel := context.WithCancel(ctx)
	cancel()
	var se *chat.SendError
	_, err := p.Post(canceled, chat.Post{Channel: channel, Message: say("Never"), DeliveryID: "d-2"})
	if !errors.As(b.note(err), &se) || !se.Retry {
		t.Errorf("a call that was given up: %+v", err)
	}
	long := strings.TrimSpace(strings.Repeat("word ", p.Limits().MessageRunes/5))
	b.post(chat.Post{Message: chat.Message{Text: chat.T(long)}, DeliveryID: "d-3"})
	total := 0
	for _, m := range b.Messages(channel) {
		total += strings.Count(m.Text, "word")
	}
	if want := strings.Count(long, "word"); total < want {
		t.Errorf("%d words arrived of %d that the limits allow", total, want)
	}
}

// testParts: a text that is parted by Measure is shown whole, each part in one message
// that can be changed by itself.
func testParts(t *testing.T, open Open) {
	b := newBench(t, open)
	p := b.Platform()
	fits := func(t chat.Text) bool { return p.Measure(t) <= p.Limits().MessageRunes }
	var words []string
	for n := range 2500 {
		words = append(words, fmt.Sprintf("*w%04d*", n)) // Every mark has to be escaped.
	}
	text := chat.T(strings.Join(words, " ")).Bold(" end").Quote("quoted @all").Add(chat.Span{Kind: chat.CodeBlock, Text: "x < y\nz"})
	parts := chat.Split(text, fits)
	if len(parts) < 2 {
		t.Fatalf("%d parts", len(parts))
	}
	who := chat.Speaker{Name: "Ann Lee (Acme Heating)", Picture: "https://pictures.example/ann.png"}
	root := b.post(chat.Post{Message: say("Root"), DeliveryID: "d-root"})
	var ids []string
	for n, part := range parts {
		ids = append(ids, b.post(chat.Post{Thread: root, DeliveryID: fmt.Sprintf("d-%d", n), Message: chat.Message{Speaker: who, Text: part}}))
	}
	if got := len(b.Messages(b.Channel())); got != len(parts)+1 {
		t.Errorf("%d messages for %d parts", got-1, len(parts))
	}
	var all strings.Builder
	for _, id := range ids {
		m, _ := b.shown(id)
		all.WriteString(visible(m.Text) + "\n")
		if len(m.Notifies) > 0 {
			t.Errorf("a part notifies %q", m.Notifies)
		}
	}
	at := 0
	for _, w := range append(words, "end", "quoted @all", "y\nz") {
		w = strings.NewReplacer("<", "&lt;").Replace(w)
		n := strings.Index(all.String()[at:], w)
		if n < 0 {
			t.Fatalf("%q is lost or out of order", w)
		}
		at += n
	}
	if err := b.note(p.Update(t.Context(), b.Channel(), ids[1], chat.Message{Speaker: who, Text: chat.T("changed")})); err != nil {
		t.Fatal(err)
	}
	if m, _ := b.shown(ids[1]); !strings.Contains(m.Text, "changed") || strings.Contains(m.Text, "w2499") {
		t.Errorf("the changed part says %.80q", m.Text)
	}
	if m, _ := b.shown(ids[0]); !strings.Contains(visible(m.Text), "w0000") {
		t.Errorf("the first part says %.80q", m.Text)
	}
}

// testThreads: a reply stands in its thread or not at all.
func testThreads(t *testing.T, open Open) {
	b := newBench(t, open)
	root := b.post(chat.Post{Message: say("Root"), DeliveryID: "d-1"})
	id := b.post(chat.Post{Message: say("Reply"), Thread: root, DeliveryID: "d-2"})
	if got, ok := b.shown(id); !ok || got.Thread != root {
		t.Errorf("the reply is %+v", got)
	}
	for _, m := range []string{id, root} {
		if err := b.note(b.Platform().Delete(t.Context(), b.Channel(), m)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.tryPost(chat.Post{Message: say("Stray"), Thread: root, DeliveryID: "d-3"})
	b.refused("a reply to what is gone", err, chat.NotFound)
	if left := b.Messages(b.Channel()); len(left) > 0 {
		t.Errorf("it stands outside: %+v", left)
	}
}

// testWhispers: what is meant for one is shown to one.
func testWhispers(t *testing.T, open Open) {
	b := newBench(t, open)
	known := b.Known()
	for who, text := range map[string]string{known.Person: "To who is in", known.Colleague: "To who is not"} {
		if err := b.note(b.Platform().Whisper(t.Context(), b.Channel(), who, say(text))); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		b.whispered(who, text)
	}
	b.refused("a whisper to nobody", b.note(b.Platform().Whisper(t.Context(), b.Channel(), known.Nobody, say("To nobody"))), chat.NotFound)
}

// refused checks an error that means no for good.
func (b *bench) refused(what string, err error, want chat.Reason) {
	b.t.Helper()
	var se *chat.SendError
	if !errors.As(err, &se) || se.Reason != want || se.Retry || se.Ambiguous {
		b.t.Errorf("%s: %+v, want %s", what, err, want)
	}
}

// visible drops the characters that only part others, and the backslashes that a
// client does not show.
func visible(s string) string { return strings.NewReplacer("\u200b", "", `\`, "").Replace(s) }
