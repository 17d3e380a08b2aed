package rest

import (
	"context"
	"crypto/rand"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"taskbridge/bot/chat"
)

// Who the API's writes come from.
const (
	apiID   = "api"
	apiName = "API"
)

// wish is one write on its way to the handler.
type wish struct {
	verb   string
	number int
	fields map[string]string
	// key is the caller's Idempotency-Key, empty for none.
	key string
}

// Idempotent is the header of every write.
type Idempotent struct {
	Key string `header:"Idempotency-Key" maxLength:"200" pattern:"^[!-~]*$" doc:"Names this request: the same request with the same key again changes nothing and gets the same answer, for two days at least."`
}

// do hands a wish to the handler and gives its answer, or the problem to return.
func (a *API) do(ctx context.Context, w wish) (chat.Answer, error) {
	key := w.verb + ":" + rand.Text()
	if w.key != "" {
		// The verb keeps one key apart between operations. A caller's key has a
		// prefix of its own so that it never meets a random one.
		key = "idempotent:" + w.verb + ":" + w.key
	}
	answer, err := a.handler.Handle(ctx, chat.Inbound{
		Key:       key,
		Workspace: Workspace,
		At:        a.now(),
		From:      chat.Person{ID: apiID, Name: apiName},
		Body:      chat.Request{Verb: w.verb, Number: w.number, Fields: w.fields},
	})
	if err != nil {
		return chat.Answer{}, a.failedWrite(ctx, w.verb, err)
	}
	return answer, refused(answer)
}

// put sets a field that is not empty.
func put(fields map[string]string, name, value string) {
	if value != "" {
		fields[name] = value
	}
}

// checkLine reports a text that cannot stand on one line.
func checkLine(field, s string) []error {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return fault(field, "The field "+field+" must be one line without control characters.")
	}
	return nil
}

// checkText reports a text with characters that are not text. Databases refuse
// some of them, and none of them can be shown.
func checkText(field, s string) []error {
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }
	if strings.ContainsFunc(s, bad) {
		return fault(field, "The field "+field+" must not hold control characters.")
	}
	return nil
}

// checkFilled reports a required text that is only blanks.
func checkFilled(field, s string) []error {
	if strings.TrimSpace(s) == "" {
		return fault(field, "The field "+field+" must not be empty.")
	}
	return nil
}

func fault(field, message string) []error {
	return []error{&huma.ErrorDetail{Location: "body." + field, Message: message}}
}
