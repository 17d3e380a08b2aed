package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"taskbridge/adapters/web"
)

const (
	// maxHeader is generous: platforms send a few hundred bytes.
	maxHeader = 64 << 10
	// maxRequest is above what any platform sends; adapters have closer limits.
	maxRequest = 4 << 20
	// checkTimeout bounds one readiness check.
	checkTimeout = 3 * time.Second
)

// readiness is one thing that has to work for the service to be of use.
type readiness struct {
	name  string
	check func(context.Context) error
	// spare is what the service can do without, only less well.
	spare bool
}

// newServer makes the HTTP server with its limits on time and size.
func newServer(router *mux.Router, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           bounded(router),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(logger.With("part", "http").Handler(), slog.LevelWarn),
	}
}

// bounded bounds what is sent to us. The workspace in the browser takes files and has
// bounds of its own.
func bounded(next http.Handler) http.Handler {
	most := http.MaxBytesHandler(next, maxRequest)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, web.Prefix+"/") {
			next.ServeHTTP(w, r)
			return
		}
		most.ServeHTTP(w, r)
	})
}

// serveHTTP accepts on the listener until the app stops, and then lets requests
// that are under way finish.
func (a *app) serveHTTP(server *http.Server, listener net.Listener) {
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			select {
			case a.failed <- err:
			default:
			}
		}
	}()
	a.onStop("http server", func(ctx context.Context) error {
		// Half of the time that is left: those that are stopped after it need theirs.
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
			defer cancel()
		}
		if err := server.Shutdown(ctx); err == nil {
			return nil
		}
		// A connection that was opened and never used is waited for, too; what was
		// being handled has had its time.
		return server.Close()
	})
}

// newRouter routes what is about the process itself.
func newRouter(registry *prometheus.Registry, checks []readiness) *mux.Router {
	r := mux.NewRouter()
	get := func(path string, h http.Handler) { r.Path(path).Methods(http.MethodGet, http.MethodHead).Handler(h) }
	get("/healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		// The caller may have gone away; there is nobody left to tell.
		_, _ = w.Write([]byte("ok\n"))
	}))
	get("/readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveReady(w, r, checks) }))
	get("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry, MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	return r
}

// checked is the answer of one check.
type checked struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

func serveReady(w http.ResponseWriter, r *http.Request, checks []readiness) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	answer := struct {
		Ready bool `json:"ready"`
		// Degraded tells that something is away that is not needed.
		Degraded bool      `json:"degraded,omitempty"`
		Checks   []checked `json:"checks"`
	}{Ready: true, Checks: make([]checked, len(checks))}
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() {
			answer.Checks[i] = checked{Name: c.name, OK: true}
			if err := c.check(ctx); err != nil {
				answer.Checks[i] = checked{Name: c.name, Detail: err.Error()}
			}
		})
	}
	wg.Wait()
	status := http.StatusOK
	for i, c := range answer.Checks {
		switch {
		case c.OK:
		case checks[i].spare:
			answer.Degraded = true
		default:
			answer.Ready, status = false, http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The caller may have gone away; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(answer)
}
