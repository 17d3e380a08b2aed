package web

import (
	"context"
	"crypto/rand"
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
