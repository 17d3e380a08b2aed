package storagetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// writers is how many goroutines write at once.
const writers = 100

func testParallel(t *testing.T, open opener) {
	t.Run("no update of an issue is lost", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1"))
		var wg sync.WaitGroup
		var succeeded atomic.Int64
		for range writers {
			wg.Go(func() {
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
					was, err := tx.Issue(t.Context(), "I1")
					if err != nil {
						return err
					}
					is := was
					is.Revision++
					return tx.SaveIssue(t.Context(), was, is)
				})
				if err != nil {
					t.Error(err)
					return
				}
				succeeded.Add(1)
			})
		}
		wg.Wait()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Issue(ctx, "I1")
			same(t, "revision", int64(got.Revision), 1+succeeded.Load())
			return err
		})
	})
	t.Run("of those that wrote from the same reading one wins", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1", assignment("A1", "F1", "assigned")))
		var was storage.Issue
		view(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			was, err = tx.Issue(ctx, "I1")
			return err
		})
		var wg sync.WaitGroup
		var won atomic.Int64
		for n := range 20 {
			wg.Go(func() {
				is := was
				is.Assignments = slices.Clone(was.Assignments)
				is.Assignments[0].InCharge.ID = name("U", n)
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error { return tx.SaveIssue(t.Context(), was, is) })
				if err == nil {
					won.Add(1)
					return
				}
				wantError(t, err, storage.ErrConflict)
			})
		}
		wg.Wait()
		same(t, "winners", won.Load(), int64(1))
	})
	t.Run("numbers are unique and none is missing", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var mu sync.Mutex
		numbers := map[string][]int{}
		var wg sync.WaitGroup
		for n := range writers {
			wg.Go(func() {
				d := desk
				if n%2 == 0 {
					d = otherDesk
				}
				var number int
				err := s.Update(t.Context(), d, func(tx storage.Tx) (err error) {
					number, err = tx.InsertIssue(t.Context(), issue(name("I", n)))
					if n%5 == 0 {
						return context.DeadlineExceeded
					}
					return err
				})
				if n%5 == 0 {
					wantError(t, err, context.DeadlineExceeded)
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				numbers[d] = append(numbers[d], number)
			})
		}
		wg.Wait()
		for d, got := range numbers {
			slices.Sort(got)
			for i, n := range got {
				if n != i+1 {
					t.Fatalf("%s: numbers %v", d, got)
				}
			}
		}
	})
	t.Run("transactions that cross each other all end", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1"), issue("I2"))
		var wg sync.WaitGroup
		for n := range 30 {
			first, second := "I1", "I2"
			lanes := []string{"C1", "C2"}
			if n%2 == 0 {
				first, second = second, first
				slices.Reverse(lanes)
			}
			wg.Go(func() {
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
					for i, id := range []string{first, second} {
						was, err := tx.Issue(t.Context(), id)
						if err != nil {
							return err
						}
						is := was
						is.Revision++
						if err := tx.SaveIssue(t.Context(), was, is); err != nil {
							return err
						}
						if err := tx.Enqueue(t.Context(), delivery(lanes[i], name("d", n))); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for _, id := range []string{"I1", "I2"} {
				got, err := tx.Issue(ctx, id)
				must(t, err)
				same(t, id, got.Revision, 31)
			}
			return nil
		})
	})
	t.Run("an inbound is handled once", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var wg sync.WaitGroup
		var fresh atomic.Int64
		for n := range writers {
			wg.Go(func() {
				var first bool
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
					var answer []byte
					var err error
					first, answer, err = tx.Remember(t.Context(), storage.Memory{Workspace: space, Key: "E1", At: noon(), Answered: n%2 == 0})
					if err != nil {
						return err
					}
					if !first {
						same(t, "answer", string(answer), "done")
						return nil
					}
					return tx.SetAnswer(t.Context(), space, "E1", []byte("done"))
				})
				if err != nil {
					t.Error(err)
				}
				if first {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		same(t, "fresh", fresh.Load(), int64(1))
	})
	t.Run("a reply and the card above it do not miss each other", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		insert(t, s, issue("I1"))
		var wg sync.WaitGroup
		for n := range writers {
			id, root := name("C", n), name("root", n)
			for _, fn := range []func(context.Context, storage.Tx, string, string) error{sayUnder, putAbove} {
				wg.Go(func() {
					err := s.Update(t.Context(), desk, func(tx storage.Tx) error { return fn(t.Context(), tx, id, root) })
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1"})
			same(t, "comments with an issue", len(list), writers)
			return err
		})
	})
	t.Run("a list of members takes back nothing that was told while it was asked for", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var since int64
		update(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			for n := range writers {
				if err := tx.AddMember(ctx, space, name("C", n), "U1"); err != nil {
					return err
				}
			}
			since, _, err = tx.Access(ctx, 0)
			return err
		})
		var wg sync.WaitGroup
		for n := range writers {
			channel := name("C", n)
			wg.Go(func() {
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
					return tx.SetMembers(t.Context(), space, channel, []string{"U1"}, since, noon())
				})
				if err != nil && !errors.Is(err, storage.ErrStale) {
					t.Error(err)
				}
			})
			wg.Go(func() {
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error { return tx.RemoveMember(t.Context(), space, channel, "U1") })
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for n := range writers {
				people, _, err := tx.Members(ctx, space, name("C", n))
				must(t, err)
				same(t, "people who are still there", len(people), 0)
			}
			return nil
		})
	})
	t.Run("of lanes parked for one reason at once, one is the first", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var wg sync.WaitGroup
		var first atomic.Int64
		for n := range writers {
			wg.Go(func() {
				alone := false
				err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
					before, err := tx.Parked(t.Context(), space, "not_taken")
					if err != nil {
						return err
					}
					alone = len(before) == 0
					_, err = tx.Park(t.Context(), storage.Lane{Workspace: space, Name: name("C", n)}, "not_taken", noon())
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if alone {
					first.Add(1)
				}
			})
		}
		wg.Wait()
		same(t, "first ones", first.Load(), int64(1))
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for reason, want := range map[string]int{"not_taken": writers, "is_archived": 0} {
				lanes, err := tx.Parked(ctx, space, reason)
				must(t, err)
				same(t, "lanes parked for "+reason, len(lanes), want)
			}
			lanes, err := tx.Parked(ctx, otherSpace, "not_taken")
			must(t, err)
			same(t, "lanes of another workspace", len(lanes), 0)
			return nil
		})
	})
	t.Run("what is held while work waits and its release do not miss each other", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var wg sync.WaitGroup
		for n := range writers {
			id := name("I", n)
			insert(t, s, issue(id, assignment("A"+id, "F1", workflow.WaitingApproval)))
			for _, fn := range []func(context.Context, storage.Tx, string) error{sayHeld, letGo} {
				wg.Go(func() {
					err := s.Update(t.Context(), desk, func(tx storage.Tx) error { return fn(t.Context(), tx, id) })
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for n := range writers {
				list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: name("I", n), Held: true})
				must(t, err)
				same(t, "comments still held", len(list), 0)
			}
			return nil
		})
	})
}

// sayHeld inserts a comment on an issue's assignment, held while that waits for
// approval.
func sayHeld(ctx context.Context, tx storage.Tx, id string) error {
	a, err := tx.Assignment(ctx, "A"+id)
	if err != nil {
		return err
	}
	_, err = tx.InsertComment(ctx, storage.Comment{
		ID: "C" + id, Issue: id, Assignment: a.ID, Held: a.Status == workflow.WaitingApproval,
		Source: storage.Source{Workspace: space, Channel: "C1", Message: id},
	})
	return err
}

// letGo puts an issue's assignment back to work and releases what was held.
func letGo(ctx context.Context, tx storage.Tx, id string) error {
	was, err := tx.Issue(ctx, id)
	if err != nil {
		return err
	}
	is := was
	is.Assignments = slices.Clone(was.Assignments)
	is.Assignments[0].Status = workflow.InProgress
	if err := tx.SaveIssue(ctx, was, is); err != nil {
		return err
	}
	held, err := tx.ListComments(ctx, storage.CommentFilter{Issue: id, Held: true})
	if err != nil {
		return err
	}
	for _, c := range held {
		c.Held = false
		if err := tx.SaveComment(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// sayUnder inserts a comment under a root and gives it the issue of the root's card,
// if there is one.
func sayUnder(ctx context.Context, tx storage.Tx, id, root string) error {
	c := storage.Comment{ID: id, Source: storage.Source{Workspace: space, Channel: "C1", Thread: root, Message: id}}
	err := tx.LockThread(ctx, space, "C1", root)
	if err != nil {
		return err
	}
	card, err := tx.CardByMessage(ctx, space, "C1", root)
	switch {
	case err == nil:
		c.Issue = card.Issue
	case !errors.Is(err, storage.ErrNotFound):
		return err
	}
	_, err = tx.InsertComment(ctx, c)
	return err
}

// putAbove records the card that is a root and gives its issue to the comments there.
func putAbove(ctx context.Context, tx storage.Tx, id, root string) error {
	err := tx.LockThread(ctx, space, "C1", root)
	if err != nil {
		return err
	}
	if err := tx.PutCard(ctx, storage.Card{ID: "D" + id, Kind: storage.IssueCard, Issue: "I1", Workspace: space, Channel: "C1", Message: root}); err != nil {
		return err
	}
	early, err := tx.Replies(ctx, space, "C1", root)
	if err != nil {
		return err
	}
	for _, c := range early {
		c.Issue = "I1"
		if err := tx.SaveComment(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
