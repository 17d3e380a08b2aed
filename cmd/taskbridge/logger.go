package main

import (
	"context"
	"log/slog"

	"taskbridge/bot/chat"
)

// newLogger writes to stderr: text for a person at a terminal, else JSON.
func newLogger(p *process, cfg logConfig) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.level}
	format := cfg.format
	if format == "" && !p.terminal {
		format = "json"
	}
	if format == "json" {
		return slog.New(tracing{slog.NewJSONHandler(p.stderr, options)})
	}
	return slog.New(tracing{slog.NewTextHandler(p.stderr, options)})
}

// tracing adds the trace id of the inbound that a line is about.
type tracing struct{ slog.Handler }

// Handle implements slog.Handler.
func (h tracing) Handle(ctx context.Context, r slog.Record) error {
	if trace := chat.TraceOf(ctx); trace != "" {
		r.AddAttrs(slog.String("trace", trace))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h tracing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return tracing{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h tracing) WithGroup(name string) slog.Handler { return tracing{h.Handler.WithGroup(name)} }
