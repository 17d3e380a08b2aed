package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// User is a person with a session and an open app.
type User struct {
	// Name is the short name of the scenario ("olivia"); Username is unique on the
	// server.
	Name, Username, Email, ID string
	// Client is the person's own API client, for what has no method here.
	Client *model.Client4

	team string
	log  *eventLog
}

// NewUser signs a person up, logs in and opens the app. The person belongs to no
// team yet; team is the one that commands and forms are used in.
func (e *Env) NewUser(t testing.TB, name, suffix, team string) *User {
	t.Helper()
	u := &User{
		Name: name, Username: name + suffix, Email: name + "@" + suffix + ".example.test",
		Client: model.NewAPIv4Client(e.Server.URL), team: team, log: newEventLog(),
	}
	made, _, err := e.root.CreateUser(t.Context(), &model.User{Username: u.Username, Email: u.Email, Password: password})
	if err != nil {
		t.Fatalf("sign %s up: %v", u.Username, err)
	}
	u.ID = made.Id
	if _, _, err := u.Client.Login(t.Context(), u.Username, password); err != nil {
		t.Fatalf("log %s in: %v", u.Username, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	l := listen(ctx, e.Server.URL, u.Client.AuthToken, u.log)
	select {
	case <-l.up:
	case <-time.After(Patience):
		t.Fatalf("the websocket of %s did not open", u.Username)
	}
	return u
}

// Eventually waits for a fact that this person's events may announce.
func (u *User) Eventually(t testing.TB, what string, check func() error) {
	t.Helper()
	eventually(t, Patience, u.Name+": "+what, u.log, check)
}

// Post writes a message in a channel.
func (u *User) Post(t testing.TB, channel, text string) *model.Post {
	t.Helper()
	return u.create(t, &model.Post{ChannelId: channel, Message: text})
}

// Reply writes a message under root.
func (u *User) Reply(t testing.TB, root *model.Post, text string, files ...string) *model.Post {
	t.Helper()
	return u.create(t, &model.Post{ChannelId: root.ChannelId, RootId: root.Id, Message: text, FileIds: files})
}

// create posts, and again when the server failed: of two who are the first to reply to a
// message at one moment it takes one and trips over its own record of the thread with
// the other, who then presses Send again.
func (u *User) create(t testing.TB, post *model.Post) *model.Post {
	t.Helper()
	for try := 1; ; try++ {
		made, res, err := u.Client.CreatePost(t.Context(), post)
		if err == nil {
			return made
		}
		if res == nil || res.StatusCode != http.StatusInternalServerError || try == 3 {
			t.Fatalf("%s posts: %v", u.Name, err)
		}
	}
}

// Upload puts a file up for a later Reply and returns its id.
func (u *User) Upload(t testing.TB, channel, name string, data []byte) string {
	t.Helper()
	made, _, err := u.Client.UploadFile(t.Context(), data, channel, name)
	if err != nil {
		t.Fatalf("%s uploads %s: %v", u.Name, name, err)
	}
	return made.FileInfos[0].Id
}

// Edit changes what a message of this person says.
func (u *User) Edit(t testing.TB, post *model.Post, text string) {
	t.Helper()
	if _, _, err := u.Client.PatchPost(t.Context(), post.Id, &model.PostPatch{Message: &text}); err != nil {
		t.Fatalf("%s edits: %v", u.Name, err)
	}
}

// Delete removes a message of this person.
func (u *User) Delete(t testing.TB, post *model.Post) {
	t.Helper()
	if _, err := u.Client.DeletePost(t.Context(), post.Id); err != nil {
		t.Fatalf("%s deletes: %v", u.Name, err)
	}
}

// Posts reads a channel's newest messages, oldest first.
func (u *User) Posts(ctx context.Context, channel string) ([]*model.Post, error) {
	list, _, err := u.Client.GetPostsForChannel(ctx, channel, 0, 200, "", false, false)
	if err != nil {
		return nil, fmt.Errorf("read a channel: %w", err)
	}
	return inOrder(list), nil
}

// Thread reads a root and its replies, oldest first.
func (u *User) Thread(ctx context.Context, root string) ([]*model.Post, error) {
	list, _, err := u.Client.GetPostThread(ctx, root, "", false)
	if err != nil {
		return nil, fmt.Errorf("read a thread: %w", err)
	}
	return inOrder(list), nil
}

// Read fetches one message as it is now.
func (u *User) Read(t testing.TB, id string) *model.Post {
	t.Helper()
	post, _, err := u.Client.GetPost(t.Context(), id, "")
	if err != nil {
		t.Fatalf("%s reads a message: %v", u.Name, err)
	}
	return post
}

// ChannelByName finds a channel of the person's team that the person is in; the
// error tells that there is none.
func (u *User) ChannelByName(ctx context.Context, name string) (*model.Channel, error) {
	c, _, err := u.Client.GetChannelByName(ctx, name, u.team, "")
	if err != nil {
		return nil, fmt.Errorf("%s looks for the channel %s: %w", u.Name, name, err)
	}
	return c, nil
}

// Members are the ids of who is in a channel.
func (u *User) Members(ctx context.Context, channel string) ([]string, error) {
	list, _, err := u.Client.GetChannelMembers(ctx, channel, 0, 200, "")
	if err != nil {
		return nil, fmt.Errorf("read a channel's members: %w", err)
	}
	ids := make([]string, 0, len(list))
	for _, m := range list {
		ids = append(ids, m.UserId)
	}
	return ids, nil
}

// WaitForPost waits until a message in the channel satisfies match and returns it.
func (u *User) WaitForPost(t testing.TB, channel, what string, match func(*model.Post) bool) *model.Post {
	t.Helper()
	var found *model.Post
	u.Eventually(t, what, func() error {
		posts, err := u.Posts(t.Context(), channel)
		if err != nil {
			return err
		}
		// The newest that fits is the one meant.
		for _, p := range slices.Backward(posts) {
			if match(p) {
				found = p
				return nil
			}
		}
		return fmt.Errorf("no such message; the channel shows:\n%s", ShowAll(posts))
	})
	return found
}

func inOrder(list *model.PostList) []*model.Post {
	posts := make([]*model.Post, 0, len(list.Posts))
	for _, p := range list.Posts {
		posts = append(posts, p)
	}
	slices.SortFunc(posts, func(a, b *model.Post) int {
		if a.CreateAt != b.CreateAt {
			return int(a.CreateAt - b.CreateAt)
		}
		return slices.Compare([]byte(a.Id), []byte(b.Id))
	})
	return posts
}

// eventPost reads the message that an event carries as a string of JSON.
func eventPost(ev *model.WebSocketEvent) (*model.Post, error) {
	raw, ok := ev.GetData()["post"].(string)
	if !ok {
		return nil, fmt.Errorf("event %s carries no message", ev.EventType())
	}
	var post model.Post
	if err := json.Unmarshal([]byte(raw), &post); err != nil {
		return nil, fmt.Errorf("decode the message of %s: %w", ev.EventType(), err)
	}
	return &post, nil
}

// HasHeardOf tells whether the arrival of a message has been announced so far.
func (u *User) HasHeardOf(post *model.Post) bool { return u.arrival(post) != nil }

// HasRead tells whether any message that has reached this person so far contains text, in
// whatever channel, also when it was changed or taken away since. What the server itself
// says of who came and went does not count.
func (u *User) HasRead(text string) bool {
	return u.log.first(0, func(ev *model.WebSocketEvent) bool {
		post, err := eventPost(ev)
		return err == nil && (post.Type == "" || post.Type == model.PostTypeEphemeral) && Contains(Show(post), text)
	}) != nil
}

func (u *User) arrival(post *model.Post) *model.WebSocketEvent {
	return u.log.first(0, func(ev *model.WebSocketEvent) bool {
		if ev.EventType() != model.WebsocketEventPosted {
			return false
		}
		got, err := eventPost(ev)
		return err == nil && got.Id == post.Id
	})
}

// Mentioned tells whether the server notified this person of a message by name, by
// @channel or the like. It waits until the message has been seen arriving.
func (u *User) Mentioned(t testing.TB, post *model.Post) bool {
	t.Helper()
	var mentions string
	u.Eventually(t, "the message to arrive", func() error {
		ev := u.arrival(post)
		if ev == nil {
			return fmt.Errorf("message %s has not arrived", post.Id)
		}
		mentions, _ = ev.GetData()["mentions"].(string)
		return nil
	})
	return strings.Contains(mentions, u.ID)
}

// Channels are the channels of the team that the person is in, without conversations,
// which belong to no team.
func (u *User) Channels(t testing.TB) []*model.Channel {
	t.Helper()
	list, _, err := u.Client.GetChannelsForTeamForUser(t.Context(), u.team, u.ID, false, "")
	if err != nil {
		t.Fatalf("%s lists the channels: %v", u.Name, err)
	}
	return slices.DeleteFunc(list, func(c *model.Channel) bool { return c.IsGroupOrDirect() })
}
