package bot

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// addWork shows a program how the work on an assignment stands.
func addWork(v *chat.AssignmentView, d workflow.Demands, a workflow.Assignment) {
	v.Step, v.StepFrom, v.StepTo = a.Step, moment(a.StepFrom), moment(a.StepTo)
	if c := a.Consent; c.Answer != "" {
		v.VisitAnswer = &chat.VisitAnswerView{Answer: c.Answer, Text: c.Text}
	}
	v.Materials, v.Activity = []string{}, a.Completion.Activity
	if a.Completion.Materials != "" {
		v.Materials = strings.Split(a.Completion.Materials, "\n")
	}
	if amount, currency, ok := strings.Cut(a.Completion.Costs, " "); ok {
		v.Costs = &chat.CostsView{Amount: amount, Currency: currency}
	}
	if p := a.Pause; p.On() {
		v.Paused = &chat.PauseView{Reason: p.Reason, Text: p.Text, LiesWith: string(p.Side), By: p.By.Name, At: p.At.UTC(), Until: moment(p.Until)}
	}
	v.TimeLimits = timeLimits(a)
	v.Checklist = []chat.ItemView{}
	for _, item := range d.Checklist {
		t, _ := a.Ticked(item.Text)
		v.Checklist = append(v.Checklist, chat.ItemView{Text: item.Text, Required: item.Required, By: t.By.Name, At: moment(t.At)})
	}
}

// requestView shows a program what a firm asked the desk to approve.
func requestView(r workflow.Request) *chat.ApprovalRequestView {
	if r.At.IsZero() {
		return nil
	}
	v := &chat.ApprovalRequestView{
		By: r.By.Name, At: r.At.UTC(), What: r.What, Amount: moneyView(r.Amount), NeededBy: moment(r.NeededBy),
		State: "open", Reason: r.Reason,
	}
	if r.Answer != "" {
		v.State = string(r.Answer)
	}
	return v
}

// timeLimits are how the limits of a hand-off stand.
func timeLimits(a workflow.Assignment) []chat.TimeLimitView {
	out := make([]chat.TimeLimitView, 0, len(a.Clocks))
	for _, k := range a.Clocks {
		v := chat.TimeLimitView{
			Limit: string(k.Limit), State: "running", AllowedMinutes: int(k.Within.Minutes()),
			EndsAt: moment(k.BreachAt), KeptAt: moment(k.KeptAt), MissedAt: moment(k.BrokenAt), Former: k.Former,
		}
		switch {
		case v.MissedAt != nil:
			v.State = "missed"
		case v.KeptAt != nil:
			v.State = "kept"
		case k.Held:
			left := int(k.Left.Round(time.Minute).Minutes())
			v.State, v.LeftMinutes = "held", &left
		}
		out = append(out, v)
	}
	return out
}

func demandsView(d workflow.Demands) chat.DemandsView {
	rule := func(r workflow.Rule) string { return strings.ToLower(r.Label()) }
	v := chat.DemandsView{
		Checklist: []chat.DemandItemView{}, Evidence: d.Evidence, Effort: rule(d.Effort), Costs: rule(d.Costs),
		Materials: rule(d.Materials), Activity: rule(d.Activity), Kind: d.Kind, Steps: append([]string{}, d.Steps...),
		Certificates: append([]string{}, d.Certificates...),
	}
	for _, item := range d.Checklist {
		v.Checklist = append(v.Checklist, chat.DemandItemView{Text: item.Text, Required: item.Required})
	}
	return v
}
