package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// eventSettings is the event of a change of one field of the settings.
	eventSettings = "settings_changed"
	// settingsHistory is how many changes a page of their history shows.
	settingsHistory = 30
)

// cmdSettings shows the sections of the settings, opens one, or lists what was changed.
func (t *turn) cmdSettings(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.SetUp); err != nil {
		return chat.Answer{}, err
	}
	word := strings.TrimSpace(rest)
	switch strings.ToLower(word) {
	case "":
		return chat.Answer{Message: t.present.Settings(t.asked(), *t.settings)}, nil
	case "history":
		return t.settingsHistory(ctx, 0)
	}
	return t.openSection(word)
}

// settingsHistory lists what was changed of the desk's settings and of the firms' own,
// before a change or, for zero, the last of all.
func (t *turn) settingsHistory(ctx context.Context, before int64) (chat.Answer, error) {
	all, earlier, err := t.deskHistory(ctx, before, eventSettings, present.EventFirmHours, present.EventFirmTopics, present.EventFirmCity, present.EventFirmCertificate, present.EventFirmAnswers)
	if err != nil {
		return chat.Answer{}, err
	}
	firms := map[string]storage.Contractor{}
	for _, e := range all {
		id := e.Data["contractor"]
		if id == "" {
			continue
		}
		firm, err := t.firm(ctx, t.tx, id)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return chat.Answer{}, err
		}
		if err == nil {
			firms[id] = firm
		}
	}
	m := t.present.SettingsHistory(all, firms)
	m.Buttons = t.present.EarlierChanges(t.asked(), present.OfSettings, earlier, before == 0)
	return chat.Answer{Message: m}, nil
}

// openSection opens the form of a section of the settings.
func (t *turn) openSection(name string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.SetUp); err != nil {
		return chat.Answer{}, err
	}
	section, ok := settings.SectionNamed(name)
	if !ok {
		var names []string
		for _, s := range settings.Sections() {
			names = append(names, s.Name)
		}
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "There is no section %q of the settings. Choose one of %s, or history.", short(name), strings.Join(names, ", "))
	}
	as := t.asked()
	return chat.Answer{
		Form:     t.present.SettingsForm(as, section, *t.settings),
		Fallback: t.present.TryAgain(as, present.EditSettings, storage.Issue{}, nil, section.Name),
	}, nil
}

// saveSection takes the form of a section. Only what its sender changed is written, and
// not over what somebody else changed meanwhile.
func (t *turn) saveSection(ctx context.Context, tk ticket.Ticket, sent map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.SetUp); err != nil {
		return chat.Answer{}, err
	}
	name, shown, _ := strings.Cut(tk.Arg, " ")
	section, ok := settings.SectionNamed(name)
	if !ok {
		return chat.Answer{}, otherVersion()
	}
	read, err := t.rules.read(ctx, t.tx)
	if err != nil {
		return chat.Answer{}, err
	}
	was := *read
	edits, ok := present.SettingsEdits(shown, section.Read(was), sent)
	if !ok {
		return chat.Answer{}, otherVersion()
	}
	if len(edits.Clashes) > 0 {
		return t.settingsClash(ctx, edits.Clashes)
	}
	is, err := section.Change(was, edits.Values)
	if err != nil {
		return chat.Answer{}, err
	}
	events := changesOf(section, was, is)
	if len(events) == 0 {
		return chat.Private(chat.T(t.present.Say("%s stays as it is.", t.present.Term(section.Label)))), nil
	}
	if err := t.writeSettings(ctx, is); err != nil {
		return chat.Answer{}, err
	}
	if err := t.record(ctx, "", events...); err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(t.present.Text("{{.Section}} is saved. {{.Command}} shows who changed what.", present.With{
		"Section": t.present.Term(section.Label), "Command": chat.Text{}.Code(t.present.Command + " settings history"),
	})), nil
}

// readSettings reads the settings in order to change a part of them. What cannot be read is
// not overwritten for that: only a form of the settings mends it.
func (t *turn) readSettings(ctx context.Context) (settings.Settings, error) {
	text, err := t.tx.Setting(ctx, settingsName)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return settings.Settings{}, fmt.Errorf("read the settings: %w", err)
	}
	is, err := settings.Decode(text)
	if err != nil {
		return is, fmt.Errorf("read the settings: %w", err)
	}
	return is, nil
}

// writeSettings writes the settings, so that nobody decides by the old ones any more, here
// or on another replica.
func (t *turn) writeSettings(ctx context.Context, is settings.Settings) error {
	text, err := settings.Encode(is)
	if err != nil {
		return err
	}
	if err := t.tx.SetSetting(ctx, settingsName, text); err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	if err := t.tx.ChangeAccess(ctx); err != nil {
		return fmt.Errorf("tell of new settings: %w", err)
	}
	t.committed = append(t.committed, t.roster.changed(ctx))
	return nil
}

// changesOf makes an event of each field that differs.
func changesOf(section settings.Section, was, is settings.Settings) []workflow.Event {
	before, after := section.Read(was), section.Read(is)
	var out []workflow.Event
	for field, now := range after {
		if now != before[field] {
			out = append(out, workflow.Event{Kind: eventSettings, Data: map[string]string{
				"section": section.Name, "field": field, "before": before[field], "after": now,
			}})
		}
	}
	slices.SortFunc(out, func(a, b workflow.Event) int { return strings.Compare(a.Data["field"], b.Data["field"]) })
	return out
}

// settingsClash says at each field that somebody else changed it meanwhile. The form
// stays open.
func (t *turn) settingsClash(ctx context.Context, fields []string) (chat.Answer, error) {
	list, err := t.tx.DeskEvents(ctx, eventSettings, 0, settingsHistory)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list changes of the settings: %w", err)
	}
	a := chat.Answer{FieldErrors: map[string]string{}, Refused: string(workflow.Conflict)}
	for _, field := range fields {
		who := t.present.Say("somebody")
		for _, e := range list {
			if e.Data["field"] == field {
				who = e.Actor.Name
				break
			}
		}
		a.FieldErrors[field] = t.present.Say("Meanwhile %s changed this. Copy yours, close the form and open it again.", who)
	}
	return a, nil
}

// readDocument reads a setting that holds a document into v, which stays as it is where
// nothing was written.
func readDocument(ctx context.Context, tx storage.Settings, name string, v any) error {
	text, err := tx.Setting(ctx, name)
	if errors.Is(err, storage.ErrNotFound) || err == nil && text == "" {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), v)
	}
	if err != nil {
		return fmt.Errorf("read the %s: %w", name, err)
	}
	return nil
}

// writeDocument writes v as a setting that holds a document.
func writeDocument(ctx context.Context, tx storage.Settings, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the %s: %w", name, err)
	}
	if err := tx.SetSetting(ctx, name, string(text)); err != nil {
		return fmt.Errorf("write the %s: %w", name, err)
	}
	return nil
}
