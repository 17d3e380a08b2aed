package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

//go:embed payloads/*.json
var payloads embed.FS

// slot names a place in a payload that differs from request to request.
type slot int

const (
	slotID slot = iota
	slotTS
	slotNow
	slotUUID
	slotTrigger
	slotUser
	slotChannel
	slotThread
	slotMessage
	slotBlock
	slotAction
	slotValue
	slotResponseURL
	slotCount
)

func slotByName(name string) (slot, error) {
	names := [slotCount]string{
		slotID: "id", slotTS: "ts", slotNow: "now", slotUUID: "uuid", slotTrigger: "trigger",
		slotUser: "user", slotChannel: "channel", slotThread: "thread_ts", slotMessage: "message_ts",
		slotBlock: "block_id", slotAction: "action_id", slotValue: "value", slotResponseURL: "response_url",
	}
	for i, n := range names {
		if n == name {
			return slot(i), nil
		}
	}
	return 0, fmt.Errorf("unknown slot %q", name)
}

type slotValues [slotCount][]byte

// template is a request body cut at its slots, so that a fresh body costs a few
// copies and no encoding.
type template struct {
	literals [][]byte // one more than slots
	slots    []slot
	form     bool
}

// loadTemplate reads a payload. With form the JSON becomes the value of a form
// field named payload, as Slack sends clicks.
func loadTemplate(name string, form bool) (*template, error) {
	raw, err := payloads.ReadFile("payloads/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("read payload: %w", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, fmt.Errorf("payload %s: %w", name, err)
	}
	// A slot that stands for a number is written as a string to keep the file
	// valid JSON.
	rest := strings.ReplaceAll(compact.String(), `"{{#now}}"`, `{{now}}`)
	t := &template{form: form}
	prefix := ""
	if form {
		prefix = "payload="
	}
	for {
		before, after, found := strings.Cut(rest, "{{")
		t.literals = append(t.literals, []byte(prefix+string(t.escape(before))))
		prefix = ""
		if !found {
			return t, nil
		}
		inner, tail, closed := strings.Cut(after, "}}")
		if !closed {
			return nil, fmt.Errorf("payload %s: slot without end", name)
		}
		s, err := slotByName(inner)
		if err != nil {
			return nil, fmt.Errorf("payload %s: %w", name, err)
		}
		t.slots = append(t.slots, s)
		rest = tail
	}
}

func (t *template) escape(s string) []byte {
	if !t.form {
		return []byte(s)
	}
	return []byte(url.QueryEscape(s))
}

// value prepares a slot's content: escaped for a JSON string and, in a form, for
// the form. Content of letters, digits, points and dashes may be used as it is.
func (t *template) value(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// A string cannot fail to encode.
	_ = enc.Encode(s)
	quoted := strings.TrimSuffix(b.String(), "\n")
	return t.escape(quoted[1 : len(quoted)-1])
}

// render appends the body to dst.
func (t *template) render(dst []byte, v *slotValues) []byte {
	for i, s := range t.slots {
		dst = append(dst, t.literals[i]...)
		dst = append(dst, v[s]...)
	}
	return append(dst, t.literals[len(t.literals)-1]...)
}
