package main

import "log/slog"

// newLogger writes to stderr: text for a person at a terminal, else JSON.
func newLogger(p *process, cfg logConfig) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.level}
	format := cfg.format
	if format == "" && !p.terminal {
		format = "json"
	}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, options))
	}
	return slog.New(slog.NewTextHandler(p.stderr, options))
}
