package present

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// The choices of More about an approval in mid-work.
const (
	ChosenAsk   = "ask"
	ChosenUnask = "unask"
)

// requestText says in a line what a firm asks the desk to approve.
func (w Words) requestText(r workflow.Request) chat.Text {
	t := chat.T(chat.Shorten(oneLine(r.What), 300))
	if r.Amount != "" {
		t = t.Plain(" · ").Append(w.text("{{.Amount}} more", with{"Amount": w.money(string(r.Amount))}))
	}
	if !r.NeededBy.IsZero() {
		t = t.Plain(" · ").Append(w.text("needed by {{.When}}", with{"When": at(r.NeededBy)}))
	}
	return t
}

// asking tells whether a firm at work waits for an approval.
func asking(a *workflow.Assignment) bool { return a != nil && a.Request.Open() }

// requestFacts are what was asked for and what came of it. money is false for a reader
// who may not know of sums.
func (w Words) requestFacts(facts []chat.Fact, a *workflow.Assignment, money bool) []chat.Fact {
	r := a.Request
	if r.At.IsZero() {
		return facts
	}
	if !money {
		r.Amount = ""
	}
	if r.Answer != "" {
		// It was needed until the desk answered.
		r.NeededBy = time.Time{}
	}
	label, text := w.say("Approval requested"), w.requestText(r)
	switch r.Answer {
	case workflow.RequestApproved:
		label = w.say("Approved")
	case workflow.RequestRefused:
		label = w.say("Not approved")
		text = text.Plain(" – " + chat.Shorten(oneLine(r.Reason), 300))
	default:
		if r.By.Name != "" {
			text = text.Plain(" (" + chat.Shorten(oneLine(r.By.Name), 80) + ")")
		}
	}
	return fact(facts, label, text)
}

// requestOptions are the entries of a firm's select about an approval.
func (w Words) requestOptions(verbs []workflow.Verb) []chat.Option {
	switch {
	case slices.Contains(verbs, workflow.AskApproval):
		return []chat.Option{{Value: ChosenAsk, Label: w.say("Ask for an approval…")}}
	case slices.Contains(verbs, workflow.WithdrawRequest):
		return []chat.Option{{Value: ChosenUnask, Label: w.say("Withdraw the request")}}
	}
	return nil
}

// held tells whether the job needs an approval before it is offered.
func (j Job) held() bool {
	return j.Request.Open() && (j.Status == workflow.Reported || j.Status == workflow.AllocatedExternal)
}

// JobRefused tells whoever made a job that it is not approved.
func (p *Presenter) JobRefused(j Job, requester, by string) chat.Message {
	gaps := with{"By": p.orSomebody(by), "Task": Heading(j.Issue), "Reason": quote(chat.Shorten(j.Request.Reason, workflow.MaxRequest))}
	text := p.text("{{.By}} did not approve {{.Task}}, so it is closed:\n{{.Reason}}", gaps)
	if requester != "" {
		gaps["Who"] = chat.Span{Kind: chat.Mention, Text: oneLine(j.CreatedBy.Name), Ref: requester}
		text = p.text("{{.Who}}: {{.By}} did not approve {{.Task}}, so it is closed:\n{{.Reason}}", gaps)
	}
	return chat.Message{Text: text, Tone: chat.Bad}
}

// heldNotice tells of a job that needs an approval before it is offered, or has it.
func (p *Presenter) heldNotice(j Job, kind workflow.NoticeKind, who with) (chat.Text, chat.Tone) {
	if kind == workflow.NoticeJobApproved {
		return p.text("{{.Who}} approved this job. It can be offered now.", who), chat.Good
	}
	number := strconv.Itoa(j.Number)
	return p.text("{{.Task}} needs an approval before it is offered ({{.What}}).\nApprove it with {{.Approve}}, or refuse it with {{.Refuse}}.", who, with{
		"What": p.requestText(j.Request), "Approve": code(p.Command + " approve " + number), "Refuse": code(p.Command + " refuse " + number + " REASON"),
	}), chat.Waiting
}

// AskApproval asks a firm what the desk is to approve.
func (p *Presenter) AskApproval(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Approval {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Ask the desk"),
		Intro: p.say("{{.Task}}. You may go on with what is agreed until the desk answers.", with{"Task": Heading(j.Issue)}),
		Token: p.formToken(as, subject(workflow.AskApproval, j, a)),
		Fields: []chat.Field{
			{Name: "text", Label: p.say("What"), Kind: chat.Paragraph, Max: workflow.MaxRequest, Help: p.say("What you need beyond what is agreed, and why.")},
			{Name: "amount", Label: p.say("Extra cost"), Kind: chat.Line, Optional: true, Max: 40, Placeholder: "300 EUR", Help: p.say("What it costs on top, with its currency. Empty: nothing more.")},
			{Name: "needed_by", Label: p.say("Needed by"), Kind: chat.Line, Optional: true, Max: 60, Help: p.say("When you have to know.") + " " + p.whenHelp(p.Zone)},
		},
	}
}

// AskApprovalWithout asks the same where no form can be opened: by lines in the thread.
// They begin with English words in every language, as commands do.
func (p *Presenter) AskApprovalWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	text := p.text("What is the desk to approve for {{.Task}}? Write lines like these into the thread, the second only if it costs more, then press the button.", with{"Task": Heading(j.Issue)})
	return chat.Message{
		Text:    text.Plain("\n").Code("approval: another pump").Plain("\n").Code("amount: 80 EUR"),
		Buttons: []chat.Button{{ID: "asknow", Label: p.say("Ask the desk"), Style: chat.Primary, Token: p.formToken(as, subject(workflow.AskApproval, j, a))}},
	}
}

// RefuseRequest asks the desk why it does not approve: what a firm at work asks for, or,
// without an assignment, the job itself.
func (p *Presenter) RefuseRequest(as Asked, j Job, a workflow.Assignment) *chat.Form {
	intro, help := p.say("{{.Task}}. The work goes on as agreed.", with{"Task": Heading(j.Issue)}), p.say("The firm reads this.")
	if a.ID == "" {
		intro, help = p.say("{{.Task}}. Refusing closes the job.", with{"Task": Heading(j.Issue)}), p.say("Whoever made the job reads this.")
	}
	return &chat.Form{
		Title: p.say("Refuse {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Refuse"), Intro: intro,
		Token:  p.formToken(as, subject(workflow.RefuseRequest, j, a)),
		Fields: []chat.Field{{Name: "reason", Label: p.say("Why"), Kind: chat.Paragraph, Max: workflow.MaxRequest, Help: help}},
	}
}

// requestNotice tells a side what became of a request.
func (w Words) requestNotice(n workflow.Notice, a *workflow.Assignment, who with) (chat.Text, chat.Tone) {
	r := a.Request
	what := with{"What": w.requestText(workflow.Request{What: r.What, Amount: r.Amount})}
	switch n.Kind {
	case workflow.NoticeApprovalAsked:
		what["What"] = w.requestText(r)
		return w.text("{{.Who}} ({{.Firm}}) asks for an approval: {{.What}}\nApprove it or refuse it with the card's buttons.", who, what), chat.Waiting
	case workflow.NoticeApprovalGiven:
		return w.text("{{.Who}} approved what you asked for: {{.What}}", who, what), chat.Good
	case workflow.NoticeApprovalRefused:
		return w.text("{{.Who}} did not approve what you asked for:\n{{.Reason}}\nPlease go on with the work as agreed.", who, with{"Reason": quote(chat.Shorten(r.Reason, workflow.MaxRequest))}), chat.Bad
	default:
		return w.text("{{.Who}} ({{.Firm}}) withdrew the request for an approval.", who), chat.Active
	}
}

// asked appends what a request was for beside its words.
func (t told) asked(text chat.Text) chat.Text {
	if amount := oneLine(t.Data["amount"]); amount != "" {
		text = text.Plain(" · ").Append(t.text("{{.Amount}} more", with{"Amount": chat.Shorten(t.money(amount), 80)}))
	}
	if when := t.Data["needed_by"]; when != "" {
		text = text.Plain(" · ").Append(t.at("needed by {{.When}}", "needed_by", ""))
	}
	return text
}

// approvalGiven also says which sum was raised.
func (t told) approvalGiven() chat.Text {
	text := t.asked(t.with("{{.Who}} approved what {{.firm}} asked for", "what"))
	for _, sum := range []struct{ key, label string }{{"price", t.say("Price")}, {"limit", t.say("Spending limit")}} {
		if was := oneLine(t.Data["was_"+sum.key]); was != "" {
			text = text.Plain(" · " + sum.label + ": ").Append(chat.Text{struck(chat.Shorten(t.money(was), 80))}).Plain(" → " + chat.Shorten(t.money(oneLine(t.Data[sum.key])), 80))
		}
	}
	return text
}

func (t told) approvalRefused() chat.Text {
	text := t.asked(t.with("{{.Who}} did not approve what {{.firm}} asked for", "what"))
	if why := oneLine(t.Data["reason"]); why != "" {
		text = text.Plain(" – " + chat.Shorten(why, 200))
	}
	return text
}

// approvalText writes a template's rules as they are typed.
func approvalText(rules []workflow.ApprovalRule) string {
	out := make([]string, 0, len(rules))
	for _, r := range rules {
		out = append(out, r.String())
	}
	return strings.Join(out, "; ")
}
