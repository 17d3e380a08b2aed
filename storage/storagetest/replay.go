package storagetest

import (
	"context"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

func testReplay(t *testing.T, open opener) {
	// scene has an open issue 1 and an issue 2 closed at noon, each with a card in C1.
	scene := func(t *testing.T) storage.Store {
		s := setup(t, open)
		closed := storage.Issue{Issue: workflow.Issue{ID: "I2", Status: workflow.Closed, ClosedAt: noon()}}
		insert(t, s, storage.Issue{Issue: workflow.Issue{ID: "I1", Status: workflow.Reported}}, closed)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.PutChannel(ctx, storage.Channel{Workspace: space, ID: "C1", Kind: storage.ContractorChannel, CreatedAt: noon(), SyncedAt: noon()}))
			must(t, tx.PutCard(ctx, storage.Card{ID: "D1", Kind: storage.IssueCard, Issue: "I1", Workspace: space, Channel: "C1", Message: "1.0"}))
			must(t, tx.PutCard(ctx, storage.Card{ID: "D2", Kind: storage.IssueCard, Issue: "I2", Workspace: space, Channel: "C1", Message: "2.0"}))
			// Not posted yet, and in a channel that is none of the desk's.
			must(t, tx.PutCard(ctx, storage.Card{ID: "D3", Kind: storage.IssueCard, Issue: "I1", Workspace: space, Channel: "C1"}))
			return tx.PutCard(ctx, storage.Card{ID: "D4", Kind: storage.IssueCard, Issue: "I1", Workspace: space, Channel: "C7", Message: "1.0"})
		})
		return s
	}
	live := func(t *testing.T, s storage.Store, since time.Time) (out []storage.Thread) {
		view(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			out, err = tx.LiveThreads(ctx, space, since)
			return err
		})
		return out
	}
	ids := func(list []storage.Thread) (out []string) {
		for _, th := range list {
			out = append(out, th.Card.ID)
		}
		return out
	}
	t.Run("what is live", func(t *testing.T) {
		t.Parallel()
		s := scene(t)
		same(t, "long after", ids(live(t, s, noon().Add(time.Second))), []string{"D1"})
		same(t, "at once", ids(live(t, s, noon())), []string{"D1", "D2"})
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			return tx.PutChannel(ctx, storage.Channel{Workspace: space, ID: "C1", Kind: storage.ContractorChannel, State: "archived"})
		})
		same(t, "archived", ids(live(t, s, noon())), []string(nil))
	})
	t.Run("marks and gaps", func(t *testing.T) {
		t.Parallel()
		s := scene(t)
		gap := func(channel string) {
			update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.NoteGap(ctx, space, channel) })
		}
		one := func() storage.Thread { return live(t, s, noon())[0] }
		same(t, "never compared", one().Complete(), false)
		same(t, "its mark", one().Mark, storage.Mark{Workspace: space, Channel: "C1", Thread: "1.0", Gap: -1})
		mark := storage.Mark{
			Workspace: space, Channel: "C1", Thread: "1.0", Gap: one().Gap,
			ReadAt: noon().Add(time.Minute), Replies: 3, Latest: "1.3", FoundAt: noon().Add(time.Second),
		}
		put := func() {
			update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.PutMark(ctx, mark) })
		}
		put()
		same(t, "compared", one().Complete(), true)
		same(t, "the mark", one().Mark, mark)
		for n, channel := range []string{"C1", "", "C1"} {
			gap(channel)
			same(t, "after a gap", one().Complete(), false)
			same(t, "gaps", one().Gap, int64(n+1))
			mark.Gap = one().Gap
			put()
			same(t, "compared again", one().Complete(), true)
		}
		gap("C2")
		same(t, "after another channel's gap", one().Complete(), true)
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.Threads(ctx, "I1")
			must(t, err)
			same(t, "threads of the issue", ids(list), []string{"D1"})
			same(t, "read at", list[0].Mark.ReadAt, mark.ReadAt)
			same(t, "found at", list[0].Mark.FoundAt, mark.FoundAt)
			same(t, "complete", list[0].Complete(), true)
			list, err = tx.Threads(ctx, "I2")
			must(t, err)
			same(t, "as old as its channel", list[0].Mark.ReadAt, noon())
			return nil
		})
	})
	t.Run("known replies", func(t *testing.T) {
		t.Parallel()
		s := scene(t)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			for _, id := range []string{"1.1", "1.2", "1.3", "1.4"} {
				c := comment("K"+id, "I1", id)
				c.Source.Channel, c.Source.Thread = "C1", "1.0"
				c.DeletedAt, c.Orphan = time.Time{}, id == "1.3"
				if id == "1.4" {
					c.DeletedAt = noon()
				}
				_, err := tx.InsertComment(ctx, c)
				must(t, err)
			}
			return nil
		})
		same(t, "known", live(t, s, noon())[0].Known, 2)
	})
	t.Run("a channel moves", func(t *testing.T) {
		t.Parallel()
		s := scene(t)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.NoteGap(ctx, space, "C1"))
			must(t, tx.NoteGap(ctx, space, "C9"))
			must(t, tx.PutMark(ctx, storage.Mark{Workspace: space, Channel: "C1", Thread: "1.0", Gap: 1, ReadAt: noon()}))
			return tx.MoveChannel(ctx, space, "C1", "C9")
		})
		got := live(t, s, noon())[0]
		same(t, "channel", got.Card.Channel, "C9")
		same(t, "mark", got.Mark, storage.Mark{Workspace: space, Channel: "C9", Thread: "1.0", Gap: 1, ReadAt: noon()})
		same(t, "gaps of both", got.Gap, int64(2))
	})
	t.Run("desks are apart", func(t *testing.T) {
		t.Parallel()
		s := scene(t)
		must(t, s.Update(t.Context(), otherDesk, func(tx storage.Tx) error {
			must(t, tx.NoteGap(t.Context(), space, ""))
			must(t, tx.PutMark(t.Context(), storage.Mark{Workspace: space, Channel: "C1", Thread: "1.0", Gap: 9}))
			list, err := tx.LiveThreads(t.Context(), space, noon())
			same(t, "the other's threads", ids(list), []string(nil))
			must(t, err)
			list, err = tx.Threads(t.Context(), "I1")
			same(t, "the other's issue", ids(list), []string(nil))
			return err
		}))
		same(t, "gaps", live(t, s, noon())[0].Gap, int64(0))
		same(t, "mark", live(t, s, noon())[0].Mark.Gap, int64(-1))
	})
}
