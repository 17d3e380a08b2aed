package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Pages are read as commands are: by the same reader's rights and through the same
// functions, so that no page shows more or other than the chat does.

const (
	// entriesOnPage is how many entries of a history a page shows.
	entriesOnPage = 50
	// filedOnPage is of how many comments with files it lists them, the last ones; those of
	// others are found in the history.
	filedOnPage = 50
)

// viewAs runs a read as somebody who looks at a page.
func (e *Engine) viewAs(ctx context.Context, v chat.Viewer, fn func(t *turn) error) error {
	rules, err := e.rules.current(ctx)
	if err != nil {
		return err
	}
	in := chat.Inbound{Workspace: v.Workspace, From: v.From, Channel: v.Channel, Body: chat.HomeOpened{}}
	var place *storage.Channel
	if v.Channel != "" {
		if place, err = e.places.find(ctx, v.Workspace, v.Channel); err != nil {
			return err
		}
	}
	actor, err := e.roster.actor(ctx, in, place)
	if err != nil {
		return err
	}
	actor = withRights(actor, rules)
	words := e.present.Words
	err = e.view(ctx, func(tx storage.Tx) error {
		t := e.turnOf(ctx, tx, in)
		t.actor, t.place = actor, place
		t.by(rules)
		words = t.present.Words
		return fn(t)
	})
	if refusal, ok := errors.AsType[*workflow.Refusal](err); ok {
		if refusal.Code == workflow.Forbidden {
			return chat.ErrForbidden
		}
		return &chat.RefusedPage{Words: words.Refusal(refusal)}
	}
	return err
}

// Doors tells which pages somebody may open.
func (e *Engine) Doors(ctx context.Context, v chat.Viewer) (d chat.Doors, err error) {
	err = e.viewAs(ctx, v, func(t *turn) error {
		may := func(verb workflow.Verb) bool { return workflow.Allowed(t.actor, verb) == nil }
		d = chat.Doors{Lists: may(workflow.List), Board: may(workflow.Summarise), Steps: may(workflow.SetUp)}
		d.Score = t.actor.Role == workflow.Contractor && may(workflow.ViewScore)
		return nil
	})
	return d, err
}

// JobPage gives everything about a job that somebody may see of it, with the page of its
// history that ends before a mark, the last one for an empty mark. The marks are those of
// JobPage.Earlier. What is read does not grow with the history, as in chat.
func (e *Engine) JobPage(ctx context.Context, v chat.Viewer, number int, before string) (page chat.JobPage, err error) {
	var end tailMark
	if before != "" {
		var ok bool
		if end, ok = readMark(before); !ok {
			return page, chat.ErrNoSuch
		}
	}
	err = e.viewAs(ctx, v, func(t *turn) error {
		i, err := t.visibleJob(ctx, number)
		if err != nil {
			return err
		}
		told, err := t.chroniclePage(ctx, i, end, entriesOnPage)
		if err != nil {
			return err
		}
		// One more than is shown tells whether there is more.
		filed, err := t.filedComments(ctx, i, filedOnPage+1)
		if err != nil {
			return err
		}
		moreFiled := len(filed) > filedOnPage
		told.Filed = filed[max(0, len(filed)-filedOnPage):]
		if told.Evidence, err = t.shownEvidence(ctx, t.tx, told.Job.Issue); err != nil {
			return err
		}
		page = t.present.JobPage(told, t.actor.Role)
		page.MoreFiles = moreFiled
		page.Cards, err = t.cardPlaces(ctx, i)
		if err == nil && v.Acts {
			if err = t.offerActs(ctx, i, &page); err == nil {
				page.Mark, err = t.jobMark(ctx, i)
			}
		}
		return err
	})
	return page, err
}

// JobMark gives what JobPage.Mark is now. It costs little: pages ask every second.
func (e *Engine) JobMark(ctx context.Context, v chat.Viewer, number int) (mark string, err error) {
	err = e.viewAs(ctx, v, func(t *turn) error {
		i, err := t.visibleJob(ctx, number)
		if err == nil {
			mark, err = t.jobMark(ctx, i)
		}
		return err
	})
	return mark, err
}

// markedEvents is among how many of a job's last events the last is looked for that the
// actor may know of. When there is none among them the mark is another, which only has a page
// drawn anew that is as it was.
const markedEvents = 10

// jobMark is the mark of what the actor may know of a job.
func (t *turn) jobMark(ctx context.Context, i storage.Issue) (string, error) {
	if _, err := t.readsHistory(i); err != nil {
		return "", err
	}
	events, err := t.tx.LastEvents(ctx, i.ID, 0, markedEvents)
	if err != nil {
		return "", fmt.Errorf("look for the last event: %w", err)
	}
	if events = t.readableEvents(i, events); len(events) == 0 {
		return "0", nil
	}
	return strconv.FormatInt(events[len(events)-1].Seq, 10), nil
}

// offerActs puts onto a page what the actor can do with its job, as the answer to the
// command that shows it does.
func (t *turn) offerActs(ctx context.Context, i storage.Issue, page *chat.JobPage) error {
	i = t.asKnown(i)
	job, err := t.jobWithReplies(ctx, t.tx, i)
	if err != nil {
		return err
	}
	shown := t.present.Show(t.asked(), job, t.actor.Role)
	page.Acts = chat.Message{Buttons: shown.Buttons, Choice: shown.Choice}
	page.Revision = i.Revision
	for _, a := range i.Assignments {
		page.Revision += 1 + a.Revision
	}
	page.Comment = len(i.Assignments) > 0 && workflow.Allowed(t.actor, workflow.Comment) == nil
	page.Note = workflow.Allowed(t.actor, workflow.InternalNote) == nil
	page.To = t.reads(i)
	return nil
}

// reads stands for whoever reads what an operator writes about a job now. What anybody else
// writes is for the desk.
func (t *turn) reads(i storage.Issue) string {
	switch {
	case t.actor.Role != workflow.Operator:
		return ""
	case t.spokenOutside(i, ""):
		return "outside"
	}
	// Where nobody would read it, it is refused.
	to, _ := t.spokenTo(i)
	return to
}

// visibleJob finds a job that the actor may know of. Whether there is none or none for
// them is the same answer.
func (t *turn) visibleJob(ctx context.Context, number int) (storage.Issue, error) {
	if err := workflow.Allowed(t.actor, workflow.View); err != nil {
		return storage.Issue{}, err
	}
	i, err := t.tx.IssueByNumber(ctx, number)
	if err == nil && !workflow.CanSee(t.actor, i.Issue) {
		err = storage.ErrNotFound
	}
	return i, err
}

// filedComments are the last so many of a job's comments with files that the actor may
// read, all of them for zero.
func (t *turn) filedComments(ctx context.Context, i storage.Issue, most int) ([]storage.Comment, error) {
	filter, err := t.readsHistory(i)
	if err != nil {
		return nil, err
	}
	filter.Files, filter.Newest, filter.Limit = true, true, most
	filed, err := fromEnd(most, func(before *storage.Comment) ([]storage.Comment, error) {
		if before != nil {
			filter.Before = before.ID
		}
		return t.tx.ListComments(ctx, filter)
	}, func(list []storage.Comment) []storage.Comment { return t.readableComments(i, list) })
	if err != nil {
		return nil, fmt.Errorf("list comments with files: %w", err)
	}
	return filed, nil
}

// cardPlaces are the messages in the actor's workspace that show a job to them.
func (t *turn) cardPlaces(ctx context.Context, i storage.Issue) ([]chat.CardPlace, error) {
	cards, err := t.tx.ListCards(ctx, i.ID)
	if err != nil {
		return nil, fmt.Errorf("list cards: %w", err)
	}
	var out []chat.CardPlace
	for _, c := range cards {
		a, _ := workflow.Find(i.Issue, c.Assignment)
		own := c.Kind == storage.IssueCard && t.actor.Role == workflow.Operator ||
			c.Kind == storage.AssignmentCard && t.actor.Role == workflow.Contractor && a.Contractor == t.actor.Contractor
		if own && c.Workspace == t.in.Workspace && c.Message != "" {
			out = append(out, chat.CardPlace{Workspace: c.Workspace, Channel: c.Channel, Message: c.Message})
		}
	}
	return out, nil
}

// JobFile opens a file of a job's history, for somebody who may read it there.
func (e *Engine) JobFile(ctx context.Context, v chat.Viewer, number int, digest string) (chat.FileContent, error) {
	listed := storage.File{}
	err := e.viewAs(ctx, v, func(t *turn) error {
		listed = storage.File{}
		i, err := t.visibleJob(ctx, number)
		if err != nil {
			return err
		}
		filed, err := t.filedComments(ctx, i, 0)
		if err != nil {
			return err
		}
		for _, c := range filed {
			for _, f := range c.Files {
				if f.Digest == digest && digest != "" {
					listed = f
				}
			}
		}
		if listed.Digest == "" {
			return chat.ErrNoSuch
		}
		return nil
	})
	if err != nil {
		return chat.FileContent{}, err
	}
	if e.files == nil {
		return chat.FileContent{}, chat.ErrNoSuch
	}
	content, err := e.files.Open(ctx, digest)
	if err != nil {
		return chat.FileContent{}, fmt.Errorf("open a file: %w", err)
	}
	return chat.FileContent{Name: listed.Name, Type: listed.Type, Content: content}, nil
}

// listRows is how many jobs a page of a list has.
const listRows = 30

// ListPage gives a page of a list as somebody may see it.
func (e *Engine) ListPage(ctx context.Context, v chat.Viewer, q chat.ListQuery) (page chat.ListPage, err error) {
	err = e.viewAs(ctx, v, func(t *turn) error {
		if err := workflow.Allowed(t.actor, workflow.List); err != nil {
			return err
		}
		l, ok := listNamed(q.List)
		if !ok {
			return workflow.Refuse(workflow.Invalid, "There is no such list. Choose another one.")
		}
		// What is typed into a page's fields is read as what is typed after a command.
		w, err := t.readWish(wish{list: l, firm: unquoted(q.Firm), topic: unquoted(q.Topic), city: unquoted(q.City), person: unquoted(q.Person)}.String())
		if err != nil {
			return err
		}
		pg, err := t.page(ctx, w, q.Before, q.After, listRows)
		if err != nil {
			return err
		}
		counted, err := t.countedLists(ctx)
		if err != nil {
			return err
		}
		page = t.present.ListPage(t.actor.Role, pg)
		page.ListQuery = chat.ListQuery{List: w.name, Firm: w.firm, Topic: w.topic, City: w.city, Person: w.person, Before: q.Before, After: q.After}
		for _, n := range counted {
			page.Lists = append(page.Lists, chat.NamedCount{Name: n.Name, Heading: n.Heading, Count: n.Count})
		}
		page.Most, page.OwnFirm = present.CountMost, t.actor.Role == workflow.Contractor
		return nil
	})
	return page, err
}
