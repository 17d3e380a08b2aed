package slacktest

import (
	"slices"
)

func (s *Server) peopleMethods() map[string]method {
	users := one("users:read")
	return map[string]method{
		"auth.test":                      {tier: tierSpecial, handle: s.authTest},
		"api.test":                       {tier: 4, handle: func(*call) (object, error) { return nil, nil }},
		"users.info":                     {tier: 4, scope: users, handle: s.usersInfo},
		"users.list":                     {tier: 2, scope: users, handle: s.usersList},
		"users.lookupByEmail":            {tier: 3, scope: one("users:read.email"), handle: s.usersLookupByEmail},
		"users.conversations":            {tier: 2, scope: s.byChannel("read"), handle: s.usersConversations},
		"bots.info":                      {tier: 3, scope: users, handle: s.botsInfo},
		"team.info":                      {tier: 3, scope: one("team:read"), handle: s.teamInfo},
		"usergroups.list":                {tier: 2, scope: one("usergroups:read"), handle: func(*call) (object, error) { return object{"usergroups": []object{}}, nil }},
		"apps.event.authorizations.list": {tier: 4, scope: one("authorizations:read"), appToken: true, handle: s.authorizationsList},
	}
}

func (s *Server) authTest(*call) (object, error) {
	t := s.teams[s.teamID]
	return object{
		"url": "https://" + t.domain + ".slack.com/", "team": t.name, "user": s.opts.Bot,
		"team_id": s.teamID, "user_id": s.botUser, "bot_id": s.botID, "is_enterprise_install": s.opts.OrgWide,
	}, nil
}

// renderUser follows docs.slack.dev/reference/objects/user-object. The e-mail
// address needs its own scope, and other organisations may withhold it.
func (s *Server) renderUser(u *user) object {
	profile := object{
		"real_name": u.realName, "display_name": u.name, "real_name_normalized": u.realName,
		"display_name_normalized": u.name, "team": u.teamID, "image_48": s.base + "/avatar/" + u.id + ".png",
	}
	if !u.bot && !u.hideEmail && s.has("users:read.email") {
		profile["email"] = u.email
	}
	out := object{
		"id": u.id, "team_id": u.teamID, "name": u.name, "real_name": u.realName, "deleted": u.deleted,
		"profile": profile, "is_bot": u.bot, "is_app_user": false,
		"is_admin": u.admin, "is_owner": false, "is_primary_owner": false,
		"is_restricted": u.guest, "is_ultra_restricted": u.singleChannel, "updated": 1700000000,
	}
	if u.teamID != s.teamID {
		out["is_stranger"] = s.isStranger(u)
	} else {
		out["tz"], out["tz_label"], out["tz_offset"], out["locale"] = u.tz, u.tz, 3600, "en-US"
	}
	return out
}

// isStranger says that a person of another organisation shares no channel with
// the workspace.
func (s *Server) isStranger(u *user) bool {
	return u.teamID != s.teamID && !slices.ContainsFunc(s.channels, func(ch *channel) bool { return ch.has(u.id) })
}

func (s *Server) usersInfo(c *call) (object, error) {
	u := s.users[c.args["user"]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	return object{"user": s.renderUser(u)}, nil
}

// usersList leaves people of other organisations out, as Slack does.
func (s *Server) usersList(c *call) (object, error) {
	members := []object{}
	for _, id := range s.userIDs {
		if u := s.users[id]; u.teamID == s.teamID {
			members = append(members, s.renderUser(u))
		}
	}
	from, to, next := s.cut(c, len(members))
	return object{"members": members[from:to], "cache_ts": 0, "response_metadata": object{"next_cursor": next}}, nil
}

func (s *Server) usersLookupByEmail(c *call) (object, error) {
	for _, id := range s.userIDs {
		u := s.users[id]
		if u.email == c.args["email"] && u.email != "" && u.teamID == s.teamID && !u.deleted {
			return object{"user": s.renderUser(u)}, nil
		}
	}
	return nil, fail("users_not_found")
}

func (s *Server) usersConversations(c *call) (object, error) {
	who := c.args["user"]
	if who == "" {
		who = s.botUser
	}
	return s.listChannels(c, func(ch *channel) bool { return ch.has(who) })
}

func (s *Server) botsInfo(c *call) (object, error) {
	if id := c.args["bot"]; id != s.botID {
		return nil, fail("bot_not_found")
	}
	return object{"bot": object{"id": s.botID, "app_id": s.appID, "user_id": s.botUser, "name": s.opts.Bot, "deleted": false}}, nil
}

func (s *Server) teamInfo(c *call) (object, error) {
	id := c.args["team"]
	if id == "" {
		id = s.teamID
	}
	t := s.teams[id]
	if t == nil {
		return nil, fail("team_not_found")
	}
	return object{"team": object{"id": t.id, "name": t.name, "domain": t.domain, "email_domain": "", "icon": object{"image_default": true}}}, nil
}

func (s *Server) authorizationsList(*call) (object, error) {
	return object{"authorizations": s.authorizations()}, nil
}

func (s *Server) authorizations() []object {
	return []object{{"enterprise_id": nil, "team_id": s.teamID, "user_id": s.botUser, "is_bot": true, "is_enterprise_install": false}}
}

// Deactivate marks a person as deleted, takes them out of all channels and
// sends user_change.
func (s *Server) Deactivate(person string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.userByName(person)
	if u == nil {
		return ErrUnknown
	}
	u.deleted = true
	for _, ch := range s.channels {
		ch.members = slices.DeleteFunc(ch.members, func(m string) bool { return m == u.id })
	}
	s.emit(nil, object{"type": "user_change", "user": s.renderUser(u), "event_ts": s.nextTS()})
	return nil
}
