package workflow

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of what the desk may ask of a job's work.
const (
	MaxItems    = 20
	MaxItem     = 100
	MaxEvidence = 20
	MaxActivity = 60
	MaxWebhook  = 32
)

// CallsMark stands between an item of a checklist and the webhook that it calls, where
// people type them.
const CallsMark = "=>"

// Demands is what the desk asks of the work on an issue. It is copied from a
// template when the issue is made, so that a change of the template does not reach
// into work that somebody has agreed to.
type Demands struct {
	// Checklist are the items that the firm ticks, in order.
	Checklist []Item `json:"checklist,omitempty"`
	// Evidence is how many photos or other files the firm has to post in its thread
	// before it may hand the work in.
	Evidence int `json:"evidence,omitempty"`
	// Effort, Costs, Materials and Activity say how each field of the completion
	// stands with the firm.
	Effort    Rule `json:"effort,omitempty"`
	Costs     Rule `json:"costs,omitempty"`
	Materials Rule `json:"materials,omitempty"`
	Activity  Rule `json:"activity,omitempty"`
	// Kind is the activity type the desk books the work under, unless the firm may
	// and does name another.
	Kind string `json:"kind,omitempty"`
	// Steps are the names of the steps that make sense here; none means all.
	Steps []string `json:"steps,omitempty"`
	// Certificates are the names of those that a firm must have to be offered the job.
	Certificates []string `json:"certificates,omitempty"`
}

// Item is one line of a checklist, known by its text.
type Item struct {
	Text string `json:"text"`
	// Required items have to be ticked before the work is handed in.
	Required bool `json:"required,omitempty"`
	// Calls is the name of the webhook that is called when the item is ticked; empty for
	// none.
	Calls string `json:"calls,omitempty"`
}

// calls is the webhook that an item calls.
func (d Demands) calls(item string) string {
	for _, i := range d.Checklist {
		if i.Text == item {
			return i.Calls
		}
	}
	return ""
}

// Rule is how a field of the completion stands with the firm.
type Rule string

// The rules. An optional field is asked for and may stay empty.
const (
	Optional Rule = ""
	Required Rule = "required"
	// Hidden fields are not asked of the firm and never shown to it.
	Hidden Rule = "hidden"
)

// Rules returns the rules in the order people read them in.
func Rules() []Rule { return []Rule{Optional, Required, Hidden} }

// Label is the rule as people see it.
func (r Rule) Label() string {
	if r == Optional {
		return "Optional"
	}
	return upperFirst(string(r))
}

// Empty tells whether the desk asks for nothing in particular.
func (d Demands) Empty() bool {
	return len(d.Checklist) == 0 && d.Evidence == 0 && d.Effort == Optional && d.Costs == Optional &&
		d.Materials == Optional && d.Activity == Optional && d.Kind == "" && len(d.Steps) == 0 && len(d.Certificates) == 0
}

// Equal tells whether two ask for the same.
func (d Demands) Equal(other Demands) bool {
	return slices.Equal(d.Checklist, other.Checklist) && d.Evidence == other.Evidence && d.Effort == other.Effort &&
		d.Costs == other.Costs && d.Materials == other.Materials && d.Activity == other.Activity &&
		d.Kind == other.Kind && slices.Equal(d.Steps, other.Steps) &&
		slices.Equal(d.Certificates, other.Certificates)
}

// Check refuses demands that nobody could meet or read. The refusal names the
// field. The steps are the desk's own; without them any name is a step.
func (d Demands) Check(steps []WorkStep) error {
	if refusal := d.check(steps); refusal != nil {
		return refusal
	}
	return nil
}

func (d Demands) check(steps []WorkStep) *Refusal {
	if len(d.Checklist) > MaxItems {
		return RefuseField("checklist", "A checklist has at most %d items.", MaxItems)
	}
	seen := map[string]bool{}
	for _, item := range d.Checklist {
		key := strings.ToLower(item.Text)
		switch {
		case strings.TrimSpace(item.Text) == "" || item.Text != oneLine(item.Text):
			return RefuseField("checklist", "Write each item of the checklist on a line of its own.")
		case utf8.RuneCountInString(item.Text) > MaxItem:
			return RefuseField("checklist", "Shorten each item of the checklist to %d characters.", MaxItem)
		case utf8.RuneCountInString(item.Calls) > MaxWebhook || item.Calls != oneLine(item.Calls):
			return RefuseField("checklist", "A webhook's name has at most %d characters.", MaxWebhook)
		case seen[key]:
			return RefuseField("checklist", "The item “%s” is on the checklist twice: leave one out.", item.Text)
		}
		seen[key] = true
	}
	if d.Evidence < 0 || d.Evidence > MaxEvidence {
		return RefuseField("evidence", "Ask for 0 to %d photos or files.", MaxEvidence)
	}
	for _, f := range d.rules() {
		if !slices.Contains(Rules(), f.rule) {
			return RefuseField(f.name, "Say optional, required or hidden.")
		}
	}
	if utf8.RuneCountInString(d.Kind) > MaxActivity || d.Kind != oneLine(d.Kind) {
		return RefuseField("kind", "Shorten the kind of work to %d characters on one line.", MaxActivity)
	}
	named := map[string]bool{}
	for _, name := range d.Steps {
		switch {
		case steps != nil && !slices.ContainsFunc(steps, func(s WorkStep) bool { return s.Name == name }):
			return RefuseField("steps", "There is no step “%s”: the steps are %s.", name, stepNames(steps))
		case named[name]:
			return RefuseField("steps", "The step “%s” is there twice: leave one out.", name)
		}
		named[name] = true
	}
	return checkCertificates(d.Certificates)
}

type fieldRule struct {
	name string
	rule Rule
}

func (d Demands) rules() []fieldRule {
	return []fieldRule{{"effort", d.Effort}, {"costs", d.Costs}, {"materials", d.Materials}, {"activity", d.Activity}}
}

// StepsOf returns those of the desk's steps that make sense on an issue.
func StepsOf(d Demands, steps []WorkStep) []WorkStep {
	if len(d.Steps) == 0 {
		return steps
	}
	fit := slices.DeleteFunc(slices.Clone(steps), func(s WorkStep) bool { return !slices.Contains(d.Steps, s.Name) })
	if len(fit) == 0 {
		// The desk has done away with all that were named.
		return steps
	}
	return fit
}

func stepNames(steps []WorkStep) string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.Name
	}
	return strings.Join(names, ", ")
}

// FirmsDemands is what the firm may know of the demands.
func FirmsDemands(d Demands) Demands {
	if slices.ContainsFunc(d.Checklist, func(i Item) bool { return i.Calls != "" }) {
		d.Checklist = slices.Clone(d.Checklist)
		for n := range d.Checklist {
			d.Checklist[n].Calls = ""
		}
	}
	if d.Activity == Hidden {
		d.Kind = ""
	}
	return d
}

// FirmsCompletion is what the firm may know of a completion under the demands.
func FirmsCompletion(d Demands, c Completion) Completion {
	if d.Effort == Hidden {
		c.Effort = 0
	}
	if d.Costs == Hidden {
		c.Costs = ""
	}
	if d.Materials == Hidden {
		c.Materials = ""
	}
	if d.Activity == Hidden {
		c.Activity = ""
	}
	return c
}

// FirmsEvent is what the firm may know of an event of its own assignment: the event
// without the fields that are hidden from it, as they are and as they were, and without
// whom an item calls.
func FirmsEvent(d Demands, data map[string]string) map[string]string {
	hidden := []string{"calls"}
	for _, f := range d.rules() {
		if f.rule == Hidden {
			hidden = append(hidden, f.name, WasKey(f.name))
		}
	}
	if d.Activity == Hidden {
		hidden = append(hidden, "kind", WasKey("kind"))
	}
	out := maps.Clone(data)
	for _, name := range hidden {
		delete(out, name)
	}
	return out
}

func guardDemand(c *change) *Refusal {
	if c.cmd.Demands.Equal(c.issue.Demands) {
		return Refuse(Conflict, "That is what the desk asks for already.")
	}
	return c.cmd.Demands.check(c.cmd.Steps)
}

// effectDemand also forgets the ticks of items that are no longer asked for.
func effectDemand(c *change) {
	was := c.issue.Demands
	c.issue.Demands = c.cmd.Demands
	for i := range c.issue.Assignments {
		a := &c.issue.Assignments[i]
		kept := slices.DeleteFunc(slices.Clone(a.Ticks), func(t Tick) bool {
			return !slices.ContainsFunc(c.issue.Demands.Checklist, func(item Item) bool { return item.Text == t.Item })
		})
		if len(kept) < len(a.Ticks) {
			a.Ticks = orNil(kept)
			a.Revision++
		}
		if !Taken(a.Status) {
			continue
		}
		// The firm's own history has to tell that more is asked of it than before.
		if data := FirmsChangedDemands(was, c.issue.Demands); len(data) > 0 {
			c.events = append(c.events, Event{Kind: EventDemanded, Assignment: a.ID, Data: data})
			c.notices = append(c.notices, inCharge(Notice{Kind: NoticeDemanded, Assignment: a.ID, Was: &was}, a))
		}
	}
	maps.Copy(c.data, Changed(DemandFields(), was.written(), c.issue.Demands.written()))
}

// DemandFields are the names of what may be demanded, in the order people read it in.
func DemandFields() []string {
	return []string{"checklist", "evidence", "effort", "costs", "materials", "activity", "kind", "steps", "certificates"}
}

// RequiredMark begins an item of a checklist that has to be ticked, as people type it.
const RequiredMark = "!"

// written are the demands as they stand in a history.
func (d Demands) written() map[string]string {
	var items []string
	for _, i := range d.Checklist {
		text := i.Text
		if i.Required {
			text = RequiredMark + " " + text
		}
		if i.Calls != "" {
			text += " " + CallsMark + " " + i.Calls
		}
		items = append(items, text)
	}
	w := map[string]string{
		"checklist": strings.Join(items, "\n"), "evidence": strconv.Itoa(d.Evidence), "kind": d.Kind,
		"steps": strings.Join(d.Steps, ", "), "certificates": strings.Join(d.Certificates, ", "),
	}
	for _, f := range d.rules() {
		w[f.name] = cmp.Or(string(f.rule), "optional")
	}
	return w
}

// FirmsChangedDemands is what the firm may know of a change of the demands.
func FirmsChangedDemands(was, is Demands) map[string]string {
	return Changed(DemandFields(), firmsWritten(was), firmsWritten(is))
}

// firmsWritten are the demands as a firm reads them: what is hidden from it is not there.
func firmsWritten(d Demands) map[string]string {
	w := FirmsDemands(d).written()
	for _, f := range d.rules() {
		if f.rule == Hidden {
			delete(w, f.name)
		}
	}
	return w
}

// orNil keeps to one way of having nothing.
func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// oneLine is a text without line breaks and without needless space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
