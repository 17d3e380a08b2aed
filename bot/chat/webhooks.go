package chat

import (
	"context"
	"time"
)

// WebhookType is something that happens to a job and that other systems can be told.
type WebhookType struct {
	// Name is the type that the document bears.
	Name string
	// Says is what happened, for the API's description.
	Says string
}

// WebhookTypes lists all of them, in the order of a job's life.
func WebhookTypes() []WebhookType {
	return []WebhookType{
		{"issue.created", "An issue was created."},
		{"issue.changed", "What people wrote about an issue was changed: its title, description, place and the like."},
		{"issue.due_changed", "An issue's due date was set or taken away."},
		{"issue.overdue", "An issue's due date has passed."},
		{"issue.closed", "An issue was closed, also when it was not approved."},
		{"issue.reopened", "An issue that was closed is open again."},
		{"issue.approval_needed", "An issue needs an approval before it is offered."},
		{"issue.approved", "Such an approval was given: the issue can be offered."},
		{"issue.demands_changed", "What an issue's work has to bring was changed, such as its checklist and the certificates that it needs."},
		{"issue.follows", "An issue waits for another one to be done."},
		{"issue.goes_on", "An issue waits for no other any more."},
		{"issue.ahead_changed", "The issue that one follows was closed without being done, or reopened."},
		{"issue.no_firm_left", "All contractors that were lined up have said no, or nothing in time."},
		{"assignment.offered", "An issue was offered to a contractor."},
		{"assignment.withdrawn", "An offer was withdrawn, or the work was taken back."},
		{"assignment.accepted", "A contractor accepted."},
		{"assignment.declined", "A contractor declined."},
		{"assignment.expired", "A contractor did not answer in time."},
		{"assignment.amended", "The desk changed the terms, which have to be accepted anew."},
		{"assignment.counter_offered", "A contractor suggested other terms."},
		{"assignment.counter_settled", "A contractor's suggestion was agreed to, refused or taken back."},
		{"assignment.started", "The work started."},
		{"assignment.step", "The contractor reported a step."},
		{"assignment.visit_answered", "The customer confirmed the time of a planned visit, or said that it does not suit."},
		{"assignment.in_charge", "Somebody else of the contractor is in charge."},
		{"assignment.paused", "The work was paused."},
		{"assignment.resumed", "The work goes on."},
		{"assignment.checked", "An item of the checklist was ticked, or a tick taken back."},
		{"checklist.run", "An item of the checklist that calls this webhook was ticked: do what it says. The webhook gets it whatever types it is told of."},
		{"assignment.approval_asked", "The contractor asked for an approval in the middle of the work."},
		{"assignment.approval_settled", "Such an approval was given, refused or no longer asked for."},
		{"assignment.submitted", "The contractor handed the work in."},
		{"assignment.sent_back", "The desk sent the work back."},
		{"assignment.completed", "The work is complete: approved, completed early or with the issue."},
		{"assignment.reopened", "Work that was complete goes on."},
		{"assignment.rated", "The work was rated."},
		{"assignment.limit_missed", "A time limit was missed."},
		{"comment.added", "Somebody commented."},
		{"comment.edited", "A comment was edited."},
		{"comment.deleted", "A comment was deleted."},
	}
}

// WebhookDocument is what another system is sent, in the form of the Standard Webhooks
// specification.
type WebhookDocument struct {
	Type      string      `json:"type" doc:"What happened, such as assignment.accepted."`
	Timestamp time.Time   `json:"timestamp" doc:"When it happened."`
	Data      WebhookData `json:"data"`
}

// WebhookData is what a document is about.
type WebhookData struct {
	Event WebhookEvent `json:"event"`
	// Issue is as it is when the document is sent, which may be later than the event.
	Issue   IssueView    `json:"issue" doc:"The issue as it is now, which may be later than the event. The field customer is empty unless the webhook includes it."`
	Comment *CommentView `json:"comment,omitempty" doc:"The comment as it is now, for events of comments."`
}

// WebhookEvent is the line of the history that a document tells of.
type WebhookEvent struct {
	Kind       string            `json:"kind" doc:"The kind, as in the issue's history."`
	Actor      string            `json:"actor" doc:"Who did it; empty when nobody is named."`
	Assignment string            `json:"assignment" doc:"The id of the assignment it befell; empty for the issue itself."`
	Data       map[string]string `json:"data" doc:"As in the issue's history."`
}

// WebhookCall is one document on its way to an endpoint.
type WebhookCall struct {
	// Endpoint is its name, ID that of the document, the same at each attempt.
	Endpoint, ID string
	Body         []byte
}

// WebhookCaller sends documents to other systems. It returns a *SendError when an
// endpoint said no or could not be reached, in which no address and no secret stands.
type WebhookCaller interface {
	Call(ctx context.Context, c WebhookCall) error
}
