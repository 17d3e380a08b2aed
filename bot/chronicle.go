package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// readsHistory finds the comments of a job that the actor's side may read, if they may
// read its history.
func (t *turn) readsHistory(i storage.Issue) (storage.CommentFilter, error) {
	filter := storage.CommentFilter{Issue: i.ID}
	if !workflow.CanReadField(t.actor.Role, workflow.FieldHistory) {
		return filter, workflow.Refuse(workflow.Forbidden, "The thread under the job's card has all that concerns you.")
	}
	if t.actor.Role == workflow.Contractor {
		filter.Visibility = workflow.Shared
	}
	return filter, nil
}

// own tells which assignments of a job are the actor's firm's, which reads their history
// and nothing of the desk's or of another firm's.
func (t *turn) own(i storage.Issue) func(assignment string) bool {
	seen := workflow.Visible(i.Issue, t.actor)
	return func(assignment string) bool {
		_, ok := workflow.Find(seen, assignment)
		return ok
	}
}

// readableComments are those of a job's comments that the actor may read, as they may.
func (t *turn) readableComments(i storage.Issue, comments []storage.Comment) []storage.Comment {
	if t.actor.Role != workflow.Contractor {
		return comments
	}
	comments = slices.DeleteFunc(comments, func(c storage.Comment) bool {
		return !workflow.CanReadRemark(t.actor, i.Issue, remark(c)) || c.Held && c.Author.Side == string(workflow.WithOperator)
	})
	for n := range comments {
		// What was taken back stays taken back: the desk keeps the record.
		c := &comments[n]
		if !c.DeletedAt.IsZero() {
			c.Text, c.Files = "", nil
		}
		if !c.DeletedAt.IsZero() || c.Author.Side == string(workflow.WithOperator) {
			c.Versions, c.EditedAt = nil, time.Time{}
		}
	}
	return comments
}

// readableEvents are those of a job's events that the actor may read, as they may.
func (t *turn) readableEvents(i storage.Issue, events []storage.Event) []storage.Event {
	if t.actor.Role == workflow.Contractor {
		own := t.own(i)
		events = slices.DeleteFunc(events, func(e storage.Event) bool {
			return !own(e.Assignment) || unshared(e) || workflow.OnlyForDesk(e.Kind)
		})
		for n := range events {
			events[n].Data = workflow.FirmsEvent(i.Demands, events[n].Data)
		}
	} else {
		events = slices.DeleteFunc(events, func(e storage.Event) bool { return workflow.FirmsCopy(e.Kind, e.Assignment) })
	}
	if !workflow.CanReadField(t.actor.Role, workflow.FieldMoney) {
		withoutMoney(events)
	}
	return events
}

// narrate makes a chronicle of what the actor may read.
func (t *turn) narrate(ctx context.Context, i storage.Issue, comments []storage.Comment, events []storage.Event) (present.Chronicle, error) {
	firms := t.actor.Role == workflow.Contractor
	i = t.asKnown(i)
	for n := range comments {
		texts := Texts(comments[n])
		repeats := len(texts) == 1 && len(comments[n].Versions) > 0
		comments[n].Versions = texts[:len(texts)-1]
		if repeats {
			comments[n].EditedAt = time.Time{}
		}
	}
	job, err := t.job(ctx, t.tx, i)
	if err == nil && !firms {
		err = t.nameFirms(ctx, job, events)
	}
	if err != nil {
		return present.Chronicle{}, err
	}
	job.Synced, err = synced(ctx, t.tx, i.ID, func(c storage.Card) bool {
		_, own := workflow.Find(i.Issue, c.Assignment)
		return own || !firms
	})
	return present.Chronicle{Job: job, Comments: comments, Events: events}, err
}

// unshared tells whether an event is a rating that the firm may not read.
func unshared(e storage.Event) bool {
	return e.Kind == workflow.EventRated && e.Data["shared"] != "true"
}

// tailMark is where a page of a history ends: before an event and before a comment. The
// zero value is the end of the history.
type tailMark struct {
	event   int64
	comment string
}

func (m tailMark) String() string { return strconv.FormatInt(m.event, 10) + "." + m.comment }

func readMark(text string) (tailMark, bool) {
	event, comment, found := strings.Cut(text, ".")
	n, err := strconv.ParseInt(event, 10, 64)
	return tailMark{n, comment}, found && err == nil && n >= 0
}

// showHistory answers with the page of a job's history that ends at a mark.
func (t *turn) showHistory(ctx context.Context, i storage.Issue, end tailMark) (chat.Answer, error) {
	c, err := t.chroniclePage(ctx, i, end, present.HistorySize)
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Answer{Message: t.present.History(t.asked(), c), Number: i.Number}, nil
}

// chroniclePage is the last so many entries of a job's history before a mark, as the
// actor may read them. What is read for it does not depend on how long the history is,
// unless most of it is not the actor's to read.
func (t *turn) chroniclePage(ctx context.Context, i storage.Issue, end tailMark, size int) (present.Chronicle, error) {
	filter, err := t.readsHistory(i)
	if err != nil {
		return present.Chronicle{}, err
	}
	// One more than is shown tells whether there is more.
	filter.Newest, filter.Limit = true, size+1
	comments, err := fromEnd(filter.Limit, func(before *storage.Comment) ([]storage.Comment, error) {
		filter.Before = end.comment
		if before != nil {
			filter.Before = before.ID
		}
		return t.tx.ListComments(ctx, filter)
	}, func(list []storage.Comment) []storage.Comment { return t.readableComments(i, list) })
	if err != nil {
		return present.Chronicle{}, fmt.Errorf("list comments: %w", err)
	}
	events, err := fromEnd(filter.Limit, func(before *storage.Event) ([]storage.Event, error) {
		mark := end.event
		if before != nil {
			mark = before.Seq
		}
		return t.tx.LastEvents(ctx, i.ID, mark, filter.Limit, present.UntoldKinds()...)
	}, func(list []storage.Event) []storage.Event { return t.readableEvents(i, list) })
	if err != nil {
		return present.Chronicle{}, fmt.Errorf("list events: %w", err)
	}
	atComment, atEvent := len(comments), len(events)
	for range size {
		switch {
		case atComment > 0 && (atEvent == 0 || !comments[atComment-1].CreatedAt.Before(events[atEvent-1].At)):
			atComment--
		case atEvent > 0:
			atEvent--
		}
	}
	mark := end
	if atComment < len(comments) {
		mark.comment = comments[atComment].ID
	}
	if atEvent < len(events) {
		mark.event = events[atEvent].Seq
	}
	c, err := t.narrate(ctx, i, comments[atComment:], events[atEvent:])
	if atComment+atEvent > 0 {
		c.Earlier = mark.String()
	}
	c.Latest = end == tailMark{}
	return c, err
}

// fromEnd reads a list from its end, in order and in parts of so many, until there are as
// many that may be read. read gives the part before a member, the last one for nil.
func fromEnd[T any](size int, read func(before *T) ([]T, error), readable func([]T) []T) ([]T, error) {
	var all []T
	var before *T
	for {
		part, err := read(before)
		if err != nil || len(part) == 0 {
			return all, err
		}
		first, full := part[0], len(part) == size
		before = &first
		all = append(readable(part), all...)
		if !full || len(all) >= size {
			return all, nil
		}
	}
}

// turnHistory shows the page of a history that a button leads to, in place of the one
// that bears it.
func (t *turn) turnHistory(ctx context.Context, tk ticket.Ticket) (a chat.Answer, err error) {
	of, rest, _ := strings.Cut(tk.Arg, " ")
	switch of {
	case present.OfSettings, present.OfRights:
		var before int64
		if before, err = strconv.ParseInt(rest, 10, 64); err != nil {
			return chat.Answer{}, otherHistory()
		}
		if err := workflow.Allowed(t.actor, workflow.SetUp); err != nil {
			return chat.Answer{}, err
		}
		if of == present.OfSettings {
			a, err = t.settingsHistory(ctx, before)
		} else {
			a, err = t.rightsHistory(ctx, before)
		}
	default:
		number, errNumber := strconv.Atoi(of)
		mark, ok := readMark(rest)
		if errNumber != nil || !ok {
			return chat.Answer{}, otherHistory()
		}
		if err := workflow.Allowed(t.actor, workflow.View); err != nil {
			return chat.Answer{}, err
		}
		i, errFound := t.issueByNumber(ctx, number)
		if errFound != nil {
			return chat.Answer{}, errFound
		}
		a, err = t.showHistory(ctx, i, mark)
	}
	a.Replace = err == nil
	return a, err
}

func otherHistory() *workflow.Refusal {
	return workflow.Refuse(workflow.Expired, "This history is of another version. Ask for it again.")
}

// deskHistory reads a page of the changes of some kinds that are about no job, the newest
// first, and where the next page ends, zero when there is none.
func (t *turn) deskHistory(ctx context.Context, before int64, kinds ...string) ([]storage.Event, int64, error) {
	var all []storage.Event
	for _, kind := range kinds {
		list, err := t.tx.DeskEvents(ctx, kind, before, settingsHistory+1)
		if err != nil {
			return nil, 0, fmt.Errorf("list changes: %w", err)
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b storage.Event) int { return cmp.Compare(b.Seq, a.Seq) })
	if len(all) <= settingsHistory {
		return all, 0, nil
	}
	return all[:settingsHistory], all[settingsHistory-1].Seq, nil
}

// withoutMoney takes the amounts out of events, for readers who may not know of them.
func withoutMoney(events []storage.Event) {
	for n := range events {
		for _, key := range workflow.MoneyData() {
			delete(events[n].Data, key)
		}
	}
}

// nameFirms finds the firms that a history names although no offer was made to them.
func (t *turn) nameFirms(ctx context.Context, job present.Job, events []storage.Event) error {
	for _, e := range events {
		for id := range strings.FieldsSeq(e.Data["firms"] + " " + e.Data["contractor"]) {
			if _, known := job.Firms[id]; known {
				continue
			}
			c, err := t.firm(ctx, t.tx, id)
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			job.Firms[id] = c
		}
	}
	return nil
}
