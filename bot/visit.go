package bot

import (
	"context"
	"errors"
	"fmt"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// requestVisit is the request of a customer's answer to a planned visit.
const requestVisit = "answer visit"

// AnswerVisitAt implements chat.StatusReader.
func (e *Engine) AnswerVisitAt(ctx context.Context, token, language, key string, v chat.VisitAnswer) (chat.Answer, error) {
	return e.fromCustomer(ctx, token, language, key, requestVisit, map[string]string{
		"answer": v.Answer, "text": v.Text, "from": chat.Micros(v.From), "till": chat.Micros(v.To),
	})
}

// fromCustomer hands what came by a link on, as any other inbound.
func (e *Engine) fromCustomer(ctx context.Context, token, language, key, verb string, fields map[string]string) (chat.Answer, error) {
	job, err := e.statusIssue(ctx, token)
	if err != nil {
		return chat.Answer{}, err
	}
	return e.Handle(ctx, chat.Inbound{
		Workspace: APIWorkspace, Key: "status/" + key, At: e.now(), From: chat.Person{ID: "customer", Name: "The customer", Locale: language},
		Body: chat.Request{Verb: verb, Number: job.Number, Fields: fields},
	})
}

// answerVisit takes what a customer says to the visit that is planned.
func (t *turn) answerVisit(ctx context.Context, i storage.Issue, v map[string]string) (chat.Answer, error) {
	a, planned := workflow.PlannedVisit(i.Issue)
	if !planned {
		return chat.Answer{}, workflow.Refuse(workflow.TooLate, "No visit is planned now, so there is nothing to answer.")
	}
	return t.doneWith(ctx, i, workflow.Command{
		Verb: workflow.AnswerVisit, Assignment: a.ID, Reason: v["answer"], Text: v["text"], From: chat.FromMicros(v["from"]), Till: chat.FromMicros(v["till"]),
	})
}

// tellCustomer writes to the customer where the link to the job was sent to an address.
func (t *turn) tellCustomer(ctx context.Context, job present.Job, n workflow.Notice) error {
	link, err := t.tx.IssueStatusLink(ctx, job.ID)
	if errors.Is(err, storage.ErrNotFound) || err == nil && link.Address == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load a status link: %w", err)
	}
	a, ok := workflow.Find(job.Issue.Issue, n.Assignment)
	if !ok {
		return nil
	}
	m := t.toDesk().VisitLetter(a, t.statusURL(link))
	if n.Kind == workflow.NoticeVisitOff {
		m = t.toDesk().OffLetter(a, t.statusURL(link))
	}
	return t.toCustomer(ctx, link, m)
}
