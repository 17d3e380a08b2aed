package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

func testLedger(t *testing.T, open opener) {
	add := func(ctx context.Context, t *testing.T, tx storage.Tx, c storage.Comment, want bool) {
		t.Helper()
		inserted, err := tx.InsertComment(ctx, c)
		must(t, err)
		same(t, "inserted "+c.ID, inserted, want)
	}
	ids := func(list []storage.Comment) (got []string) {
		for _, c := range list {
			got = append(got, c.ID)
		}
		return got
	}
	t.Run("a message is one comment", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			add(ctx, t, tx, comment("K1", "I1", "1.1"), true)
			add(ctx, t, tx, comment("K2", "I1", "1.1"), false)
			elsewhere := comment("K3", "I1", "1.1")
			elsewhere.Source.Channel = "C2"
			add(ctx, t, tx, elsewhere, true)
			// Those of the web have no message, and are all different.
			for _, id := range []string{"K4", "K5"} {
				web := comment(id, "I1", "")
				web.Source = storage.Source{Platform: "web", Workspace: space}
				add(ctx, t, tx, web, true)
			}
			_, err := tx.CommentBySource(ctx, space, "", "")
			wantError(t, err, storage.ErrNotFound)
			_, err = tx.CommentBySource(ctx, space, "C1", "9.9")
			wantError(t, err, storage.ErrNotFound)
			wantError(t, tx.SaveComment(ctx, comment("K9", "I1", "9.9")), storage.ErrNotFound)
			return nil
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1"})
			same(t, "ids", ids(list), []string{"K1", "K3", "K4", "K5"})
			return err
		})
	})
	t.Run("a version is kept once, oldest first", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		at := func(n int) time.Time { return noon().Add(time.Duration(n) * time.Second) }
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			add(ctx, t, tx, comment("K1", "I1", "1.1"), true)
			add(ctx, t, tx, comment("K2", "I1", "1.2"), true)
			for _, v := range []storage.Version{
				{Text: "later", At: at(2)},
				{Text: "first", At: at(1)},
				{Text: "later", At: at(2)},
				{Text: "first", At: at(3)},
			} {
				must(t, tx.AddVersion(ctx, "K1", v))
			}
			return nil
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1"})
			must(t, err)
			same(t, "versions", list[0].Versions, []storage.Version{
				{Text: "first", At: at(1)}, {Text: "later", At: at(2)}, {Text: "first", At: at(3)},
			})
			same(t, "versions of another", list[1].Versions, []storage.Version(nil))
			return nil
		})
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.AddVersion(t.Context(), "K9", storage.Version{Text: "x"})
		})
		wantError(t, err, storage.ErrNotFound)
	})
	t.Run("two texts of one time are two versions", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			add(ctx, t, tx, comment("K1", "I1", "1.1"), true)
			must(t, tx.AddVersion(ctx, "K1", storage.Version{Text: "a", At: noon()}))
			return tx.AddVersion(ctx, "K1", storage.Version{Text: "b", At: noon()})
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1"})
			must(t, err)
			same(t, "versions", len(list[0].Versions), 2)
			return nil
		})
	})
	t.Run("lists are in order, filtered, and go on", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			// Inserted out of order, as replays do; two have the same time.
			for _, n := range []int{4, 1, 3, 0, 2} {
				c := comment(name("K", n), "I1", name("m", n))
				c.CreatedAt = noon().Add(time.Duration(n/2) * time.Minute)
				if n == 1 {
					c.Visibility = workflow.Internal
				}
				if n == 3 {
					c.Assignment = "A1"
				}
				add(ctx, t, tx, c, true)
			}
			add(ctx, t, tx, comment("other", "I2", "x"), true)
			return nil
		})
		all := []string{name("K", 0), name("K", 1), name("K", 2), name("K", 3), name("K", 4)}
		for _, tt := range []struct {
			what   string
			filter storage.CommentFilter
			want   []string
		}{
			{"all", storage.CommentFilter{}, all},
			{"shared", storage.CommentFilter{Visibility: workflow.Shared}, []string{all[0], all[2], all[3], all[4]}},
			{"of an assignment", storage.CommentFilter{Assignment: "A1"}, all[3:4]},
			{"first page", storage.CommentFilter{Limit: 3}, all[:3]},
			{"second page", storage.CommentFilter{After: all[2], Limit: 3}, all[3:]},
			{"after one that is not there", storage.CommentFilter{After: "none"}, nil},
		} {
			view(t, s, func(ctx context.Context, tx storage.Tx) error {
				tt.filter.Issue = "I1"
				list, err := tx.ListComments(ctx, tt.filter)
				same(t, tt.what, ids(list), tt.want)
				return err
			})
		}
	})
	t.Run("replies are counted", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var newest storage.Comment
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			_, _, err := tx.SharedReplies(ctx, "I1")
			wantError(t, err, storage.ErrNotFound)
			_, err = tx.NewestComment(ctx, "I1")
			wantError(t, err, storage.ErrNotFound)
			for n, change := range []func(*storage.Comment){
				func(*storage.Comment) {},
				func(c *storage.Comment) { newest = *c },
				func(c *storage.Comment) { c.Visibility = workflow.Internal },
				func(c *storage.Comment) { c.DeletedAt = noon() },
				func(c *storage.Comment) { c.Orphan = true },
				func(c *storage.Comment) { c.Issue = "I2" },
			} {
				c := comment(name("K", n), "I1", name("m", n))
				c.CreatedAt = noon().Add(time.Duration(n) * time.Minute)
				change(&c)
				add(ctx, t, tx, c, true)
			}
			return nil
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			count, got, err := tx.SharedReplies(ctx, "I1")
			same(t, "count", count, 2)
			same(t, "newest", got, newest)
			at, errLast := tx.NewestComment(ctx, "I1")
			same(t, "the newest of any kind", at, noon().Add(4*time.Minute))
			return errors.Join(err, errLast)
		})
	})
	t.Run("history is in order and goes on", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for n := range 5 {
			update(t, s, func(ctx context.Context, tx storage.Tx) error {
				return tx.Append(ctx, storage.Event{Issue: "I1", Kind: name("a", n)},
					storage.Event{Issue: "I2", Kind: "other"}, storage.Event{Issue: "I1", Kind: name("b", n)})
			})
		}
		var got []string
		var after int64
		for range 4 {
			view(t, s, func(ctx context.Context, tx storage.Tx) error {
				list, err := tx.ListEvents(ctx, "I1", after, 3)
				for _, e := range list {
					if e.Seq <= after {
						t.Errorf("event %d after %d", e.Seq, after)
					}
					got, after = append(got, e.Kind), e.Seq
				}
				return err
			})
		}
		var want []string
		for n := range 5 {
			want = append(want, name("a", n), name("b", n))
		}
		same(t, "kinds", got, want)
	})
	t.Run("history is read from its end in pages", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			for n := range 7 {
				c := comment(name("K", n), "I1", name("m", n))
				// Some have the same time.
				c.CreatedAt = noon().Add(time.Duration(n/2) * time.Minute)
				if n == 2 || n > 4 {
					c.Files = []storage.File{{ID: name("F", n), Name: "photo.jpg"}}
				}
				add(ctx, t, tx, c, true)
				must(t, tx.Append(ctx, storage.Event{Issue: "I1", Kind: name("a", n)}, storage.Event{Issue: "I1", Kind: "commented"},
					storage.Event{Issue: "I2", Kind: "other"}, storage.Event{Issue: "I1", Kind: "noted"}))
			}
			return nil
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			var kinds, texts []string
			var seq int64
			var id string
			for range 3 {
				events, err := tx.LastEvents(ctx, "I1", seq, 3, "commented", "noted")
				must(t, err)
				var page []string
				for _, e := range events {
					page = append(page, e.Kind)
				}
				kinds = append(page, kinds...)
				comments, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1", Before: id, Newest: true, Limit: 3})
				must(t, err)
				texts = append(ids(comments), texts...)
				seq, id = events[0].Seq, comments[0].ID
			}
			var wantKinds, wantIDs []string
			for n := range 7 {
				wantKinds, wantIDs = append(wantKinds, name("a", n)), append(wantIDs, name("K", n))
			}
			same(t, "events", kinds, wantKinds)
			same(t, "comments", texts, wantIDs)
			events, err := tx.LastEvents(ctx, "I1", seq, 3, "commented", "noted")
			same(t, "events before the first", len(events), 0)
			all, errAll := tx.LastEvents(ctx, "I1", 0, 100)
			same(t, "all events", len(all), 21)
			comments, errComments := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1", Before: id, Newest: true, Limit: 3})
			same(t, "comments before the first", len(comments), 0)
			filed, errFiled := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1", Files: true, Newest: true, Limit: 2})
			same(t, "the last comments with files", ids(filed), []string{name("K", 5), name("K", 6)})
			filed, errMore := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1", Files: true, Before: name("K", 5), Newest: true, Limit: 2})
			same(t, "the comment with files before them", ids(filed), []string{name("K", 2)})
			return errors.Join(err, errAll, errComments, errFiled, errMore)
		})
	})
	t.Run("events of the desk itself", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		for n := range 5 {
			update(t, s, func(ctx context.Context, tx storage.Tx) error {
				return tx.Append(ctx, storage.Event{Kind: "set", Data: map[string]string{"n": name("", n)}},
					storage.Event{Kind: "other"}, storage.Event{Issue: "I1", Kind: "set"})
			})
		}
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			var got []string
			var before int64
			for range 3 {
				list, err := tx.DeskEvents(ctx, "set", before, 2)
				must(t, err)
				for _, e := range list {
					got, before = append(got, e.Data["n"]), e.Seq
				}
			}
			same(t, "from the newest on", got, []string{name("", 4), name("", 3), name("", 2), name("", 1), name("", 0)})
			return nil
		})
	})
	t.Run("cards", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.PutCard(ctx, storage.Card{ID: "D1", Kind: storage.IssueCard, Issue: "I1", Workspace: space, Channel: "C1"}))
			must(t, tx.PutCard(ctx, storage.Card{
				ID: "D2", Kind: storage.AssignmentCard, Issue: "I1", Assignment: "A1", Workspace: space, Channel: "C2",
			}))
			// Those that are not posted yet are no message.
			_, err := tx.CardByMessage(ctx, space, "C1", "")
			wantError(t, err, storage.ErrNotFound)
			_, err = tx.Card(ctx, "D9")
			wantError(t, err, storage.ErrNotFound)
			list, err := tx.ListCards(ctx, "I1")
			same(t, "cards", len(list), 2)
			return err
		})
	})
}
