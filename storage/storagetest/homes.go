package storagetest

import (
	"context"
	"testing"
	"time"

	"taskbridge/storage"
)

func testHomes(t *testing.T, open opener) {
	s := setup(t, open)
	first := storage.Home{Workspace: "W", Person: "U1", View: "a", Shown: "1", OpenedAt: noon()}
	later := storage.Home{Workspace: "W", Person: "U2", OpenedAt: noon().Add(time.Hour)}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		if _, err := tx.Home(ctx, "W", "U1"); err == nil {
			t.Error("a home was found before it was made")
		}
		for _, h := range []storage.Home{{Workspace: "W", Person: "U1"}, later, first} {
			if err := tx.PutHome(ctx, h); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(ctx context.Context, tx storage.Tx) error {
		got, err := tx.Home(ctx, "W", "U1")
		must(t, err)
		same(t, "home", got, first)
		list, err := tx.RecentHomes(ctx, noon(), 5)
		must(t, err)
		same(t, "recent", list, []storage.Home{later, first})
		list, err = tx.RecentHomes(ctx, noon(), 1)
		must(t, err)
		same(t, "the latest", list, []storage.Home{later})
		list, err = tx.RecentHomes(ctx, noon().Add(2*time.Hour), 5)
		same(t, "none", list, []storage.Home(nil))
		return err
	})
}
