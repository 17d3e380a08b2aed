package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"testing"
)

// TestStopEndsOpenPages: the line of an open page is ended by a stop. It is not waited for
// until it is torn, which its reader would see.
func TestStopEndsOpenPages(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	res, err := http.DefaultClient.Do(h.request(operator, http.MethodGet, "/web/live?since=0", nil))
	must(t, err)
	defer res.Body.Close()
	line := bufio.NewReader(res.Body)
	if first, err := line.ReadString('\n'); err != nil || first != "event: hello\n" {
		t.Fatalf("the line begins with %q: %v", first, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), stopTimeout)
	defer cancel()
	must(t, h.app.stop(ctx))
	if _, err := io.Copy(io.Discard, line); err != nil {
		t.Errorf("the line was torn: %v", err)
	}
}
