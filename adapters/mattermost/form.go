package mattermost

import (
	"cmp"
	"strings"

	"taskbridge/bot/chat"
)

// The limits of a dialog, in bytes
// (developers.mattermost.com/integrate/plugins/interactive-dialogs).
const (
	maxDialogTitle = 24
	maxDialogLabel = 24
	maxDialogName  = 300
	maxDialogHelp  = 150
	maxDialogHint  = 150
	maxDialogLine  = 150
	maxDialogText  = 3000
	maxDialogIntro = 3000
)

// dialogOf renders a form. A value that stands there already and that a dialog
// cannot hold is left out with its field, and said so: cut, it would be sent back as
// if somebody had shortened it. What a form does not ask for stays as it is.
func dialogOf(f chat.Form) dialog {
	d := dialog{
		CallbackID:       "taskbridge",
		Title:            shortenBytes(f.Title, maxDialogTitle),
		SubmitLabel:      shortenBytes(f.Submit, maxDialogLabel),
		IntroductionText: chat.ShortenBytes(escape(f.Intro), maxDialogIntro),
		State:            f.Token,
		Elements:         []dialogElement{},
	}
	var left []string
	for _, field := range f.Fields {
		e := elementOf(field)
		if e.MaxLength > 0 && len(e.Default) > e.MaxLength {
			left = append(left, field.Label)
			continue
		}
		d.Elements = append(d.Elements, e)
	}
	if len(left) > 0 {
		note := cmp.Or(f.LeftOut, "Too long for this form, and left as it is:") + " " + strings.Join(left, ", ") + "."
		d.IntroductionText = strings.TrimSpace(d.IntroductionText + "\n\n" + note)
	}
	return d
}

func elementOf(f chat.Field) dialogElement {
	e := dialogElement{
		DisplayName: shortenBytes(f.Label, maxDialogLabel),
		Name:        chat.ShortenBytes(f.Name, maxDialogName),
		HelpText:    shortenBytes(f.Help, maxDialogHelp),
		Placeholder: shortenBytes(f.Placeholder, maxDialogHint),
		Optional:    f.Optional,
	}
	switch f.Kind {
	case chat.Paragraph:
		e.Type = "textarea"
		e.MaxLength = bounded(f.Max, maxDialogText)
		e.Default = clean(f.Value)
	case chat.Select:
		e.Type = "select"
		e.Default = f.Value
		for _, o := range f.Options {
			e.Options = append(e.Options, option{Text: label(o.Label), Value: o.Value})
		}
	case chat.Tick:
		e.Type = "bool"
		// A box that must be ticked could never be sent empty.
		e.Optional = true
		e.Default = "false"
		if isTrue(f.Value) {
			e.Default = "true"
		}
	default:
		e.Type = "text"
		e.MaxLength = bounded(f.Max, maxDialogLine)
		e.Default = strings.Join(strings.Fields(clean(f.Value)), " ")
	}
	return e
}

func bounded(n, most int) int {
	if n <= 0 || n > most {
		return most
	}
	return n
}

func isTrue(s string) bool {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}
