package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// spans sends what the engine and the adapters tell as OpenTelemetry spans. They are
// made when what they tell of has ended, so that nothing has to be carried along:
// the inbound's span is the root, with ids that follow from the trace id in the log,
// and all else hangs on it. It implements bot.Observer and chat.Meter.
type spans struct{ tracer trace.Tracer }

// newSpans makes spans as the standard variables say, and nothing when they name no
// endpoint.
func newSpans(ctx context.Context, a *app, environ []string) (*spans, error) {
	exporter, err := newOTLP(environ, a.logger)
	if err != nil || exporter == nil {
		return nil, err
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "taskbridge"), attribute.String("service.version", version())),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about), sdktrace.WithIDGenerator(ids{}))
	a.onStop("traces", provider.Shutdown)
	a.logger.InfoContext(ctx, "traces: sent", "to", exporter.host)
	return &spans{tracer: provider.Tracer("taskbridge")}, nil
}

// ids makes the ids of a root span out of the trace id, so that every process knows
// them.
type ids struct{}

// NewIDs implements sdktrace.IDGenerator.
func (g ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	id, err := trace.TraceIDFromHex(chat.TraceOf(ctx))
	if err != nil {
		// A call that nobody outside caused, such as learning who we are.
		for i := range id {
			id[i] = byte(rand.Uint32())
		}
	}
	root := trace.SpanID(id[8:])
	if !root.IsValid() {
		root[7] = 1
	}
	return id, root
}

// NewSpanID implements sdktrace.IDGenerator.
func (ids) NewSpanID(context.Context, trace.TraceID) trace.SpanID {
	var id trace.SpanID
	for !id.IsValid() {
		for i := range id {
			id[i] = byte(rand.Uint32())
		}
	}
	return id
}

// Handled implements bot.Observer. A repeat has the ids of the first, and what is
// ignored is told nowhere.
func (s *spans) Handled(ctx context.Context, h bot.Handled) {
	if h.Outcome == "ignored" || h.Outcome == "repeat" {
		return
	}
	s.tell(ctx, told{
		name: "intake " + boundedKind(h.Kind), kind: trace.SpanKindServer, began: h.Began, took: h.Took, failed: h.Outcome == "failed", reason: h.Outcome,
	}, attribute.String("workspace", h.Workspace), attribute.String("outcome", h.Outcome), attribute.String("refusal", h.Refusal))
}

// Delivered implements bot.Observer.
func (s *spans) Delivered(ctx context.Context, d bot.Delivered) {
	s.tell(s.under(ctx), told{
		name: "deliver " + d.Kind, kind: trace.SpanKindConsumer, began: d.Began, took: d.Took, failed: d.Outcome != "ok", reason: d.Reason,
	}, attribute.String("workspace", d.Workspace), attribute.String("outcome", d.Outcome), attribute.String("reason", d.Reason),
		attribute.Int("attempt", d.Attempt), attribute.Float64("waited_seconds", d.Waited.Seconds()))
}

// Called implements chat.Meter.
func (s *spans) Called(ctx context.Context, c chat.Call) {
	if chat.TraceOf(ctx) == "" {
		return
	}
	s.tell(s.under(ctx), told{
		name: c.Platform + " " + boundedMethod(c.Method), kind: trace.SpanKindClient, began: time.Now().Add(-c.Took), took: c.Took,
		failed: c.Err != nil, reason: chat.OutcomeOf(c.Err),
	})
}

// Merged implements bot.Observer.
func (*spans) Merged(bot.Merge) {}

// Found implements bot.Observer.
func (*spans) Found(string, bot.Finding) {}

// Held implements chat.Meter.
func (*spans) Held(context.Context, chat.Hold) {}

// under gives a context in which spans hang on the inbound's. The root is started
// for its sampling decision, and never ended here.
func (s *spans) under(ctx context.Context) context.Context {
	_, root := s.tracer.Start(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), "") //nolint:spancheck // See above.
	return trace.ContextWithSpanContext(ctx, root.SpanContext())                          //nolint:spancheck // See above.
}

// told is a span that has ended. Its reason is a word of ours, never an error's text.
type told struct {
	name   string
	kind   trace.SpanKind
	began  time.Time
	took   time.Duration
	failed bool
	reason string
}

func (s *spans) tell(ctx context.Context, t told, about ...attribute.KeyValue) {
	_, span := s.tracer.Start(ctx, t.name, trace.WithTimestamp(t.began), trace.WithSpanKind(t.kind), trace.WithAttributes(about...))
	if t.failed {
		span.SetStatus(codes.Error, t.reason)
	}
	span.End(trace.WithTimestamp(t.began.Add(t.took)))
}

// observer is all that is told what happens.
type observer interface {
	bot.Observer
	chat.Meter
}

// observers tells several.
type observers []observer

// Handled implements bot.Observer.
func (o observers) Handled(ctx context.Context, h bot.Handled) {
	for _, one := range o {
		one.Handled(ctx, h)
	}
}

// Delivered implements bot.Observer.
func (o observers) Delivered(ctx context.Context, d bot.Delivered) {
	for _, one := range o {
		one.Delivered(ctx, d)
	}
}

// Merged implements bot.Observer.
func (o observers) Merged(m bot.Merge) {
	for _, one := range o {
		one.Merged(m)
	}
}

// Found implements bot.Observer.
func (o observers) Found(workspace string, f bot.Finding) {
	for _, one := range o {
		one.Found(workspace, f)
	}
}

// Called implements chat.Meter.
func (o observers) Called(ctx context.Context, c chat.Call) {
	for _, one := range o {
		one.Called(ctx, c)
	}
}

// Held implements chat.Meter.
func (o observers) Held(ctx context.Context, h chat.Hold) {
	for _, one := range o {
		one.Held(ctx, h)
	}
}
