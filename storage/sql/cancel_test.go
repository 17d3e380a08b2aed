package sqlstore_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"taskbridge/storage"
)

// TestCanceledUnderLoad cancels callers at random moments, as a shutdown does. They
// are told, everybody else goes on, and an acknowledged commit is there.
func TestCanceledUnderLoad(t *testing.T) {
	t.Parallel()
	for name, url := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, url(t))
			if err := s.EnsureDesk(t.Context(), storage.Desk{ID: "D"}); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for worker := range 16 {
				wg.Go(func() {
					for n := range 60 {
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(2000))*time.Microsecond)
						cutShort(t, ctx, s, strconv.Itoa(worker)+"-"+strconv.Itoa(n))
						cancel()
					}
				})
			}
			wg.Wait()
			// No connection is left behind in a transaction, or interrupted.
			for range 40 {
				if _, err := s.NextDelivery(t.Context(), "slack:T1"); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// cutShort reads and writes until ctx ends.
func cutShort(t *testing.T, ctx context.Context, s storage.Store, key string) {
	t.Helper()
	tell := func(what string, err error) {
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for ctx.Err() == nil {
		_, err := s.NextDelivery(ctx, "slack:T1")
		tell("read", err)
		_, err = s.Due(ctx, time.Now(), 10)
		tell("due", err)
		err = s.View(ctx, "D", func(tx storage.Tx) error {
			_, err := tx.ListIssues(ctx, storage.IssueFilter{})
			return err
		})
		tell("view", err)
		err = s.Update(ctx, "D", func(tx storage.Tx) error {
			if err := tx.SetSetting(ctx, key, "1"); err != nil {
				return err
			}
			_, err := tx.ListChannels(ctx, "", "")
			return err
		})
		tell("update", err)
		if err != nil {
			continue
		}
		err = s.View(t.Context(), "D", func(tx storage.Tx) error {
			_, err := tx.Setting(t.Context(), key)
			return err
		})
		tell("read what was committed", err)
	}
}
