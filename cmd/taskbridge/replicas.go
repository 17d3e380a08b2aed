package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
	"taskbridge/bot/replica"
	"taskbridge/storage"
	redisstore "taskbridge/storage/redis"
	sqlstore "taskbridge/storage/sql"
)

// sharing is what this process shares with other replicas. On SQLite there are none,
// and everything in it is zero but the limiter.
type sharing struct {
	replica     *replica.Replica
	coordinator storage.Coordinator
	limiter     chat.Limiter
	// leases is nil where there is nobody to share with.
	leases chat.Leases
}

// newSharing prepares for other replicas where the database can have any. wake is
// called when one of them has put something into the outbox.
func newSharing(cfg config, store *sqlstore.Store, wake func(workspace string), logger *slog.Logger) (sharing, error) {
	redisURL := cfg.redisURL.reveal()
	if sqlitePath(cfg.databaseURL.reveal()) != "" {
		if redisURL != "" {
			logger.Warn("Redis is not used: a SQLite database serves one process, which has nothing to share")
		}
		return sharing{limiter: pace.NewLocal(nil)}, nil
	}
	s := sharing{}
	c := replica.Config{Leasing: store, Wake: wake, Logger: logger}
	// An interface that holds no coordinator must be none.
	var counts storage.Pacing
	if redisURL != "" {
		coordinator, err := redisstore.Open(redisURL, logger)
		if err != nil {
			return sharing{}, err
		}
		s.coordinator, c.Signals, counts = coordinator, coordinator, coordinator
	}
	s.replica = replica.New(c)
	s.limiter, s.leases = replica.NewPace(counts, s.replica.Count, logger), s.replica
	return s, nil
}

// announce is what the engine tells other replicas by, nil where there are none.
func (s sharing) announce() func([]string) {
	if s.replica == nil {
		return nil
	}
	return s.replica.Announce
}

// start makes this replica known before it serves, so that the others leave it its
// part of the platforms' allowances.
func (s sharing) start(ctx context.Context, a *app) error {
	if s.coordinator != nil {
		a.onStop("redis", func(context.Context) error { return s.coordinator.Close() })
	}
	if s.replica == nil {
		return nil
	}
	if err := s.replica.Join(ctx); err != nil {
		return fmt.Errorf("join the other replicas: %w", err)
	}
	a.background("replica", s.replica.Run)
	return nil
}

// checks are what readiness says of it. Nothing depends on Redis.
func (s sharing) checks(logger *slog.Logger) []readiness {
	if s.coordinator == nil {
		return nil
	}
	return []readiness{{name: "redis", spare: true, check: func(ctx context.Context) error {
		if err := s.coordinator.Ping(ctx); err != nil {
			logger.WarnContext(ctx, "readiness: redis", "err", err)
			return errRedis
		}
		return nil
	}}}
}

// Describe implements prometheus.Collector.
func (s sharing) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(s, out) }

// Collect implements prometheus.Collector.
func (s sharing) Collect(out chan<- prometheus.Metric) {
	replicas := 1
	if s.replica != nil {
		replicas = s.replica.Count()
	}
	gauge := func(name, help string, value float64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, value)
	}
	gauge("taskbridge_replicas", "Replicas that serve this database, this one included.", float64(replicas))
	if s.coordinator == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	up := 1.0
	if s.coordinator.Ping(ctx) != nil {
		up = 0
	}
	gauge("taskbridge_redis_up", "Whether Redis answers; without it replicas go on by the database alone.", up)
}
