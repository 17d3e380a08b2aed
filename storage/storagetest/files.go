package storagetest

import (
	"context"
	"testing"
	"time"

	"taskbridge/storage"
)

// testFiles: a digest leads to the comments that list it, and what was carried of a
// comment is known for each card.
func testFiles(t *testing.T, open opener) {
	s := setup(t, open)
	one, two, three := comment("K1", "I1", "1.1"), comment("K2", "I1", "1.2"), comment("K3", "I1", "1.3")
	two.CreatedAt = one.CreatedAt.Add(time.Second)
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		for _, c := range []storage.Comment{one, two, three} {
			_, err := tx.InsertComment(ctx, c)
			must(t, err)
		}
		for _, k := range []string{"K1", "K2", "K1"} {
			must(t, tx.NoteFile(ctx, "aa", k))
		}
		must(t, tx.NoteFile(ctx, "bb", "K3"))
		return tx.NoteFile(ctx, "cc", "nobody's")
	})
	view(t, s, func(ctx context.Context, tx storage.Tx) error {
		for digest, want := range map[string][]storage.Comment{"aa": {two, one}, "bb": {three}, "cc": nil, "dd": nil} {
			got, err := tx.FileComments(ctx, digest)
			must(t, err)
			same(t, digest, got, want)
		}
		return nil
	})

	made := filled[storage.CarriedFile](t)
	changed := made
	(&filler{t: t, next: 1000}).fill(&changed, "Comment", "Card", "File")
	elsewhere := storage.CarriedFile{Comment: made.Comment, Card: "D9", File: made.File}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		must(t, tx.PutCarriedFile(ctx, made))
		must(t, tx.PutCarriedFile(ctx, elsewhere))
		got, err := tx.CarriedFiles(ctx, made.Comment, made.Card)
		must(t, err)
		same(t, "put", got, []storage.CarriedFile{made})
		return tx.PutCarriedFile(ctx, changed)
	})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		got, err := tx.CarriedFiles(ctx, made.Comment, made.Card)
		must(t, err)
		same(t, "put again", got, []storage.CarriedFile{changed})
		must(t, tx.RemoveCarriedFile(ctx, made.Comment, made.Card, made.File))
		got, err = tx.CarriedFiles(ctx, made.Comment, made.Card)
		must(t, err)
		same(t, "left after the removal", len(got), 0)
		got, err = tx.CarriedFiles(ctx, made.Comment, "D9")
		same(t, "of the other card", got, []storage.CarriedFile{elsewhere})
		return err
	})
}
