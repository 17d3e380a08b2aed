package bot

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	eventKeptTexts = "kept_texts_changed"
	// keptTextWord begins a text that a command shall take from those that are kept.
	keptTextWord = "text:"
	// longestReason is how much of why work was sent back is shown in its thread.
	longestReason = 1500
	// nearTexts is how many names are suggested where none fits.
	nearTexts = 3
)

// Kept texts are a part of the desk's settings: these are in memory, so that a form that
// offers them reads nothing for it.

func keptTextAt(list []workflow.KeptText, name string) int {
	key := strings.ToLower(strings.Join(strings.Fields(name), " "))
	return slices.IndexFunc(list, func(k workflow.KeptText) bool { return k.Key() == key })
}

func (t *turn) cmdText(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Templates); err != nil {
		return chat.Answer{}, err
	}
	word, name := cutWord(rest)
	word = strings.ToLower(word)
	switch word {
	case "", "list":
		return chat.Answer{Message: t.present.KeptTexts(t.settings.Texts)}, nil
	case "new", "add":
		return t.keptTextForm(workflow.KeptText{})
	case "edit", "remove":
	default:
		return chat.Answer{}, t.usage("There is no such part of it.")
	}
	n := keptTextAt(t.settings.Texts, name)
	if n < 0 {
		return chat.Answer{}, t.noKeptText(name)
	}
	gone := t.settings.Texts[n]
	if word == "edit" {
		return t.keptTextForm(gone)
	}
	err := t.changeTexts(ctx, "removed", gone.Name, func(list []workflow.KeptText) ([]workflow.KeptText, error) {
		return slices.DeleteFunc(list, func(k workflow.KeptText) bool { return k.Key() == gone.Key() }), nil
	})
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.present.Say("The text %s is removed. What was sent stays as it is.", gone.Name))), nil
}

func (t *turn) keptTextForm(k workflow.KeptText) (chat.Answer, error) {
	as := t.asked()
	return chat.Answer{
		Form:     t.present.KeptTextForm(as, k),
		Fallback: t.present.TryAgain(as, present.KeptText, storage.Issue{}, nil, k.Key()),
	}, nil
}

// keptTextButton opens the form again that did not open in time.
func (t *turn) keptTextButton(ctx context.Context, key string) (chat.Answer, error) {
	if key == "" {
		return t.cmdText(ctx, "new")
	}
	return t.cmdText(ctx, "edit "+key)
}

// noKeptText refuses a name that no text has, with those that are like it.
func (t *turn) noKeptText(name string) *workflow.Refusal {
	key := strings.ToLower(name)
	var near []string
	for _, k := range t.settings.Texts {
		if len(near) < nearTexts && key != "" && (strings.Contains(k.Key(), key) || strings.HasPrefix(key, k.Key()) || editDistance(key, k.Key()) <= 2) {
			near = append(near, k.Name)
		}
	}
	if len(near) > 0 {
		return workflow.Refuse(workflow.NotFound, "There is no kept text %q. Did you mean %s?", short(name), strings.Join(near, ", "))
	}
	return workflow.Refuse(workflow.NotFound, "There is no kept text %q. %s text list shows what there is.", short(name), t.present.Command)
}

// saveKeptText takes the form of a text.
func (t *turn) saveKeptText(ctx context.Context, arg string, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Templates); err != nil {
		return chat.Answer{}, err
	}
	is := workflow.KeptText{Name: strings.Join(strings.Fields(v["name"]), " "), Text: v["text"]}
	if err := is.Check(); err != nil {
		return chat.Answer{}, err
	}
	mark, key, edits := strings.Cut(arg, " ")
	err := t.changeTexts(ctx, "saved", is.Name, func(list []workflow.KeptText) ([]workflow.KeptText, error) {
		n := keptTextAt(list, key)
		if edits && (n < 0 || present.KeptTextMark(list[n]) != mark) {
			return nil, workflow.Refuse(workflow.Conflict, "Meanwhile somebody else changed this text. Copy yours, close the form and open it again.")
		}
		if other := keptTextAt(list, is.Name); other >= 0 && (!edits || other != n) {
			return nil, workflow.RefuseField("name", "There is a text with this name already.")
		}
		if edits {
			list[n] = is
			return list, nil
		}
		if len(list) >= workflow.MaxKeptTexts {
			return nil, workflow.Refuse(workflow.Invalid, "A desk keeps at most %d texts: remove one first.", workflow.MaxKeptTexts)
		}
		return append(list, is), nil
	})
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(t.present.Text("The text {{.Name}} is kept. {{.Command}} sends it.", present.With{
		"Name": is.Name, "Command": chat.Text{}.Code(t.present.Command + " comment N " + keptTextWord + is.Name),
	})), nil
}

// changeTexts changes the texts as they are now, not as they were last read.
func (t *turn) changeTexts(ctx context.Context, what, name string, change func([]workflow.KeptText) ([]workflow.KeptText, error)) error {
	is, err := t.readSettings(ctx)
	if err != nil {
		return err
	}
	if is.Texts, err = change(is.Texts); err != nil {
		return err
	}
	slices.SortFunc(is.Texts, func(a, b workflow.KeptText) int { return strings.Compare(a.Key(), b.Key()) })
	if err := t.writeSettings(ctx, is); err != nil {
		return err
	}
	return t.record(ctx, "", workflow.Event{Kind: eventKeptTexts, Data: map[string]string{"what": what, "text": name}})
}

// typedFrom is a text that was typed into a command: one that begins with the name of a
// kept text is that text, and what follows the name. Only the desk has kept texts.
func (t *turn) typedFrom(ctx context.Context, i storage.Issue, assignment, typed string, most int) (string, error) {
	name, asked := strings.CutPrefix(typed, keptTextWord)
	if !asked || !t.ofDesk() || name == "" || name != strings.TrimSpace(name) {
		return typed, nil
	}
	name = strings.TrimPrefix(name, `"`)
	found, more, key, rest := -1, "", "", name
	for rest != "" {
		var word string
		word, rest = cutWord(rest)
		key = strings.TrimSpace(key + " " + strings.TrimSuffix(word, `"`))
		if n := keptTextAt(t.settings.Texts, key); n >= 0 {
			found, more = n, rest
		}
	}
	if found < 0 {
		word, _ := cutWord(name)
		return "", t.noKeptText(strings.TrimSuffix(word, `"`))
	}
	return t.filledIn(ctx, i, assignment, t.settings.Texts[found], more, most)
}

// ofDesk tells whether the actor is one of the desk's people.
func (t *turn) ofDesk() bool {
	return t.actor.Role == workflow.Operator || t.actor.Role == workflow.Manager
}

// chosenFrom is the text of a form that may begin with a kept one.
func (t *turn) chosenFrom(ctx context.Context, i storage.Issue, assignment, field string, v map[string]string, most int) (string, error) {
	choice := v[present.KeptTextField]
	if choice == "" || !t.ofDesk() {
		return v[field], nil
	}
	n := slices.IndexFunc(t.settings.Texts, func(k workflow.KeptText) bool { return present.KeptTextValue(k) == choice })
	if n < 0 {
		return "", workflow.RefuseField(present.KeptTextField, "That text is gone. Choose another one, or none.")
	}
	text, err := t.filledIn(ctx, i, assignment, t.settings.Texts[n], v[field], most)
	if err != nil {
		return "", inField(present.KeptTextField, err)
	}
	return text, nil
}

// filledIn is a kept text with what is known of the job, and more after it. It is in the
// words of those who read it: the firm's, or the desk's where no firm does.
func (t *turn) filledIn(ctx context.Context, i storage.Issue, assignment string, k workflow.KeptText, more string, most int) (string, error) {
	values := map[string]string{"number": present.Number(i.Number), "title": i.Title, "topic": i.Topic, "place": i.Place}
	reads := t.toDesk()
	if !i.DueAt.IsZero() {
		values["due"] = reads.WhenDue(i.DueAt, t.now)
	}
	if t.spokenOutside(i, assignment) {
		// Nothing goes into the words that those outside do not see of the job anyway.
		for word, field := range map[string]workflow.Field{
			"title": workflow.FieldTitle, "topic": workflow.FieldTopic, "place": workflow.FieldPlace, "due": workflow.FieldDueAt,
		} {
			if !workflow.CanReadField(workflow.External, field) {
				delete(values, word)
			}
		}
	} else {
		if assignment == "" {
			to, err := t.spokenTo(i)
			if err != nil {
				return "", err
			}
			assignment = to
		}
		if a, ok := workflow.Find(i.Issue, assignment); ok {
			firm, err := t.firm(ctx, t.tx, a.Contractor)
			if err != nil {
				return "", err
			}
			values["firm"], reads = present.FirmName(firm), t.toFirm(firm)
			if !i.DueAt.IsZero() {
				values["due"] = reads.WhenDue(i.DueAt, t.now)
			}
		}
	}
	text, missing := k.Fill(values)
	if missing != "" {
		return "", workflow.Refuse(workflow.Conflict, "The text %s needs %q, and %s has none. Write without it, or add what is missing to the job first.", k.Name, missing, present.Number(i.Number))
	}
	if more != "" {
		text += "\n" + more
	}
	if utf8.RuneCountInString(text) > most {
		return "", workflow.Refuse(workflow.Invalid, "With the text %s this is too long. Shorten what you write after it, to %d characters in all.", k.Name, most)
	}
	return text, nil
}
