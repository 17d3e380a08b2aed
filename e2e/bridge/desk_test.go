package bridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
)

// desk is a company whose operators Ada and Oskar are on Slack, and whose firm's people
// Mia and Max are on Mattermost.
type desk struct {
	t          testing.TB
	slack      *slacktest.Server
	program    *process.Process
	ops        string
	ada, oskar *slacktest.Person
	mia, max   *person
	team       *model.Team
}

// person is somebody on Mattermost with an open app.
type person struct {
	*model.Client4
	t     testing.TB
	id    string
	email string
	name  string
	team  string
	// forms are those that opened.
	forms chan model.OpenDialogRequest
}

var desks atomic.Int32

func must[T any](t testing.TB) func(v T, res *model.Response, err error) T {
	return func(v T, _ *model.Response, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func open(t *testing.T) *desk {
	t.Helper()
	root := model.NewAPIv4Client(shared.mattermost.URL)
	root.SetToken(shared.mattermost.Token)
	suffix := fmt.Sprintf("bridge%d", desks.Add(1))
	d := &desk{t: t}
	d.team = must[*model.Team](t)(root.CreateTeam(t.Context(), &model.Team{Name: suffix, DisplayName: suffix, Type: model.TeamInvite}))
	bot := must[*model.Bot](t)(root.CreateBot(t.Context(), &model.Bot{Username: "taskbridge" + suffix}))
	token := must[*model.UserAccessToken](t)(root.CreateUserAccessToken(t.Context(), bot.UserId, "taskbridge"))
	must[*model.TeamMember](t)(root.AddTeamMember(t.Context(), d.team.Id, bot.UserId))
	d.mia, d.max = d.signUp(root, "mia", suffix), d.signUp(root, "max", suffix)

	d.slack = slacktest.New(t, slacktest.Options{Scopes: scopes(t), Team: "The Desk", WaitTimeout: patience})
	d.ada = d.slack.AddUser(slacktest.UserSpec{Name: "ada", RealName: "Ada", Admin: true, Email: "ada@desk.example"})
	d.oskar = d.slack.AddUser(slacktest.UserSpec{Name: "oskar", RealName: "Oskar", Email: "oskar@desk.example"})
	d.slack.AddUser(slacktest.UserSpec{Name: "maxim", RealName: "Max of Acme", Email: d.max.email, Guest: true})
	d.ops = d.slack.AddChannel(slacktest.ChannelSpec{Name: "operations", Private: true, Members: []string{"ada", "oskar"}})

	d.program = newProgram(t, map[string]string{
		"SLACK_BOT_TOKEN": d.slack.BotToken(), "SLACK_SIGNING_SECRET": d.slack.SigningSecret(), "SLACK_API_URL": d.slack.URL(),
		"MATTERMOST_URL": shared.mattermost.URL, "MATTERMOST_TOKEN": token.Token, "MATTERMOST_TEAM": d.team.Name, "MATTERMOST_COMMAND_TOKEN": "unused", "FILES_MAX": "2MB",
	})
	d.slack.Connect(slacktest.Endpoints{Base: d.program.URL})
	d.program.Start()
	d.says(d.ada, "/task here operations", "This is now the operations channel")
	return d
}

func scopes(t testing.TB) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "manifests", "slack_app.json"))
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `json:"oauth_config"`
	}
	if err := json.Unmarshal(raw, &app); err != nil {
		t.Fatal(err)
	}
	return app.OAuth.Scopes.Bot
}

const password = "Correct-horse-7"

func (d *desk) signUp(root *model.Client4, name, suffix string) *person {
	d.t.Helper()
	t := d.t
	p := &person{Client4: model.NewAPIv4Client(shared.mattermost.URL), t: t, name: name + suffix, email: name + "@" + suffix + ".example", team: d.team.Id}
	made := must[*model.User](t)(root.CreateUser(t.Context(), &model.User{Username: p.name, Email: p.email, Password: password, FirstName: strings.ToUpper(name[:1]) + name[1:]}))
	p.id = made.Id
	must[*model.User](t)(p.Login(t.Context(), p.name, password))
	ws, err := model.NewWebSocketClient4("ws"+strings.TrimPrefix(shared.mattermost.URL, "http"), p.AuthToken)
	if err != nil {
		t.Fatal(err)
	}
	ws.Listen()
	t.Cleanup(ws.Close)
	p.forms = make(chan model.OpenDialogRequest, 10)
	// All that comes is read as it comes: who reads nothing is cut off.
	go func() {
		for ev := range ws.EventChannel {
			raw, isForm := ev.GetData()["dialog"].(string)
			var form model.OpenDialogRequest
			if isForm && json.Unmarshal([]byte(raw), &form) == nil {
				p.forms <- form
			}
		}
	}()
	return p
}

// says types a command on Slack and waits until the person reads every part.
func (d *desk) says(p *slacktest.Person, text string, parts ...string) {
	d.t.Helper()
	a, err := p.Command(d.ops, text)
	if err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	if contains(a.Plain(), parts...) {
		return
	}
	if _, err := p.WaitEphemeral(func(m slacktest.Message) bool { return contains(m.Plain(), parts...) }); err != nil {
		d.t.Fatalf("%s: told %q and never %q", text, a.Plain(), parts)
	}
}

func contains(text string, parts ...string) bool {
	text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
	return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(text, p) })
}

// channel finds a channel of the team by name, once the person is in it.
func (p *person) channel(name string) string {
	p.t.Helper()
	var id string
	until(p.t, "the channel "+name, func() error {
		c, _, err := p.GetChannelByName(p.t.Context(), name, p.team, "")
		if err == nil {
			id = c.Id
		}
		return err
	})
	return id
}

// posts reads a channel, oldest first.
func (p *person) posts(channel string) []*model.Post {
	p.t.Helper()
	list := must[*model.PostList](p.t)(p.GetPostsForChannel(p.t.Context(), channel, 0, 200, "", false, false))
	out := make([]*model.Post, 0, len(list.Posts))
	for _, post := range list.Posts {
		out = append(out, post)
	}
	slices.SortFunc(out, func(a, b *model.Post) int { return int(a.CreateAt - b.CreateAt) })
	return out
}

// card waits for the bot's card of an issue with a button.
func (p *person) card(channel string, number int, button string) *model.Post {
	p.t.Helper()
	var found *model.Post
	until(p.t, fmt.Sprintf("the card of #%d with %q", number, button), func() error {
		for _, post := range p.posts(channel) {
			for _, a := range post.Attachments() {
				if post.RootId == "" && strings.HasPrefix(a.Title, fmt.Sprintf("#%d ", number)) && p.action(post, button) != "" {
					found = post
					return nil
				}
			}
		}
		return errors.New("it is not there")
	})
	return found
}

func (p *person) action(post *model.Post, label string) string {
	for _, a := range post.Attachments() {
		for _, act := range a.Actions {
			if act.Name == label {
				return act.Id
			}
		}
	}
	return ""
}

// click presses a button of a card as it is now.
func (p *person) click(post *model.Post, label string) {
	p.t.Helper()
	now := must[*model.Post](p.t)(p.GetPost(p.t.Context(), post.Id, ""))
	if _, err := p.DoPostAction(p.t.Context(), post.Id, p.action(now, label)); err != nil {
		p.t.Fatalf("%s presses %s: %v", p.name, label, err)
	}
}

// fill presses a button that opens a form, and sends the form.
func (p *person) fill(post *model.Post, label string, values map[string]any) {
	p.t.Helper()
	p.click(post, label)
	select {
	case form := <-p.forms:
		res, _, err := p.SubmitInteractiveDialog(p.t.Context(), model.SubmitDialogRequest{
			Type: "dialog_submission", URL: form.URL, CallbackId: form.Dialog.CallbackId, State: form.Dialog.State,
			ChannelId: post.ChannelId, TeamId: p.team, Submission: values,
		})
		if err != nil || res != nil && (res.Error != "" || len(res.Errors) > 0) {
			p.t.Fatalf("%s sends the form: %v %+v", p.name, err, res)
		}
	case <-time.After(patience):
		p.t.Fatalf("no form opened for %s", p.name)
	}
}

func (p *person) reply(root *model.Post, text string) *model.Post {
	p.t.Helper()
	return p.post(&model.Post{ChannelId: root.ChannelId, RootId: root.Id, Message: text})
}

// post posts, and again when the server failed: of two who are the first to reply to a
// message at one moment it takes one and trips over its own record of the thread with
// the other, who then presses Send again.
func (p *person) post(post *model.Post) *model.Post {
	p.t.Helper()
	for try := 1; ; try++ {
		made, res, err := p.CreatePost(p.t.Context(), post)
		if err == nil {
			return made
		}
		if res == nil || res.StatusCode != http.StatusInternalServerError || try == 3 {
			p.t.Fatal(err)
		}
	}
}

func (p *person) edit(post *model.Post, text string) {
	p.t.Helper()
	must[*model.Post](p.t)(p.PatchPost(p.t.Context(), post.Id, &model.PostPatch{Message: &text}))
}

func (p *person) remove(post *model.Post) {
	p.t.Helper()
	if _, err := p.DeletePost(p.t.Context(), post.Id); err != nil {
		p.t.Fatal(err)
	}
}

// thread is what stands under a card on Mattermost: who and what, in order.
func (p *person) thread(root *model.Post) []string {
	p.t.Helper()
	var out []string
	for _, post := range p.posts(root.ChannelId) {
		if post.RootId != root.Id {
			continue
		}
		who := post.UserId
		if who == p.id {
			who = p.name
		}
		if name, ok := post.GetProp("override_username").(string); ok {
			who = name
		}
		out = append(out, who+" | "+post.Message)
	}
	return out
}

// thread is what stands under a card on Slack.
func (d *desk) thread(root slacktest.Message) []string {
	var out []string
	for _, m := range d.slack.Messages(root.Channel) {
		if m.ThreadTS == root.TS && m.IsReply() {
			who := m.Username
			if who == "" {
				who = m.User
			}
			out = append(out, who+" | "+m.Plain())
		}
	}
	return out
}

// comment is an entry of the history as the API tells it.
type comment struct {
	Text      string
	DeletedAt *string `json:"deleted_at"`
	Source    struct{ Platform string }
}

func (d *desk) comments(number int) []comment {
	d.t.Helper()
	var out struct{ Items []comment }
	if err := read(d.program, fmt.Sprintf("/api/v1/issues/%d/comments", number), &out); err != nil {
		d.t.Fatal(err)
	}
	return out.Items
}

func (d *desk) status(number int) string {
	d.t.Helper()
	var out struct {
		Status      string
		Assignments []struct{ Status string }
	}
	if err := read(d.program, fmt.Sprintf("/api/v1/issues/%d", number), &out); err != nil {
		d.t.Fatal(err)
	}
	for _, a := range out.Assignments {
		out.Status += "/" + a.Status
	}
	return out.Status
}
