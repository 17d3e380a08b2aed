package sqlstore_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"taskbridge/storage"
)

var errOwn = errors.New("a failure of its own")

// TestNeighbours runs callers together of whom some fail after they have written and
// some because the database refuses a statement. What the others did is there, once,
// and nothing else is.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	for engine, url := range engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t, url(t))
			if err := s.EnsureDesk(t.Context(), storage.Desk{ID: "D"}); err != nil {
				t.Fatal(err)
			}
			const callers, rounds = 12, 15
			kept := make([][]string, callers)
			var wg sync.WaitGroup
			for caller := range callers {
				wg.Go(func() {
					for round := range rounds {
						key := strconv.Itoa(caller) + "/" + strconv.Itoa(round)
						err := s.Update(t.Context(), "D", func(tx storage.Tx) error { return neighbour(t.Context(), tx, key, (caller+round)%6) })
						switch way := (caller + round) % 6; {
						case way == 0 && !errors.Is(err, errOwn), way == 1 && !errors.Is(err, storage.ErrNotFound):
							t.Errorf("%s: the one that failed was told %v", key, err)
						case way > 1 && err != nil:
							t.Errorf("%s: %v", key, err)
						case way > 1:
							kept[caller] = append(kept[caller], key)
						}
					}
				})
			}
			wg.Wait()
			var want []string
			for _, k := range kept {
				want = append(want, k...)
			}
			checkNeighbours(t, s, want)
		})
	}
}

// neighbour writes what can be looked for, and then fails in one of the ways.
func neighbour(ctx context.Context, tx storage.Tx, key string, way int) error {
	fresh, _, err := tx.Remember(ctx, storage.Memory{Workspace: "W", Key: key, At: time.Unix(1, 0)})
	if err != nil {
		return err
	}
	if !fresh {
		return errors.New("what an undone run remembered is still there")
	}
	err = tx.Append(ctx, storage.Event{Issue: "I", Kind: "said", Workspace: "W", Key: key})
	if err != nil {
		return err
	}
	err = tx.Enqueue(ctx, storage.Delivery{Lane: storage.Lane{Workspace: "W", Name: "L"}, Kind: "post", Payload: []byte(key)})
	if err != nil {
		return err
	}
	switch way {
	case 0:
		return errOwn
	case 1:
		// The comment does not exist, which the database is first to know.
		return tx.AddVersion(ctx, "none", storage.Version{Text: key})
	case 2:
		// Reads its own event, so all that was postponed is written here.
		_, err = tx.ListEvents(ctx, "I", 0, 1)
	}
	return err
}

func checkNeighbours(t *testing.T, s storage.Store, want []string) {
	t.Helper()
	err := s.View(t.Context(), "D", func(tx storage.Tx) error {
		events, err := tx.ListEvents(t.Context(), "I", 0, 0)
		if err != nil {
			return err
		}
		seen := map[string]int{}
		for _, e := range events {
			seen[e.Key]++
		}
		if len(events) != len(want) {
			t.Errorf("%d events of %d callers", len(events), len(want))
		}
		for _, key := range want {
			if seen[key] != 1 {
				t.Errorf("%s: its event is there %d times", key, seen[key])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	backlog, err := s.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(backlog) != 1 || backlog[0].Waiting != len(want) {
		t.Errorf("the backlog is %v, want %d deliveries", backlog, len(want))
	}
}

// TestLocksInAnyOrder has callers read two issues in opposite orders in order to
// write both: all of them end, and no change is lost.
func TestLocksInAnyOrder(t *testing.T) {
	t.Parallel()
	for engine, url := range engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			s := open(t, url(t))
			if err := s.EnsureDesk(ctx, storage.Desk{ID: "D"}); err != nil {
				t.Fatal(err)
			}
			ids := []string{"I1", "I2"}
			for _, id := range ids {
				if err := s.Update(ctx, "D", func(tx storage.Tx) error {
					var i storage.Issue
					i.ID = id
					_, err := tx.InsertIssue(ctx, i)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			const callers, rounds = 8, 10
			var wg sync.WaitGroup
			for caller := range callers {
				wg.Go(func() {
					for range rounds {
						err := s.Update(ctx, "D", func(tx storage.Tx) error {
							return errors.Join(addX(ctx, tx, ids[caller%2]), addX(ctx, tx, ids[1-caller%2]))
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			for _, id := range ids {
				err := s.View(ctx, "D", func(tx storage.Tx) error {
					i, err := tx.Issue(ctx, id)
					if len(i.Title) != callers*rounds {
						t.Errorf("%s was changed %d times, want %d", id, len(i.Title), callers*rounds)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// addX makes an issue's title one letter longer.
func addX(ctx context.Context, tx storage.Tx, id string) error {
	was, err := tx.Issue(ctx, id)
	if err != nil {
		return err
	}
	is := was
	is.Title += "x"
	return tx.SaveIssue(ctx, was, is)
}
