package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// bare is the least page that tells others what is said: whatever is posted is sent to
// all who listen. Nothing is kept.
type bare struct {
	mu        sync.Mutex
	listeners map[chan string]struct{}
}

// barePage shows what is said.
const barePage = `<!doctype html><title>bare</title><ul id="list"></ul><script>
new EventSource("/live").onmessage = (e) => { const li = document.createElement("li"); li.textContent = e.data; document.querySelector("#list").append(li); };
</script>`

// oneWord is a page that says one word and asks for nothing, with what keeps ours apart from
// other windows or without.
func oneWord(apart bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if apart {
			w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		}
		// The browser may have gone away; it will say so itself.
		_, _ = io.WriteString(w, "<!doctype html><title>bare</title><p>hello")
	}
}

// newBare starts its server.
func newBare() *httptest.Server {
	b := &bare{listeners: map[chan string]struct{}{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// The browser may have gone away; it will say so itself.
		_, _ = io.WriteString(w, barePage)
	})
	mux.HandleFunc("POST /say", b.say)
	mux.HandleFunc("GET /live", b.live)
	return httptest.NewServer(mux)
}

func (b *bare) say(w http.ResponseWriter, r *http.Request) {
	words, err := io.ReadAll(io.LimitReader(r.Body, 1<<10))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		select {
		case l <- string(words):
		default:
			// Nobody says so much at once here.
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func (b *bare) live(w http.ResponseWriter, r *http.Request) {
	said := make(chan string, 16)
	b.mu.Lock()
	b.listeners[said] = struct{}{}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.listeners, said)
		b.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	line := http.NewResponseController(w)
	for {
		if err := line.Flush(); err != nil {
			return
		}
		select {
		case words := <-said:
			if _, err := fmt.Fprintf(w, "data: %s\n\n", words); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}
