package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// testCertificates keeps those of two firms, and finds the firms of which the desk is to
// be told.
func testCertificates(t *testing.T, open opener) {
	s := setup(t, open)
	one, two := filled[storage.Certificate](t), filled[storage.Certificate](t)
	two.ID, two.Contractor, two.TellAt = "another", "F2", time.Time{}
	changed := one
	(&filler{t: t, next: 1000}).fill(&changed, "ID")
	changed.Contractor, changed.TellAt = one.Contractor, noon().Add(time.Hour)
	due := func(now time.Time) (firms []string) {
		t.Helper()
		list, err := s.Due(t.Context(), now, 9)
		must(t, err)
		for _, d := range list {
			if d.Desk != desk || d.Kind != workflow.CertificateEnds || d.At.After(now) {
				t.Errorf("got %+v", d)
			}
			firms = append(firms, d.Subject)
		}
		return firms
	}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		must(t, errors.Join(tx.PutCertificate(ctx, one), tx.PutCertificate(ctx, two)))
		list, err := tx.ListCertificates(ctx, one.Contractor)
		same(t, "entered", list, []storage.Certificate{one})
		return errors.Join(err, tx.PutCertificate(ctx, changed))
	})
	view(t, s, func(ctx context.Context, tx storage.Tx) error {
		for of, want := range map[string][]storage.Certificate{one.Contractor: {changed}, "F2": {two}, "F3": nil} {
			list, err := tx.ListCertificates(ctx, of)
			must(t, err)
			same(t, "those of "+of, list, want)
		}
		list, err := tx.ListCertificates(ctx, "")
		same(t, "how many there are", len(list), 2)
		return err
	})
	same(t, "too early", due(noon()), []string(nil))
	same(t, "in time", due(noon().Add(time.Hour)), []string{one.Contractor})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		return errors.Join(tx.RemoveCertificate(ctx, one.ID), tx.RemoveCertificate(ctx, one.ID))
	})
	same(t, "without it", due(noon().Add(time.Hour)), []string(nil))
}
