package main

import (
	"fmt"
	"strings"
	"time"

	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// demanding is a job of which the desk asks something, with half of it done.
func (s *samples) demanding(status workflow.Status, change ...func(*workflow.Assignment)) present.Job {
	j := s.given(status, change...)
	j.Demands = workflow.Demands{
		Checklist: []workflow.Item{{Text: "Gas off before work", Required: true}, {Text: "Seal checked", Required: true}, {Text: "Tenant told about the next date"}},
		Evidence:  2, Costs: workflow.Required, Activity: workflow.Hidden, Kind: "Maintenance",
	}
	if status != workflow.Assigned {
		a := &j.Assignments[0]
		a.Ticks = []workflow.Tick{{Item: "Gas off before work", By: workflow.Person{Name: plumber}, At: s.now}}
		j.Evidence = map[string][]storage.File{a.ID: {{Name: "boiler-before.jpg", URL: "https://chat.example.com/files/F1"}}}
	}
	return j
}

// mostDemanding is as much as the desk can ask for.
func (s *samples) mostDemanding(status workflow.Status) present.Job {
	j := s.longest(status)
	j.Demands = workflow.Demands{Evidence: workflow.MaxEvidence, Effort: workflow.Required, Costs: workflow.Required, Materials: workflow.Required, Kind: fill("Maintenance under the frame contract ", workflow.MaxActivity)}
	a := &j.Assignments[0]
	for n := range workflow.MaxItems {
		text := fill(fmt.Sprintf("%02d *check* <!channel> every valve, seal, flange and cover of the boiler ", n), workflow.MaxItem)
		j.Demands.Checklist = append(j.Demands.Checklist, workflow.Item{Text: text, Required: n%2 == 0})
		if n%3 == 0 {
			a.Ticks = append(a.Ticks, workflow.Tick{Item: text, By: a.InCharge, At: s.now})
		}
	}
	var files []storage.File
	for n := range workflow.MaxEvidence {
		files = append(files, storage.File{Name: fill("photo of the plate of the boiler ", 80), URL: fmt.Sprintf("https://chat.example.com/files/F%d", n)})
	}
	j.Evidence = map[string][]storage.File{a.ID: files}
	a.Pause = workflow.Pause{Reason: workflow.ReasonOther, Text: fill("The caretaker has the only key and is away. ", 500), Side: workflow.WithOperator, By: a.InCharge, At: s.now, Until: s.now.Add(48 * time.Hour)}
	a.Request = workflow.Request{By: a.InCharge, At: s.now, What: fill("A second pump, because the first one *leaks* <!channel>. ", workflow.MaxRequest), Amount: "999999999999.99 EUR", NeededBy: s.now.Add(time.Hour)}
	if status == workflow.WaitingApproval {
		a.Pause, a.Request = workflow.Pause{}, workflow.Request{}
	}
	j.LiesWith = workflow.LiesWith(j.Issue.Issue)
	return j
}

func (s *samples) template() workflow.Template {
	return workflow.Template{
		Name: "Boiler service", Topic: "Heating", Title: "Boiler service at {place}", Priority: "high",
		Description: "Yearly service under contract {contract}.\nPlease ring the top bell.",
		Due:         14 * 24 * time.Hour, AnswerWithin: 8 * time.Hour, Demands: s.demanding(workflow.Assigned).Demands, Firms: []string{"Acme Heating"},
	}
}

// lateShift is what a customer says to the planned time.
const lateShift = "I work until four that day. After five, please, or on Friday morning."

// workCards are cards of work under way, as both sides see them.
func (s *samples) workCards() []specimen {
	planned := func(a *workflow.Assignment) {
		a.Step, a.StepFrom, a.StepTo = "Planned", s.now.Add(24*time.Hour), s.now.Add(26*time.Hour)
	}
	says := func(answer, text string) func(*workflow.Assignment) {
		return func(a *workflow.Assignment) { a.Consent = workflow.Consent{Answer: answer, Text: text, Times: 1} }
	}
	waits := func(reason string, side workflow.Side) func(*workflow.Assignment) {
		return func(a *workflow.Assignment) {
			a.Pause = workflow.Pause{Reason: reason, Side: side, By: a.InCharge, At: s.now.Add(-time.Hour), Until: s.now.Add(49 * time.Hour)}
		}
	}
	parts := s.demanding(workflow.InProgress, waits("parts", workflow.WithContractor))
	key := s.demanding(workflow.InProgress, waits("access", workflow.WithOperator))
	key.LiesWith = workflow.WithOperator
	return []specimen{
		s.firmCard("demanding offer", s.demanding(workflow.Assigned)),
		s.firmCard("planned work", s.demanding(workflow.InProgress, planned)),
		s.deskCard("planned work, the desk", s.talked(s.demanding(workflow.InProgress, planned))),
		s.firmCard("planned work, the customer agrees", s.demanding(workflow.InProgress, planned, says(workflow.ConsentAgreed, ""))),
		s.firmCard("planned work, the customer asks for another time", s.demanding(workflow.InProgress, planned, says(workflow.ConsentAnother, lateShift))),
		s.deskCard("planned work, the desk reads that the customer asks for another time", s.demanding(workflow.InProgress, planned, says(workflow.ConsentAnother, lateShift))),
		s.firmCard("waiting for parts", parts),
		s.deskCard("waiting for the desk", s.talked(key)),
		s.deskCard("handed in with evidence", s.talked(s.demanding(workflow.WaitingApproval))),
		s.firmCard("the longest work", s.mostDemanding(workflow.InProgress)),
		s.deskCard("the longest work, the desk", s.mostDemanding(workflow.InProgress)),
		s.deskCard("the longest work handed in", s.mostDemanding(workflow.WaitingApproval)),
	}
}

// workForms are the forms and answers about work.
func (s *samples) workForms() []specimen {
	p, as := s.p, s.asked()
	j := s.demanding(workflow.InProgress)
	a := j.Assignments[0]
	long := s.mostDemanding(workflow.InProgress)
	return []specimen{
		{caption: "plan", form: p.Plan(as, j, a, "Planned")},
		{caption: "plan without a form", private: true, message: p.PlanWithout(as, j, a, "Planned")},
		{caption: "pause", form: p.Pause(as, j, a)},
		{caption: "pause without a form", private: true, message: p.PauseWithout(as, j, a)},
		{caption: "checklist", form: p.Checklist(as, j, a)},
		{caption: "the longest checklist", form: p.Checklist(as, long, long.Assignments[0])},
		{caption: "checklist without a form", private: true, message: p.ChecklistWithout(as, j, a)},
		{caption: "complete, much demanded", form: p.Complete(as, long, long.Assignments[0])},
		{caption: "complete without a form, costs demanded", private: true, message: p.CompleteWithout(as, j, a)},
		{caption: "requirements", form: p.Demands(as, j)},
	}
}

// templates are the forms and answers about templates and about texts kept ready.
func (s *samples) templates() []specimen {
	p, as := s.p, s.asked()
	j := s.demanding(workflow.InProgress)
	a := j.Assignments[0]
	t := s.template()
	firms := []storage.Contractor{s.acme, s.bolt}
	longest := t
	longest.Name, longest.Title = fill("Boiler service under the frame contract ", 60), fill("{place} {flat} {customer ref}, boiler service ", 150)
	longest.Description, longest.Demands = fill("Ring the top bell. ", 3000), s.mostDemanding(workflow.InProgress).Demands
	texts := []workflow.KeptText{
		{Name: "Gate code", Text: "The gate code for {place} is 4711. Please close the gate behind you."},
		{Name: "How far are you", Text: "How far are you with {number} {title}? It is due {due}."},
	}
	withTexts := j
	withTexts.Texts = texts
	return []specimen{
		{caption: "new template", form: p.TemplateForm(as, workflow.Template{}, j.Steps)},
		{caption: "the longest template", form: p.TemplateForm(as, longest, j.Steps)},
		{caption: "task from a template", form: p.NewFromTemplate(as, t, "4 Elm St", firms)},
		{caption: "which template", private: true, message: p.ChooseTemplate(as, []workflow.Template{t, {Name: "Lock change", Title: "New lock"}})},
		{caption: "templates", private: true, message: p.Templates([]workflow.Template{t, {Name: "Lock change", Title: "New lock"}})},
		{caption: "one template", private: true, message: p.Template(t)},
		{caption: "kept texts", private: true, message: p.KeptTexts(texts)},
		{caption: "kept text", form: p.KeptTextForm(as, texts[0])},
		{caption: "reply with kept texts", form: p.ReplyForm(as, withTexts, a.ID)},
		{caption: "send back with kept texts", form: p.SendBack(as, withTexts, a)},
		{caption: "one template, the longest", private: true, message: p.Template(longest)},
	}
}

// workNotices are the words under the cards about work.
func (s *samples) workNotices() []specimen {
	j := s.demanding(workflow.InProgress, func(a *workflow.Assignment) {
		a.StepFrom, a.StepTo = s.now.Add(24*time.Hour), s.now.Add(26*time.Hour)
		a.Pause = workflow.Pause{Reason: "access", Side: workflow.WithOperator, By: a.InCharge, At: s.now, Until: s.now.Add(24 * time.Hour)}
		a.Consent = workflow.Consent{Answer: workflow.ConsentAnother, Text: lateShift, Times: 1}
	})
	var out []specimen
	for _, n := range []struct {
		kind workflow.NoticeKind
		to   workflow.Audience
	}{
		{workflow.NoticePlanned, workflow.ToOperators},
		{workflow.NoticeConsent, workflow.ToFirm},
		{workflow.NoticePaused, workflow.ToOperators},
		{workflow.NoticeResumed, workflow.ToInCharge},
		{workflow.NoticeTookCharge, workflow.ToFirm},
		{workflow.NoticeDemanded, workflow.ToFirm},
	} {
		caption := strings.ReplaceAll(string(n.kind)+" to "+string(n.to), "_", " ")
		out = append(out, specimen{caption: caption, message: s.p.Notice(j, workflow.Notice{To: n.to, Kind: n.kind, Assignment: j.Assignments[0].ID, Was: &workflow.Demands{Evidence: 1}}, plumber)})
	}
	return out
}
