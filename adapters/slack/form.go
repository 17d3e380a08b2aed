package slack

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

// The limits of a modal (docs.slack.dev/reference/views).
const (
	maxModalTitle      = 24
	maxInputLabel      = 2000
	maxInputHint       = 2000
	maxInputLength     = 3000
	maxPrivateMetadata = 3000
	maxModalBlocks     = 100

	// inputAction is the action id within each input block; the block id is the
	// field's name, which is how errors find their field.
	inputAction = "value"
	tickValue   = "true"
	// callbackPrefix precedes the channel a form was opened in, so that words to
	// the person can follow there once the form is closed.
	callbackPrefix = "taskbridge:"
)

// renderForm is a pure function of the form and the channel it is opened in.
func renderForm(f chat.Form, channel string) (slack.ModalViewRequest, error) {
	if len(f.Token) > maxPrivateMetadata {
		return slack.ModalViewRequest{}, invalid("a form's token is longer than Slack carries")
	}
	title, submit := f.Title, f.Submit
	if strings.TrimSpace(title) == "" {
		title = "taskbridge"
	}
	if strings.TrimSpace(submit) == "" {
		submit = "Submit"
	}
	modal := slack.ModalViewRequest{
		Type:            slack.VTModal,
		Title:           plain(title, maxModalTitle),
		Submit:          plain(submit, maxModalTitle),
		Close:           plain(cmp.Or(f.Cancel, "Cancel"), maxModalTitle),
		PrivateMetadata: f.Token,
		CallbackID:      callbackPrefix + channel,
	}
	// Slack does not open a form whose first value is already too long, and cut it would be
	// sent back as if somebody had shortened it: such a field is left out, and said so.
	var fields []chat.Field
	var left []string
	for _, field := range f.Fields {
		if typed(field) && utf8.RuneCountInString(field.Value) > inputLimit(field) {
			left = append(left, field.Label)
		} else {
			fields = append(fields, field)
		}
	}
	intro := []string{f.Intro}
	if len(left) > 0 {
		intro = append(intro, cmp.Or(f.LeftOut, "Too long for this form, and left as it is:")+" "+strings.Join(left, ", ")+".")
	}
	for _, text := range intro {
		for _, chunk := range layOut(atoms(chat.T(text)), maxSection, 2*maxSection) {
			modal.Blocks.BlockSet = append(modal.Blocks.BlockSet, slack.NewSectionBlock(mrkdwn(chunk), nil, nil))
		}
	}
	for _, field := range fields {
		if len(modal.Blocks.BlockSet) == maxModalBlocks {
			return slack.ModalViewRequest{}, invalid("a form has more fields than Slack shows")
		}
		modal.Blocks.BlockSet = append(modal.Blocks.BlockSet, input(field))
	}
	return modal, nil
}

// channelOfCallback finds the channel a form was opened in.
func channelOfCallback(callback string) string {
	channel, ok := strings.CutPrefix(callback, callbackPrefix)
	if !ok || !isChannelID(channel) {
		return ""
	}
	return channel
}

func input(f chat.Field) *slack.InputBlock {
	label := f.Label
	if strings.TrimSpace(label) == "" {
		label = f.Name
	}
	block := &slack.InputBlock{
		Type:     slack.MBTInput,
		BlockID:  f.Name,
		Label:    plain(label, maxInputLabel),
		Element:  element(f, label),
		Optional: f.Optional,
	}
	if f.Help != "" {
		block.Hint = plain(f.Help, maxInputHint)
	}
	if f.Kind == chat.Tick {
		// An unticked box is an answer, but Slack takes it for a missing one.
		block.Optional = true
	}
	return block
}

func element(f chat.Field, label string) slack.BlockElement {
	switch f.Kind {
	case chat.Select:
		if opts := options(f.Options); len(opts) > 0 {
			return selectOne(f, opts)
		}
	case chat.Tick:
		box := slack.NewCheckboxGroupsBlockElement(inputAction, slack.NewOptionBlockObject(tickValue, plain(cmp.Or(f.Placeholder, label), maxOptionText), nil))
		if f.Value == tickValue {
			box.InitialOptions = box.Options
		}
		return box
	case chat.Line, chat.Paragraph:
	}
	e := &slack.PlainTextInputBlockElement{
		Type: slack.METPlainTextInput, ActionID: inputAction,
		InitialValue: f.Value, Multiline: f.Kind == chat.Paragraph, MaxLength: inputLimit(f),
	}
	if f.Placeholder != "" {
		e.Placeholder = plain(f.Placeholder, maxPlaceholder)
	}
	return e
}

// typed tells whether a field is for words.
func typed(f chat.Field) bool { return f.Kind == chat.Line || f.Kind == chat.Paragraph }

// inputLimit is how many characters a field takes.
func inputLimit(f chat.Field) int {
	if f.Max > 0 {
		return min(f.Max, maxInputLength)
	}
	return maxInputLength
}

func selectOne(f chat.Field, opts []*slack.OptionBlockObject) slack.BlockElement {
	placeholder := f.Placeholder
	if placeholder == "" {
		placeholder = "Choose"
	}
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(placeholder, maxPlaceholder), inputAction, opts...)
	for _, o := range opts {
		if o.Value == f.Value {
			// Slack wants the very option, its text included.
			e.InitialOption = o
		}
	}
	return e
}
