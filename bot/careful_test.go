package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// careful is a store that fails the test when somebody is refused what was written in
// part: that is undone, but the engine decides before it writes.
type careful struct {
	storage.Store
	t testing.TB
}

func (c careful) Update(ctx context.Context, desk string, fn func(tx storage.Tx) error) error {
	return c.Store.Update(ctx, desk, func(tx storage.Tx) error {
		n := &noting{Tx: tx}
		err := fn(n)
		if errors.Is(err, bot.ErrRefused) && n.first != "" {
			c.t.Errorf("refused after %s", n.first)
		}
		return err
	})
}

// noting notes the first write of a transaction that a refusal has to undo.
type noting struct {
	storage.Tx
	first string
}

func (n *noting) note(write string) {
	if n.first == "" {
		n.first = write
	}
}

// Append notes what is no record of a refusal itself.
func (n *noting) Append(ctx context.Context, events ...storage.Event) error {
	for _, e := range events {
		if !strings.HasPrefix(e.Kind, "click_") && !strings.HasPrefix(e.Kind, "form_") {
			n.note("the event " + e.Kind)
		}
	}
	return n.Tx.Append(ctx, events...)
}

func (n *noting) Enqueue(ctx context.Context, d storage.Delivery) error {
	n.note("a delivery of the kind " + d.Kind)
	return n.Tx.Enqueue(ctx, d)
}

func (n *noting) InsertIssue(ctx context.Context, i storage.Issue) (int, error) {
	n.note("a new issue")
	return n.Tx.InsertIssue(ctx, i)
}

func (n *noting) SaveIssue(ctx context.Context, was, is storage.Issue) error {
	n.note("an issue")
	return n.Tx.SaveIssue(ctx, was, is)
}

func (n *noting) InsertComment(ctx context.Context, c storage.Comment) (bool, error) {
	n.note("a comment")
	return n.Tx.InsertComment(ctx, c)
}

func (n *noting) InsertContractor(ctx context.Context, c storage.Contractor) error {
	n.note("a new firm")
	return n.Tx.InsertContractor(ctx, c)
}

func (n *noting) SaveContractor(ctx context.Context, c storage.Contractor) error {
	n.note("a firm")
	return n.Tx.SaveContractor(ctx, c)
}

func (n *noting) PutFirmPerson(ctx context.Context, p storage.FirmPerson) error {
	n.note("somebody on a roster")
	return n.Tx.PutFirmPerson(ctx, p)
}

func (n *noting) PutInvitation(ctx context.Context, i storage.Invitation) error {
	n.note("an invitation")
	return n.Tx.PutInvitation(ctx, i)
}

func (n *noting) PutOutsider(ctx context.Context, o storage.Outsider) error {
	n.note("somebody outside")
	return n.Tx.PutOutsider(ctx, o)
}

func (n *noting) PutChannel(ctx context.Context, c storage.Channel) error {
	n.note("a channel")
	return n.Tx.PutChannel(ctx, c)
}

func (n *noting) PutCard(ctx context.Context, c storage.Card) error {
	n.note("a card")
	return n.Tx.PutCard(ctx, c)
}

func (n *noting) PutWatch(ctx context.Context, w storage.Watch) error {
	n.note("a watch")
	return n.Tx.PutWatch(ctx, w)
}

func (n *noting) SetSetting(ctx context.Context, name, value string) error {
	n.note("the setting " + name)
	return n.Tx.SetSetting(ctx, name, value)
}

// late is a store whose jobs are refused after they were written.
type late struct{ storage.Store }

func (l late) Update(ctx context.Context, desk string, fn func(tx storage.Tx) error) error {
	return l.Store.Update(ctx, desk, func(tx storage.Tx) error { return fn(&lateTx{tx}) })
}

type lateTx struct{ storage.Tx }

func (l *lateTx) InsertIssue(ctx context.Context, i storage.Issue) (int, error) {
	n, err := l.Tx.InsertIssue(ctx, i)
	if err == nil {
		err = workflow.Refuse(workflow.Conflict, "Not this one.")
	}
	return n, err
}

// TestRefusedAfterAWrite: nothing stays of what was refused but that it was.
func TestRefusedAfterAWrite(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *bot.Config) {
		if checked, ok := c.Store.(careful); ok {
			c.Store = late{checked.Store}
		}
	})
	d.says("anna", "ops", "here operations")
	for range 2 {
		a := d.handle(chat.Inbound{Key: "once", From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{Text: "new Boiler down"}})
		if a.Refused != string(workflow.Conflict) || a.Message.Text.String() != "Not this one." {
			t.Errorf("the answer is %+v", a)
		}
	}
	err := d.store.View(t.Context(), "main", func(tx storage.Tx) error {
		list, err := tx.ListIssues(t.Context(), storage.IssueFilter{Limit: 10})
		if len(list) > 0 {
			t.Errorf("there are %d jobs", len(list))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
