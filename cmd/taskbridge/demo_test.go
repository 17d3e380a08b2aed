package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// notedWriter tells when something was written.
type notedWriter struct {
	mu      sync.Mutex
	buf     bytes.Buffer
	written chan struct{}
}

// Write implements io.Writer.
func (w *notedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.written <- struct{}{}:
	default:
	}
	return w.buf.Write(p)
}

// String is what was written so far.
func (w *notedWriter) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// demonstration starts it, waits until it is ready and gives where it is. It has to end
// well with the test.
func demonstration(t *testing.T) (address string) {
	t.Helper()
	out := &notedWriter{written: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- demoCmd{Port: 0}.Run(ctx, &process{stdout: out, stderr: out}) }()
	late := time.After(2 * time.Minute)
	for !strings.Contains(out.String(), "Ctrl-C") {
		select {
		case <-out.written:
		case err := <-ended:
			cancel()
			t.Fatalf("it ended: %v\n%s", err, out)
		case <-late:
			cancel()
			t.Fatalf("it never was ready:\n%s", out)
		}
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	_, rest, _ := strings.Cut(out.String(), "http://")
	address, _, _ = strings.Cut(rest, "/web/")
	return address
}

// TestDemonstrationPlaysItsStory: every act of it is taken by the bot as it is, and the
// desk and each firm see what is theirs.
func TestDemonstrationPlaysItsStory(t *testing.T) {
	t.Parallel()
	address := demonstration(t)
	look := func(who, path string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", who, answer.StatusCode, err)
		}
		return string(text)
	}
	above := regexp.MustCompile(`href="([^"]+)" data-rest`)
	page := func(who string) string {
		text := look(who, "/web/as/"+who+"/")
		if rest := above.FindStringSubmatch(text); rest != nil {
			text += look(who, rest[1])
		}
		return text
	}
	desk, acme, manager := page("olivia"), page("ben"), page("priya")
	for _, title := range []string{"Boiler shows F28", "Master key lost", "Slipped tiles"} {
		if !strings.Contains(desk, title) {
			t.Errorf("the desk does not see %q", title)
		}
	}
	for _, state := range []string{"<dd>Planned</dd>", "<dd>Travel</dd>", "<dd>Work</dd>", "<dt>Paused</dt><dd>Weather: ", "electrode.png"} {
		if !strings.Contains(desk, state) {
			t.Errorf("no job of the desk's shows %q", state)
		}
	}
	if !strings.Contains(acme, "Boiler shows F28") || strings.Contains(acme, "Master key lost") || strings.Contains(acme, "Bright Locks, Leeds") {
		t.Error("the firm does not see its own jobs alone")
	}
	if strings.Contains(manager, ">Operations<") || !strings.Contains(manager, ">Managers<") {
		t.Error("the manager is not in the managers' channel alone")
	}
	for _, page := range []string{desk, acme} {
		if !strings.Contains(page, `<a href="/web/as/nora/" ><b>Nora Quinn</b>`) {
			t.Error("the bar does not lead to the customer")
		}
	}
	customer := look("nora", "/web/as/nora/")
	for _, want := range []string{`<li class="now" aria-current="step"><span class="icon" aria-hidden="true">📅</span><span class="name">Planned`, "10:00 – 12:00", `<a href="/web/as/olivia/"><b>Olivia Hart</b>`} {
		if !strings.Contains(customer, want) {
			t.Errorf("the customer does not see %q in\n%s", want, customer)
		}
	}
	for _, never := range []string{"hot water", "Victoria Ave", "Acme", "shower"} {
		if strings.Contains(strings.ReplaceAll(customer, "</b> Acme Heating</a>", ""), never) {
			t.Errorf("the customer reads %q", never)
		}
	}
}
