package present

import (
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// More is the verb of the select on a firm's card; the choice says what is meant.
const More workflow.Verb = "more"

// The choices of More: the steps by their names behind a prefix, and what is too
// rare for a button of its own.
const (
	ChosenStep   = "step:"
	ChosenCharge = "charge"
	ChosenPause  = "pause"
)

// proofs are the files that an assignment's firm has posted.
func (j Job) proofs(a *workflow.Assignment) []storage.File { return j.Evidence[a.ID] }

// stepText is the step last reported, with its window.
func (w Words) stepText(a *workflow.Assignment) chat.Text {
	t := line(w.term(a.Step), 80)
	if t.Empty() || a.StepFrom.IsZero() {
		return t
	}
	return t.Plain(", ").Append(window(a.StepFrom, a.StepTo))
}

// window is a span of time in the reader's own zone.
func window(from, till time.Time) chat.Text {
	return chat.Text{}.Window(from, till)
}

// pauseText is why the work is paused, since when and until when.
func (w Words) pauseText(p workflow.Pause) chat.Text {
	if !p.On() {
		return nil
	}
	gaps := with{"Reason": chat.Shorten(oneLine(w.pauseReason(p)), 300), "Who": oneLine(p.By.Name), "When": at(p.At)}
	if !p.Until.IsZero() {
		return w.text("{{.Reason}}, by {{.Who}} {{.When}}, until {{.Until}}", gaps, with{"Until": at(p.Until)})
	}
	return w.text("{{.Reason}}, by {{.Who}} {{.When}}", gaps)
}

// pauseReason is why work is paused.
func (w Words) pauseReason(p workflow.Pause) string {
	label := w.term(workflow.PauseReasonLabel(p.Reason))
	switch {
	case p.Text == "":
		return label
	case p.Reason == workflow.ReasonOther:
		return p.Text
	}
	return label + ": " + p.Text
}

// underWay tells whether the firm is to work, or could begin to.
func underWay(s workflow.Status) bool {
	return s == workflow.Accepted || s == workflow.InProgress
}

// firmsWorkFacts are what a firm has to see about its work.
func (w Words) firmsWorkFacts(facts []chat.Fact, j Job, a *workflow.Assignment) []chat.Fact {
	if underWay(a.Status) {
		facts = fact(facts, w.say("Step"), w.stepText(a))
		facts = fact(facts, w.say("The customer"), w.consentText(a.Consent))
		facts = fact(facts, w.say("Paused"), w.pauseText(a.Pause))
	}
	if !underWay(a.Status) && a.Status != workflow.Assigned {
		return facts
	}
	if a.Status == workflow.Assigned {
		facts = w.neededCertificates(facts, j.Demands)
	}
	if n := j.Demands.Evidence; n > 0 {
		text := w.count(n, "{{.Count}} photo or file, to be posted in this thread", "{{.Count}} photos or files, to be posted in this thread")
		if has := len(j.proofs(a)); has >= n {
			text = w.count(has, "{{.Count}} photo or file posted; {{.Asked}} asked for", "{{.Count}} photos or files posted; {{.Asked}} asked for", with{"Asked": n})
		} else if has > 0 {
			text = w.count(n, "{{.Here}} of {{.Count}} photo or file, to be posted in this thread", "{{.Here}} of {{.Count}} photos or files, to be posted in this thread", with{"Here": has})
		}
		facts = fact(facts, w.say("Evidence"), chat.T(text))
	}
	return fact(facts, w.say("To hand in"), line(upperFirst(strings.Join(w.requiredFields(j.Demands), ", ")), 80))
}

// requiredFields name what the completion must have besides its note.
func (w Words) requiredFields(d workflow.Demands) []string {
	var out []string
	for _, f := range []struct {
		name string
		rule workflow.Rule
	}{{w.say("effort"), d.Effort}, {w.say("costs"), d.Costs}, {w.say("materials"), d.Materials}, {w.say("kind of work"), d.Activity}} {
		if f.rule == workflow.Required {
			out = append(out, f.name)
		}
	}
	return out
}

// deskWorkFacts are what the desk sees of the work.
func (w Words) deskWorkFacts(facts []chat.Fact, j Job, a *workflow.Assignment) []chat.Fact {
	if a == nil {
		return w.neededCertificates(fact(facts, w.say("Requirements"), line(w.demandsText(j.Demands), 300)), j.Demands)
	}
	switch {
	case underWay(a.Status):
		facts = fact(facts, w.say("Step"), w.stepText(a))
		facts = fact(facts, w.say("The customer"), w.consentText(a.Consent))
		facts = fact(facts, w.say("Paused"), w.pauseText(a.Pause))
	case a.Status != workflow.WaitingApproval && a.Status != workflow.Complete:
		return w.neededCertificates(fact(facts, w.say("Requirements"), line(w.demandsText(j.Demands), 300)), j.Demands)
	}
	if status, name, _ := workflow.CustomerView(j.Issue.Issue, j.Steps); status != workflow.CustomerOpen && workflow.Taken(a.Status) {
		facts = fact(facts, w.say("Customer sees"), line(name, 80))
	}
	facts = fact(facts, w.say("Checklist"), w.checklistCount(j.Demands, a))
	return fact(facts, w.say("Evidence"), w.evidence(j, a))
}

func (w Words) checklistCount(d workflow.Demands, a *workflow.Assignment) chat.Text {
	if len(d.Checklist) == 0 {
		return nil
	}
	text := w.say("{{.Done}} of {{.All}} done", with{"Done": workflow.Done(d, *a), "All": len(d.Checklist)})
	if missing := workflow.Unticked(d, *a); len(missing) > 0 {
		text += "; " + w.say("still required: {{.Items}}", with{"Items": strings.Join(missing, ", ")})
	}
	return chat.T(chat.Shorten(text, 300))
}

// shownProofs is how many files a card names.
const shownProofs = 5

// evidence counts the files with links to where they were posted.
func (w Words) evidence(j Job, a *workflow.Assignment) chat.Text {
	files, asked := j.proofs(a), j.Demands.Evidence
	if len(files) == 0 && asked == 0 {
		return nil
	}
	var t chat.Text
	if len(files) < asked {
		t = w.countText(asked, "{{.Here}} of {{.Count}} file", "{{.Here}} of {{.Count}} files", with{"Here": len(files)})
	} else {
		t = w.countText(len(files), "{{.Count}} file", "{{.Count}} files")
	}
	for n, f := range files[:min(len(files), shownProofs)] {
		sep := ", "
		if n == 0 {
			sep = ": "
		}
		t = t.Plain(sep)
		name := chat.Shorten(oneLine(f.Name), 60)
		if name == "" {
			name = w.say("file")
		}
		if f.URL == "" {
			t = t.Plain(name)
			continue
		}
		t = t.Link(name, f.URL)
	}
	if more := len(files) - shownProofs; more > 0 {
		t = w.text("{{.Files}} and {{.More}} more", with{"Files": t, "More": more})
	}
	return t
}

const (
	// itemRunes and nameRunes are how much of an item, and of who ticked it, a card
	// shows; checklistDescription is how much of the description a checklist leaves
	// room for, so that the longest list still fits a card.
	itemRunes            = 60
	nameRunes            = 18
	checklistDescription = 1000
)

// checklistLines are the checklist on the firm's card, a line each.
func (w Words) checklistLines(t chat.Text, d workflow.Demands, a *workflow.Assignment) chat.Text {
	for _, item := range d.Checklist {
		mark := "☐ "
		who, done := a.Ticked(item.Text)
		if done {
			mark = "☑ "
		}
		if len(t) > 0 {
			t = t.Plain("\n")
		}
		t = t.Plain(mark + chat.Shorten(oneLine(item.Text), itemRunes))
		switch {
		case done && who.By.Name != "":
			t = t.Plain(" · ").Italic(chat.Shorten(oneLine(who.By.Name), nameRunes))
		case !done && item.Required:
			t = t.Plain(" · " + w.say("required"))
		}
	}
	return t
}

// demandsText says in one line what is asked of the work.
func (w Words) demandsText(d workflow.Demands) string {
	var parts []string
	if n := len(d.Checklist); n > 0 {
		parts = append(parts, w.count(n, "a checklist of {{.Count}} item", "a checklist of {{.Count}} items"))
	}
	if d.Evidence > 0 {
		parts = append(parts, w.count(d.Evidence, "{{.Count}} photo or file", "{{.Count}} photos or files"))
	}
	parts = append(parts, w.requiredFields(d)...)
	return strings.Join(parts, ", ")
}

// workLabel is what the select says before anything was chosen.
func (w Words) workLabel() string { return w.say("Steps and more") }

// workChoice is the select on the card of work under way: its steps, who is in
// charge, and the pause.
func (p *Presenter) workChoice(j Job, a *workflow.Assignment, on bearer) *chat.Choice {
	verbs := workflow.Buttons(*a, j.Issue.Issue, workflow.Contractor)
	var options []chat.Option
	if slices.Contains(verbs, workflow.Step) {
		for _, s := range workflow.StepsOf(j.Demands, j.Steps) {
			label := p.say("Step: {{.Step}}", with{"Step": p.term(oneLine(s.Name))})
			if workflow.NeedsWindow(j.Steps, s.Name) {
				label += "…"
			}
			options = append(options, chat.Option{Value: ChosenStep + s.Name, Label: chat.Shorten(label, 75)})
		}
	}
	if slices.Contains(verbs, workflow.TakeCharge) {
		options = append(options, chat.Option{Value: ChosenCharge, Label: p.say("Take charge")})
	}
	options = append(options, p.requestOptions(verbs)...)
	if slices.Contains(verbs, workflow.HoldWork) {
		options = append(options, chat.Option{Value: ChosenPause, Label: p.say("Pause the work…")})
	}
	if len(options) == 0 {
		return nil
	}
	if len(options) > maxOptions {
		options = options[:maxOptions]
	}
	return &chat.Choice{
		ID: "more", Placeholder: p.workLabel(), Options: options,
		Token: p.button("", More, chat.Default, j, on, a).Token,
	}
}

// firmsPaused is the first line of a firm's card while its work is paused.
func (w Words) firmsPaused(p workflow.Pause) chat.Text {
	gaps := with{"Paused": bold(w.say("Paused.")), "Resume": bold(w.say("Resume"))}
	t := w.text("{{.Paused}} Press {{.Resume}} when the work goes on.", gaps)
	if p.Side == workflow.WithOperator {
		t = w.text("{{.Paused}} The desk has to see to it. Press {{.Resume}} when the work goes on.", gaps)
	}
	return t
}

// firmsHeldNote and desksHeldNote say, while finished work is judged, what becomes of
// what is said.
func (w Words) firmsHeldNote() chat.Text {
	return w.text("While the desk checks the work, replies are on hold: the desk is shown them when it sends the work back.")
}

func (w Words) desksHeldNote() chat.Text {
	return w.text("Comments are on hold until you approve the work or send it back. What the firm writes now, and what you write to it, is passed on when you send the work back.")
}
