package slacktest

import "slices"

// DefaultScopes are the bot scopes that every served method and event needs.
func DefaultScopes() []string {
	return []string{
		"app_mentions:read", "channels:history", "channels:join", "channels:manage", "channels:read",
		"chat:write", "chat:write.customize", "commands",
		"conversations.connect:manage", "conversations.connect:read", "conversations.connect:write",
		"files:read", "files:write", "groups:history", "groups:read", "groups:write",
		"im:history", "im:read", "im:write", "metadata.message:read", "pins:read", "pins:write",
		"reactions:read", "reactions:write", "team:read", "usergroups:read", "users:read", "users:read.email",
	}
}

// has says whether the bot was granted the scope.
func (s *Server) has(scope string) bool { return slices.Contains(s.opts.Scopes, scope) }

// missingScope names the scope the call lacks, or nothing. Any one of the
// method's scopes is enough. The lock is held.
func (s *Server) missingScope(c *call, m method) string {
	if m.scope == nil {
		return ""
	}
	granted := s.opts.Scopes
	if m.appToken {
		granted = s.opts.AppScopes
	}
	needed := m.scope(c)
	for _, n := range needed {
		if slices.Contains(granted, n) {
			return ""
		}
	}
	if len(needed) == 0 {
		return ""
	}
	return needed[0]
}

// one is a method with a fixed scope.
func one(scopes ...string) func(*call) []string {
	return func(*call) []string { return scopes }
}

// byChannel picks the scope by the kind of the channel in the call, since Slack
// splits most scopes into channels:, groups: and im:. Without a channel any of
// the family will do.
func (s *Server) byChannel(family string) func(*call) []string {
	return func(c *call) []string {
		if ch := s.channelByID(c.args["channel"]); ch != nil {
			return []string{channelScope(family, ch)}
		}
		return []string{
			channelScope(family, &channel{}),
			channelScope(family, &channel{private: true}),
			channelScope(family, &channel{im: true}),
		}
	}
}

// channelScope names the scope of one family ("read", "history" or "manage")
// for one channel.
func channelScope(family string, ch *channel) string {
	prefix := "channels:"
	switch {
	case ch.im:
		prefix = "im:"
	case ch.private:
		prefix = "groups:"
	}
	if family == "manage" && prefix != "channels:" {
		family = "write"
	}
	return prefix + family
}
