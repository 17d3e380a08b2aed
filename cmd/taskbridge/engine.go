package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"taskbridge/bot"
	"taskbridge/storage"
)

// openEngine makes the engine on a store. keyMade tells that the set-up had no
// secret key and got one, which createKey allows.
func openEngine(ctx context.Context, cfg config, store storage.Store, createKey bool, observer bot.Observer, logger *slog.Logger) (engine *bot.Engine, keyMade bool, err error) {
	key, keyMade, err := cfg.signingKey(createKey)
	if err != nil {
		return nil, false, err
	}
	engine, err = bot.New(ctx, bot.Config{
		Store: store, SecretKey: key, Logger: logger, Now: time.Now, Observer: observer,
	})
	if err != nil {
		return nil, false, fmt.Errorf("make the engine: %w", err)
	}
	return engine, keyMade, nil
}
