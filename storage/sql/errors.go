package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"

	"taskbridge/storage"
)

// errClosed is returned by every call after Close.
var errClosed = errors.New("the store is closed")

// engineError is an error of a driver with its text but without its type, so that
// nothing outside can come to depend on the engine.
type engineError struct{ text string }

func (e *engineError) Error() string { return e.text }

// mapShared translates what both engines have in common. It returns nil when it
// does not know the error.
func mapShared(err error) error {
	for _, known := range []error{
		storage.ErrNotFound, storage.ErrConflict, storage.ErrExists,
		context.Canceled, context.DeadlineExceeded, errClosed, errAgain,
	} {
		if errors.Is(err, known) {
			return err
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return storage.ErrNotFound
	}
	return nil
}

func mapSQLiteError(err error) error {
	if err == nil {
		return nil
	}
	if known := mapShared(err); known != nil {
		return known
	}
	switch sqlite.ErrCode(err) {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey:
		return storage.ErrExists
	case sqlite.ResultConstraintForeignKey:
		return storage.ErrNotFound
	}
	return &engineError{"sqlite: " + strings.TrimPrefix(err.Error(), "sqlite: ")}
}

// Conditions of PostgreSQL, see its manual, appendix A.
const (
	pgForeignKey    = "23503"
	pgUnique        = "23505"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
)

func mapPostgresError(err error) error {
	if err == nil {
		return nil
	}
	if known := mapShared(err); known != nil {
		return known
	}
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		// Errors of connecting name the host and the user, never the password.
		return &engineError{"postgres: " + err.Error()}
	}
	switch pe.Code {
	case pgSerialization, pgDeadlock:
		return storage.ErrConflict
	case pgUnique:
		// Statements that may meet a twin say ON CONFLICT, so this is a race
		// between two of them, and the rerun sees the one that won.
		return storage.ErrConflict
	case pgForeignKey:
		return storage.ErrNotFound
	}
	// The detail of an error quotes values of rows, so it is left out.
	return &engineError{fmt.Sprintf("postgres: %s (%s)", pe.Message, pe.Code)}
}
