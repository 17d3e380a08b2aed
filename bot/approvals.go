package bot

import (
	"context"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

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
	v, err := t.threadLines(ctx, i, cmd.Assignment)
	if err != nil {
		return chat.Answer{}, err
	}
	if err := t.fillRequest(&cmd, map[string]string{"text": v["approval"], "amount": v["amount"]}); err != nil {
		return chat.Answer{}, err
	}
	return t.doneWith(ctx, i, cmd)
}

// asks tells whether a firm at work waits for an answer of the desk.
func asks(i storage.Issue) bool {
	return slices.ContainsFunc(i.Assignments, func(a workflow.Assignment) bool { return a.Request.Open() })
}

// cmdApprove approves what waits for it: finished work, or what a firm at work asks for,
// which is never there at the same time.
func (t *turn) cmdApprove(ctx context.Context, rest string) (chat.Answer, error) {
	const usage = "approve N"
	may := workflow.Approve
	if workflow.Allowed(t.actor, may) != nil && workflow.Allowed(t.actor, workflow.GrantRequest) == nil {
		may = workflow.GrantRequest
	}
	i, rest, err := t.issueIn(ctx, usage, may, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if rest != "" {
		return chat.Answer{}, t.usage(usage, "There is something after the number.")
	}
	if asks(i) {
		return t.doneWith(ctx, i, workflow.Command{Verb: workflow.GrantRequest})
	}
	if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.Approve}); err != nil {
		return chat.Answer{}, err
	}
	return did(i, t.present.Say("%s is approved.", present.Heading(i))), nil
}

// cmdRefuse refuses what a firm at work asks for.
func (t *turn) cmdRefuse(ctx context.Context, rest string) (chat.Answer, error) {
	const usage = "refuse N REASON"
	i, reason, err := t.issueIn(ctx, usage, workflow.RefuseRequest, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if reason == "" {
		return chat.Answer{}, t.usage(usage, "Say why; the firm reads it.")
	}
	return t.doneWith(ctx, i, workflow.Command{Verb: workflow.RefuseRequest, Reason: reason})
}
