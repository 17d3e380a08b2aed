package mattermost

import (
	"fmt"
	"strings"

	"taskbridge/bot/chat"
)

// Names of the properties we attach to posts.
const (
	propDelivery    = "taskbridge_delivery"
	propPart        = "taskbridge_part"
	propAttachments = "attachments"
	// propPinned marks a post that we keep pinned.
	propPinned = "taskbridge_pinned"
)

const (
	// maxFooter is what Mattermost's clients show of a footer, in runes.
	maxFooter = 300
	// maxSpeaker is the longest name that is shown as an author's, maxNamed the
	// longest that stands before the words, in runes.
	maxSpeaker = 64
	maxNamed   = 100
)

// rendered is a message in Mattermost's form.
type rendered struct {
	// Message is the post's own text. It may be longer than a post can hold.
	Message     string
	Attachments []attachment
	// Speaker is shown as the author, where the server does.
	Speaker chat.Speaker
	Pinned  bool
}

// props are the post's properties.
func (r rendered) props() map[string]any {
	p := map[string]any{}
	if len(r.Attachments) > 0 {
		p[propAttachments] = r.Attachments
	}
	if r.Pinned {
		p[propPinned] = "true"
	}
	return r.speaking(p)
}

// speaking adds who is shown as the author.
func (r rendered) speaking(p map[string]any) map[string]any {
	if r.Speaker.Name != "" {
		// Another author's name is shown, and named in notifications, on those posts alone
		// that say they come from outside (GetSenderName in the server's
		// app/notification.go).
		p["override_username"], p["from_webhook"] = r.Speaker.Name, "true"
	}
	if r.Speaker.Picture != "" {
		p["override_icon_url"] = r.Speaker.Picture
	}
	return p
}

// message renders m for a channel: words alone become a plain post, anything with
// more to it becomes a card.
func (r renderer) message(m chat.Message) rendered {
	out := rendered{Pinned: m.Pinned}
	if r.overrideName && m.Speaker.Name != "" {
		out.Speaker.Name = speakerName(m.Speaker.Name)
	}
	if r.overrideIcon && isWebURL(m.Speaker.Picture) {
		out.Speaker.Picture = m.Speaker.Picture
	}
	if r.overrideName {
		m.Speaker.Name = ""
	}
	if isPlain(m) {
		out.Message = r.spoken(m, r.marked(m.Tone, m.Text))
		return out
	}
	if hasEveryone(m.Text) {
		// A card notifies on no client, so that the words that call everyone are
		// the post's own, and the card goes on from there.
		var lead chat.Text
		lead, m.Text = beforeQuote(m.Text)
		out.Message = r.spoken(m, r.markdown(lead, true))
		m.Speaker = chat.Speaker{}
	}
	out.Attachments = []attachment{r.card(m)}
	return out
}

// speakerName is the author's name on a post that the bot makes for somebody. It
// always says so, so that nobody can be impersonated.
func speakerName(name string) string {
	const suffix = " (via taskbridge)"
	return chat.Shorten(plain(name), maxSpeaker-len(suffix)) + suffix
}

// marked is a text with the mark of its tone before it, for posts without a card
// that could be coloured.
func (r renderer) marked(tone chat.Tone, t chat.Text) string {
	text, mark := r.markdown(t, true), tone.Mark()
	switch {
	case mark == "" || text == "":
		return text
	case strings.HasPrefix(text, ">"):
		return mark + "\n" + text
	}
	return mark + " " + text
}

// beforeQuote parts a text at its first quotation.
func beforeQuote(t chat.Text) (before, rest chat.Text) {
	for i, s := range t {
		if s.Kind == chat.Quote {
			return t[:i], t[i:]
		}
	}
	return t, nil
}

// flat renders m as words alone, for private answers that hold nothing else.
func (r renderer) flat(m chat.Message) string {
	var parts []string
	if m.Title != "" {
		parts = append(parts, wrap("**", escapeWord(m.Title)))
	}
	if text := r.markdown(m.Text, false); text != "" {
		parts = append(parts, r.spoken(m, text))
	}
	var facts []string
	for _, f := range m.Facts {
		facts = append(facts, wrap("**", escapeWord(f.Label)+":")+" "+r.markdown(f.Value, false))
	}
	if len(facts) > 0 {
		parts = append(parts, strings.Join(facts, "\n"))
	}
	for _, n := range m.Notes {
		if text := r.markdown(n, false); text != "" {
			parts = append(parts, text)
		}
	}
	if links := linkButtons(m); links != "" {
		parts = append(parts, links)
	}
	return cut(strings.Join(parts, "\n\n"), r.maxPost)
}

// spoken puts the speaker's name before his words, where he is not the post's author
// already: on servers that let nobody be shown as one, and in private answers.
func (r renderer) spoken(m chat.Message, text string) string {
	if m.Speaker.Name == "" {
		return text
	}
	name := wrap("**", escapeWord(chat.Shorten(m.Speaker.Name, maxNamed))+":")
	if strings.HasPrefix(text, ">") || strings.HasPrefix(text, "```") {
		return name + "\n" + text
	}
	return name + " " + text
}

func isPlain(m chat.Message) bool {
	return m.Title == "" && len(m.Facts) == 0 && len(m.Notes) == 0 &&
		len(m.Buttons) == 0 && m.Choice == nil
}

func hasEveryone(t chat.Text) bool {
	for _, s := range t {
		if s.Kind == chat.Everyone {
			return true
		}
	}
	return false
}

func (r renderer) card(m chat.Message) attachment {
	a := attachment{
		Color:  color(m.Tone),
		Title:  escapeWord(m.Title),
		Text:   r.spokenCard(m),
		Footer: r.footer(m.Notes),
	}
	for _, f := range m.Facts {
		value := r.markdown(f.Value, false)
		a.Fields = append(a.Fields, field{Title: escapeWord(f.Label), Value: value, Short: isShort(value)})
	}
	a.Actions = r.actions(m)
	a.Fallback = r.fallback(m)
	return a
}

// fallback is what notifications show of a card.
func (r renderer) fallback(m chat.Message) string {
	text := r.literal(m.Text)
	if m.Title != "" && text != "" {
		text = m.Title + " – " + text
	} else {
		text = m.Title + text
	}
	return chat.Shorten(plain(text), maxFooter)
}

// literal is a text without any markup, its spans joined as they stand.
func (r renderer) literal(t chat.Text) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case chat.Moment:
			b.WriteString(r.moment(s))
		case chat.Quote:
			// A quotation stands on lines of its own.
			b.WriteString("\n" + s.Text + "\n")
		case chat.Everyone:
		default:
			b.WriteString(s.Text)
		}
	}
	return strings.TrimSpace(b.String())
}

func (r renderer) spokenCard(m chat.Message) string {
	var parts []string
	if text := r.markdown(m.Text, false); text != "" {
		parts = append(parts, r.spoken(m, text))
	}
	for _, n := range m.Notes {
		if isRich(n) {
			parts = append(parts, r.markdown(n, false))
		}
	}
	if links := linkButtons(m); links != "" {
		parts = append(parts, links)
	}
	return cut(strings.Join(parts, "\n\n"), r.maxPost)
}

// isRich tells whether a note needs Markdown, which a footer does not know.
func isRich(t chat.Text) bool {
	for _, s := range t {
		switch s.Kind {
		case chat.Link, chat.Mention, chat.ChannelLink, chat.Quote:
			return true
		}
	}
	return false
}

func (r renderer) footer(notes []chat.Text) string {
	var parts []string
	for _, n := range notes {
		if isRich(n) {
			continue
		}
		if text := plain(r.literal(n)); text != "" {
			parts = append(parts, text)
		}
	}
	return chat.Shorten(strings.Join(parts, " · "), maxFooter)
}

// isShort tells whether a fact fits beside another.
func isShort(value string) bool {
	return len(value) <= 60 && !strings.Contains(value, "\n")
}

func color(t chat.Tone) string {
	switch t {
	case chat.Waiting:
		return "#f2b01e"
	case chat.Active:
		return "#2389d7"
	case chat.Good:
		return "#3db887"
	case chat.Bad:
		return "#d24b4e"
	case chat.Closed:
		return "#8d99a6"
	}
	return ""
}

// linkButtons renders the buttons that lead somewhere as links: an attachment's
// button can only call us.
func linkButtons(m chat.Message) string {
	var links []string
	for _, b := range m.Buttons {
		if b.URL != "" {
			links = append(links, link(b.Label, b.URL))
		}
	}
	return strings.Join(links, " · ")
}

func (r renderer) actions(m chat.Message) []action {
	var out []action
	taken := map[string]bool{}
	for _, b := range m.Buttons {
		if b.URL != "" || b.Token == "" {
			continue
		}
		out = append(out, action{
			ID: actionID(b.ID, taken), Type: "button", Name: label(b.Label), Style: style(b.Style),
			Integration: r.integration(b.Token),
		})
	}
	if c := m.Choice; c != nil && len(c.Options) > 0 {
		s := action{
			ID: actionID(c.ID, taken), Type: "select", Name: label(c.Placeholder),
			Integration: r.integration(c.Token),
		}
		for _, o := range c.Options {
			s.Options = append(s.Options, option{Text: chat.Shorten(label(o.Label), 100), Value: o.Value})
		}
		out = append(out, s)
	}
	return out
}

func (r renderer) integration(token string) *integration {
	return &integration{URL: r.actionsURL, Context: map[string]string{contextToken: token}}
}

// label is the text of a control, which an unnamed one would be refused for.
func label(s string) string {
	if s = plain(s); s == "" {
		return "…"
	}
	return s
}

func style(s chat.Style) string {
	switch s {
	case chat.Primary:
		return "primary"
	case chat.Danger:
		return "danger"
	}
	return "default"
}

// actionID makes an id of letters and digits only, unique in its message. Anything
// else in it gives a silent 404 on the click (mattermost/mattermost#25747).
func actionID(id string, taken map[string]bool) string {
	clean := strings.Map(func(r rune) rune {
		if r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, id)
	if clean == "" {
		clean = "action"
	}
	out := clean
	for n := 2; taken[out]; n++ {
		out = fmt.Sprintf("%s%d", clean, n)
	}
	taken[out] = true
	return out
}
