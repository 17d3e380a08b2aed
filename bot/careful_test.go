package bot_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"taskbridge/storage"
)

// careful is a store that fails the test when somebody is refused what was written in
// part: the engine decides before it writes, because a refusal undoes nothing.
type careful struct {
	storage.Store
	t testing.TB
}

func (c careful) Update(ctx context.Context, desk string, fn func(tx storage.Tx) error) error {
	return c.Store.Update(ctx, desk, func(tx storage.Tx) error { return fn(&noting{Tx: tx, t: c.t}) })
}

// noting notes the first write of a transaction that a refusal has to undo.
type noting struct {
	storage.Tx
	t     testing.TB
	first string
}

func (n *noting) note(write string) {
	if n.first == "" {
		n.first = write
	}
}

func (n *noting) SetAnswer(ctx context.Context, workspace, key string, answer []byte) error {
	var kept struct{ Refused string }
	if err := json.Unmarshal(answer, &kept); err != nil {
		n.t.Errorf("read an answer: %v", err)
	}
	if kept.Refused != "" && n.first != "" {
		n.t.Errorf("refused as %s after %s: %s", kept.Refused, n.first, answer)
	}
	return n.Tx.SetAnswer(ctx, workspace, key, answer)
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
