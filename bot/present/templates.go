package present

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/templates"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// FromTemplate is the verb of the form that makes a job from a template.
const FromTemplate workflow.Verb = "from_template"

// NoTemplate is the choice of a job without a template.
const NoTemplate = "-"

// Templates lists a desk's templates, a line each.
func (p *Presenter) Templates(all []workflow.Template) chat.Message {
	m := chat.Message{Title: p.say("Templates")}
	if len(all) == 0 {
		m.Text = p.text("There are no templates yet. {{.Command}} makes one.", with{"Command": code(p.Command + " template new")})
		return m
	}
	for n, t := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(chat.Shorten(oneLine(t.Name), 60)).Plain(" · " + chat.Shorten(oneLine(t.Title), 60))
		if t.Topic != "" {
			m.Text = m.Text.Plain(" · " + chat.Shorten(oneLine(t.Topic), 30))
		}
	}
	m.Notes = []chat.Text{p.text("Make a job from one with {{.Command}}.", with{"Command": code(p.Command + " new NAME")})}
	return m
}

// Template is one template in full.
func (p *Presenter) Template(t workflow.Template) chat.Message {
	m := chat.Message{Title: p.say("Template {{.Name}}", with{"Name": chat.Shorten(oneLine(t.Name), 60)})}
	m.Text = chat.Text{}.Bold(oneLine(t.Title))
	if t.Description != "" {
		m.Text = m.Text.Plain("\n").Quote(chat.Shorten(t.Description, firmDescription))
	}
	for _, item := range t.Demands.Checklist {
		m.Text = m.Text.Plain("\n☐ " + chat.Shorten(oneLine(item.Text), itemRunes))
		if item.Required {
			m.Text = m.Text.Plain(" · " + p.say("required"))
		}
	}
	f := fact(nil, p.say("Topic"), line(t.Topic, 80))
	if t.Priority != "" {
		f = fact(f, p.say("Priority"), chat.T(p.priorityLabel(t.Priority)))
	}
	f = fact(f, p.say("Due after"), line(templates.Amount(t.Due), 20))
	f = fact(f, p.say("Answer within"), line(templates.Amount(t.AnswerWithin), 20))
	f = fact(f, p.say("Requirements"), line(p.demandsText(t.Demands), 300))
	f = fact(f, p.say("Hidden from firms"), line(p.hiddenFields(t.Demands), 80))
	f = fact(f, p.say("Booked as"), line(t.Demands.Kind, 80))
	f = p.neededCertificates(f, t.Demands)
	f = fact(f, p.say("Steps"), line(strings.Join(t.Demands.Steps, ", "), 200))
	f = fact(f, p.say("Approval if"), line(approvalText(t.Approval), 300))
	m.Facts = fact(f, p.say("Preferred firms"), line(strings.Join(t.Firms, "; "), 300))
	return m
}

func (w Words) hiddenFields(d workflow.Demands) string {
	var out []string
	for _, f := range []struct {
		name string
		rule workflow.Rule
	}{{w.say("effort"), d.Effort}, {w.say("costs"), d.Costs}, {w.say("materials"), d.Materials}, {w.say("kind of work"), d.Activity}} {
		if f.rule == workflow.Hidden {
			out = append(out, f.name)
		}
	}
	return strings.Join(out, ", ")
}

// TemplateValue is what a template is chosen by: its name may be longer than a
// platform lets a choice be.
func TemplateValue(t workflow.Template) string {
	digest := sha256.Sum256([]byte(t.Key()))
	return hex.EncodeToString(digest[:8])
}

// TemplateMark is a digest of a template, by which a form knows what it was drawn from.
func TemplateMark(t workflow.Template) string {
	digest := sha256.Sum256(fmt.Appendf(nil, "%+v", t))
	return hex.EncodeToString(digest[:8])
}

// TemplateForm asks for everything about a template; a new one has no name yet.
func (p *Presenter) TemplateForm(as Asked, t workflow.Template, steps []workflow.WorkStep) *chat.Form {
	title, arg := p.say("New template"), ""
	if t.Name != "" {
		title, arg = p.say("Edit template"), TemplateMark(t)+" "+t.Key()
	}
	priority := t.Priority
	if priority == "" {
		priority = "normal"
	}
	fields := []chat.Field{
		{Name: "name", Label: p.say("Name"), Kind: chat.Line, Max: 60, Value: t.Name, Placeholder: p.say("Boiler service")},
		{Name: "topic", Label: p.say("Topic"), Kind: chat.Line, Max: 60, Optional: true, Value: t.Topic, Placeholder: p.say("Heating")},
		{Name: "title", Label: p.say("Title"), Kind: chat.Line, Max: 150, Value: t.Title, Placeholder: p.say("Boiler service at {place}"), Help: p.say("Words in braces are asked for when a job is made.")},
		{Name: "description", Label: p.say("Description"), Kind: chat.Paragraph, Max: 3000, Optional: true, Value: t.Description},
		{Name: "priority", Label: p.say("Priority"), Kind: chat.Select, Value: priority, Placeholder: p.say("Choose a priority"), Options: p.Priorities()},
		{Name: "due", Label: p.say("Due after"), Kind: chat.Line, Max: 20, Optional: true, Value: templates.Amount(t.Due), Placeholder: "3d", Help: p.say("How long after the job is made the work is due, like 3d or 8h.")},
		{Name: "answer_within", Label: p.say("Answer within"), Kind: chat.Line, Max: 20, Optional: true, Value: templates.Amount(t.AnswerWithin), Placeholder: "4h", Help: p.say("How long a firm has to answer. Empty: the desk's usual time.")},
	}
	fields = append(fields, p.demandFields(t.Demands, steps)...)
	fields = append(fields, chat.Field{Name: "approval", Label: p.say("Approval if"), Kind: chat.Line, Max: 150, Optional: true, Value: approvalText(t.Approval), Placeholder: "gas = yes; rooms > 3", Help: p.say("Which answers to words in braces need an approval before the job is offered.")})
	return &chat.Form{
		Title: title, Submit: p.say("Save"), Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.Templates), Arg: arg}),
		Fields: append(fields, chat.Field{Name: "firms", Label: p.say("Preferred firms"), Kind: chat.Line, Max: 150, Optional: true, Value: strings.Join(t.Firms, "; "), Placeholder: p.say("Acme Heating; Bolt"), Help: p.say("Their names, the first choice first, with a semicolon between.")}),
	}
}

// ChooseTemplate asks which template a new job is made from.
func (p *Presenter) ChooseTemplate(as Asked, all []workflow.Template) chat.Message {
	options := []chat.Option{{Value: NoTemplate, Label: p.say("Without a template")}}
	for _, t := range all {
		if len(options) == maxOptions {
			break
		}
		options = append(options, chat.Option{Value: TemplateValue(t), Label: chat.Shorten(oneLine(t.Name), 75)})
	}
	as.Nonce = ""
	return chat.Message{
		Text:   p.text("Which template is the new job made from?"),
		Choice: &chat.Choice{ID: "template", Placeholder: p.say("Choose a template"), Options: options, Token: p.formToken(as, ticket.Ticket{Verb: string(FromTemplate)})},
	}
}

// PlaceholderField is the form's field of a placeholder.
func PlaceholderField(n int) string { return fmt.Sprintf("placeholder%d", n) }

// NewFromTemplate asks for what a template leaves open. first is what was typed for
// the first of it.
func (p *Presenter) NewFromTemplate(as Asked, t workflow.Template, first string, firms []storage.Contractor) *chat.Form {
	f := &chat.Form{
		Title: p.say("New job"), Submit: p.say("Create"), Intro: p.say("From the template {{.Name}}", with{"Name": chat.Shorten(oneLine(t.Name), 60)}),
		Token: p.formToken(as, ticket.Ticket{Verb: string(FromTemplate), Arg: t.Key()}),
	}
	names := t.Placeholders()
	for n, name := range names {
		field := chat.Field{Name: PlaceholderField(n), Label: chat.ShortenBytes(upperFirst(name), 24), Kind: chat.Line, Max: 150}
		if n == 0 {
			field.Value = chat.Shorten(first, 150)
		}
		f.Fields = append(f.Fields, field)
	}
	if !slices.Contains(names, workflow.PlacePlaceholder) {
		f.Fields = append(f.Fields, chat.Field{Name: "place", Label: p.say("Place"), Kind: chat.Line, Max: 150, Optional: true, Placeholder: p.say("4 Elm St, Leeds")})
	}
	f.Fields = append(f.Fields,
		chat.Field{Name: "more", Label: p.say("Anything to add"), Kind: chat.Paragraph, Max: 2000, Optional: true, Help: p.say("It is added below the template's description.")},
		chat.Field{Name: "due", Label: p.say("Due"), Kind: chat.Line, Max: 60, Optional: true, Value: templates.Amount(t.Due), Help: p.say("When the work should be done.") + " " + p.whenHelp(p.Zone)})
	if len(firms) > 0 {
		f.Fields = append(f.Fields, p.firmField(firms, true),
			chat.Field{Name: "accept_by", Label: p.say("Answer by"), Kind: chat.Line, Optional: true, Max: 60, Value: templates.Amount(t.AnswerWithin), Help: p.say("Until when the firm may answer, if one is chosen.") + " " + p.whenHelp(p.Zone)})
	}
	return f
}
