package present_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// nudges are two jobs, of which one is opened at an address.
func nudges(j present.Job, kind workflow.NoticeKind, to workflow.Audience) []present.Nudge {
	j.DueAt, j.EscalateAt = noon.Add(-time.Hour), noon.Add(time.Hour)
	n := present.Nudge{Job: j, Notice: workflow.Notice{Kind: kind, To: to, Assignment: j.Assignments[0].ID}}
	linked := n
	linked.Link = "https://" + strings.Repeat("w", 80) + ".slack.com/archives/C0123456789/p1700000000000100"
	return []present.Nudge{linked, n}
}

// demanding is a job of which the desk asks as much as it can.
func demanding(c content, s workflow.Status) present.Job {
	j := job(c, s)
	j.Steps = workflow.StandardSteps()
	j.Demands = workflow.Demands{Evidence: 2, Effort: workflow.Required, Costs: workflow.Required, Materials: workflow.Required, Activity: workflow.Hidden, Kind: "SECRET-kind"}
	items := []string{"Meter read", "Seal checked", "Photo of the plate taken"}
	if len(c.title) > 100 {
		items = nil
		for n := range workflow.MaxItems {
			items = append(items, fmt.Sprintf("%02d%s", n, strings.Repeat("ж", workflow.MaxItem-2)))
		}
	}
	for n, text := range items {
		j.Demands.Checklist = append(j.Demands.Checklist, workflow.Item{Text: text, Required: n > 0})
	}
	a := &j.Assignments[0]
	if workflow.Taken(s) || s == workflow.Complete {
		a.Ticks = []workflow.Tick{{Item: items[1], By: a.InCharge, At: noon}}
		for n := range 7 {
			f := storage.File{Name: fmt.Sprintf("%d %s", n, chat.Shorten(c.title, 80)), URL: fmt.Sprintf("https://files.example/F%d", n)}
			j.Evidence = map[string][]storage.File{a.ID: append(j.Evidence[a.ID], f)}
		}
	}
	if s == workflow.InProgress {
		a.Step, a.StepFrom, a.StepTo, a.SendBackReason = "Planned", noon.Add(2*time.Hour), noon.Add(4*time.Hour), ""
	}
	a.Completion.Activity = "SECRET-kind"
	if a.Completion.Note != "" {
		a.Completion.Costs, a.Completion.Materials = "84.50 EUR", "Pump\n2 seals"
	}
	return j
}

func template(c content) workflow.Template {
	d := demanding(c, workflow.Assigned).Demands
	d.Kind, d.Steps = "Maintenance", []string{"Planned", "Work"}
	return workflow.Template{
		Name: chat.Shorten(c.title, 60), Topic: c.topic, Title: chat.Shorten("{place}: "+c.title, 150), Description: chat.Shorten("{customer ref} {flat} {a long name of 20 c}\n"+c.description, 3000),
		Priority: "high", Due: 72 * time.Hour, AnswerWithin: 90 * time.Minute, Demands: d,
		Firms:    []string{chat.Shorten(c.company, 70), "Bolt & Sons"},
		Approval: []workflow.ApprovalRule{{Field: "flat", Is: "attic"}, {Field: "place", Above: "500.00 EUR"}},
	}
}

func pausedJob(c content, side workflow.Side) present.Job {
	j := demanding(c, workflow.InProgress)
	j.Assignments[0].Pause = workflow.Pause{
		Reason: "parts", Text: c.reason, Side: side, At: noon, Until: noon.Add(26 * time.Hour),
		By: workflow.Person{ID: "slack:T1/U9", Name: c.person},
	}
	j.LiesWith = workflow.LiesWith(j.Issue.Issue)
	return j
}

func workMessages(name string, c content) map[string]chat.Message {
	p := presenter()
	out := map[string]chat.Message{}
	add := func(k string, j present.Job) {
		out[name+"/work/"+k+"/desk"] = p.Card(j, issueCard(), noon)
		out[name+"/work/"+k+"/firm"] = p.Card(j, firmCard(), noon)
	}
	for _, s := range workflow.Statuses() {
		add(string(s), demanding(c, s))
	}
	add("paused by the firm", pausedJob(c, workflow.WithContractor))
	add("waiting for the desk", pausedJob(c, workflow.WithOperator))
	early := pausedJob(c, workflow.WithOperator)
	early.Assignments[0].Status = workflow.Accepted
	add("paused before it began", early)
	add("asking for an approval", asking(c, ""))
	add("request approved", asking(c, workflow.RequestApproved))
	add("request refused", asking(c, workflow.RequestRefused))
	out[name+"/work/needs an approval/desk"] = p.Card(held(c), issueCard(), noon)
	refused := held(c)
	refused.Request.Answer, refused.Request.Reason = workflow.RequestRefused, c.reason
	out[name+"/work/not approved"], out[name+"/work/not approved, unknown"] = p.JobRefused(refused, "U1", "Mona"), p.JobRefused(refused, "", "")
	busy, channel := job(c, workflow.InProgress), "slack:T1/"+strings.Repeat("C", 30)
	out[name+"/reminders for the desk"] = p.Nudges(nudges(busy, workflow.NoticeReminder, workflow.ToOperators), channel, noon)
	out[name+"/reminders for a firm"] = p.Nudges(nudges(busy, workflow.NoticeReminder, workflow.ToFirm), channel, noon)
	out[name+"/several overdue"] = p.Told(nudges(busy, workflow.NoticeOverdue, workflow.ToOperators), channel, noon)
	out[name+"/several told to the managers"] = p.Told(nudges(busy, workflow.NoticeEscalated, workflow.ToManagers), channel, noon)
	both := withRequest(c, pausedJob(c, workflow.WithContractor), "")
	add("asking while paused", both)
	return out
}

func workForms(c content, forms map[string]*chat.Form, messages map[string]chat.Message) {
	p, as := presenter(), asked()
	j := demanding(c, workflow.InProgress)
	a := j.Assignments[0]
	forms["plan"], messages["plan without"] = p.Plan(as, j, a, "Planned"), p.PlanWithout(as, j, a, "Planned")
	forms["pause"], messages["pause without"] = p.Pause(as, j, a), p.PauseWithout(as, j, a)
	forms["ask approval"], messages["ask approval without"] = p.AskApproval(as, j, a), p.AskApprovalWithout(as, j, a)
	forms["refuse job"] = p.RefuseRequest(as, held(c), workflow.Assignment{})
	forms["refuse request"] = p.RefuseRequest(as, j, a)
	forms["checklist"], messages["checklist without"] = p.Checklist(as, j, a), p.ChecklistWithout(as, j, a)
	tpl := template(c)
	forms["template"], forms["template, new"] = p.TemplateForm(as, tpl, j.Steps), p.TemplateForm(as, workflow.Template{}, j.Steps)
	firms := []storage.Contractor{{ID: firmID, City: c.city, Company: c.company}}
	forms["from template"], forms["from template, no firms"] = p.NewFromTemplate(as, tpl, c.place, firms), p.NewFromTemplate(as, workflow.Template{Name: "Bare", Title: "Bare"}, "", nil)
	messages["choose template"] = p.ChooseTemplate(as, []workflow.Template{tpl})
	messages["templates"], messages["no templates"], messages["template"] = p.Templates([]workflow.Template{tpl, {Name: "Bare", Title: "Bare"}}), p.Templates(nil), p.Template(tpl)
	text := workflow.KeptText{Name: "Gate code", Text: chat.Shorten(c.description, workflow.MaxKeptText)}
	withTexts := j
	withTexts.Texts = []workflow.KeptText{text, {Name: "Update", Text: "How far are you with {title}?"}}
	forms["kept text"], forms["kept text, new"] = p.KeptTextForm(as, text), p.KeptTextForm(as, workflow.KeptText{})
	forms["reply with kept texts"], forms["send back with kept texts"] = p.ReplyForm(as, withTexts, a.ID), p.SendBack(as, withTexts, a)
	messages["kept texts"], messages["no kept texts"] = p.KeptTexts(withTexts.Texts), p.KeptTexts(nil)
	forms["how to be told"] = p.NotifyForm(as, map[workflow.PersonalNotice]workflow.Way{workflow.NewsOfWatched: workflow.ByMail, workflow.DeskReminders: workflow.NoWay}, c.reason+"@desk.example")
	forms["require"] = p.Demands(as, j)
	forms["complete, much demanded"], messages["complete without, much demanded"] = p.Complete(as, j, a), p.CompleteWithout(as, j, a)
}

func TestWorkGolden(t *testing.T) {
	t.Parallel()
	for name, c := range contents() {
		var s sheet
		all := workMessages(name, c)
		for _, k := range keys(all) {
			if !strings.Contains(k, "unsent/firm") {
				s.message(k, all[k])
			}
		}
		golden(t, "work_"+name, s.String())
	}
}

// TestHiddenFieldsStayHidden tries everything that a firm is shown about work whose
// activity is hidden from it.
func TestHiddenFieldsStayHidden(t *testing.T) {
	t.Parallel()
	p := presenter()
	for name, c := range contents() {
		for k, m := range workMessages(name, c) {
			if strings.HasSuffix(k, "/firm") && strings.Contains(everythingIn(m), "SECRET") {
				t.Errorf("%s gives away what is hidden", k)
			}
		}
	}
	for _, s := range workflow.Statuses() {
		j := demanding(typical(), s)
		a := j.Assignments[0]
		for k, f := range map[string]*chat.Form{"complete": p.Complete(asked(), j, a), "checklist": p.Checklist(asked(), j, a), "plan": p.Plan(asked(), j, a, "Planned"), "pause": p.Pause(asked(), j, a)} {
			if strings.Contains(fmt.Sprintf("%+v", *f), "SECRET") {
				t.Errorf("%s, %s: the form gives away what is hidden", s, k)
			}
		}
		for k, m := range map[string]chat.Message{"complete": p.CompleteWithout(asked(), j, a), "checklist": p.ChecklistWithout(asked(), j, a)} {
			if strings.Contains(everythingIn(m), "SECRET") {
				t.Errorf("%s, %s: the message gives away what is hidden", s, k)
			}
		}
		for _, k := range noticeKinds() {
			if m := p.Notice(j, workflow.Notice{To: workflow.ToFirm, Kind: k.kind, Assignment: a.ID}, "Olivia"); tellsFirms(k.to) && strings.Contains(everythingIn(m), "SECRET-kind") {
				t.Errorf("%s, %s: the notice gives away what is hidden", s, k.kind)
			}
		}
	}
}

// TestChecklistForms holds that a form changes what its sender changed, and nothing
// that a colleague changed meanwhile.
func TestChecklistForms(t *testing.T) {
	t.Parallel()
	j := demanding(typical(), workflow.InProgress)
	a := j.Assignments[0]
	shown := "3d2c010a010"
	_, _, ok := present.Ticks(shown, j.Demands, a, nil)
	if ok {
		t.Error("a form of another list is taken")
	}
	shown = present.ShownChecklist(j.Demands, a)
	a.Ticks = append(a.Ticks, workflow.Tick{Item: "Meter read"})
	values := map[string]string{"item0": "false", "item1": "false", "item2": "true"}
	tick, untick, ok := present.Ticks(shown, j.Demands, a, values)
	if !ok || fmt.Sprint(tick, untick) != "[Photo of the plate taken] [Seal checked]" {
		t.Errorf("got %v, %v, %v", tick, untick, ok)
	}
	for choice, want := range map[string]string{"item0": "[Meter read] []", "item1": "[] [Seal checked]"} {
		tick, untick, ok := present.Turned(shown, j.Demands, a, choice)
		if got := fmt.Sprint(tick, untick); !ok || got != want {
			t.Errorf("%s: got %s, want %s", choice, got, want)
		}
	}
	if _, _, ok := present.Turned(shown, j.Demands, a, "item9"); ok {
		t.Error("an item that is not there can be chosen")
	}
}
