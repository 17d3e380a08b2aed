package email

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskbridge/bot/chat"

	gomail "github.com/wneessen/go-mail"
)

// TestUnfinishedLetters: one whose files took too long is tried without them; any other is
// tried again as it is.
func TestUnfinishedLetters(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reason      gomail.SendErrReason
		files, late bool
		want        chat.Reason
		ambiguous   bool
	}{
		"files that took too long":      {gomail.ErrWriteContent, true, true, chat.TooLarge, true},
		"files, and no answer in time":  {gomail.ErrSMTPDataClose, true, true, chat.TooLarge, true},
		"files, and a broken line":      {gomail.ErrWriteContent, true, false, chat.Unavailable, true},
		"words that took too long":      {gomail.ErrSMTPDataClose, false, true, chat.Unavailable, true},
		"a recipient that took as long": {gomail.ErrSMTPRcptTo, true, true, chat.Unavailable, false},
	} {
		err := letterError(&gomail.SendError{Reason: tt.reason}, tt.files, tt.late)
		se, ok := errors.AsType[*chat.SendError](err)
		if !ok || se.Reason != tt.want || se.Ambiguous != tt.ambiguous || !se.Retry {
			t.Errorf("%s: %+v", name, err)
		}
	}
}

// TestTimeForALetter: it is as long as its caller allows, so that no other attempt begins
// while it goes on.
func TestTimeForALetter(t *testing.T) {
	t.Parallel()
	if got := timeFor(t.Context()); got != letterFor {
		t.Errorf("without a bound it has %s", got)
	}
	for allowed, most := range map[time.Duration]time.Duration{time.Hour: letterFor, time.Minute: time.Minute - answering, 0: 0} {
		ctx, cancel := context.WithTimeout(t.Context(), allowed)
		if got := timeFor(ctx); got > most || got < most-30*time.Second {
			t.Errorf("with %s it has %s", allowed, got)
		}
		cancel()
	}
}
