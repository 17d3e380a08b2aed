package main

import (
	"context"
	"fmt"
	"log/slog"

	"taskbridge/adapters/webhook"
	"taskbridge/bot"
	"taskbridge/storage/files"
	sqlstore "taskbridge/storage/sql"
)

// openEngine makes the engine on a store, by whose clock it goes. keyMade tells that the set-up had no
// secret key and got one, which createKey allows.
func openEngine(ctx context.Context, cfg config, store *sqlstore.Store, createKey bool, observer bot.Observer, announce func([]string), logger *slog.Logger) (engine *bot.Engine, keyMade bool, err error) {
	key, keyMade, err := cfg.signingKey(createKey)
	if err != nil {
		return nil, false, err
	}
	blobs, err := files.Open(cfg.files.url)
	if err != nil {
		return nil, false, fmt.Errorf("%w; %s says where files are kept", err, variable(keyFilesURL))
	}
	caller, err := webhook.New(cfg.endpoints(), cfg.clock(store))
	if err != nil {
		return nil, false, err
	}
	engine, err = bot.New(ctx, bot.Config{
		Store: store, Files: blobs, MaxFile: cfg.files.max,
		SecretKey: key, Logger: logger, Now: cfg.clock(store), Observer: observer, Announce: announce,
		ReconcileEvery: cfg.reconcileEvery, Webhooks: cfg.told(), Caller: caller,
	})
	if err != nil {
		return nil, false, fmt.Errorf("make the engine: %w", err)
	}
	return engine, keyMade, nil
}
