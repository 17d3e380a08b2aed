package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// RefusedUnauthenticated is the code of an answer to a request that this program
// did not sign: where there is no person to tell, adapters answer 401.
const RefusedUnauthenticated = "unauthenticated"

// click takes a pressed button or a made choice.
func (t *turn) click(ctx context.Context, b chat.Click) (chat.Answer, error) {
	tk, err := t.ready.ticket, t.ready.ticketErr
	if errors.Is(err, ticket.ErrExpired) {
		return t.tooOld(ctx, b)
	}
	if err != nil {
		return forged(t.present.Words), nil
	}
	switch {
	case tk.Card != "":
		card, err := t.bearer(ctx, tk)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return chat.Answer{}, fmt.Errorf("load a card: %w", err)
		}
		if err != nil || card.Workspace != t.in.Workspace || card.Channel != t.in.Channel || b.Message != "" && card.Message != "" && card.Message != b.Message {
			t.audited(ctx, "click_foreign", map[string]string{"card": tk.Card})
			return forged(t.present.Words), nil
		}
	case tk.Channel != "":
		if tk.Channel != personID(t.in.Workspace, t.in.Channel) {
			t.audited(ctx, "click_foreign", map[string]string{"channel": tk.Channel})
			return forged(t.present.Words), nil
		}
	case tk.User != t.actor.ID:
		t.audited(ctx, "click_foreign", map[string]string{"person": t.actor.ID})
		return forged(t.present.Words), nil
	}
	return t.act(ctx, tk, b.Choice)
}

// tooOld answers a button whose time is over. A card of a job gets new ones.
func (t *turn) tooOld(ctx context.Context, b chat.Click) (chat.Answer, error) {
	card, err := t.tx.CardByMessage(ctx, t.in.Workspace, t.in.Channel, b.Message)
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && (card.Former() || card.Kind == storage.BoardCard):
	case err != nil:
		return chat.Answer{}, fmt.Errorf("load a card: %w", err)
	default:
		if err := t.enqueueCard(ctx, card); err != nil {
			return chat.Answer{}, err
		}
		a := chat.Private(chat.T(t.present.Say("This button was too old, and nothing was changed. The card gets new ones: press it again in a moment.")))
		a.Refused = string(workflow.Expired)
		return a, nil
	}
	if t.actor.Role == workflow.Operator || t.actor.Role == workflow.Manager {
		return chat.Answer{}, workflow.Refuse(workflow.Expired, "This button is too old. %s show brings the job up again.", t.present.Command)
	}
	// A firm may have no command.
	return chat.Answer{}, workflow.Refuse(workflow.Expired, "This button is too old. Use those of the job's card in this channel.")
}

// bearer is the card that bears a button. It is looked for among those of the button's
// job, which are read with the job in any case: what is done to it shows on them.
func (t *turn) bearer(ctx context.Context, tk ticket.Ticket) (storage.Card, error) {
	if tk.Issue != "" {
		// Read first, because it keeps others from adding to its cards meanwhile.
		i, err := t.tx.Issue(ctx, tk.Issue)
		if err == nil {
			t.pressed = &i
		} else if !errors.Is(err, storage.ErrNotFound) {
			return storage.Card{}, fmt.Errorf("load an issue: %w", err)
		}
		cards, err := t.cardsOf(ctx, tk.Issue)
		if err != nil {
			return storage.Card{}, err
		}
		if n := slices.IndexFunc(cards, func(c storage.Card) bool { return c.ID == tk.Card }); n >= 0 {
			return cards[n], nil
		}
	}
	return t.tx.Card(ctx, tk.Card)
}

// issueMeant is the issue that a button is about.
func (t *turn) issueMeant(ctx context.Context, tk ticket.Ticket) (storage.Issue, error) {
	if t.pressed != nil {
		// Nothing was written since.
		return t.visible(*t.pressed, nil)
	}
	return t.issueByID(ctx, tk.Issue)
}

// open reads the ticket of a click or form for this desk.
func (e *Engine) open(token string) (ticket.Ticket, error) {
	tk, err := e.signer.Open(token, e.now())
	switch {
	case err != nil:
		return ticket.Ticket{}, err
	case tk.Desk != e.desk:
		return ticket.Ticket{}, ticket.ErrForged
	}
	return tk, nil
}

// ticketOf reads the ticket of an inbound; a zero one of what carries none.
func (e *Engine) ticketOf(in chat.Inbound) (ticket.Ticket, error) {
	switch b := in.Body.(type) {
	case chat.Click:
		return e.open(b.Token)
	case chat.Submitted:
		return e.open(b.Token)
	default:
		return ticket.Ticket{}, nil
	}
}

// refuseForged turns away clicks and forms that we did not sign, before anything is
// asked of a platform or written for them: anybody can send those.
func (e *Engine) refuseForged(ctx context.Context, in chat.Inbound) chat.Answer {
	kind, answer := "click_forged", forged(e.present.Words)
	if _, ok := in.Body.(chat.Submitted); ok {
		kind, answer = "form_forged", forgedForm(e.present.Words)
	}
	if e.audit.Allow() {
		e.log.WarnContext(ctx, "intake: refused", "kind", kind, "workspace", in.Workspace, "channel", in.Channel, "person", in.From.ID)
		err := e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
			return tx.Append(ctx, storage.Event{At: e.now(), Kind: kind, Workspace: in.Workspace, Data: map[string]string{"person": in.From.ID}})
		})
		if err != nil {
			e.log.WarnContext(ctx, "intake: audit not written", "err", err)
		}
	}
	return answer
}

func forged(w present.Words) chat.Answer {
	a := chat.Private(chat.T(w.Say("This button does not belong here. Nothing was changed.")))
	a.Refused = RefusedUnauthenticated
	return a
}

// act does what a genuine button says, or opens the form it needs.
func (t *turn) act(ctx context.Context, tk ticket.Ticket, choice string) (chat.Answer, error) {
	verb := workflow.Verb(tk.Verb)
	if verb == present.EditSettings {
		// An administrator may be in none of the desk's channels.
		return t.openSection(cmp.Or(choice, tk.Arg))
	}
	if verb == present.TurnHistory && (t.actor.Role != workflow.Stranger || t.actor.Admin) {
		return t.turnHistory(ctx, tk)
	}
	if t.actor.Role == workflow.Stranger {
		// The button is in plain sight, so that it exists is no secret.
		t.audited(ctx, "click_refused", map[string]string{"verb": tk.Verb})
		return chat.Answer{}, workflow.Refuse(workflow.Forbidden, "Only the firm this job is offered to and the desk's operators can do this. Nothing was changed.")
	}
	switch verb {
	case present.TurnPage:
		return t.turnPage(ctx, tk)
	case present.TurnFirms:
		return t.turnFirms(ctx, tk)
	case present.ShowList:
		return t.showList(ctx, choice)
	case present.FilterList:
		return t.filterForm()
	case present.FromMessage:
		return t.cmdFrom(ctx, tk.Arg)
	case present.EnterWeb:
		return t.enter(ctx, 0)
	case present.AcceptSeveral:
		if choice != "" {
			return t.acceptSeveral(ctx, tk, choice, nil)
		}
		return t.severalForm(ctx)
	case workflow.Snooze:
		return t.snooze(ctx, tk)
	case workflow.Acknowledge:
		return t.acknowledge(ctx, tk)
	case workflow.FirmHours:
		return t.openHours(ctx, tk.Arg)
	case workflow.FirmCertificate:
		return t.openCertificate(ctx, tk.Arg)
	case present.FromTemplate:
		return t.chooseTemplate(ctx, tk, choice)
	case workflow.Templates:
		return t.templateButton(ctx, tk.Arg)
	case present.KeptText:
		return t.keptTextButton(ctx, tk.Arg)
	case workflow.Notify:
		return t.cmdNotify(ctx, "")
	// The buttons of forms that did not open in time.
	case workflow.Create:
		return t.newForm(ctx)
	case workflow.AddContractor:
		return t.cmdContractor(ctx, "add")
	case workflow.PauseContractor:
		return t.offboardForm(ctx, tk.Arg)
	case present.InviteAgain:
		return t.inviteAgain(ctx, tk.Arg)
	case present.PostSummary:
		return t.postSummary(ctx, tk.Arg)
	case present.Score:
		return t.ownScore(ctx, tk.Arg)
	default:
		return t.actOnJob(ctx, tk, choice)
	}
}

// actOnJob does what a button of a job's says, or opens the form it needs.
func (t *turn) actOnJob(ctx context.Context, tk ticket.Ticket, choice string) (chat.Answer, error) {
	verb := workflow.Verb(tk.Verb)
	i, err := t.issueMeant(ctx, tk)
	if err != nil {
		return chat.Answer{}, err
	}
	cmd := workflow.Command{Verb: verb, Assignment: tk.Assignment, Revision: tk.Revision, At: t.now}
	switch verb {
	case workflow.Decline:
		if choice == "" {
			return t.form(ctx, i, cmd)
		}
		cmd.Reason = choice
		cmd, err = t.withNext(ctx, i, cmd)
	case workflow.CounterOffer:
		if choice == "" {
			return t.form(ctx, i, cmd)
		}
		return t.counterLater(ctx, i, cmd, choice)
	case workflow.HandOver:
		if choice == "" {
			return t.form(ctx, i, cmd)
		}
		cmd.To, err = t.colleague(ctx, i, tk.Assignment, choice)
	case workflow.Submit:
		if tk.Card != "" || tk.Nonce == "" {
			return t.form(ctx, i, cmd)
		}
		cmd.Completion, err = t.completionByThread(ctx, i, tk.Assignment)
	case workflow.AskApproval:
		return t.askByThread(ctx, i, cmd)
	case workflow.Rate:
		if choice == "" {
			return t.form(ctx, i, cmd)
		}
		return t.rateAs(ctx, i, cmd, choice)
	case present.More:
		return t.more(ctx, i, cmd, choice)
	case present.ReadAll:
		return t.readAll(i, tk.Assignment)
	case workflow.Step, workflow.HoldWork, workflow.Check:
		if choice == "" {
			cmd.Step = tk.Arg
			return t.form(ctx, i, cmd)
		}
		if err = chooseWork(i, &cmd, tk.Arg, choice); err != nil {
			return chat.Answer{}, err
		}
	case workflow.Demand, workflow.SendBack, workflow.TakeBack, workflow.RefuseRequest, workflow.Amend, workflow.AllocateExternal, present.OfferElsewhere, present.Details, present.Reply, present.ChainForm:
		return t.form(ctx, i, cmd)
	case workflow.Offer:
		if tk.Assignment != "" {
			return t.sendDraft(ctx, i, cmd)
		}
		return t.offerChosen(ctx, i, choice, tk.Arg)
	case workflow.Accept:
		return t.accept(ctx, i, cmd)
	case workflow.GoOn:
		return t.goOnNow(ctx, i)
	case workflow.AcceptCounter, workflow.RefuseCounter, workflow.WithdrawCounter:
		return t.answerCounter(ctx, i, cmd)
	case workflow.Reopen:
		if i, err = t.reopen(ctx, i); err != nil {
			return chat.Answer{}, err
		}
		return t.done(i, verb), nil
	}
	if err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	return t.done(i, verb), nil
}

// done answers a click that worked. The card itself shows what it did; a few verbs
// deserve a word, because the card may be far away.
func (t *turn) done(i storage.Issue, verb workflow.Verb) chat.Answer {
	switch verb {
	case workflow.Accept:
		return did(i, t.present.Say("You are in charge of %s now.", present.Heading(i)))
	case workflow.Submit:
		return did(i, t.present.Say("%s is handed in. The desk checks it.", present.Heading(i)))
	case workflow.Decline:
		return did(i, t.present.Say("You declined %s.", present.Heading(i)))
	case workflow.CounterOffer:
		return did(i, t.present.Say("The desk looks at what you suggest for %s. You hear in the thread.", present.Heading(i)))
	case workflow.AcceptCounter:
		return did(i, t.present.Say("The firm has %s on its own terms now.", present.Heading(i)))
	case workflow.RefuseCounter:
		return did(i, t.present.Say("The firm hears that the terms of %s stay as offered.", present.Heading(i)))
	case workflow.WithdrawCounter:
		return did(i, t.present.Say("Your suggestion for %s is withdrawn. You can accept or decline the offer as it stands.", present.Heading(i)))
	case workflow.AskApproval:
		return did(i, t.present.Say("The desk looks at what you ask for on %s. You hear in the thread.", present.Heading(i)))
	case workflow.WithdrawRequest:
		return did(i, t.present.Say("Your request for %s is withdrawn.", present.Heading(i)))
	case workflow.GrantRequest, workflow.RefuseRequest:
		return t.answered(i, verb)
	case workflow.Discard:
		return did(i, t.present.Say("The draft for %s is discarded. The firm never heard of it.", present.Heading(i)))
	default:
		return chat.Answer{Number: i.Number}
	}
}

// form opens the form a verb needs, after asking whether the verb makes sense now:
// who is late hears so before typing anything.
func (t *turn) form(ctx context.Context, i storage.Issue, cmd workflow.Command) (chat.Answer, error) {
	if err := t.mayOpen(i, cmd); err != nil {
		return chat.Answer{}, err
	}
	job, err := t.job(ctx, t.tx, i)
	if err != nil {
		return chat.Answer{}, err
	}
	a, _ := workflow.Find(i.Issue, cmd.Assignment)
	as := t.asked()
	out := chat.Answer{Fallback: t.present.TryAgain(as, cmd.Verb, i, &a, "")}
	switch cmd.Verb {
	case workflow.Decline:
		out.Form, out.Fallback = t.present.Decline(as, job, a), t.present.DeclineWithout(as, job, a)
	case workflow.Submit:
		files, err := t.evidence(ctx, t.tx, i, a.ID)
		if err != nil {
			return chat.Answer{}, err
		}
		if err := workflow.Gate(i.Demands, a, len(files)); err != nil {
			return chat.Answer{}, err
		}
		out.Form, out.Fallback = t.present.Complete(as, job, a), t.present.CompleteWithout(as, job, a)
	case workflow.HandOver:
		people, err := t.colleagues(ctx, a)
		if err != nil {
			return chat.Answer{}, err
		}
		out.Form, out.Fallback = t.present.HandOver(as, job, a, people), t.present.HandOverWithout(as, job, a, people)
	case workflow.Step:
		out.Form, out.Fallback = t.present.Plan(as, job, a, cmd.Step), t.present.PlanWithout(as, job, a, cmd.Step)
	case workflow.HoldWork:
		out.Form, out.Fallback = t.present.Pause(as, job, a), t.present.PauseWithout(as, job, a)
	case workflow.Check:
		out.Form, out.Fallback = t.present.Checklist(as, job, a), t.present.ChecklistWithout(as, job, a)
	case workflow.Demand:
		out.Form = t.present.Demands(as, job)
	case workflow.SendBack:
		out.Form = t.present.SendBack(as, job, a)
	case workflow.TakeBack:
		out.Form = t.present.TakeBack(as, job, a)
	case workflow.Rate:
		out.Form, out.Fallback = t.present.RateForm(as, job, a), t.present.RateWithout(as, job, a)
	case workflow.AskApproval:
		out.Form, out.Fallback = t.present.AskApproval(as, job, a), t.present.AskApprovalWithout(as, job, a)
	case workflow.RefuseRequest:
		out.Form = t.present.RefuseRequest(as, job, a)
	case workflow.Amend:
		out.Form = t.present.Amend(as, job, a)
	case workflow.CounterOffer:
		out.Form, out.Fallback = t.present.Counter(as, job, a), t.present.CounterWithout(as, job, a)
	case workflow.AllocateExternal:
		out.Form, out.Fallback = t.present.AskOutside(as, i), t.present.AskOutsideWithout(as, i)
	case present.ChainForm:
		out.Form = t.present.Chain(as, job)
	case present.Reply:
		if cmd.Assignment == "" {
			return t.replyForm(ctx, i)
		}
		out.Form = t.present.ReplyForm(as, job, cmd.Assignment)
	case present.Details:
		out.Form = t.present.EditDetails(as, i)
	case present.OfferElsewhere:
		form, err := t.offerForm(ctx, as, i)
		if err != nil {
			return chat.Answer{}, err
		}
		out.Form = form
	}
	return out, nil
}

// mayOpen tells whether the verb that a form is for makes sense now.
func (t *turn) mayOpen(i storage.Issue, cmd workflow.Command) error {
	// A form shows the job as it is now and carries that revision, so that an older
	// card may open it; what is no longer possible is refused all the same.
	cmd.Revision = 0
	switch cmd.Verb {
	case present.Details:
		return workflow.Allowed(t.actor, workflow.Create)
	case present.OfferElsewhere:
		cmd.Verb, cmd.Assignment = workflow.Offer, ""
	case present.Reply:
		cmd.Verb = workflow.Comment
	case present.ChainForm:
		cmd.Verb = workflow.SetChain
	}
	return workflow.Opens(i.Issue, t.actor, cmd)
}

// colleagues are the people of the actor's firm a job can be handed over to.
func (t *turn) colleagues(ctx context.Context, a workflow.Assignment) ([]workflow.Person, error) {
	chans, err := t.places.list(ctx, storage.ContractorChannel, a.Contractor)
	if err != nil {
		return nil, err
	}
	desk := map[string]bool{}
	ops, err := t.places.list(ctx, storage.OperationsChannel, "")
	if err != nil {
		return nil, err
	}
	for _, c := range ops {
		for _, id := range t.roster.list(c) {
			desk[personID(c.Workspace, id)] = true
		}
	}
	var out []workflow.Person
	for _, c := range chans {
		p, attached := t.platform(c.Workspace)
		for _, id := range t.roster.list(c) {
			full := personID(c.Workspace, id)
			if desk[full] || full == a.InCharge.ID || attached && p.Self().ID == id {
				continue
			}
			name := id
			if who, ok := t.roster.people.Get(personKey{c.Workspace, id}); ok {
				if who.Kind == chat.Bot {
					continue
				}
				name = who.Name
			}
			out = append(out, workflow.Person{ID: full, Name: name})
		}
	}
	if len(out) == 0 {
		return nil, workflow.Refuse(workflow.Conflict, "Nobody else of your firm is in this channel. Ask the desk to invite your colleague first.")
	}
	return out, nil
}

// colleague finds the chosen one again among those who could be chosen.
func (t *turn) colleague(ctx context.Context, i storage.Issue, assignment, id string) (workflow.Person, error) {
	a, ok := workflow.Find(i.Issue, assignment)
	if !ok {
		return workflow.Person{}, workflow.NoSuchAssignment()
	}
	all, err := t.colleagues(ctx, a)
	if err != nil {
		return workflow.Person{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return workflow.Person{}, workflow.RefuseField("person", "Choose a colleague of your firm from the list.")
}

func (t *turn) firmByID(ctx context.Context, id string) (storage.Contractor, error) {
	c, err := t.tx.Contractor(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return c, workflow.RefuseField("contractor", "Choose a firm from the list.")
	}
	if err != nil {
		return c, fmt.Errorf("load a contractor: %w", err)
	}
	return c, nil
}
