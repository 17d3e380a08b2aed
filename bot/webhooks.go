package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// webhookWorkspace is where the lanes of webhooks are, one for each endpoint.
	webhookWorkspace = "webhook"
	// webhookPatience is how long an endpoint may take nothing before it counts as
	// silent: longer than a weekend.
	webhookPatience = 72 * time.Hour
	// webhookKept bounds what waits for an endpoint that is stopped or that nobody has
	// configured any more.
	webhookKept = 30 * 24 * time.Hour
	// webhookRun is the type of what an endpoint is told whom an item of a checklist calls.
	webhookRun = "checklist.run"
	// webhookCallers is how many endpoints are called at once.
	webhookCallers = 8
)

// Webhook is an endpoint of another system that is told what happens.
type Webhook struct {
	Name string
	// Types are those that it is told of, all when there are none.
	Types []string
	// Notes and Customer are true when it gets internal comments, and what is known of
	// the customer.
	Notes, Customer bool
}

// wants tells whether an endpoint is told of a type.
func (w Webhook) wants(name string) bool { return len(w.Types) == 0 || slices.Contains(w.Types, name) }

func byName(list []Webhook) map[string]Webhook {
	out := make(map[string]Webhook, len(list))
	for _, w := range list {
		out[w.Name] = w
	}
	return out
}

// webhookTypes are what other systems are told that kinds of events are, empty for what
// they are not told. A kind of the rules that is missing here fails a test.
func webhookTypes() map[string]string {
	return map[string]string{
		workflow.EventCreated:           "issue.created",
		workflow.EventDetailsChanged:    "issue.changed",
		workflow.EventDueSet:            "issue.due_changed",
		workflow.EventOverdue:           "issue.overdue",
		workflow.EventClosed:            "issue.closed",
		workflow.EventJobRefused:        "issue.closed",
		workflow.EventApprovalNeeded:    "issue.approval_needed",
		workflow.EventJobApproved:       "issue.approved",
		workflow.EventDemanded:          "issue.demands_changed",
		workflow.EventFollows:           "issue.follows",
		workflow.EventStoppedFollowing:  "issue.goes_on",
		workflow.EventWentOn:            "issue.goes_on",
		workflow.EventAheadClosed:       "issue.ahead_changed",
		workflow.EventAheadReopened:     "issue.ahead_changed",
		workflow.EventChainOver:         "issue.no_firm_left",
		workflow.EventIssueReopened:     "issue.reopened",
		workflow.EventOffered:           "assignment.offered",
		workflow.EventCanceled:          "assignment.withdrawn",
		workflow.EventWithdrawn:         "assignment.withdrawn",
		workflow.EventTakenBack:         "assignment.withdrawn",
		workflow.EventAccepted:          "assignment.accepted",
		workflow.EventDeclined:          "assignment.declined",
		workflow.EventExpired:           "assignment.expired",
		workflow.EventAmended:           "assignment.amended",
		workflow.EventCounterOffered:    "assignment.counter_offered",
		workflow.EventCounterAccepted:   "assignment.counter_settled",
		workflow.EventCounterRefused:    "assignment.counter_settled",
		workflow.EventCounterWithdrawn:  "assignment.counter_settled",
		workflow.EventStarted:           "assignment.started",
		workflow.EventStep:              "assignment.step",
		workflow.EventVisitAnswered:     "assignment.visit_answered",
		workflow.EventHandedOver:        "assignment.in_charge",
		workflow.EventTookCharge:        "assignment.in_charge",
		workflow.EventPaused:            "assignment.paused",
		workflow.EventResumed:           "assignment.resumed",
		workflow.EventChecked:           "assignment.checked",
		workflow.EventSubmitted:         "assignment.submitted",
		workflow.EventSentBack:          "assignment.sent_back",
		workflow.EventApproved:          "assignment.completed",
		workflow.EventCompletedEarly:    "assignment.completed",
		workflow.EventCompletedByClose:  "assignment.completed",
		workflow.EventReopened:          "assignment.reopened",
		workflow.EventRated:             "assignment.rated",
		workflow.EventLimitBroken:       "assignment.limit_missed",
		workflow.EventApprovalAsked:     "assignment.approval_asked",
		workflow.EventApprovalGiven:     "assignment.approval_settled",
		workflow.EventApprovalRefused:   "assignment.approval_settled",
		workflow.EventApprovalWithdrawn: "assignment.approval_settled",
		workflow.EventDrafted:           "",
		workflow.EventDiscarded:         "",
		workflow.EventWarned:            "",
		workflow.EventChainSet:          "",
		workflow.EventChainStopped:      "",
		workflow.EventPassedOver:        "",
		workflow.EventItemTaken:         "",
		workflow.EventAllocatedExternal: "",
		workflow.EventExternalRemoved:   "",
		workflow.EventEscalated:         "",
		workflow.EventAcknowledged:      "",
		workflow.EventLimitNear:         "",
		workflow.EventReminderSet:       "",
		workflow.EventReminded:          "",
		workflow.EventSnoozed:           "",
		// Nothing is left of a deleted issue that a document could show.
		workflow.EventDeleted: "",
		// The ledger's own events tell of comments.
		workflow.EventCommented: "",
		workflow.EventNoted:     "",
		eventCommentAdded:       "comment.added",
		eventCommentEdited:      "comment.edited",
		eventCommentDeleted:     "comment.deleted",
	}
}

// webhookPayload is an event on its way. The rest of the document is what is true when
// it is sent, as it is on a card (ADR 38).
type webhookPayload struct {
	// ID is the document's, the same at each attempt and each endpoint.
	ID, Type   string
	Issue      string
	Assignment string `json:",omitempty"`
	Kind       string
	At         time.Time
	Actor      string            `json:",omitempty"`
	Data       map[string]string `json:",omitempty"`
}

// callable refuses items of a checklist that call a webhook which is not configured.
func (e *Engine) callable(d workflow.Demands) error {
	for _, item := range d.Checklist {
		if item.Calls == "" {
			continue
		}
		if len(e.webhooks) == 0 {
			return workflow.RefuseField("checklist", "No webhook is configured, so that an item can call none: take => and what follows it away.")
		}
		if _, ok := e.webhooks[item.Calls]; !ok {
			return workflow.RefuseField("checklist", "There is no webhook “%s”: there are %s.", item.Calls, strings.Join(slices.Sorted(maps.Keys(e.webhooks)), ", "))
		}
	}
	return nil
}

// told are the documents that an endpoint gets of an event. Whom an item of a checklist
// calls is told that it is to be done, whatever else it wants to know; that is a document of
// its own, with an id of its own, so that it is not taken for the other one.
func (p webhookPayload) told(w Webhook) (list []webhookPayload) {
	if w.wants(p.Type) {
		list = append(list, p)
	}
	if p.Kind == workflow.EventChecked && p.Data["calls"] == w.Name {
		p.ID, p.Type = "msg_"+newID(), webhookRun
		list = append(list, p)
	}
	return list
}

// tellWebhooks puts events of issues into the lanes of those who are told of them.
func (t *turn) tellWebhooks(ctx context.Context, events []storage.Event) error {
	if len(t.webhooks) == 0 {
		return nil
	}
	for _, ev := range events {
		name := t.webhookTypes[ev.Kind]
		if name == "" || ev.Issue == "" || workflow.FirmsCopy(ev.Kind, ev.Assignment) {
			continue
		}
		p := webhookPayload{
			ID: "msg_" + newID(), Type: name, Issue: ev.Issue, Assignment: ev.Assignment,
			Kind: ev.Kind, At: ev.At, Actor: ev.Actor.Name, Data: ev.Data,
		}
		for _, w := range t.webhooks {
			lane := storage.Lane{Workspace: webhookWorkspace, Name: w.Name}
			for _, doc := range p.told(w) {
				if err := t.enqueue(ctx, lane, deliverWebhook, doc); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// webhookPool is who serves the lanes of webhooks.
func webhookPool() pool {
	return pool{workers: webhookCallers, lease: lease, attempt: attemptFor, lanes: func(workspace string) string { return workspace }}
}

// serves tells whether this process sends to a workspace.
func (e *Engine) serves(workspace string) bool {
	return e.known(workspace) || workspace == webhookWorkspace && len(e.webhooks) > 0
}

// sendWebhook tells one endpoint of one event.
func (e *Engine) sendWebhook(ctx context.Context, d storage.Delivery) error {
	pl, err := payload[webhookPayload](d)
	if err != nil {
		return err
	}
	w, ok := e.webhooks[d.Lane.Name]
	if !ok || e.caller == nil {
		// It was taken out of the configuration: nobody is there to be told.
		e.sent(ctx, d, "webhook is not configured any more", "")
		return e.pointless(ctx, d)
	}
	doc, err := e.webhookDocument(ctx, d.Desk, w, pl)
	if errors.Is(err, storage.ErrNotFound) {
		return e.pointless(ctx, d)
	}
	if err != nil {
		return err
	}
	body, err := encode(doc)
	if err != nil {
		return err
	}
	err = e.caller.Call(ctx, chat.WebhookCall{Endpoint: w.Name, ID: pl.ID, Body: body})
	if se, failed := errors.AsType[*chat.SendError](err); failed && se.Retry && e.now().Sub(d.FirstTriedAt) > webhookPatience {
		return &chat.SendError{Reason: chat.EndpointSilent, Err: se}
	}
	if err != nil {
		return err
	}
	e.sent(ctx, d, "webhook called", pl.ID)
	if pl.Type != webhookRun {
		return e.delivered(ctx, d, nil)
	}
	return e.delivered(ctx, d, func(t *turn) error {
		return t.record(ctx, pl.Issue, workflow.Event{
			Kind: workflow.EventItemTaken, Assignment: pl.Assignment, Unnamed: true,
			Data: map[string]string{"item": pl.Data["item"], "webhook": w.Name},
		})
	})
}

// webhookDocument is what an endpoint is told, with storage.ErrNotFound where that is
// nothing: what it is about is gone, or is none of the endpoint's business.
func (e *Engine) webhookDocument(ctx context.Context, desk string, w Webhook, pl webhookPayload) (chat.WebhookDocument, error) {
	doc := chat.WebhookDocument{Type: pl.Type, Timestamp: pl.At.UTC(), Data: chat.WebhookData{
		Event: chat.WebhookEvent{Kind: pl.Kind, Actor: pl.Actor, Assignment: pl.Assignment, Data: pl.Data},
	}}
	if doc.Data.Event.Data == nil {
		doc.Data.Event.Data = map[string]string{}
	}
	if _, err := e.rules.current(ctx); err != nil {
		return doc, err
	}
	err := e.store.View(ctx, desk, func(tx storage.Tx) error {
		i, err := tx.Issue(ctx, pl.Issue)
		if err != nil {
			return err
		}
		if doc.Data.Issue, err = e.issueView(ctx, tx, i); err != nil {
			return err
		}
		id := pl.Data["comment"]
		if id == "" {
			return nil
		}
		c, err := tx.Comment(ctx, id)
		if err != nil {
			return err
		}
		if c.Visibility != workflow.Shared && !w.Notes {
			return storage.ErrNotFound
		}
		v := commentView(c)
		if v.DeletedAt != nil {
			// Who deletes their words does not want them to be passed on.
			v.Text, v.Versions, v.Files = "", []chat.VersionView{}, []chat.FileView{}
		}
		doc.Data.Comment = &v
		return nil
	})
	if err != nil {
		return doc, fmt.Errorf("gather what a webhook tells: %w", err)
	}
	if !w.Customer {
		doc.Data.Issue.Customer = ""
		delete(doc.Data.Event.Data, string(workflow.FieldCustomer))
		delete(doc.Data.Event.Data, workflow.WasKey(workflow.FieldCustomer))
	}
	return doc, nil
}

// forgetWebhooks gives up what has waited for webhooks for too long: nobody may ever take
// it. The oldest deliveries come first, so that a look at the first few is all
// that it usually takes.
func (e *Engine) forgetWebhooks(ctx context.Context) error {
	const atOnce = 100
	before := e.now().Add(-webhookKept)
	for after := int64(0); ; {
		page, err := e.store.ListDeliveries(ctx, storage.ListDeliveriesParams{After: after, Limit: atOnce})
		if err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		old := slices.DeleteFunc(slices.Clone(page), func(w storage.Waiting) bool {
			return w.Lane.Workspace != webhookWorkspace || w.Desk != e.desk || w.InFlight || !w.CreatedAt.Before(before)
		})
		forgotten, err := e.discard(ctx, old)
		if err != nil {
			return fmt.Errorf("forget what waits for webhooks: %w", err)
		}
		if forgotten > 0 {
			e.log.WarnContext(ctx, "scheduler: webhooks are no longer told what is too old", "documents", forgotten)
		}
		if len(page) < atOnce || !page[len(page)-1].CreatedAt.Before(before) {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// discard gives deliveries up and tells how many; what is being sent, or was, is left.
func (e *Engine) discard(ctx context.Context, list []storage.Waiting) (n int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	err = e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
		n = 0
		for _, w := range list {
			_, err := tx.Discard(ctx, w.ID)
			switch {
			case errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound):
			case err != nil:
				return err
			default:
				n++
			}
		}
		return nil
	})
	return n, err
}
