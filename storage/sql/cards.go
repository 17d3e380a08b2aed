package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

// PutCard implements storage.Cards.
func (t *tx) PutCard(ctx context.Context, c storage.Card) error {
	if err := t.later(ctx, t.store.sql.putCard, t.bind(cardFields(&c))...); err != nil {
		return fmt.Errorf("put card %s: %w", c.ID, err)
	}
	return nil
}

// Card implements storage.Cards.
func (t *tx) Card(ctx context.Context, id string) (storage.Card, error) {
	var c storage.Card
	err := t.row(ctx, "SELECT "+cardColumns+" FROM cards WHERE desk_id = $1 AND id = $2", cardFields(&c), t.desk, id)
	if err != nil {
		return storage.Card{}, fmt.Errorf("read card %s: %w", id, err)
	}
	return c, nil
}

// CardByMessage implements storage.Cards.
func (t *tx) CardByMessage(ctx context.Context, workspace, channel, message string) (storage.Card, error) {
	var c storage.Card
	err := t.row(ctx, "SELECT "+cardColumns+` FROM cards
		WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND message = $4 AND message <> ''`,
		cardFields(&c), t.desk, workspace, channel, message)
	if err != nil {
		return storage.Card{}, fmt.Errorf("read the card that is message %s: %w", message, err)
	}
	return c, nil
}

// LockThread implements storage.Conversations.
func (t *tx) LockThread(ctx context.Context, workspace, channel, message string) error {
	if err := t.lock(ctx, exclusive, "thread", workspace, channel, message); err != nil {
		return fmt.Errorf("lock the thread of message %s: %w", message, err)
	}
	return nil
}

// ListCards implements storage.Cards.
func (t *tx) ListCards(ctx context.Context, issue string) ([]storage.Card, error) {
	list, err := collect(ctx, t, cardFields,
		"SELECT "+cardColumns+" FROM cards WHERE desk_id = $1 AND issue_id = $2 ORDER BY id", t.desk, issue)
	if err != nil {
		return nil, fmt.Errorf("list the cards of issue %s: %w", issue, err)
	}
	return list, nil
}

// CardsOf implements storage.Cards.
func (t *tx) CardsOf(ctx context.Context, issues []string) ([]storage.Card, error) {
	if len(issues) == 0 {
		return nil, nil
	}
	marks, args := in(issues)
	f := &filter{args: []any{t.desk}}
	f.add("issue_id IN "+marks, args...)
	list, err := collect(ctx, t, cardFields,
		"SELECT "+cardColumns+" FROM cards WHERE desk_id = $1"+f.where.String()+" ORDER BY issue_id, id", f.args...)
	if err != nil {
		return nil, fmt.Errorf("list the cards of issues: %w", err)
	}
	return list, nil
}

// CloseCards implements storage.Cards.
func (t *tx) CloseCards(ctx context.Context, workspace, channel string) error {
	// Who reads a card of the channel in order to write it would undo this.
	err := t.lock(ctx, exclusive, "channel", workspace, channel)
	if err == nil {
		err = t.later(ctx, `UPDATE cards SET kind = 'former_assignment'
			WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND kind = 'assignment'`, t.desk, workspace, channel)
	}
	if err != nil {
		return fmt.Errorf("close the cards of channel %s: %w", channel, err)
	}
	return nil
}
