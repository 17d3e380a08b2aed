package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// newID makes an id that nobody can guess.
func newID() string { return strings.ToLower(rand.Text()) }

var idShape = regexp.MustCompile(`^[a-z0-9]{1,64}$`)

// isID tells whether s has the form of an id.
func isID(s string) bool { return idShape.MatchString(s) }

func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

// nameOf makes a name of an e-mail address: "cora.lee@acme.example" is Cora Lee.
func nameOf(address string) string {
	local, _, _ := strings.Cut(address, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		r := []rune(w)
		r[0] = unicode.ToUpper(r[0])
		words[i] = string(r)
	}
	if len(words) == 0 {
		return address
	}
	return strings.Join(words, " ")
}

// AddPerson makes an account; ID and CreatedAt are given to it. A *chat.SendError with
// NameTaken tells that somebody has the e-mail address.
func (a *Adapter) AddPerson(ctx context.Context, p storage.Talker) (storage.Talker, error) {
	p.ID, p.CreatedAt, p.Email = newID(), a.now(), strings.ToLower(strings.TrimSpace(p.Email))
	p.Name = chat.Shorten(strings.Join(strings.Fields(p.Name), " "), 80)
	if err := a.cfg.Talk.PutTalker(ctx, a.cfg.Desk, p); err != nil {
		return p, a.failed(err, chat.NotFound)
	}
	return p, nil
}

// What keeps somebody from being retired.
var (
	// ErrElsewhere is returned for who comes in from another platform, whose people are
	// that platform's.
	ErrElsewhere = errors.New("of another platform")
	// ErrLastAdmin is returned for the last administrator.
	ErrLastAdmin = errors.New("the last administrator")
)

// RetirePerson takes somebody, named by id or e-mail address, out of the workspace at once.
// What they said stays, with their name. An unknown one is a *chat.SendError with NotFound.
func (a *Adapter) RetirePerson(ctx context.Context, name string) (storage.Talker, error) {
	who, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, name)
	if err == nil && who.Kind == string(chat.Bot) {
		err = storage.ErrNotFound
	}
	switch {
	case err != nil:
		return who, a.failed(err, chat.NotFound)
	case who.Alias != "":
		return who, ErrElsewhere
	}
	now := a.now()
	left := func(room string) event { return event{Kind: "left", Person: who.ID, Channel: room, At: now} }
	rooms, err := a.cfg.Talk.RetireTalker(ctx, a.cfg.Desk, who.ID, func(room string) storage.Tale { return a.tale(left(room)) })
	switch {
	case errors.Is(err, storage.ErrStale):
		return who, ErrLastAdmin
	case err != nil:
		return who, a.failed(err, chat.NotFound)
	}
	for _, room := range rooms {
		a.tellBot(ctx, left(room))
	}
	a.hub.nudge()
	return who, nil
}

func person(p storage.Talker) chat.Person {
	return chat.Person{ID: p.ID, Name: p.Name, Email: p.Email, Kind: chat.PersonKind(p.Kind), Admin: p.Admin}
}

// Person looks one up by id.
func (a *Adapter) Person(ctx context.Context, id string) (chat.Person, error) {
	p, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, id)
	if err == nil && p.ID != id {
		err = storage.ErrNotFound
	}
	if err != nil {
		return chat.Person{}, a.failed(err, chat.NotFound)
	}
	who := person(p)
	who.Locale, _ = a.reads.Peek(id)
	return who, nil
}
