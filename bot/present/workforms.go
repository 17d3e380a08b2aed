package present

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

// Plan asks when a step is planned.
func (p *Presenter) Plan(as Asked, j Job, a workflow.Assignment, step string) *chat.Form {
	t := subject(workflow.Step, j, a)
	t.Arg = step
	return &chat.Form{
		Title: p.say("Plan {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Save"), Intro: Heading(j.Issue),
		Token: p.formToken(as, t),
		Fields: []chat.Field{
			{Name: "from", Label: p.say("From"), Kind: chat.Line, Max: 60, Placeholder: p.say("tomorrow 9am"), Help: p.say("When you plan to be there.") + " " + p.whenHelp(p.Zone)},
			{Name: "till", Label: p.say("To"), Kind: chat.Line, Optional: true, Max: 60, Placeholder: p.say("11am"), Help: p.say("The end of the window: a time after From, or how long, like 2h.")},
		},
	}
}

// PlanWithout asks the same where no form can be opened: by windows to choose from.
func (p *Presenter) PlanWithout(as Asked, j Job, a workflow.Assignment, step string) chat.Message {
	t := subject(workflow.Step, j, a)
	t.Arg = step
	return chat.Message{
		Text:   p.text("When is {{.Task}} planned? Choose a window; you can say more in the thread.", with{"Task": Heading(j.Issue)}),
		Choice: &chat.Choice{ID: "window", Placeholder: p.say("Choose a window"), Options: p.windows(as.Now), Token: p.formToken(as, t)},
	}
}

// windowDays is for how many days windows are offered, today included.
const windowDays = 8

// windows are the mornings and afternoons of the next days in the desk's zone.
func (p *Presenter) windows(now time.Time) []chat.Option {
	var out []chat.Option
	local := now.In(p.Zone)
	for day := range windowDays {
		for _, half := range []struct {
			name       string
			from, till int
		}{{p.say("morning"), 8, 12}, {p.say("afternoon"), 12, 17}} {
			from := time.Date(local.Year(), local.Month(), local.Day()+day, half.from, 0, 0, 0, p.Zone)
			till := time.Date(local.Year(), local.Month(), local.Day()+day, half.till, 0, 0, 0, p.Zone)
			if !till.After(now) {
				continue
			}
			out = append(out, chat.Option{
				Value: from.UTC().Format(time.RFC3339) + "/" + till.UTC().Format(time.RFC3339),
				Label: p.dayName(from) + ", " + half.name + " (" + from.Format("15:04") + "–" + till.Format("15:04") + " " + p.in.Zone(till) + ")",
			})
		}
	}
	return out
}

// Pause asks why the work is paused.
func (p *Presenter) Pause(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Pause {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Pause"), Intro: Heading(j.Issue),
		Token: p.formToken(as, subject(workflow.HoldWork, j, a)),
		Fields: []chat.Field{
			{Name: "reason", Label: p.say("Reason"), Kind: chat.Select, Placeholder: p.say("Choose a reason"), Options: p.pauseOptions(true)},
			{Name: "text", Label: p.say("Anything to add"), Kind: chat.Paragraph, Optional: true, Max: 500},
			{Name: "until", Label: p.say("Until"), Kind: chat.Line, Optional: true, Max: 60, Help: p.say("When the work should go on; a reminder comes then.") + " " + p.whenHelp(p.Zone)},
		},
	}
}

// PauseWithout asks the same where no form can be opened.
func (p *Presenter) PauseWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	return chat.Message{
		Text:   p.text("Why is {{.Task}} paused? Choose the reason that fits best; you can say more in the thread.", with{"Task": Heading(j.Issue)}),
		Choice: &chat.Choice{ID: "reason", Placeholder: p.say("Choose a reason"), Options: p.pauseOptions(false), Token: p.formToken(as, subject(workflow.HoldWork, j, a))},
	}
}

// pauseOptions leave out the reason that needs a text where none can be asked for.
func (w Words) pauseOptions(all bool) []chat.Option {
	var out []chat.Option
	for _, r := range workflow.PauseReasons() {
		if all || r.ID != workflow.ReasonOther {
			out = append(out, chat.Option{Value: r.ID, Label: w.term(r.Label)})
		}
	}
	return out
}

// Checklist asks which items are done. The form remembers what it showed, so that
// it changes only what its sender changed.
func (p *Presenter) Checklist(as Asked, j Job, a workflow.Assignment) *chat.Form {
	t := subject(workflow.Check, j, a)
	t.Arg = ShownChecklist(j.Demands, a)
	f := &chat.Form{Title: p.say("Checklist {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Save"), Intro: Heading(j.Issue), Token: p.formToken(as, t)}
	for n, item := range j.Demands.Checklist {
		_, done := a.Ticked(item.Text)
		label, help := shortLabel(item.Text)
		switch {
		case help != "" && item.Required:
			help = p.say("{{.Item}} (needed before the work is handed in)", with{"Item": item.Text})
		case item.Required:
			help = p.say("Needed before the work is handed in.")
		}
		f.Fields = append(f.Fields, chat.Field{
			Name: itemField(n), Label: label, Kind: chat.Tick,
			Value: strconv.FormatBool(done), Placeholder: p.sense("Done", "an item is done"), Help: help, Optional: true,
		})
	}
	return f
}

// ChecklistWithout asks the same where no form can be opened: an item at a time.
func (p *Presenter) ChecklistWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	t := subject(workflow.Check, j, a)
	t.Arg = ShownChecklist(j.Demands, a)
	var options []chat.Option
	for n, item := range j.Demands.Checklist {
		mark := "☐ "
		if _, done := a.Ticked(item.Text); done {
			mark = "☑ "
		}
		options = append(options, chat.Option{Value: itemField(n), Label: chat.Shorten(mark+item.Text, 75)})
	}
	return chat.Message{
		Text:   p.text("Which item of {{.Task}} is done? Choosing one that is ticked takes the tick back.", with{"Task": Heading(j.Issue)}),
		Choice: &chat.Choice{ID: "item", Placeholder: p.say("Choose an item"), Options: options, Token: p.formToken(as, t)},
	}
}

// shortLabel is a text as the label of a field, and the whole text where that has no room
// for it.
func shortLabel(text string) (label, whole string) {
	if label = chat.ShortenBytes(text, 24); label != text {
		whole = text
	}
	return label, whole
}

func itemField(n int) string { return "item" + strconv.Itoa(n) }

// ShownChecklist is the list as it was shown: a digest of its items, and which of
// them were ticked.
func ShownChecklist(d workflow.Demands, a workflow.Assignment) string {
	digest := sha256.New()
	var ticks strings.Builder
	for _, item := range d.Checklist {
		digest.Write([]byte(item.Text + "\n"))
		mark := "0"
		if _, done := a.Ticked(item.Text); done {
			mark = "1"
		}
		ticks.WriteString(mark)
	}
	return hex.EncodeToString(digest.Sum(nil)[:4]) + ticks.String()
}

// Ticks says what the sender of a checklist's form changed, against what was shown
// then. ok is false when the list itself is another one by now.
func Ticks(shown string, d workflow.Demands, a workflow.Assignment, values map[string]string) (tick, untick []string, ok bool) {
	now := ShownChecklist(d, a)
	if len(shown) != len(now) || shown[:8] != now[:8] {
		return nil, nil, false
	}
	for n, item := range d.Checklist {
		value, sent := values[itemField(n)]
		was, is := shown[8+n] == '1', value == "true"
		switch {
		case !sent || was == is:
		case is:
			tick = append(tick, item.Text)
		default:
			untick = append(untick, item.Text)
		}
	}
	return tick, untick, true
}

// Turned is the item that was chosen where no form could be opened; it becomes what
// it was not when the choice was shown.
func Turned(shown string, d workflow.Demands, a workflow.Assignment, choice string) (tick, untick []string, ok bool) {
	now := ShownChecklist(d, a)
	if len(shown) != len(now) || shown[:8] != now[:8] {
		return nil, nil, false
	}
	for n, item := range d.Checklist {
		switch {
		case itemField(n) != choice:
		case shown[8+n] == '1':
			return nil, []string{item.Text}, true
		default:
			return []string{item.Text}, nil, true
		}
	}
	return nil, nil, false
}

// Demands asks the desk what the work has to bring.
func (p *Presenter) Demands(as Asked, j Job) *chat.Form {
	return &chat.Form{
		Title: p.say("Requirements {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Save"), Intro: Heading(j.Issue),
		Token:  p.formToken(as, ticket.Ticket{Verb: string(workflow.Demand), Issue: j.ID, Arg: DemandsMark(j.Demands)}),
		Fields: p.demandFields(j.Demands, j.Steps),
	}
}

// DemandsMark is a digest of demands, by which a form knows what it was drawn from.
func DemandsMark(d workflow.Demands) string {
	digest := sha256.Sum256(fmt.Appendf(nil, "%+v", d))
	return hex.EncodeToString(digest[:8])
}

// demandFields ask for demands, the same for an issue and for a template.
func (w Words) demandFields(d workflow.Demands, steps []workflow.WorkStep) []chat.Field {
	names := make([]string, len(steps))
	for n, s := range steps {
		names[n] = s.Name
	}
	evidence := strconv.Itoa(d.Evidence)
	return []chat.Field{
		{Name: "checklist", Label: w.say("Checklist"), Kind: chat.Paragraph, Optional: true, Max: 2500, Value: ChecklistText(d.Checklist), Help: w.say("An item on each line. Begin a line with ! when the item is required.")},
		{Name: "evidence", Label: w.say("Photos or files"), Kind: chat.Line, Optional: true, Max: 2, Value: evidence, Help: w.say("How many the firm has to post in its thread. 0: none.")},
		w.ruleField("effort", w.say("Effort"), d.Effort),
		w.ruleField("costs", w.say("Costs"), d.Costs),
		w.ruleField("materials", w.say("Materials"), d.Materials),
		w.ruleField("activity", w.say("Kind of work"), d.Activity),
		{Name: "kind", Label: w.say("Booked as"), Kind: chat.Line, Optional: true, Max: workflow.MaxActivity, Value: d.Kind, Placeholder: w.say("Repair"), Help: w.say("The kind of work, unless the firm names another.")},
		{Name: "steps", Label: w.say("Steps"), Kind: chat.Line, Optional: true, Max: 150, Value: strings.Join(d.Steps, ", "), Help: chat.Shorten(w.say("Which steps the firm can report, with commas between them. Empty: all ({{.Steps}}).", with{"Steps": strings.Join(names, ", ")}), 150)},
		{Name: "certificates", Label: w.say("Certificates"), Kind: chat.Line, Optional: true, Max: 150, Value: strings.Join(d.Certificates, ", "), Placeholder: w.say("Gas safety"), Help: w.say("A firm is offered the job only with these, checked and valid. Commas between them.")},
	}
}

func (w Words) ruleField(name, label string, rule workflow.Rule) chat.Field {
	value := string(rule)
	if rule == workflow.Optional {
		value = "optional"
	}
	return chat.Field{
		Name: name, Label: label, Kind: chat.Select, Value: value, Placeholder: w.say("Choose a rule"), Options: w.rules(),
	}
}

func (w Words) rules() []chat.Option {
	return []chat.Option{{Value: "optional", Label: w.say("Optional")}, {Value: "required", Label: w.say("Required")}, {Value: "hidden", Label: w.say("Hidden from the firm")}}
}

// ruleLabel is a rule of a history as people see it. What is hidden from a firm has none
// in what the firm is told.
func (w Words) ruleLabel(rule string) string {
	if rule == "" {
		return w.say("not asked for")
	}
	for _, o := range w.rules() {
		if o.Value == rule {
			return o.Label
		}
	}
	return rule
}

// ChecklistText writes a checklist as people type it.
func ChecklistText(items []workflow.Item) string {
	var lines []string
	for _, item := range items {
		text := item.Text
		if item.Required {
			text = "! " + text
		}
		if item.Calls != "" {
			text += " " + workflow.CallsMark + " " + item.Calls
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// completionFields ask for what the desk wants to know about finished work.
func (w Words) completionFields(d workflow.Demands, note bool) []chat.Field {
	fields := []chat.Field{{Name: "note", Label: w.say("What was done"), Kind: chat.Paragraph, Max: 2000, Optional: !note}}
	add := func(rule workflow.Rule, f chat.Field) {
		if rule == workflow.Hidden {
			return
		}
		f.Optional = rule != workflow.Required
		fields = append(fields, f)
	}
	add(d.Effort, chat.Field{Name: "effort", Label: w.say("Effort"), Kind: chat.Line, Max: 20, Placeholder: "1h30m", Help: w.say("Time spent, for example 90m, 2h or 1h30m.")})
	add(d.Costs, chat.Field{Name: "costs", Label: w.say("Costs"), Kind: chat.Line, Max: 60, Placeholder: w.money("84.50 EUR"), Help: w.say("The amount with its currency, for example 84.50 EUR.")})
	add(d.Materials, chat.Field{Name: "materials", Label: w.say("Materials"), Kind: chat.Paragraph, Max: 2000, Help: w.say("What was used, a line for each.")})
	if d.Activity == workflow.Required || d.Kind != "" {
		add(d.Activity, chat.Field{Name: "activity", Label: w.say("Kind of work"), Kind: chat.Line, Max: workflow.MaxActivity, Value: d.Kind, Placeholder: w.say("Repair")})
	}
	return fields
}

// byThread says which lines to write into the thread before work is handed in
// without a form. They begin with English words in every language, as commands do.
func byThread(t chat.Text, d workflow.Demands) chat.Text {
	for _, f := range (Words{}).completionFields(d, true)[1:] {
		if f.Optional {
			continue
		}
		example := f.Placeholder
		if example == "" {
			example = "2 seals"
		}
		t = t.Plain("\n").Code(strings.ToLower(f.Label) + ": " + example)
	}
	return t
}
