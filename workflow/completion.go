package workflow

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// The limits of a completion.
const (
	maxEffort       = 1000 * 60
	maxMaterials    = 20
	maxMaterialLine = 100
)

// Completion is what the firm hands in with its finished work. A second one, after
// the work was sent back, takes the place of the first, which stays in the history.
type Completion struct {
	Note string
	// Effort is in minutes.
	Effort int
	// Costs is an amount with its currency as ParseCosts writes it, empty for none.
	Costs string
	// Materials are what was used, a line each.
	Materials string
	// Activity is the type the work is booked under.
	Activity string
}

// ParseCosts reads costs as ReadMoney reads money, and writes them in the one form that
// is kept, such as "84.50 EUR". An empty text is no costs.
func ParseCosts(text string) (string, error) {
	m, err := ReadMoney(text)
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		named := *refusal
		named.Field = "costs"
		return "", &named
	}
	return string(m), err
}

// ParseMaterials reads what was used, a line each, and leaves out empty lines.
func ParseMaterials(text string) (string, error) {
	var lines []string
	for line := range strings.Lines(text) {
		line = oneLine(line)
		if line == "" {
			continue
		}
		if utf8.RuneCountInString(line) > maxMaterialLine {
			return "", RefuseField("materials", "Shorten each line to %d characters.", maxMaterialLine)
		}
		lines = append(lines, line)
	}
	if len(lines) > maxMaterials {
		return "", RefuseField("materials", "List at most %d lines.", maxMaterials)
	}
	return strings.Join(lines, "\n"), nil
}

// Gate refuses work that cannot be handed in yet, whatever its completion says:
// required items are not ticked, or photos and files are missing.
func Gate(d Demands, a Assignment, evidence int) error {
	if refusal := gate(d, a, evidence); refusal != nil {
		return refusal
	}
	return nil
}

func gate(d Demands, a Assignment, evidence int) *Refusal {
	if missing := Unticked(d, a); len(missing) > 0 {
		return Refuse(Conflict, "Tick %s on the checklist first.", listed(missing))
	}
	if short := d.Evidence - evidence; short > 0 {
		return Refuse(Conflict, "Post %s in the thread first: the desk asks for %d, and %s.",
			counted(short, "%d more photo or file", "%d more photos or files"), d.Evidence, counted(evidence, "%d is there", "%d are there"))
	}
	return nil
}

// guardSubmit holds back work that lacks what the desk asked for.
func guardSubmit(c *change) *Refusal {
	if refusal := c.waits(); refusal != nil {
		return refusal
	}
	done, asked := c.cmd.Completion, c.issue.Demands
	if done.Effort < 0 || done.Effort > maxEffort {
		return RefuseField("effort", "The effort is between nothing and 1000 hours.")
	}
	if refusal := gate(asked, *c.a, c.cmd.Evidence); refusal != nil {
		return refusal
	}
	for _, f := range []struct {
		name, ask string
		rule      Rule
		there     bool
	}{
		{"effort", "Say how long the work took.", asked.Effort, done.Effort > 0},
		{"costs", "Say what the work costs.", asked.Costs, done.Costs != ""},
		{"materials", "List what was used.", asked.Materials, done.Materials != ""},
		{"activity", "Say what kind of work it was.", asked.Activity, done.Activity != ""},
	} {
		switch {
		case f.rule == Required && !f.there:
			return RefuseField(f.name, "%s", phrase(f.ask))
		case f.rule == Hidden && f.there:
			return RefuseField(f.name, "The desk does not ask for this: leave it empty.")
		}
	}
	if utf8.RuneCountInString(done.Activity) > MaxActivity {
		return RefuseField("activity", "Shorten this to %d characters.", MaxActivity)
	}
	for _, parse := range []struct {
		text string
		read func(string) (string, error)
		name string
	}{{done.Costs, ParseCosts, "costs"}, {done.Materials, ParseMaterials, "materials"}} {
		if got, err := parse.read(parse.text); err != nil || got != parse.text {
			return RefuseField(parse.name, "Write this in the form that the desk keeps.")
		}
	}
	return nil
}
