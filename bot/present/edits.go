package present

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"
	"unicode"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Edits is what somebody changed in a form about an issue.
type Edits struct {
	// Values are the fields that differ from what the form showed.
	Values map[string]string
	// Clashes are those among them that somebody else changed meanwhile, as they are
	// now.
	Clashes []chat.Field
}

// Edits compares what was sent with what the form showed, which its ticket's Arg
// tells, and with the issue as it is now. It is false for a form of another version.
func (p *Presenter) Edits(arg string, now storage.Issue, sent map[string]string) (Edits, bool) {
	shown := marksIn(arg)
	out := Edits{Values: map[string]string{}}
	for _, f := range p.allDetails(p.Zone, now) {
		value, ok := sent[f.Name]
		if !ok || markOf(value) == shown[f.Name] || value == f.Value {
			continue
		}
		out.Values[f.Name] = value
		if markOf(f.Value) != shown[f.Name] {
			out.Clashes = append(out.Clashes, f)
		}
	}
	return out, len(shown) > 0
}

// marksOf notes what a form shows, short enough for its token: fields and digests of
// their values.
func marksOf(fields []chat.Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Name+"="+markOf(f.Value))
	}
	return strings.Join(out, " ")
}

// marksIn reads what marksOf notes.
func marksIn(text string) map[string]string {
	shown := map[string]string{}
	for m := range strings.FieldsSeq(text) {
		if name, mark, ok := strings.Cut(m, "="); ok {
			shown[name] = mark
		}
	}
	return shown
}

func markOf(value string) string {
	// A client may write line breaks in its own way.
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// ChangedDetails is what of a job's details is not as it was, as it stands in its history.
func ChangedDetails(was, is storage.Issue) map[string]string {
	return workflow.Changed(workflow.Fields(), details(was), details(is))
}

// details are the fields that people write, in the form of a history.
func details(i storage.Issue) map[workflow.Field]string {
	due := ""
	if !i.DueAt.IsZero() {
		due = i.DueAt.UTC().Format(time.RFC3339)
	}
	return map[workflow.Field]string{
		workflow.FieldTitle: i.Title, workflow.FieldDescription: i.Description, workflow.FieldTopic: i.Topic,
		workflow.FieldPriority: i.Priority, workflow.FieldPlace: i.Place, workflow.FieldDueAt: due,
		workflow.FieldCustomer: i.Customer, workflow.FieldExternalRef: i.ExternalRef, workflow.FieldURL: i.URL,
	}
}

// DetailsChanged tells a firm what the desk changed about its job.
func (p *Presenter) DetailsChanged(changed map[string]string) chat.Message {
	return chat.Message{Text: factLines(p.text("The desk changed the details of this job:"), p.changedDetails(changed))}
}

// factLines appends facts, a line for each.
func factLines(t chat.Text, facts []chat.Fact) chat.Text {
	for _, f := range facts {
		t = t.Plain("\n").Bold(f.Label + ":").Plain(" ").Append(f.Value)
	}
	return t
}

// mostOfChange is how much of a text that changed is shown.
const mostOfChange = 200

// changedDetails are the fields of a change as they are, with what they were struck out.
func (w Words) changedDetails(changed map[string]string) (facts []chat.Fact) {
	for _, f := range workflow.Fields() {
		is, there := changed[string(f)]
		if !there {
			continue
		}
		was, label := changed[workflow.WasKey(f)], w.detailLabel(f)
		switch f {
		case workflow.FieldDueAt:
			from, _ := time.Parse(time.RFC3339, was)
			to, _ := time.Parse(time.RFC3339, is)
			facts = fact(facts, label, w.changedMoment(from, to))
		case workflow.FieldPriority:
			facts = w.changed(facts, label, w.priorityLabel(was), w.priorityLabel(is), mostOfChange)
		default:
			facts = w.changedText(facts, label, was, is)
		}
	}
	return facts
}

// detailLabel names a field as the form does in which it is changed.
func (w Words) detailLabel(f workflow.Field) string {
	switch f {
	case workflow.FieldTitle:
		return w.say("Title")
	case workflow.FieldDescription:
		return w.say("Description")
	case workflow.FieldTopic:
		return w.say("Topic")
	case workflow.FieldPriority:
		return w.say("Priority")
	case workflow.FieldPlace:
		return w.say("Place")
	case workflow.FieldDueAt:
		return w.say("Due")
	case workflow.FieldCustomer:
		return w.say("Customer")
	case workflow.FieldExternalRef:
		return w.say("Reference")
	case workflow.FieldURL:
		return w.say("Reference link")
	}
	return string(f)
}

// changedText is a fact of a text that changed.
func (w Words) changedText(facts []chat.Fact, label, was, is string) []chat.Fact {
	was, is = fromFirstChange(oneLine(was), oneLine(is), mostOfChange)
	return w.changed(facts, label, was, is, mostOfChange)
}

// changedDemands are the demands that changed as they are, with what they were struck out.
func (w Words) changedDemands(changed map[string]string) (facts []chat.Fact) {
	labels := map[string]string{
		"checklist": w.say("Checklist"), "evidence": w.say("Photos or files"), "effort": w.say("Effort"), "costs": w.say("Costs"),
		"materials": w.say("Materials"), "activity": w.say("Kind of work"), "kind": w.say("Booked as"), "steps": w.say("Steps"),
		"certificates": w.say("Certificates"),
	}
	for _, f := range workflow.DemandFields() {
		is, there := changed[f]
		if !there {
			continue
		}
		was := changed[workflow.WasKey(f)]
		switch f {
		case "checklist":
			was, is = w.checklistLine(was), w.checklistLine(is)
		case "effort", "costs", "materials", "activity":
			was, is = w.ruleLabel(was), w.ruleLabel(is)
		case "steps":
			// None named means every one.
			was, is = cmp.Or(was, w.say("all steps")), cmp.Or(is, w.say("all steps"))
		}
		facts = w.changedText(facts, labels[f], was, is)
	}
	return facts
}

// checklistLine is a checklist of a history in one line.
func (w Words) checklistLine(text string) string {
	var items []string
	for item := range strings.Lines(text) {
		item, required := strings.CutPrefix(strings.TrimSpace(item), workflow.RequiredMark+" ")
		if required {
			item += " (" + w.say("required") + ")"
		}
		items = append(items, item)
	}
	return strings.Join(items, "; ")
}

// fromFirstChange cuts the beginning that two texts share where they are too long to be
// shown, so that what differs is among what is. They begin with a word.
func fromFirstChange(was, is string, most int) (string, string) {
	const before = 20
	a, b := []rune(was), []rune(is)
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	if n <= before || max(len(a), len(b)) <= most/2 {
		return was, is
	}
	from := n - before
	if space := slices.IndexFunc(a[from:n], unicode.IsSpace); space >= 0 {
		from += space + 1
	}
	return "…" + string(a[from:]), "…" + string(b[from:])
}
