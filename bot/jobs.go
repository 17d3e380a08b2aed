package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// issueByNumber finds the issue a person named, if that person may know of it.
func (t *turn) issueByNumber(ctx context.Context, number int) (storage.Issue, error) {
	i, err := t.tx.IssueByNumber(ctx, number)
	return t.visible(i, err)
}

func (t *turn) issueByID(ctx context.Context, id string) (storage.Issue, error) {
	i, err := t.tx.Issue(ctx, id)
	return t.visible(i, err)
}

// visible hides what the actor may not know of, in the words of what does not
// exist.
func (t *turn) visible(i storage.Issue, err error) (storage.Issue, error) {
	if errors.Is(err, storage.ErrNotFound) {
		return i, workflow.NoSuchIssue()
	}
	if err != nil {
		return i, fmt.Errorf("load an issue: %w", err)
	}
	if t.actor.Role != workflow.System && !workflow.CanSee(t.actor, i.Issue) {
		return storage.Issue{}, workflow.NoSuchIssue()
	}
	return i, nil
}

// asKnown is the issue as the actor's side knows it: a firm its own part, and of a job that it
// has no more nothing new.
func (t *turn) asKnown(i storage.Issue) storage.Issue {
	if t.actor.Role != workflow.Contractor {
		return i
	}
	i.Issue = workflow.Visible(i.Issue, t.actor)
	return present.AsKnown(i, i.Assignments...)
}

// apply lets workflow decide on commands, one after another, and writes what follows:
// the new state, its history, the cards that show it and the notices it asks for. When
// one is refused, none counts.
func (t *turn) apply(ctx context.Context, was storage.Issue, cmds ...workflow.Command) (storage.Issue, error) {
	is := was
	var d workflow.Decision
	for _, cmd := range cmds {
		cmd.At = t.now
		if err := t.workFacts(ctx, is, &cmd); err != nil {
			return was, err
		}
		next, err := workflow.Decide(is.Issue, t.actor, cmd)
		if err != nil {
			return was, err
		}
		is.Issue = next.Issue
		d.Events = append(d.Events, next.Events...)
		d.Notices = append(d.Notices, next.Notices...)
	}
	if err := t.tx.SaveIssue(ctx, was, is); err != nil {
		return was, fmt.Errorf("save issue %d: %w", was.Number, err)
	}
	if err := t.findInCharge(ctx, was, is); err != nil {
		return was, err
	}
	if err := t.showAssignments(ctx, was, is); err != nil {
		return was, err
	}
	if err := t.notify(ctx, is, d.Notices); err != nil {
		return was, err
	}
	if err := t.release(ctx, was, is); err != nil {
		return was, err
	}
	if err := t.lineChanges(ctx, was, is); err != nil {
		return was, err
	}
	// The history is written last, as it is by those who change a comment: two who
	// took its lock before the comments' could wait for each other.
	return is, t.record(ctx, is.ID, d.Events...)
}

// record appends events of one issue.
func (t *turn) record(ctx context.Context, issue string, events ...workflow.Event) error {
	if len(events) == 0 {
		return nil
	}
	out := make([]storage.Event, len(events))
	for n, e := range events {
		out[n] = storage.Event{
			Issue: issue, Assignment: e.Assignment, At: t.now,
			Actor: workflow.Person{ID: t.actor.ID, Name: t.actor.Name},
			Kind:  e.Kind, Data: e.Data, Workspace: t.in.Workspace, Key: t.in.Key,
		}
		if e.Unnamed {
			out[n].Actor = workflow.Person{}
		}
	}
	if err := t.tx.Append(ctx, out...); err != nil {
		return fmt.Errorf("append to the history: %w", err)
	}
	return t.tellWebhooks(ctx, out)
}

// showAssignments gives new assignments their cards and refreshes those that
// changed; the issue's own cards change with any of them.
func (t *turn) showAssignments(ctx context.Context, was, is storage.Issue) error {
	asked := !was.Demands.Equal(is.Demands)
	for _, a := range is.Assignments {
		old, existed := workflow.Find(was.Issue, a.ID)
		if existed && !asked && reflect.DeepEqual(old, a) || a.Status == workflow.Unsent {
			continue
		}
		if !workflow.WasSent(a) {
			// A draft that was discarded: the firm never heard of it.
			continue
		}
		if !existed || old.Status == workflow.Unsent {
			if err := t.newAssignmentCards(ctx, is, a); err != nil {
				return err
			}
			continue
		}
		if err := t.refresh(ctx, is.ID, func(c storage.Card) bool { return c.Assignment == a.ID }); err != nil {
			return err
		}
	}
	if len(is.External) > 0 && (was.Status == workflow.Closed) != (is.Status == workflow.Closed) {
		if err := t.refresh(ctx, is.ID, func(c storage.Card) bool { return c.Kind == storage.ExternalCard }); err != nil {
			return err
		}
	}
	if err := t.boardsChange(ctx, was, is); err != nil {
		return err
	}
	if err := t.homesChange(ctx); err != nil {
		return err
	}
	return t.refreshIssueCards(ctx, is.ID)
}

// refreshIssueCards marks the desk's own cards of an issue.
func (t *turn) refreshIssueCards(ctx context.Context, issue string) error {
	cards, known := t.issueCards.Get(issue)
	if !known {
		all, err := t.cardsOf(ctx, issue)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.Kind == storage.IssueCard {
				cards = append(cards, c)
			}
		}
		if len(cards) > 0 {
			t.committed = append(t.committed, func() { t.issueCards.Add(issue, cards) })
		}
	}
	for _, c := range cards {
		if err := t.enqueueCard(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) newAssignmentCards(ctx context.Context, i storage.Issue, a workflow.Assignment) error {
	list, err := t.tx.ListChannels(ctx, storage.ContractorChannel, a.Contractor)
	if err != nil {
		return fmt.Errorf("list the firm's channels: %w", err)
	}
	for _, ch := range list {
		// Held, because whoever takes it from the firm right now closes the cards in it: this
		// one with the others, or there is to be none.
		now, err := t.tx.Channel(ctx, ch.Workspace, ch.ID)
		if err != nil {
			return fmt.Errorf("load a channel: %w", err)
		}
		if now.Kind != storage.ContractorChannel || now.Contractor != a.Contractor {
			continue
		}
		card := storage.Card{Kind: storage.AssignmentCard, Issue: i.ID, Assignment: a.ID, Workspace: ch.Workspace, Channel: ch.ID}
		if _, err := t.newCard(ctx, card); err != nil {
			return err
		}
	}
	return nil
}

// newIssueCards shows an issue in every operations channel.
func (t *turn) newIssueCards(ctx context.Context, issue string) error {
	list, err := t.tx.ListChannels(ctx, storage.OperationsChannel, "")
	if err != nil {
		return fmt.Errorf("list the operations channels: %w", err)
	}
	for _, ch := range list {
		card := storage.Card{Kind: storage.IssueCard, Issue: issue, Workspace: ch.Workspace, Channel: ch.ID}
		if _, err := t.newCard(ctx, card); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) newCard(ctx context.Context, c storage.Card) (storage.Card, error) {
	c.ID = newID()
	if err := t.tx.PutCard(ctx, c); err != nil {
		return c, fmt.Errorf("put a card: %w", err)
	}
	delete(t.cards, c.Issue)
	return c, t.enqueueCard(ctx, c)
}

// cardsOf lists the cards of an issue, read once in a turn.
func (t *turn) cardsOf(ctx context.Context, issue string) ([]storage.Card, error) {
	if cards, ok := t.cards[issue]; ok {
		return cards, nil
	}
	cards, err := t.tx.ListCards(ctx, issue)
	if err != nil {
		return nil, fmt.Errorf("list cards: %w", err)
	}
	if t.cards == nil {
		t.cards = map[string][]storage.Card{}
	}
	t.cards[issue] = cards
	return cards, nil
}

// refresh marks cards of an issue as no longer showing the truth.
func (t *turn) refresh(ctx context.Context, issue string, which func(storage.Card) bool) error {
	cards, err := t.cardsOf(ctx, issue)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if !c.Former() && which(c) {
			if err := t.enqueueCard(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// notify puts notices into the threads of the cards of those they concern.
func (t *turn) notify(ctx context.Context, i storage.Issue, notices []workflow.Notice) error {
	if t.quiet != nil {
		*t.quiet = append(*t.quiet, notices...)
		return nil
	}
	if len(notices) == 0 {
		return nil
	}
	job, err := t.job(ctx, t.tx, i)
	if err != nil {
		return err
	}
	cards, err := t.cardsOf(ctx, i.ID)
	if err != nil {
		return err
	}
	for _, n := range notices {
		if n.Kind == workflow.NoticeJobRefused {
			if err := t.tellRequester(ctx, job, cards); err != nil {
				return err
			}
			continue
		}
		switch n.To {
		case workflow.ToRequester:
			if err := t.askRating(ctx, job, cards, n.Assignment); err != nil {
				return err
			}
			continue
		case workflow.ToCustomer:
			if err := t.tellCustomer(ctx, job, n); err != nil {
				return err
			}
			continue
		}
		if n.Kind == workflow.NoticeAheadClosed {
			if err := t.askToGoOn(ctx, job, cards); err != nil {
				return err
			}
			continue
		}
		m := t.noticeOf(job, n)
		if m.Empty() {
			continue
		}
		switch n.To {
		case workflow.ToOperators:
			err = t.reply(ctx, cards, func(c storage.Card) bool { return c.Kind == storage.IssueCard }, m)
		case workflow.ToFirm, workflow.ToInCharge:
			err = t.reply(ctx, cards, func(c storage.Card) bool { return c.Kind == storage.AssignmentCard && c.Assignment == n.Assignment }, m)
		case workflow.ToManagers:
			err = t.tell(ctx, storage.ManagersChannel, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reply posts a message into the threads of cards.
func (t *turn) reply(ctx context.Context, cards []storage.Card, which func(storage.Card) bool, m chat.Message) error {
	for _, c := range cards {
		if !which(c) {
			continue
		}
		if err := t.enqueuePost(ctx, c.Workspace, c.Channel, postPayload{Thread: c.ID, Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// noticeOf says a notice in the language of those it is for.
func (t *turn) noticeOf(job present.Job, n workflow.Notice) chat.Message {
	p := t.toDesk()
	if n.To == workflow.ToFirm || n.To == workflow.ToInCharge {
		if a, ok := workflow.Find(job.Issue.Issue, n.Assignment); ok {
			p = t.toFirm(job.Firms[a.Contractor])
		}
	}
	return p.Notice(job, n, t.actor.Name)
}

// tell posts a message to every channel of a kind.
func (t *turn) tell(ctx context.Context, kind storage.ChannelKind, m chat.Message) error {
	list, err := t.tx.ListChannels(ctx, kind, "")
	if err != nil {
		return fmt.Errorf("list channels: %w", err)
	}
	for _, ch := range list {
		if err := t.enqueuePost(ctx, ch.Workspace, ch.ID, postPayload{Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// job gathers what surrounds an issue on a card.
func (e *Engine) job(ctx context.Context, tx storage.Tx, i storage.Issue) (present.Job, error) {
	j := present.Job{Issue: i, Firms: map[string]storage.Contractor{}, Now: e.now()}
	rules, err := e.rules.within(ctx, tx)
	if err != nil {
		return j, err
	}
	j.Steps, j.Approval, j.Reasons, j.Texts = rules.Steps, rules.Approval, rules.Reasons, rules.Texts
	if len(i.External) > 0 {
		people, err := tx.Outsiders(ctx, i.External)
		if err != nil {
			return j, fmt.Errorf("list people outside: %w", err)
		}
		j.Outside = make(map[string]string, len(people))
		for _, o := range people {
			j.Outside[o.ID] = o.Name
		}
	}
	firms := i.Chain.Firms
	for _, a := range i.Assignments {
		firms = append(slices.Clip(firms), a.Contractor)
	}
	for _, id := range firms {
		if _, ok := j.Firms[id]; ok {
			continue
		}
		c, err := e.firm(ctx, tx, id)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return j, err
		}
		j.Firms[id] = c
		if working := hours(rules, c, e.zone); working != nil {
			if j.Hours == nil {
				j.Hours = map[string]workflow.Calendar{}
			}
			j.Hours[id] = *working
		}
	}
	return j, nil
}

// firm finds a contractor for its name and hours.
func (e *Engine) firm(ctx context.Context, tx storage.Contractors, id string) (storage.Contractor, error) {
	if c, known := e.firms.Get(id); known {
		return c, nil
	}
	c, err := tx.Contractor(ctx, id)
	if err != nil {
		return c, fmt.Errorf("load a contractor: %w", err)
	}
	e.firms.Add(c.ID, c)
	return c, nil
}

// jobWithReplies adds the shared comments' count and the newest of them.
func (e *Engine) jobWithReplies(ctx context.Context, tx storage.Tx, i storage.Issue) (present.Job, error) {
	j, err := e.job(ctx, tx, i)
	if err != nil {
		return j, err
	}
	if j.Synced, err = synced(ctx, tx, i.ID, func(storage.Card) bool { return true }); err != nil {
		return j, err
	}
	if j.Evidence, err = e.shownEvidence(ctx, tx, i); err != nil {
		return j, err
	}
	count, newest, err := tx.SharedReplies(ctx, i.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return j, nil
	}
	if err != nil {
		return j, fmt.Errorf("count replies: %w", err)
	}
	j.Replies, j.LastReply = count, &newest
	return j, nil
}

// audited notes a refused attempt in the desk's history, a bounded number a second.
func (t *turn) audited(ctx context.Context, kind string, data map[string]string) {
	if !t.Engine.audit.Allow() {
		return
	}
	t.log.WarnContext(ctx, "intake: refused", "kind", kind, "workspace", t.in.Workspace, "channel", t.in.Channel, "person", t.in.From.ID)
	event := workflow.Event{Kind: kind, Data: data}
	t.audits = append(t.audits, event)
	if err := t.record(ctx, "", event); err != nil {
		t.log.WarnContext(ctx, "intake: audit not written", "err", err)
	}
}

// encode makes the payload of a delivery.
func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode a delivery: %w", err)
	}
	return b, nil
}
