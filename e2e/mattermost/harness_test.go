package mattermost_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// These tests prove the harness itself, without the product: what a scenario takes
// for granted is shown once here.

func TestHarnessSlashCommand(t *testing.T) {
	t.Parallel()
	d := env.NewTeam(t)
	got := make(chan map[string]string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		got <- map[string]string{"text": r.Form.Get("text"), "user": r.Form.Get("user_id"), "token": r.Form.Get("token")}
		answer(t, w, model.CommandResponse{ResponseType: model.CommandResponseTypeEphemeral, Text: "You said " + r.Form.Get("text")})
	}))
	t.Cleanup(srv.Close)
	token := d.NewSlashCommand(t, "parrot", srv.URL)

	if text := d.Olivia.Ask(t, d.Lobby.Id, "/parrot good morning"); text != "You said good morning" {
		t.Errorf("answer %q", text)
	}
	if in := <-got; in["text"] != "good morning" || in["user"] != d.Olivia.ID || in["token"] != token {
		t.Errorf("the command got %v", in)
	}
	// Somebody outside the team cannot run it.
	if res := d.Cora.TryCommand(t, d.Lobby.Id, "/parrot hello"); res.Err == nil {
		t.Error("a stranger's command was run")
	}
}

func TestHarnessButtonAndDialog(t *testing.T) {
	t.Parallel()
	d := env.NewTeam(t)
	bot, token := d.NewBot(t, "helper")
	client := model.NewAPIv4Client(env.Server.URL)
	client.SetToken(token)
	clicks, forms := make(chan model.PostActionIntegrationRequest, 4), make(chan model.SubmitDialogRequest, 4)

	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	mux.HandleFunc("/act", func(w http.ResponseWriter, r *http.Request) {
		var in model.PostActionIntegrationRequest
		decode(t, r, &in)
		clicks <- in
		if in.Context["do"] == "ask" {
			_, err := client.OpenInteractiveDialog(r.Context(), model.OpenDialogRequest{
				TriggerId: in.TriggerId, URL: srv.URL + "/form",
				Dialog: model.Dialog{Title: "Decline", State: "s1", SubmitLabel: "Send", Elements: []model.DialogElement{
					{DisplayName: "Reason", Name: "reason", Type: "select", Options: []*model.PostActionOptions{{Text: "Too busy", Value: "busy"}, {Text: "Too far", Value: "far"}}},
					{DisplayName: "Comment", Name: "comment", Type: "textarea", MaxLength: 100},
				}},
			})
			if err != nil {
				t.Errorf("open a dialog: %v", err)
			}
			answer(t, w, struct{}{})
			return
		}
		card := &model.Post{Message: "taken"}
		card.AddProp("attachments", buttons(srv.URL, "Decline", "ask"))
		answer(t, w, model.PostActionIntegrationResponse{Update: card, EphemeralText: "It is yours."})
	})
	mux.HandleFunc("/form", func(w http.ResponseWriter, r *http.Request) {
		var in model.SubmitDialogRequest
		decode(t, r, &in)
		forms <- in
		if in.Submission["comment"] == "" {
			answer(t, w, model.SubmitDialogResponse{Errors: map[string]string{"comment": "Say why."}})
			return
		}
		answer(t, w, struct{}{})
	})

	d.Env.NewUser(t, "extra", d.Team.Name+"x", d.Team.Id) // Somebody else's events are nobody's business.
	room := d.NewChannel(t, "room", d.Olivia)
	if _, _, err := d.Admin.Client.AddChannelMember(t.Context(), room.Id, bot); err != nil {
		t.Fatal(err)
	}
	post := &model.Post{ChannelId: room.Id, Message: "open"}
	post.AddProp("attachments", buttons(srv.URL, "Accept", "take"))
	made, _, err := client.CreatePost(t.Context(), post)
	if err != nil {
		t.Fatal(err)
	}
	seen := d.Olivia.WaitForPost(t, room.Id, "the card", func(p *model.Post) bool { return harness.HasButton(p, "accept") })
	if text := d.Olivia.Click(t, seen, "Accept").Ephemeral(t); text != "It is yours." {
		t.Errorf("private answer %q", text)
	}
	if in := <-clicks; in.UserId != d.Olivia.ID || in.PostId != made.Id {
		t.Errorf("the click came as %+v", in)
	}
	changed := d.Olivia.WaitForPost(t, room.Id, "the changed card", func(p *model.Post) bool { return harness.HasButton(p, "Decline") })
	if changed.Id != made.Id || changed.Message != "taken" {
		t.Errorf("the card became %s", harness.Show(changed))
	}
	for _, text := range []string{"open", "TAKEN", "It is yours."} {
		// What is read by asking may be there before the event that tells of it.
		d.Olivia.Eventually(t, "to have read "+text, func() error {
			if !d.Olivia.HasRead(text) {
				return errors.New("it has not come")
			}
			return nil
		})
		if d.Otto.HasRead(text) {
			t.Errorf("Otto, who is not there, has read %q", text)
		}
	}
	if d.Olivia.HasRead("nothing of the kind") {
		t.Error("Olivia has read what nobody wrote")
	}
	if res := d.Olivia.ClickAction(t.Context(), seen, harness.ActionID(t, seen, "Accept")); res.Err == nil {
		t.Error("a button that is gone could be pressed")
	}
	form := d.Olivia.Click(t, changed, "Decline").Dialog(t)
	<-clicks
	if res := form.TrySubmit(t, harness.Values{"reason": "too far", "comment": ""}); res.Fields["comment"] != "Say why." {
		t.Errorf("the form said %q", res.Complaint())
	}
	<-forms
	form.Submit(t, harness.Values{"reason": "Too far", "comment": "forty miles"})
	if in := <-forms; in.UserId != d.Olivia.ID || in.State != "s1" || in.Submission["reason"] != "far" || in.Submission["comment"] != "forty miles" {
		t.Errorf("the form came as %+v", in)
	}
}

func TestHarnessPendingPostID(t *testing.T) {
	t.Parallel()
	d := env.NewTeam(t)
	post := &model.Post{ChannelId: d.Lobby.Id, Message: "once", PendingPostId: d.Olivia.ID + ":1"}
	first, _, err := d.Olivia.Client.CreatePost(t.Context(), post)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := d.Olivia.Client.CreatePost(t.Context(), post)
	if err != nil {
		t.Fatal(err)
	}
	if first.Id != second.Id {
		t.Errorf("posted twice: %s and %s", first.Id, second.Id)
	}
}

func TestHarnessThread(t *testing.T) {
	t.Parallel()
	d := env.NewTeam(t)
	root := d.Olivia.Post(t, d.Operations.Id, "root")
	kept := d.Otto.Reply(t, root, "first", d.Otto.Upload(t, d.Operations.Id, "note.txt", []byte("hello")))
	gone := d.Otto.Reply(t, root, "second")
	d.Otto.Edit(t, kept, "first, mended")
	d.Otto.Delete(t, gone)
	thread, err := d.Olivia.Thread(t.Context(), root.Id)
	if err != nil {
		t.Fatal(err)
	}
	if len(thread) != 2 || thread[1].Message != "first, mended" || len(thread[1].FileIds) != 1 {
		t.Errorf("the thread reads\n%s", harness.ShowAll(thread))
	}
	if _, err := d.Sam.Posts(t.Context(), d.Operations.Id); err == nil {
		t.Error("a stranger reads a private channel")
	}
}

func TestHarnessProxyCut(t *testing.T) {
	t.Parallel()
	d := env.NewTeam(t)
	proxy := harness.NewProxy(t, env.Server.URL)
	dial := func(ctx context.Context) (*websocket.Conn, error) {
		conn, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(proxy.URL, "http")+"/api/v4/websocket",
			http.Header{"Authorization": {"Bearer " + d.Olivia.Client.AuthToken}})
		if resp != nil {
			_ = resp.Body.Close()
		}
		return conn, err
	}
	conn, err := dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Fatalf("no hello through the proxy: %v", err)
	}
	proxy.Cut()
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	if _, err := dial(t.Context()); err == nil {
		t.Fatal("a cut line let a connection through")
	}
	proxy.Restore()
	harness.Eventually(t, "the line to work again", func() error {
		again, err := dial(t.Context())
		if err != nil {
			return err
		}
		_, _, err = again.ReadMessage()
		return errors.Join(err, again.Close())
	})
}

// This test takes the server from every other one, so it does not run beside them.
func TestHarnessServerRestart(t *testing.T) {
	d := env.NewTeam(t)
	before := d.Olivia.Post(t, d.Operations.Id, "before")
	if err := env.Server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Sessions and data are still there, and everybody's app comes back by itself.
	after := d.Olivia.Post(t, d.Operations.Id, "after")
	posts, err := d.Otto.Posts(t.Context(), d.Operations.Id)
	if err != nil {
		t.Fatal(err)
	}
	if last := posts[len(posts)-2:]; last[0].Id != before.Id || last[1].Id != after.Id {
		t.Errorf("the channel reads\n%s", harness.ShowAll(posts))
	}
	var last *model.Post
	harness.Eventually(t, "events to arrive again", func() error {
		if last != nil && d.Otto.HasHeardOf(last) {
			return nil
		}
		last = d.Olivia.Post(t, d.Operations.Id, "again")
		return errors.New("nothing came")
	})
}

func buttons(url, label, do string) []*model.SlackAttachment {
	return []*model.SlackAttachment{{Actions: []*model.PostAction{{
		Id: strings.ToLower(label), Name: label, Type: model.PostActionTypeButton,
		Integration: &model.PostActionIntegration{URL: url + "/act", Context: map[string]any{"do": do}},
	}}}}
}

func answer(t *testing.T, w http.ResponseWriter, v any) {
	t.Helper()
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		t.Error(err)
	}
}

func decode(t *testing.T, r *http.Request, into any) {
	t.Helper()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		t.Error(err)
	}
}
