package present

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

// KeptText is the verb of the form of a text that is kept ready.
const KeptText workflow.Verb = "kept_text"

// KeptTextField is the field in which a form asks what its text begins with.
const KeptTextField = "kept"

// KeptTexts lists the texts that a desk keeps ready.
func (p *Presenter) KeptTexts(all []workflow.KeptText) chat.Message {
	m := chat.Message{Title: p.say("Kept texts")}
	if len(all) == 0 {
		m.Text = p.text("No texts are kept yet. {{.Command}} keeps one.", with{"Command": code(p.Command + " text new")})
		return m
	}
	for n, k := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(oneLine(k.Name)).Plain(" · " + chat.Shorten(oneLine(k.Text), 100))
	}
	m.Notes = []chat.Text{p.text("Send one with {{.Command}}, or choose it in the reply form.", with{"Command": code(p.Command + " comment N text:NAME")})}
	return m
}

// KeptTextValue is what a kept text is chosen by.
func KeptTextValue(k workflow.KeptText) string {
	digest := sha256.Sum256([]byte(k.Key()))
	return hex.EncodeToString(digest[:8])
}

// KeptTextMark is a digest of a kept text, by which a form knows what it was drawn from.
func KeptTextMark(k workflow.KeptText) string {
	digest := sha256.Sum256(fmt.Appendf(nil, "%q %q", k.Name, k.Text))
	return hex.EncodeToString(digest[:8])
}

// KeptTextForm asks for a text that is kept ready; a new one has no name yet.
func (p *Presenter) KeptTextForm(as Asked, k workflow.KeptText) *chat.Form {
	title, arg := p.say("New kept text"), ""
	if k.Name != "" {
		title, arg = p.say("Edit kept text"), KeptTextMark(k)+" "+k.Key()
	}
	words := "{" + strings.Join(workflow.KeptTextWords(), "}, {") + "}"
	return &chat.Form{
		Title: title, Submit: p.say("Save"), Token: p.formToken(as, ticket.Ticket{Verb: string(KeptText), Arg: arg}),
		Fields: []chat.Field{
			{Name: "name", Label: p.say("Name"), Kind: chat.Line, Max: workflow.MaxKeptName, Value: k.Name, Placeholder: p.say("Gate code")},
			{Name: "text", Label: p.say("Text"), Kind: chat.Paragraph, Max: workflow.MaxKeptText, Value: k.Text, Help: p.say("Filled in when it is sent: {{.Words}}.", with{"Words": words})},
		},
	}
}

// startingFrom lets a form's text begin with one that is kept ready, where there are any:
// what is typed follows it, and need not be there.
func (p *Presenter) startingFrom(j Job, text chat.Field) []chat.Field {
	if len(j.Texts) == 0 {
		return []chat.Field{text}
	}
	kept := chat.Field{
		Name: KeptTextField, Label: p.say("Kept text"), Kind: chat.Select, Optional: true, Placeholder: p.say("Choose a text"),
		Help: p.say("It is sent first, with what is known of the job filled in; what you write below follows it."),
	}
	for _, k := range j.Texts {
		kept.Options = append(kept.Options, chat.Option{Value: KeptTextValue(k), Label: oneLine(k.Name)})
	}
	text.Optional = true
	return []chat.Field{kept, text}
}
