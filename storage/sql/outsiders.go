package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"taskbridge/storage"
)

const outsiderColumns = "id, name, address, workspace, channel"

func outsiderFields(o *storage.Outsider) []any {
	return []any{&o.ID, &o.Name, &o.Address, &o.Workspace, &o.Channel}
}

// PutOutsider implements storage.Outsiders.
func (t *tx) PutOutsider(ctx context.Context, o storage.Outsider) error {
	if err := t.later(ctx, upsert("outsiders", outsiderColumns, "id"), t.bind(outsiderFields(&o))...); err != nil {
		return fmt.Errorf("put %s among the people outside: %w", o.ID, err)
	}
	return nil
}

// Outsiders implements storage.Outsiders.
func (t *tx) Outsiders(ctx context.Context, ids []string) ([]storage.Outsider, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	marks, args := in(ids)
	f := &filter{args: []any{t.desk}}
	f.add("id IN "+marks, args...)
	list, err := collect(ctx, t, outsiderFields, "SELECT "+outsiderColumns+" FROM outsiders WHERE desk_id = $1"+f.where.String(), f.args...)
	if err != nil {
		return nil, fmt.Errorf("list people outside: %w", err)
	}
	slices.SortFunc(list, func(a, b storage.Outsider) int {
		return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID))
	})
	return list, nil
}
