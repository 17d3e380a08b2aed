package slacktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The refusals people meet in a Slack client.
var (
	ErrNotInChannel     = errors.New("slacktest: the person is not in the channel")
	ErrUnknown          = errors.New("slacktest: no such person, channel, message or control")
	ErrOperationTimeout = errors.New("slacktest: operation_timeout: not acknowledged in time")
	ErrDispatchFailed   = errors.New("slacktest: dispatch_failed: the acknowledgement was no 200")
	ErrExternal         = errors.New("slacktest: the command is not available to people of another organisation")
	ErrRefused          = errors.New("slacktest: not permitted")
	ErrWait             = errors.New("slacktest: waited in vain")
	ErrInThread         = errors.New("slacktest: custom commands cannot be used in threads")
)

type team struct{ id, name, domain string }

type user struct {
	id, name, realName, email, teamID, tz string
	admin, guest, singleChannel, bot      bool
	deleted, hideEmail                    bool
}

type channel struct {
	id, name, topic, purpose, creator, frozen string
	created                                   int64
	private, archived, im, extShared, closed  bool
	members                                   []string
	teams                                     []string // connected external teams
	messages                                  []*message
	aliases                                   []string // earlier ids
}

func (c *channel) has(id string) bool { return slices.Contains(c.members, id) }

// kind is the channel_type of message events.
func (c *channel) kind() string {
	switch {
	case c.im:
		return "im"
	case c.private:
		return "group"
	}
	return "channel"
}

type workspace struct {
	teams    map[string]*team
	users    map[string]*user
	userIDs  []string // in order of creation
	channels []*channel
	files    map[string]*file
	invites  map[string]*invite
	revoked  string
}

func newWorkspace() workspace {
	return workspace{teams: map[string]*team{}, users: map[string]*user{}, files: map[string]*file{}, invites: map[string]*invite{}}
}

// seed makes the installation itself.
func (s *Server) seed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teamID, s.appID, s.botID = s.nextID("T"), s.nextID("A"), s.nextID("B")
	s.teams[s.teamID] = &team{id: s.teamID, name: s.opts.Team, domain: domainOf(s.opts.Team)}
	s.botUser = s.addUser(&user{name: s.opts.Bot, realName: s.opts.Bot, bot: true, teamID: s.teamID})
}

func domainOf(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "-")) }

// AddTeam adds another organisation, for people in Slack Connect channels, and
// returns its id.
func (s *Server) AddTeam(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextID("T")
	s.teams[id] = &team{id: id, name: name, domain: domainOf(name)}
	return id
}

// UserSpec describes a person.
type UserSpec struct {
	Name     string // user name, how tests find the person; must be unique
	RealName string // default Name
	Email    string // default NAME@example.com
	Admin    bool
	Guest    bool   // multi-channel guest
	Single   bool   // single-channel guest
	Team     string // id or name of another organisation; empty means a member
	TZ       string // default Europe/Berlin
	// HideEmail withholds the address although the scope is granted, as other
	// organisations may.
	HideEmail bool
}

// AddUser adds a person. An unknown Team is added as an organisation.
func (s *Server) AddUser(spec UserSpec) *Person {
	teamID := s.teamID
	if spec.Team != "" {
		teamID = s.findOrAddTeam(spec.Team)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &user{
		name: spec.Name, realName: spec.RealName, email: spec.Email, teamID: teamID, tz: spec.TZ,
		admin: spec.Admin, guest: spec.Guest || spec.Single, singleChannel: spec.Single, hideEmail: spec.HideEmail,
	}
	if u.realName == "" {
		u.realName = u.name
	}
	if u.email == "" {
		u.email = u.name + "@example.com"
	}
	if u.tz == "" {
		u.tz = "Europe/Berlin"
	}
	return &Person{s: s, id: s.addUser(u)}
}

func (s *Server) addUser(u *user) string {
	u.id = s.nextID("U")
	s.users[u.id] = u
	s.userIDs = append(s.userIDs, u.id)
	return u.id
}

func (s *Server) findOrAddTeam(name string) string {
	s.mu.Lock()
	for id, t := range s.teams {
		if id == name || t.name == name {
			s.mu.Unlock()
			return id
		}
	}
	s.mu.Unlock()
	return s.AddTeam(name)
}

// Person finds someone by user name or id. For nobody, every act answers
// ErrUnknown.
func (s *Server) Person(name string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.userIDs {
		if id == name || s.users[id].name == name {
			return &Person{s: s, id: id}
		}
	}
	return &Person{s: s}
}

// ChannelSpec describes a channel.
type ChannelSpec struct {
	Name    string
	Private bool
	GroupID bool     // an old private channel, whose id begins with G
	Members []string // user names or ids
	NoBot   bool     // the bot is not a member
}

// AddChannel adds a channel and returns its id. No event is sent for members
// it starts with.
func (s *Server) AddChannel(spec ChannelSpec) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix := "C"
	if spec.GroupID {
		prefix, spec.Private = "G", true
	}
	ch := &channel{id: s.nextID(prefix), name: spec.Name, private: spec.Private, created: s.clock.Now().Unix(), creator: s.botUser}
	if !spec.NoBot {
		ch.members = append(ch.members, s.botUser)
	}
	for _, m := range spec.Members {
		if u := s.userByName(m); u != nil {
			s.addMember(ch, u)
		}
	}
	s.channels = append(s.channels, ch)
	return ch.id
}

// addMember also marks the channel as shared with the member's organisation.
func (s *Server) addMember(ch *channel, u *user) {
	if !ch.has(u.id) {
		ch.members = append(ch.members, u.id)
	}
	if u.teamID != s.teamID && !slices.Contains(ch.teams, u.teamID) {
		ch.teams = append(ch.teams, u.teamID)
		ch.extShared = true
	}
}

// Join adds a person to a channel and sends member_joined_channel.
func (s *Server) Join(channel, person string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, u := s.channelByID(channel), s.userByName(person)
	if ch == nil || u == nil {
		return fmt.Errorf("join %s to %s: %w", person, channel, ErrUnknown)
	}
	s.join(ch, u, "")
	return nil
}

func (s *Server) join(ch *channel, u *user, inviter string) {
	if ch.has(u.id) {
		return
	}
	s.addMember(ch, u)
	ev := object{
		"type": "member_joined_channel", "user": u.id, "channel": ch.id,
		"channel_type": s.letter(ch), "team": u.teamID, "event_ts": s.nextTS(),
	}
	if inviter != "" {
		ev["inviter"] = inviter
	}
	s.emit(ch, ev)
}

// Leave removes a person from a channel and sends member_left_channel.
func (s *Server) Leave(channel, person string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, u := s.channelByID(channel), s.userByName(person)
	if ch == nil || u == nil || !ch.has(u.id) {
		return fmt.Errorf("leave %s by %s: %w", channel, person, ErrUnknown)
	}
	s.leave(ch, u)
	return nil
}

func (s *Server) leave(ch *channel, u *user) {
	// The event goes out first: the bot hears of its own removal.
	s.emit(ch, object{
		"type": "member_left_channel", "user": u.id, "channel": ch.id,
		"channel_type": s.letter(ch), "team": u.teamID, "event_ts": s.nextTS(),
	})
	ch.members = slices.DeleteFunc(ch.members, func(m string) bool { return m == u.id })
}

// letter is the channel_type of membership events.
func (s *Server) letter(ch *channel) string {
	if ch.private {
		return "G"
	}
	return "C"
}

// ChangeChannelID gives a channel a new id, as sharing an old private channel
// does, and sends channel_id_changed. It returns the new id.
func (s *Server) ChangeChannelID(channel string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channelByID(channel)
	if ch == nil {
		return "", fmt.Errorf("change id of %s: %w", channel, ErrUnknown)
	}
	s.changeID(ch)
	return ch.id, nil
}

func (s *Server) changeID(ch *channel) {
	old := ch.id
	ch.aliases = append(ch.aliases, old)
	ch.id = s.nextID("C")
	s.emit(ch, object{"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": ch.id, "event_ts": s.nextTS()})
}

// Archive archives a channel as a person would and sends channel_archive.
func (s *Server) Archive(channel, by string) error { return s.setArchived(channel, by, true) }

// Unarchive undoes Archive.
func (s *Server) Unarchive(channel, by string) error { return s.setArchived(channel, by, false) }

func (s *Server) setArchived(channel, by string, archived bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, u := s.channelByID(channel), s.userByName(by)
	if ch == nil || u == nil {
		return fmt.Errorf("archive %s: %w", channel, ErrUnknown)
	}
	s.archive(ch, u.id, archived)
	return nil
}

func (s *Server) archive(ch *channel, by string, archived bool) {
	ch.archived = archived
	name := "unarchive"
	if archived {
		name = "archive"
	}
	s.emit(ch, object{"type": ch.prefix() + name, "channel": ch.id, "user": by, "is_moved": 0, "event_ts": s.nextTS()})
}

// Rename renames a channel and sends channel_rename.
func (s *Server) Rename(channel, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channelByID(channel)
	if ch == nil {
		return fmt.Errorf("rename %s: %w", channel, ErrUnknown)
	}
	s.rename(ch, name)
	return nil
}

func (s *Server) rename(ch *channel, name string) {
	ch.name = name
	s.emit(ch, object{
		"type":     ch.prefix() + "rename",
		"channel":  object{"id": ch.id, "name": name, "created": ch.created, "is_channel": !ch.private, "is_mpim": false},
		"event_ts": s.nextTS(),
	})
}

// prefix begins the names of events about the channel.
func (c *channel) prefix() string {
	if c.private {
		return "group_"
	}
	return "channel_"
}

// channelByID finds a channel by its current id or its name. Earlier ids do not
// work, as in Slack. The lock is held.
func (s *Server) channelByID(id string) *channel {
	if id == "" {
		return nil
	}
	for _, ch := range s.channels {
		if ch.id == id {
			return ch
		}
	}
	for _, ch := range s.channels {
		if ch.name == strings.TrimPrefix(id, "#") && !ch.im {
			return ch
		}
	}
	return nil
}

func (s *Server) sameChannel(a, b string) bool {
	x := s.channelByID(a)
	return x != nil && x == s.channelByID(b)
}

// userByName finds a person by id or name. The lock is held.
func (s *Server) userByName(name string) *user {
	if u := s.users[name]; u != nil {
		return u
	}
	for _, id := range s.userIDs {
		if s.users[id].name == name {
			return s.users[id]
		}
	}
	return nil
}

// ChannelID returns the current id of a channel by name, or nothing.
func (s *Server) ChannelID(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch := s.channelByID(name); ch != nil {
		return ch.id
	}
	return ""
}

// Members returns the user ids in a channel.
func (s *Server) Members(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch := s.channelByID(channel); ch != nil {
		return slices.Clone(ch.members)
	}
	return nil
}

// ClosePosting lets only a channel's managers write in it, or everybody again, and says
// so as Slack does (docs.slack.dev/reference/events/message/channel_posting_permissions).
func (s *Server) ClosePosting(channel, by string, closed bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, u := s.channelByID(channel), s.userByName(by)
	if ch == nil || u == nil {
		return fmt.Errorf("close %s: %w", channel, ErrUnknown)
	}
	ch.closed = closed
	ts := s.nextTS()
	s.emitMessage(ch, object{"subtype": "channel_posting_permissions", "user": u.id, "text": "changed channel posting permissions.", "ts": ts}, ts)
	return nil
}
