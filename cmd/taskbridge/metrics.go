package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"taskbridge/storage"
)

// scrapeTimeout bounds what one scrape asks of the database.
const scrapeTimeout = 3 * time.Second

// metrics counts what the engine tells. It implements bot.Observer.
type metrics struct {
	inbound, deliveries *prometheus.CounterVec
	handling, waiting   *prometheus.HistogramVec
}

// newRegistry makes a registry with the process's own figures, the engine's and
// the outbox's.
func newRegistry(store storage.Dispatching, logger *slog.Logger) (*prometheus.Registry, *metrics) {
	m := &metrics{
		inbound: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "taskbridge_inbound_total", Help: "What came in, by kind and by how it ended.",
		}, []string{"kind", "outcome"}),
		handling: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "taskbridge_inbound_seconds", Help: "Time from an inbound's arrival to its commit.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3, 10},
		}, []string{"kind"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "taskbridge_deliveries_total", Help: "Attempts to send, by workspace, kind and how they ended.",
		}, []string{"workspace", "kind", "outcome"}),
		waiting: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "taskbridge_delivery_wait_seconds", Help: "Time from a delivery's commit to its end.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300, 1800},
		}, []string{"workspace"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.inbound, m.handling, m.deliveries, m.waiting,
		newOutboxCollector(store, logger),
	)
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "taskbridge_build_info", Help: "Always 1; the label is the version."}, []string{"version"})
	build.WithLabelValues(version()).Set(1)
	registry.MustRegister(build)
	return registry, m
}

// Handled implements bot.Observer.
func (m *metrics) Handled(kind, outcome string, took time.Duration) {
	kind = boundedKind(kind)
	m.inbound.WithLabelValues(kind, outcome).Inc()
	m.handling.WithLabelValues(kind).Observe(took.Seconds())
}

// Delivered implements bot.Observer.
func (m *metrics) Delivered(workspace, kind, outcome string, waited time.Duration) {
	m.deliveries.WithLabelValues(workspace, kind, outcome).Inc()
	m.waiting.WithLabelValues(workspace).Observe(waited.Seconds())
}

// boundedKind keeps the number of series small: an event that is not understood
// has its type as its kind, and that comes from outside.
func boundedKind(kind string) string {
	known := []string{"message", "edit", "delete", "click", "form", "command", "request", "deadline", "membership", "channel", "invitation"}
	if slices.Contains(known, kind) {
		return kind
	}
	return "other"
}

// outboxCollector asks the store what waits when it is scraped, so that the
// figures are true for all replicas together.
type outboxCollector struct {
	store                   storage.Dispatching
	logger                  *slog.Logger
	waiting, oldest, parked *prometheus.Desc
}

func newOutboxCollector(store storage.Dispatching, logger *slog.Logger) *outboxCollector {
	return &outboxCollector{
		store: store, logger: logger,
		waiting: prometheus.NewDesc("taskbridge_outbox_waiting", "Deliveries that wait.", []string{"workspace"}, nil),
		oldest:  prometheus.NewDesc("taskbridge_outbox_oldest_seconds", "Age of the oldest delivery that waits.", []string{"workspace"}, nil),
		parked:  prometheus.NewDesc("taskbridge_lanes_parked", "Destinations that a permanent failure stopped.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *outboxCollector) Describe(out chan<- *prometheus.Desc) {
	out <- c.waiting
	out <- c.oldest
	out <- c.parked
}

// Collect implements prometheus.Collector.
func (c *outboxCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	backlog, err := c.store.Backlog(ctx)
	if err != nil {
		c.logger.WarnContext(ctx, "metrics: read the backlog", "error", err)
	}
	for _, b := range backlog {
		age := 0.0
		if !b.Oldest.IsZero() {
			age = max(0, time.Since(b.Oldest).Seconds())
		}
		out <- prometheus.MustNewConstMetric(c.waiting, prometheus.GaugeValue, float64(b.Waiting), b.Workspace)
		out <- prometheus.MustNewConstMetric(c.oldest, prometheus.GaugeValue, age, b.Workspace)
	}
	parked, err := c.store.ParkedLanes(ctx)
	if err != nil {
		c.logger.WarnContext(ctx, "metrics: read the parked lanes", "error", err)
		return
	}
	out <- prometheus.MustNewConstMetric(c.parked, prometheus.GaugeValue, float64(len(parked)))
}
