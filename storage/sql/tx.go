package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"taskbridge/storage"
)

// tx is one transaction of one desk. Every statement of it names the desk.
type tx struct {
	store    *Store
	session  session
	desk     string
	readOnly bool
	// work is what this transaction has postponed.
	work postponed
}

var _ storage.Tx = (*tx)(nil)

// errReadOnly is returned for a write inside View.
var errReadOnly = errors.New("write in a view")

// flush writes out what was postponed, also by others who share the transaction. It
// is called by what needs to see its effect.
func (t *tx) flush(ctx context.Context) error {
	if t.readOnly {
		return nil
	}
	t.session.postponed().add(&t.work)
	t.work.take()
	return t.store.writeOut(ctx, t.session)
}

// lock keeps other transactions of the desk from working on the same thing until
// this one ends. Whoever reads something in order to write it locks it first.
func (t *tx) lock(ctx context.Context, m lockMode, name ...string) error {
	if t.readOnly {
		return nil
	}
	return t.session.lock(ctx, m, strings.Join(name, "\x00"))
}

// exec runs a statement that writes and tells how many rows it changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.readOnly {
		return 0, errReadOnly
	}
	n, err := t.session.exec(ctx, query, args...)
	return n, t.store.dialect.mapError(err)
}

// later runs a statement of which only the failure matters; see session.later.
func (t *tx) later(ctx context.Context, query string, args ...any) error {
	if t.readOnly {
		return errReadOnly
	}
	return t.store.dialect.mapError(t.session.later(ctx, query, args...))
}

// one runs a statement that must change a row; none is storage.ErrNotFound.
func (t *tx) one(ctx context.Context, query string, args ...any) error {
	n, err := t.exec(ctx, query, args...)
	if err == nil && n == 0 {
		return storage.ErrNotFound
	}
	return err
}

// row reads one row into dest, storage.ErrNotFound when there is none.
func (t *tx) row(ctx context.Context, query string, dest []any, args ...any) error {
	return t.store.dialect.mapError(readRow(ctx, t.session, query, dest, args...))
}

// collect reads rows as records. fields lists a record's destinations.
func collect[T any](ctx context.Context, t *tx, fields func(*T) []any, query string, args ...any) ([]T, error) {
	var list []T
	err := t.session.each(ctx, query, func(scan func(...any) error) error {
		var r T
		if err := scan(fields(&r)...); err != nil {
			return err
		}
		list = append(list, r)
		return nil
	}, args...)
	return list, t.store.dialect.mapError(err)
}

// bind makes the arguments of a statement: the desk, a record's fields, and what
// comes after them.
func (t *tx) bind(fields []any, more ...any) []any {
	args := make([]any, 0, 1+len(fields)+len(more))
	return append(append(append(args, t.desk), fields...), more...)
}

// Setting implements storage.Settings.
func (t *tx) Setting(ctx context.Context, name string) (string, error) {
	var value string
	err := t.lock(ctx, exclusive, "setting", name)
	if err == nil {
		err = t.row(ctx, "SELECT value FROM settings WHERE desk_id = $1 AND name = $2", []any{&value}, t.desk, name)
	}
	if err != nil {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	return value, nil
}

// SetSetting implements storage.Settings.
func (t *tx) SetSetting(ctx context.Context, name, value string) error {
	err := t.later(ctx, `INSERT INTO settings (desk_id, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (desk_id, name) DO UPDATE SET value = excluded.value`, t.desk, name, value)
	if err != nil {
		return fmt.Errorf("write setting %s: %w", name, err)
	}
	return nil
}
