package workflow

import "slices"

// CustomerStatus is what the end customer sees of a job. The list is fixed.
type CustomerStatus string

// The customer statuses, in the order a job goes through them.
const (
	CustomerOpen     CustomerStatus = "open"
	CustomerPlanned  CustomerStatus = "planned"
	CustomerTravel   CustomerStatus = "travel"
	CustomerWork     CustomerStatus = "work"
	CustomerFinished CustomerStatus = "finished"
)

// CustomerStatuses returns the customer statuses in their order.
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

// CustomerView is what the customer sees of an issue: a status, and the name and
// icon to show for it. The icon is empty when the status's own is meant.
func CustomerView(issue Issue, steps []WorkStep) (status CustomerStatus, name, icon string) {
	status = CustomerOpen
	if issue.Status == Resolved || issue.Status == Closed {
		return CustomerFinished, CustomerFinished.Label(), ""
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
