package slacktest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Person is someone in front of a Slack client.
type Person struct {
	s  *Server
	id string
}

// Answer is what a slash command showed.
type Answer struct {
	Text         string
	Blocks       json.RawMessage
	ResponseType string // ephemeral or in_channel
	Took         time.Duration
}

// Plain is the visible text.
func (a Answer) Plain() string { return Message{Text: a.Text, Blocks: a.Blocks}.Plain() }

// ID is the person's user id.
func (p *Person) ID() string { return p.id }

// Name is the person's user name.
func (p *Person) Name() string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if u := p.s.users[p.id]; u != nil {
		return u.name
	}
	return ""
}

// in finds the person and a channel the person is in. The lock is held.
func (p *Person) in(name string) (*user, *channel, error) {
	u, ch := p.s.users[p.id], p.s.channelByID(name)
	switch {
	case u == nil, ch == nil:
		return nil, nil, fmt.Errorf("channel %q: %w", name, ErrUnknown)
	case !ch.has(u.id), u.deleted:
		return nil, nil, fmt.Errorf("%s in %s: %w", u.name, ch.name, ErrNotInChannel)
	}
	return u, ch, nil
}

// Command types a slash command, such as "/task new Leaking pipe", and waits for
// what it shows. An ephemeral answer is among Ephemerals too; an in_channel
// answer is posted.
func (p *Person) Command(channel, text string) (Answer, error) {
	s := p.s
	s.mu.Lock()
	u, ch, err := p.in(channel)
	if err == nil && u.teamID != s.teamID {
		err = fmt.Errorf("%s: %w", u.name, ErrExternal)
	}
	if err == nil && !s.has("commands") {
		err = fmt.Errorf("scope commands: %w", ErrRefused)
	}
	name, rest, _ := strings.Cut(text, " ")
	if err == nil && name != s.endpoints.Command {
		err = fmt.Errorf("command %s: %w", name, ErrUnknown)
	}
	if err != nil {
		s.mu.Unlock()
		return Answer{}, err
	}
	if s.opts.EscapeCommands {
		rest = s.escape(rest)
	}
	fields := map[string]string{
		"token": s.verifTk, "team_id": s.teamID, "team_domain": s.teams[s.teamID].domain,
		"channel_id": ch.id, "channel_name": s.channelName(ch), "user_id": u.id, "user_name": u.name,
		"command": name, "text": strings.TrimSpace(rest), "api_app_id": s.appID, "is_enterprise_install": "false",
		"response_url": s.newResponseURL(u, ch, nil), "trigger_id": s.newTrigger(u.id, false),
	}
	s.mu.Unlock()

	form := url.Values{}
	for k, v := range fields {
		form.Set(k, v)
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return Answer{}, fmt.Errorf("encode command: %w", err)
	}
	got := s.send(shipment{
		kind: kindCommand, path: "/slack/commands", contentType: "application/x-www-form-urlencoded",
		body: []byte(form.Encode()), payload: raw, accepts: true,
	})
	if err := s.acked(kindCommand, name, got); err != nil {
		return Answer{Took: got.took}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, err := s.readAnswer(got)
	if err != nil || answer.Text == "" && isEmptyList(answer.Blocks) {
		return answer, err
	}
	m := s.botMessage(content{text: answer.Text, blocks: answer.Blocks})
	if answer.ResponseType == "in_channel" {
		s.post(ch, m)
	} else {
		s.whisper(ch, u, m)
	}
	return answer, nil
}

// CommandInThread is refused: custom commands do not work in threads.
func (p *Person) CommandInThread(_, _, _ string) (Answer, error) { return Answer{}, ErrInThread }

// escape turns @name and #name into references, as the command's "escape"
// option does; private channels have an empty label.
func (s *Server) escape(text string) string {
	return regexp.MustCompile(`[@#][\w.-]+`).ReplaceAllStringFunc(text, func(ref string) string {
		if u := s.userByName(ref[1:]); ref[0] == '@' && u != nil {
			return "<@" + u.id + "|" + u.name + ">"
		}
		if ch := s.channelByID(ref[1:]); ref[0] == '#' && ch != nil {
			label := ch.name
			if ch.private {
				label = ""
			}
			return "<#" + ch.id + "|" + label + ">"
		}
		return ref
	})
}

// Click presses a button of a message as it is now, found by its label or
// action id.
func (p *Person) Click(channel, ts, button string) error {
	m, ok := p.s.Message(channel, ts)
	if !ok {
		return fmt.Errorf("message %s in %s: %w", ts, channel, ErrUnknown)
	}
	return p.use(m, button, "")
}

// ClickOld presses a button of a message as it once was: of a card on a screen
// that was not refreshed.
func (p *Person) ClickOld(old Message, button string) error { return p.use(old, button, "") }

// Select chooses an option of a menu in a message, both by text or value/id.
func (p *Person) Select(channel, ts, menu, option string) error {
	m, ok := p.s.Message(channel, ts)
	if !ok {
		return fmt.Errorf("message %s in %s: %w", ts, channel, ErrUnknown)
	}
	return p.use(m, menu, option)
}

// SelectOld is Select on a message as it once was, or on an ephemeral one.
func (p *Person) SelectOld(old Message, menu, option string) error { return p.use(old, menu, option) }

// use sends block_actions for a control. Ephemeral messages work too.
func (p *Person) use(snap Message, name, option string) error {
	s := p.s
	s.mu.Lock()
	u, ch, err := p.in(snap.Channel)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	m := ch.find(snap.TS)
	for _, e := range s.ephemerals[u.id] {
		if e.m.ts == snap.TS {
			m = e.m
		}
	}
	action, err := pick(snap.Controls(), name, option, s.nextTS())
	if err != nil {
		s.mu.Unlock()
		return err
	}
	payload := s.blockActions(u, ch, m, snap, action)
	s.mu.Unlock()
	_, err = s.interact(payload, false)
	return err
}

// pick finds a control, and its option when one is named.
func pick(list []Control, name, option, ts string) (object, error) {
	c, ok := findControl(list, name)
	if !ok {
		var have []string
		for _, c := range list {
			have = append(have, c.Label)
		}
		return nil, fmt.Errorf("control %q, there are %q: %w", name, have, ErrUnknown)
	}
	action := c.action(ts)
	if option == "" {
		return action, nil
	}
	if o, found := c.choose(option); found {
		if c.Type == "checkboxes" || strings.HasPrefix(c.Type, "multi_") {
			action["selected_options"] = []object{o}
		} else {
			action["selected_option"] = o
		}
		return action, nil
	}
	switch c.Type {
	case "datepicker":
		action["selected_date"] = option
	case "timepicker":
		action["selected_time"] = option
	case "users_select":
		action["selected_user"] = option
	case "conversations_select":
		action["selected_conversation"] = option
	case "channels_select":
		action["selected_channel"] = option
	default:
		return nil, fmt.Errorf("option %q of %q: %w", option, name, ErrUnknown)
	}
	return action, nil
}

// Say posts to a channel.
func (p *Person) Say(channel, text string) (Message, error) {
	return p.Post(PostSpec{Channel: channel, Text: text})
}

// Reply answers in the thread of a root.
func (p *Person) Reply(channel, root, text string) (Message, error) {
	return p.Post(PostSpec{Channel: channel, Thread: root, Text: text})
}

// PostSpec describes a message a person sends.
type PostSpec struct {
	Channel, Thread, Text string
	Broadcast             bool // also show a reply in the channel
	Files                 []FileSpec
	Blocks                json.RawMessage
	Me                    bool // a /me message
}

// Post sends a message.
func (p *Person) Post(spec PostSpec) (Message, error) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ch, err := p.in(spec.Channel)
	if err != nil {
		return Message{}, err
	}
	if ch.archived {
		return Message{}, fmt.Errorf("%s is archived: %w", ch.name, ErrRefused)
	}
	m := &message{ts: s.nextTS(), user: u.id, teamID: u.teamID, text: spec.Text, clientID: randomHex(16), blocks: spec.Blocks}
	switch {
	case len(spec.Files) > 0:
		m.subtype = "file_share"
	case spec.Me:
		m.subtype = "me_message"
	}
	c := &call{method: "post", args: map[string]string{"thread_ts": spec.Thread}}
	if spec.Broadcast {
		c.args["reply_broadcast"] = "true"
	}
	s.placeInThread(c, ch, m)
	for _, f := range spec.Files {
		m.files = append(m.files, s.newFile(u, f))
	}
	s.post(ch, m)
	for _, f := range m.files {
		s.shareFile(f, ch, m)
	}
	if strings.Contains(spec.Text, "<@"+s.botUser+">") && !ch.im {
		ev := s.render(ch, m, true)
		stubFiles(ch, ev)
		ev["type"], ev["channel"], ev["event_ts"] = "app_mention", ch.id, m.ts
		s.emit(ch, ev)
	}
	return m.snapshot(ch), nil
}

// Edit changes the text of one's own message.
func (p *Person) Edit(channel, ts, text string) error {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := p.own(channel, ts)
	if err != nil {
		return err
	}
	s.change(ch, m, p.id, func() { m.text = text })
	return nil
}

// Delete removes one's own message. A root with replies leaves a tombstone.
func (p *Person) Delete(channel, ts string) error {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := p.own(channel, ts)
	if err != nil {
		return err
	}
	s.remove(ch, m)
	return nil
}

// own finds a message the person may change; administrators may delete any.
func (p *Person) own(name, ts string) (*channel, *message, error) {
	u, ch, err := p.in(name)
	if err != nil {
		return nil, nil, err
	}
	m := ch.find(ts)
	switch {
	case m == nil:
		return nil, nil, fmt.Errorf("message %s: %w", ts, ErrUnknown)
	case m.user != p.id && !u.admin:
		return nil, nil, fmt.Errorf("message %s is not by %s: %w", ts, u.name, ErrRefused)
	}
	return ch, m, nil
}

// Ephemerals returns what only this person sees, oldest first.
func (p *Person) Ephemerals() []Message {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	var out []Message
	for _, e := range p.s.ephemerals[p.id] {
		out = append(out, e.m.snapshot(e.ch))
	}
	return out
}

// WaitEphemeral waits for the newest ephemeral message that satisfies pred; nil
// takes any.
func (p *Person) WaitEphemeral(pred func(Message) bool) (Message, error) {
	var hit Message
	ok := p.s.wait(func() bool {
		for _, e := range slices.Backward(p.s.ephemerals[p.id]) {
			if snap := e.m.snapshot(e.ch); pred == nil || pred(snap) {
				hit = snap
				return true
			}
		}
		return false
	})
	if !ok {
		return hit, fmt.Errorf("%w: ephemeral for %s; there are: %s", ErrWait, p.Name(), summary(p.Ephemerals()))
	}
	return hit, nil
}

// Direct returns the direct conversation with the bot and opens it if need be.
func (p *Person) Direct() (string, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	u := p.s.users[p.id]
	if u == nil {
		return "", ErrUnknown
	}
	ch, err := p.s.direct(u)
	if err != nil {
		return "", fmt.Errorf("%w: %w", err, ErrRefused)
	}
	return ch.id, nil
}
