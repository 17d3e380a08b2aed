package sqlstore

import (
	"context"
	"fmt"

	"taskbridge/storage"
)

const insertMember = `INSERT INTO members (desk_id, workspace, channel, person) VALUES ($1, $2, $3, $4)
	ON CONFLICT DO NOTHING`

// PutPerson implements storage.Roster.
func (t *tx) PutPerson(ctx context.Context, p storage.Person) error {
	if err := t.later(ctx, t.store.sql.putPerson, t.bind(personFields(&p))...); err != nil {
		return fmt.Errorf("put person %s: %w", p.ID, err)
	}
	return nil
}

// Person implements storage.Roster.
func (t *tx) Person(ctx context.Context, workspace, id string) (storage.Person, error) {
	var p storage.Person
	err := t.row(ctx, "SELECT "+personColumns+" FROM people WHERE desk_id = $1 AND workspace = $2 AND id = $3",
		personFields(&p), t.desk, workspace, id)
	if err != nil {
		return storage.Person{}, fmt.Errorf("read person %s: %w", id, err)
	}
	return p, nil
}

// SetMembers implements storage.Roster.
func (t *tx) SetMembers(ctx context.Context, workspace, channel string, people []string) error {
	err := t.later(ctx, "DELETE FROM members WHERE desk_id = $1 AND workspace = $2 AND channel = $3",
		t.desk, workspace, channel)
	if err != nil {
		return fmt.Errorf("set the members of %s: %w", channel, err)
	}
	for _, p := range people {
		if err := t.AddMember(ctx, workspace, channel, p); err != nil {
			return err
		}
	}
	return nil
}

// AddMember implements storage.Roster.
func (t *tx) AddMember(ctx context.Context, workspace, channel, person string) error {
	if err := t.later(ctx, insertMember, t.desk, workspace, channel, person); err != nil {
		return fmt.Errorf("add a member to %s: %w", channel, err)
	}
	return nil
}

// RemoveMember implements storage.Roster.
func (t *tx) RemoveMember(ctx context.Context, workspace, channel, person string) error {
	err := t.later(ctx, `DELETE FROM members
		WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND person = $4`, t.desk, workspace, channel, person)
	if err != nil {
		return fmt.Errorf("remove a member of %s: %w", channel, err)
	}
	return nil
}

// Members implements storage.Roster.
func (t *tx) Members(ctx context.Context, workspace, channel string) ([]string, error) {
	list, err := collect(ctx, t, func(s *string) []any { return []any{s} },
		"SELECT person FROM members WHERE desk_id = $1 AND workspace = $2 AND channel = $3 ORDER BY person",
		t.desk, workspace, channel)
	if err != nil {
		return nil, fmt.Errorf("list the members of %s: %w", channel, err)
	}
	return list, nil
}
