package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskbridge/storage"
)

// putLetters makes a row of each kind for thread 1.0 and issue I1.
func putLetters(ctx context.Context, tx storage.Tx, what string) error {
	return errors.Join(
		tx.PutGathered(ctx, storage.Gathered{Workspace: space, Channel: "C1", Thread: "1.0", Message: "1.0.1", Body: []byte(what)}),
		tx.SetShownCard(ctx, space, "C1", "1.0", what),
		tx.PutStatusLink(ctx, storage.StatusLink{ID: "L1", Issue: "I1", CreatedAt: noon()}),
	)
}

// testGathering: what waits for a thread comes back in order, with its latest words,
// until it is taken.
func testGathering(t *testing.T, open opener) {
	s := setup(t, open)
	one := filled[storage.Gathered](t)
	one.Workspace, one.Channel, one.Thread, one.Message = space, "C1", "1.0", "m1"
	two, three, elsewhere := one, one, one
	two.Message, three.Message = "m2", "m3"
	elsewhere.Thread, elsewhere.Message = "2.0", "m4"
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		return errors.Join(tx.PutGathered(ctx, one), tx.PutGathered(ctx, two), tx.PutGathered(ctx, elsewhere), tx.PutGathered(ctx, three))
	})
	changed := one
	changed.Body = []byte("changed")
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		got, err := tx.GatheredMessage(ctx, space, "C1", "m1")
		must(t, err)
		same(t, "one message", got, one)
		must(t, tx.PutGathered(ctx, changed))
		list, err := tx.Gathered(ctx, space, "C1", "1.0")
		same(t, "in order, with the change", list, []storage.Gathered{changed, two, three})
		return err
	})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		must(t, tx.RemoveGathered(ctx, space, "C1", "m1", "m3", "there-is-none"))
		list, err := tx.Gathered(ctx, space, "C1", "1.0")
		must(t, err)
		same(t, "what is left", list, []storage.Gathered{two})
		_, err = tx.GatheredMessage(ctx, space, "C1", "m1")
		wantError(t, err, storage.ErrNotFound)
		list, err = tx.Gathered(ctx, space, "C1", "2.0")
		same(t, "of another thread", list, []storage.Gathered{elsewhere})
		return err
	})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		for _, want := range []string{"", "a", "b"} {
			if want != "" {
				must(t, tx.SetShownCard(ctx, space, "C1", "1.0", want))
			}
			got, err := tx.ShownCard(ctx, space, "C1", "1.0")
			must(t, err)
			same(t, "shown", got, want)
		}
		return nil
	})
}

// testStatusLinks: an issue has one link at a time, and a link that was replaced or
// removed leads nowhere.
func testStatusLinks(t *testing.T, open opener) {
	s := setup(t, open)
	first, other := filled[storage.StatusLink](t), filled[storage.StatusLink](t)
	first.Issue, other.Issue, other.ID = "I1", "I2", "L2"
	second := storage.StatusLink{ID: "L3", Issue: "I1", CreatedAt: noon().Add(time.Hour)}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.IssueStatusLink(ctx, "I1")
		wantError(t, err, storage.ErrNotFound)
		return errors.Join(tx.PutStatusLink(ctx, first), tx.PutStatusLink(ctx, other))
	})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		got, err := tx.StatusLink(ctx, first.ID)
		must(t, err)
		same(t, "by id", got, first)
		return tx.PutStatusLink(ctx, second)
	})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.StatusLink(ctx, first.ID)
		wantError(t, err, storage.ErrNotFound)
		got, err := tx.IssueStatusLink(ctx, "I1")
		must(t, err)
		same(t, "by issue", got, second)
		return tx.RemoveStatusLink(ctx, "I1")
	})
	view(t, s, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.StatusLink(ctx, second.ID)
		wantError(t, err, storage.ErrNotFound)
		got, err := tx.StatusLink(ctx, "L2")
		same(t, "of the other issue", got, other)
		return err
	})
}
