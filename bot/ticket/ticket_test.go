package ticket_test

import (
	"errors"
	"testing"
	"time"

	"taskbridge/bot/ticket"

	"pgregory.net/rapid"
)

func TestRoundTripAndTamper(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	s := ticket.NewSigner([]byte("secret"))
	rapid.Check(t, func(rt *rapid.T) {
		want := ticket.Ticket{
			Desk: rapid.String().Draw(rt, "desk"), Verb: rapid.String().Draw(rt, "verb"),
			Issue: rapid.StringMatching(`[a-z0-9]*`).Draw(rt, "issue"), Revision: rapid.IntRange(0, 99).Draw(rt, "revision"),
			Arg: rapid.StringMatching(`[ -~]*`).Draw(rt, "arg"), Expires: now.Unix() + 1,
		}
		text := s.Sign(want)
		got, err := s.Open(text, now)
		if err != nil {
			rt.Fatalf("open: %v", err)
		}
		if got.Issue != want.Issue || got.Revision != want.Revision || got.Arg != want.Arg {
			rt.Fatalf("got %+v, want %+v", got, want)
		}
		// Any changed byte but the unused low bits of the last base64 digit.
		i := rapid.IntRange(0, len(text)-2).Draw(rt, "at")
		b := []byte(text)
		b[i] ^= byte(rapid.IntRange(1, 255).Draw(rt, "flip"))
		if _, err := s.Open(string(b), now); !errors.Is(err, ticket.ErrForged) {
			rt.Fatalf("a changed ticket gave %v", err)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	s, other := ticket.NewSigner([]byte("secret")), ticket.NewSigner([]byte("Secret"))
	good := ticket.Ticket{Verb: "accept", Expires: now.Unix()}
	for name, c := range map[string]struct {
		text string
		at   time.Time
		want error
	}{
		"good at the last second": {s.Sign(good), now, nil},
		"a second late":           {s.Sign(good), now.Add(time.Second), ticket.ErrExpired},
		"another key":             {other.Sign(good), now, ticket.ErrForged},
		"empty":                   {"", now, ticket.ErrForged},
		"no signature":            {"e30", now, ticket.ErrForged},
		"empty signature":         {"e30.", now, ticket.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := s.Open(c.text, c.at); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}
