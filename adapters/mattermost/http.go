package mattermost

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
)

const (
	// maxBody bounds a request's body, as the server bounds its own
	// (server/channels/app/command.go).
	maxBody = 1 << 20
	// maxToken bounds what a button or a form can carry back.
	maxToken = 8 << 10
	// contextToken is the key of the bot's token in a button's context.
	contextToken = "t"
	// contextChoice is where the server puts the chosen option of a select
	// (developers.mattermost.com/integrate/plugins/interactive-messages).
	contextChoice = "selected_option"
	// unauthenticated is the refusal of a token that the bot did not sign.
	unauthenticated = "unauthenticated"
	// lookupTime bounds finding out whose an event is, openTime opening a form: the
	// server waits thirty seconds for us and a person fewer.
	lookupTime = 3 * time.Second
	openTime   = 8 * time.Second
)

// unavailable is said when the event could not be kept. Mattermost never delivers
// a click, a command or a form again, so that the person has to, and a bare error
// status would only show a riddle.
const unavailable = "Something went wrong on our side and nothing was changed. Please try again in a moment."

// Mount puts the addresses that Mattermost calls on a router.
func (a *Adapter) Mount(r *mux.Router) {
	r.HandleFunc(CommandsPath, a.serveCommand).Methods(http.MethodPost)
	r.HandleFunc(ActionsPath, a.serveAction).Methods(http.MethodPost)
	r.HandleFunc(DialogsPath, a.serveDialog).Methods(http.MethodPost)
}

// Routes serves the same addresses without a router.
func (a *Adapter) Routes() http.Handler {
	r := mux.NewRouter()
	a.Mount(r)
	return r
}

// readBody reads a bounded body; false means that the answer is written.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		return b, true
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return nil, false
	}
	http.Error(w, "the body cannot be read", http.StatusBadRequest)
	return nil, false
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// The answer is for one person; no proxy should keep it.
	w.Header().Set("Cache-Control", "no-store")
	// A failed write leaves nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter) {
	http.Error(w, "unauthenticated", http.StatusUnauthorized)
}

// validToken compares a token with all of ours in constant time, whichever fits.
func (a *Adapter) validToken(token string) bool {
	got := sha256.Sum256([]byte(token))
	ok := 0
	for _, t := range a.cfg.CommandTokens {
		if t == "" {
			continue
		}
		want := sha256.Sum256([]byte(t))
		ok |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return ok == 1 && token != ""
}

// key makes a dedup key out of values that must not be stored themselves.
func key(kind string, values ...string) string {
	h := sha256.New()
	for _, v := range values {
		// The length keeps two values from passing for one.
		_, _ = io.WriteString(h, hexLen(len(v)))
		_, _ = io.WriteString(h, v)
	}
	return kind + ":" + hex.EncodeToString(h.Sum(nil)[:16])
}

func hexLen(n int) string {
	return hex.EncodeToString([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// refused logs what is not authentic, seldom enough that a stranger cannot fill the
// log: these addresses are open to anybody.
func (a *Adapter) refused(ctx context.Context, what string) {
	a.refusals.Do(func() { a.log.WarnContext(ctx, what) })
}

// shownName is the name a request gives to who acts. Who that truly is, the bot asks
// the server once it knows the request to be authentic.
func shownName(name string) string { return chat.Shorten(clean(name), 64) }

// handle passes an inbound on; false means that it was not kept.
func (a *Adapter) handle(ctx context.Context, in chat.Inbound) (chat.Answer, bool) {
	answer, err := a.handler.Handle(ctx, in)
	if err != nil {
		a.log.ErrorContext(ctx, "mattermost: request was not kept", "key", in.Key, "err", err)
		return chat.Answer{}, false
	}
	return answer, true
}

// openForm opens a form for the person who acted; false means that it did not
// open, and the answer's fallback is due.
func (a *Adapter) openForm(ctx context.Context, trigger chat.Trigger, f chat.Form) bool {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	err := a.api.do(ctx, call{
		op: "open dialog", method: http.MethodPost, path: "/actions/dialogs/open",
		body: openDialog{TriggerID: string(trigger), URL: a.cfg.PublicURL + DialogsPath, Dialog: dialogOf(f)},
	})
	if err != nil {
		a.log.WarnContext(ctx, "mattermost: form did not open", "err", err)
		return false
	}
	return true
}

// shown is what is left to say of an answer once its form has been tried.
func (a *Adapter) shown(ctx context.Context, trigger chat.Trigger, answer chat.Answer) chat.Message {
	if answer.Form == nil || a.openForm(ctx, trigger, *answer.Form) {
		return answer.Message
	}
	switch {
	case !answer.Fallback.Empty():
		return answer.Fallback
	case !answer.Message.Empty():
		return answer.Message
	}
	return chat.Message{Text: chat.T("The form could not be opened. Please try again.")}
}

// whisperAfter says something to the person who acted when the answer itself has
// no room for it.
func (a *Adapter) whisperAfter(ctx context.Context, in chat.Inbound, m chat.Message) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	if err := a.Whisper(ctx, in.Channel, in.From.ID, m); err != nil {
		a.log.WarnContext(ctx, "mattermost: private answer was not delivered", "err", err)
	}
}
