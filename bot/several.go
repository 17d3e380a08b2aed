package bot

import (
	"context"
	"errors"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// severalRead is how many of a firm's offers are looked at for the form that accepts
// several of them.
const severalRead = 200

// severalButton is the button that opens that form, on a message in a channel or, where
// channel is empty, on one that a single person sees; nil where there is no need of it.
func (t *turn) severalButton(workspace, channel string, pages ...present.Page) []chat.Button {
	if t.actor.Role != workflow.Contractor || !present.HaveSeveral(pages...) {
		return nil
	}
	if channel != "" {
		channel = personID(workspace, channel)
	}
	return []chat.Button{t.present.SeveralButton(present.Asked{User: t.actor.ID, Now: t.now}, channel)}
}

// severalForm asks which of the firm's offers are accepted.
func (t *turn) severalForm(ctx context.Context) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Accept); err != nil {
		return chat.Answer{}, err
	}
	firm := t.actor.Contractor
	l, _ := listNamed("offered")
	pg, err := t.page(ctx, wish{list: l}, 0, 0, severalRead)
	if err != nil {
		return chat.Answer{}, err
	}
	offers := present.Offers(pg.Jobs, firm)
	if len(offers) == 0 {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "No offer waits for your answer.")
	}
	more := max(0, len(offers)-present.SeveralMost)
	offers = offers[:len(offers)-more]
	as := t.asked()
	return chat.Answer{Form: t.present.Several(as, firm, offers, more), Fallback: t.present.SeveralWithout(as, firm, offers)}, nil
}

// acceptSeveral accepts the chosen offers, each as its card's button would, and says of
// each what became of it. What changed since it was shown is not accepted.
func (t *turn) acceptSeveral(ctx context.Context, tk ticket.Ticket, choice string, values map[string]string) (chat.Answer, error) {
	firm, chosen, ok := present.ShownOffers(tk.Arg, choice, values)
	if !ok {
		return chat.Answer{}, otherVersion()
	}
	if err := workflow.Allowed(t.actor, workflow.Accept); err != nil {
		return chat.Answer{}, err
	}
	if t.actor.Contractor != firm {
		return chat.Answer{}, workflow.Refuse(workflow.Forbidden, "Only the firm this job is offered to and the desk's operators can do this. Nothing was changed.")
	}
	if len(chosen) == 0 {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "Tick at least one offer, or close this form.")
	}
	var accepted []chat.Text
	var not []present.NotAccepted
	for _, shown := range chosen {
		i, said, err := t.acceptShown(ctx, shown)
		if refusal, refused := errors.AsType[*workflow.Refusal](err); refused {
			heading := present.Number(shown.Number)
			if known := t.asKnown(i); known.ID != "" {
				heading = present.Heading(known)
			}
			not = append(not, present.NotAccepted{Heading: heading, Why: t.present.Refusal(refusal)})
			continue
		}
		if err != nil {
			return chat.Answer{}, err
		}
		accepted = append(accepted, said)
	}
	return chat.Answer{Message: t.present.Answered(accepted, not)}, nil
}

// acceptShown accepts one offer if it is what was shown.
func (t *turn) acceptShown(ctx context.Context, shown present.ShownOffer) (storage.Issue, chat.Text, error) {
	i, err := t.issueByNumber(ctx, shown.Number)
	if err != nil {
		return storage.Issue{}, nil, err
	}
	var a workflow.Assignment
	for _, other := range i.Assignments {
		if other.Contractor == t.actor.Contractor && workflow.WasSent(other) {
			a = other
		}
	}
	cmd := workflow.Command{Verb: workflow.Accept, Assignment: a.ID, Revision: a.Revision, At: t.now}
	if present.OfferMark(i, a) != shown.Mark {
		// Why it cannot be accepted at all says more than that it changed.
		if _, err := workflow.Decide(i.Issue, t.actor, cmd); err != nil {
			return i, nil, err
		}
		return i, nil, workflow.Refuse(workflow.Conflict, "This was changed since the form was opened. Look at its card, and accept it there.")
	}
	answer, err := t.accept(ctx, i, cmd)
	return i, answer.Message.Text, err
}
