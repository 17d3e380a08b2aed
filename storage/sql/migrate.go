package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationLock is the number of the advisory lock that replicas starting at once
// take in turn. It is ours alone, so that other programs that migrate in the same
// cluster do not wait for us.
const migrationLock = 0x7461736b6272

// provider knows the migrations for one engine.
func (d dialect) provider(db *sql.DB, log *slog.Logger) (*goose.Provider, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithSlog(log), goose.WithDisableGlobalRegistry(true)}
	for _, name := range names {
		text, err := fs.ReadFile(migrationFiles, name)
		if err != nil {
			return nil, err
		}
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("number of %s: %w", name, err)
		}
		ddl := d.ddl.Replace(string(text))
		options = append(options, goose.WithGoMigrations(goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, ddl)
				return err
			},
		}, nil)))
	}
	if d.goose == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock), lock.WithLockTimeout(1, 120))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(d.goose, db, nil, options...)
}

// migrate brings the schema up to date, or, when it may not, refuses a schema that
// is not. A schema from a newer version is refused either way: an older program
// would write rows the newer one does not expect.
func (d dialect) migrate(ctx context.Context, db *sql.DB, apply bool, log *slog.Logger) error {
	p, err := d.provider(db, log)
	if err != nil {
		return err
	}
	if apply {
		if _, err := p.Up(ctx); err != nil {
			return err
		}
	}
	has, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	switch {
	case has > want:
		return fmt.Errorf("the schema is version %d and this program knows %d: run a newer taskbridge", has, want)
	case has < want:
		return errors.New("the schema is out of date: run taskbridge migrate")
	}
	return nil
}
