package slacktest

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func (s *Server) channelMethods() map[string]method {
	manage, read := s.byChannel("manage"), s.byChannel("read")
	create := func(c *call) []string {
		return []string{channelScope("manage", &channel{private: c.bool("is_private")})}
	}
	return map[string]method{
		"conversations.create":     {tier: 2, scope: create, handle: s.conversationsCreate},
		"conversations.archive":    {tier: 2, scope: manage, handle: s.conversationsArchive},
		"conversations.unarchive":  {tier: 2, scope: manage, handle: s.conversationsUnarchive},
		"conversations.rename":     {tier: 2, scope: manage, handle: s.conversationsRename},
		"conversations.setTopic":   {tier: 2, scope: manage, handle: s.conversationsSetTopic},
		"conversations.setPurpose": {tier: 2, scope: manage, handle: s.conversationsSetPurpose},
		"conversations.list":       {tier: 2, scope: read, handle: s.conversationsList},
		"conversations.info":       {tier: 3, scope: read, handle: s.conversationsInfo},
		"conversations.members":    {tier: 4, scope: read, handle: s.conversationsMembers},
		"conversations.invite":     {tier: 3, scope: manage, handle: s.conversationsInvite},
		"conversations.kick":       {tier: 3, scope: manage, handle: s.conversationsKick},
		"conversations.leave":      {tier: 3, scope: manage, handle: s.conversationsLeave},
		"conversations.join":       {tier: 3, scope: one("channels:join"), handle: s.conversationsJoin},
		"conversations.open":       {tier: 3, scope: one("im:write"), handle: s.conversationsOpen},
	}
}

// renderChannel follows docs.slack.dev/reference/objects/conversation-object.
func (s *Server) renderChannel(ch *channel) object {
	out := object{
		"id": ch.id, "created": ch.created, "creator": ch.creator, "is_archived": ch.archived,
		"is_im": ch.im, "is_mpim": false, "is_private": ch.private, "is_member": ch.has(s.botUser),
		"is_channel": !ch.im && !ch.private, "is_group": ch.private && !ch.im, "is_general": false,
		"is_shared": ch.extShared, "is_ext_shared": ch.extShared, "is_org_shared": false,
		"context_team_id": s.teamID, "shared_team_ids": append([]string{s.teamID}, ch.teams...),
		"is_pending_ext_shared": s.pendingInvite(ch), "num_members": len(ch.members),
	}
	if ch.im {
		for _, m := range ch.members {
			if m != s.botUser {
				out["user"] = m
			}
		}
		return out
	}
	out["name"], out["name_normalized"] = ch.name, ch.name
	out["topic"] = object{"value": ch.topic, "creator": s.botUser, "last_set": 0}
	out["purpose"] = object{"value": ch.purpose, "creator": s.botUser, "last_set": 0}
	if ch.extShared {
		out["connected_team_ids"], out["conversation_host_id"] = ch.teams, s.teamID
	}
	if ch.frozen != "" {
		out["is_frozen"], out["frozen_reason"] = true, ch.frozen
	}
	return out
}

// visible finds a channel the bot can see: public ones and its own.
func (s *Server) visible(c *call) (*channel, error) {
	ch := s.channelByID(c.args["channel"])
	if ch == nil || (ch.private || ch.im) && !ch.has(s.botUser) || ch.id != c.args["channel"] {
		// The API takes ids only here; a name is no channel.
		return nil, fail("channel_not_found")
	}
	return ch, nil
}

// nameError checks a channel name (docs.slack.dev/reference/methods/conversations.create).
func nameError(name string) string {
	switch {
	case name == "":
		return "invalid_name_required"
	case utf8.RuneCountInString(name) > 80:
		return "invalid_name_maxlength"
	}
	letters := false
	for _, r := range name {
		switch {
		case unicode.IsDigit(r), unicode.IsLetter(r) && unicode.ToLower(r) == r:
			letters = true
		case r == '-', r == '_':
		default:
			return "invalid_name_specials"
		}
	}
	if !letters {
		return "invalid_name_punctuation"
	}
	return ""
}

// nameTaken includes archived channels.
func (s *Server) nameTaken(name string) bool {
	return slices.ContainsFunc(s.channels, func(ch *channel) bool { return ch.name == name })
}

func (s *Server) conversationsCreate(c *call) (object, error) {
	name := c.args["name"]
	if code := nameError(name); code != "" {
		return nil, fail(code)
	}
	if s.nameTaken(name) {
		return nil, fail("name_taken")
	}
	ch := &channel{
		id: s.nextID("C"), name: name, private: c.bool("is_private"), creator: s.botUser,
		created: s.clock.Now().Unix(), members: []string{s.botUser},
	}
	s.channels = append(s.channels, ch)
	s.touch()
	if !ch.private {
		s.emit(ch, object{"type": "channel_created", "channel": object{"id": ch.id, "name": name, "created": ch.created, "creator": s.botUser}, "event_ts": s.nextTS()})
	}
	return object{"channel": s.renderChannel(ch)}, nil
}

func (s *Server) conversationsArchive(c *call) (object, error) {
	ch, err := s.visible(c)
	switch {
	case err != nil:
		return nil, err
	case ch.archived:
		return nil, fail("already_archived")
	case !ch.has(s.botUser):
		return nil, fail("not_in_channel")
	}
	s.archive(ch, s.botUser, true)
	return nil, nil
}

// conversationsUnarchive refuses every bot: archiving has removed it from the channel,
// which Slack's answer says although the method's page does not
// (slack-go/slack#1066).
func (s *Server) conversationsUnarchive(c *call) (object, error) {
	ch, err := s.visible(c)
	switch {
	case err != nil:
		return nil, err
	case !ch.archived:
		return nil, fail("not_archived")
	}
	return nil, fail("not_in_channel")
}

func (s *Server) conversationsRename(c *call) (object, error) {
	ch, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	name := c.args["name"]
	if code := nameError(name); code != "" {
		return nil, fail(code)
	}
	if s.nameTaken(name) && ch.name != name {
		return nil, fail("name_taken")
	}
	s.rename(ch, name)
	return object{"channel": s.renderChannel(ch)}, nil
}

func (s *Server) conversationsSetTopic(c *call) (object, error) {
	ch, err := s.about(c, c.args["topic"])
	if err != nil {
		return nil, err
	}
	ch.topic = c.args["topic"]
	return object{"channel": s.renderChannel(ch), "topic": ch.topic}, nil
}

func (s *Server) conversationsSetPurpose(c *call) (object, error) {
	ch, err := s.about(c, c.args["purpose"])
	if err != nil {
		return nil, err
	}
	ch.purpose = c.args["purpose"]
	return object{"channel": s.renderChannel(ch), "purpose": ch.purpose}, nil
}

// about finds a channel whose topic or purpose, of at most 250 characters, the
// bot may set.
func (s *Server) about(c *call, text string) (*channel, error) {
	ch, err := s.visible(c)
	switch {
	case err != nil:
		return nil, err
	case !ch.has(s.botUser):
		return nil, fail("not_in_channel")
	case ch.archived:
		return nil, fail("is_archived")
	case utf8.RuneCountInString(text) > 250:
		return nil, fail("too_long")
	}
	return ch, nil
}

func (s *Server) conversationsInfo(c *call) (object, error) {
	ch, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	return object{"channel": s.renderChannel(ch)}, nil
}

func (s *Server) conversationsList(c *call) (object, error) {
	return s.listChannels(c, func(ch *channel) bool { return !ch.private && !ch.im || ch.has(s.botUser) })
}

// listChannels leaves connected_team_ids out, as conversations.list does.
func (s *Server) listChannels(c *call, want func(*channel) bool) (object, error) {
	types := c.args["types"]
	if types == "" {
		types = "public_channel"
	}
	out := []object{}
	for _, ch := range s.channels {
		kind := map[string]string{"channel": "public_channel", "group": "private_channel", "im": "im"}[ch.kind()]
		if !want(ch) || !strings.Contains(types, kind) || ch.archived && c.bool("exclude_archived") {
			continue
		}
		o := s.renderChannel(ch)
		delete(o, "connected_team_ids")
		out = append(out, o)
	}
	from, to, next := s.cut(c, len(out))
	return object{"channels": out[from:to], "response_metadata": object{"next_cursor": next}}, nil
}

// cut gives the bounds of a page of a list and the cursor of the next.
func (s *Server) cut(c *call, length int) (from, to int, next string) {
	from = min(max(c.int("cursor", 0), 0), length)
	limit := max(c.int("limit", 100), 1)
	if s.opts.PageSize > 0 {
		limit = min(limit, s.opts.PageSize)
	}
	if to = min(from+limit, length); to < length {
		next = strconv.Itoa(to)
	}
	return from, to, next
}

func (s *Server) conversationsMembers(c *call) (object, error) {
	ch, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	from, to, next := s.cut(c, len(ch.members))
	return object{"members": slices.Clone(ch.members[from:to]), "response_metadata": object{"next_cursor": next}}, nil
}

func (s *Server) conversationsInvite(c *call) (object, error) {
	ch, err := s.visible(c)
	ids := c.list("users")
	switch {
	case err != nil:
		return nil, err
	case !ch.has(s.botUser):
		return nil, fail("not_in_channel")
	case ch.archived:
		return nil, fail("is_archived")
	case len(ids) == 0:
		return nil, fail("no_user")
	case len(ids) > 1000:
		return nil, fail("too_many_users")
	}
	var bad []object
	var good []*user
	for _, id := range ids {
		u, code := s.users[id], ""
		switch {
		case u == nil || u.deleted:
			code = "user_not_found"
		case id == s.botUser:
			code = "cant_invite_self"
		case ch.has(id):
			code = "already_in_channel"
		case u.teamID != s.teamID:
			// People of other organisations come by conversations.inviteShared.
			code = "cant_invite"
		}
		if code != "" {
			bad = append(bad, object{"user": id, "ok": false, "error": code})
			continue
		}
		good = append(good, u)
	}
	if len(bad) > 0 && (!c.bool("force") || len(good) == 0) {
		return nil, &apiError{code: str(bad[0], "error"), extra: object{"errors": bad}}
	}
	for _, u := range good {
		s.join(ch, u, s.botUser)
	}
	return object{"channel": s.renderChannel(ch)}, nil
}

func (s *Server) conversationsKick(c *call) (object, error) {
	ch, err := s.visible(c)
	u := s.users[c.args["user"]]
	switch {
	case err != nil:
		return nil, err
	case u == nil:
		return nil, fail("user_not_found")
	case u.id == s.botUser:
		return nil, fail("cant_kick_self")
	case !ch.has(u.id):
		return nil, fail("not_in_channel")
	}
	s.leave(ch, u)
	return object{"errors": object{}}, nil
}

func (s *Server) conversationsLeave(c *call) (object, error) {
	ch, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	if !ch.has(s.botUser) {
		return object{"not_in_channel": true}, nil
	}
	s.leave(ch, s.users[s.botUser])
	return nil, nil
}

func (s *Server) conversationsJoin(c *call) (object, error) {
	ch, err := s.visible(c)
	switch {
	case err != nil:
		return nil, err
	case ch.private:
		return nil, fail("method_not_supported_for_channel_type")
	case ch.archived:
		return nil, fail("is_archived")
	}
	s.join(ch, s.users[s.botUser], "")
	return object{"channel": s.renderChannel(ch)}, nil
}

func (s *Server) conversationsOpen(c *call) (object, error) {
	ids := c.list("users")
	if len(ids) != 1 {
		return nil, fail("users_list_not_supplied")
	}
	u := s.users[ids[0]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	ch, err := s.direct(u)
	if err != nil {
		return nil, err
	}
	return object{"channel": object{"id": ch.id}, "no_op": len(ch.messages) > 0}, nil
}

// direct finds or opens the direct conversation with a person. Strangers cannot
// be written to.
func (s *Server) direct(u *user) (*channel, error) {
	switch {
	case u.deleted:
		return nil, fail("user_disabled")
	case s.isStranger(u):
		return nil, fail("user_not_visible")
	}
	for _, ch := range s.channels {
		if ch.im && ch.has(u.id) {
			return ch, nil
		}
	}
	ch := &channel{id: s.nextID("D"), im: true, members: []string{s.botUser, u.id}, created: s.clock.Now().Unix()}
	s.channels = append(s.channels, ch)
	return ch, nil
}
