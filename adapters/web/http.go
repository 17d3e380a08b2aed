package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

// maxForm is above what any form of ours sends, files not counted.
const maxForm = 256 << 10

// policy lets a page load what we serve and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

type personaKey struct{}

// spoken is an error whose words are for the person, in whichever language they read.
type spoken struct {
	status  int
	english string
	gaps    words.With
}

// fileSize is a number of bytes that fills a gap of what is spoken.
type fileSize int64

// Error implements error.
func (s *spoken) Error() string { return s.in(words.Words{}) }

// in is what is said, in a language.
func (s *spoken) in(in words.Words) string {
	gaps := maps.Clone(s.gaps)
	for name, v := range gaps {
		if n, ok := v.(fileSize); ok {
			gaps[name] = in.Size(int64(n))
		}
	}
	return in.Say(s.english, gaps)
}

// refuse is an error with words for the person.
func refuse(status int, english string, gaps ...words.With) error {
	s := &spoken{status, english, nil}
	if len(gaps) > 0 {
		s.gaps = gaps[0]
	}
	return s
}

func (a *Adapter) router() (http.Handler, error) {
	m := mux.NewRouter().PathPrefix(Prefix).Subrouter()
	for _, rt := range a.table() {
		h := rt.open
		if rt.act != nil {
			h = a.signed(rt.act)
		}
		methods := []string{rt.method}
		if rt.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		m.HandleFunc(rt.path, h).Methods(methods...)
	}
	m.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, a.words(r, nil), storage.ErrNotFound) })
	cross := http.NewCrossOriginProtection()
	if u, err := url.Parse(a.cfg.PublicURL); err != nil || u.Host == "" {
		return nil, fmt.Errorf("web: %q is no address", a.cfg.PublicURL)
	}
	if err := cross.AddTrustedOrigin(originOf(a.cfg.PublicURL)); err != nil {
		return nil, fmt.Errorf("web: trust the own origin: %w", err)
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.log.WarnContext(r.Context(), "web: a request from another site was refused", "path", r.URL.Path)
		http.Error(w, a.words(r, nil).Say("This request came from another site."), http.StatusForbidden)
	}))
	return a.secured(a.personas(cross.Handler(m))), nil
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

// secured says to browsers what our pages may do, on every answer.
func (a *Adapter) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// personas lets anybody on this machine be one of those people, each beneath an
// address of their own, so that two windows can be two people. The name asked for
// must be this machine's own: a foreign one that leads here is a trick.
func (a *Adapter) personas(next http.Handler) http.Handler {
	if len(a.cfg.Personas) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, Prefix+"/as/")
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, a.words(r, nil).Say("This works on the machine itself only."), http.StatusForbidden)
			return
		}
		slug, path, _ := strings.Cut(rest, "/")
		if to := a.elsewhere(slug); to != "" && path == "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		r = r.Clone(context.WithValue(r.Context(), personaKey{}, slug))
		r.URL.Path = Prefix + "/" + path
		next.ServeHTTP(w, r)
	})
}

func (a *Adapter) elsewhere(slug string) string {
	for _, p := range a.cfg.Personas {
		if p.Slug == slug && p.Elsewhere != nil {
			return p.Elsewhere()
		}
	}
	return ""
}

// signed lets nobody pass who is not signed in.
func (a *Adapter) signed(do act) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := a.signedIn(r)
		in := a.words(r, v)
		switch {
		case err != nil:
			a.fail(w, r, in, err)
			return
		case v == nil && r.Method == http.MethodGet && r.Header.Get("Hx-Request") == "":
			a.page(w, r, in, http.StatusUnauthorized, "door", a.lockedDoor(in))
			return
		case v == nil:
			http.Error(w, in.Say("You are signed out. Open your sign-in link, or ask for a new one."), http.StatusUnauthorized)
			return
		}
		v.in = in
		a.reads.Add(v.ID, in.Language())
		if wait := a.paces.take(v, r.Method, a.now()); wait > 0 {
			tooFast(w, in, wait)
			return
		}
		if err := do(w, r, v); err != nil {
			a.fail(w, r, in, err)
		}
	}
}

// fail tells a person what went wrong. The cause is the operators' business.
func (a *Adapter) fail(w http.ResponseWriter, r *http.Request, in words.Words, err error) {
	status, text := http.StatusServiceUnavailable, unavailable(in)
	refused := (*chat.RefusedPage)(nil)
	switch s, ok := errors.AsType[*spoken](err); {
	case ok:
		status, text = s.status, s.in(in)
	case errors.Is(err, storage.ErrNotFound) || chat.ReasonOf(err) == chat.NotFound:
		// Whether it is not there or not for the asker is the same answer.
		status, text = http.StatusNotFound, in.Say("This is not here, or not for you.")
	case errors.Is(err, storage.ErrClosed):
		status, text = http.StatusConflict, in.Say("This channel is closed. Nothing can be written in it any more.")
	case errors.Is(err, chat.ErrNoSuch):
		status, text = http.StatusNotFound, in.Say("This is not here, or not for you.")
	case errors.Is(err, chat.ErrForbidden):
		status, text = http.StatusForbidden, in.Say("This page is not for you. Ask the desk if you need it.")
	case errors.As(err, &refused):
		status, text = http.StatusUnprocessableEntity, refused.Words
	default:
		a.log.WarnContext(r.Context(), "web: a request failed", "method", r.Method, "err", err)
	}
	if r.Method == http.MethodGet && r.Header.Get("Hx-Request") == "" && strings.Contains(r.Header.Get("Accept"), "text/html") {
		a.page(w, r, in, status, "lost", lostPage{frame: a.frame(nil, in.Say("Not here")), Words: text})
		return
	}
	http.Error(w, text, status)
}

// unavailable is said when the bot could not keep what somebody did.
func unavailable(in words.Words) string {
	return in.Say("This did not work, and nothing was changed. Please try again in a moment.")
}

// errUnavailable is unavailable as an error.
func errUnavailable() error {
	return refuse(http.StatusServiceUnavailable, "This did not work, and nothing was changed. Please try again in a moment.")
}

// readable finds a message that a person may read; storage.ErrNotFound when there is
// none.
func (a *Adapter) readable(ctx context.Context, v *visit, id string) (storage.TalkMessage, error) {
	m, err := a.cfg.Talk.TalkMessage(ctx, a.cfg.Desk, id)
	if err != nil {
		return m, err
	}
	if m.To != "" {
		if m.To != v.ID {
			return m, storage.ErrNotFound
		}
		return m, nil
	}
	return m, a.enter(ctx, v, m.Room)
}

// writable fails as enter does, and with storage.ErrClosed where nothing is written any
// more.
func (a *Adapter) writable(ctx context.Context, v *visit, channel string) error {
	if err := a.enter(ctx, v, channel); err != nil {
		return err
	}
	r, err := a.cfg.Talk.Room(ctx, a.cfg.Desk, channel)
	if err == nil && r.Archived {
		err = storage.ErrClosed
	}
	return err
}

// enter fails with storage.ErrNotFound for who is not in a channel.
func (a *Adapter) enter(ctx context.Context, v *visit, channel string) error {
	if v.home != nil {
		return storage.ErrNotFound
	}
	in, err := a.isIn(ctx, channel, v.ID)
	if err == nil && !in {
		err = storage.ErrNotFound
	}
	return err
}
