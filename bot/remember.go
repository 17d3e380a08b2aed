package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"taskbridge/bot/chat"
	"taskbridge/workflow"
)

// rememberAnswer keeps what a repeat of the same request would have to be told.
func (t *turn) rememberAnswer(ctx context.Context, a chat.Answer) error {
	if a.Message.Empty() && a.Number == 0 && a.Refused == "" && t.entry == nil {
		return nil
	}
	a.Form = nil
	text, err := json.Marshal(remembered{a, requestMark(t.in.Body), t.entry})
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	return t.tx.SetAnswer(ctx, t.in.Workspace, t.in.Key, text)
}

// remembered is an answer as it is kept for a repeat.
type remembered struct {
	chat.Answer
	// Request tells a program's requests apart: it chooses their keys itself and may
	// take one for two of them by mistake.
	Request string `json:",omitempty"`
	// Entry is that a way into the browser was asked for: the way itself is a secret.
	Entry *entry `json:",omitempty"`
}

// recall gives the answer to a request that comes again, and the way into the browser
// that it asked for.
func recall(in chat.Inbound, prior []byte) (chat.Answer, *entry) {
	var a remembered
	if len(prior) > 0 {
		// What we wrote we can read; if not, silence is the safe repeat.
		_ = json.Unmarshal(prior, &a)
	}
	if a.Request != "" && a.Request != requestMark(in.Body) {
		twice := workflow.Refuse(workflow.Invalid, "This key named another request before. Give each request a key of its own.")
		return refused(in, twice, twice.Message), nil
	}
	return a.Answer, a.Entry
}

// requestMark is empty for all but a program's requests.
func requestMark(b chat.Body) string {
	r, ok := b.(chat.Request)
	if !ok {
		return ""
	}
	// A struct of strings and a map of strings always marshals, its keys in order.
	text, _ := json.Marshal(r)
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
