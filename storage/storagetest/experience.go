package storagetest

import (
	"context"
	"testing"

	"taskbridge/storage"
)

// testExperience counts what became of a firm's jobs, of each topic by itself.
func testExperience(t *testing.T, open opener) {
	s := setup(t, open)
	for _, e := range []storage.Experience{
		{Topic: "boiler", Contractor: "F1", Done: 1},
		{Topic: "boiler", Contractor: "F1", Done: 2, Declined: 1},
		{Topic: "boiler", Contractor: "F2", Done: 5, Lapsed: 3},
		{Topic: "roof", Contractor: "F1", Declined: 1},
	} {
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.AddExperience(ctx, e) })
	}
	view(t, s, func(ctx context.Context, tx storage.Tx) error {
		list, err := tx.ListExperience(ctx, "boiler")
		must(t, err)
		same(t, "those that did most first", list, []storage.Experience{
			{Topic: "boiler", Contractor: "F2", Done: 5, Lapsed: 3},
			{Topic: "boiler", Contractor: "F1", Done: 3, Declined: 1},
		})
		list, err = tx.ListExperience(ctx, "drains")
		same(t, "nobody did any", list, []storage.Experience(nil))
		return err
	})
}
