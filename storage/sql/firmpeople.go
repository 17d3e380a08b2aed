package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

// PutFirmPerson implements storage.FirmPeople.
func (t *tx) PutFirmPerson(ctx context.Context, p storage.FirmPerson) error {
	if err := t.later(ctx, t.store.sql.putFirmPerson, t.bind(firmPersonFields(&p))...); err != nil {
		return fmt.Errorf("put %s on a roster: %w", p.ID, err)
	}
	return nil
}

// RemoveFirmPerson implements storage.FirmPeople.
func (t *tx) RemoveFirmPerson(ctx context.Context, id string) error {
	if err := t.later(ctx, "DELETE FROM firm_people WHERE desk_id = $1 AND id = $2", t.desk, id); err != nil {
		return fmt.Errorf("take %s off a roster: %w", id, err)
	}
	return nil
}

// ListFirmPeople implements storage.FirmPeople.
func (t *tx) ListFirmPeople(ctx context.Context, contractor string) ([]storage.FirmPerson, error) {
	f := filter{args: []any{t.desk}}
	if contractor != "" {
		f.add("contractor_id = ?", contractor)
	}
	list, err := collect(ctx, t, firmPersonFields,
		"SELECT "+firmPersonColumns+" FROM firm_people WHERE desk_id = $1"+f.where.String()+" ORDER BY name, address, id", f.args...)
	if err != nil {
		return nil, fmt.Errorf("list a roster: %w", err)
	}
	return list, nil
}
