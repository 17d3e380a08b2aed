package slack

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

func TestStart(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	if a.Workspace() != "slack:"+fake.TeamID() || a.Self().ID != fake.BotUserID() || a.Self().Kind != chat.Bot {
		t.Errorf("we are %q %+v", a.Workspace(), a.Self())
	}
	if err := a.Healthy(); err != nil {
		t.Error(err)
	}
	for _, f := range a.Check(t.Context()) {
		if f.Problem != "" {
			t.Errorf("%s: %s", f.Subject, f.Problem)
		}
	}
	if err := fake.VerifyURL(); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{Scopes: []string{"chat:write", "users:read"}}, newRecorder())
	found := a.Check(t.Context())
	if len(found) != 3 || !strings.Contains(found[1].Problem, "groups:write") || strings.Contains(found[1].Problem, "chat:write,") {
		t.Errorf("findings %+v", found)
	}
	fake.Allow(slacktest.RuleAuth)
	fake.RevokeToken("token_revoked")
	if found = a.Check(t.Context()); len(found) != 1 || found[0].Problem == "" || a.Healthy() == nil {
		t.Errorf("with a revoked token: %+v", found)
	}
	fake.RevokeToken("")
	if err := a.Start(t.Context()); err != nil || a.Healthy() != nil {
		t.Errorf("once mended: %v, %v", err, a.Healthy())
	}
}

func TestE15PostUpdateDeleteComeBackAsOwn(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a, fake := newConnected(t, slacktest.Options{}, h)
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Private: true})
	ctx := t.Context()
	p := chat.Post{Channel: channel, DeliveryID: "d-1", Message: chat.Message{Title: "#1", Text: chat.T("A <b> & c")}, Since: time.Now()}
	root, err := a.Post(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	reply := chat.Post{Channel: channel, Thread: root, DeliveryID: "d-2", Message: chat.Message{Speaker: chat.Speaker{Name: "Anna"}, Text: chat.T("Hello")}, Since: time.Now()}
	ts, err := a.Post(ctx, reply)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := fake.Message(channel, ts); m.ThreadTS != root || m.Username != "Anna (via taskbridge)" || m.Metadata.EventType != deliveryEvent {
		t.Errorf("the reply is %+v", m)
	}
	for _, tt := range []struct {
		post chat.Post
		want string
	}{{p, root}, {reply, ts}, {chat.Post{Channel: channel, DeliveryID: "d-3", Since: time.Now()}, ""}} {
		if got, err := a.Find(ctx, tt.post); err != nil || got != tt.want {
			t.Errorf("find %s = %q, %v; want %q", tt.post.DeliveryID, got, err, tt.want)
		}
	}
	if err := a.Update(ctx, channel, root, chat.Message{Text: chat.T("Changed")}); err != nil {
		t.Fatal(err)
	}
	if m, _ := fake.Message(channel, root); m.Text != "Changed" || !strings.Contains(string(m.Blocks), "Changed") {
		t.Errorf("after the update: %+v", m)
	}
	for range 2 {
		if err := a.Delete(ctx, channel, ts); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if err := fake.Settle(); err != nil {
		t.Fatal(err)
	}
	// The edge case E15: everything that came back is recognised as our own.
	own := 0
	for _, in := range h.all() {
		switch b := in.Body.(type) {
		case chat.Said:
			own++
			if !b.Own {
				t.Errorf("a post of ours came back as somebody's: %+v", b)
			}
		case chat.Edited:
			if !b.Own {
				t.Errorf("an update of ours came back as somebody's: %+v", b)
			}
		}
	}
	if own != 2 {
		t.Errorf("%d posts came back, want 2", own)
	}
}

func TestReplyToALostRootIsTakenBack(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext"})
	root, err := a.Post(t.Context(), chat.Post{Channel: channel, DeliveryID: "d", Message: chat.Message{Text: chat.T("root")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Delete(t.Context(), channel, root); err != nil {
		t.Fatal(err)
	}
	_, err = a.Post(t.Context(), chat.Post{Channel: channel, Thread: root, DeliveryID: "e", Message: chat.Message{Text: chat.T("stray")}})
	if chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("error %v, want not found", err)
	}
	if got := fake.Messages(channel); len(got) != 0 {
		t.Errorf("%d messages stay", len(got))
	}
}

// A post whose answer was lost is found by its metadata, so that it is not
// posted twice.
func TestE29LostAnswerIsFound(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext"})
	fake.Inject(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.FaultDropAfter})
	p := chat.Post{Channel: channel, DeliveryID: "d", Message: chat.Message{Text: chat.T("once")}, Since: time.Now()}
	_, err := a.Post(t.Context(), p)
	var se *chat.SendError
	if !errors.As(err, &se) || !se.Ambiguous || !se.Retry {
		t.Fatalf("error %+v, want an ambiguous one", err)
	}
	p.Repeat = true
	ts, err := a.Find(t.Context(), p)
	if got := fake.Messages(channel); err != nil || len(got) != 1 || got[0].TS != ts {
		t.Errorf("found %q, %v among %d", ts, err, len(got))
	}
}

// The edge cases E13 and E14, and the events of people in general.
func TestE13E14MessageEvents(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	_, fake := newConnected(t, slacktest.Options{}, h)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	bert := fake.AddUser(slacktest.UserSpec{Name: "bert"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna", "bert"}})
	root, err := anna.Say(channel, "root <@"+bert.ID()+"> &amp; all")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := anna.Post(slacktest.PostSpec{Channel: channel, Thread: root.TS, Text: "shown twice", Broadcast: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := anna.Edit(channel, shown.TS, "changed"); err != nil {
		t.Fatal(err)
	}
	if err := fake.Unfurl(channel, shown.TS); err != nil {
		t.Fatal(err)
	}
	if err := fake.Settle(); err != nil {
		t.Fatal(err)
	}
	var said []chat.Said
	var edits []chat.Edited
	for _, in := range h.all() {
		switch b := in.Body.(type) {
		case chat.Said:
			said = append(said, b)
		case chat.Edited:
			edits = append(edits, b)
		case chat.Unknown:
			t.Errorf("not understood: %+v", b)
		}
	}
	if len(said) != 2 || said[0].Text != "root @bert & all" || said[1].Thread != root.TS || said[1].Own {
		t.Errorf("said %+v", said)
	}
	if len(edits) != 2 || edits[0].Text != "changed" || edits[0].Version.IsZero() || edits[1].Text != "changed" || !edits[1].Version.IsZero() {
		t.Errorf("edits %+v", edits)
	}
}

func card(token string) chat.Message {
	return chat.Message{
		Text:    chat.T("card"),
		Buttons: []chat.Button{{ID: "accept", Label: "Accept", Token: token}},
		Choice:  &chat.Choice{ID: "why", Token: "tok-why", Options: []chat.Option{{Value: "far", Label: "Too far"}}},
	}
}

func form() *chat.Form {
	return &chat.Form{Title: "Decline", Token: "tok-form", Fields: []chat.Field{{Name: "reason", Label: "Reason", Kind: chat.Line}}}
}

func TestClickFormAndPrivateAnswers(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a, fake := newConnected(t, slacktest.Options{}, h)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna"}})
	ts, err := a.Post(t.Context(), chat.Post{Channel: channel, DeliveryID: "d", Message: card("tok")})
	if err != nil {
		t.Fatal(err)
	}
	h.respond(func(in chat.Inbound) (chat.Answer, error) {
		switch b := in.Body.(type) {
		case chat.Click:
			if b.Choice != "" {
				return chat.Private(chat.T("chose " + b.Choice + " " + b.Token)), nil
			}
			return chat.Answer{Form: form(), Message: chat.Message{Text: chat.T("form opens")}}, nil
		case chat.Submitted:
			if b.Values["reason"] == "no" {
				return chat.Answer{FieldErrors: map[string]string{"reason": "Say more."}}, nil
			}
			return chat.Private(chat.T("thanks for " + b.Values["reason"])), nil
		}
		return chat.Answer{}, nil
	})
	if err := anna.Select(channel, ts, "why", "far"); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.WaitEphemeral(slacktest.Containing("chose far tok-why")); err != nil {
		t.Error(err)
	}
	if err := anna.Click(channel, ts, "accept"); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.WaitEphemeral(slacktest.Containing("form opens")); err != nil {
		t.Error(err)
	}
	got, err := anna.Submit(slacktest.Values{"reason": "no"})
	if err != nil || got.Errors["reason"] != "Say more." {
		t.Fatalf("submitted: %+v, %v", got, err)
	}
	if got, err = anna.Submit(slacktest.Values{"reason": "it is far"}); err != nil || !got.Closed {
		t.Fatalf("submitted: %+v, %v", got, err)
	}
	if _, err := anna.WaitEphemeral(slacktest.Containing("thanks for it is far")); err != nil {
		t.Error(err)
	}
	in := h.wait(t, func(in chat.Inbound) bool { _, ok := in.Body.(chat.Submitted); return ok })
	if in.Channel != channel || in.From.ID != anna.ID() {
		t.Errorf("the form came from %q in %q", in.From.ID, in.Channel)
	}
}

// The edge case E27: when the form does not open, the same answer is given
// without one.
func TestE27FallbackWhenTheFormDoesNotOpen(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a, fake := newConnected(t, slacktest.Options{}, h)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna"}})
	ts, err := a.Post(t.Context(), chat.Post{Channel: channel, DeliveryID: "d", Message: card("tok")})
	if err != nil {
		t.Fatal(err)
	}
	h.respond(func(chat.Inbound) (chat.Answer, error) {
		return chat.Answer{Form: form(), Fallback: chat.Message{
			Text:    chat.T("The form did not open."),
			Buttons: []chat.Button{{ID: "again", Label: "Try again", Token: "tok"}},
		}}, nil
	})
	fake.Inject(slacktest.Fault{Method: "views.open", Kind: slacktest.FaultError, Code: "trigger_expired", Times: 2})
	if err := anna.Click(channel, ts, "accept"); err != nil {
		t.Fatal(err)
	}
	got, err := anna.WaitEphemeral(slacktest.Containing("did not open"))
	if err != nil || !strings.Contains(string(got.Blocks), "Try again") {
		t.Errorf("after the click: %+v, %v", got, err)
	}
	answer, err := anna.Command(channel, "/task new")
	if err != nil || !strings.Contains(answer.Plain(), "did not open") {
		t.Errorf("after the command: %+v, %v", answer, err)
	}
	// With a working trigger the command opens the form and says nothing.
	if answer, err = anna.Command(channel, "/task new"); err != nil || answer.Plain() != "" {
		t.Errorf("with a form: %+v, %v", answer, err)
	}
	if v, ok := anna.View(); !ok || v.PrivateMetadata != "tok-form" {
		t.Errorf("the form is %+v", v)
	}
}

// A call that hangs never costs the acknowledgement: the fake Slack fails the test
// when one takes three seconds.
func TestHangingFormDoesNotDelayTheAcknowledgement(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	_, fake := newConnected(t, slacktest.Options{}, h)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna"}})
	h.respond(func(chat.Inbound) (chat.Answer, error) {
		return chat.Answer{Form: form(), Fallback: chat.Message{Text: chat.T("no form")}}, nil
	})
	fake.Inject(slacktest.Fault{Method: "views.open", Kind: slacktest.FaultHangAfter})
	answer, err := anna.Command(channel, "/task new")
	if err != nil || !strings.Contains(answer.Plain(), "no form") {
		t.Errorf("answered %+v, %v", answer, err)
	}
}

func TestPeopleAndChannels(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	admin := fake.AddUser(slacktest.UserSpec{Name: "ada", Admin: true})
	guest := fake.AddUser(slacktest.UserSpec{Name: "gus", Guest: true})
	chef := fake.AddUser(slacktest.UserSpec{Name: "chef", Team: "Muster"})
	ctx := t.Context()
	for id, want := range map[string]chat.PersonKind{admin.ID(): chat.Member, guest.ID(): chat.Guest, chef.ID(): chat.External, fake.BotUserID(): chat.Bot} {
		if p, err := a.Person(ctx, id); err != nil || p.Kind != want {
			t.Errorf("%s is %+v, %v; want %s", id, p, err, want)
		}
	}
	if p, _ := a.Person(ctx, admin.ID()); !p.Admin || p.Email != "ada@example.com" {
		t.Errorf("the administrator is %+v", p)
	}
	if _, err := a.Person(ctx, "U0NOBODY1"); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("nobody: %v", err)
	}
	ch, err := a.CreateChannel(ctx, chat.ChannelSpec{Name: "ext-bonn-muster", Purpose: "Jobs for <Muster>"})
	if err != nil || !ch.Private || ch.ID == "" || !strings.Contains(ch.URL, ch.ID) {
		t.Fatalf("created %+v, %v", ch, err)
	}
	if _, err := a.CreateChannel(ctx, chat.ChannelSpec{Name: "ext-bonn-muster"}); chat.ReasonOf(err) != chat.NameTaken {
		t.Errorf("created twice: %v", err)
	}
	for _, key := range []string{ch.ID, "ext-bonn-muster", "#ext-bonn-muster"} {
		if got, err := a.Channel(ctx, key); err != nil || got.ID != ch.ID {
			t.Errorf("channel %q: %+v, %v", key, got, err)
		}
	}
	if _, err := a.Channel(ctx, "none"); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("no channel: %v", err)
	}
	for range 2 {
		if err := a.AddMembers(ctx, ch.ID, []string{admin.ID(), guest.ID(), a.Self().ID}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := a.Members(ctx, ch.ID); err != nil || len(got) != 3 {
		t.Errorf("members %v, %v", got, err)
	}
	bert := fake.AddUser(slacktest.UserSpec{Name: "bert"})
	fake.AddUser(slacktest.UserSpec{Name: "carl"})
	for address, want := range map[string]chat.InviteState{
		"<mailto:bert@example.com|bert@example.com>": chat.InviteJoined,
		"<@" + bert.ID() + "|bert>":                  chat.InviteJoined,
		"@carl":                                      chat.InviteJoined,
		"boss@muster.example":                        chat.InviteSent,
	} {
		if got, err := a.Invite(ctx, chat.InviteSpec{Channel: ch.ID, Address: address}); err != nil || got.State != want {
			t.Errorf("invite %s: %+v, %v", address, got, err)
		}
	}
	if inv := fake.Invites(); len(inv) != 1 || inv[0].ExternalLimited || inv[0].Email != "boss@muster.example" {
		t.Errorf("invitations %+v", inv)
	}
	if _, err := a.Invite(ctx, chat.InviteSpec{Channel: ch.ID, Address: "@nobody"}); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("invite nobody: %v", err)
	}
	for _, typed := range []string{"<mailto:bert@example.com|bert@example.com>", "bert@example.com", "<@" + bert.ID() + "|bert>", "@bert", " bert "} {
		if got, err := a.FindPerson(ctx, typed); err != nil || got.ID != bert.ID() || got.Email != "bert@example.com" {
			t.Errorf("find %q: %+v, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "@nobody", "nobody@example.com", "<@UNOBODY000>"} {
		if got, err := a.FindPerson(ctx, typed); chat.ReasonOf(err) != chat.NotFound {
			t.Errorf("find %q: %+v, %v", typed, got, err)
		}
	}
	direct, err := a.OpenDirect(ctx, bert.ID())
	own, ownErr := bert.Direct()
	if err != nil || ownErr != nil || direct.ID != own || !direct.Private {
		t.Errorf("opened %+v, %v; theirs is %s, %v", direct, err, own, ownErr)
	}
	// Somebody who is not in the channel is told directly.
	dora := fake.AddUser(slacktest.UserSpec{Name: "dora"})
	if err := a.Whisper(ctx, ch.ID, dora.ID(), chat.Message{Text: chat.T("psst")}); err != nil {
		t.Fatal(err)
	}
	dm, err := dora.Direct()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fake.WaitMessage(dm, slacktest.Containing("psst")); err != nil {
		t.Error(err)
	}
}

// Deliveries that failed are delivered again by Slack with the same key.
func TestE04E05RedeliveryAfterFailure(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	_, fake := newConnected(t, slacktest.Options{}, h)
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{"anna"}})
	failed := false
	h.respond(func(chat.Inbound) (chat.Answer, error) {
		if !failed {
			failed = true
			return chat.Answer{}, errors.New("no database")
		}
		return chat.Answer{}, nil
	})
	if _, err := anna.Say(channel, "hello"); err != nil {
		t.Fatal(err)
	}
	d, err := fake.WaitDelivery(func(d slacktest.Delivery) bool { return d.Retry == 1 })
	if err != nil || d.Status != http.StatusOK {
		t.Fatalf("the retry: %+v, %v", d, err)
	}
	got := h.all()
	if len(got) != 2 || got[0].Key != got[1].Key || got[0].Key != d.EventID {
		t.Errorf("%d deliveries, keys differ", len(got))
	}
}

// TestChannelWithoutAPurposeIsFound: the answer to making it was lost before its
// purpose could be set. It is ours by its creator and its time, and by nothing else.
func TestChannelWithoutAPurposeIsFound(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	ctx := t.Context()
	asked := time.Now()
	spec := chat.ChannelSpec{Name: "ext-bonn-muster", Purpose: "Jobs. Ref 0a1b2c", Mark: "Ref 0a1b2c", Since: asked}
	fake.Inject(slacktest.Fault{Method: "conversations.create", Kind: slacktest.FaultDropAfter})
	_, err := a.CreateChannel(ctx, spec)
	if se, ok := errors.AsType[*chat.SendError](err); !ok || !se.Ambiguous {
		t.Fatalf("the lost answer is %v", err)
	}
	if _, err := a.CreateChannel(ctx, spec); chat.ReasonOf(err) != chat.NameTaken {
		t.Fatalf("the next attempt: %v", err)
	}
	late := spec
	late.Since = asked.Add(time.Hour)
	if got, err := a.FindChannel(ctx, late); err != nil || got.ID != "" {
		t.Errorf("one made before it was asked for: %+v, %v", got, err)
	}
	found, err := a.FindChannel(ctx, spec)
	if err != nil || found.ID == "" || found.Name != spec.Name || !found.Private {
		t.Fatalf("found %+v, %v", found, err)
	}
	other := spec
	other.Mark = "Ref ffffff"
	if got, err := a.FindChannel(ctx, other); err != nil || got.ID != "" {
		t.Errorf("another firm found it too: %+v, %v", got, err)
	}
}

// TestInvitationIsNotSentTwice although the answer to it was lost.
func TestInvitationIsNotSentTwice(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	ctx := t.Context()
	ch, err := a.CreateChannel(ctx, chat.ChannelSpec{Name: "ext-bonn-muster"})
	if err != nil {
		t.Fatal(err)
	}
	spec := chat.InviteSpec{Channel: ch.ID, Address: "boss@muster.example"}
	fake.Inject(slacktest.Fault{Method: "conversations.inviteShared", Kind: slacktest.FaultDropBefore})
	if _, err := a.Invite(ctx, spec); err == nil {
		t.Fatal("the answer was not lost")
	}
	spec.Repeat = true
	fake.Inject(slacktest.Fault{Method: "conversations.inviteShared", Kind: slacktest.FaultDropAfter})
	if _, err := a.Invite(ctx, spec); err == nil || len(fake.Invites()) != 1 {
		t.Fatalf("what did not get out is sent again: %v, %v", fake.Invites(), err)
	}
	got, err := a.Invite(ctx, spec)
	if err != nil || got.State != chat.InviteSent || got.Note == "" || len(fake.Invites()) != 1 {
		t.Errorf("the repeat: %+v, %v, %v", got, err, fake.Invites())
	}
}

// TestInvitationsThatMayOnlyWrite are sent where the workspace lets nobody send others,
// and it is said what that means.
func TestInvitationsThatMayOnlyWrite(t *testing.T) {
	t.Parallel()
	for _, limited := range []bool{false, true} {
		a, fake := newConnected(t, slacktest.Options{LimitedInvites: limited}, newRecorder())
		channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Private: true})
		got, err := a.Invite(t.Context(), chat.InviteSpec{Channel: channel, Address: "boss@muster.example"})
		if err != nil || got.State != chat.InviteSent || strings.Contains(got.Note, "colleagues") != limited {
			t.Fatalf("limited %v: %+v, %v", limited, got, err)
		}
		if out := fake.Invites(); len(out) != 1 || out[0].ID != got.ID || out[0].ExternalLimited != limited {
			t.Errorf("limited %v: invitations %+v", limited, out)
		}
	}
}
