package slacktest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"taskbridge/adapters/slack/slacktest"
)

func TestClientMessages(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	ctx := t.Context()

	auth := must(b.api.AuthTestContext(ctx))(t)
	if diff := cmp.Diff([]string{b.TeamID(), b.BotUserID(), b.BotID()}, []string{auth.TeamID, auth.UserID, auth.BotID}); diff != "" {
		t.Error(diff)
	}
	root := b.card(t, b.ext)
	meta := slack.SlackMetadata{EventType: "taskbridge_delivery", EventPayload: map[string]any{"id": "d1"}}
	_, reply, sent, err := b.api.PostMessageWithResponseContext(ctx, b.ext,
		slack.MsgOptionText("hello", false), slack.MsgOptionTS(root), slack.MsgOptionMetadata(meta), slack.MsgOptionUsername("Olivia (Acme)"))
	ok(t, err)
	if sent.ThreadTimestamp != root {
		t.Errorf("reply landed in thread %q", sent.ThreadTimestamp)
	}
	_, _, _, err = b.api.UpdateMessageContext(ctx, b.ext, reply, slack.MsgOptionText("hello again", false))
	ok(t, err)
	msgs, more, _, err := b.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: b.ext, Timestamp: root, IncludeAllMetadata: true})
	ok(t, err)
	if len(msgs) != 2 || more || msgs[1].Text != "hello again" || msgs[1].Metadata.EventPayload["id"] != "d1" || msgs[1].Edited == nil {
		t.Errorf("replies: %+v", msgs)
	}
	msgs, _, _, err = b.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: b.ext, Timestamp: root})
	ok(t, err)
	if len(msgs[1].Metadata.EventPayload) != 0 || msgs[1].Metadata.EventType != "taskbridge_delivery" {
		t.Errorf("metadata without include_all_metadata: %+v", msgs[1].Metadata)
	}
	hist := must(b.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: b.ext}))(t)
	if len(hist.Messages) != 1 || hist.Messages[0].ReplyCount != 1 {
		t.Errorf("history: %+v", hist.Messages)
	}
	_ = must(b.api.PostEphemeralContext(ctx, b.ext, b.erik.ID(), slack.MsgOptionText("only you", false)))(t)
	if got := must(b.erik.WaitEphemeral(slacktest.Containing("only you")))(t); !got.Ephemeral {
		t.Errorf("ephemeral: %+v", got)
	}
	_ = must(b.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: b.ext, Ts: root}))(t)
	ok(t, b.api.AddReactionContext(ctx, "eyes", slack.NewRefToMessage(b.ext, root)))
	_, _, err = b.api.DeleteMessageContext(ctx, b.ext, reply)
	ok(t, err)
	if got := b.Thread(b.ext, root); len(got) != 1 {
		t.Errorf("thread after delete: %+v", got)
	}
}

func TestClientPagesReplies(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	root := must(b.olivia.Say(b.ext, "root"))(t)
	for _, text := range []string{"a", "b", "c", "d"} {
		_ = must(b.erik.Reply(b.ext, root.TS, text))(t)
	}
	var seen []string
	cursor := ""
	for {
		msgs, more, next, err := b.api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: b.ext, Timestamp: root.TS, Limit: 2, Cursor: cursor})
		ok(t, err)
		for _, m := range msgs {
			seen = append(seen, m.Text)
		}
		if cursor = next; !more {
			break
		}
	}
	if diff := cmp.Diff([]string{"root", "a", "b", "c", "d"}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestClientChannelsAndPeople(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	ctx := t.Context()
	ch := must(b.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: "ext-berlin-mueller", IsPrivate: true}))(t)
	_ = must(b.api.InviteUsersToConversationContext(ctx, ch.ID, b.carl.ID()))(t)
	info := must(b.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: b.ext}))(t)
	if !info.IsExtShared || !info.IsPrivate {
		t.Errorf("info: %+v", info)
	}
	members, _, err := b.api.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: ch.ID})
	ok(t, err)
	if diff := cmp.Diff([]string{b.BotUserID(), b.carl.ID()}, members); diff != "" {
		t.Error(diff)
	}
	guest := must(b.api.GetUserInfoContext(ctx, b.carl.ID()))(t)
	outside := must(b.api.GetUserInfoContext(ctx, b.erik.ID()))(t)
	if !guest.IsRestricted || outside.IsStranger || outside.TeamID == b.TeamID() {
		t.Errorf("guest %+v, outside %+v", guest, outside)
	}
	found := must(b.api.GetUserByEmailContext(ctx, "olivia@example.com"))(t)
	if found.ID != b.olivia.ID() {
		t.Errorf("found %s", found.ID)
	}
	stranger := b.AddUser(slacktest.UserSpec{Name: "sven", Team: "Sven AB"})
	if u := must(b.api.GetUserInfoContext(ctx, stranger.ID()))(t); !u.IsStranger {
		t.Error("sven shares no channel and is a stranger")
	}
	for name, want := range map[string]string{
		"": "invalid_name_required", strings.Repeat("x", 81): "invalid_name_maxlength", "Ext Berlin": "invalid_name_specials",
		"--": "invalid_name_punctuation", "ext-berlin-mueller": "name_taken",
	} {
		_, err := b.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: name})
		wantCode(t, err, want)
	}
	_, err = b.api.InviteUsersToConversationContext(ctx, ch.ID, b.erik.ID())
	wantCode(t, err, "cant_invite")
}

func TestClientInvitesShared(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	old := b.AddChannel(slacktest.ChannelSpec{Name: "ext-paris-plomb", GroupID: true})
	paul := b.AddUser(slacktest.UserSpec{Name: "paul", Team: "Plomberie", Email: "paul@plomb.example"})
	id, _, err := b.api.InviteSharedToConversationContext(t.Context(), slack.InviteSharedToConversationParams{ChannelID: old, Emails: []string{"paul@plomb.example"}})
	ok(t, err)
	inv := must(b.WaitInvite("paul@plomb.example"))(t)
	if inv.ID != id || !inv.ExternalLimited {
		t.Errorf("invite: %+v", inv)
	}
	b.settle(t)
	if ids := b.app.inner("channel_id_changed"); len(ids) != 1 || ids[0]["old_channel_id"] != old {
		t.Errorf("channel_id_changed: %v", ids)
	}
	ok(t, b.AcceptInvite(id, "paul", true))
	if err := b.AcceptInvite(id, "paul", false); err == nil {
		t.Error("an invitation can be accepted once")
	}
	ok(t, b.ApproveInvite(id, "olivia"))
	b.settle(t)
	for _, kind := range []string{"shared_channel_invite_accepted", "shared_channel_invite_approved", "channel_shared", "member_joined_channel"} {
		if got := b.app.inner(kind); len(got) != 1 {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if len(b.app.inner("shared_channel_invite_received")) != 0 {
		t.Error("an invitation by e-mail never fires shared_channel_invite_received")
	}
	_, err = paul.Command("ext-paris-plomb", "/task help")
	wantIs(t, err, slacktest.ErrExternal)
	ok(t, b.Sever("ext-paris-plomb", "Plomberie"))
	if _, err = paul.Say("ext-paris-plomb", "hello?"); err == nil {
		t.Error("paul is gone after the connection was severed")
	}
}

func TestClientFiles(t *testing.T) {
	t.Parallel()
	b := setup(t, slacktest.Options{})
	ctx := t.Context()
	root := must(b.olivia.Say(b.ext, "root"))(t)
	up := must(b.api.UploadFileContext(ctx, slack.UploadFileParameters{
		Filename: "report.txt", FileSize: 5, Reader: strings.NewReader("12345"), Channel: b.ext, ThreadTimestamp: root.TS, InitialComment: "see",
	}))(t)
	f, _, _, err := b.api.GetFileInfoContext(ctx, up.ID, 0, 0)
	ok(t, err)
	var got bytes.Buffer
	ok(t, b.api.GetFileContext(ctx, f.URLPrivateDownload, &got))
	if got.String() != "12345" || len(f.Shares.Private[b.ext]) != 1 {
		t.Errorf("content %q, shares %+v", got.String(), f.Shares)
	}
	req := must(http.NewRequestWithContext(ctx, http.MethodGet, f.URLPrivateDownload, http.NoBody))(t)
	res := must(http.DefaultClient.Do(req))(t)
	page := must(io.ReadAll(res.Body))(t)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || !bytes.Contains(page, []byte("Sign in")) {
		t.Errorf("without a token: %d %s", res.StatusCode, page)
	}

	_ = must(b.erik.Post(slacktest.PostSpec{Channel: b.ext, Thread: root.TS, Text: "photo", Files: []slacktest.FileSpec{{Name: "a.jpg", Type: "image/jpeg", Content: []byte("jpg")}}}))(t)
	b.settle(t)
	events := b.app.inner("message")
	stub := raw(t, events[len(events)-1]["files"])
	if !strings.Contains(stub, "check_file_info") || strings.Contains(stub, "a.jpg") {
		t.Errorf("file in a Slack Connect event: %s", stub)
	}
	msgs, _, _, err := b.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: b.ext, Timestamp: root.TS, IncludeAllMetadata: true})
	ok(t, err)
	if last := msgs[len(msgs)-1]; len(last.Files) != 1 || last.Files[0].Name != "a.jpg" {
		t.Errorf("replies show whole files: %+v", last.Files)
	}
}

func raw(t *testing.T, v any) string {
	t.Helper()
	return string(must(json.Marshal(v))(t))
}
