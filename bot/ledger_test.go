package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// happening is one thing that befell a message, at a moment of the platform's clock.
type happening struct {
	what string
	at   time.Time
	text string
}

func (d *desk) happen(thread, message, key string, h happening) {
	d.t.Helper()
	in := chat.Inbound{Key: key, At: h.at, From: chat.Person{ID: "cora"}, Channel: firmChannel}
	switch h.what {
	case "create":
		in.Body = chat.Said{Message: message, Thread: thread, Text: h.text}
	case "edit":
		in.Body = chat.Edited{Message: message, Thread: thread, Text: h.text, Version: h.at}
	case "delete":
		in.Body = chat.Deleted{Message: message, Thread: thread}
	}
	d.handle(in)
}

// comment finds a comment by its message.
func (d *desk) comment(message string) (chat.CommentView, bool) {
	d.t.Helper()
	for _, c := range d.comments(1) {
		if c.Source.Message == message {
			return c, true
		}
	}
	return chat.CommentView{}, false
}

// sameComment compares what happened to two messages, not which they are.
func sameComment() cmp.Option {
	return cmpopts.IgnoreFields(chat.CommentView{}, "ID", "Source")
}

var sunday = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// TestSixOrders delivers create, edit and delete of one reply in every order.
func TestSixOrders(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	three := []happening{{"create", sunday, "first"}, {"edit", sunday.Add(time.Minute), "second"}, {"delete", sunday.Add(2 * time.Minute), ""}}
	var want chat.CommentView
	for n, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		message := fmt.Sprintf("six%d", n)
		for _, i := range order {
			d.happen(card.ID, message, "", three[i])
		}
		got, ok := d.comment(message)
		if !ok {
			t.Fatalf("order %v: no comment", order)
		}
		if n == 0 {
			want = got
			if got.DeletedAt == nil || len(got.Versions) != 2 || got.Versions[0].Text != "first" || got.Versions[1].Text != "second" || !got.CreatedAt.Equal(sunday) {
				t.Fatalf("in order: %+v", got)
			}
			continue
		}
		if diff := cmp.Diff(want, got, sameComment()); diff != "" {
			t.Errorf("order %v differs:\n%s", order, diff)
		}
	}
}

// TestAnyOrder permutes and repeats the happenings of one message: the ledger must
// end the same.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		story := []happening{{"create", sunday, "original"}}
		edits := rapid.IntRange(0, 4).Draw(rt, "edits")
		for i := range edits {
			text := rapid.SampledFrom([]string{"a", "b", "original", "z"}).Draw(rt, "text")
			// Now and then two edits carry the same moment.
			at := sunday.Add(time.Duration(1+i/rapid.IntRange(1, 2).Draw(rt, "apart")) * time.Minute)
			story = append(story, happening{"edit", at, text})
		}
		if rapid.Bool().Draw(rt, "deleted") {
			story = append(story, happening{"delete", sunday.Add(time.Hour), ""})
		}
		n++
		straight, shuffled := fmt.Sprintf("p%da", n), fmt.Sprintf("p%db", n)
		for _, h := range story {
			d.happen(card.ID, straight, "", h)
		}
		mixed := slices.Clone(story)
		for range rapid.IntRange(0, 3).Draw(rt, "repeats") {
			mixed = append(mixed, rapid.SampledFrom(story).Draw(rt, "repeated"))
		}
		mixed = rapid.Permutation(mixed).Draw(rt, "order")
		for _, h := range mixed {
			d.happen(card.ID, shuffled, "", h)
		}
		a, okA := d.comment(straight)
		b, okB := d.comment(shuffled)
		if !okA || !okB {
			rt.Fatalf("comments are missing: %v %v", okA, okB)
		}
		if diff := cmp.Diff(a, b, sameComment()); diff != "" {
			rt.Fatalf("%v differs from %v:\n%s", mixed, story, diff)
		}
	})
}

// TestEditInTheSameMoment edits a message at the very time of its creation, or by
// a coarser clock even before it: the edit wins whichever arrives first.
func TestEditInTheSameMoment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	for name, at := range map[string]time.Time{"same": sunday, "before": sunday.Add(-500 * time.Millisecond)} {
		create, edit := happening{"create", sunday, "zzz first"}, happening{"edit", at, "edited"}
		d.happen(card.ID, name+"1", "", create)
		d.happen(card.ID, name+"1", "", edit)
		d.happen(card.ID, name+"2", "", edit)
		d.happen(card.ID, name+"2", "", create)
		a, _ := d.comment(name + "1")
		b, _ := d.comment(name + "2")
		if a.Text != "edited" || b.Text != "edited" {
			t.Errorf("%s: create then edit gives %q, edit then create %q; mergeEdit must let an edit win over a text that was never edited", name, a.Text, b.Text)
		}
	}
}

// TestEditsThatChangeNothing leaves no trace of unfurled links and repeats.
func TestEditsThatChangeNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.happen(card.ID, "u", "", happening{"create", sunday, "see https://example.com"})
	before := has(d.events(1), "comment_edited")
	unfurl := chat.Edited{Message: "u", Thread: card.ID, Text: "see https://example.com"}
	d.handle(chat.Inbound{At: sunday.Add(time.Second), From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: unfurl})
	d.happen(card.ID, "u", "", happening{"edit", sunday.Add(time.Minute), "see https://example.com"})
	got, _ := d.comment("u")
	if got.EditedAt != nil || len(got.Versions) != 1 || has(d.events(1), "comment_edited") != before {
		t.Errorf("nothing was changed, but: %+v", got)
	}
	d.happen(card.ID, "u", "", happening{"edit", sunday.Add(2 * time.Minute), "changed"})
	d.happen(card.ID, "u", "", happening{"edit", sunday.Add(2 * time.Minute), "changed"})
	got, _ = d.comment("u")
	if len(got.Versions) != 2 || has(d.events(1), "comment_edited") != before+1 {
		t.Errorf("one change, told twice: %+v, %d events", got, has(d.events(1), "comment_edited")-before)
	}
}

func TestWhatIsNoComment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	say := func(from chat.Person, channel string, b chat.Said) {
		d.handle(chat.Inbound{From: from, Channel: channel, Body: b})
	}
	say(chat.Person{ID: "bot"}, firmChannel, chat.Said{Message: "1", Thread: card.ID, Text: "own", Own: true})
	say(chat.Person{ID: "b2", Kind: chat.Bot}, firmChannel, chat.Said{Message: "2", Thread: card.ID, Text: "another program"})
	say(chat.Person{ID: "cora"}, firmChannel, chat.Said{Message: "3", Text: "in no thread"})
	say(chat.Person{ID: "cora"}, "general", chat.Said{Message: "4", Thread: card.ID, Text: "in a foreign channel"})
	say(chat.Person{ID: "cora"}, firmChannel, chat.Said{Message: "5", Thread: "m99999", Text: "in a foreign thread"})
	if all := d.comments(1); len(all) != 0 {
		t.Errorf("comments %+v", all)
	}
	d.wantStatus(1, "allocated/accepted")
}

// TestReplyBeforeItsCardIsRecorded holds back the answer to the card's post: people
// see the card and reply before we know its id.
func TestReplyBeforeItsCardIsRecorded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	seen, let := make(chan string, 1), make(chan struct{})
	d.p.mu.Lock()
	d.p.afterPost = func(in chat.Post, id string) error {
		if in.Channel == firmChannel && strings.Contains(in.Message.Title, "#1") {
			seen <- id
			<-let
		}
		return nil
	}
	d.p.mu.Unlock()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	id := <-seen
	d.happen(id, "early", "", happening{"create", sunday, "What time?"})
	d.happen(id, "gone", "", happening{"delete", sunday, ""})
	if _, ok := d.comment("early"); ok {
		t.Error("the reply has an issue before its card is known")
	}
	close(let)
	d.until("the early reply is adopted", func() bool { _, ok := d.comment("early"); return ok })
	got, _ := d.comment("early")
	if got.Visibility != "shared" || got.Author.Name != "Cora" || got.Author.Side != "contractor" || got.Text != "What time?" {
		t.Errorf("adopted as %+v", got)
	}
	d.happen(id, "gone", "", happening{"create", sunday.Add(-time.Minute), "oops"})
	if got, ok := d.comment("gone"); !ok || got.DeletedAt == nil || got.Text != "oops" {
		t.Errorf("deleted before it was seen: %+v", got)
	}
}

func TestRootDeletedWithItsReplies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.reply("cora", firmChannel, card.ID, "r1", "one")
	d.reply("carl", firmChannel, card.ID, "r2", "two")
	d.drained()
	d.p.mu.Lock()
	ch := d.p.channels[firmChannel]
	ch.posts = slices.DeleteFunc(ch.posts, func(p *fakePost) bool { return p.ID == card.ID })
	d.p.mu.Unlock()
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Deleted{Message: card.ID, WithReplies: true, Own: true}})
	for _, m := range []string{"r1", "r2"} {
		if c, _ := d.comment(m); c.DeletedAt == nil {
			t.Errorf("%s is not deleted", m)
		}
	}
	// The job needs its card: it is posted anew, with working buttons.
	fresh := d.waitPost(firmChannel, "a new card", func(p fakePost) bool { return p.ID != card.ID && strings.Contains(p.Message.Title, "#1") })
	d.reply("cora", firmChannel, fresh.ID, "r3", "three")
	if _, ok := d.comment("r3"); !ok {
		t.Error("the new card's thread is not the job's")
	}
	d.submit("cora", firmChannel, d.click("cora", firmChannel, fresh, "Complete").Form, map[string]string{"note": "Done"})
	d.wantStatus(1, "allocated/waiting_approval")
}

// TestThreadOfADeletedCard goes on in the old thread, which outlives its root where
// deleting a root keeps the replies.
func TestThreadOfADeletedCard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.reply("cora", firmChannel, card.ID, "r1", "one")
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Deleted{Message: card.ID, Own: true}})
	d.drained()
	d.reply("cora", firmChannel, card.ID, "r2", "two")
	if _, ok := d.comment("r2"); !ok {
		t.Error("a reply in the thread of a card that was deleted is lost: comment() must know a job's earlier threads")
	}
}

func TestHeldComments(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	ops := d.handedIn()
	card := d.waitCard(firmChannel, "#1")
	d.reply("cora", firmChannel, card.ID, "h1", "One more thing")
	expect(t, d.says("olivia", "ops", "comment 1 Nice work"), "waits for approval")
	d.drained()
	if n := len(d.posts(firmChannel, "Nice work")); n != 0 {
		t.Fatalf("what is held was posted %d times", n)
	}
	held := func() (n int) {
		for _, c := range d.comments(1) {
			if c.Held {
				n++
			}
		}
		return n
	}
	if held() != 2 {
		t.Fatalf("%d are held", held())
	}
	lacks(t, d.says("cora", firmChannel, "history 1"), "Nice work")
	d.submit("olivia", "ops", d.click("olivia", "ops", ops, "Send back").Form, map[string]string{"reason": "Photo?"})
	d.waitText(firmChannel, "Nice work")
	d.drained()
	if n := len(d.posts(firmChannel, "Nice work")); n != 1 || held() != 0 {
		t.Errorf("released %d times, %d still held", n, held())
	}
	expect(t, d.says("cora", firmChannel, "history 1"), "Nice work")

	card = d.waitCard(firmChannel, "#1", "Complete", "Hand over")
	d.submit("cora", firmChannel, d.click("cora", firmChannel, card, "Complete").Form, map[string]string{"note": "Photo"})
	d.says("olivia", "ops", "comment 1 Just between us")
	expect(t, d.says("olivia", "ops", "approve 1"), "approved")
	d.drained()
	if n := len(d.posts(firmChannel, "Just between us")); n != 0 || held() != 1 {
		t.Errorf("after the approval: posted %d times, %d held", n, held())
	}
	lacks(t, d.says("cora", firmChannel, "history 1"), "Just between us")
}

// TestTypedWhileTheClockIsSetBack: what was entered later stands later.
func TestTypedWhileTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	for _, word := range []string{"one", "two", "three"} {
		d.says("olivia", "ops", "note 1 "+word)
		d.clock.Advance(-10 * time.Minute)
	}
	var got []string
	for _, c := range d.comments(1) {
		got = append(got, c.Text)
	}
	if want := []string{"one", "two", "three"}; !slices.Equal(got, want) {
		t.Errorf("the ledger holds %q, want %q", got, want)
	}
}
