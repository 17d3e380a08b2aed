package workflow

import (
	"slices"
	"time"

	"pgregory.net/rapid"
)

// items are what random checklists are made of.
func items() []string { return []string{"Meter read", "Seal checked", "Photo taken"} }

func randomItems(t *rapid.T, label string) []string {
	return rapid.SliceOfN(rapid.SampledFrom(items()), 0, 3).Draw(t, label)
}

func randomDemands(t *rapid.T) Demands {
	d := Demands{
		Evidence: rapid.IntRange(0, 2).Draw(t, "asked"),
		Costs:    rapid.SampledFrom(Rules()).Draw(t, "costs"),
		Activity: rapid.SampledFrom(Rules()).Draw(t, "activity"),
		Kind:     rapid.SampledFrom([]string{"", "Repair"}).Draw(t, "kind"),
	}
	for _, item := range items() {
		if rapid.Bool().Draw(t, item) {
			d.Checklist = append(d.Checklist, Item{Text: item, Required: rapid.Bool().Draw(t, item+" required")})
		}
	}
	return d
}

// checkWork demands that what hangs on work under way fits its state: pauses end with
// the work, ticks are of items that are asked for, and what was hidden stays so.
func checkWork(t *rapid.T, issue Issue) {
	for _, a := range issue.Assignments {
		if a.Pause.On() && a.Status != Accepted && a.Status != InProgress {
			t.Fatalf("%s is %s and paused", a.ID, a.Status)
		}
		if a.Pause.On() && a.Pause.Side != WithOperator && a.Pause.Side != WithContractor {
			t.Fatalf("%s is paused and lies with %q", a.ID, a.Pause.Side)
		}
		if a.Consent != (Consent{}) && a.StepFrom.IsZero() {
			t.Fatalf("%s has the customer's answer to no visit: %+v", a.ID, a.Consent)
		}
		seen := map[string]bool{}
		for _, tick := range a.Ticks {
			if seen[tick.Item] || !slices.ContainsFunc(issue.Demands.Checklist, func(i Item) bool { return i.Text == tick.Item }) {
				t.Fatalf("%s has a tick at %q", a.ID, tick.Item)
			}
			seen[tick.Item] = true
		}
	}
	for _, actor := range []Actor{carl, bert} {
		view := Visible(issue, actor)
		for _, a := range view.Assignments {
			if issue.Demands.Activity == Hidden && (a.Completion.Activity != "" || view.Demands.Kind != "") ||
				issue.Demands.Costs == Hidden && a.Completion.Costs != "" {
				t.Fatalf("%s sees what is hidden: %+v", actor.Name, a.Completion)
			}
		}
	}
}

// randomWork draws what the verbs about the work need.
func randomWork(t *rapid.T, cmd *Command) {
	switch cmd.Verb {
	case HoldWork:
		cmd.Reason = rapid.SampledFrom([]string{"parts", "desk", "skills"}).Draw(t, "pause")
		cmd.Till = rapid.SampledFrom([]time.Time{{}, cmd.When}).Draw(t, "until")
	case Check:
		cmd.Tick, cmd.Untick = randomItems(t, "tick"), randomItems(t, "untick")
	case Step:
		if rapid.Bool().Draw(t, "planned") {
			cmd.Step, cmd.From = "Planned", t0.Add(200*time.Hour)
		}
	case AnswerVisit:
		cmd.From = t0.Add(200 * time.Hour)
		cmd.Reason = rapid.SampledFrom([]string{ConsentAgreed, ConsentAnother}).Draw(t, "consent")
		cmd.Text = rapid.SampledFrom([]string{"", "Friday"}).Draw(t, "words")
	case Demand:
		cmd.Demands = randomDemands(t)
	case Submit:
		cmd.Evidence = rapid.IntRange(0, 2).Draw(t, "evidence")
		cmd.Completion = rapid.SampledFrom([]Completion{{}, {Note: "Done", Effort: 30, Costs: "84.50 EUR"}}).Draw(t, "completion")
	}
}
