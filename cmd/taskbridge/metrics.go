package main

import (
	"context"
	"log/slog"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// metrics counts what the engine and the adapters tell. It implements bot.Observer
// and chat.Meter. docs/operations.md says what each figure means; labels have few
// values and never one from outside.
type metrics struct {
	inbound, attempts, wait, calls *prometheus.HistogramVec
	refusals, merges, findings     *prometheus.CounterVec
	holds, held                    *prometheus.CounterVec
}

// newRegistry makes a registry with the process's own figures, the engine's, the
// adapters' and the store's.
func newRegistry(store figures, logger *slog.Logger) (*prometheus.Registry, *metrics) {
	registry := prometheus.NewRegistry()
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
		registry.MustRegister(h)
		return h
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		registry.MustRegister(c)
		return c
	}
	quick := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3, 10}
	slow := []float64{.05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300, 1800}
	remote := []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15}
	m := &metrics{
		inbound: histogram("taskbridge_inbound_duration_seconds",
			"Time from an inbound's arrival to its commit.", quick, "kind", "outcome"),
		refusals: counter("taskbridge_refusals_total", "Inbounds that were refused, by the code of the refusal.", "reason"),
		merges:   counter("taskbridge_ledger_merges_total", "What messages did to the ledger.", "merge"),
		findings: counter("taskbridge_replay_findings_total", "What comparing with a platform's history found missing.", "platform", "finding"),
		attempts: histogram("taskbridge_delivery_attempt_duration_seconds",
			"Time of one attempt to deliver.", remote, "platform", "kind", "outcome"),
		wait: histogram("taskbridge_delivery_wait_seconds",
			"Time from a delivery's commit to the attempt that got through.", slow, "platform"),
		calls: histogram("taskbridge_platform_call_duration_seconds",
			"Time of one call to a platform, waits for its limits not included.", remote, "platform", "method", "outcome"),
		holds: counter("taskbridge_rate_limit_waits_total", "Calls that a rate limit made wait, by whose limit it was.", "platform", "method", "scope"),
		held:  counter("taskbridge_rate_limit_wait_seconds_total", "Time that calls had to wait for a rate limit.", "platform", "method", "scope"),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "taskbridge_build_info", Help: "Always 1; the labels tell which build runs.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(version(), runtime.Version()).Set(1)
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		build, newStoreCollector(store, logger),
	)
	return registry, m
}

// Handled implements bot.Observer.
func (m *metrics) Handled(_ context.Context, h bot.Handled) {
	m.inbound.WithLabelValues(boundedKind(h.Kind), h.Outcome).Observe(h.Took.Seconds())
	if h.Refusal != "" {
		m.refusals.WithLabelValues(h.Refusal).Inc()
	}
}

// Delivered implements bot.Observer.
func (m *metrics) Delivered(_ context.Context, d bot.Delivered) {
	platform := platformOf(d.Workspace)
	m.attempts.WithLabelValues(platform, d.Kind, d.Outcome).Observe(d.Took.Seconds())
	if d.Outcome == "ok" {
		m.wait.WithLabelValues(platform).Observe(d.Waited.Seconds())
	}
}

// Merged implements bot.Observer.
func (m *metrics) Merged(merge bot.Merge) { m.merges.WithLabelValues(string(merge)).Inc() }

// Found implements bot.Observer.
func (m *metrics) Found(workspace string, f bot.Finding) {
	m.findings.WithLabelValues(platformOf(workspace), string(f)).Inc()
}

// Called implements chat.Meter.
func (m *metrics) Called(_ context.Context, c chat.Call) {
	m.calls.WithLabelValues(c.Platform, boundedMethod(c.Method), chat.OutcomeOf(c.Err)).Observe(c.Took.Seconds())
}

// Held implements chat.Meter.
func (m *metrics) Held(_ context.Context, h chat.Hold) {
	method := boundedMethod(h.Method)
	m.holds.WithLabelValues(h.Platform, method, string(h.Scope)).Inc()
	m.held.WithLabelValues(h.Platform, method, string(h.Scope)).Add(h.Wait.Seconds())
}

// boundedKind keeps the number of series small: an event that is not understood
// has its type as its kind, and that comes from outside.
func boundedKind(kind string) string {
	known := []string{"message", "edit", "delete", "click", "form", "command", "request", "deadline", "membership", "channel", "invitation", "gap"}
	if slices.Contains(known, kind) {
		return kind
	}
	return "other"
}

// methodName is the shape of a method's name. An upload's address is none.
var methodName = regexp.MustCompile(`^[a-zA-Z]+([ .-][a-zA-Z]+){0,4}$`)

func boundedMethod(method string) string {
	if len(method) <= 40 && methodName.MatchString(method) {
		return method
	}
	return "other"
}

func platformOf(workspace string) string {
	platform, _, _ := strings.Cut(workspace, ":")
	return platform
}

// figures is the store as far as metrics go.
type figures interface {
	Backlog(ctx context.Context) ([]storage.Backlog, error)
	ParkedLanes(ctx context.Context) ([]storage.ParkedLane, error)
	CountKept(ctx context.Context) (int, error)
}

// scrapeTimeout bounds what one scrape asks of the database.
const scrapeTimeout = 3 * time.Second

// storeCollector asks the store what waits when it is scraped, so that the figures
// are true for all replicas together.
type storeCollector struct {
	store                         figures
	logger                        *slog.Logger
	waiting, oldest, parked, kept *prometheus.Desc
}

func newStoreCollector(store figures, logger *slog.Logger) *storeCollector {
	return &storeCollector{
		store: store, logger: logger,
		waiting: prometheus.NewDesc("taskbridge_outbox_deliveries", "Deliveries that have not got through.", []string{"platform"}, nil),
		oldest:  prometheus.NewDesc("taskbridge_outbox_oldest_age_seconds", "Age of the oldest delivery that has not got through.", []string{"platform"}, nil),
		parked:  prometheus.NewDesc("taskbridge_parked_lanes", "Destinations that a permanent failure stopped.", []string{"platform", "reason"}, nil),
		kept:    prometheus.NewDesc("taskbridge_kept_events", "Events that could not be processed and are kept to be replayed.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *storeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.waiting, c.oldest, c.parked, c.kept} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *storeCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	backlog, err := c.store.Backlog(ctx)
	if err != nil {
		c.logger.WarnContext(ctx, "metrics: backlog not read", "err", err)
		return
	}
	waiting, oldest := map[string]int{}, map[string]float64{}
	for _, b := range backlog {
		p := platformOf(b.Workspace)
		waiting[p] += b.Waiting
		oldest[p] = max(oldest[p], time.Since(b.Oldest).Seconds())
	}
	for p, n := range waiting {
		gauge(c.waiting, float64(n), p)
		gauge(c.oldest, oldest[p], p)
	}
	lanes, err := c.store.ParkedLanes(ctx)
	if err != nil {
		c.logger.WarnContext(ctx, "metrics: parked lanes not read", "err", err)
		return
	}
	parked := map[[2]string]int{}
	for _, l := range lanes {
		parked[[2]string{platformOf(l.Lane.Workspace), l.Reason}]++
	}
	for labels, n := range parked {
		gauge(c.parked, float64(n), labels[0], labels[1])
	}
	kept, err := c.store.CountKept(ctx)
	if err != nil {
		c.logger.WarnContext(ctx, "metrics: kept events not counted", "err", err)
		return
	}
	gauge(c.kept, float64(kept))
}
