package email

import (
	"context"
	"crypto/rand"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

// SignIn writes a letter with a link by which somebody signs in, in a language, or in the
// desk's where there are no texts in it. The link works once, for so long, and stands in
// the letter alone.
func (a *Adapter) SignIn(ctx context.Context, to, language, link string, life time.Duration) error {
	to, err := normalise(to)
	if err != nil {
		return &chat.SendError{Reason: chat.NoMailbox, Err: err}
	}
	h := a.to(ctx, to)
	if language != "" {
		h = a.inLanguage(language)
	}
	desk := words.With{"Desk": a.called()}
	text := h.Text("Somebody, probably you, asked for a link to sign in to the workspace of {{.Desk}}. It works once, within {{.Minutes}} minutes, and asks you to press a button.",
		desk, words.With{"Minutes": int(life.Minutes())})
	note := h.Text("If it was not you, do nothing: without the link nobody can sign in. Do not pass it on, for whoever has it is you.")
	title := h.Say("Sign in to {{.Desk}}", desk)
	return a.send(ctx, letter{
		hand: h, To: to, ID: a.letterID(rand.Text()), Subject: title,
		Card: &cardView{
			Title: title, Text: h.pieces(text), plain: h.plain(text),
			Notes: [][]piece{h.pieces(note)}, plainNotes: []string{h.plain(note)},
			Links: []linkView{{Label: h.Say("Sign in"), URL: link, Primary: true}},
		},
		Footer: a.sentTo(h, to),
	})
}
