package slacktest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// inviteLife is the documented example's date_invalid minus date_created.
const inviteLife = 14 * 24 * time.Hour

type inviteState string

const (
	inviteSent     inviteState = "sent"
	inviteWaiting  inviteState = "waiting for approval"
	inviteDone     inviteState = "approved"
	inviteDeclined inviteState = "declined"
)

type invite struct {
	id, email, userID string
	ch                *channel
	created           time.Time
	limited           bool
	state             inviteState
	accepting         *user
}

// Invite is a copy of a Slack Connect invitation.
type Invite struct {
	ID, Channel, Email, UserID string
	ExternalLimited            bool   // the invited may post only
	State                      string // sent, waiting for approval, approved, declined
}

func (s *Server) connectMethods() map[string]method {
	write, manage := one("conversations.connect:write"), one("conversations.connect:manage")
	return map[string]method{
		"conversations.inviteShared":                  {tier: 2, scope: write, handle: s.inviteShared},
		"conversations.acceptSharedInvite":            {tier: 1, scope: write, handle: s.acceptSharedInvite},
		"conversations.approveSharedInvite":           {tier: 1, scope: manage, handle: s.approveSharedInvite},
		"conversations.declineSharedInvite":           {tier: 1, scope: manage, handle: s.declineSharedInvite},
		"conversations.listConnectInvites":            {tier: 1, scope: manage, handle: s.listConnectInvites},
		"conversations.externalInvitePermissions.set": {tier: 2, scope: manage, handle: s.setInvitePermissions},
	}
}

// inviteShared takes one address or one user id per call
// (docs.slack.dev/reference/methods/conversations.inviteShared).
func (s *Server) inviteShared(c *call) (object, error) {
	ch, err := s.visible(c)
	emails, ids := c.list("emails"), c.list("user_ids")
	switch {
	case err != nil:
		return nil, err
	case s.opts.NoConnect:
		return nil, fail("not_paid")
	case s.opts.LimitedInvites && c.args["external_limited"] == "false":
		return nil, fail("restricted_action")
	case len(emails) > 0 && len(ids) > 0, len(emails)+len(ids) == 0:
		return nil, fail("invalid_arguments")
	case len(emails) > 1, len(ids) > 1:
		return nil, fail("too_many_invitees")
	case ch.archived:
		return nil, fail("is_archived")
	case !ch.has(s.botUser):
		return nil, fail("not_in_channel")
	}
	if ch.id[0] == 'G' {
		// Sharing changes the id at once, even if nobody ever accepts.
		s.changeID(ch)
	}
	inv := &invite{id: s.nextID("I"), ch: ch, created: s.clock.Now(), limited: c.args["external_limited"] != "false", state: inviteSent}
	if len(emails) == 1 {
		inv.email = emails[0]
	} else {
		u := s.users[ids[0]]
		if u == nil {
			return nil, fail("user_not_found")
		}
		if u.teamID == s.teamID {
			return nil, fail("invalid_external_user")
		}
		inv.userID, inv.email = u.id, u.email
	}
	s.invites[inv.id] = inv
	s.touch()
	// shared_channel_invite_received goes to invited bots only, so not here.
	return object{"invite_id": inv.id, "is_legacy_shared_channel": false, "conf_code": "", "url": ""}, nil
}

// pendingInvite says that an invitation to the channel is still open.
func (s *Server) pendingInvite(ch *channel) bool {
	for _, inv := range s.invites {
		if inv.ch == ch && (inv.state == inviteSent || inv.state == inviteWaiting) && !s.expired(inv) {
			return true
		}
	}
	return false
}

func (s *Server) expired(inv *invite) bool { return s.clock.Now().Sub(inv.created) > inviteLife }

// Invites returns the invitations, oldest first.
func (s *Server) Invites() []Invite {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Invite
	for _, inv := range s.invites {
		state := string(inv.state)
		if s.expired(inv) && (inv.state == inviteSent || inv.state == inviteWaiting) {
			state = "expired"
		}
		out = append(out, Invite{
			ID: inv.id, Channel: inv.ch.id, Email: inv.email, UserID: inv.userID,
			ExternalLimited: inv.limited, State: state,
		})
	}
	slices.SortFunc(out, func(a, b Invite) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// WaitInvite waits for an invitation of an address.
func (s *Server) WaitInvite(email string) (Invite, error) {
	ok := s.wait(func() bool {
		for _, inv := range s.invites {
			if inv.email == email {
				return true
			}
		}
		return false
	})
	if ok {
		for _, inv := range slices.Backward(s.Invites()) {
			if inv.Email == email {
				return inv, nil
			}
		}
	}
	return Invite{}, fmt.Errorf("%w: invitation of %s", ErrWait, email)
}

// AcceptInvite accepts an invitation as a person of another organisation. With
// approval required, nothing is shared until ApproveInvite.
func (s *Server) AcceptInvite(inviteID, person string, approvalRequired bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv, u := s.invites[inviteID], s.userByName(person)
	switch {
	case inv == nil, u == nil:
		return fmt.Errorf("accept %s: %w", inviteID, ErrUnknown)
	case u.teamID == s.teamID, inv.state != inviteSent, s.expired(inv):
		return fmt.Errorf("accept %s: %w", inviteID, ErrRefused)
	}
	inv.accepting, inv.state = u, inviteWaiting
	ev := s.inviteEvent("shared_channel_invite_accepted", inv)
	ev["approval_required"], ev["accepting_user"] = approvalRequired, s.connectUser(u)
	s.emit(inv.ch, ev)
	if !approvalRequired {
		s.approve(inv, u)
	}
	return nil
}

// ApproveInvite approves an accepted invitation as an administrator.
func (s *Server) ApproveInvite(inviteID, admin string) error {
	return s.settle(inviteID, admin, inviteWaiting, s.approve)
}

// DeclineInvite declines an invitation that is not approved yet.
func (s *Server) DeclineInvite(inviteID, person string) error {
	return s.settle(inviteID, person, "", s.decline)
}

func (s *Server) settle(inviteID, person string, from inviteState, how func(*invite, *user)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv, u := s.invites[inviteID], s.userByName(person)
	switch {
	case inv == nil, u == nil:
		return fmt.Errorf("invitation %s: %w", inviteID, ErrUnknown)
	case from != "" && inv.state != from, inv.state == inviteDone, s.expired(inv):
		return fmt.Errorf("invitation %s is %s: %w", inviteID, inv.state, ErrRefused)
	}
	how(inv, u)
	return nil
}

func (s *Server) approve(inv *invite, by *user) {
	inv.state = inviteDone
	ch, u := inv.ch, inv.accepting
	fresh := ch.connect(u.teamID)
	ev := s.inviteEvent("shared_channel_invite_approved", inv)
	ev["approving_team_id"], ev["approving_user"] = by.teamID, s.connectUser(by)
	s.emit(ch, ev)
	s.share(ch, u, s.botUser, fresh)
}

// Share lets a person of another organisation into a channel, as people settle it
// among themselves without the app.
func (s *Server) Share(channel, person, inviter string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, u, by := s.channelByID(channel), s.userByName(person), s.userByName(inviter)
	if ch == nil || u == nil || by == nil || u.teamID == s.teamID {
		return fmt.Errorf("share %s with %s: %w", channel, person, ErrUnknown)
	}
	s.share(ch, u, by.id, ch.connect(u.teamID))
	return nil
}

func (s *Server) share(ch *channel, u *user, inviter string, fresh bool) {
	if fresh {
		s.emit(ch, object{"type": "channel_shared", "connected_team_id": u.teamID, "channel": ch.id, "event_ts": s.nextTS()})
	}
	s.join(ch, u, inviter)
}

// connect adds an organisation to a channel and tells whether it is new there.
func (c *channel) connect(team string) bool {
	if slices.Contains(c.teams, team) {
		return false
	}
	c.teams, c.extShared, c.frozen = append(c.teams, team), true, ""
	return true
}

func (s *Server) decline(inv *invite, by *user) {
	inv.state = inviteDeclined
	ev := s.inviteEvent("shared_channel_invite_declined", inv)
	ev["declining_team_id"], ev["declining_user"] = by.teamID, s.connectUser(by)
	s.emit(inv.ch, ev)
}

func (s *Server) inviteEvent(kind string, inv *invite) object {
	teams := []object{s.connectTeam(s.teamID)}
	for _, id := range inv.ch.teams {
		teams = append(teams, s.connectTeam(id))
	}
	return object{
		"type": kind, "invite": s.renderInvite(inv), "teams_in_channel": teams, "event_ts": s.nextTS(),
		"channel": object{"id": inv.ch.id, "is_private": inv.ch.private, "is_im": false, "name": inv.ch.name},
	}
}

func (s *Server) renderInvite(inv *invite) object {
	out := object{
		"id": inv.id, "date_created": inv.created.Unix(), "date_invalid": inv.created.Add(inviteLife).Unix(),
		"inviting_team": s.connectTeam(s.teamID), "inviting_user": s.connectUser(s.users[s.botUser]),
	}
	if inv.email != "" {
		out["recipient_email"] = inv.email
	}
	if inv.userID != "" {
		out["recipient_user_id"] = inv.userID
	}
	return out
}

func (s *Server) connectTeam(id string) object {
	t := s.teams[id]
	return object{"id": id, "name": t.name, "domain": t.domain, "is_verified": false, "icon": object{"image_default": true}, "date_created": 1480946400}
}

func (s *Server) connectUser(u *user) object {
	return object{"id": u.id, "team_id": u.teamID, "name": u.name, "profile": object{"real_name": u.realName, "display_name": u.name, "team": u.teamID}}
}

// Sever ends the share with another organisation: its people are gone, the host
// keeps the id, and channel_unshared is sent.
func (s *Server) Sever(channel, teamName string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channelByID(channel)
	if ch == nil {
		return fmt.Errorf("sever %s: %w", channel, ErrUnknown)
	}
	i := slices.IndexFunc(ch.teams, func(id string) bool { return id == teamName || s.teams[id].name == teamName })
	if i < 0 {
		return fmt.Errorf("sever %s from %s: %w", teamName, ch.name, ErrUnknown)
	}
	gone := ch.teams[i]
	ch.teams = slices.Delete(ch.teams, i, i+1)
	ch.extShared = len(ch.teams) > 0
	ch.members = slices.DeleteFunc(ch.members, func(id string) bool { return s.users[id].teamID == gone })
	if !ch.extShared {
		ch.frozen = "connection_severed"
	}
	s.emit(ch, object{
		"type": "channel_unshared", "previously_connected_team_id": gone, "channel": ch.id,
		"is_ext_shared": ch.extShared, "event_ts": s.nextTS(),
	})
	return nil
}

// acceptSharedInvite is for invitations to this workspace; the fake only hosts.
func (s *Server) acceptSharedInvite(c *call) (object, error) {
	if c.args["channel_name"] == "" {
		return nil, fail("invalid_arguments")
	}
	return nil, fail("invalid_link")
}

func (s *Server) approveSharedInvite(c *call) (object, error) {
	inv := s.invites[c.args["invite_id"]]
	switch {
	case inv == nil:
		return nil, fail("invite_not_found")
	case inv.state != inviteWaiting, s.expired(inv):
		return nil, fail("invalid_action")
	}
	s.approve(inv, s.users[s.botUser])
	return nil, nil
}

func (s *Server) declineSharedInvite(c *call) (object, error) {
	inv := s.invites[c.args["invite_id"]]
	switch {
	case inv == nil:
		return nil, fail("invite_not_found")
	case inv.state == inviteDone, inv.state == inviteDeclined:
		return nil, fail("invalid_action")
	}
	s.decline(inv, s.users[s.botUser])
	return nil, nil
}

func (s *Server) listConnectInvites(*call) (object, error) {
	list := []object{}
	for _, inv := range s.invites {
		if inv.state == inviteSent || inv.state == inviteWaiting {
			list = append(list, object{
				"direction": "outgoing", "status": string(inv.state), "invite_type": "channel",
				"date_last_updated": inv.created.Unix(), "invite": s.renderInvite(inv),
				"channel": object{"id": inv.ch.id, "name": inv.ch.name, "is_private": inv.ch.private},
			})
		}
	}
	return object{"invites": list, "response_metadata": object{"next_cursor": ""}}, nil
}

func (s *Server) setInvitePermissions(c *call) (object, error) {
	ch, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	if a := c.args["action"]; a != "upgrade" && a != "downgrade" || !slices.Contains(ch.teams, c.args["target_team"]) {
		return nil, fail("invalid_arguments")
	}
	return nil, nil
}
