package ticket

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Ticket says what a button or form does, to what, and who may hand it in.
type Ticket struct {
	Desk string `json:"d"`
	Verb string `json:"v"`
	// Issue and Assignment are ids; Revision is what the person saw.
	Issue      string `json:"i,omitempty"`
	Assignment string `json:"a,omitempty"`
	Revision   int    `json:"r,omitempty"`
	// Card is the card that bears the button: a click from anywhere else is not
	// good. User binds a form or a private message's button to one person.
	Card string `json:"c,omitempty"`
	User string `json:"u,omitempty"`
	// Channel binds a button that no card bears to the channel it stands in, as
	// "workspace/channel": whoever may do what it says can do it there.
	Channel string `json:"h,omitempty"`
	// Nonce lets a form be handed in once.
	Nonce string `json:"n,omitempty"`
	// Arg is whatever else the verb needs.
	Arg string `json:"x,omitempty"`
	// Expires is in Unix seconds.
	Expires int64 `json:"e"`
}

// Errors of Open.
var (
	// ErrForged is returned for anything that this key did not sign.
	ErrForged = errors.New("not signed by us")
	// ErrExpired is returned, with the ticket, when its time is over.
	ErrExpired = errors.New("expired")
)

// macSize is the length of the truncated HMAC in bytes: 128 bits.
const macSize = 16

// Signer signs and reads tickets. It is safe for concurrent use.
type Signer struct{ key []byte }

// NewSigner derives the signing key from the configured secret, so that the same
// secret used elsewhere gives nothing away about tickets.
func NewSigner(secret []byte) *Signer {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("taskbridge ticket v1"))
	return &Signer{key: mac.Sum(nil)}
}

// Fingerprint tells one key from another and gives neither away.
func (s *Signer) Fingerprint() string {
	return base64.RawURLEncoding.EncodeToString(s.mac("fingerprint"))
}

// Sign makes the ticket's text form, made of letters, digits, '-', '_' and '.'.
func (s *Signer) Sign(t Ticket) string {
	// A struct of strings and integers always marshals.
	body, _ := json.Marshal(t)
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(s.mac(text))
}

// Open reads a ticket back. now decides whether it has expired.
func (s *Signer) Open(text string, now time.Time) (Ticket, error) {
	body, sum, ok := strings.Cut(text, ".")
	if !ok {
		return Ticket{}, ErrForged
	}
	given, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(given, s.mac(body)) {
		return Ticket{}, ErrForged
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return Ticket{}, ErrForged
	}
	var t Ticket
	if err := json.Unmarshal(raw, &t); err != nil {
		return Ticket{}, ErrForged
	}
	if now.Unix() > t.Expires {
		return t, ErrExpired
	}
	return t, nil
}

func (s *Signer) mac(text string) []byte {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte(text))
	return m.Sum(nil)[:macSize]
}
