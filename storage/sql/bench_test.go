package sqlstore_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/workflow"
)

// benchStore opens a store with a desk that has some issues.
func benchStore(b *testing.B, url string, issues int) *sqlstore.Store {
	b.Helper()
	s := openWith(b, url, sqlstore.Options{Migrate: true})
	seedIssues(b, s, issues)
	return s
}

// seedIssues puts a desk with some issues into a store.
func seedIssues(t testing.TB, s *sqlstore.Store, issues int) {
	t.Helper()
	ctx := t.Context()
	if err := s.EnsureDesk(ctx, storage.Desk{ID: "D", Name: "D"}); err != nil {
		t.Fatal(err)
	}
	err := s.Update(ctx, "D", func(tx storage.Tx) error {
		for n := range issues {
			id := strconv.Itoa(n)
			_, err := tx.InsertIssue(ctx, storage.Issue{Issue: workflow.Issue{
				ID: "I" + id, Status: workflow.Allocated,
				Assignments: []workflow.Assignment{{ID: "A" + id, Contractor: "F", Status: workflow.InProgress}},
			}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hotPath is what the nth reply does in the thread of one of so many issues.
func hotPath(ctx context.Context, s *sqlstore.Store, n, issues int64, now time.Time, text string) error {
	key := strconv.FormatInt(n, 10)
	issue := strconv.FormatInt(n%issues, 10)
	return s.Update(ctx, "D", func(tx storage.Tx) error {
		if _, _, err := tx.Remember(ctx, storage.Memory{Workspace: "slack:T1", Key: "Ev" + key, At: now}); err != nil {
			return err
		}
		a, err := tx.Assignment(ctx, "A"+issue)
		if err != nil {
			return err
		}
		if _, err := tx.InsertComment(ctx, storage.Comment{
			ID: "K" + key, Issue: a.Issue, Assignment: a.ID, Visibility: workflow.Shared, Text: text, CreatedAt: now,
			Author: storage.Author{ID: "slack:T1/U1", Name: "Ada", Side: "contractor"},
			Source: storage.Source{
				Platform: "slack", Workspace: "slack:T1", Channel: "C" + issue, Thread: "1700000000.0001", Message: key,
			},
		}); err != nil {
			return err
		}
		if err := tx.Append(ctx, storage.Event{
			Issue: a.Issue, Assignment: a.ID, At: now, Kind: "comment", Actor: workflow.Person{ID: "slack:T1/U1", Name: "Ada"},
			Data: map[string]string{"comment": "K" + key}, Workspace: "slack:T1", Key: "Ev" + key,
		}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, storage.Delivery{
			Lane: storage.Lane{Workspace: "slack:T1", Name: "C" + issue}, Kind: "card", Card: "D" + issue, CreatedAt: now,
		})
	})
}

// BenchmarkUpdateHotPath measures what is committed for a reply in a thread, with
// 64 callers at once. PostgreSQL syncs to disk only when
// TASKBRIDGE_TEST_POSTGRES_DURABLE is set.
func BenchmarkUpdateHotPath(b *testing.B) {
	text := "The part is here tomorrow morning, I will be there at eight and need about two hours."
	for name, url := range engines() {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/callers=%d", name, callers), func(b *testing.B) {
				s := benchStore(b, url(b), 1000)
				now := time.Now()
				var next atomic.Int64
				work := make(chan struct{}, callers)
				b.ReportAllocs()
				b.ResetTimer()
				done := make(chan error, callers)
				for range callers {
					go func() {
						for range work {
							if err := hotPath(b.Context(), s, next.Add(1), 1000, now, text); err != nil {
								done <- err
								return
							}
						}
						done <- nil
					}()
				}
				for range b.N {
					work <- struct{}{}
				}
				close(work)
				for range callers {
					if err := <-done; err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
			})
		}
	}
}

// BenchmarkClaim measures claim and delivered of up to 10 heads, from lanes of many
// shapes: the cost must not depend on how much waits behind the heads.
func BenchmarkClaim(b *testing.B) {
	shapes := []struct{ lanes, deep int }{{10, 10}, {10, 10_000}, {10_000, 10}}
	for name, url := range engines() {
		for _, shape := range shapes {
			b.Run(fmt.Sprintf("%s/lanes=%d/deep=%d", name, shape.lanes, shape.deep), func(b *testing.B) {
				ctx := b.Context()
				s := benchStore(b, url(b), 0)
				if err := s.Update(ctx, "D", func(tx storage.Tx) error {
					for l := range shape.lanes {
						for range shape.deep {
							if err := tx.Enqueue(ctx, storage.Delivery{
								Lane: storage.Lane{Workspace: "slack:T1", Name: "C" + strconv.Itoa(l)}, Kind: "post",
								Payload: []byte("{}"), CreatedAt: time.Now(),
							}); err != nil {
								return err
							}
						}
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
				b.ResetTimer()
				for n := range b.N {
					now := time.Unix(int64(n)+1_800_000_000, 0)
					list, err := s.Claim(ctx, storage.ClaimParams{
						Now: now, Until: now.Add(time.Hour), Workspace: "slack:T1", Limit: 10,
					})
					if err != nil || len(list) == 0 {
						b.Fatalf("claimed %d: %v", len(list), err)
					}
					if err := s.Update(ctx, "D", func(tx storage.Tx) error {
						for _, d := range list {
							// Given back, so that the lanes stay as deep as they are.
							if err := tx.Postpone(ctx, storage.PostponeParams{ID: d.ID, Token: d.Token}); err != nil {
								return err
							}
						}
						return nil
					}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
