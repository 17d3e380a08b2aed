package settings

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"taskbridge/workflow"
)

const (
	maxReasons = 28
	maxSteps   = 20
	// maxLabel fits into an option of a select on every platform.
	maxLabel = 60
)

var (
	reasonID = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)
	iconName = regexp.MustCompile(`^[a-z0-9_+-]{0,40}$`)
)

func checkReasons(all []workflow.DeclineReason) error {
	if len(all) > maxReasons {
		return workflow.RefuseField("reasons", "Give up to %d reasons.", maxReasons)
	}
	seen := map[string]bool{}
	for _, r := range all {
		switch {
		case !reasonID.MatchString(r.ID):
			return workflow.RefuseField("reasons", "The id %q is none. Write each line like no_capacity | No capacity, the id in small letters without spaces.", cut(r.ID))
		case r.ID == workflow.ReasonNoAnswer:
			return workflow.RefuseField("reasons", "The reason %s is given by the clock alone. Take it out of the list.", r.ID)
		case seen[r.ID]:
			return workflow.RefuseField("reasons", "The id %s is there twice.", r.ID)
		case r.Label == "" || utf8.RuneCountInString(r.Label) > maxLabel:
			return workflow.RefuseField("reasons", "Give %s a text of up to %d characters, like no_capacity | No capacity.", r.ID, maxLabel)
		}
		seen[r.ID] = true
	}
	if !seen[workflow.ReasonOther] {
		return workflow.RefuseField("reasons", "The reason %s cannot be removed: a firm must be able to say something else.", workflow.ReasonOther)
	}
	return nil
}

// reasonsText writes a line for each reason.
func reasonsText(all []workflow.DeclineReason) string {
	var out []string
	for _, r := range all {
		out = append(out, r.ID+" | "+r.Label)
	}
	return strings.Join(out, "\n")
}

// parseReasons reads what reasonsText writes.
func parseReasons(text string) ([]workflow.DeclineReason, error) {
	var all []workflow.DeclineReason
	for line := range Lines(text) {
		id, label, _ := strings.Cut(line, "|")
		all = append(all, workflow.DeclineReason{ID: strings.TrimSpace(id), Label: strings.TrimSpace(label)})
	}
	return all, checkReasons(all)
}

func checkSteps(all []workflow.WorkStep) error {
	if len(all) > maxSteps {
		return workflow.RefuseField("steps", "Give up to %d steps.", maxSteps)
	}
	for _, s := range all {
		if utf8.RuneCountInString(s.Name) > maxLabel {
			return workflow.RefuseField("steps", "Shorten the step %q to %d characters.", cut(s.Name), maxLabel)
		}
		if !iconName.MatchString(s.Icon) {
			return workflow.RefuseField("steps", "The icon %q of %s is none. Write the name of an emoji without colons, like wrench.", cut(s.Icon), s.Name)
		}
	}
	return workflow.CheckSteps(all)
}

// checkIcons refuses icons that there are none of. Those that a step had before they were
// looked at stay: it shows the usual one.
func checkIcons(was, is []workflow.WorkStep) error {
	known := workflow.StepIcons()
	for _, s := range is {
		had := slices.ContainsFunc(was, func(w workflow.WorkStep) bool { return w.Name == s.Name && w.Icon == s.Icon })
		if s.Icon != "" && known[s.Icon] == "" && !had {
			return workflow.RefuseField("steps", "There is no icon %q for the step %s: write one like wrench, droplet, truck or key, or leave it out.", cut(s.Icon), cut(s.Name))
		}
	}
	return nil
}

// The words by which a step's line says what the customer sees of it.
const (
	ownName = "own name"
	ownIcon = "own icon"
)

// stepsText writes a line for each step: its name, icon and customer status, and what
// the customer sees of its own.
func stepsText(all []workflow.WorkStep) string {
	var out []string
	for _, s := range all {
		parts := []string{s.Name, s.Icon, string(s.Maps)}
		if s.ShowName {
			parts = append(parts, ownName)
		}
		if s.ShowIcon {
			parts = append(parts, ownIcon)
		}
		out = append(out, strings.Join(parts, " | "))
	}
	return strings.Join(out, "\n")
}

// parseSteps reads what stepsText writes.
func parseSteps(text string) ([]workflow.WorkStep, error) {
	standard := workflow.StandardSteps()
	var all []workflow.WorkStep
	for line := range Lines(text) {
		parts := strings.Split(line, "|")
		for n := range parts {
			parts[n] = strings.TrimSpace(parts[n])
		}
		if len(parts) < 3 || parts[0] == "" {
			return nil, workflow.RefuseField("steps", "I do not understand the line %q. Write it like Drying | droplet | work.", cut(line))
		}
		s := workflow.WorkStep{Name: parts[0], Icon: strings.Trim(parts[1], ":"), Maps: workflow.CustomerStatus(strings.ToLower(parts[2]))}
		if !slices.Contains(workflow.CustomerStatuses(), s.Maps) {
			return nil, workflow.RefuseField("steps", "The step %s stands for %q, which customers do not know. Use open, planned, travel, work or finished.", cut(s.Name), cut(parts[2]))
		}
		for _, word := range parts[3:] {
			switch strings.ToLower(word) {
			case ownName:
				s.ShowName = true
			case ownIcon:
				s.ShowIcon = true
			case "":
			default:
				return nil, workflow.RefuseField("steps", "I do not understand %q of the step %s. Write own name, own icon or nothing.", cut(word), cut(s.Name))
			}
		}
		s.Standard = slices.ContainsFunc(standard, func(w workflow.WorkStep) bool { return w.Name == s.Name })
		all = append(all, s)
	}
	return all, checkSteps(all)
}

// Lines gives the lines of a text that are not empty, without the spaces around them.
func Lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			if line = strings.Join(strings.Fields(line), " "); line != "" && !yield(line) {
				return
			}
		}
	}
}

// cut shortens what somebody typed to what fits into a sentence about it.
func cut(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}
