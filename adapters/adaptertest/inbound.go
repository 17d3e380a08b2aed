package adaptertest

import (
	"reflect"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// testInbound: what arrives is complete, and what is delivered again keeps its key.
func testInbound(t *testing.T, open Open) {
	b := newBench(t, open)
	b.desk.answers(func(in chat.Inbound) chat.Answer {
		if c, ok := in.Body.(chat.Click); ok && c.Token == tokenAsk {
			return answering(in)
		}
		return chat.Answer{}
	})
	root := b.post(chat.Post{Message: card(), DeliveryID: "card"})
	b.Echo()

	reply := b.Reply(root, "The cellar is under water.")
	said := b.taken("a reply", reply, about(func(s chat.Said) bool { return s.Message == reply.Message }))
	if s := said.Body.(chat.Said); s.Text != "The cellar is under water." || s.Thread != root || s.Own {
		t.Errorf("the reply is %+v", s)
	}
	var last time.Time
	for _, text := range []string{"The cellar is dry.", "The cellar is under water again."} {
		edit := b.Edit(reply.Message, text)
		in := b.taken("an edit", edit, about(func(e chat.Edited) bool { return e.Text == text }))
		e := in.Body.(chat.Edited)
		if e.Message != reply.Message || e.Thread != root || e.Own || !e.Version.After(last) {
			t.Errorf("the edit is %+v, and came after one of %v", e, last)
		}
		last = e.Version
	}
	gone := b.Remove(reply.Message)
	deleted := b.taken("a removal", gone, about(func(d chat.Deleted) bool { return d.Message == reply.Message }))
	if d := deleted.Body.(chat.Deleted); d.Thread != root || d.WithReplies || d.Own {
		t.Errorf("the removal is %+v", d)
	}
	for range 2 {
		// The same words again are another command, and the same button another
		// click.
		isNew := b.unknown()
		command := b.Command("show 12")
		b.taken("a command", command, isNew(about(func(c chat.Command) bool { return c.Text == "show 12" && c.Trigger != "" })))
		press := b.Press(root, buttonAccept)
		b.taken("a click", press, isNew(about(func(c chat.Click) bool {
			return c.Token == tokenAccept && c.Message == root && c.Choice == "" && c.Trigger != ""
		})))
	}
	b.Press(root, buttonAsk)
	form := b.Submit(map[string]string{"reason": "too far"})
	b.taken("a form", form, about(func(s chat.Submitted) bool { return s.Token == tokenForm && s.Values["reason"] == "too far" }))

	kept, _ := b.desk.everything()
	byKey := map[string]chat.Inbound{}
	for _, in := range kept {
		if old, known := byKey[in.Key]; known && !reflect.DeepEqual(old.Body, in.Body) {
			t.Errorf("the key %s stands for %+v and for %+v", in.Key, old.Body, in.Body)
		}
		byKey[in.Key] = in
	}
}

// unknown narrows a condition to what is not known by now.
func (b *bench) unknown() func(func(chat.Inbound) bool) func(chat.Inbound) bool {
	known := map[string]bool{}
	kept, _ := b.desk.everything()
	for _, in := range kept {
		known[in.Key] = true
	}
	return func(match func(chat.Inbound) bool) func(chat.Inbound) bool {
		return func(in chat.Inbound) bool { return !known[in.Key] && match(in) }
	}
}

// taken checks that a delivery was kept, complete, and keeps its key when it is
// delivered again.
func (b *bench) taken(what string, d Delivery, match func(chat.Inbound) bool) chat.Inbound {
	t := b.t
	t.Helper()
	if !d.Acknowledged {
		t.Errorf("%s was not acknowledged", what)
	}
	in := b.desk.wait(t, what, 1, match)
	if in.Key == "" || in.Workspace == "" || in.Workspace != b.Platform().Workspace() {
		t.Errorf("%s has the key %q in the workspace %q", what, in.Key, in.Workspace)
	}
	// A platform may not tell who deleted a message; it must not name anybody else.
	_, removal := in.Body.(chat.Deleted)
	named := in.From.ID == b.Known().Person || removal && in.From.ID == ""
	if !named || in.Channel != b.Channel() {
		t.Errorf("%s came from %q in %q", what, in.From.ID, in.Channel)
	}
	if off := time.Since(in.At).Abs(); off > time.Minute {
		t.Errorf("%s happened at %v", what, in.At)
	}
	if again := d.Again(); !again.Acknowledged {
		t.Errorf("%s was not acknowledged when it came again", what)
	}
	b.desk.wait(t, what+" again", 2, alike(in))
	kept, _ := b.desk.everything()
	for _, o := range kept {
		if alike(in)(o) && (o.Key != in.Key || o.From.ID != in.From.ID || o.Channel != in.Channel) {
			t.Errorf("%s came as %s and then as %s", what, in.Key, o.Key)
		}
	}
	return in
}

// testAnswers: what is answered at once reaches the person, and nobody else.
func testAnswers(t *testing.T, open Open) {
	b := newBench(t, open)
	b.desk.answers(answering)
	root := b.post(chat.Post{Message: card(), DeliveryID: "card"})
	person := b.Known().Person
	b.Command("show 12")
	b.whispered(person, "Thanks for the command show 12.")
	b.Press(root, buttonAccept)
	b.whispered(person, "Thanks for the click.")
	b.Press(root, buttonAsk)
	if d := b.Submit(map[string]string{"reason": "no"}); !d.Acknowledged || d.FieldErrors["reason"] != "Say more." {
		t.Errorf("a form with a wrong field: %+v", d)
	}
	if d := b.Submit(map[string]string{"reason": "too far"}); !d.Acknowledged || len(d.FieldErrors) > 0 {
		t.Errorf("a right form: %+v", d)
	}
	b.whispered(person, "Thanks for the form.")
}

// testOwn: what the adapter did itself comes back marked as its own, and the same
// words of somebody else do not.
func testOwn(t *testing.T, open Open) {
	b := newBench(t, open)
	first := b.post(chat.Post{Message: say("Ours"), DeliveryID: "own-1"})
	second := b.post(chat.Post{Message: say("Ours in the thread"), Thread: first, DeliveryID: "own-2"})
	b.Echo()
	for _, id := range []string{first, second} {
		in := b.desk.wait(t, "our post", 1, about(func(s chat.Said) bool { return s.Message == id }))
		if !in.Body.(chat.Said).Own {
			t.Errorf("our post came back as somebody's: %+v", in)
		}
	}
	if err := b.note(b.Platform().Update(t.Context(), b.Channel(), second, say("Ours, changed"))); err != nil {
		t.Fatal(err)
	}
	b.Echo()
	if in := b.desk.wait(t, "our update", 1, about(func(e chat.Edited) bool { return e.Message == second })); !in.Body.(chat.Edited).Own {
		t.Errorf("our update came back as somebody's: %+v", in)
	}
	if err := b.note(b.Platform().Delete(t.Context(), b.Channel(), second)); err != nil {
		t.Fatal(err)
	}
	b.Echo()
	if in := b.desk.wait(t, "our removal", 1, about(func(d chat.Deleted) bool { return d.Message == second })); !in.Body.(chat.Deleted).Own {
		t.Errorf("our removal came back as somebody's: %+v", in)
	}
	words, _ := b.shown(first)
	copied := b.Reply(first, words.Text)
	if in := b.desk.wait(t, "a copy", 1, about(func(s chat.Said) bool { return s.Message == copied.Message })); in.Body.(chat.Said).Own {
		t.Errorf("a copy of our words was taken for ours: %+v", in)
	}
}

// testForgery: what the platform did not send never reaches the bot.
func testForgery(t *testing.T, open Open) {
	b := newBench(t, open)
	b.Echo()
	before, _ := b.desk.everything()
	forgeries := b.Forgeries()
	if len(forgeries) == 0 {
		t.Fatal("nothing was forged")
	}
	for _, f := range forgeries {
		if f.Send() {
			t.Errorf("%s: accepted", f.Name)
		}
	}
	after, failed := b.desk.everything()
	for _, in := range append(after[len(before):], failed...) {
		t.Errorf("a forgery reached the bot: %T %+v", in.Body, in)
	}
	// The true one is still let in.
	if d := b.Command("help"); !d.Acknowledged {
		t.Error("a true command was refused")
	}
	b.desk.wait(t, "a true command", 1, about(func(c chat.Command) bool { return c.Text == "help" }))
}
