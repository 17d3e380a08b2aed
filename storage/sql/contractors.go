package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

// InsertContractor implements storage.Contractors.
func (t *tx) InsertContractor(ctx context.Context, c storage.Contractor) error {
	n, err := t.exec(ctx, t.store.sql.insertContractor, t.bind(contractorFields(&c), key(c.City))...)
	if err == nil && n == 0 {
		err = storage.ErrExists
	}
	if err != nil {
		return fmt.Errorf("insert contractor %s: %w", c.ID, err)
	}
	return nil
}

// SaveContractor implements storage.Contractors.
func (t *tx) SaveContractor(ctx context.Context, c storage.Contractor) error {
	fail := func(err error) error { return fmt.Errorf("save contractor %s: %w", c.ID, err) }
	if err := t.lock(ctx, exclusive, "contractor", c.ID); err != nil {
		return fail(err)
	}
	var from string
	err := t.row(ctx, "SELECT city_key FROM contractors WHERE desk_id = $1 AND id = $2", []any{&from}, t.desk, c.ID)
	if err != nil {
		return fail(err)
	}
	to := key(c.City)
	if err := t.one(ctx, t.store.sql.updateContractor, t.bind(contractorFields(&c), to)...); err != nil {
		return fail(err)
	}
	if from == to {
		return nil
	}
	if err := t.moveFirm(ctx, c.ID, from, to); err != nil {
		return fail(err)
	}
	return nil
}

// Contractor implements storage.Contractors.
func (t *tx) Contractor(ctx context.Context, id string) (storage.Contractor, error) {
	var c storage.Contractor
	err := t.lock(ctx, exclusive, "contractor", id)
	if err == nil {
		err = t.row(ctx, "SELECT "+contractorColumns+" FROM contractors WHERE desk_id = $1 AND id = $2",
			contractorFields(&c), t.desk, id)
	}
	if err != nil {
		return storage.Contractor{}, fmt.Errorf("read contractor %s: %w", id, err)
	}
	return c, nil
}

// ListContractors implements storage.Contractors.
func (t *tx) ListContractors(ctx context.Context) ([]storage.Contractor, error) {
	list, err := collect(ctx, t, contractorFields,
		"SELECT "+contractorColumns+" FROM contractors WHERE desk_id = $1 ORDER BY city, company, id", t.desk)
	if err != nil {
		return nil, fmt.Errorf("list contractors: %w", err)
	}
	return list, nil
}

// PutInvitation implements storage.Invitations.
func (t *tx) PutInvitation(ctx context.Context, i storage.Invitation) error {
	if err := t.later(ctx, t.store.sql.putInvitation, t.bind(invitationFields(&i))...); err != nil {
		return fmt.Errorf("put invitation %s: %w", i.ID, err)
	}
	return nil
}

// ListInvitations implements storage.Invitations.
func (t *tx) ListInvitations(ctx context.Context, contractor string) ([]storage.Invitation, error) {
	f := filter{args: []any{t.desk}}
	if contractor != "" {
		f.add("contractor_id = ?", contractor)
	}
	list, err := collect(ctx, t, invitationFields,
		"SELECT "+invitationColumns+" FROM invitations WHERE desk_id = $1"+f.where.String()+" ORDER BY at, id", f.args...)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}
