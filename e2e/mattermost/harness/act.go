package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

// Result is what came of a click or a command.
type Result struct {
	// Text is what a command answered at once, its cards included. It is empty for
	// a click, whose private answer comes by websocket.
	Text string
	// Err is the server's refusal.
	Err error

	user    *User
	channel string
	trigger string
	mark    int
}

// Command types a slash command. The server must not refuse it.
func (u *User) Command(t testing.TB, channel, text string) *Result {
	t.Helper()
	res := u.TryCommand(t, channel, text)
	if res.Err != nil {
		t.Fatalf("%s types %q: %v", u.Name, text, res.Err)
	}
	return res
}

// TryCommand types a slash command that the server may refuse.
func (u *User) TryCommand(t testing.TB, channel, text string) *Result {
	t.Helper()
	res := &Result{user: u, channel: channel, mark: u.log.mark()}
	resp, _, err := u.Client.ExecuteCommand(t.Context(), channel, text)
	if err != nil {
		res.Err = err
		return res
	}
	res.Text, res.trigger = showParts(resp.Text, resp.Attachments), resp.TriggerId
	if res.Text != "" && resp.ResponseType != model.CommandResponseTypeInChannel {
		// The same answer comes by websocket. Taking it here keeps it from being
		// mistaken for the answer to what this person does next.
		res.Ephemeral(t)
	}
	return res
}

// Ask types a slash command and returns the text of its private answer, which must
// not be empty.
func (u *User) Ask(t testing.TB, channel, text string) string {
	t.Helper()
	res := u.Command(t, channel, text)
	if res.Text == "" {
		t.Fatalf("%s types %q: no answer", u.Name, text)
	}
	return res.Text
}

// Click presses the button of that label on a message as it is now. Neither a
// missing button nor a refusal by the server is accepted.
func (u *User) Click(t testing.TB, post *model.Post, label string) *Result {
	t.Helper()
	now := u.Read(t, post.Id)
	button := action(now, label)
	if button == nil {
		t.Fatalf("%s looks for the button %q on:\n%s", u.Name, label, Show(now))
	}
	res := u.ClickAction(t.Context(), now, button.Id)
	if res.Err != nil {
		t.Fatalf("%s presses %q: %v", u.Name, label, res.Err)
	}
	return res
}

// ActionID is the id of a button on a message as the caller has it, so that it can
// be pressed later with ClickAction although the message has changed.
func ActionID(t testing.TB, post *model.Post, label string) string {
	t.Helper()
	button := action(post, label)
	if button == nil {
		t.Fatalf("no button %q on:\n%s", label, Show(post))
	}
	return button.Id
}

// Choose takes the option of that text from the menu of that label on a message as it
// is now. Neither may be missing, and the server must not refuse it.
func (u *User) Choose(t testing.TB, post *model.Post, menu, text string) *Result {
	t.Helper()
	now := u.Read(t, post.Id)
	a := action(now, menu)
	if a == nil {
		t.Fatalf("%s looks for the menu %q on:\n%s", u.Name, menu, Show(now))
	}
	at := slices.IndexFunc(a.Options, func(o *model.PostActionOptions) bool { return o.Text == text })
	if at < 0 {
		t.Fatalf("%s looks for %q in the menu %q of:\n%s", u.Name, text, menu, Show(now))
	}
	res := u.act(t.Context(), now, a.Id, model.DoPostActionRequest{SelectedOption: a.Options[at].Value})
	if res.Err != nil {
		t.Fatalf("%s chooses %q: %v", u.Name, text, res.Err)
	}
	return res
}

// Press presses a button of a private answer, which only the person's app holds: the
// server takes what the button carries from the app.
func (u *User) Press(t testing.TB, whisper *model.Post, label string) *Result {
	t.Helper()
	button := action(whisper, label)
	if button == nil {
		t.Fatalf("%s looks for the button %q on:\n%s", u.Name, label, Show(whisper))
	}
	res := u.act(t.Context(), whisper, button.Id, model.DoPostActionRequest{Cookie: button.Cookie})
	if res.Err != nil {
		t.Fatalf("%s presses %q: %v", u.Name, label, res.Err)
	}
	return res
}

// ClickAction presses a button by its id. It is safe to call from goroutines.
func (u *User) ClickAction(ctx context.Context, post *model.Post, actionID string) *Result {
	return u.act(ctx, post, actionID, model.DoPostActionRequest{})
}

func (u *User) act(ctx context.Context, post *model.Post, actionID string, in model.DoPostActionRequest) *Result {
	res := &Result{user: u, channel: post.ChannelId, mark: u.log.mark()}
	body, err := json.Marshal(in)
	if err != nil {
		res.Err = err
		return res
	}
	resp, err := u.Client.DoAPIPost(ctx, "/posts/"+post.Id+"/actions/"+actionID, string(body))
	if err != nil {
		res.Err = err
		return res
	}
	defer func() { _ = resp.Body.Close() }()
	var answer model.PostActionAPIResponse
	raw, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(raw, &answer)
	}
	res.Err, res.trigger = err, answer.TriggerId
	return res
}

// Ephemeral waits for the private answer and returns its text.
func (r *Result) Ephemeral(t testing.TB) string {
	t.Helper()
	var text string
	r.user.Eventually(t, "a private answer", func() error {
		ev := r.user.log.first(r.mark, func(ev *model.WebSocketEvent) bool {
			return ev.EventType() == model.WebsocketEventEphemeralMessage
		})
		if ev == nil {
			return fmt.Errorf("none came")
		}
		post, err := eventPost(ev)
		if err != nil {
			return err
		}
		text = Show(post)
		return nil
	})
	return text
}

// Dialog waits for the form that the click or command opens.
func (r *Result) Dialog(t testing.TB) *Dialog {
	t.Helper()
	d := &Dialog{user: r.user, channel: r.channel}
	r.user.Eventually(t, "a form to open", func() error {
		ev := r.user.log.first(r.mark, func(ev *model.WebSocketEvent) bool {
			raw, ok := ev.GetData()["dialog"].(string)
			if ev.EventType() != model.WebsocketEventOpenDialog || !ok {
				return false
			}
			// An app opens only the form that answers its own trigger.
			return json.Unmarshal([]byte(raw), &d.Request) == nil && d.Request.TriggerId == r.trigger
		})
		if ev == nil {
			return fmt.Errorf("none opened; the command said %q", r.Text)
		}
		return nil
	})
	return d
}

// Told waits until the person has read every part: in the answer itself, in a
// private answer or in any message that has arrived since, and returns that text.
// It serves where the outcome may take longer than an answer can wait.
func (r *Result) Told(t testing.TB, parts ...string) string {
	t.Helper()
	if Contains(r.Text, parts...) {
		return r.Text
	}
	return Show(r.told(t, parts, model.WebsocketEventEphemeralMessage, model.WebsocketEventPosted, model.WebsocketEventPostEdited))
}

// ToldPrivately waits for a private answer with every part and returns its text.
func (r *Result) ToldPrivately(t testing.TB, parts ...string) string {
	t.Helper()
	return Show(r.Whisper(t, parts...))
}

// Whisper waits for a private answer with every part and returns it with its buttons.
func (r *Result) Whisper(t testing.TB, parts ...string) *model.Post {
	t.Helper()
	return r.told(t, parts, model.WebsocketEventEphemeralMessage)
}

// told waits for a message with every part in an event of one of these kinds.
func (r *Result) told(t testing.TB, parts []string, kinds ...model.WebsocketEventType) *model.Post {
	t.Helper()
	var found *model.Post
	r.user.Eventually(t, fmt.Sprintf("to be told %q", parts), func() error {
		ev := r.user.log.first(r.mark, func(ev *model.WebSocketEvent) bool {
			if !slices.Contains(kinds, ev.EventType()) {
				return false
			}
			post, err := eventPost(ev)
			if err != nil || !Contains(Show(post), parts...) {
				return false
			}
			found = post
			return true
		})
		if ev == nil {
			return fmt.Errorf("the answer was %q and nothing since said so", r.Text)
		}
		return nil
	})
	return found
}
