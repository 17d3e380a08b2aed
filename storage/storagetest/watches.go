package storagetest

import (
	"context"
	"testing"
	"time"

	"taskbridge/storage"
)

func testWatches(t *testing.T, open opener) {
	s := setup(t, open)
	var seqs []int64
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		for n, id := range []string{"J1", "J2"} {
			i := issue(id)
			i.Number = n + 1
			number, err := tx.InsertIssue(ctx, i)
			must(t, err)
			must(t, tx.Append(ctx, storage.Event{Issue: id, Kind: "created", At: noon()}))
			list, err := tx.ListEvents(ctx, id, 0, 0)
			must(t, err)
			seqs = append(seqs, list[0].Seq)
			must(t, tx.PutWatch(ctx, storage.Watch{Person: "W/U1", Number: number, Issue: id, Told: list[0].Seq}))
		}
		return tx.PutWatch(ctx, storage.Watch{Person: "W/U2", Number: 1, Issue: "J1"})
	})
	behindAfter := func(before time.Time, after string, limit int) (list []string) {
		view(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			list, err = tx.WatchersBehind(ctx, before, after, limit)
			return err
		})
		return list
	}
	behind := func(before time.Time, limit int) []string { return behindAfter(before, "", limit) }
	same(t, "who was told nothing yet", behind(noon(), 5), []string{"W/U2"})
	same(t, "before it happened", behind(noon().Add(-time.Second), 5), []string(nil))
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		return tx.Append(ctx, storage.Event{Issue: "J2", Kind: "closed", At: noon().Add(time.Hour)})
	})
	same(t, "an hour later", behind(noon().Add(time.Hour), 5), []string{"W/U1", "W/U2"})
	same(t, "the first", behind(noon().Add(time.Hour), 1), []string{"W/U1"})
	same(t, "the next", behindAfter(noon().Add(time.Hour), "W/U1", 1), []string{"W/U2"})
	same(t, "after the last", behindAfter(noon().Add(time.Hour), "W/U2", 1), []string(nil))
	same(t, "a moment too soon", behind(noon().Add(time.Hour-time.Second), 5), []string{"W/U2"})

	listed := func(f storage.IssueFilter) (numbers []int) {
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListIssues(ctx, f)
			for _, i := range list {
				numbers = append(numbers, i.Number)
			}
			n, counted := tx.CountIssues(ctx, f, 9)
			must(t, counted)
			same(t, "counted", n, len(list))
			return err
		})
		return numbers
	}
	same(t, "what one watches", listed(storage.IssueFilter{Watcher: "W/U1"}), []int{2, 1})
	same(t, "what one watches of a topic", listed(storage.IssueFilter{Watcher: "W/U1", Topic: "none of it"}), []int(nil))
	same(t, "what one watches at a firm", listed(storage.IssueFilter{Watcher: "W/U1", Contractor: "K1"}), []int(nil))
	same(t, "what nobody watches", listed(storage.IssueFilter{Watcher: "W/U3"}), []int(nil))

	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		list, err := tx.Watches(ctx, "W/U1")
		must(t, err)
		same(t, "the watches", list, []storage.Watch{{Person: "W/U1", Number: 1, Issue: "J1", Told: seqs[0]}, {Person: "W/U1", Number: 2, Issue: "J2", Told: seqs[1]}})
		list[1].Told += 100
		must(t, tx.PutWatch(ctx, list[1]))
		n, err := tx.RemoveWatches(ctx, "W/U2", "J2")
		same(t, "removed of another job", n, 0)
		return err
	})
	same(t, "when one was told", behind(noon().Add(time.Hour), 5), []string{"W/U2"})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		n, err := tx.RemoveWatches(ctx, "W/U1", "J1")
		same(t, "removed of one job", n, 1)
		must(t, err)
		n, err = tx.RemoveWatches(ctx, "W/U2", "")
		same(t, "removed of all jobs", n, 1)
		return err
	})
	same(t, "what is left", listed(storage.IssueFilter{Watcher: "W/U1"}), []int{2})
	same(t, "nobody", behind(noon().Add(time.Hour), 5), []string(nil))
}
