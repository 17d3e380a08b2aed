package mattermost

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"taskbridge/bot/chat"
)

func note(text string) chat.Message { return chat.Message{Text: chat.T(text)} }

func TestPostIsRepeatableAndFound(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	p := chat.Post{Channel: chanID, Message: note("once"), DeliveryID: "d1", Since: time.Now().Add(-time.Minute)}
	first, err := a.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.Post(t.Context(), p)
	if err != nil || again != first {
		t.Errorf("again = %s, %v", again, err)
	}
	// An edit's copy bears the same mark and must not be taken for the message.
	copied := *f.posts[first]
	copied.ID, copied.OriginalID, copied.DeleteAt = id("copy"), first, copied.UpdateAt
	f.store(copied)
	if found, err := a.Find(t.Context(), p); err != nil || found != first {
		t.Errorf("found %q, %v", found, err)
	}
	p.DeliveryID = "d2"
	if found, err := a.Find(t.Context(), p); err != nil || found != "" {
		t.Errorf("found %q, %v", found, err)
	}
}

func TestLongTextGoesOnInReplies(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	first, err := a.Post(t.Context(), chat.Post{Channel: chanID, Message: note(strings.Repeat("word ", 8000)), DeliveryID: "d"})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, p := range f.posts {
		if runes(p.Message) > 16383 {
			t.Errorf("a part has %d characters", runes(p.Message))
		}
		if p.ID != first && p.RootID != first {
			t.Errorf("part %s is not in the thread", p.ID)
		}
		total += strings.Count(p.Message, "word")
	}
	if total != 8000 {
		t.Errorf("%d words arrived", total)
	}
	if found, _ := a.Find(t.Context(), chat.Post{Channel: chanID, DeliveryID: "d", Since: time.Now().Add(-time.Minute)}); found != first {
		t.Errorf("found the part %s", found)
	}
}

// TestLongTextThatEndsHalfWay: what is missing of a long message is posted by the next
// attempt, and nothing of it twice, also when the server no longer knows what it was sent.
func TestLongTextThatEndsHalfWay(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	creates := 0
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/posts") {
			return false
		}
		if creates++; creates != 2 {
			return false
		}
		fail(w, http.StatusServiceUnavailable, "")
		return true
	})
	p := chat.Post{Channel: chanID, Message: note(strings.Repeat("word ", 8000)), DeliveryID: "d", Since: time.Now().Add(-time.Minute)}
	_, err := a.Post(t.Context(), p)
	if se, failed := errors.AsType[*chat.SendError](err); !failed || !se.Retry || !se.Ambiguous {
		t.Fatalf("the first attempt: %v", err)
	}
	f.mu.Lock()
	clear(f.pending)
	f.mu.Unlock()
	if found, err := a.Find(t.Context(), p); found != "" || err != nil {
		t.Errorf("what is there in part counts as %q, %v", found, err)
	}
	p.Repeat = true
	first, err := a.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, p := range f.posts {
		total += strings.Count(p.Message, "word")
	}
	if total != 8000 {
		t.Errorf("%d words arrived", total)
	}
	if found, err := a.Find(t.Context(), p); found != first || err != nil {
		t.Errorf("found %q, %v", found, err)
	}
}

func TestE29RateLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header map[string]string
		wait   time.Duration
	}{
		{"Retry-After", map[string]string{"Retry-After": "30"}, 30 * time.Second},
		{"reset", map[string]string{"X-RateLimit-Reset": "7"}, 7 * time.Second},
		{"none", nil, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t), newBot()
			a := adapterFor(t, f, b)
			f.before(func(w http.ResponseWriter, _ *http.Request) bool {
				for k, v := range tt.header {
					w.Header().Set(k, v)
				}
				http.Error(w, "limit exceeded", http.StatusTooManyRequests)
				return true
			})
			_, err := a.Post(t.Context(), chat.Post{Channel: chanID, Message: note("x"), DeliveryID: "d"})
			var se *chat.SendError
			if !errors.As(err, &se) || se.Reason != chat.RateLimited || !se.Retry || se.RetryAfter != tt.wait || se.Ambiguous {
				t.Fatalf("error = %+v", err)
			}
			f.mu.Lock()
			calls := len(f.calls)
			f.mu.Unlock()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err = a.Post(ctx, chat.Post{Channel: chanID, Message: note("x"), DeliveryID: "d"}); chat.ReasonOf(err) != chat.RateLimited {
				t.Errorf("while held: %v", err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if len(f.calls) != calls {
				t.Error("the server was called while it wants to be left alone")
			}
		})
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status    int
		id        string
		reason    chat.Reason
		retry     bool
		ambiguous bool
	}{
		{401, "api.context.session_expired.app_error", chat.Unauthorised, false, false},
		{403, "api.context.permissions.app_error", chat.NotInChannel, false, false},
		{404, "app.channel.get.existing.app_error", chat.ChannelGone, false, false},
		{400, idPostToDeleted, chat.ChannelGone, false, false},
		{400, idRootMissing, chat.NotFound, false, false},
		{400, idEditWindow, chat.Unsupported, false, false},
		{403, idEditWindow, chat.Unsupported, false, false},
		{400, "something.else", chat.Invalid, false, false},
		{500, idPostInFlight, chat.Unavailable, true, true},
		{502, "", chat.Unavailable, true, true},
		{501, "api.licence", chat.Unsupported, false, false},
		{302, "", chat.Invalid, false, false},
	}
	for _, tt := range tests {
		f, b := newFake(t), newBot()
		a := adapterFor(t, f, b)
		f.before(func(w http.ResponseWriter, _ *http.Request) bool {
			fail(w, tt.status, tt.id)
			return true
		})
		_, err := a.Post(t.Context(), chat.Post{Channel: chanID, Message: note("what people wrote"), DeliveryID: "d"})
		var se *chat.SendError
		if !errors.As(err, &se) || se.Reason != tt.reason || se.Retry != tt.retry || se.Ambiguous != tt.ambiguous {
			t.Errorf("%d %s: %+v", tt.status, tt.id, err)
			continue
		}
		if s := se.Error(); strings.Contains(s, testToken) || strings.Contains(s, "wrote") || strings.Contains(s, "quoted") {
			t.Errorf("the error tells too much: %s", s)
		}
	}
}

func TestTransportErrors(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	f.before(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	_, err := a.Post(t.Context(), chat.Post{Channel: chanID, Message: note("x"), DeliveryID: "d"})
	var se *chat.SendError
	if !errors.As(err, &se) || !se.Retry || !se.Ambiguous {
		t.Errorf("a cut answer: %+v", err)
	}
	f.http.Close()
	_, err = a.Post(t.Context(), chat.Post{Channel: chanID, Message: note("x"), DeliveryID: "d"})
	if !errors.As(err, &se) || !se.Retry || se.Ambiguous {
		t.Errorf("a refused connection: %+v", err)
	}
}

func TestE30ChannelNames(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	var names []string
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || r.URL.Path != "/api/v4/channels" {
			return false
		}
		var c channel
		decodeInto(t, r, &c)
		if len(names) > 0 && names[0] == c.Name {
			fail(w, 400, idChannelExists)
			return true
		}
		names = append(names, c.Name)
		c.ID = id("new")
		reply(w, c)
		return true
	})
	spec := chat.ChannelSpec{Name: "ext-koeln-mueller-soehne-stroi", Title: "Müller & Söhne — Строй", Purpose: strings.Repeat("ж", 400)}
	made, err := a.CreateChannel(t.Context(), spec)
	if err != nil || made.ID != id("new") || !made.Private || made.URL != "https://chat.example.org/desk/channels/"+spec.Name {
		t.Fatalf("made %+v, %v", made, err)
	}
	if _, err := a.CreateChannel(t.Context(), spec); chat.ReasonOf(err) != chat.NameTaken {
		t.Errorf("a taken name: %v", err)
	}
	long := chat.ChannelSpec{Name: strings.Repeat("a", 63) + "-bcd"}
	if _, err := a.CreateChannel(t.Context(), long); err != nil || names[1] != strings.Repeat("a", 63) {
		t.Errorf("a long name became %q, %v", names, err)
	}
	for _, bad := range []string{"", "Upper", "with space", "a__b", "-a", "müller"} {
		if _, err := a.CreateChannel(t.Context(), chat.ChannelSpec{Name: bad}); chat.ReasonOf(err) != chat.Invalid {
			t.Errorf("name %q: %v", bad, err)
		}
	}
}

func TestInvite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, address string
		guestStatus   int
		state         chat.InviteState
		reason        chat.Reason
	}{
		{"user name", "@ann", 0, chat.InviteJoined, ""},
		{"known address", "ann@example.org", 0, chat.InviteJoined, ""},
		{"unknown address", "new@example.org", 200, chat.InviteSent, ""},
		{"no licence", "new@example.org", 501, chat.InviteFailed, ""},
		{"no permission", "new@example.org", 403, chat.InviteFailed, ""},
		{"unknown user name", "nobody", 0, "", chat.NotFound},
		{"no address", "a@b@c", 0, "", chat.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t), newBot()
			a := adapterFor(t, f, b)
			f.before(func(w http.ResponseWriter, r *http.Request) bool {
				switch path := r.URL.Path; {
				case path == "/api/v4/users/username/ann", path == "/api/v4/users/email/ann@example.org":
					reply(w, f.users[annID])
				case strings.HasPrefix(path, "/api/v4/users/username/"), strings.HasPrefix(path, "/api/v4/users/email/"):
					fail(w, 404, "app.user.missing_account.const")
				case strings.HasSuffix(path, "/members"):
					reply(w, map[string]string{})
				case strings.HasSuffix(path, "/invite-guests/email") && tt.guestStatus == 200:
					reply(w, []map[string]any{{"email": "new@example.org"}})
				case strings.HasSuffix(path, "/invite-guests/email"):
					fail(w, tt.guestStatus, "api.team.invite_guests_to_channels.license.error")
				default:
					return false
				}
				return true
			})
			got, err := a.Invite(t.Context(), chat.InviteSpec{Channel: chanID, Address: tt.address})
			if got.State != tt.state || chat.ReasonOf(err) != tt.reason || tt.state != "" && got.Note == "" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestAddMembersAddsToTheTeamFirst(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	inTeam := false
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		switch r.Method + " " + r.URL.Path {
		case "POST /api/v4/channels/" + chanID + "/members":
			if !inTeam {
				fail(w, 404, "app.team.get_member.missing.app_error")
				return true
			}
		case "GET /api/v4/teams/" + teamID + "/members/" + annID:
			fail(w, 404, "app.team.get_member.missing.app_error")
			return true
		case "POST /api/v4/teams/" + teamID + "/members":
			inTeam = true
		default:
			return false
		}
		reply(w, map[string]string{})
		return true
	})
	if err := a.AddMembers(t.Context(), chanID, []string{annID}); err != nil || !inTeam {
		t.Errorf("%v, in the team: %v", err, inTeam)
	}
}

func TestDeleteOfAGonePost(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	missing := 404
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		// A real server finds no channel for a post that is gone, and so no
		// permission.
		if r.Method != http.MethodGet {
			fail(w, 403, "api.context.permissions.app_error")
			return true
		}
		fail(w, missing, "app.post.get.app_error")
		return true
	})
	if err := a.Delete(t.Context(), chanID, id("gone")); err != nil {
		t.Error(err)
	}
	if err := a.Update(t.Context(), chanID, id("gone"), note("x")); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("update: %v", err)
	}
	missing = 403
	if err := a.Delete(t.Context(), chanID, id("theirs")); chat.ReasonOf(err) != chat.NotInChannel {
		t.Errorf("a forbidden post: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	for _, got := range a.Check(t.Context()) {
		if got.Level == Fail {
			t.Errorf("%+v", got)
		}
		if got.Level != OK && got.Advice == "" {
			t.Errorf("no advice in %+v", got)
		}
	}
	a.cfg.Token, a.api.token = "wrong", "wrong"
	got := a.Check(t.Context())
	if len(got) != 1 || got[0].Level != Fail || !strings.Contains(got[0].Advice, "token") {
		t.Errorf("%+v", got)
	}
}

func TestNewListsAllFaults(t *testing.T) {
	t.Parallel()
	_, err := New(Config{URL: "ftp://x", PublicURL: "https://user:pw@host"}, nil, nil)
	if err == nil || strings.Count(err.Error(), "\n") != 4 || strings.Contains(err.Error(), "pw") {
		t.Errorf("error = %v", err)
	}
}

// runes counts characters the way Mattermost limits a post's message.
func runes(s string) int { return utf8.RuneCountInString(s) }
