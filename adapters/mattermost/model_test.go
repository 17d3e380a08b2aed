package mattermost

import (
	"encoding/json"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/bot/chat"
)

// recode passes what we send through Mattermost's own types.
func recode(t *testing.T, from, to any) {
	t.Helper()
	b, err := json.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, to); err != nil {
		t.Fatal(err)
	}
}

func TestModelAcceptsDialogs(t *testing.T) {
	t.Parallel()
	var d model.Dialog
	recode(t, dialogOf(testForm()), &d)
	if err := d.IsValid(); err != nil {
		t.Error(err)
	}
}

func TestModelAcceptsPosts(t *testing.T) {
	t.Parallel()
	for name, m := range corpus() {
		out := testRenderer().message(m)
		var p model.Post
		recode(t, outgoingPost{ChannelID: chanID, Message: out.Message, Props: out.props()}, &p)
		p.Id, p.UserId, p.CreateAt, p.UpdateAt = id("post"), botID, 1, 1
		if err := p.IsValid(16383); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		attachments := p.Attachments()
		if len(attachments) != len(out.Attachments) {
			t.Errorf("%s: %d attachments are understood of %d", name, len(attachments), len(out.Attachments))
		}
		for _, a := range attachments {
			for _, action := range a.Actions {
				if err := action.IsValid(); err != nil {
					t.Errorf("%s: action %s: %v", name, action.Id, err)
				}
			}
		}
	}
}

func TestModelReadsAnswers(t *testing.T) {
	t.Parallel()
	r := testRenderer().message(chat.Message{Title: "T", Text: chat.T("x")})
	var c model.CommandResponse
	recode(t, commandAnswer{ResponseType: "ephemeral", Text: "x", Attachments: r.Attachments, SkipSlackParsing: true}, &c)
	if c.ResponseType != model.CommandResponseTypeEphemeral || !c.SkipSlackParsing || len(c.Attachments) != 1 {
		t.Errorf("command answer = %+v", c)
	}
	var a model.PostActionIntegrationResponse
	recode(t, actionAnswer{EphemeralText: "x", SkipSlackParsing: true}, &a)
	if a.EphemeralText != "x" || !a.SkipSlackParsing || a.Update != nil {
		t.Errorf("action answer = %+v", a)
	}
	var d model.SubmitDialogResponse
	recode(t, fieldErrors(map[string]string{"a": "b", "": "c"}), &d)
	if d.Error != "c" || d.Errors["a"] != "b" {
		t.Errorf("dialog answer = %+v", d)
	}
}

func TestModelAcceptsChannelNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ext-berlin-acme", "a1", "ext-koeln-mueller-soehne-2", "a_b"} {
		if !channelName.MatchString(name) || !model.IsValidChannelIdentifier(name) {
			t.Errorf("%q is refused", name)
		}
	}
}
