package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/storage/storagetest/pgtest"
)

// TestSilentReplica: a replica falls silent in the middle of a transaction, without
// its connection being closed. The other ones go on, and its own callers are told.
func TestSilentReplica(t *testing.T) {
	t.Parallel()
	database := cluster.Database(t)
	other := open(t, database)
	line, end := pgtest.NewLine(t, database)
	silent, err := sqlstore.Open(t.Context(), end, sqlstore.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.EnsureDesk(t.Context(), storage.Desk{ID: "desk", Name: "desk", CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	inside, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- silent.Update(context.WithoutCancel(t.Context()), "desk", func(tx storage.Tx) error {
			if err := tx.SetSetting(t.Context(), "a", "silent"); err != nil {
				return err
			}
			if _, err := tx.Setting(t.Context(), "a"); err != nil {
				return err
			}
			if err := line.Hang(); err != nil {
				return err
			}
			close(inside)
			return nil
		})
	}()
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	err = other.Update(ctx, "desk", func(tx storage.Tx) error { return tx.SetSetting(ctx, "a", "other") })
	if err != nil {
		t.Errorf("the other replica: %v", err)
	}
	select {
	case err := <-done:
		if err == nil {
			t.Error("what was never committed is said to be")
		}
	case <-ctx.Done():
		t.Error("the caller of the silent replica is never told")
	}
	// Reads end as well, and all is well once the line is.
	short, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	if err := silent.Ping(short); err == nil {
		t.Error("a silent database is said to be there")
	}
	// The dispatcher sets no bound at all.
	_, err = silent.Claim(context.WithoutCancel(t.Context()), storage.ClaimParams{Now: time.Now(), Until: time.Now(), Workspace: "w", Limit: 1})
	if err == nil {
		t.Error("a silent database has something to send")
	}
	if err := line.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := silent.Update(ctx, "desk", func(tx storage.Tx) error { return tx.SetSetting(ctx, "b", "back") }); err != nil {
		t.Errorf("after the silence: %v", err)
	}
	if err := silent.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
