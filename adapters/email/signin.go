package email

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"taskbridge/bot/chat"
)

// SignIn writes a letter with a link by which somebody signs in. The link works once, for
// so long, and stands in the letter alone.
func (a *Adapter) SignIn(ctx context.Context, to, link string, life time.Duration) error {
	to, err := normalise(to)
	if err != nil {
		return &chat.SendError{Reason: chat.NoMailbox, Err: err}
	}
	text := chat.T(fmt.Sprintf("Somebody, probably you, asked for a link to sign in to the workspace of %s. It works once, within %d minutes, and asks you to press a button.", a.called(), int(life.Minutes())))
	note := chat.T("If it was not you, do nothing: without the link nobody can sign in. Do not pass it on, for whoever has it is you.")
	return a.send(ctx, letter{
		To: to, ID: a.letterID(rand.Text()), Subject: "Sign in to " + a.called(),
		Card: &cardView{
			Title: "Sign in to " + a.called(), Text: pieces(text, a.cfg.Zone), plain: plain(text, a.cfg.Zone),
			Notes: [][]piece{pieces(note, a.cfg.Zone)}, plainNotes: []string{plain(note, a.cfg.Zone)},
			Links: []linkView{{Label: "Sign in", URL: link, Primary: true}},
		},
		Footer: "Sent to " + to + " by " + a.called() + ".",
	})
}
