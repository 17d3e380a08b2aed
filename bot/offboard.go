package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// openWork lists everything of a firm that is not over, drafts included, oldest first.
func (t *turn) openWork(ctx context.Context, firm string) ([]storage.Issue, error) {
	return t.workOf(ctx, firm, append([]workflow.Status{workflow.Unsent}, workflow.OutStatuses()...))
}

// offboard asks what becomes of the work of a firm that leaves, and whether that is the
// firm that is meant: a few letters name one, and much cannot be taken back.
func (t *turn) offboard(ctx context.Context, name string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.PauseContractor); err != nil {
		return chat.Answer{}, err
	}
	if strings.TrimSpace(name) == "" && (t.place == nil || t.place.Contractor == "") {
		return chat.Answer{}, whichFirm()
	}
	firm, err := t.firmFor(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.offboardForm(ctx, firm.ID)
}

func notLeaving(firm storage.Contractor) error {
	switch firm.State {
	case storage.ContractorLeaving:
		return workflow.Refuse(workflow.Conflict, "%s is being off-boarded already.", present.FirmName(firm))
	case storage.ContractorOffboarded:
		return workflow.Refuse(workflow.Conflict, "%s is off-boarded already.", present.FirmName(firm))
	}
	return nil
}

// toOffboard finds a firm that may be off-boarded by who asks, with its open work.
func (t *turn) toOffboard(ctx context.Context, id string) (firm storage.Contractor, open []storage.Issue, err error) {
	if err := workflow.Allowed(t.actor, workflow.PauseContractor); err != nil {
		return firm, nil, err
	}
	if firm, err = t.firmByID(ctx, id); err != nil {
		return firm, nil, err
	}
	if err := notLeaving(firm); err != nil {
		return firm, nil, err
	}
	open, err = t.openWork(ctx, firm.ID)
	return firm, open, err
}

func (t *turn) offboardForm(ctx context.Context, id string) (chat.Answer, error) {
	firm, open, err := t.toOffboard(ctx, id)
	if err != nil {
		return chat.Answer{}, err
	}
	others, err := t.activeFirms(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	others = slices.DeleteFunc(others, func(c storage.Contractor) bool { return c.ID == firm.ID })
	as := t.asked()
	return chat.Answer{
		Form:     t.present.Offboard(as, firm, open, others),
		Fallback: t.present.TryAgain(as, workflow.PauseContractor, storage.Issue{}, nil, firm.ID),
	}, nil
}

// offboardFrom reads what became of the form.
func (t *turn) offboardFrom(ctx context.Context, id string, v map[string]string) (chat.Answer, error) {
	firm, open, err := t.toOffboard(ctx, id)
	if err != nil {
		return chat.Answer{}, err
	}
	fate := map[string]string{}
	elsewhere := false
	for _, i := range open {
		f := v["job"+strconv.Itoa(i.Number)]
		if f == "" {
			f = v["all"]
		}
		switch f {
		case present.OfferWork, present.CloseWork, present.KeepWork:
		case "":
			f = present.KeepWork
		default:
			return chat.Answer{}, workflow.RefuseField("all", "Choose what happens to the open jobs.")
		}
		fate[i.ID] = f
		elsewhere = elsewhere || f == present.OfferWork
	}
	var other *storage.Contractor
	if elsewhere {
		c, err := t.chosenFirm(ctx, v["contractor"])
		if err == nil && c.ID == firm.ID {
			err = workflow.RefuseField("contractor", "Choose another firm than the one that leaves.")
		}
		if err == nil {
			err = t.takesOffers(c)
		}
		if err != nil {
			return chat.Answer{}, inField("contractor", err)
		}
		other = &c
	}
	return t.beginOffboarding(ctx, firm, fate, other, v["farewell"])
}

// takeBackPayload is one job of a firm that leaves, and what becomes of it.
type takeBackPayload struct {
	Contractor, Issue string
	Fate              string
	// Other is the firm that is offered the job, for present.OfferWork.
	Other string
	Actor workflow.Actor
}

// farewellPayload is the last step of an off-boarding.
type farewellPayload struct {
	Contractor, Text string
	Jobs             int
	Actor            workflow.Actor
	Asker            asker
}

// beginOffboarding keeps the firm from getting new work and puts the steps in order:
// each job in a transaction of its own, then the farewell. What is interrupted goes on
// from the step it was at.
func (t *turn) beginOffboarding(ctx context.Context, firm storage.Contractor, fate map[string]string, other *storage.Contractor, farewell string) (chat.Answer, error) {
	lane := storage.Lane{Workspace: t.stepsIn(), Name: leavingLane + firm.ID}
	if lane.Workspace == "" {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "Connect Slack or Mattermost first; a firm is off-boarded in its channel.")
	}
	firm.State = storage.ContractorLeaving
	if err := t.tx.SaveContractor(ctx, firm); err != nil {
		return chat.Answer{}, fmt.Errorf("save a contractor: %w", err)
	}
	err := t.record(ctx, "", workflow.Event{Kind: "contractor_leaving", Data: map[string]string{"contractor": firm.ID, "jobs": strconv.Itoa(len(fate))}})
	if err != nil {
		return chat.Answer{}, err
	}
	open, err := t.openWork(ctx, firm.ID)
	if err != nil {
		return chat.Answer{}, err
	}
	for _, i := range open {
		step := takeBackPayload{Contractor: firm.ID, Issue: i.ID, Fate: fate[i.ID], Actor: t.actor}
		if step.Fate == present.OfferWork && other != nil {
			step.Other = other.ID
		}
		if err := t.enqueue(ctx, lane, deliverTakeBack, step); err != nil {
			return chat.Answer{}, err
		}
	}
	who := t.asker()
	err = t.enqueue(ctx, lane, deliverFarewell, farewellPayload{Contractor: firm.ID, Text: farewell, Jobs: len(open), Actor: t.actor, Asker: who})
	if err != nil {
		return chat.Answer{}, err
	}
	t.await = t.outcomes.expect(who.Ref)
	return chat.Private(chat.T(t.present.Say("%s is being off-boarded. What became of its jobs follows here.", present.FirmName(firm)))), nil
}

// stepsIn is the workspace whose dispatcher takes the steps.
func (t *turn) stepsIn() string {
	all := t.connected()
	if slices.Contains(all, t.in.Workspace) {
		return t.in.Workspace
	}
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// takeBack deals with one job of a firm that leaves.
func (e *Engine) takeBack(ctx context.Context, d storage.Delivery) error {
	pl, err := payload[takeBackPayload](d)
	if err != nil {
		return err
	}
	return e.delivered(ctx, d, func(t *turn) error {
		t.actor = pl.Actor
		return t.takeWorkBack(ctx, pl)
	})
}

// takeWorkBack ends what a firm has of a job. What somebody else was quicker with stays
// as they made it.
func (t *turn) takeWorkBack(ctx context.Context, pl takeBackPayload) error {
	i, err := t.tx.Issue(ctx, pl.Issue)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load an issue: %w", err)
	}
	if pl.Fate == present.CloseWork {
		refusal, err := t.tryApply(ctx, i, workflow.Command{Verb: workflow.Close, Reason: t.present.Say("The firm was off-boarded.")})
		if err != nil || refusal == nil || refusal.Code != workflow.Forbidden {
			return err
		}
		// Whoever off-boards the firm may not decide about its costs: the job comes back.
		if err := t.leftOver(ctx, i, t.present.Refusal(refusal)); err != nil {
			return err
		}
	}
	for _, a := range i.Assignments {
		if a.Contractor != pl.Contractor || !workflow.Live(a.Status) {
			continue
		}
		if _, err := t.tryApply(ctx, i, workflow.Command{Verb: workflow.TakeBack, Assignment: a.ID, Reason: t.present.Say("The firm was off-boarded.")}); err != nil {
			return err
		}
		// The store's own record carries the versions that the next write is guarded by.
		if i, err = t.tx.Issue(ctx, i.ID); err != nil {
			return fmt.Errorf("load an issue: %w", err)
		}
	}
	if pl.Other == "" {
		return nil
	}
	other, err := t.tx.Contractor(ctx, pl.Other)
	if err != nil {
		return fmt.Errorf("load a contractor: %w", err)
	}
	if t.takesOffers(other) != nil {
		return t.leftOver(ctx, i, t.present.Say("%s takes no offers now", present.FirmName(other)))
	}
	terms := workflow.Terms{Within: t.settings.Offers.AnswerWithin}
	for _, a := range i.Assignments {
		if a.Contractor == pl.Contractor {
			terms.Note, terms.Due, terms.DueIn = a.Terms.Note, a.Terms.Due, a.Terms.DueIn
		}
	}
	offer := workflow.Command{Verb: workflow.Offer, NewID: newID(), Contractor: other.ID, Terms: terms, Hours: t.hoursOf(other)}
	if i.Line.After.Waiting() {
		// What waits for another job is prepared for the other firm, as it was for the one
		// that leaves. What was prepared for that firm before stays as it is.
		if slices.ContainsFunc(i.Assignments, func(a workflow.Assignment) bool { return a.Contractor == other.ID && workflow.Live(a.Status) }) {
			return nil
		}
		offer.Verb = workflow.Draft
	}
	refusal, err := t.tryApply(ctx, i, offer)
	if err != nil || refusal == nil {
		return err
	}
	return t.leftOver(ctx, i, t.present.Refusal(refusal))
}

// tryApply does what the workflow allows, and gives the refusal where it does not.
func (t *turn) tryApply(ctx context.Context, i storage.Issue, cmd workflow.Command) (*workflow.Refusal, error) {
	_, err := t.apply(ctx, i, cmd)
	if refusal, ok := errors.AsType[*workflow.Refusal](err); ok {
		return refusal, nil
	}
	return nil, err
}

// leftOver tells the desk of a job that could not be offered elsewhere.
func (t *turn) leftOver(ctx context.Context, i storage.Issue, why string) error {
	cards, err := t.cardsOf(ctx, i.ID)
	if err != nil {
		return err
	}
	m := chat.Message{Tone: chat.Bad, Text: chat.T(t.present.Say("This job came back from a firm that was off-boarded and could not be offered to another: %s", why))}
	return t.reply(ctx, cards, func(c storage.Card) bool { return c.Kind == storage.IssueCard }, m)
}

// lateWork takes back what was reopened while the steps were taken. It tells whether to
// look again: there may be more, and something came back.
func (t *turn) lateWork(ctx context.Context, firm storage.Contractor) (more bool, err error) {
	late, err := t.openWork(ctx, firm.ID)
	if err != nil {
		return false, err
	}
	late = late[max(0, len(late)-jobsAtOnce):]
	for _, i := range late {
		if err := t.takeWorkBack(ctx, takeBackPayload{Contractor: firm.ID, Issue: i.ID, Fate: present.KeepWork}); err != nil {
			return false, err
		}
	}
	if len(late) < jobsAtOnce {
		return false, nil
	}
	left, err := t.openWork(ctx, firm.ID)
	return len(left) > 0 && left[len(left)-1].ID != late[len(late)-1].ID, err
}

// sayFarewell ends an off-boarding: the last of the work, the farewell, the channels.
func (e *Engine) sayFarewell(ctx context.Context, d storage.Delivery) error {
	pl, err := payload[farewellPayload](d)
	if err != nil {
		return err
	}
	return e.delivered(ctx, d, func(t *turn) error {
		t.actor = pl.Actor
		firm, err := t.tx.Contractor(ctx, pl.Contractor)
		if err != nil {
			return fmt.Errorf("load a contractor: %w", err)
		}
		more, err := t.lateWork(ctx, firm)
		if err != nil {
			return err
		}
		if more {
			return t.enqueue(ctx, d.Lane, deliverFarewell, pl)
		}
		firm.State = storage.ContractorOffboarded
		if err := t.tx.SaveContractor(ctx, firm); err != nil {
			return fmt.Errorf("save a contractor: %w", err)
		}
		if err := t.endInvitations(ctx, firm); err != nil {
			return err
		}
		err = t.record(ctx, "", workflow.Event{Kind: "contractor_offboarded", Data: map[string]string{"contractor": firm.ID}})
		if err != nil {
			return err
		}
		chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
		if err != nil {
			return fmt.Errorf("list the firm's channels: %w", err)
		}
		for _, c := range chans {
			if c.State != "" {
				continue
			}
			if err := t.boardEnds(ctx, c); err != nil {
				return err
			}
			if err := t.enqueuePost(ctx, c.Workspace, c.ID, postPayload{Message: t.toFirm(firm).Farewell(pl.Text)}); err != nil {
				return err
			}
			if err := t.enqueueArchive(ctx, c, pl.Asker); err != nil {
				return err
			}
		}
		called, err := t.exactName(ctx, firm)
		if err != nil {
			return err
		}
		return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).Offboarded(firm, called, pl.Jobs))
	})
}

// exactName is the name by which a shell's command finds no other firm than this one: the
// full name, or the id where another firm has the same name or a shell would read more
// into it.
func (t *turn) exactName(ctx context.Context, firm storage.Contractor) (string, error) {
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return "", fmt.Errorf("list contractors: %w", err)
	}
	name := present.FirmName(firm)
	twin := slices.ContainsFunc(all, func(c storage.Contractor) bool {
		return c.ID != firm.ID && strings.EqualFold(present.FirmName(c), name)
	})
	if twin || strings.ContainsAny(name, "\"\\$`!%\n") {
		return firm.ID, nil
	}
	return name, nil
}

// endInvitations ends what nobody needs to answer any more.
func (t *turn) endInvitations(ctx context.Context, firm storage.Contractor) error {
	list, err := t.tx.ListInvitations(ctx, firm.ID)
	if err != nil {
		return fmt.Errorf("list invitations: %w", err)
	}
	for _, i := range list {
		if !pending(i) {
			continue
		}
		i.State, i.Note = string(chat.InviteFailed), present.Later("The firm was off-boarded.")
		if err := t.tx.PutInvitation(ctx, i); err != nil {
			return fmt.Errorf("put an invitation: %w", err)
		}
	}
	return nil
}

// resumeFirm lets a firm go on that was paused, or takes back one that was off-boarded.
func (t *turn) resumeFirm(ctx context.Context, name string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.PauseContractor); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmToChange(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	if firm.State != storage.ContractorOffboarded {
		return t.setFirmState(ctx, firm.ID, storage.ContractorActive)
	}
	firm.State = storage.ContractorActive
	if err := t.tx.SaveContractor(ctx, firm); err != nil {
		return chat.Answer{}, fmt.Errorf("save a contractor: %w", err)
	}
	if err := t.record(ctx, "", workflow.Event{Kind: "contractor_active", Data: map[string]string{"contractor": firm.ID}}); err != nil {
		return chat.Answer{}, err
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list the firm's channels: %w", err)
	}
	for _, c := range chans {
		if c.State == "" {
			continue
		}
		if err := t.enqueueRestore(ctx, c, t.asker()); err != nil {
			return chat.Answer{}, err
		}
	}
	return chat.Private(t.present.Resumed(firm)), nil
}
