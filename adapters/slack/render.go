package slack

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

// Block Kit's limits (docs.slack.dev/reference/block-kit).
const (
	maxBlocks        = 50
	maxHeader        = 150
	maxSection       = 3000
	maxSectionFields = 10
	maxField         = 2000
	maxContextText   = 2000
	maxActions       = 25
	maxButtonText    = 75
	maxButtonValue   = 2000
	maxButtonURL     = 3000
	maxActionID      = 255
	maxBlockID       = 255
	maxOptions       = 100
	maxOptionText    = 75
	maxPlaceholder   = 150
	maxUsername      = 80
	// maxNamed is the longest name that stands before the words, where the author's
	// name cannot be changed.
	maxNamed = 100

	// maxShort is how long a fact may be to stand beside another.
	maxShort = 60

	// maxText is how long the plain text beside the blocks may be.
	maxText = 4000
	// maxMessageRunes is what Limits promises for the text alone; maxTotal bounds
	// all blocks of a message together.
	maxMessageRunes = 11000
	maxTotal        = 12500
)

var errToken = errors.New("a button's token is longer than Slack carries")

// rendered is a message as Slack takes it.
type rendered struct {
	text   string
	blocks []slack.Block
}

// render is a pure function of the message. With named, the person for whom the
// bot speaks is named in the text, where the author's name cannot be changed.
func render(m chat.Message, named bool) (rendered, error) {
	body := m.Text
	if named && m.Speaker.Name != "" {
		body = chat.Text{}.Bold(chat.Shorten(m.Speaker.Name, maxNamed)).Plain(":\n").Append(m.Text)
	}
	if mark := m.Tone.Mark(); mark != "" && m.Title == "" && !body.Empty() {
		body = chat.T(mark + " ").Append(body)
	}
	b := &builder{budget: maxTotal}
	title := b.header(m)
	pieces := atoms(body)
	// The text comes first; facts and notes get what it leaves.
	rest := &builder{budget: b.budget - min(length(pieces), maxMessageRunes)}
	available := rest.budget
	rest.facts(m.Facts)
	rest.notes(m.Notes)
	if err := rest.actions(m); err != nil {
		return rendered{}, err
	}
	for _, chunk := range layOut(pieces, maxSection, b.budget-(available-rest.budget)) {
		b.blocks = append(b.blocks, slack.NewSectionBlock(mrkdwn(chunk), nil, nil))
	}
	b.blocks = append(b.blocks, rest.blocks...)
	if len(b.blocks) > maxBlocks {
		// The buttons stand last and matter most.
		keep := b.blocks[:maxBlocks-len(rest.buttons)]
		b.blocks = slices.Concat(keep, rest.buttons)
	}
	return rendered{text: plainText(title, body, m), blocks: b.blocks}, nil
}

// plainText is what a notification shows and what is read where blocks are not.
func plainText(title string, body chat.Text, m chat.Message) string {
	var t chat.Text
	if title != "" {
		t = t.Plain(title)
		if !body.Empty() {
			t = t.Plain("\n")
		}
	}
	t = t.Append(body)
	if t.Empty() {
		for _, f := range m.Facts {
			t = t.Plain(f.Label + ": ").Append(f.Value).Plain("\n")
		}
		for _, n := range m.Notes {
			t = t.Append(n).Plain("\n")
		}
	}
	if t.Empty() && (m.Choice != nil || len(m.Buttons) > 0) {
		t = chat.T("Please choose.")
	}
	if s := oneChunk(t, maxText-1); s != "" {
		return s
	}
	// Slack refuses a message without a text.
	return "(no text)"
}

// builder collects blocks within a budget of characters.
type builder struct {
	blocks  []slack.Block
	buttons []slack.Block
	budget  int
}

func (b *builder) spend(s string) string {
	b.budget -= utf8.RuneCountInString(s)
	return s
}

// header adds the title and returns it with its mark.
func (b *builder) header(m chat.Message) string {
	title := oneLine(m.Title)
	if title == "" {
		return ""
	}
	if mark := m.Tone.Mark(); mark != "" {
		title = mark + " " + title
	}
	title = b.spend(chat.Shorten(title, maxHeader))
	b.blocks = append(b.blocks, slack.NewHeaderBlock(plain(title, maxHeader)))
	return title
}

func (b *builder) facts(facts []chat.Fact) {
	var fields []*slack.TextBlockObject
	flush := func() {
		if len(fields) > 0 {
			b.blocks = append(b.blocks, slack.NewSectionBlock(nil, fields, nil))
			fields = nil
		}
	}
	for _, f := range facts {
		if f.Label == "" && f.Value.Empty() || b.budget <= 0 {
			continue
		}
		t := chat.Text{}.Bold(oneLine(f.Label)).Plain("\n").Append(f.Value)
		text := b.spend(oneChunk(t, min(maxField, max(b.budget, 1))))
		if text == "" {
			continue
		}
		if isLong(f.Value) {
			flush()
			b.blocks = append(b.blocks, slack.NewSectionBlock(mrkdwn(text), nil, nil))
			continue
		}
		fields = append(fields, mrkdwn(text))
		if len(fields) == maxSectionFields {
			flush()
		}
	}
	flush()
}

// isLong tells whether a value would make a tall column of half the width.
func isLong(value chat.Text) bool {
	s := value.String()
	return utf8.RuneCountInString(s) > maxShort || strings.Contains(s, "\n")
}

// notes gives each note a line of its own: within one block Slack runs them
// together.
func (b *builder) notes(notes []chat.Text) {
	for _, n := range notes {
		if n.Empty() || b.budget <= 0 {
			continue
		}
		text := b.spend(oneChunk(n, min(maxContextText, max(b.budget, 1))))
		if text == "" {
			continue
		}
		b.blocks = append(b.blocks, slack.NewContextBlock("", mrkdwn(text)))
	}
}

// actions adds the buttons, and the select in a block of its own, whose id
// carries the token back.
func (b *builder) actions(m chat.Message) error {
	var elements []slack.BlockElement
	for _, btn := range m.Buttons {
		e, err := button(btn)
		if err != nil {
			return err
		}
		if e != nil && len(elements) < maxActions {
			elements = append(elements, e)
		}
	}
	if len(elements) > 0 {
		b.buttons = append(b.buttons, slack.NewActionBlock("", elements...))
	}
	if m.Choice != nil && len(m.Choice.Options) > 0 {
		block, err := choice(*m.Choice)
		if err != nil {
			return err
		}
		b.buttons = append(b.buttons, block)
	}
	b.blocks = append(b.blocks, b.buttons...)
	return nil
}

// button is nil for a link that leads nowhere safe.
func button(in chat.Button) (*slack.ButtonBlockElement, error) {
	label := in.Label
	if strings.TrimSpace(label) == "" {
		label = in.ID
	}
	e := slack.NewButtonBlockElement(chat.ShortenBytes(in.ID, maxActionID), in.Token, plain(label, maxButtonText))
	switch in.Style {
	case chat.Primary:
		e.Style = slack.StylePrimary
	case chat.Danger:
		e.Style = slack.StyleDanger
	case chat.Default:
	}
	if in.URL != "" {
		if _, ok := linkTarget(in.URL); !ok || len(in.URL) > maxButtonURL {
			return nil, nil //nolint:nilnil // no button is the answer, not a mistake.
		}
		e.URL, e.Value = in.URL, ""
		return e, nil
	}
	// A token that was cut would fail its check, so it is refused at once.
	if len(in.Token) > maxButtonValue {
		return nil, invalid(errToken.Error())
	}
	return e, nil
}

func choice(c chat.Choice) (slack.Block, error) {
	if len(c.Token) > maxBlockID+maxActionID-len(choicePrefix(c.ID)) {
		return nil, invalid(errToken.Error())
	}
	blockID, actionID := c.Token, c.ID
	if len(c.Token) > maxBlockID {
		blockID, actionID = c.Token[:maxBlockID], choicePrefix(c.ID)+c.Token[maxBlockID:]
	}
	placeholder := c.Placeholder
	if placeholder == "" {
		placeholder = "Choose"
	}
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(placeholder, maxPlaceholder), actionID, options(c.Options)...)
	return slack.NewActionBlock(blockID, e), nil
}

func choicePrefix(id string) string { return id + "." }

// choiceToken puts together what choice took apart. An id has no dot in it.
func choiceToken(blockID, actionID string) string {
	_, rest, _ := strings.Cut(actionID, ".")
	return blockID + rest
}

// options drops what Slack would refuse the whole message for: empty, overlong
// and double values.
func options(in []chat.Option) []*slack.OptionBlockObject {
	out := make([]*slack.OptionBlockObject, 0, len(in))
	seen := map[string]bool{}
	for _, o := range in {
		if o.Value == "" || len(o.Value) > maxOptionText || seen[o.Value] || len(out) == maxOptions {
			continue
		}
		seen[o.Value] = true
		label := o.Label
		if strings.TrimSpace(label) == "" {
			label = o.Value
		}
		out = append(out, slack.NewOptionBlockObject(o.Value, plain(label, maxOptionText), nil))
	}
	return out
}

// mrkdwn is a text object whose content we escaped ourselves. It is verbatim, so
// that Slack makes no mention or link of its own out of it.
func mrkdwn(text string) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.MarkdownType, Text: text, Verbatim: true}
}

// plain is a text object in which Slack parses nothing.
func plain(text string, limit int) *slack.TextBlockObject {
	no := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: chat.Shorten(oneLine(text), limit), Emoji: &no}
}

// oneLine makes a text fit for places that have one line.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
}

// speakerName is the author's name on a message the bot posts for somebody. It
// always says so, so that nobody can be impersonated.
func speakerName(name string) string {
	const suffix = " (via taskbridge)"
	return chat.Shorten(oneLine(name), maxUsername-len(suffix)) + suffix
}
