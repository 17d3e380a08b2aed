package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"taskbridge/adapters/rest"
	customerpage "taskbridge/adapters/status"
	"taskbridge/bot"
)

// stopTimeout bounds a clean stop. A call to a platform that is under way is
// finished, for which the engine allows 15 seconds: cut off, it might have to be
// made twice. A letter may take longer (ADR 48); it is cut off then, and sent again
// under the same Message-ID after the start. Kubernetes kills after 30 seconds; Docker, which does so after ten
// unless told otherwise, needs a stop grace period longer than this.
const stopTimeout = 20 * time.Second

// gcPercent lets the heap grow further between collections than Go's default of
// 100: what is live is a few megabytes, so that the default collects at every turn
// under load. GOGC, when set, goes before it.
const gcPercent = 400

// settled is how long after its start the process gives back what starting took.
// By then the platforms that are there are connected.
const settled = 2 * time.Second

type serveCmd struct{}

// Run serves until a signal comes or a part fails.
func (serveCmd) Run(ctx context.Context, p *process, g *globals) error {
	cfg, err := g.load(p)
	if err != nil {
		return err
	}
	logger := newLogger(p, cfg.log)
	ctx, restore := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer restore()

	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	a := newApp(logger)
	_, err = start(ctx, a, p, cfg)
	// In a quiet service the next collection is minutes away, and until then most of the
	// memory is what starting left behind.
	tidied := time.AfterFunc(settled, debug.FreeOSMemory)
	defer tidied.Stop()
	if err == nil {
		select {
		case err = <-a.failed:
		case <-ctx.Done():
			logger.Info("stopping; a second signal stops at once", "within", stopTimeout)
		}
	}
	// From here on a signal ends the process the hard way.
	restore()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err = errors.Join(err, a.stop(stopping)); err != nil {
		return err
	}
	logger.Info("stopped")
	return nil
}

// start makes the parts in the order in which each needs those before it. What
// was made when it fails is undone by the app's stop.
func start(ctx context.Context, a *app, p *process, cfg config) (*station, error) {
	listener, err := net.Listen("tcp", cfg.listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is in use by another program: stop it, or set %s to another one", cfg.listen, variable(keyListen))
	}
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", cfg.listen, err)
	}
	a.onStop("listener", func(context.Context) error { return ignoreClosed(listener.Close()) })
	publicURL := cfg.publicAddress(listener.Addr().String())

	store, err := openStore(ctx, cfg, a.logger)
	if err != nil {
		return nil, err
	}
	a.onStop("database", func(context.Context) error { return store.Close() })
	registry, counted := newRegistry(store, a.logger)
	told := observers{counted}
	traced, err := newSpans(ctx, a, p.environ)
	if err != nil {
		return nil, err
	}
	if traced != nil {
		told = append(told, traced)
	}
	var engine *bot.Engine
	shared, err := newSharing(cfg, store, func(workspace string) { engine.Wake(workspace) }, a.logger)
	if err != nil {
		return nil, err
	}
	registry.MustRegister(shared)
	engine, keyMade, err := openEngine(ctx, cfg, store, true, told, shared.announce(), a.logger)
	if err != nil {
		return nil, err
	}
	if err := shared.start(ctx, a); err != nil {
		return nil, err
	}
	links, err := newLinks(cfg, surroundings{
		publicURL: publicURL, engine: engine, meter: told, limiter: shared.limiter, leases: shared.leases,
		talk: store, now: cfg.clock(store), logger: a.logger,
	})
	if err != nil {
		return nil, err
	}
	api, err := rest.New(rest.Config{
		Token: cfg.apiToken.reveal(), Handler: engine, Reader: engine, Files: engine,
		Logger: a.logger.With("part", "rest"), Now: store.Now,
	})
	if err != nil {
		return nil, err
	}

	s := &station{cfg: cfg, store: store, engine: engine, links: links, logger: a.logger, address: publicURL, serving: true}
	if path := cfg.socket(); path != "" {
		a.serveConsole(ctx, path, s)
	}
	router := newRouter(registry, append(checksOf(store, links, a.logger), shared.checks(a.logger)...))
	api.Mount(router)
	customers, err := customerpage.New(customerpage.Config{Reader: engine, Linguist: engine, People: cfg.web.people(), Logger: a.logger.With("part", "status")})
	if err != nil {
		return nil, err
	}
	engine.ServeStatusAt(publicURL + customerpage.Path)
	customers.Mount(router)
	a.background("engine", engine.Run)
	for _, l := range links {
		l.mount(router)
		a.background(l.name, l.run)
	}
	server := newServer(router, a.logger)
	if b, err := s.browser(); err == nil {
		server.RegisterOnShutdown(b.Hush)
	}
	a.serveHTTP(server, listener)
	welcome(ctx, p, a.logger, cfg, status{address: listener.Addr().String(), publicURL: publicURL, keyMade: keyMade})
	return s, nil
}

// pinger is the store as far as readiness goes.
type pinger interface {
	Ping(ctx context.Context) error
}

// What readiness answers is read by anybody. Errors name hosts, channels and what
// the platforms said, which belongs into the log.
var (
	errDatabase = errors.New("the database cannot be reached")
	errPlatform = errors.New("not connected; see the log")
	errRedis    = errors.New("Redis cannot be reached; replicas go on by the database alone, more slowly")
)

func checksOf(store pinger, links []*link, logger *slog.Logger) []readiness {
	checks := []readiness{{name: "database", check: func(ctx context.Context) error {
		if err := store.Ping(ctx); err != nil {
			logger.WarnContext(ctx, "readiness: database", "err", err)
			return errDatabase
		}
		return nil
	}}}
	for _, l := range links {
		checks = append(checks, readiness{name: l.name, check: func(ctx context.Context) error {
			if err := l.healthy(); err != nil {
				l.logger.WarnContext(ctx, "readiness: platform", "err", err)
				return errPlatform
			}
			return nil
		}})
	}
	return checks
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
