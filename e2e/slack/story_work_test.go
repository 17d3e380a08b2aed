package slack_test

import (
	"fmt"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestWork is what a firm does between accepting a job and handing it in: steps, a
// planned visit, a pause, a change of who is in charge, a checklist and photos.
func TestWork(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{})
		acme, who := d.firm("Leeds", "Acme", "frank", "fiona")
		s := &story{desk: d, acme: acme, frank: who[0], fiona: who[1]}
		for _, c := range []struct {
			name string
			tell func(*story)
		}{
			{"steps", (*story).steps},
			{"in charge", (*story).takeCharge},
			{"pause", (*story).pause},
			{"checklist", (*story).checklist},
			{"evidence", (*story).photos},
			{"costs", (*story).costs},
			{"commands", (*story).workByCommand},
			{"templates", (*story).templates},
		} {
			t.Run(c.name, func(t *testing.T) {
				here := *s
				here.desk = s.in(t)
				c.tell(&here)
			})
		}
	})
}

// steps: a step is reported at once, a planned one asks for its window, and both
// cards and what the customer sees follow.
func (s *story) steps() {
	d := s.desk
	n, card := d.accepted(s.acme, "Steps to report", "acme", s.frank)
	d.must(s.frank.Select(s.acme, card.TS, "Steps and more", "Step: Planned…"))
	title := fmt.Sprintf("Plan #%d", n)
	d.view(s.frank, title)
	d.refusedForm(s.frank, slacktest.Values{"From": "some day"}, "from")
	d.refusedForm(s.frank, slacktest.Values{"From": "2031-12-01 11:00", "To": "9am"}, "till", "after the beginning")
	d.refusedForm(s.frank, slacktest.Values{"From": "2h ago"}, "from")
	d.submit(s.frank, title, slacktest.Values{"From": "tomorrow 9am", "To": "11am"})
	d.card(s.acme, n, "In progress", "Planned,")
	ops := d.card(d.ops, n, "Planned,", "Customer sees", "Planned")
	d.reply(ops, "frank", "planned the work for")

	d.must(s.frank.Select(s.acme, card.TS, "Steps and more", "Step: Travel"))
	d.card(d.ops, n, "Customer sees", "Travel")
	d.card(s.acme, n, "Step", "Travel")
	d.must(s.frank.Select(s.acme, card.TS, "Steps and more", "Step: Work"))
	d.card(d.ops, n, "Customer sees", "Work")
	a := d.says(fmt.Sprintf("/task history %d", n), "reported a step: Planned", "reported a step: Travel")
	d.inOrder(a.Plain(), "Planned", "Travel", "Work")
	d.says(fmt.Sprintf("/task show %d", n), "Customer sees", "Work")
	if a := d.issue(n).Assignments[0]; a.Step != "Work" || a.StepFrom != nil {
		d.t.Errorf("the step is %+v", a)
	}
}

// takeCharge: a colleague takes charge with the card's button, and cannot do it twice.
func (s *story) takeCharge() {
	d := s.desk
	n, card := d.accepted(s.acme, "Somebody has to", "acme", s.frank)
	m := d.told(s.frank, func() error { return s.frank.Select(s.acme, card.TS, "Steps and more", "Take charge") }, "You are in charge already")
	d.sentence(m.Plain())
	d.must(s.fiona.Select(s.acme, card.TS, "Steps and more", "Take charge"))
	d.reply(card, "fiona", "took charge")
	d.card(s.acme, n, "In charge", "fiona")
	d.card(d.ops, n, "In charge", "fiona")
	d.says(fmt.Sprintf("/task history %d", n), "took charge, after frank")
}

// pause: the work waits with a reason that says whom it lies with, and goes on.
func (s *story) pause() {
	d := s.desk
	n, card := d.accepted(s.acme, "A part is missing", "acme", s.frank)
	wait := func(reason, until string) {
		d.must(s.frank.Select(s.acme, card.TS, "Steps and more", "Pause the work…"))
		title := fmt.Sprintf("Pause #%d", n)
		d.view(s.frank, title)
		d.submit(s.frank, title, slacktest.Values{"Reason": reason, "Anything to add": "", "Until": until})
	}
	d.must(s.frank.Select(s.acme, card.TS, "Steps and more", "Pause the work…"))
	d.view(s.frank, fmt.Sprintf("Pause #%d", n))
	d.refusedForm(s.frank, slacktest.Values{"Reason": "Other"}, "text", "few words")
	d.must(s.frank.CloseView())

	wait("Waiting for parts", "3d")
	d.card(s.acme, n, "Paused.", "Waiting for parts", "until")
	ops := d.card(d.ops, n, "has paused the work", "Waiting for parts", "In progress")
	d.reply(ops, "frank", "paused the work: Waiting for parts")
	i := d.issue(n)
	if i.LiesWith != "contractor" || i.Assignments[0].Paused == nil || i.Assignments[0].Paused.Until == nil || i.RemindAt == nil || !i.RemindAt.Equal(*i.Assignments[0].Paused.Until) {
		d.t.Errorf("waiting for parts, the issue is %+v", i)
	}
	d.must(s.frank.Click(s.acme, card.TS, "Resume"))
	d.card(s.acme, n, "In progress. Press")
	d.reply(ops, "resumed the work")

	wait("Waiting for the desk", "")
	d.card(d.ops, n, "Deal with what it waits for")
	if i := d.issue(n); i.LiesWith != "operator" {
		d.t.Errorf("waiting for the desk, the issue lies with %s", i.LiesWith)
	}
	d.must(d.oskar.Click(d.ops, ops.TS, "Resume work"))
	d.reply(card, "oskar", "resumed the work")
	if i := d.issue(n); i.LiesWith != "contractor" || i.Assignments[0].Paused != nil {
		d.t.Errorf("resumed, the issue is %+v", i)
	}
	d.says(fmt.Sprintf("/task history %d", n), "paused the work: Waiting for parts, until", "paused the work: Waiting for the desk", "resumed the work")
}

// require asks for what a job has to bring.
func (s *story) require(n int, v slacktest.Values) {
	d := s.desk
	d.says(fmt.Sprintf("/task require %d", n))
	d.submit(d.oskar, fmt.Sprintf("Requirements #%d", n), v)
}

// checklist: required items hold the completion back, who ticked them stays in the
// history, and two forms do not undo each other.
func (s *story) checklist() {
	d := s.desk
	n, card := d.accepted(s.acme, "Safety check", "acme", s.frank)
	d.says(fmt.Sprintf("/task require %d", n))
	d.view(d.oskar, fmt.Sprintf("Requirements #%d", n))
	d.refusedForm(d.oskar, slacktest.Values{"Checklist": "Gas off\nGas off"}, "checklist", "twice")
	d.refusedForm(d.oskar, slacktest.Values{"Checklist": "Gas off", "Photos or files": "no"}, "evidence")
	d.submit(d.oskar, fmt.Sprintf("Requirements #%d", n), slacktest.Values{"Checklist": "! Gas off\n! <!channel> *Seal* checked\nTenant told"})
	d.reply(card, "changed the requirements", "Gas off (required)", "Tenant told")
	d.says(fmt.Sprintf("/task history %d", n), "changed the requirements", "Tenant told")
	card = d.card(s.acme, n, "Gas off", "required", "Checklist 0/3")

	m := d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Complete") }, "Tick", "Gas off", "and", "Seal")
	d.sentence(m.Plain())
	d.must(s.frank.Click(s.acme, card.TS, "Checklist 0/3"))
	d.must(s.fiona.Click(s.acme, card.TS, "Checklist 0/3"))
	title := fmt.Sprintf("Checklist #%d", n)
	d.view(s.frank, title)
	d.view(s.fiona, title)
	d.submit(s.frank, title, slacktest.Values{"Gas off": []string{"Done"}})
	d.submit(s.fiona, title, slacktest.Values{"Tenant told": []string{"Done"}})
	card = d.card(s.acme, n, "☑ Gas off", "☑ Tenant told", "Checklist 2/3")
	d.card(d.ops, n, "2 of 3 done; still required:", "Seal")
	d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Complete") }, "Tick", "Seal")
	d.says(fmt.Sprintf("/task history %d", n), "frank ticked “Gas off”", "fiona ticked “Tenant told”")
	if a := d.issue(n).Assignments[0]; len(a.Checklist) != 3 || a.Checklist[0].By != "frank" || a.Checklist[1].At != nil || a.Checklist[2].By != "fiona" {
		d.t.Errorf("the checklist is %+v", a.Checklist)
	}
}

// photos: files in the thread count, and without enough of them nothing is handed in.
func (s *story) photos() {
	d := s.desk
	n, card := d.accepted(s.acme, "Photos wanted", "acme", s.frank)
	s.require(n, slacktest.Values{"Photos or files": "2"})
	card = d.card(s.acme, n, "2 photos or files, to be posted in this thread")
	m := d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Complete") }, "Post 2 more photos or files", "asks for 2, and 0 are there")
	d.sentence(m.Plain())
	post := func(name string) slacktest.Message {
		m, err := s.frank.Post(slacktest.PostSpec{Channel: s.acme, Thread: card.TS, Text: "Look", Files: []slacktest.FileSpec{{Name: name, Type: "image/png", Content: []byte(name)}}})
		d.must(err)
		return m
	}
	post("before.png")
	d.card(s.acme, n, "1 of 2 photos or files")
	d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Complete") }, "Post 1 more photo or file", "asks for 2, and 1 is there")
	wrong := post("wrong.png")
	d.card(s.acme, n, "2 photos or files posted; 2 asked for")
	d.must(s.frank.Delete(s.acme, wrong.TS))
	d.card(s.acme, n, "1 of 2 photos or files")
	post("after.png")
	d.card(s.acme, n, "2 photos or files posted; 2 asked for")
	// What the desk posts is no evidence of the firm's.
	d.must(s.frank.Click(s.acme, card.TS, "Complete"))
	d.submit(s.frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Done, see photos"})
	d.card(d.ops, n, "Waiting approval", "before.png", "after.png", "Comments are on hold until you approve the work or send it back")
	d.card(s.acme, n, "replies are on hold")
	if a := d.issue(n).Assignments[0]; a.Evidence != 2 {
		d.t.Errorf("%d files are counted", a.Evidence)
	}
}

// costs: what is required is asked for, an amount is an amount with its currency, a
// hidden field reaches the desk only, and each submission stays in the history.
func (s *story) costs() {
	d := s.desk
	n, card := d.accepted(s.acme, "Costs wanted", "acme", s.frank)
	s.require(n, slacktest.Values{"Costs": "Required", "Effort": "Hidden from the firm", "Kind of work": "Hidden from the firm", "Booked as": "Frame contract 7"})
	card = d.card(s.acme, n, "To hand in", "Costs")
	d.must(s.frank.Click(s.acme, card.TS, "Complete"))
	title := fmt.Sprintf("Complete #%d", n)
	form := d.view(s.frank, title)
	for _, label := range []string{"Effort", "Kind of work"} {
		if _, ok := form.Control(label); ok {
			d.t.Errorf("the form asks for %q, which is hidden", label)
		}
	}
	d.refusedForm(s.frank, slacktest.Values{"What was done": "New pump"}, "costs", required)
	d.refusedForm(s.frank, slacktest.Values{"What was done": "New pump", "Costs": "a lot"}, "costs", "250 EUR")
	d.refusedForm(s.frank, slacktest.Values{"What was done": "New pump", "Costs": "84.50"}, "costs", "currency")
	d.submit(s.frank, title, slacktest.Values{"What was done": "New pump", "Costs": "€84,5", "Materials": "Pump\n2 seals"})
	mine := d.card(s.acme, n, "Waiting approval", "84.50 EUR", "Pump; 2 seals")
	d.lacks("the firm's card", mine.Plain(), "Frame contract 7")
	ops := d.card(d.ops, n, "84.50 EUR", "Pump; 2 seals", "Frame contract 7")

	d.must(d.oskar.Click(d.ops, ops.TS, "Send back"))
	d.submit(d.oskar, fmt.Sprintf("Send back #%d", n), slacktest.Values{"What is missing": "The invoice says 80"})
	d.card(s.acme, n, "In progress", "The invoice says 80")
	d.must(s.frank.Click(s.acme, card.TS, "Complete"))
	d.submit(s.frank, title, slacktest.Values{"What was done": "New pump", "Costs": "80 eur"})
	d.card(d.ops, n, "Waiting approval", "80.00 EUR")
	a := d.says(fmt.Sprintf("/task history %d", n), "84.50 EUR", "80.00 EUR", "Frame contract 7")
	d.inOrder(a.Plain(), "84.50 EUR", "sent the work back", "80.00 EUR")
	if a := d.issue(n).Assignments[0]; a.Costs == nil || a.Costs.Amount != "80.00" || a.Costs.Currency != "EUR" || a.Activity != "Frame contract 7" {
		d.t.Errorf("the completion is %+v", a)
	}
}

// workByCommand: the desk pauses, resumes and completes early by typing, and is told
// how.
func (s *story) workByCommand() {
	d := s.desk
	n, card := d.accepted(s.acme, "By command", "acme", s.frank)
	d.says(fmt.Sprintf("/task pause %d", n))
	d.submit(d.oskar, fmt.Sprintf("Pause #%d", n), slacktest.Values{"Reason": "Waiting for the customer"})
	d.reply(card, "oskar", "paused the work: Waiting for the customer")
	m := d.says(fmt.Sprintf("/task resume %d", n), "goes on")
	d.sentence(m.Plain())
	m = d.says(fmt.Sprintf("/task resume %d", n), "not paused")
	d.sentence(m.Plain())
	d.says(fmt.Sprintf("/task complete %d", n), "is complete")
	d.status(n, "resolved", "complete")
	d.says(fmt.Sprintf("/task require %d", n), "reopen the job before you ask for more")
}

// TestWorkWithoutForms: where Slack opens no form for people of another organisation,
// they plan, pause, tick and hand in what is required without one.
func TestWorkWithoutForms(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		d := open(t, v, options{slack: slacktest.Options{NoExternalViews: true}})
		acme, who := d.firm("Leeds", "Acme", "frank")
		frank := who[0]
		n, card := d.accepted(acme, "No forms at work", "acme", frank)
		s := &story{desk: d, acme: acme, frank: frank}
		s.require(n, slacktest.Values{"Checklist": "! Gas off", "Costs": "Required"})
		card = d.card(acme, n, "Checklist 0/1")

		ask := d.told(frank, func() error { return frank.Select(acme, card.TS, "Steps and more", "Step: Planned…") }, "When is")
		options := ask.Controls()[0].Options
		d.must(frank.SelectOld(ask, "Choose a window", options[len(options)-1].Text))
		d.card(d.ops, n, "Planned,", "Customer sees")

		ask = d.told(frank, func() error { return frank.Select(acme, card.TS, "Steps and more", "Pause the work…") }, "Why is")
		d.must(frank.SelectOld(ask, "Choose a reason", "Weather"))
		d.card(acme, n, "Paused.", "Weather")
		d.must(frank.Click(acme, card.TS, "Resume"))
		d.card(acme, n, "In progress. Press")

		ask = d.told(frank, func() error { return frank.Click(acme, card.TS, "Checklist 0/1") }, "Which item")
		d.must(frank.SelectOld(ask, "Choose an item", "☐ Gas off"))
		d.card(acme, n, "☑ Gas off", "Checklist 1/1")

		ask = d.told(frank, func() error { return frank.Click(acme, card.TS, "Complete") }, "costs: 84.50 EUR")
		d.told(frank, func() error { return frank.ClickOld(ask, "Hand in") }, "Say what the work costs")
		_, err := frank.Reply(acme, card.TS, "All done.\nCosts: 40 EUR")
		d.must(err)
		d.once(n, "All done.\nCosts: 40 EUR")
		d.told(frank, func() error { return frank.ClickOld(ask, "Hand in") }, "is handed in")
		d.card(d.ops, n, "Waiting approval", "40.00 EUR")
	})
}

// templates: the desk makes a template, a task from it asks for what it leaves open and
// brings the rest, and what is changed later does not reach it.
func (s *story) templates() {
	d := s.desk
	d.says("/task template", "no templates yet")
	d.says("/task template new")
	v := slacktest.Values{
		"Name": "Boiler service", "Topic": "Heating", "Title": "Boiler at {place}", "Description": "Contract {contract}",
		"Priority": "High", "Due after": "3d", "Answer within": "2h", "Checklist": "! Gas off", "Photos or files": "1",
		"Costs": "Required", "Steps": "Planned, Work", "Preferred firms": "Acme",
	}
	d.view(d.oskar, "New template")
	v["Due after"] = "soon"
	d.refusedForm(d.oskar, v, "due", "3d")
	v["Due after"], v["Steps"] = "3d", "Sleep"
	d.refusedForm(d.oskar, v, "steps", "There is no step")
	v["Steps"] = "Planned, Work"
	d.told(d.oskar, func() error { d.submit(d.oskar, "New template", v); return nil }, "is saved")
	d.says("/task template list", "Boiler service", "Boiler at {place}", "Heating")
	d.says("/task template show boiler SERVICE", "Gas off", "required", "3d", "1 photo or file", "Acme")
	d.says("/task template export boiler service", "name: Boiler service", "required: true", "due: 3d")
	d.says("/task template show nothing", "There is no template")

	// A title that is no template's name is a title, and the menu offers both.
	d.says("/task new Boiler services: none", "Created")
	menu := d.told(d.oskar, func() error { _, err := d.oskar.Command(d.ops, "/task new"); return err }, "Which template")
	d.must(d.oskar.SelectOld(menu, "Choose a template", "Boiler service"))
	form := d.view(d.oskar, "New job")
	for _, label := range []string{"Place", "Contract", "Anything to add", "Due", "Contractor", "Answer by"} {
		if _, ok := form.Control(label); !ok {
			d.t.Errorf("the form does not ask for %q", label)
		}
	}
	d.must(d.oskar.CloseView())

	d.says("/task new boiler service: 4 Elm St")
	m := d.told(d.oskar, func() error {
		d.submit(d.oskar, "New job", slacktest.Values{"Contract": "77-{place}", "Anything to add": "Mind the dog", "Contractor": "Acme, Leeds"})
		return nil
	}, "Created", "Boiler at 4 Elm St", "is offered to Acme, Leeds")
	n := d.created(m.Plain())
	card := d.card(s.acme, n, "Boiler at 4 Elm St", "Contract 77-{place}", "Mind the dog", "Gas off", "1 photo or file", "To hand in", "Costs", "High")
	i := d.issue(n)
	if i.Topic != "Heating" || i.Place != "4 Elm St" || i.DueAt == nil || i.Priority != "high" {
		d.t.Errorf("the issue is %+v", i)
	}
	d.says("/task template edit boiler service")
	d.submit(d.oskar, "Edit template", slacktest.Values{"Checklist": "", "Photos or files": "0"})
	d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Accept") }, "You are in charge")
	card = d.card(s.acme, n, "Accepted", "Checklist 0/1")
	d.told(s.frank, func() error { return s.frank.Click(s.acme, card.TS, "Complete") }, "Tick “Gas off”")
	d.must(s.frank.Click(s.acme, card.TS, "Checklist 0/1"))
	d.submit(s.frank, fmt.Sprintf("Checklist #%d", n), slacktest.Values{"Gas off": "Done"})
	_, err := s.frank.Post(slacktest.PostSpec{Channel: s.acme, Thread: card.TS, Text: "Done", Files: []slacktest.FileSpec{{Name: "a.png", Type: "image/png", Content: []byte("a")}}})
	d.must(err)
	d.card(s.acme, n, "Checklist 1/1", "1 photo or file posted")
	d.must(s.frank.Click(s.acme, card.TS, "Complete"))
	d.submit(s.frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Serviced", "Costs": "90 EUR"})
	d.card(d.ops, n, "Waiting approval", "90.00 EUR", "1 of 1 done", "a.png")
	d.says("/task template remove boiler service", "is removed")
	d.says("/task template", "no templates yet")
}
