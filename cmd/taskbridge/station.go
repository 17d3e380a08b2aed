package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"taskbridge/bot"
	"taskbridge/storage"
)

// settleTimeout bounds how long a command waits for a service that has just started to
// have tried its platforms.
const settleTimeout = 10 * time.Second

// station is a set-up that commands work on: opened for one command, or the one
// that the running service has open.
type station struct {
	cfg    config
	store  storage.Store
	engine *bot.Engine
	links  []*link
	logger *slog.Logger
	// address is what browsers reach the running service at.
	address string
	// serving is true for the running service's.
	serving bool
}

// operate runs a command on the set-up. A database that the running service has for
// itself is worked on by the service, at this command's word: see console.
func (g *globals) operate(ctx context.Context, p *process, work func(*station) error) error {
	if g.station != nil {
		return work(g.station)
	}
	cfg, err := g.load(p)
	if err != nil {
		return err
	}
	if asked, err := askConsole(ctx, p, cfg.socket()); asked {
		return err
	}
	s, err := openStation(ctx, cfg, newLogger(p, cfg.log))
	if err != nil {
		return err
	}
	return errors.Join(work(s), s.store.Close())
}

// settle waits until each platform was tried once, for a while.
func (s *station) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	for _, l := range s.links {
		select {
		case <-l.tried:
		case <-ctx.Done():
			return
		}
	}
}

// openStation opens the set-up for one command. It calls no platform.
func openStation(ctx context.Context, cfg config, logger *slog.Logger) (*station, error) {
	store, err := openStore(ctx, cfg, logger)
	if err != nil {
		return nil, err
	}
	s := &station{cfg: cfg, store: store, logger: logger}
	s.engine, _, err = openEngine(ctx, cfg, store, false, nil, nil, logger)
	if err == nil {
		s.links, err = newLinks(cfg, surroundings{publicURL: cfg.publicAddress(cfg.listen), engine: s.engine, talk: store, now: store.Now, logger: logger})
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return s, nil
}

// connect makes a platform usable for a command. The service's own links are
// connected, or are being connected.
func (s *station) connect(ctx context.Context, l *link) error {
	if !s.serving {
		return l.connect(ctx)
	}
	if err := l.healthy(); err != nil {
		return fmt.Errorf("%s is not connected: %w", l.name, err)
	}
	return nil
}
