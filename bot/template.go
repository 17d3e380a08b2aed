package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/templates"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// templatesName is the setting that holds the desk's templates, all in one document:
// a change of several is one write, and there are not many.
const templatesName = "templates"

const eventTemplates = "templates_changed"

func readTemplates(ctx context.Context, tx storage.Settings) (list []workflow.Template, err error) {
	err = readDocument(ctx, tx, templatesName, &list)
	return list, err
}

func (t *turn) writeTemplates(ctx context.Context, list []workflow.Template, what, name string) error {
	slices.SortFunc(list, func(a, b workflow.Template) int { return strings.Compare(a.Key(), b.Key()) })
	if err := writeDocument(ctx, t.tx, templatesName, list); err != nil {
		return err
	}
	return t.record(ctx, "", workflow.Event{Kind: eventTemplates, Data: map[string]string{"what": what, "template": name}})
}

func templateAt(list []workflow.Template, name string) int {
	key := strings.ToLower(strings.Join(strings.Fields(name), " "))
	return slices.IndexFunc(list, func(t workflow.Template) bool { return t.Key() == key })
}

func (t *turn) cmdTemplate(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Templates); err != nil {
		return chat.Answer{}, err
	}
	list, err := readTemplates(ctx, t.tx)
	if err != nil {
		return chat.Answer{}, err
	}
	word, name := cutWord(rest)
	n := templateAt(list, name)
	switch strings.ToLower(word) {
	case "", "list":
		return chat.Answer{Message: t.present.Templates(list)}, nil
	case "new":
		return t.templateForm(workflow.Template{})
	case "show", "edit", "remove", "export":
		if n < 0 {
			return chat.Answer{}, noTemplate(t.present.Command, name)
		}
	default:
		return chat.Answer{}, t.usage("There is no such part of it.")
	}
	switch strings.ToLower(word) {
	case "edit":
		return t.templateForm(list[n])
	case "remove":
		gone := list[n].Name
		if err := t.writeTemplates(ctx, slices.Delete(list, n, n+1), "removed", gone); err != nil {
			return chat.Answer{}, err
		}
		return chat.Private(chat.T(t.present.Say("The template %s is removed. Jobs that were made from it stay as they are.", gone))), nil
	case "export":
		text, err := templates.Encode(list[n : n+1])
		if err != nil {
			return chat.Answer{}, err
		}
		return chat.Private(chat.Text{{Kind: chat.CodeBlock, Text: string(text)}}), nil
	}
	return chat.Answer{Message: t.present.Template(list[n])}, nil
}

func noTemplate(command, name string) *workflow.Refusal {
	return workflow.Refuse(workflow.NotFound, "There is no template %q. %s template list shows what there is.", short(name), command)
}

func (t *turn) templateForm(tpl workflow.Template) (chat.Answer, error) {
	as := t.asked()
	return chat.Answer{
		Form:     t.present.TemplateForm(as, tpl, t.settings.Steps),
		Fallback: t.present.TryAgain(as, workflow.Templates, storage.Issue{}, nil, tpl.Key()),
	}, nil
}

// templateButton opens the form again that did not open in time.
func (t *turn) templateButton(ctx context.Context, key string) (chat.Answer, error) {
	if key == "" {
		return t.cmdTemplate(ctx, "new")
	}
	return t.cmdTemplate(ctx, "edit "+key)
}

// saveTemplate takes the form of a template.
func (t *turn) saveTemplate(ctx context.Context, arg string, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Templates); err != nil {
		return chat.Answer{}, err
	}
	list, err := readTemplates(ctx, t.tx)
	if err != nil {
		return chat.Answer{}, err
	}
	mark, key, edits := strings.Cut(arg, " ")
	n := templateAt(list, key)
	var was workflow.Template
	if edits && n >= 0 {
		was = list[n]
		v = asShown(t.present.TemplateForm(t.asked(), was, t.settings.Steps), v)
	}
	tpl, err := typedTemplate(v, was)
	if err == nil {
		err = tpl.Check(t.settings.Steps)
	}
	if err == nil {
		err = t.callable(tpl.Demands)
	}
	if err != nil {
		return chat.Answer{}, err
	}
	if edits && (n < 0 || present.TemplateMark(list[n]) != mark) {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "Meanwhile somebody else changed this template. Copy yours, close the form and open it again.")
	}
	if other := templateAt(list, tpl.Name); other >= 0 && (!edits || other != n) {
		return chat.Answer{}, workflow.RefuseField("name", "There is a template with this name already.")
	}
	if edits {
		list[n] = tpl
	} else {
		list = append(list, tpl)
	}
	if len(list) > workflow.MaxTemplates {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "A desk has at most %d templates: remove one first.", workflow.MaxTemplates)
	}
	if err := t.writeTemplates(ctx, list, "saved", tpl.Name); err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(t.present.Text("The template {{.Name}} is saved. {{.Command}} makes a job from it.", present.With{
		"Name": tpl.Name, "Command": chat.Text{}.Code(t.present.Command + " new " + tpl.Name),
	})), nil
}

// typedTemplate reads a template from its form, that showed the former one.
func typedTemplate(v map[string]string, was workflow.Template) (workflow.Template, error) {
	one := func(field string) string { return strings.Join(strings.Fields(v[field]), " ") }
	tpl := workflow.Template{
		Name: one("name"), Topic: one("topic"), Title: one("title"), Description: v["description"], Priority: v["priority"],
	}
	var err error
	if tpl.Demands, err = parseDemands(v, was.Demands); err != nil {
		return tpl, err
	}
	var ok bool
	if tpl.Due, ok = templates.ParseAmount(v["due"]); !ok {
		return tpl, workflow.RefuseField("due", "Write an amount of time like 3d or 8h.")
	}
	if tpl.AnswerWithin, ok = templates.ParseAmount(v["answer_within"]); !ok {
		return tpl, workflow.RefuseField("answer_within", "Write an amount of time like 4h or 90m.")
	}
	for text := range strings.SplitSeq(v["approval"], ";") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		r, err := workflow.ReadApprovalRule(text)
		if err != nil {
			return tpl, err
		}
		tpl.Approval = append(tpl.Approval, r)
	}
	for firm := range strings.SplitSeq(v["firms"], ";") {
		if firm = strings.Join(strings.Fields(firm), " "); firm != "" {
			tpl.Firms = append(tpl.Firms, firm)
		}
	}
	return tpl, nil
}

// newByTemplate answers a new task's command where templates have a say in it: ask
// is false where they have none.
func (t *turn) newByTemplate(ctx context.Context, title string) (a chat.Answer, asks bool, err error) {
	list, err := readTemplates(ctx, t.tx)
	if err != nil || len(list) == 0 {
		return chat.Answer{}, false, err
	}
	if title == "" {
		return chat.Answer{Message: t.present.ChooseTemplate(t.asked(), list)}, true, nil
	}
	name, first, _ := strings.Cut(title, ":")
	n := templateAt(list, name)
	if n < 0 {
		return chat.Answer{}, false, nil
	}
	a, err = t.fromTemplateForm(ctx, list[n], strings.TrimSpace(first))
	return a, true, err
}

func (t *turn) fromTemplateForm(ctx context.Context, tpl workflow.Template, first string) (chat.Answer, error) {
	firms, err := t.activeFirms(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	as := t.asked()
	return chat.Answer{
		Form:     t.present.NewFromTemplate(as, tpl, first, preferredFirst(firms, tpl.Firms)),
		Fallback: t.present.TryAgain(as, present.FromTemplate, storage.Issue{}, nil, tpl.Key()),
	}, nil
}

// preferredFirst puts the firms that a template names before the others.
func preferredFirst(all []storage.Contractor, names []string) []storage.Contractor {
	var first []storage.Contractor
	for _, name := range names {
		for _, c := range matching(all, name) {
			if !slices.ContainsFunc(first, func(f storage.Contractor) bool { return f.ID == c.ID }) {
				first = append(first, c)
			}
		}
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(c storage.Contractor) bool {
		return slices.ContainsFunc(first, func(f storage.Contractor) bool { return f.ID == c.ID })
	})
	return append(first, rest...)
}

// chooseTemplate opens the form of a chosen template, or of a task without one.
func (t *turn) chooseTemplate(ctx context.Context, tk ticket.Ticket, choice string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return chat.Answer{}, err
	}
	if choice == present.NoTemplate {
		return t.newForm(ctx)
	}
	list, err := readTemplates(ctx, t.tx)
	if err != nil {
		return chat.Answer{}, err
	}
	n := templateAt(list, tk.Arg)
	if choice != "" {
		n = slices.IndexFunc(list, func(tpl workflow.Template) bool { return present.TemplateValue(tpl) == choice })
	}
	if n < 0 {
		return chat.Answer{}, workflow.Refuse(workflow.NotFound, "That template is gone. %s template list shows what there is.", t.present.Command)
	}
	return t.fromTemplateForm(ctx, list[n], "")
}

// createFromTemplate takes the form of a task that is made from a template.
func (t *turn) createFromTemplate(ctx context.Context, key string, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return chat.Answer{}, err
	}
	list, err := readTemplates(ctx, t.tx)
	if err != nil {
		return chat.Answer{}, err
	}
	n := templateAt(list, key)
	if n < 0 {
		return chat.Answer{}, noTemplate(t.present.Command, key)
	}
	tpl := list[n]
	values := map[string]string{}
	for n, name := range tpl.Placeholders() {
		field := present.PlaceholderField(n)
		if v[field] == "" {
			return chat.Answer{}, workflow.RefuseField(field, "Fill this in.")
		}
		values[name] = v[field]
	}
	filled := map[string]string{"topic": tpl.Topic, "priority": tpl.Priority, "place": v["place"]}
	for _, field := range []string{"due", "contractor", "accept_by"} {
		if s, sent := v[field]; sent {
			filled[field] = s
		}
	}
	if filled["contractor"] == "" {
		// The template's time to answer stands in the form although nobody is asked.
		delete(filled, "accept_by")
	}
	if place, asked := values[workflow.PlacePlaceholder]; asked {
		filled["place"] = place
	}
	filled["title"], filled["description"] = tpl.Fill(values)
	filled["description"] = strings.TrimSpace(filled["description"] + "\n" + v["more"])
	return t.createWith(ctx, filled, storage.Issue{Issue: workflow.Issue{Demands: tpl.Demands}}, tpl.Asks(values))
}

// ExportTemplates writes the desk's templates as a file.
func (e *Engine) ExportTemplates(ctx context.Context) ([]byte, error) {
	var list []workflow.Template
	err := e.store.View(ctx, e.desk, func(tx storage.Tx) (err error) {
		list, err = readTemplates(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return templates.Encode(list)
}

// Imported counts what an import did.
type Imported struct{ Added, Changed, Same int }

// ImportTemplates adds the templates of a file and replaces those of the same name:
// all of them, or none and an error that names the line.
func (e *Engine) ImportTemplates(ctx context.Context, text []byte) (Imported, error) {
	rules, err := e.rules.current(ctx)
	if err != nil {
		return Imported{}, err
	}
	fresh, err := templates.Decode(text, rules.Steps)
	if err != nil {
		return Imported{}, err
	}
	for _, tpl := range fresh {
		if err := e.callable(tpl.Demands); err != nil {
			return Imported{}, fmt.Errorf("template %q: %w", tpl.Name, err)
		}
	}
	var done Imported
	err = e.change(ctx, e.desk, chat.Inbound{Workspace: systemWorkspace}, func(t *turn) error {
		done = Imported{}
		list, err := readTemplates(ctx, t.tx)
		if err != nil {
			return err
		}
		for _, tpl := range fresh {
			switch n := templateAt(list, tpl.Name); {
			case n < 0:
				list = append(list, tpl)
				done.Added++
			case list[n].Equal(tpl):
				done.Same++
			default:
				list[n] = tpl
				done.Changed++
			}
		}
		if len(list) > workflow.MaxTemplates {
			return fmt.Errorf("a desk has at most %d templates, and this would make %d", workflow.MaxTemplates, len(list))
		}
		if done.Added+done.Changed == 0 {
			return nil
		}
		t.actor = workflow.Actor{Role: workflow.System, Name: operatorName}
		return t.writeTemplates(ctx, list, "imported", "")
	})
	return done, err
}
