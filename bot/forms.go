package bot

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// maxText is the longest text anybody can enter by a form, a command or the API.
// Forms of a platform have narrower limits, which are the client's to keep.
const maxText = 10_000

// formWorkspace is where the nonces of used forms are remembered.
const formWorkspace = "form"

// submitted takes a sent form. A refusal keeps the form open with what was typed.
func (t *turn) submitted(ctx context.Context, b chat.Submitted) (chat.Answer, error) {
	tk, err := t.ready.ticket, t.ready.ticketErr
	if errors.Is(err, ticket.ErrExpired) {
		return chat.Answer{}, workflow.Refuse(workflow.Expired, "This form was open for too long. Copy your text, close it and open it again.")
	}
	// The person is bound by the signature; what the client says of itself is not
	// believed (a Mattermost client names the form's state and address itself).
	if err == nil && (tk.User != t.actor.ID || tk.Nonce == "") {
		t.audited(ctx, "form_foreign", map[string]string{"person": t.actor.ID})
		err = ticket.ErrForged
	}
	if err != nil {
		return forgedForm(t.present.Words), nil
	}
	t.actAsFirm(ctx, tk)
	values := trimmed(b.Values)
	for field, v := range values {
		if utf8.RuneCountInString(v) > maxText {
			return chat.Answer{}, workflow.RefuseField(field, "Shorten this to %d characters.", maxText)
		}
	}
	answer, err := t.fill(ctx, tk, values)
	if err != nil || len(answer.FieldErrors) > 0 {
		return answer, err
	}
	// Only now is the form used up: one that was refused may be sent again.
	fresh, _, err := t.tx.Remember(ctx, storage.Memory{Workspace: formWorkspace, Key: tk.Nonce, At: t.now})
	if err != nil {
		return chat.Answer{}, fmt.Errorf("remember a form: %w", err)
	}
	if !fresh {
		return chat.Answer{}, errFormUsed
	}
	return answer, nil
}

func forgedForm(w present.Words) chat.Answer {
	return chat.Answer{
		FieldErrors: map[string]string{"": w.Say("This form is not yours to send. Nothing was changed.")},
		Refused:     RefusedUnauthenticated,
	}
}

// errFormUsed undoes what a form that was sent before did again. It is turned
// into a refusal outside of the transaction.
var errFormUsed = errors.New("the form was sent before")

// actAsFirm gives somebody who sends a form the role that they have in the channel
// the form was opened in: the channel a client names is not believed.
func (t *turn) actAsFirm(ctx context.Context, tk ticket.Ticket) {
	if t.actor.Role == workflow.Operator {
		return
	}
	if firm, _, several := present.ShownOffers(tk.Arg, "", nil); several && workflow.Verb(tk.Verb) == present.AcceptSeveral {
		if t.roster.knownIn(ctx, t.in.Workspace, t.in.From.ID, firm) {
			t.actor.Role, t.actor.Contractor = workflow.Contractor, firm
			t.actor = withRights(t.actor, t.settings)
		}
		return
	}
	if tk.Assignment == "" {
		return
	}
	i, err := t.tx.Issue(ctx, tk.Issue)
	if err != nil {
		return
	}
	a, ok := workflow.Find(i.Issue, tk.Assignment)
	if ok && t.roster.knownIn(ctx, t.in.Workspace, t.in.From.ID, a.Contractor) {
		t.actor.Role, t.actor.Contractor = workflow.Contractor, a.Contractor
		t.actor = withRights(t.actor, t.settings)
	}
}

func trimmed(in map[string]string) map[string]string {
	out := make(map[string]string, len(in))
	for k, v := range in {
		out[k] = strings.TrimSpace(v)
	}
	return out
}

// fill does what a form's verb says with its values.
func (t *turn) fill(ctx context.Context, tk ticket.Ticket, v map[string]string) (chat.Answer, error) {
	switch workflow.Verb(tk.Verb) {
	case workflow.Create:
		return t.createFrom(ctx, v, tk.Arg)
	case present.FromTemplate:
		return t.createFromTemplate(ctx, tk.Arg, v)
	case workflow.Templates:
		return t.saveTemplate(ctx, tk.Arg, v)
	case present.KeptText:
		return t.saveKeptText(ctx, tk.Arg, v)
	case workflow.Notify:
		return t.saveNotify(ctx, v)
	case present.EditSettings:
		return t.saveSection(ctx, tk, v)
	case workflow.FirmHours:
		return t.saveHours(ctx, tk, v)
	case workflow.FirmCertificate:
		return t.saveCertificate(ctx, tk.Arg, v)
	case workflow.AddContractor:
		return t.addContractor(ctx, v["city"], v["company"], v["where"])
	case present.FilterList:
		return t.filtered(ctx, tk, v)
	case workflow.PauseContractor:
		return t.offboardFrom(ctx, tk.Arg, v)
	case present.AcceptSeveral:
		return t.acceptSeveral(ctx, tk, "", v)
	default:
		return t.fillForJob(ctx, tk, v)
	}
}

// fillForJob does what the form of a job says.
func (t *turn) fillForJob(ctx context.Context, tk ticket.Ticket, v map[string]string) (chat.Answer, error) {
	verb := workflow.Verb(tk.Verb)
	i, err := t.issueByID(ctx, tk.Issue)
	if err != nil {
		return chat.Answer{}, err
	}
	cmd := workflow.Command{Verb: verb, Assignment: tk.Assignment, Revision: tk.Revision}
	switch verb {
	case workflow.Offer:
		h, err := t.filledOffer(ctx, v)
		if err != nil {
			return chat.Answer{}, err
		}
		return t.handOff(ctx, i, h)
	case workflow.Amend:
		return t.amend(ctx, i, cmd, v)
	case workflow.CounterOffer:
		return t.counter(ctx, i, cmd, v)
	case workflow.SetChain:
		return t.chain(ctx, i, v["firms"])
	case workflow.AllocateExternal:
		return t.askedOutside(ctx, i, v[present.AskedOutside])
	case workflow.Comment:
		text, err := t.chosenFrom(ctx, i, tk.Assignment, "text", v, maxText)
		if err != nil {
			return chat.Answer{}, err
		}
		if tk.Assignment == "" && !t.spokenOutside(i, "") {
			return chat.Answer{}, workflow.Refuse(workflow.Conflict, "The people outside for whom you wrote this are no longer asked about the job. Nothing was sent.")
		}
		return t.writeToFirm(ctx, i, tk.Assignment, text)
	case present.Details:
		return t.editDetails(ctx, i, tk.Arg, v)
	case workflow.Decline:
		cmd.Reason, cmd.Text = v["reason"], v["text"]
		if cmd, err = t.withNext(ctx, i, cmd); err != nil {
			return chat.Answer{}, err
		}
	case workflow.Submit:
		if cmd.Completion, err = t.filledCompletion(v); err != nil {
			return chat.Answer{}, err
		}
	case workflow.Step, workflow.HoldWork, workflow.Check, workflow.Demand:
		if err := t.fillWork(i, &cmd, tk.Arg, v); err != nil {
			return chat.Answer{}, err
		}
	case workflow.HandOver:
		if cmd.To, err = t.colleague(ctx, i, tk.Assignment, v["person"]); err != nil {
			return chat.Answer{}, err
		}
	case workflow.AskApproval:
		if err := t.fillRequest(&cmd, v); err != nil {
			return chat.Answer{}, err
		}
	case workflow.RefuseRequest:
		cmd.Reason = v["reason"]
	case workflow.SendBack:
		if cmd.Reason, err = t.chosenFrom(ctx, i, tk.Assignment, "reason", v, longestReason); err != nil {
			return chat.Answer{}, err
		}
		if cmd.Reason == "" {
			return chat.Answer{}, workflow.RefuseField("reason", "Say what is missing; the firm reads it.")
		}
	case workflow.TakeBack:
		if cmd.Reason, err = t.chosenFrom(ctx, i, tk.Assignment, "reason", v, longestReason); err != nil {
			return chat.Answer{}, err
		}
	case workflow.Rate:
		cmd.Text, cmd.Share = v["text"], v["share"] == "true"
		// What is no number is no rating either.
		cmd.Stars, _ = strconv.Atoi(v["stars"])
		return t.rate(ctx, i, cmd)
	default:
		return chat.Answer{}, otherVersion()
	}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	return t.done(i, verb), nil
}

// filledCompletion reads what a form says of finished work.
func (t *turn) filledCompletion(v map[string]string) (c workflow.Completion, err error) {
	if v["note"] == "" && t.settings.Approval.Evidence.Note {
		return c, workflow.RefuseField("note", "Say in a sentence what was done.")
	}
	c.Note, c.Activity = v["note"], v["activity"]
	if c.Effort, err = parseEffort(v["effort"]); err != nil {
		return c, err
	}
	if c.Costs, err = workflow.ParseCosts(v["costs"]); err != nil {
		return c, err
	}
	c.Materials, err = workflow.ParseMaterials(v["materials"])
	return c, err
}

func (t *turn) chosenFirm(ctx context.Context, value string) (storage.Contractor, error) {
	if value == "" {
		return storage.Contractor{}, workflow.RefuseField("contractor", "Choose a firm.")
	}
	found, err := t.firmsLike(ctx, value)
	if err != nil {
		return storage.Contractor{}, err
	}
	if len(found) > 1 {
		return storage.Contractor{}, workflow.RefuseField("contractor", "Several firms fit %q. Write more of the name.", short(value))
	}
	return found[0], nil
}

// createFrom makes an issue from a form's values and the message that the form was
// opened from, if there is one, and offers it when a firm was
// chosen too.
func (t *turn) createFrom(ctx context.Context, v map[string]string, source string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return chat.Answer{}, err
	}
	return t.createWith(ctx, v, storage.Issue{SourceURL: source}, "")
}

// createWith makes an issue from values beside what is known of it. why is what needs an
// approval before it is offered, empty for nothing.
func (t *turn) createWith(ctx context.Context, v map[string]string, known storage.Issue, why string) (chat.Answer, error) {
	i, err := t.typedDetails(known, v)
	if err != nil {
		return chat.Answer{}, err
	}
	var firm storage.Contractor
	var terms workflow.Terms
	var ahead storage.Issue
	var hint string
	if v[present.AfterField] != "" {
		if ahead, err = t.aheadOf(ctx, v[present.AfterField]); err == nil {
			err = t.mayFollow(ctx, ahead)
		}
		if err != nil {
			return chat.Answer{}, err
		}
	}
	if v["contractor"] != "" {
		if firm, err = t.chosenFirm(ctx, v["contractor"]); err != nil {
			return chat.Answer{}, err
		}
		if err := t.takesOffers(firm); err != nil {
			return chat.Answer{}, inField("contractor", err)
		}
		// Only what is sent has to have the certificates; what is prepared may wait for them.
		if ahead.ID != "" || why != "" && !t.actor.Rights().Has(workflow.RightMoney) {
			hint, err = t.lackHint(ctx, firm, i.Demands)
		} else {
			err = t.mayHave(ctx, firm, i.Demands)
		}
		if err != nil {
			return chat.Answer{}, err
		}
		if terms, err = t.terms(map[string]string{"accept_by": v["accept_by"]}); err != nil {
			return chat.Answer{}, err
		}
	} else if v["accept_by"] != "" {
		return chat.Answer{}, workflow.RefuseField("contractor", "Choose the firm that has to answer, or empty the answer-by field.")
	}
	if i, err = t.createHeld(ctx, i, why); err != nil {
		return chat.Answer{}, err
	}
	if ahead.ID != "" || i.Request.Open() {
		var a chat.Answer
		if ahead.ID != "" {
			a, err = t.createdAfter(ctx, i, ahead, firm, terms)
		} else {
			a, err = t.madeHeld(ctx, i, firm, terms)
		}
		if err == nil && hint != "" {
			a.Message.Text = a.Message.Text.Plain(" " + hint)
		}
		return a, err
	}
	if firm.ID != "" {
		a, err := t.handOff(ctx, i, handOff{firms: []storage.Contractor{firm}, terms: terms})
		if err != nil {
			return chat.Answer{}, err
		}
		a.Message.Text = t.present.Created(i).Plain(" ").Append(a.Message.Text)
		return a, nil
	}
	return did(i, t.present.Created(i).String()), nil
}

// inField puts a refusal at the form field that it is about.
func inField(field string, err error) error {
	if r, ok := errors.AsType[*workflow.Refusal](err); ok {
		return &workflow.Refusal{Code: r.Code, Message: r.Message, Said: r.Said, Field: field}
	}
	return err
}

// typedDetails reads what somebody typed: a due date that has passed is a slip there,
// while programs may bring late jobs along.
func (t *turn) typedDetails(i storage.Issue, v map[string]string) (storage.Issue, error) {
	i, err := t.details(i, v)
	if err == nil && v["due"] != "" && i.DueAt.Before(t.now) {
		err = workflow.RefuseField("due", "That time has passed. Give a later one, or empty this field.")
	}
	return i, err
}

// details reads an issue's own fields from a form or a request.
func (t *turn) details(i storage.Issue, v map[string]string) (storage.Issue, error) {
	// What was not sent stays: a form may have no room for a field.
	for field, to := range map[string]*string{
		"title": &i.Title, "description": &i.Description, "topic": &i.Topic, "place": &i.Place,
		"url": &i.URL, "external_ref": &i.ExternalRef, "customer": &i.Customer,
	} {
		if s, sent := v[field]; sent {
			*to = s
		}
	}
	if p := strings.ToLower(v["priority"]); p != "" {
		i.Priority = p
	}
	if i.Priority == "" {
		i.Priority = "normal"
	}
	for _, c := range []struct {
		field, value string
		max          int
	}{
		{"title", i.Title, 150},
		{"description", i.Description, 10_000},
		{"topic", i.Topic, 60},
		{"place", i.Place, 150},
		{"customer", i.Customer, 200},
		{"external_ref", i.ExternalRef, 100},
		{"url", i.URL, 2000},
	} {
		if utf8.RuneCountInString(c.value) > c.max {
			return i, workflow.RefuseField(c.field, "Shorten this to %d characters.", c.max)
		}
	}
	if i.Title == "" {
		return i, workflow.RefuseField("title", "Give the job a title.")
	}
	known := false
	for _, p := range t.present.Priorities() {
		known = known || p.Value == i.Priority
	}
	if !known {
		return i, workflow.RefuseField("priority", "The priority is one of low, normal, high and urgent.")
	}
	if i.URL != "" {
		u, err := url.Parse(i.URL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return i, workflow.RefuseField("url", "Give a full link that begins with https://.")
		}
	}
	due, sent := v["due"]
	if !sent {
		return i, nil
	}
	if due == "" {
		i.DueAt = time.Time{}
		return i, nil
	}
	at, err := parseWhen(due, t.now, t.zone)
	if err != nil {
		return i, inField("due", err)
	}
	i.DueAt = at
	return i, nil
}

// createHeld makes an issue that may need an approval, for a reason, before it is offered.
func (t *turn) createHeld(ctx context.Context, i storage.Issue, why string) (storage.Issue, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return i, err
	}
	if utf8.RuneCountInString(i.Title) > 150 {
		return i, workflow.Refuse(workflow.Invalid, "Shorten the title to 150 characters; the rest can go into the description.")
	}
	due, demands := i.DueAt, i.Demands
	if demands.Empty() {
		demands = t.usualDemands()
	}
	d, err := workflow.Decide(workflow.Issue{ID: newID()}, t.actor, workflow.Command{
		Verb: workflow.Create, At: t.now.Truncate(time.Microsecond), Reason: why,
		// A program may approve all, and asks only where its users are to.
		Hold: t.in.Workspace == APIWorkspace,
	})
	if err != nil {
		return i, err
	}
	i.Issue = d.Issue
	i.DueAt, i.Demands = due, demands
	i.CreatedBy = workflow.Person{ID: t.actor.ID, Name: t.actor.Name}
	if err := t.findable(ctx, i.CreatedBy); err != nil {
		return i, err
	}
	if i.Number, err = t.tx.InsertIssue(ctx, i); err != nil {
		return i, fmt.Errorf("insert an issue: %w", err)
	}
	if err := t.record(ctx, i.ID, d.Events...); err != nil {
		return i, err
	}
	if err := t.newIssueCards(ctx, i.ID); err != nil {
		return i, err
	}
	if err := t.notify(ctx, i, d.Notices); err != nil {
		return i, err
	}
	if err := t.homesChange(ctx); err != nil {
		return i, err
	}
	// The store's own record carries the versions that later writes are guarded by.
	return t.tx.Issue(ctx, i.ID)
}

// editDetails changes what people wrote about an issue. Only what the form's sender
// changed is written, and not over what a colleague changed meanwhile.
func (t *turn) editDetails(ctx context.Context, was storage.Issue, shown string, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return chat.Answer{}, err
	}
	if was.Status == workflow.Closed {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s is closed. Reopen it first.", present.Number(was.Number))
	}
	edits, ok := t.present.Edits(shown, was, v)
	if !ok {
		return chat.Answer{}, otherVersion()
	}
	if len(edits.Clashes) > 0 {
		return t.clash(ctx, was, edits.Clashes)
	}
	is, err := t.typedDetails(was, edits.Values)
	if err != nil {
		return chat.Answer{}, err
	}
	changed := present.ChangedDetails(was, is)
	if len(changed) == 0 {
		return did(was, t.present.Say("%s stays as it is.", present.Heading(was))), nil
	}
	if !is.DueAt.Equal(was.DueAt) {
		is.Overdue = false
	}
	is.Assignments = workflow.KeepKnown(is.Assignments, changed)
	if err := t.tx.SaveIssue(ctx, was, is); err != nil {
		return chat.Answer{}, fmt.Errorf("save issue %d: %w", was.Number, err)
	}
	if err := t.refresh(ctx, is.ID, func(storage.Card) bool { return true }); err != nil {
		return chat.Answer{}, err
	}
	if err := t.boardsChange(ctx, was, is); err != nil {
		return chat.Answer{}, err
	}
	if err := t.homesChange(ctx); err != nil {
		return chat.Answer{}, err
	}
	events, err := t.tellChanges(ctx, is, changed)
	if err != nil {
		return chat.Answer{}, err
	}
	if err := t.record(ctx, is.ID, events...); err != nil {
		return chat.Answer{}, err
	}
	return did(is, t.present.Say("%s is saved.", present.Heading(is))), nil
}

// tellChanges tells the firms that have a job, in its threads, what they may know of what
// the desk changed about it, and gives what stands in the histories of both sides.
func (t *turn) tellChanges(ctx context.Context, i storage.Issue, changed map[string]string) ([]workflow.Event, error) {
	events := []workflow.Event{{Kind: workflow.EventDetailsChanged, Data: changed}}
	job, err := t.job(ctx, t.tx, i)
	if err != nil {
		return nil, err
	}
	cards, err := t.cardsOf(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range i.Assignments {
		told := workflow.FirmsDetails(changed, a)
		// A card that is still on its way shows the job as it is now: who saw no other must
		// not read what the desk took back.
		seen := func(c storage.Card) bool { return c.Assignment == a.ID && c.Message != "" }
		if !workflow.Out(a.Status) || len(told) == 0 || !slices.ContainsFunc(cards, seen) {
			continue
		}
		events = append(events, workflow.Event{Kind: workflow.EventDetailsChanged, Assignment: a.ID, Data: told})
		there := func(c storage.Card) bool { return c.Kind == storage.AssignmentCard && seen(c) }
		if err := t.reply(ctx, cards, there, t.toFirm(job.Firms[a.Contractor]).DetailsChanged(told)); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// clashLooksAt is among how many of the last events a colleague's change is looked for,
// who changed it while a form was open.
const clashLooksAt = 100

// clash says at each field what a colleague made of it. The form stays open.
func (t *turn) clash(ctx context.Context, i storage.Issue, fields []chat.Field) (chat.Answer, error) {
	events, err := t.tx.LastEvents(ctx, i.ID, 0, clashLooksAt, present.UntoldKinds()...)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list events: %w", err)
	}
	who := t.present.Say("somebody")
	for _, e := range slices.Backward(events) {
		if e.Kind == workflow.EventDetailsChanged {
			who = e.Actor.Name
			break
		}
	}
	a := chat.Answer{FieldErrors: map[string]string{}, Refused: string(workflow.Conflict)}
	for _, f := range fields {
		said := t.present.Say("Meanwhile %s emptied this. Copy yours, close the form and open it again.", who)
		if f.Value != "" {
			said = t.present.Say("Meanwhile %s made this %q. Copy yours, close the form and open it again.", who, short(f.Value))
		}
		a.FieldErrors[f.Name] = said
	}
	return a, nil
}

func otherVersion() *workflow.Refusal {
	return workflow.Refuse(workflow.Invalid, "This form is of another version. Close it and open it again.")
}
