package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

type traceKey struct{}

// WithTrace marks a context as working for the inbound with this trace id, so that
// log lines on the way from intake to the last send can be found together.
func WithTrace(ctx context.Context, trace string) context.Context {
	if trace == "" {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, trace)
}

// TraceOf is the trace id a context works for, empty for none.
func TraceOf(ctx context.Context) string {
	trace, _ := ctx.Value(traceKey{}).(string)
	return trace
}

// NewTrace makes the trace id of an inbound: 32 hexadecimal digits, as W3C Trace
// Context wants it (www.w3.org/TR/trace-context). It follows from the inbound's
// identity, so that a repeat, a replay and another replica give the same.
func NewTrace(workspace, key string) string {
	sum := sha256.Sum256([]byte(workspace + "\x00" + key))
	return hex.EncodeToString(sum[:16])
}

// ParseTraceparent reads the trace id out of a traceparent header, empty when it is
// not one.
func ParseTraceparent(header string) string {
	parts := strings.Split(header, "-")
	if len(parts) < 4 || len(parts[0]) != 2 || parts[0] == "ff" || len(parts[1]) != 32 || len(parts[2]) != 16 {
		return ""
	}
	digits := parts[0] + parts[1] + parts[2]
	if strings.Trim(digits, "0123456789abcdef") != "" || strings.Trim(parts[1], "0") == "" {
		return ""
	}
	return parts[1]
}
