package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestDemonstrationHasNothingLeftToSend: when the demonstration is ready, a manager who
// asks reads that all is well, because nothing was on its way while the clock jumped.
func TestDemonstrationHasNothingLeftToSend(t *testing.T) {
	t.Parallel()
	out := &notedWriter{written: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- demoCmd{Port: 0}.Run(ctx, &process{stdout: out, stderr: out}) }()
	late := time.After(2 * time.Minute)
	for !strings.Contains(out.String(), "Ctrl-C") {
		select {
		case <-out.written:
		case err := <-ended:
			t.Fatalf("it ended: %v\n%s", err, out)
		case <-late:
			t.Fatalf("it never was ready:\n%s", out)
		}
	}
	_, rest, _ := strings.Cut(out.String(), "http://")
	address, _, _ := strings.Cut(rest, "/web/")
	h := &house{t: t, past: &pastClock{}, station: &station{address: "http://" + address}}
	home := h.send(nobody, http.MethodGet, "/web/as/priya/", nil)
	room := home.header.Get("Location")
	if a := h.send(nobody, http.MethodPost, room+"/say", url.Values{"text": {"/task summary week"}}); a.status != http.StatusNoContent {
		t.Fatalf("the summary: %d %s", a.status, a.text)
	}
	text := h.send(nobody, http.MethodGet, room, nil).text
	// What was asked for now, below those that came by themselves while the story ran.
	text = text[max(0, strings.LastIndex(text, "Summary: ")):]
	if !strings.Contains(text, "Delivery: all is well.") || strings.Contains(text, "to be sent") {
		t.Errorf("the manager reads %s", text)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}
