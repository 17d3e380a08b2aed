package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"taskbridge/adapters/visitor"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

// Postman brings somebody a link with which they sign in, by e-mail, in a language. The
// link works for so long.
type Postman func(ctx context.Context, address, language, link string, life time.Duration) error

// ask is an address that somebody typed, and the language in which they did.
type ask struct{ address, language string }

const (
	// maxAsks is how many wait to be answered.
	maxAsks = 64
	// letterTries is how often a letter is tried that the mail server does not take.
	letterTries = 3
	letterPause = 2 * time.Second
	letterFor   = 30 * time.Second
)

// serveAskDoor shows where one types one's address.
func (a *Adapter) serveAskDoor(w http.ResponseWriter, r *http.Request) {
	in := a.words(r, nil)
	a.page(w, r, in, http.StatusOK, "door", a.lockedDoor(in))
}

func (a *Adapter) lockedDoor(in words.Words) doorPage {
	return doorPage{frame: a.frame(nil, in.Say("Sign in")), Locked: true, ByMail: a.cfg.Postman != nil, FromChat: a.cfg.FromChat, Command: a.cfg.Command}
}

// serveAsk takes an address. The answer is the same whoever it belongs to, and is given
// before anybody looks: neither words nor time tell who is known here.
func (a *Adapter) serveAsk(w http.ResponseWriter, r *http.Request) {
	in := a.words(r, nil)
	if a.cfg.Postman == nil {
		a.fail(w, r, in, storage.ErrNotFound)
		return
	}
	if wait := a.paces.ask(visitor.Place(r), a.now()); wait > 0 {
		tooFast(w, in, wait)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	address := strings.ToLower(strings.TrimSpace(r.PostFormValue("email")))
	if !isAddress(address) {
		p := a.lockedDoor(in)
		p.Fault, p.Email = in.Say("This is not an e-mail address. Check how it is written."), chat.Shorten(address, 254)
		a.page(w, r, in, http.StatusUnprocessableEntity, "door", p)
		return
	}
	select {
	case a.asks <- ask{address, in.Language()}:
	default:
		a.fail(w, r, in, errBusy)
		return
	}
	p := a.lockedDoor(in)
	p.Locked, p.Sent = false, true
	a.page(w, r, in, http.StatusOK, "door", p)
}

var errBusy = errors.New("too many wait for a letter")

// answerAsks writes letters to those who may have one, until ctx ends.
func (a *Adapter) answerAsks(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case asked := <-a.asks:
			a.writeLink(ctx, asked)
		}
	}
}

func (a *Adapter) writeLink(ctx context.Context, asked ask) {
	who, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, asked.address)
	if err == nil && !strings.EqualFold(who.Email, asked.address) {
		// Somebody's id or alias is no address.
		err = storage.ErrNotFound
	}
	if errors.Is(err, storage.ErrNotFound) {
		a.log.InfoContext(ctx, "web: nobody with the address that was typed may sign in")
		return
	}
	var link string
	if err == nil {
		link, err = a.IssueLink(ctx, who.ID)
	}
	if err != nil {
		// Also when the person was given several lately: those still work.
		a.log.WarnContext(ctx, "web: a sign-in link was not made", "person", who.ID, "err", err)
		return
	}
	pause := time.NewTimer(0)
	defer pause.Stop()
	for try := 1; try <= letterTries; try++ {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		sending, cancel := context.WithTimeout(ctx, letterFor)
		err = a.cfg.Postman(sending, who.Email, asked.language, link, linkLife)
		cancel()
		if err == nil {
			a.log.InfoContext(ctx, "web: a sign-in link was mailed", "person", who.ID)
			return
		}
		pause.Reset(time.Duration(try) * letterPause)
	}
	a.log.WarnContext(ctx, "web: a sign-in link was not mailed", "person", who.ID, "err", err)
}
