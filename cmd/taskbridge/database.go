package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	sqlstore "taskbridge/storage/sql"
)

// openStore opens the configured database and brings its schema up to date.
func openStore(ctx context.Context, cfg config, logger *slog.Logger) (*sqlstore.Store, error) {
	if path := sqlitePath(cfg.databaseURL.reveal()); path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
	}
	store, err := sqlstore.Open(ctx, cfg.databaseURL.reveal(), sqlstore.Options{
		Logger: logger, Migrate: true, Now: shiftedClock(), Volatile: cfg.volatile,
	})
	if err != nil {
		return nil, err
	}
	return store, nil
}

// databaseName names the database for people, without what is secret in it.
func (c config) databaseName() string {
	if path := sqlitePath(c.databaseURL.reveal()); path != "" {
		return "SQLite, " + path
	}
	u, err := url.Parse(c.databaseURL.reveal())
	if err != nil {
		return "PostgreSQL"
	}
	return "PostgreSQL, " + u.Host + u.Path
}

type migrateCmd struct{}

// Run migrates.
func (migrateCmd) Run(ctx context.Context, p *process, g *globals) error {
	cfg, err := g.load(p)
	if err != nil {
		return err
	}
	store, err := openStore(ctx, cfg, newLogger(p, cfg.log))
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	_, err = fmt.Fprintf(p.stdout, "The schema is up to date (%s).\n", cfg.databaseName())
	return err
}
