package rest

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
)

// Prefix is where the API lives.
const Prefix = "/api/v1"

// Workspace is the installation that the API's inbounds come from.
const Workspace = "rest:api"

const (
	// maxBody is the greatest size of a request's body in bytes: the longest
	// texts allowed, in the widest encoding that JSON has for them.
	maxBody = 256 << 10
	// bodyTimeout is how long a body may take to arrive.
	bodyTimeout = 10 * time.Second
)

// Config is what the API needs.
type Config struct {
	// Token is the bearer token that callers show. The API is off when it is
	// empty: only its description is served then.
	Token string
	// Handler takes the writes, Reader answers the reads.
	Handler chat.Handler
	Reader  chat.Reader
	Files   chat.FileReader
	Logger  *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// API answers the requests under Prefix.
type API struct {
	handler chat.Handler
	reader  chat.Reader
	files   chat.FileReader
	logger  *slog.Logger
	now     func() time.Time
	gate    gate
	router  *mux.Router
	// spec is the OpenAPI document. It never changes, and is made when somebody reads it:
	// most never do, and it takes a tenth of a start.
	spec func() ([]byte, error)
}

// New makes the API. It fails when the configuration lacks a part.
func New(cfg Config) (*API, error) {
	if cfg.Handler == nil || cfg.Reader == nil || cfg.Files == nil || cfg.Logger == nil {
		return nil, errors.New("the REST API needs a handler, a reader, files and a logger")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	a := &API{
		handler: cfg.Handler,
		reader:  cfg.Reader,
		files:   cfg.Files,
		logger:  cfg.Logger,
		now:     cfg.Now,
		gate:    newGate(cfg.Token),
		router:  mux.NewRouter(),
	}
	spec := humamux.New(a.router, describe())
	a.registerIssues(spec)
	a.registerChanges(spec)
	a.registerComments(spec)
	a.registerDesk(spec)
	a.registerFiles(spec)
	describeWebhooks(spec.OpenAPI())

	a.spec = sync.OnceValues(func() ([]byte, error) { return json.MarshalIndent(spec.OpenAPI(), "", "  ") })
	a.router.HandleFunc(specPath, a.serveSpec).Methods(http.MethodGet)
	a.router.NotFoundHandler = http.HandlerFunc(a.noSuchPath)
	a.router.MethodNotAllowedHandler = http.HandlerFunc(a.wrongMethod)
	return a, nil
}

// Mount routes everything under Prefix to the API.
func (a *API) Mount(r *mux.Router) {
	r.Path(Prefix).Handler(a)
	r.PathPrefix(Prefix + "/").Handler(a)
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.URL.Path != specPath {
		if p := a.gate.check(r); p != nil {
			writeProblem(w, p)
			return
		}
	}
	trace := chat.ParseTraceparent(r.Header.Get("Traceparent"))
	a.router.ServeHTTP(w, r.WithContext(chat.WithTrace(r.Context(), trace)))
}

func (a *API) serveSpec(w http.ResponseWriter, r *http.Request) {
	text, err := a.spec()
	if err != nil {
		a.logger.ErrorContext(r.Context(), "rest: the API's description is not made", "err", err)
		writeProblem(w, newProblem(http.StatusInternalServerError, "The description of the API could not be made."))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// The reader may have gone away; there is nobody left to tell.
	_, _ = w.Write(text)
}

func (a *API) noSuchPath(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, newProblem(http.StatusNotFound, "There is nothing at this address; "+specPath+" lists what there is."))
}

func (a *API) wrongMethod(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		var match mux.RouteMatch
		if a.router.Match(other, &match) && match.MatchErr == nil {
			w.Header().Add("Allow", method)
		}
	}
	writeProblem(w, newProblem(http.StatusMethodNotAllowed, "This address does not take the method; the Allow header names those it takes."))
}

// operation fills in what all operations have in common.
func operation(op huma.Operation) huma.Operation {
	op.Path = Prefix + op.Path
	op.MaxBodyBytes = maxBody
	op.BodyReadTimeout = bodyTimeout
	op.Security = []map[string][]string{{securityScheme: {}}}
	op.Errors = append(op.Errors,
		http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusInternalServerError)
	return op
}
