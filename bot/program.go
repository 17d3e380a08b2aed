package bot

import (
	"context"
	"slices"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// What programs ask for goes the way of what people type: the same rules refuse it, in the
// same words.

// requestNew makes an issue.
func (t *turn) requestNew(ctx context.Context, v map[string]string) (chat.Answer, error) {
	i, err := t.details(storage.Issue{}, v)
	if err != nil {
		return chat.Answer{}, err
	}
	if names := slices.Collect(settings.Lines(v["certificates"])); len(names) > 0 {
		i.Demands = t.usualDemands()
		i.Demands.Certificates = names
		if err := i.Demands.Check(nil); err != nil {
			return chat.Answer{}, err
		}
	}
	var ahead storage.Issue
	if v["follows"] != "" {
		if ahead, err = t.aheadOf(ctx, v["follows"]); err == nil {
			err = t.mayFollow(ctx, ahead)
		}
		if err != nil {
			return chat.Answer{}, inField("follows", err)
		}
	}
	if i, err = t.createHeld(ctx, i, v["needs_approval"]); err != nil {
		return chat.Answer{}, err
	}
	if ahead.ID != "" {
		return t.createdAfter(ctx, i, ahead, storage.Contractor{}, workflow.Terms{})
	}
	return did(i, t.present.Created(i).String()), nil
}

// requestFollow lets an issue wait for another one, or for none any more.
func (t *turn) requestFollow(ctx context.Context, i storage.Issue, after string) (chat.Answer, error) {
	if after == "" {
		return t.doneWith(ctx, i, workflow.Command{Verb: workflow.StopFollowing})
	}
	ahead, err := t.aheadOf(ctx, after)
	if err != nil {
		return chat.Answer{}, err
	}
	i, err = t.follow(ctx, i, ahead)
	return chat.Answer{Number: i.Number}, err
}

// requestCertificates says which certificates a firm must have to be offered an issue.
func (t *turn) requestCertificates(ctx context.Context, i storage.Issue, names string) (chat.Answer, error) {
	demands := i.Demands
	demands.Certificates = slices.Collect(settings.Lines(names))
	if demands.Equal(i.Demands) {
		return chat.Answer{Number: i.Number}, workflow.Allowed(t.actor, workflow.Demand)
	}
	return t.doneWith(ctx, i, workflow.Command{Verb: workflow.Demand, Demands: demands})
}

// requestAnswer answers what a firm at work, or whoever made an issue, asks the desk to
// approve: what the program has read, and not what has taken its place meanwhile.
func (t *turn) requestAnswer(ctx context.Context, i storage.Issue, v map[string]string) (chat.Answer, error) {
	cmd := workflow.Command{Verb: workflow.GrantRequest, Reason: v["reason"]}
	if v["answer"] == "refuse" {
		cmd.Verb = workflow.RefuseRequest
	}
	asked := i.Request
	for _, a := range i.Assignments {
		if a.Request.Open() {
			asked, cmd.Assignment = a.Request, a.ID
		}
	}
	if at, err := time.Parse(time.RFC3339, v["asked_at"]); err != nil || asked.Open() && !asked.At.Equal(at) {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "Another approval is asked for on %s now: read it again.", present.Number(i.Number))
	}
	return t.doneWith(ctx, i, cmd)
}
