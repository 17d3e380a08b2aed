package present

import (
	"cmp"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// EditSettings is the verb of the settings' buttons and forms.
const EditSettings workflow.Verb = "settings_form"

// The events of changes of a firm's own settings. Each has the firm's id, and what it was
// before and after in words.
const (
	EventFirmHours  = "contractor_hours"
	EventFirmTopics = "contractor_topics"
	EventFirmCity   = "contractor_moved"
)

// Settings shows the sections of the settings, with a choice that opens one.
func (p *Presenter) Settings(as Asked, is settings.Settings) chat.Message {
	m := chat.Message{Title: p.say("Settings of the desk")}
	choice := &chat.Choice{
		ID: "section", Placeholder: p.say("Change a section"),
		Token: p.formToken(Asked{User: as.User, Now: as.Now}, ticket.Ticket{Verb: string(EditSettings)}),
	}
	for n, s := range settings.Sections() {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(p.term(s.Label)).Plain(" – " + p.term(s.Does))
		m.Text = m.Text.Plain(": ").Italic(cmp.Or(p.settingsNow(s, is), p.say("not set")))
		choice.Options = append(choice.Options, chat.Option{Value: s.Name, Label: p.term(s.Label)})
	}
	m.Choice = choice
	m.Notes = []chat.Text{p.text("{{.Command}} shows who changed what.", with{"Command": code(p.Command + " settings history")})}
	return m
}

// settingsNow says in a few words what a section says now. Long lists are left out.
func (w Words) settingsNow(s settings.Section, is settings.Settings) string {
	values := s.Read(is)
	var parts []string
	for _, f := range w.sectionFields(s.Name) {
		v := values[f.Name]
		if f.Name == hoursField {
			v = w.hoursAsKept(v)
		}
		switch {
		case f.Kind == chat.Tick && v == "true":
			parts = append(parts, f.Label)
		case f.Kind == chat.Tick, (f.Name == "photos" || f.Name == "warn") && v == "0":
		case strings.Contains(v, "\n"):
			parts = append(parts, w.lines(f, v))
		case f.Name == "warn":
			parts = append(parts, f.Label+" "+w.say("{{.Percent}}%", with{"Percent": v}))
		case f.Name == "hour":
			parts = append(parts, f.Label+" "+v+":00")
		case v != "":
			// A field that is called as its section is not named again.
			parts = append(parts, strings.TrimPrefix(f.Label+" "+labelOf(f.Options, v), w.term(s.Label)+" "))
		}
	}
	return chat.Shorten(strings.Join(parts, "; "), 200)
}

// lines says a value that has a line for each of several things: how many there are,
// and hours in full.
func (w Words) lines(f chat.Field, v string) string {
	v = strings.TrimSpace(v)
	n := strings.Count(v, "\n") + 1
	switch f.Name {
	case "holidays":
		return w.count(n, "{{.Count}} holiday", "{{.Count}} holidays")
	case "steps":
		return w.count(n, "{{.Count}} step", "{{.Count}} steps")
	case "reasons":
		return w.count(n, "{{.Count}} reason", "{{.Count}} reasons")
	case "limits":
		return w.count(n, "for {{.Count}} priority", "for {{.Count}} priorities")
	}
	return f.Label + " " + strings.ReplaceAll(v, "\n", "; ")
}

// labelOf is what people read of a value: an option's words, or the value.
func labelOf(options []chat.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// hoursField is the field that has names of days in it.
const hoursField = "hours"

// SettingsForm asks for one section.
func (p *Presenter) SettingsForm(as Asked, s settings.Section, is settings.Settings) *chat.Form {
	fields := p.sectionFields(s.Name)
	values := s.Read(is)
	for n := range fields {
		fields[n].Value = values[fields[n].Name]
	}
	token := p.formToken(as, ticket.Ticket{Verb: string(EditSettings), Arg: s.Name + " " + marksOf(fields)})
	for n := range fields {
		if fields[n].Name == hoursField {
			fields[n].Value = p.hoursAsKept(fields[n].Value)
		}
	}
	return &chat.Form{Title: p.term(s.Label), Submit: p.say("Save"), Token: token, Fields: fields}
}

// Changes is what somebody changed in a form of the settings.
type Changes struct {
	// Values are the fields that differ from what the form showed.
	Values map[string]string
	// Clashes are those among them that somebody else changed meanwhile.
	Clashes []string
}

// SettingsEdits compares what was sent with what the form showed, as its ticket tells,
// and with the values as they are now. It is false for a form of another version.
func SettingsEdits(marks string, now, sent map[string]string) (Changes, bool) {
	shown := marksIn(marks)
	out := Changes{Values: map[string]string{}}
	for field, value := range sent {
		is, known := now[field]
		if week, err := settings.ParseHours(value); field == hoursField && err == nil {
			// As it is kept, in whichever language it was shown and typed.
			value = settings.HoursText(week)
		}
		if !known || markOf(value) == shown[field] || markOf(value) == markOf(is) {
			continue
		}
		out.Values[field] = value
		if markOf(is) != shown[field] {
			out.Clashes = append(out.Clashes, field)
		}
	}
	slices.Sort(out.Clashes)
	return out, len(shown) > 0
}

// SettingsHistory lists changes of the settings, the newest first. Those of a firm's own
// name the firm, which is among firms by its id.
func (p *Presenter) SettingsHistory(list []storage.Event, firms map[string]storage.Contractor) chat.Message {
	m := chat.Message{Title: p.say("Changes of the settings")}
	if len(list) == 0 {
		m.Text = p.text("Nothing has been changed yet: all settings have their initial values.")
	}
	for n, e := range list {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		label, field := p.changedSetting(e, firms)
		m.Text = m.Text.Moment(e.At).Plain(" ").Bold(oneLine(e.Actor.Name)).Plain(" " + label + ", " + field + ": ")
		before, after := e.Data["before"], e.Data["after"]
		if e.Kind == EventFirmHours || e.Data["field"] == hoursField {
			before, after = p.hoursAsKept(before), p.hoursAsKept(after)
		}
		m.Text = m.Text.Plain(p.quoted(before)).Plain(" → ").Plain(p.quoted(after))
	}
	return m
}

// changedSetting names the part of the settings that an event is about.
func (w Words) changedSetting(e storage.Event, firms map[string]storage.Contractor) (label, field string) {
	if id := e.Data["contractor"]; id != "" {
		label = w.say("A firm")
		if f, known := firms[id]; known {
			label = FirmName(f)
		}
		switch e.Kind {
		case EventFirmTopics:
			return label, w.say("Topics")
		case EventFirmCity:
			return label, w.say("City")
		case EventFirmCertificate:
			return label, w.say("Certificates")
		case EventFirmAnswers:
			return label, w.say("Who answers offers")
		}
		return label, w.say("Working hours")
	}
	label = e.Data["section"]
	if s, ok := settings.SectionNamed(label); ok {
		label = w.term(s.Label)
	}
	field = e.Data["field"]
	for _, f := range w.sectionFields(e.Data["section"]) {
		if f.Name == field && f.Label != label {
			field = f.Label
		}
	}
	return label, field
}

// quoted is a value of the settings in one line.
func (w Words) quoted(v string) string {
	if v = strings.ReplaceAll(strings.TrimSpace(v), "\n", "; "); v == "" {
		return w.say("nothing")
	}
	return w.say("“{{.Text}}”", with{"Text": chat.Shorten(oneLine(v), 120)})
}

// sectionFields are the fields of a section's form.
func (w Words) sectionFields(section string) []chat.Field {
	tick := func(name, label, help string) chat.Field {
		return chat.Field{Name: name, Label: label, Kind: chat.Tick, Placeholder: w.say("Yes"), Help: help}
	}
	switch section {
	case "calendar":
		return w.calendarFields(w.say("Empty: the server's own."), w.say("Empty: round the clock."))
	case "language":
		return []chat.Field{{
			Name: "language", Label: w.say("Language"), Kind: chat.Select, Placeholder: w.say("Choose a language"), Options: languageOptions(),
			Help: w.say("A firm can have another one: it is set with the firm's working hours."),
		}}
	case "offers":
		return []chat.Field{
			{Name: "answer_within", Label: w.say("Time to answer"), Kind: chat.Line, Max: 20, Help: w.say("For offers that name no time. In hours and minutes of working time, like 8h or 1h30m.")},
			{Name: "cool_off", Label: w.say("Cool-off after a no"), Kind: chat.Line, Max: 20, Help: w.say("How long the same job is not offered again to a firm automatically. Like 12h or 7d; 0m for none.")},
		}
	case "sla":
		return w.limitFields()
	case "reasons":
		return []chat.Field{{
			Name: "reasons", Label: w.say("Decline reasons"), Kind: chat.Paragraph, Max: 3000,
			Help: w.say("One per line: an id in small letters, a bar, and what people read. The reason other stays."),
		}}
	case "steps":
		return []chat.Field{{
			Name: "steps", Label: w.say("Steps"), Kind: chat.Paragraph, Max: 3000,
			Help: w.say("One per line: name | icon | open, planned, travel, work or finished. Add | own name or | own icon to show the customer those."),
		}}
	case "digest":
		return []chat.Field{
			tick("daily", w.say("Daily summary"), w.say("Sent on each working day.")), tick("weekly", w.say("Weekly summary"), w.say("Sent on the first working day of the week.")),
			{Name: "hour", Label: w.say("Hour"), Kind: chat.Line, Max: 2, Help: w.say("At which hour of the desk's day, 0 to 23.")},
		}
	case "money":
		return []chat.Field{{
			Name: "limit", Label: w.say("Approval limit"), Kind: chat.Line, Optional: true, Max: 30, Placeholder: "500 EUR",
			Help: w.say("A greater sum needs the right to approve above the limit. Empty: no limit."),
		}}
	case "approval":
		return []chat.Field{
			tick("hold", w.say("Hold replies"), w.say("What is written while work waits for approval is kept until it is sent back.")),
			tick("note", w.say("What was done"), w.say("The firm must say it.")), tick("effort", w.say("Effort"), w.say("The firm must give the time spent.")),
			tick("costs", w.say("Costs"), w.say("The firm must give the costs.")),
			{Name: "photos", Label: w.say("Photos or files"), Kind: chat.Line, Optional: true, Max: 2, Help: w.say("How many the firm has to post in its thread. 0: none.")},
		}
	}
	return nil
}

// languageOptions are the languages to choose from, each called as its own people do.
func languageOptions() []chat.Option {
	var out []chat.Option
	for _, name := range settings.Languages() {
		out = append(out, chat.Option{Value: name, Label: display.Self.Name(language.Make(name))})
	}
	return out
}

// calendarFields ask for a calendar.
func (w Words) calendarFields(noZone, noHours string) []chat.Field {
	return []chat.Field{
		{Name: "zone", Label: w.say("Time zone"), Kind: chat.Line, Optional: true, Max: 60, Placeholder: "Europe/Berlin", Help: noZone},
		{Name: hoursField, Label: w.say("Working hours"), Kind: chat.Paragraph, Optional: true, Max: 600, Placeholder: w.say("Mon–Fri 08:00–17:00"), Help: w.say("Lines like Mon–Fri 08:00–12:00, 13:00–17:00.") + " " + noHours},
		{Name: "holidays", Label: w.say("Holidays"), Kind: chat.Paragraph, Optional: true, Max: 3000, Placeholder: w.say("2026-12-25 Christmas"), Help: w.say("One per line: the date and its name.")},
	}
}
