package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

const certificateColumns = "id, contractor_id, name, last_day, reference, checked_by_id, checked_by_name, checked_at, tell_at"

func certificateFields(c *storage.Certificate) []any {
	return []any{
		&c.ID, &c.Contractor, &c.Name, &c.Until, &c.Reference, &c.CheckedBy.ID, &c.CheckedBy.Name, at(&c.CheckedAt), at(&c.TellAt),
	}
}

// PutCertificate implements storage.Certificates.
func (t *tx) PutCertificate(ctx context.Context, c storage.Certificate) error {
	if err := t.later(ctx, upsert("certificates", certificateColumns, "id"), t.bind(certificateFields(&c))...); err != nil {
		return fmt.Errorf("put certificate %s: %w", c.ID, err)
	}
	return nil
}

// RemoveCertificate implements storage.Certificates.
func (t *tx) RemoveCertificate(ctx context.Context, id string) error {
	if err := t.later(ctx, "DELETE FROM certificates WHERE desk_id = $1 AND id = $2", t.desk, id); err != nil {
		return fmt.Errorf("remove certificate %s: %w", id, err)
	}
	return nil
}

// ListCertificates implements storage.Certificates.
func (t *tx) ListCertificates(ctx context.Context, contractor string) ([]storage.Certificate, error) {
	f := filter{args: []any{t.desk}}
	if contractor != "" {
		f.add("contractor_id = ?", contractor)
	}
	list, err := collect(ctx, t, certificateFields,
		"SELECT "+certificateColumns+" FROM certificates WHERE desk_id = $1"+f.where.String()+" ORDER BY contractor_id, name, id", f.args...)
	if err != nil {
		return nil, fmt.Errorf("list certificates: %w", err)
	}
	return list, nil
}
