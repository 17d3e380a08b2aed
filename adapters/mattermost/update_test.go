package mattermost

import (
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// TestUpdatesLeaveWhatPeoplePutOn: a card that somebody pinned stays pinned when it
// changes, and reactions are not spoken of.
func TestUpdatesLeaveWhatPeoplePutOn(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a, e := adapterFor(t, f, b), newExtra(f)
	card := chat.Message{Title: "#1 Leak", Text: chat.T("Offered")}
	ts, err := a.Post(t.Context(), chat.Post{Channel: chanID, DeliveryID: "d-1", Message: card})
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.posts[ts].IsPinned = true
	f.mu.Unlock()
	card.Text = chat.T("Accepted")
	if err := a.Update(t.Context(), chanID, ts, card); err != nil {
		t.Fatal(err)
	}
	if p := e.post(ts); !p.IsPinned || !strings.Contains(string(p.Props[propAttachments]), "Accepted") {
		t.Errorf("pinned: %v, props %s", p.IsPinned, p.Props[propAttachments])
	}
	// What is to be pinned is pinned with the change.
	f.mu.Lock()
	f.posts[ts].IsPinned = false
	f.mu.Unlock()
	card.Pinned = true
	if err := a.Update(t.Context(), chanID, ts, card); err != nil || !e.post(ts).IsPinned {
		t.Errorf("pinned: %v, %v", e.post(ts).IsPinned, err)
	}
}

// TestCardsChangeWhereWordsMayNot: with a limit to how long posts may be edited, a card goes
// on changing but for the line above it that called everyone, and words do not. What people
// put on it stays.
func TestCardsChangeWhereWordsMayNot(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a, e := adapterFor(t, f, b), newExtra(f)
	card := chat.Message{Title: "#1 Leak", Text: chat.T("Accepted")}
	calling := chat.Message{Title: "#2 Smell", Text: chat.T("").Add(chat.Span{Kind: chat.Everyone}).Plain(" A new job")}
	ids := map[string]chat.Message{}
	for _, m := range []chat.Message{card, calling, note("words")} {
		id, err := a.Post(t.Context(), chat.Post{Channel: chanID, DeliveryID: m.Title + "d", Message: m})
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = m
	}
	e.mu.Lock()
	e.editLimit = true
	e.mu.Unlock()
	f.mu.Lock()
	for id := range ids {
		f.posts[id].IsPinned = true
	}
	f.mu.Unlock()
	for id, m := range ids {
		want := chat.Reason("")
		if m.Title == "" {
			want = chat.Unsupported
		}
		m.Text = chat.T("changed")
		if err := a.Update(t.Context(), chanID, id, m); chat.ReasonOf(err) != want {
			t.Errorf("%q: %v, want %q", m.Title, err, want)
		}
		if p := e.post(id); want == "" && !strings.Contains(string(p.Props[propAttachments]), "changed") {
			t.Errorf("%q did not change", m.Title)
		}
		if !e.post(id).IsPinned {
			t.Errorf("%q is not pinned any more", m.Title)
		}
	}
}
