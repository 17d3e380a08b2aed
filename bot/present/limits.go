package present

import (
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Told tells one side of what the clock did to several jobs, in one message. channel is
// where it stands, as a ticket names it. All notices are of one kind.
func (p *Presenter) Told(all []Nudge, channel string, now time.Time) chat.Message {
	kind := all[0].Notice.Kind
	m := p.Notice(all[0].Job, all[0].Notice, "")
	if len(all) > 1 {
		m.Text = chat.Text{}.Bold(p.toldHeading(kind, len(all)))
		for n, one := range all {
			if n == nudgesMost {
				m.Text = m.Text.Plain("\n").Append(p.countText(len(all)-n, "… and {{.Count}} more.", "… and {{.Count}} more."))
				break
			}
			m.Text = m.Text.Plain("\n• ").Append(linkedHeading(one.Job.Issue, one.Link)).Plain(" – ").Append(p.toldLine(one))
		}
		if to := all[0].Notice.To; to != workflow.ToOperators && to != workflow.ToManagers && kind != workflow.NoticeLimitNear {
			m.Text = m.Text.Plain("\n" + p.say("Please tell the desk in the thread of each how it stands."))
		}
	}
	if all[0].Notice.To == workflow.ToManagers {
		m = p.leadTo(m, all)
	}
	if kind != workflow.NoticeOverdue || all[0].Notice.To != workflow.ToOperators {
		return m
	}
	var numbers []string
	var first time.Time
	for n, one := range all {
		if at := one.Job.EscalateAt; n < nudgesMost && !at.IsZero() {
			numbers = append(numbers, strconv.Itoa(one.Job.Number))
			if first.IsZero() || at.Before(first) {
				first = at
			}
		}
	}
	if len(numbers) > 0 {
		m.Notes = append(m.Notes, p.text("Press {{.Button}} by {{.When}}, or the managers are told.", with{"Button": bold(p.say("Take note")), "When": moment(first)}))
		m.Buttons = append(m.Buttons, chat.Button{
			ID: buttonID(string(workflow.Acknowledge)), Label: p.say("Take note"),
			Token: p.Sign(ticket.Ticket{
				Desk: p.Desk, Verb: string(workflow.Acknowledge), Channel: channel,
				Arg: strings.Join(numbers, " "), Expires: now.Add(buttonLife).Unix(),
			}),
		})
	}
	return m
}

// toldHeading says what happened to several jobs.
func (w Words) toldHeading(kind workflow.NoticeKind, n int) string {
	switch kind {
	case workflow.NoticeLimitNear:
		return w.count(n, "{{.Count}} job is near the end of a time limit:", "{{.Count}} jobs are near the end of a time limit:")
	case workflow.NoticeLimitBroken:
		return w.count(n, "{{.Count}} job has missed a time limit:", "{{.Count}} jobs have missed a time limit:")
	case workflow.NoticeEscalated:
		return w.count(n, "{{.Count}} job is overdue, and nobody at the desk took note of it:", "{{.Count}} jobs are overdue, and nobody at the desk took note of them:")
	}
	return w.count(n, "{{.Count}} job is overdue:", "{{.Count}} jobs are overdue:")
}

// toldLine says of one of several jobs what happened to it.
func (w Words) toldLine(one Nudge) chat.Text {
	j := one.Job
	a := j.assignment(one.Notice.Assignment)
	switch one.Notice.Kind {
	case workflow.NoticeLimitNear, workflow.NoticeLimitBroken:
		if a == nil {
			return nil
		}
		what := w.limitText(limitTold(one.Notice.Kind, a))
		if one.Notice.To == workflow.ToOperators {
			return w.text("{{.Firm}}: {{.What}}", with{"Firm": w.FirmOf(j, a.Contractor), "What": what})
		}
		return what
	}
	due := w.text("due {{.When}}", with{"When": moment(j.DueAt)})
	if one.Notice.Kind == workflow.NoticeEscalated {
		due = w.text("due {{.When}}. {{.Next}}", with{"When": moment(j.DueAt), "Next": w.nextMove(j)})
	}
	if to := one.Notice.To; to == workflow.ToOperators || to == workflow.ToManagers {
		if firm := w.firmOut(j); firm != "" {
			return w.text("{{.Firm}}: {{.What}}", with{"Firm": firm, "What": due})
		}
	}
	return due
}

// firmOut names the firm that has the job or is asked for it, empty where none or several are.
func (w Words) firmOut(j Job) string {
	out := ""
	for _, a := range j.Assignments {
		switch {
		case !workflow.Out(a.Status):
		case out != "":
			return ""
		default:
			out = w.FirmOf(j, a.Contractor)
		}
	}
	return out
}

// limitNotice says that a limit is near its end or missed, in the thread of the card.
func (w Words) limitNotice(j Job, n workflow.Notice, a *workflow.Assignment) (chat.Text, chat.Tone) {
	k := limitTold(n.Kind, a)
	gaps := with{"Firm": w.FirmOf(j, a.Contractor), "Job": Heading(j.Issue), "When": moment(k.BreachAt)}
	if n.Kind == workflow.NoticeLimitBroken {
		gaps["When"] = moment(k.BrokenAt)
		return w.limitMissed(k.Limit, n.To == workflow.ToOperators, gaps), chat.Bad
	}
	return w.limitNear(k.Limit, n.To == workflow.ToOperators, gaps), chat.Waiting
}

func (w Words) limitNear(l workflow.Limit, desk bool, gaps with) chat.Text {
	switch {
	case desk && l == workflow.LimitAccept:
		return w.text("Time limit near: {{.Firm}} should accept {{.Job}} by {{.When}}.", gaps)
	case desk && l == workflow.LimitStart:
		return w.text("Time limit near: {{.Firm}} should start {{.Job}} by {{.When}}.", gaps)
	case desk:
		return w.text("Time limit near: {{.Firm}} should complete {{.Job}} by {{.When}}.", gaps)
	case l == workflow.LimitAccept:
		return w.text("Please answer this offer soon: the time limit to accept it ends {{.When}}.", gaps)
	case l == workflow.LimitStart:
		return w.text("Please start this job soon: the time limit to start it ends {{.When}}.", gaps)
	}
	return w.text("Please complete this job soon: the time limit to complete it ends {{.When}}.", gaps)
}

func (w Words) limitMissed(l workflow.Limit, desk bool, gaps with) chat.Text {
	switch {
	case desk && l == workflow.LimitAccept:
		return w.text("Time limit missed: {{.Firm}} has not accepted {{.Job}}; it should have by {{.When}}.", gaps)
	case desk && l == workflow.LimitStart:
		return w.text("Time limit missed: {{.Firm}} has not started {{.Job}}; it should have by {{.When}}.", gaps)
	case desk:
		return w.text("Time limit missed: {{.Firm}} has not completed {{.Job}}; it should have by {{.When}}.", gaps)
	case l == workflow.LimitAccept:
		return w.text("This offer should have been accepted by {{.When}}. Please answer it with the card's buttons.", gaps)
	case l == workflow.LimitStart:
		return w.text("This job should have been started by {{.When}}. Please tell the desk in this thread when it will be.", gaps)
	}
	return w.text("This job should have been completed by {{.When}}. Please tell the desk in this thread when it will be.", gaps)
}

// limitTold is the clock that a notice is about: the one that ends next of those that were
// warned of, or the one that was broken last.
func limitTold(kind workflow.NoticeKind, a *workflow.Assignment) (told workflow.Clock) {
	if kind == workflow.NoticeLimitBroken {
		for _, k := range workflow.Broken(*a) {
			if !k.BrokenAt.Before(told.BrokenAt) {
				told = k
			}
		}
		return told
	}
	for _, k := range a.Clocks {
		if k.WarnAt.IsZero() && !k.BreachAt.IsZero() && (told.BreachAt.IsZero() || k.BreachAt.Before(told.BreachAt)) {
			told = k
		}
	}
	return told
}

// limitText says how a clock stands, empty where there is nothing to say of it.
func (w Words) limitText(k workflow.Clock) chat.Text {
	when := moment(k.BreachAt)
	switch {
	case !k.BrokenAt.IsZero():
		gaps := with{"When": moment(k.BrokenAt)}
		switch k.Limit {
		case workflow.LimitAccept:
			return w.text("not accepted by {{.When}}", gaps)
		case workflow.LimitStart:
			return w.text("not started by {{.When}}", gaps)
		}
		return w.text("not completed by {{.When}}", gaps)
	case k.Held:
		left := with{"Left": w.WorkingTime(k.Left)}
		switch k.Limit {
		case workflow.LimitAccept:
			return w.text("to accept: {{.Left}} left, the clock stands still", left)
		case workflow.LimitStart:
			return w.text("to start: {{.Left}} left, the clock stands still", left)
		}
		return w.text("to complete: {{.Left}} left, the clock stands still", left)
	case when.Empty():
		return nil
	}
	gaps := with{"When": when}
	switch k.Limit {
	case workflow.LimitAccept:
		return w.text("accept by {{.When}}", gaps)
	case workflow.LimitStart:
		return w.text("start by {{.When}}", gaps)
	}
	return w.text("complete by {{.When}}", gaps)
}

// limitFacts say how the time limits of a hand-off stand: both sides see them.
func (w Words) limitFacts(facts []chat.Fact, a *workflow.Assignment) []chat.Fact {
	if a == nil || !workflow.Out(a.Status) && a.Status != workflow.Complete {
		return facts
	}
	var missed, run chat.Text
	for _, k := range a.Clocks {
		text := w.limitText(k)
		if text.Empty() || k.Former {
			continue
		}
		of := &run
		if !k.BrokenAt.IsZero() {
			of = &missed
		}
		if !of.Empty() {
			*of = of.Plain("; ")
		}
		*of = of.Append(text)
	}
	facts = fact(facts, w.say("Time limits missed"), missed)
	return fact(facts, w.say("Time limits"), run)
}

// Seen answers who took note of overdue work.
func (w Words) Seen(n int, last storage.Issue) chat.Text {
	if n == 1 {
		return w.text("You took note of {{.Job}}. The managers are not told of it.", with{"Job": Heading(last)})
	}
	return w.text("You took note of {{.Count}} jobs. The managers are not told of them.", with{"Count": n})
}

// limitLines say how many time limits were kept, for those there were.
func (w Words) limitLines(now, was storage.Flows) []string {
	var parts []string
	for _, l := range workflow.Limits() {
		kept, all := now.Kept[l], now.Kept[l]+now.Broken[l]
		if all == 0 {
			continue
		}
		before := ""
		if n := was.Kept[l] + was.Broken[l]; n > 0 {
			before = w.before(true, w.say("{{.Kept}} of {{.All}}", with{"Kept": was.Kept[l], "All": n}))
		}
		gaps := with{"Kept": kept, "All": all, "Before": before}
		switch l {
		case workflow.LimitAccept:
			parts = append(parts, w.say("to accept {{.Kept}} of {{.All}}{{.Before}}", gaps))
		case workflow.LimitStart:
			parts = append(parts, w.say("to start {{.Kept}} of {{.All}}{{.Before}}", gaps))
		default:
			parts = append(parts, w.say("to complete {{.Kept}} of {{.All}}{{.Before}}", gaps))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{w.say("Time limits kept: {{.Parts}}.", with{"Parts": strings.Join(parts, ", ")})}
}

// keptLimits are all limits together.
func keptLimits(f storage.Flows) (kept, all int) {
	for _, l := range workflow.Limits() {
		kept += f.Kept[l]
		all += f.Kept[l] + f.Broken[l]
	}
	return kept, all
}

// limitEvent says an event about a time limit.
func (t told) limitEvent() chat.Text {
	gaps := with{"Firm": upperFirst(t.firm), "What": t.limitNames(t.Data["limit"])}
	if t.Kind == workflow.EventLimitNear {
		return t.text("{{.Firm}} was warned of a time limit: {{.What}}", gaps)
	}
	at, err := time.Parse(time.RFC3339, t.Data["broken_at"])
	if err != nil {
		return t.text("{{.Firm}} missed a time limit: {{.What}}", gaps)
	}
	gaps["When"] = moment(at)
	return t.text("{{.Firm}} missed a time limit at {{.When}}: {{.What}}", gaps)
}

// limitNames names limits by their words in an event.
func (w Words) limitNames(names string) string {
	var out []string
	for name := range strings.FieldsSeq(names) {
		switch workflow.Limit(name) {
		case workflow.LimitAccept:
			out = append(out, w.say("to accept"))
		case workflow.LimitStart:
			out = append(out, w.say("to start"))
		case workflow.LimitComplete:
			out = append(out, w.say("to complete"))
		}
	}
	return strings.Join(out, ", ")
}

// limitFields ask for the time limits of the desk.
func (w Words) limitFields() []chat.Field {
	return []chat.Field{
		{
			Name: "limits", Label: w.say("Time limits"), Kind: chat.Paragraph, Optional: true, Max: 300, Placeholder: "urgent | 30m | 2h | 8h",
			Help: w.say("One per line: priority | to accept | to start | to complete, in working time; - is no limit."),
		},
		{Name: "warn", Label: w.say("Warn after"), Kind: chat.Line, Max: 3, Help: w.say("Per cent of a limit, 1 to 99; 0 for no warning.")},
		{
			Name: "escalate", Label: w.say("Tell managers after"), Kind: chat.Line, Max: 20,
			Help: w.say("How long after work became overdue, when nobody took note. In hours and minutes of working time, like 8h; 0m for never."),
		},
	}
}
