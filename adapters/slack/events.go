package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"taskbridge/bot/chat"
)

// deliveryEvent is the metadata type our own messages carry. It is how a message
// that comes back is recognised even where Slack leaves out who posted it.
const deliveryEvent = "taskbridge_delivery"

// challengeType is the type of the request by which Slack checks that an address
// is ours.
const challengeType = "url_verification"

// answer gives a challenge back.
func (env envelope) answer() reply {
	return reply{contentType: "text/plain; charset=utf-8", body: []byte(env.Challenge)}
}

// event takes one Events API request. What needs no handling is acknowledged
// without it; everything else is acknowledged when the handler kept it.
func (a *Adapter) event(ctx context.Context, req request) (reply, error) {
	env, err := decodeEnvelope(req.body)
	if err == nil && env.Type == challengeType {
		// The challenge is answered before anything else: Slack asks for it when
		// neither workspace nor database need exist.
		return env.answer(), nil
	}
	id := a.id.Load()
	if id == nil {
		return reply{}, errNotStarted
	}
	switch {
	case err != nil:
		return a.unknown(ctx, req, "", "unparsable")
	case id.foreign(env):
		a.log.WarnContext(ctx, "slack: ignored an event of another workspace", "type", env.Event.Type)
		return reply{}, nil
	case env.Type == "app_rate_limited":
		return reply{}, a.rateLimited(ctx, env)
	case env.Type != "event_callback":
		return a.unknown(ctx, req, env.EventID, env.Type)
	}
	a.observe(ctx, env.Event)
	tr := translator{id: id, env: &env, name: a.names(ctx)}
	body, from, channel := tr.translate()
	if body == nil {
		return reply{}, nil
	}
	in := chat.Inbound{
		Key:       eventKey(env.EventID, req.body),
		Workspace: a.Workspace(),
		At:        tr.at(req.received),
		From:      from,
		Channel:   channel,
		Body:      body,
		Raw:       req.body,
		Final:     req.final,
	}
	answer, err := a.handler.Handle(ctx, in)
	if err != nil {
		return reply{}, fmt.Errorf("handle %s: %w", env.Event.Type, err)
	}
	a.tellLater(actor{channel: channel, user: from.ID}, answer.Message)
	a.suspect(ctx, in, req.retry, env.EventTime)
	return reply{}, nil
}

// Replay takes an event's body that was kept because it could not be processed.
// It carries the same key as when Slack sent it.
func (a *Adapter) Replay(ctx context.Context, raw []byte) error {
	_, err := a.event(ctx, request{body: raw, received: a.now()})
	return err
}

// unknown keeps what we do not understand and acknowledges it: a refusal would
// count towards Slack disabling the app.
func (a *Adapter) unknown(ctx context.Context, req request, eventID, kind string) (reply, error) {
	if a.id.Load() == nil {
		return reply{}, errNotStarted
	}
	in := chat.Inbound{
		Key:       eventKey(eventID, req.body),
		Workspace: a.Workspace(),
		At:        req.received,
		Body:      chat.Unknown{Type: printable(kind)},
		Raw:       req.body,
	}
	if req.secret {
		in.Raw = nil
	}
	_, err := a.handler.Handle(ctx, in)
	if err != nil {
		return reply{}, fmt.Errorf("keep an unknown request: %w", err)
	}
	return reply{}, nil
}

// eventKey is the event's id, unique across workspaces, else a digest of the body.
func eventKey(id string, body []byte) string {
	if id != "" {
		return id
	}
	return digestKey("body", body)
}

func digestKey(kind string, data []byte) string {
	sum := sha256.Sum256(data)
	return kind + ":" + hex.EncodeToString(sum[:16])
}

// printable makes a type name from outside fit for records and logs.
func printable(kind string) string {
	kind = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, kind)
	if kind == "" {
		return "untyped"
	}
	return chat.Shorten(kind, 80)
}

// foreign tells whether an event is meant for another installation of the app: one that
// is distributed has the same address in all workspaces. The list of authorizations is
// cut to one, which need not be ours, and what tells of the end of an installation has
// none (docs.slack.dev/reference/events/tokens_revoked). What else names nobody is taken:
// a channel that is not ours is passed over in any case.
func (id *identity) foreign(env envelope) bool {
	// An installation of a whole organisation is named by it.
	if env.TeamID == "" || id.covers(env.TeamID, env.TeamID) || id.covers(env.ContextTeamID, env.ContextOrgID) {
		return false
	}
	if len(env.Authorizations) == 0 && env.Type == "event_callback" && env.ContextTeamID == "" && env.ContextOrgID == "" {
		return env.Event.Type == "app_uninstalled" || env.Event.Type == "tokens_revoked"
	}
	for _, auth := range env.Authorizations {
		if id.covers(auth.TeamID, auth.OrgID) {
			return false
		}
	}
	return true
}

// covers tells whether a workspace, or the organisation that it belongs to, is ours.
func (id *identity) covers(team, org string) bool {
	return team != "" && team == id.teamID || org != "" && org == id.enterpriseID
}

// observe keeps our own state in step with what Slack tells.
func (a *Adapter) observe(ctx context.Context, ev event) {
	switch ev.Type {
	case "app_uninstalled", "tokens_revoked":
		if ev.Type == "tokens_revoked" && len(ev.Tokens.Bot) == 0 {
			// A person took back a token of theirs. Ours is the bot's.
			return
		}
		a.web.revoked.Store(true)
		a.log.ErrorContext(ctx, "slack: the app was uninstalled or its tokens were revoked; install it again", "event", ev.Type)
	case "user_change":
		a.people.forget(ev.User.ID)
	}
}

// translator turns one event into the vocabulary. It makes no calls but name.
type translator struct {
	id   *identity
	env  *envelope
	name func(string) string
}

// at is when the event happened: its own time, else the envelope's, else ours.
func (t translator) at(received time.Time) time.Time {
	for _, ts := range []string{t.env.Event.EventTS, t.env.Event.TS} {
		if at := parseTS(ts); !at.IsZero() {
			return at
		}
	}
	if t.env.EventTime > 0 {
		return time.Unix(t.env.EventTime, 0).UTC()
	}
	return received
}

// translate gives what happened, by whom and where. A nil body is an event that
// concerns nobody.
func (t translator) translate() (chat.Body, chat.Person, string) {
	ev := &t.env.Event
	if ev.Type == "message" {
		return t.message(ev)
	}
	if ev.Type == "app_home_opened" {
		if ev.Tab != "home" {
			return nil, chat.Person{}, ""
		}
		// The channel it names is the conversation with the bot, not where it happened.
		return chat.HomeOpened{}, t.person(ev.message), ""
	}
	if ignoredEvent(ev.Type) {
		return nil, chat.Person{}, ""
	}
	if body, from, channel, ok := t.channelEvent(ev); ok {
		return body, from, channel
	}
	return chat.Unknown{Type: printable(ev.Type)}, t.person(ev.message), ev.Channel.ID
}

// message translates the message event by its subtype.
func (t translator) message(ev *event) (chat.Body, chat.Person, string) {
	channel := ev.Channel.ID
	switch ev.Subtype {
	case "", "thread_broadcast", "file_share", "me_message", "bot_message":
		return chat.Said{
			Message: ev.TS, Thread: thread(ev.message),
			Text: t.text(ev.message), Rich: t.rich(ev.message), Files: files(ev.Files), Own: t.own(ev.message),
		}, t.person(ev.message), channel
	case "message_changed":
		if ev.Message == nil {
			break
		}
		return t.changed(ev)
	case "message_deleted":
		// Slack tells whose message it was but not who deleted it, which need not be
		// the author: it is nobody known.
		gone := message{TS: ev.DeletedTS}
		if ev.Previous != nil {
			gone = *ev.Previous
		}
		if ev.DeletedTS != "" {
			gone.TS = ev.DeletedTS
		}
		return chat.Deleted{Message: gone.TS, Thread: thread(gone), Own: t.own(gone)}, chat.Person{}, channel
	}
	if ev.Subtype == "channel_posting_permissions" {
		return chat.ChannelChanged{Change: chat.ChannelPosting}, t.person(ev.message), channel
	}
	if ignoredSubtype(ev.Subtype) {
		return nil, chat.Person{}, ""
	}
	return chat.Unknown{Type: printable("message/" + ev.Subtype)}, t.person(ev.message), channel
}

// changed translates message_changed, whose message is the one inside. Slack
// sends it for unfurled links and thread counters as well: those keep the time
// of the last edit, so their version is zero.
func (t translator) changed(ev *event) (chat.Body, chat.Person, string) {
	now := *ev.Message
	before := message{}
	if ev.Previous != nil {
		before = *ev.Previous
	}
	if now.Subtype == tombstone {
		// A root that has replies is not removed but emptied; they stay.
		// The author of a tombstone is Slack; whose message it was stands before, and
		// who deleted it nowhere.
		return chat.Deleted{Message: now.TS, Thread: thread(now), Own: t.own(now) || t.own(before)}, chat.Person{}, ev.Channel.ID
	}
	out := chat.Edited{
		Message: now.TS, Thread: thread(now),
		Text: t.text(now), Rich: t.rich(now), Files: files(now.Files), Own: t.own(now),
	}
	switch {
	case now.Edited != nil && (before.Edited == nil || before.Edited.TS != now.Edited.TS):
		out.Version = parseTS(now.Edited.TS)
	case ev.Previous != nil && before.Text != now.Text:
		// Programs change messages without an edit mark.
		out.Version = parseTS(ev.EventTS)
		if out.Version.IsZero() {
			out.Version = parseTS(ev.TS)
		}
	}
	return out, t.person(now), ev.Channel.ID
}

// text is what a person reads. Where a program put everything into attachments,
// their words are taken instead.
func (t translator) text(m message) string {
	if m.Text != "" {
		return neutral(m.Text, byLabel(t.name))
	}
	var parts []string
	for _, at := range m.Attachments {
		for _, s := range []string{at.Text, at.Fallback, at.Title} {
			if s != "" {
				parts = append(parts, neutral(s, byLabel(t.name)))
				break
			}
		}
	}
	return strings.Join(parts, "\n")
}

func (t translator) rich(m message) chat.Text { return rich(m.Text, byLabel(t.name)) }

// thread is the root a message replies to, empty for a root itself.
func thread(m message) string {
	if m.ThreadTS == m.TS {
		return ""
	}
	return m.ThreadTS
}

// own recognises what we posted by identity, never by a flag alone: the bot, the
// user behind it, the app, or the metadata we attach.
func (t translator) own(m message) bool {
	switch {
	case m.BotID != "" && m.BotID == t.id.botID,
		m.User.ID != "" && m.User.ID == t.id.userID,
		m.BotID != "" && m.AppID != "" && m.AppID == t.env.APIAppID,
		m.Metadata != nil && m.Metadata.EventType == deliveryEvent:
		return true
	}
	return false
}

// person is the message's author with what the event says about them.
func (t translator) person(m message) chat.Person {
	p := chat.Person{ID: m.User.ID}
	if m.BotID != "" || m.Subtype == "bot_message" {
		p.Kind, p.Name = chat.Bot, m.Username
		if p.ID == "" {
			p.ID = m.BotID
		}
		return p
	}
	team := m.UserTeam
	if team == "" {
		team = m.Team
	}
	if t.env.IsExtShared && team != "" && team != t.id.teamID {
		p.Kind = chat.External
	}
	return p
}

// files are the message's files, without those that were deleted.
func files(in []file) []chat.File {
	var out []chat.File
	for _, f := range in {
		if f.ID == "" || f.Mode == "tombstone" {
			continue
		}
		out = append(out, f.neutral())
	}
	return out
}

func (f file) neutral() chat.File {
	name := f.Name
	if name == "" {
		name = f.Title
	}
	return chat.File{ID: f.ID, Name: name, Size: max(0, f.Size), Type: f.MimeType, URL: f.Permalink}
}
