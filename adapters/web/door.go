package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"taskbridge/adapters/visitor"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

const (
	cookieName  = "taskbridge"
	sessionLife = 14 * 24 * time.Hour
	linkLife    = 15 * time.Minute
	// linksPerHour bounds how many links one person is given.
	linksPerHour = 5
)

// visit is somebody who is signed in, on their way through one request.
type visit struct {
	storage.Talker
	// base is what addresses begin with.
	base string
	// own is what our own addresses begin with elsewhere: they are shown beneath base.
	own     string
	session string
	persona string
	// home is who they are on the platform they came in from, nil for people of this one,
	// and open are the pages that are theirs then.
	home *chat.Viewer
	open chat.Doors
	// in is the language in which they read.
	in words.Words
}

// person is who acts or looks, with the language in which they read.
func (v *visit) person() chat.Person {
	p := person(v.Talker)
	p.Locale = v.in.Language()
	return p
}

// secretShape is the form of what newSecret makes; nothing else is looked for.
var secretShape = regexp.MustCompile(`^[A-Z2-7]{52}$`)

// newSecret makes what a link or a session is known by: 260 random bits.
func newSecret() string { return rand.Text() + rand.Text() }

// digest is what is kept of a secret that somebody holds.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// ErrTooMany is returned when a person was given too many links lately.
var ErrTooMany = errors.New("too many sign-in links")

// IssueLink makes a link with which a person signs in: once, and soon. The person is
// named by id, e-mail address or alias; an unknown one is a *chat.SendError with
// NotFound.
func (a *Adapter) IssueLink(ctx context.Context, name string) (string, error) {
	who, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, name)
	if err == nil && (who.Kind == string(chat.Bot) || who.Kind == "") {
		err = storage.ErrNotFound
	}
	if err != nil {
		return "", a.failed(err, chat.NotFound)
	}
	return a.issue(ctx, who.ID, "")
}

// issue makes a link for a person who is known, and who acts for a firm in a place.
func (a *Adapter) issue(ctx context.Context, who, place string) (string, error) {
	secret, now := newSecret(), a.now()
	pass := storage.TalkPass{ID: digest(secret), Person: who, Place: place, CreatedAt: now, ExpiresAt: now.Add(linkLife)}
	err := a.cfg.Talk.PutTalkLink(ctx, a.cfg.Desk, pass, now.Add(-time.Hour), linksPerHour)
	if errors.Is(err, storage.ErrStale) {
		return "", ErrTooMany
	}
	if err != nil {
		return "", a.failed(err, chat.NotFound)
	}
	return a.address("/sign-in/" + secret), nil
}

// signedIn finds out who a request is from; nil for nobody.
func (a *Adapter) signedIn(r *http.Request) (*visit, error) {
	if slug, ok := r.Context().Value(personaKey{}).(string); ok {
		for _, p := range a.cfg.Personas {
			if p.Slug == slug {
				who, err := a.cfg.Talk.Talker(r.Context(), a.cfg.Desk, p.Person)
				return &visit{Talker: who, base: Prefix + "/as/" + slug, own: a.address("/"), persona: slug}, err
			}
		}
		return nil, nil
	}
	c, err := r.Cookie(cookieName)
	if err != nil || !secretShape.MatchString(c.Value) {
		return nil, nil
	}
	id := digest(c.Value)
	s, err := a.cfg.Talk.TalkSession(r.Context(), a.cfg.Desk, id, a.now())
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	who, err := a.cfg.Talk.Talker(r.Context(), a.cfg.Desk, s.Person)
	if errors.Is(err, storage.ErrNotFound) || err == nil && who.Kind == "" {
		// Who was retired just when they signed in has a session.
		return nil, nil
	}
	v := &visit{Talker: who, base: Prefix, own: a.address("/"), session: id}
	if err == nil && who.Alias != "" {
		return a.fromHome(r.Context(), v, s.Place)
	}
	return v, err
}

// serveDoor says who one will be and asks for the press of a button. To open a link must do
// nothing: programs that look mail through open it, too. Who was sent somebody else's link
// reads whose it is.
func (a *Adapter) serveDoor(w http.ResponseWriter, r *http.Request) {
	in, given := a.words(r, nil), mux.Vars(r)["secret"]
	var who storage.Talker
	err := storage.ErrNotFound
	if secretShape.MatchString(given) {
		var pass storage.TalkPass
		if pass, err = a.cfg.Talk.TalkLink(r.Context(), a.cfg.Desk, digest(given), a.now()); err == nil {
			who, err = a.cfg.Talk.Talker(r.Context(), a.cfg.Desk, pass.Person)
		}
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		a.page(w, r, in, http.StatusGone, "door", a.spentDoor(in))
	case err != nil:
		a.fail(w, r, in, err)
	default:
		a.page(w, r, in, http.StatusOK, "door", doorPage{frame: a.frame(nil, in.Say("Sign in")), Secret: given, Name: who.Name, Job: jobAsked(r)})
	}
}

// spentDoor is shown for a link that lets nobody in.
func (a *Adapter) spentDoor(in words.Words) doorPage {
	return doorPage{frame: a.frame(nil, in.Say("Sign in")), Spent: true, ByMail: a.cfg.Postman != nil, FromChat: a.cfg.FromChat, Command: a.cfg.Command}
}

// serveSignIn uses a link up and begins a session.
func (a *Adapter) serveSignIn(w http.ResponseWriter, r *http.Request) {
	ctx, given, in := r.Context(), mux.Vars(r)["secret"], a.words(r, nil)
	if wait := a.paces.knock(visitor.Place(r), a.now()); wait > 0 {
		tooFast(w, in, wait)
		return
	}
	var pass storage.TalkPass
	err := storage.ErrNotFound
	if secretShape.MatchString(given) {
		pass, err = a.cfg.Talk.TakeTalkLink(ctx, a.cfg.Desk, digest(given), a.now())
	}
	if errors.Is(err, storage.ErrNotFound) {
		a.page(w, r, in, http.StatusGone, "door", a.spentDoor(in))
		return
	}
	secret, now := newSecret(), a.now()
	if err == nil {
		// Whoever was signed in here before is so no longer.
		if old, cookieErr := r.Cookie(cookieName); cookieErr == nil && old.Value != "" {
			err = a.cfg.Talk.EndTalkSessions(ctx, a.cfg.Desk, digest(old.Value), "", now)
		}
	}
	if err == nil {
		err = a.cfg.Talk.PutTalkSession(ctx, a.cfg.Desk, storage.TalkPass{
			ID: digest(secret), Person: pass.Person, Place: pass.Place, CreatedAt: now, ExpiresAt: now.Add(sessionLife),
		})
	}
	if err != nil {
		a.fail(w, r, in, err)
		return
	}
	a.setCookie(w, secret, int(sessionLife/time.Second))
	to := Prefix + "/"
	if n := jobAsked(r); n > 0 {
		to += "jobs/" + strconv.Itoa(n)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// jobAsked is the job whose page a link leads to, zero for none.
func jobAsked(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("job"))
	if err != nil || n < 0 || n > math.MaxInt32 {
		return 0
	}
	return n
}

func (a *Adapter) setCookie(w http.ResponseWriter, value string, age int) {
	//nolint:gosec // Secure wherever the address is; a workspace on this machine has none.
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: Prefix + "/", MaxAge: age, HttpOnly: true,
		Secure: strings.HasPrefix(a.cfg.PublicURL, "https://"), SameSite: http.SameSiteLaxMode,
	})
}

// serveSignOut ends the session.
func (a *Adapter) serveSignOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := a.cfg.Talk.EndTalkSessions(r.Context(), a.cfg.Desk, v.session, "", a.now()); err != nil {
		return err
	}
	a.setCookie(w, "", -1)
	http.Redirect(w, r, Prefix+"/", http.StatusSeeOther)
	return nil
}
