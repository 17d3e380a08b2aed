package harness

import (
	"context"
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

// Desk is one company on the server: a team with its people and channels, a bot
// account, the slash command, and the product that serves them. Desks share
// nothing but the servers, so scenarios run beside each other.
type Desk struct {
	Env  *Env
	Team *model.Team
	// Operations is a private channel with Admin, Olivia, Otto and the bot in it.
	// Lobby is the channel everybody of the team is in.
	Operations, Lobby *model.Channel
	// Admin is a system administrator, Olivia and Otto are operators, Sam is a
	// member of the team whom nothing concerns. Cora and Carl work for a firm: they
	// have accounts but belong to no team until they are invited.
	Admin, Olivia, Otto, Cora, Carl, Sam *User
	// BotID is the product's own account.
	BotID string

	// Proxy lies between the product and Mattermost, Gate between Mattermost and
	// the product.
	Proxy *Proxy
	Gate  *Gate
	// Product is the running taskbridge and API its REST API.
	Product *Product
	API     *API
}

// Engine is the database that a desk's product keeps its data in.
type Engine string

// The engines.
const (
	Postgres15 Engine = "postgres"
	SQLite     Engine = "sqlite"
)

// NewTeam seeds a team with its people, without a product.
func (e *Env) NewTeam(t testing.TB) *Desk {
	t.Helper()
	n := e.desks.Add(1)
	suffix := fmt.Sprintf("desk%d", n)
	team, _, err := e.root.CreateTeam(t.Context(), &model.Team{Name: suffix, DisplayName: "Desk " + suffix, Type: model.TeamInvite})
	if err != nil {
		t.Fatalf("create the team: %v", err)
	}
	d := &Desk{Env: e, Team: team}
	for name, user := range map[string]**User{"admin": &d.Admin, "olivia": &d.Olivia, "otto": &d.Otto, "cora": &d.Cora, "carl": &d.Carl, "sam": &d.Sam} {
		*user = e.NewUser(t, name, suffix, team.Id)
	}
	if _, err := e.root.UpdateUserRoles(t.Context(), d.Admin.ID, model.SystemUserRoleId+" "+model.SystemAdminRoleId); err != nil {
		t.Fatalf("make %s an administrator: %v", d.Admin.Username, err)
	}
	for _, u := range []*User{d.Admin, d.Olivia, d.Otto, d.Sam} {
		e.joinTeam(t, team.Id, u.ID)
	}
	d.Lobby, _, err = e.root.GetChannelByName(t.Context(), model.DefaultChannelName, team.Id, "")
	if err != nil {
		t.Fatalf("find the lobby: %v", err)
	}
	d.Operations = d.NewChannel(t, "operations", d.Admin, d.Olivia, d.Otto)
	return d
}

// NewChannel makes a private channel with these people in it.
func (d *Desk) NewChannel(t testing.TB, name string, people ...*User) *model.Channel {
	t.Helper()
	c, _, err := d.Env.root.CreateChannel(t.Context(), &model.Channel{TeamId: d.Team.Id, Name: name, DisplayName: name, Type: model.ChannelTypePrivate})
	if err != nil {
		t.Fatalf("create the channel %s: %v", name, err)
	}
	for _, u := range people {
		d.Env.joinChannel(t, c.Id, u.ID)
	}
	return c
}

// Join puts a person into a channel of the team.
func (d *Desk) Join(t testing.TB, c *model.Channel, u *User) {
	t.Helper()
	d.Env.joinChannel(t, c.Id, u.ID)
}

func (e *Env) joinTeam(t testing.TB, team, user string) {
	t.Helper()
	if _, _, err := e.root.AddTeamMember(t.Context(), team, user); err != nil {
		t.Fatalf("add a member to the team: %v", err)
	}
}

func (e *Env) joinChannel(t testing.TB, channel, user string) {
	t.Helper()
	if _, _, err := e.root.AddChannelMember(t.Context(), channel, user); err != nil {
		t.Fatalf("add a member to the channel: %v", err)
	}
}

// NewBot makes a bot account that belongs to the team and returns its id and its
// token. The account has the default roles only: a member of the team may create
// private channels, and add people to the team and to its channels. Two things it
// may not do are done by the administrator instead: making the slash command
// (manage_own_slash_commands) and inviting guests, which needs a licence.
func (d *Desk) NewBot(t testing.TB, name string) (id, token string) {
	t.Helper()
	bot, _, err := d.Env.root.CreateBot(t.Context(), &model.Bot{Username: name + d.Team.Name, DisplayName: name})
	if err != nil {
		t.Fatalf("create the bot: %v", err)
	}
	made, _, err := d.Env.root.CreateUserAccessToken(t.Context(), bot.UserId, "taskbridge")
	if err != nil {
		t.Fatalf("create the bot's token: %v", err)
	}
	d.Env.joinTeam(t, d.Team.Id, bot.UserId)
	return bot.UserId, made.Token
}

// NewSlashCommand makes a slash command of the team and returns its token.
func (d *Desk) NewSlashCommand(t testing.TB, trigger, url string) string {
	t.Helper()
	made, _, err := d.Admin.Client.CreateCommand(t.Context(), &model.Command{
		TeamId: d.Team.Id, Trigger: trigger, URL: url, Method: model.CommandMethodPost,
		AutoComplete: true, AutoCompleteDesc: "Hand jobs to outside firms", DisplayName: "taskbridge",
	})
	if err != nil {
		t.Fatalf("create the slash command: %v", err)
	}
	return made.Token
}

// Hint sets what is shown behind a slash command of the team while somebody types it.
func (d *Desk) Hint(t testing.TB, trigger, hint string) {
	t.Helper()
	all, _, err := d.Admin.Client.ListCommands(t.Context(), d.Team.Id, true)
	if err != nil {
		t.Fatalf("list the slash commands: %v", err)
	}
	for _, c := range all {
		if c.Trigger == trigger {
			c.AutoCompleteHint = hint
			if _, _, err := d.Admin.Client.UpdateCommand(t.Context(), c); err != nil {
				t.Fatalf("change the slash command: %v", err)
			}
			return
		}
	}
	t.Fatalf("the team has no command /%s", trigger)
}

// EditLimit lets posts be edited for so many seconds and no longer, until the test ends.
func (e *Env) EditLimit(t testing.TB, seconds int) {
	t.Helper()
	set := func(ctx context.Context, seconds int) {
		limited := &model.Config{}
		limited.ServiceSettings.PostEditTimeLimit = &seconds
		if _, _, err := e.root.PatchConfig(ctx, limited); err != nil {
			t.Errorf("limit edits to %d seconds: %v", seconds, err)
		}
	}
	set(t.Context(), seconds)
	t.Cleanup(func() { set(context.WithoutCancel(t.Context()), -1) })
}
