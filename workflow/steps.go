package workflow

import (
	"slices"
	"strings"
	"time"
)

// CustomerStatus is what the end customer sees of a job. The list is fixed.
type CustomerStatus string

// The customer statuses, in the order a job goes through them.
const (
	CustomerOpen     CustomerStatus = "open"
	CustomerPlanned  CustomerStatus = "planned"
	CustomerTravel   CustomerStatus = "travel"
	CustomerWork     CustomerStatus = "work"
	CustomerFinished CustomerStatus = "finished"
	// CustomerEnded is a job that was closed without work: the end of no step.
	CustomerEnded CustomerStatus = "ended"
)

// CustomerStatuses returns the customer statuses that a job goes through, in their order.
func CustomerStatuses() []CustomerStatus {
	return []CustomerStatus{CustomerOpen, CustomerPlanned, CustomerTravel, CustomerWork, CustomerFinished}
}

// Label is the status as the customer sees it.
func (s CustomerStatus) Label() string { return upperFirst(string(s)) }

// WorkStep is one step that a firm may report. Their order is that of the list.
type WorkStep struct {
	Name, Icon string
	// Maps is the customer status that the step stands for.
	Maps CustomerStatus
	// ShowName and ShowIcon let the customer see the step's own name and icon in
	// place of those of the customer status.
	ShowName, ShowIcon bool
	// Standard steps cannot be removed.
	Standard bool
}

// StandardSteps are the steps that every desk has.
func StandardSteps() []WorkStep {
	return []WorkStep{
		{Name: "Planned", Icon: "calendar", Maps: CustomerPlanned, Standard: true},
		{Name: "Travel", Icon: "car", Maps: CustomerTravel, Standard: true},
		{Name: "Work", Icon: "wrench", Maps: CustomerWork, Standard: true},
	}
}

// StepIcons are the pictures of steps that customers may see, by the names of their emojis.
func StepIcons() map[string]string {
	return map[string]string{
		"calendar": "📅", "car": "🚗", "wrench": "🔧", "hammer": "🔨", "truck": "🚚", "package": "📦", "droplet": "💧", "house": "🏠",
		"phone": "📞", "key": "🔑", "bulb": "💡", "fire": "🔥", "snowflake": "❄️", "broom": "🧹", "paintbrush": "🖌️", "clipboard": "📋",
		"mag": "🔍", "hourglass": "⌛", "white_check_mark": "✅", "camera": "📷", "bike": "🚲", "van": "🚐", "minibus": "🚐", "tools": "🛠️", "hammer_and_wrench": "🛠️",
	}
}

// CheckSteps refuses a list of steps that lacks a standard one, names one twice,
// or maps one to nothing.
func CheckSteps(steps []WorkStep) error {
	seen := map[string]bool{}
	for _, s := range steps {
		switch {
		case s.Name == "":
			return RefuseField("steps", "Give every step a name.")
		case seen[s.Name]:
			return RefuseField("steps", "The step %s is there twice.", s.Name)
		case !slices.Contains(CustomerStatuses(), s.Maps):
			return RefuseField("steps", "Say which customer status the step %s stands for.", s.Name)
		}
		seen[s.Name] = true
	}
	for _, s := range StandardSteps() {
		if !seen[s.Name] {
			return RefuseField("steps", "The step %s cannot be removed.", s.Name)
		}
	}
	return nil
}

// planned tells whether reporting a step needs the time it is planned for.
func (s WorkStep) planned() bool { return s.Maps == CustomerPlanned }

// NeedsWindow tells whether a step of the list is reported with the time it is
// planned for.
func NeedsWindow(steps []WorkStep, name string) bool {
	return slices.ContainsFunc(steps, func(s WorkStep) bool { return s.Name == name && s.planned() })
}

// maxWindow is how long a planned window may be, maxAhead how far it may lie ahead.
const (
	maxWindow = 14 * 24 * time.Hour
	maxAhead  = 366 * 24 * time.Hour
)

func guardStep(c *change) *Refusal {
	name := strings.TrimSpace(c.cmd.Step)
	if name == "" {
		return RefuseField("step", "Say which step the work is at.")
	}
	if c.cmd.Steps != nil {
		own := StepsOf(c.issue.Demands, c.cmd.Steps)
		i := slices.IndexFunc(own, func(s WorkStep) bool { return s.Name == name })
		switch {
		case i < 0:
			return RefuseField("step", "There is no such step here: the steps are %s.", stepNames(own))
		case own[i].planned() && c.cmd.From.IsZero():
			return RefuseField("from", "Say when the work is planned.")
		case !own[i].planned() && !(c.cmd.From.IsZero() && c.cmd.Till.IsZero()):
			return RefuseField("from", "Only planned work has a time: leave it empty.")
		}
	}
	return guardWindow(c.cmd)
}

func guardWindow(cmd Command) *Refusal {
	switch {
	case cmd.From.IsZero() && cmd.Till.IsZero():
		return nil
	case cmd.From.IsZero():
		return RefuseField("from", "Say when the work is planned.")
	case !cmd.Till.IsZero() && !cmd.Till.After(cmd.From):
		return RefuseField("till", "The end must be after the beginning.")
	case cmd.Till.IsZero() && cmd.From.Before(cmd.At), !cmd.Till.IsZero() && cmd.Till.Before(cmd.At):
		return RefuseField("from", "That time has passed: choose a later one.")
	case cmd.From.After(cmd.At.Add(maxAhead)):
		return RefuseField("from", "Choose a time within a year.")
	case !cmd.Till.IsZero() && cmd.Till.Sub(cmd.From) > maxWindow:
		return RefuseField("till", "Plan a window of two weeks at most.")
	}
	return nil
}

// CustomerView is what the customer sees of an issue: a status, and the name and
// icon to show for it. The icon is empty when the status's own is meant.
func CustomerView(issue Issue, steps []WorkStep) (status CustomerStatus, name, icon string) {
	status = CustomerOpen
	if issue.Status == Resolved || issue.Status == Closed {
		if status = CustomerEnded; slices.ContainsFunc(issue.Assignments, func(a Assignment) bool { return a.Status == Complete }) {
			status = CustomerFinished
		}
		return status, status.Label(), ""
	}
	for _, a := range issue.Assignments {
		switch a.Status {
		case WaitingApproval:
			// The work is done, but whether it is finished is the desk's to say.
			return CustomerWork, CustomerWork.Label(), ""
		case Accepted, InProgress:
			i := slices.IndexFunc(steps, func(s WorkStep) bool { return s.Name == a.Step })
			if i < 0 {
				continue
			}
			step := steps[i]
			status, name, icon = step.Maps, step.Maps.Label(), ""
			if step.ShowName {
				name = step.Name
			}
			if step.ShowIcon {
				icon = step.Icon
			}
			return status, name, icon
		}
	}
	return status, status.Label(), ""
}

// CustomerRates returns the work that a customer may rate: what was completed last, once
// the job is finished. ok is false before.
func CustomerRates(issue Issue) (a Assignment, ok bool) {
	if issue.Status != Resolved && issue.Status != Closed {
		return Assignment{}, false
	}
	for _, done := range issue.Assignments {
		if done.Status == Complete && (!ok || !done.EndedAt.Before(a.EndedAt)) {
			a, ok = done, true
		}
	}
	return a, ok
}
