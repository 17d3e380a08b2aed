package slack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxBody bounds one request. Slack's largest are interactions, which carry the
// whole message they were made on.
const maxBody = 1 << 20

// reply is what goes into an acknowledgement.
type reply struct {
	contentType string
	body        []byte
}

// request is one verified request, however it came.
type request struct {
	body []byte
	// sent is the time of the signature, zero over a socket; received is ours.
	sent, received time.Time
	// secret is true when the body holds a trigger or a response URL, so that it
	// must not be kept.
	secret bool
	// retry is which of Slack's own retries it is, zero for the first attempt; final
	// is true for the last of them.
	retry int
	final bool
}

// lastRetry is the number of Slack's last retry by default
// (docs.slack.dev/apis/events-api).
const lastRetry = 3

// Routes serves POST /slack/events, /slack/interactions and /slack/commands.
func (a *Adapter) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /slack/events", a.endpoint(a.event))
	mux.Handle("POST /slack/interactions", a.endpoint(a.interactionForm))
	mux.Handle("POST /slack/commands", a.endpoint(a.commandForm))
	return mux
}

// Challenge answers the challenge that Slack sends when the address of the Events
// API is set, for a time when nothing else can be taken: other events get 503, so
// that Slack sends them again, and other requests go to otherwise
// (docs.slack.dev/reference/events/url_verification).
func (a *Adapter) Challenge(otherwise http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /slack/events", a.endpoint(func(_ context.Context, req request) (reply, error) {
		if env, err := decodeEnvelope(req.body); err == nil && env.Type == challengeType {
			return env.answer(), nil
		}
		return reply{}, errNotStarted
	}))
	mux.Handle("/", otherwise)
	return mux
}

// errNotStarted answers requests that arrive before we know who we are.
var errNotStarted = errors.New("slack: not started")

// endpoint verifies the raw body before anything looks into it, handles the
// request and then acknowledges it. A retry header is never a reason to drop: a
// retry may be the only delivery that ever arrives. It only tells which is the last.
func (a *Adapter) endpoint(handle func(context.Context, request) (reply, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received := a.now()
		body, err := readBody(w, r)
		if err != nil {
			status := http.StatusBadRequest
			if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
		sent, err := a.verifier.verify(r.Header.Get("X-Slack-Request-Timestamp"), r.Header.Get("X-Slack-Signature"), body)
		if err != nil {
			// Anybody can send these, so that they must not fill the log.
			a.refusals.Do(func() {
				a.log.WarnContext(r.Context(), "slack: refused a request with a bad signature", "path", r.URL.Path)
			})
			http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
			return
		}
		// Slack hangs up after three seconds; a commit under way is finished
		// nevertheless, since its redelivery would only start the work anew.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), handleTimeout)
		defer cancel()
		retry, _ := strconv.Atoi(r.Header.Get("X-Slack-Retry-Num"))
		out, err := handle(ctx, request{body: body, sent: sent, received: received, retry: retry, final: retry >= lastRetry})
		switch {
		case errors.Is(err, errNotStarted):
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		case err != nil:
			a.log.ErrorContext(ctx, "slack: not kept, Slack is asked to deliver again", "path", r.URL.Path, "err", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		default:
			out.write(w)
		}
	})
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var buf bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= maxBody {
		buf.Grow(int(n) + bytes.MinRead)
	}
	_, err := io.Copy(&buf, http.MaxBytesReader(w, r.Body, maxBody))
	return buf.Bytes(), err //nolint:wrapcheck // the caller answers by its kind.
}

func (p reply) write(w http.ResponseWriter) {
	if len(p.body) == 0 {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Type", p.contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(p.body) // Slack may have hung up; there is nobody to tell.
}
