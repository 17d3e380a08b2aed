package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"taskbridge/bot/chat"
)

const (
	// refusalType is the start of a problem's type; the refusal's code follows.
	refusalType = "urn:taskbridge:refusal:"
	// maxFaults bounds how many faults of one request are listed.
	maxFaults = 20
	// maxEcho bounds how much of what a caller named is repeated to it, in runes.
	maxEcho = 100
)

func newProblem(status int, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail}
}

// writeProblem answers outside of an operation.
func writeProblem(w http.ResponseWriter, p *huma.ErrorModel) {
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="taskbridge"`)
	}
	w.WriteHeader(p.Status)
	// The caller may have gone away; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(p)
}

// refused turns the bot's refusal into a problem, nil when it did not refuse.
func refused(answer chat.Answer) error {
	if answer.Refused == "" && len(answer.FieldErrors) == 0 {
		return nil
	}
	code := answer.Refused
	if code == "" {
		code = "invalid"
	}
	detail := answer.Message.Text.String()
	p := newProblem(statusOf(code), detail)
	p.Type = refusalType + code
	for field, message := range answer.FieldErrors {
		e := &huma.ErrorDetail{Message: message}
		if field != "" {
			e.Location = "body." + field
		}
		p.Errors = append(p.Errors, e)
	}
	slices.SortFunc(p.Errors, func(a, b *huma.ErrorDetail) int { return strings.Compare(a.Location, b.Location) })
	if p.Detail == "" && len(p.Errors) > 0 {
		p.Detail = p.Errors[0].Message
	}
	if p.Detail == "" {
		p.Detail = "This is not possible."
	}
	return p
}

// statusOf maps the codes of refusals to HTTP. A code that is not known here is
// still the caller's to mend.
func statusOf(code string) int {
	switch code {
	case "forbidden":
		return http.StatusForbidden
	case "not_found":
		return http.StatusNotFound
	case "conflict", "too_late":
		return http.StatusConflict
	case "expired":
		return http.StatusGone
	default: // Also "invalid" and "ambiguous".
		return http.StatusUnprocessableEntity
	}
}

// failedRead turns an error of the reader into a problem. What went wrong inside
// goes to the log and never to the caller.
func (a *API) failedRead(ctx context.Context, what string, err error) error {
	if errors.Is(err, chat.ErrNoSuch) {
		return newProblem(http.StatusNotFound, "There is no such "+what+".")
	}
	a.logger.ErrorContext(ctx, "rest: read", "what", what, "err", err)
	return newProblem(http.StatusInternalServerError, "Something went wrong on our side; try again, and look into the log of taskbridge if it stays so.")
}

// failedWrite tells that nothing was kept, so that the caller may simply repeat.
func (a *API) failedWrite(ctx context.Context, verb string, err error) error {
	a.logger.ErrorContext(ctx, "rest: write", "verb", verb, "err", err)
	return huma.ErrorWithHeaders(
		newProblem(http.StatusServiceUnavailable, "Nothing was saved; send the same request again."),
		http.Header{"Retry-After": {"1"}},
	)
}

// speakPlainly rewrites the library's validation errors: each becomes a sentence,
// the first is the problem's detail, and what was sent is not repeated.
func speakPlainly(_ huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*huma.ErrorModel)
	if !ok || p.Type != "" {
		return v, nil
	}
	if p.Status == http.StatusInternalServerError && len(p.Errors) > 0 {
		return newProblem(p.Status, "Something went wrong on our side."), nil
	}
	switch p.Status {
	case http.StatusUnsupportedMediaType:
		return newProblem(p.Status, "Send the body as JSON, with the header Content-Type: application/json."), nil
	case http.StatusRequestEntityTooLarge:
		return newProblem(p.Status, fmt.Sprintf("The body may have %d bytes at most.", maxBody)), nil
	}
	out := *p
	out.Errors = nil
	for _, e := range p.Errors {
		if p.Status == http.StatusBadRequest && e.Location == "body" {
			// What cannot be read at all has no fields to speak of.
			return newProblem(p.Status, "The body is not the JSON that is expected here: "+chat.Shorten(strings.TrimSuffix(e.Message, "."), 2*maxEcho)+"."), nil
		}
	}
	for _, e := range p.Errors[:min(len(p.Errors), maxFaults)] {
		location := chat.Shorten(e.Location, maxEcho)
		out.Errors = append(out.Errors, &huma.ErrorDetail{
			Message:  sentence(location, e.Message),
			Location: location,
		})
	}
	switch {
	case len(out.Errors) > 0:
		out.Detail = out.Errors[0].Message
	case !strings.HasSuffix(out.Detail, "."):
		out.Detail = capitalised(out.Detail) + "."
	}
	return &out, nil
}

// sentence makes one sentence of where a fault is and what it is.
func sentence(location, message string) string {
	message = chat.Shorten(strings.TrimSpace(message), 2*maxEcho)
	where, name, _ := strings.Cut(location, ".")
	if name == "" {
		name = where
	}
	switch {
	case strings.HasSuffix(message, "."):
		return message
	case message == "unexpected property":
		return "There is no field " + name + " in this request."
	case message == "unknown query parameter":
		return "There is no query parameter " + name + " here."
	case strings.HasPrefix(message, "expected required property "):
		missing := strings.TrimPrefix(message, "expected required property ")
		missing, _, _ = strings.Cut(missing, " ")
		return "The field " + missing + " is required."
	case strings.HasPrefix(message, "invalid date/time"), message == "expected string to be RFC 3339 date-time":
		return "The value of " + name + " must be a time such as 2026-03-14T12:00:00Z."
	case name == "":
		return capitalised(message) + "."
	default:
		return "The value of " + name + " is wrong: " + message + "."
	}
}

func capitalised(s string) string {
	if s == "" {
		return "The request is not valid"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
