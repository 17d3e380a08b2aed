package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// seenFor is how long somebody who answers by a command may not have seen that something
	// else waits for the answer. A button carries the revision that it was drawn from, a
	// command carries nothing.
	seenFor = 30 * time.Second
	// seenEvents is how many lines of the history are looked at for that.
	seenEvents = 20
)

// asSeen refuses to answer by a command what has just taken the place of something else
// that waited for an approval, unless who answers had a hand in that.
func (t *turn) asSeen(ctx context.Context, i storage.Issue) error {
	if !asks(i) && !slices.ContainsFunc(i.Assignments, func(a workflow.Assignment) bool { return a.Status == workflow.WaitingApproval }) {
		return nil
	}
	events, err := t.tx.LastEvents(ctx, i.ID, 0, seenEvents)
	if err != nil {
		return fmt.Errorf("list events: %w", err)
	}
	for _, e := range events {
		switch e.Kind {
		case workflow.EventApprovalWithdrawn, workflow.EventApprovalGiven, workflow.EventApprovalRefused, workflow.EventSentBack:
			if e.At.After(t.now.Add(-seenFor)) && e.Actor.ID != t.actor.ID {
				return workflow.Refuse(workflow.Conflict, "What waits for an approval on #%d changed a moment ago. Look at it with %s show %d, then press its button, or say this again in half a minute.", i.Number, t.present.Command, i.Number)
			}
		}
	}
	return nil
}

// fillRequest reads what a firm at work asks the desk to approve.
func (t *turn) fillRequest(cmd *workflow.Command, v map[string]string) (err error) {
	cmd.Text = v["text"]
	if cmd.Amount, err = workflow.ReadPrice(v["amount"]); err != nil {
		return inField("amount", err)
	}
	if v["needed_by"] != "" {
		cmd.Till, err = parseWhen(v["needed_by"], t.now, t.zone)
	}
	return inField("needed_by", err)
}

// askByThread asks for what a firm wrote into its thread where no form could be opened.
func (t *turn) askByThread(ctx context.Context, i storage.Issue, cmd workflow.Command) (chat.Answer, error) {
	a, _ := workflow.Find(i.Issue, cmd.Assignment)
	v, err := t.threadLines(ctx, i, cmd.Assignment, "approval", a.Request.At)
	if err != nil {
		return chat.Answer{}, err
	}
	if err := t.fillRequest(&cmd, map[string]string{"text": v["approval"], "amount": v["amount"]}); err != nil {
		return chat.Answer{}, err
	}
	return t.doneWith(ctx, i, cmd)
}

// asks tells whether a firm at work, or the job itself, waits for an approval.
func asks(i storage.Issue) bool {
	return i.Request.Open() && i.Status != workflow.Closed || slices.ContainsFunc(i.Assignments, func(a workflow.Assignment) bool { return a.Request.Open() })
}

// madeHeld answers who made a job that needs an approval. An offer that was to go out with
// it is prepared.
func (t *turn) madeHeld(ctx context.Context, i storage.Issue, firm storage.Contractor, terms workflow.Terms) (chat.Answer, error) {
	said := t.present.Say("Created %s. It needs an approval before it is offered (%s).", present.Heading(i), i.Request.What)
	if firm.ID != "" {
		if _, err := t.draft(ctx, i, firm, terms); err != nil {
			return chat.Answer{}, err
		}
		said += " " + t.present.Say("The offer to %s is prepared until then.", present.FirmName(firm))
	}
	return did(i, said), nil
}

// tellRequester tells whoever made a job, in the thread under the desk's cards, that it is
// not approved.
func (t *turn) tellRequester(ctx context.Context, job present.Job, cards []storage.Card) error {
	for _, c := range cards {
		if c.Kind != storage.IssueCard {
			continue
		}
		requester, here := strings.CutPrefix(job.CreatedBy.ID, c.Workspace+"/")
		if !here {
			requester = ""
		}
		m := t.toDesk().JobRefused(job, requester, t.actor.Name)
		if err := t.enqueuePost(ctx, c.Workspace, c.Channel, postPayload{Thread: c.ID, Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// answered says what became of an approval.
func (t *turn) answered(i storage.Issue, verb workflow.Verb) chat.Answer {
	atWork := slices.ContainsFunc(i.Assignments, func(a workflow.Assignment) bool { return workflow.Taken(a.Status) })
	switch {
	case atWork && verb == workflow.GrantRequest:
		return did(i, t.present.Say("What the firm asked for on %s is approved.", present.Heading(i)))
	case atWork:
		return did(i, t.present.Say("The firm hears that %s goes on as agreed, and why.", present.Heading(i)))
	case verb == workflow.GrantRequest:
		return did(i, t.present.Say("%s is approved. It can be offered now.", present.Heading(i)))
	}
	return did(i, t.present.Say("%s is closed. Whoever made it hears why.", present.Heading(i)))
}

// cmdApprove approves what waits for it: finished work, a job that is not offered before,
// or what a firm at work asks for, of which there is never more than one.
func (t *turn) cmdApprove(ctx context.Context, rest string) (chat.Answer, error) {
	may := workflow.Approve
	if workflow.Allowed(t.actor, may) != nil && workflow.Allowed(t.actor, workflow.GrantRequest) == nil {
		may = workflow.GrantRequest
	}
	i, err := t.issueAlone(ctx, may, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if err := t.asSeen(ctx, i); err != nil {
		return chat.Answer{}, err
	}
	if asks(i) {
		return t.doneWith(ctx, i, workflow.Command{Verb: workflow.GrantRequest})
	}
	if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.Approve}); err != nil {
		return chat.Answer{}, err
	}
	return did(i, t.present.Say("%s is approved.", present.Heading(i))), nil
}

// cmdRefuse refuses what a firm at work asks for, or a job that needs an approval.
func (t *turn) cmdRefuse(ctx context.Context, rest string) (chat.Answer, error) {
	i, reason, err := t.issueIn(ctx, workflow.RefuseRequest, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if reason == "" {
		return chat.Answer{}, t.usage("Say why; whoever asked reads it.")
	}
	if err := t.asSeen(ctx, i); err != nil {
		return chat.Answer{}, err
	}
	return t.doneWith(ctx, i, workflow.Command{Verb: workflow.RefuseRequest, Reason: reason})
}
