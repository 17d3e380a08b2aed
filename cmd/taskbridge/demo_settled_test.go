package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestDemonstrationHasNothingLeftToSend: when the demonstration is ready, a manager who
// asks reads that all is well, and so does every summary that stands there.
func TestDemonstrationHasNothingLeftToSend(t *testing.T) {
	t.Parallel()
	h := &house{t: t, past: &pastClock{}, station: &station{address: "http://" + demonstration(t)}}
	home := h.send(nobody, http.MethodGet, "/web/as/priya/", nil)
	_, after, _ := strings.Cut(home.text, ` data-room="`)
	name, _, _ := strings.Cut(after, `"`)
	room := "/web/as/priya/c/" + name
	if a := h.send(nobody, http.MethodPost, room+"/say", url.Values{"text": {"/task summary week"}}); a.status != http.StatusNoContent {
		t.Fatalf("the summary: %d %s", a.status, a.text)
	}
	text := h.send(nobody, http.MethodGet, room, nil).text
	if !strings.Contains(text, "Delivery: all is well.") || strings.Contains(text, "to be sent") {
		t.Errorf("the manager reads %s", text[max(0, strings.Index(text, "Summary")):])
	}
}
