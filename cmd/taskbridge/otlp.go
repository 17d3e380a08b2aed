package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// otlp sends spans as OTLP over HTTP with JSON
// (opentelemetry.io/docs/specs/otlp/#otlphttp). The library's own exporter brings
// gRPC and generated messages along, which cost memory also when it is not used
// (docs/adr/0011).
type otlp struct {
	endpoint, host string
	headers        http.Header
	client         *http.Client
	logger         *slog.Logger
}

// variables are environment variables by name.
type variables map[string]string

func variablesOf(environ []string) variables {
	v := variables{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		v[name] = value
	}
	return v
}

// first is the first of the variables that is set.
func (v variables) first(names ...string) string {
	for _, name := range names {
		if s := strings.TrimSpace(v[name]); s != "" {
			return s
		}
	}
	return ""
}

// newOTLP reads the standard variables. It gives nothing when traces are off.
func newOTLP(environ []string, logger *slog.Logger) (*otlp, error) {
	v := variablesOf(environ)
	endpoint := v.first("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if base := v.first("OTEL_EXPORTER_OTLP_ENDPOINT"); endpoint == "" && base != "" {
		endpoint = strings.TrimRight(base, "/") + "/v1/traces"
	}
	if exporter := v.first("OTEL_TRACES_EXPORTER"); endpoint == "" || exporter == "none" || strings.EqualFold(v.first("OTEL_SDK_DISABLED"), "true") {
		return nil, nil //nolint:nilnil // Off is no error.
	}
	if p := v.first("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"); p != "" && p != "http/json" {
		return nil, errors.New("OTEL_EXPORTER_OTLP_PROTOCOL: traces are sent as http/json only, which every collector takes at its HTTP port (4318)")
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("OTEL_EXPORTER_OTLP_ENDPOINT: an http(s) address is needed")
	}
	o := &otlp{endpoint: endpoint, host: u.Host, headers: http.Header{}, logger: logger, client: &http.Client{Timeout: 10 * time.Second}}
	if s := v.first("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"); s != "" {
		millis, err := strconv.Atoi(s)
		if err != nil || millis <= 0 {
			return nil, errors.New("OTEL_EXPORTER_OTLP_TIMEOUT: a number of milliseconds is needed")
		}
		o.client.Timeout = time.Duration(millis) * time.Millisecond
	}
	for pair := range strings.SplitSeq(v.first("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"), ",") {
		name, value, ok := strings.Cut(pair, "=")
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if strings.TrimSpace(pair) == "" {
			continue
		}
		if !ok || err != nil {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS: pairs like name=value are needed")
		}
		o.headers.Set(strings.TrimSpace(name), plain)
	}
	return o, nil
}

// The messages, in the fields that are used.
type (
	otlpRequest struct {
		ResourceSpans []otlpResourceSpans `json:"resourceSpans"`
	}
	otlpResourceSpans struct {
		Resource   otlpAttributes   `json:"resource"`
		ScopeSpans []otlpScopeSpans `json:"scopeSpans"`
	}
	otlpAttributes struct {
		Attributes []otlpAttribute `json:"attributes"`
	}
	otlpScopeSpans struct {
		Scope struct {
			Name string `json:"name"`
		} `json:"scope"`
		Spans []otlpSpan `json:"spans"`
	}
	otlpSpan struct {
		TraceID      string          `json:"traceId"`
		SpanID       string          `json:"spanId"`
		ParentSpanID string          `json:"parentSpanId,omitempty"`
		Name         string          `json:"name"`
		Kind         int             `json:"kind"`
		Start        string          `json:"startTimeUnixNano"`
		End          string          `json:"endTimeUnixNano"`
		Attributes   []otlpAttribute `json:"attributes,omitempty"`
		Status       otlpStatus      `json:"status"`
	}
	otlpStatus struct {
		Code    int    `json:"code,omitempty"`
		Message string `json:"message,omitempty"`
	}
	otlpAttribute struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

func otlpAttributesOf(list []attribute.KeyValue) []otlpAttribute {
	var out []otlpAttribute
	for _, a := range list {
		var value map[string]any
		switch a.Value.Type() {
		case attribute.INT64:
			// Whole numbers of 64 bits are texts in JSON.
			value = map[string]any{"intValue": strconv.FormatInt(a.Value.AsInt64(), 10)}
		case attribute.FLOAT64:
			value = map[string]any{"doubleValue": a.Value.AsFloat64()}
		default:
			s := a.Value.String()
			if s == "" {
				continue
			}
			value = map[string]any{"stringValue": s}
		}
		out = append(out, otlpAttribute{Key: string(a.Key), Value: value})
	}
	return out
}

// ExportSpans implements sdktrace.SpanExporter. What cannot be sent is lost, and
// said in the log: traces are a help, and must not hold anything up.
func (o *otlp) ExportSpans(ctx context.Context, list []sdktrace.ReadOnlySpan) error {
	if len(list) == 0 {
		return nil
	}
	scope := otlpScopeSpans{}
	scope.Scope.Name = "taskbridge"
	for _, s := range list {
		span := otlpSpan{
			TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(),
			Name: s.Name(), Kind: int(s.SpanKind()),
			Start: strconv.FormatInt(s.StartTime().UnixNano(), 10), End: strconv.FormatInt(s.EndTime().UnixNano(), 10),
			Attributes: otlpAttributesOf(s.Attributes()),
		}
		if s.Parent().SpanID().IsValid() {
			span.ParentSpanID = s.Parent().SpanID().String()
		}
		if s.Status().Code == codes.Error {
			span.Status = otlpStatus{Code: 2, Message: s.Status().Description}
		}
		scope.Spans = append(scope.Spans, span)
	}
	body, err := json.Marshal(otlpRequest{ResourceSpans: []otlpResourceSpans{{
		Resource:   otlpAttributes{Attributes: otlpAttributesOf(list[0].Resource().Attributes())},
		ScopeSpans: []otlpScopeSpans{scope},
	}}})
	if err == nil {
		err = o.send(ctx, body)
	}
	if err != nil {
		o.logger.WarnContext(ctx, "traces: not sent", "spans", len(list), "err", err)
	}
	return nil
}

func (o *otlp) send(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.endpoint, bytes.NewReader(body))
	if err != nil {
		return errors.New("the endpoint is no address")
	}
	r.Header = o.headers.Clone()
	r.Header.Set("Content-Type", "application/json")
	answer, err := o.client.Do(r)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			// The address may hold a key.
			err = ue.Err
		}
		return err
	}
	defer answer.Body.Close()
	// Reading to the end lets the connection be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// Shutdown implements sdktrace.SpanExporter.
func (o *otlp) Shutdown(context.Context) error {
	o.client.CloseIdleConnections()
	return nil
}
