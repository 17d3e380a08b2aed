package workflow

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// The limits of templates.
const (
	MaxTemplates    = 200
	maxPlaceholders = 5
	maxFirms        = 10
	maxTemplateName = 60
	maxTemplateTime = 366 * 24 * time.Hour
)

// Template is what jobs of one kind have in common. Title and Description may have
// placeholders, such as {place}, which are asked for when a job is made.
type Template struct {
	Name        string `json:"name"`
	Topic       string `json:"topic,omitempty"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Priority    string `json:"priority,omitempty"`
	// Due is how long after it is made the work should be done, AnswerWithin how long
	// a firm has to answer; zero is none, and the desk's usual time.
	Due          time.Duration `json:"due,omitempty"`
	AnswerWithin time.Duration `json:"answer_within,omitempty"`
	Demands      Demands       `json:"demands"`
	// Firms are the names of those that are preferred, the first one most.
	Firms []string `json:"firms,omitempty"`
	// Approval are the answers that need an approval before the job is offered.
	Approval []ApprovalRule `json:"approval,omitempty"`
}

// Key is what a template is found by.
func (t Template) Key() string { return strings.ToLower(t.Name) }

// Equal tells whether two templates are the same.
func (t Template) Equal(other Template) bool {
	return t.Name == other.Name && t.Topic == other.Topic && t.Title == other.Title && t.Description == other.Description &&
		t.Priority == other.Priority && t.Due == other.Due && t.AnswerWithin == other.AnswerWithin &&
		t.Demands.Equal(other.Demands) && slices.Equal(t.Firms, other.Firms) && slices.Equal(t.Approval, other.Approval)
}

// placeholder is made when it is needed: all letters of all scripts, twenty times, take
// longer to prepare than a start should.
var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{(\pL[\pL\pN _-]{0,19})\}`) })

// PlacePlaceholder stands for the job's place.
const PlacePlaceholder = "place"

// Placeholders are the names of the template's placeholders, each once, in the order
// of their first use.
func (t Template) Placeholders() []string {
	var names []string
	for _, m := range placeholder().FindAllStringSubmatch(t.Title+"\n"+t.Description, -1) {
		if name := strings.ToLower(m[1]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Fill puts values in the places of the placeholders. What a value says is never
// taken for a placeholder itself; one without a value stays as it is.
func (t Template) Fill(values map[string]string) (title, description string) {
	fill := func(s string) string {
		return placeholder().ReplaceAllStringFunc(s, func(m string) string {
			if value, ok := values[strings.ToLower(m[1:len(m)-1])]; ok {
				return value
			}
			return m
		})
	}
	return fill(t.Title), fill(t.Description)
}

// Check refuses a template that no job could be made from. The refusal names the
// field. The steps are the desk's own.
func (t Template) Check(steps []WorkStep) error {
	if refusal := t.check(); refusal != nil {
		return refusal
	}
	return t.Demands.Check(steps)
}

func (t Template) check() *Refusal {
	for _, c := range []struct {
		field, value string
		max          int
		needed, long bool
	}{
		{"name", t.Name, maxTemplateName, true, false},
		{"title", t.Title, 150, true, false},
		{"topic", t.Topic, 60, false, false},
		{"description", t.Description, 3000, false, true},
	} {
		switch {
		case c.needed && strings.TrimSpace(c.value) == "":
			return RefuseField(c.field, "Give the template a %s.", c.field)
		case utf8.RuneCountInString(c.value) > c.max:
			return RefuseField(c.field, "Shorten this to %d characters.", c.max)
		case !c.long && c.value != oneLine(c.value):
			return RefuseField(c.field, "Write this on one line, without space around it.")
		}
	}
	switch {
	case strings.ContainsAny(t.Name, ":|"):
		return RefuseField("name", "A template's name has no colon and no bar.")
	case t.Priority != "" && !slices.Contains([]string{"low", "normal", "high", "urgent"}, t.Priority):
		return RefuseField("priority", "The priority is one of low, normal, high and urgent.")
	case t.Due < 0 || t.Due > maxTemplateTime:
		return RefuseField("due", "The work is due within a year.")
	case t.AnswerWithin < 0 || t.AnswerWithin > maxTemplateTime || t.AnswerWithin > 0 && t.AnswerWithin < MinOfferTime:
		return RefuseField("answer_within", "Give the firm between a minute and a year to answer.")
	case len(t.Placeholders()) > maxPlaceholders:
		return RefuseField("description", "Use at most %d placeholders.", maxPlaceholders)
	case len(t.Firms) > maxFirms:
		return RefuseField("firms", "Name at most %d firms.", maxFirms)
	}
	for i, firm := range t.Firms {
		if oneLine(firm) != firm || firm == "" || utf8.RuneCountInString(firm) > 200 || slices.Contains(t.Firms[:i], firm) {
			return RefuseField("firms", "Name each firm once.")
		}
	}
	return t.checkApproval()
}
