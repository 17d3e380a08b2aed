package ticket

import (
	"crypto/hmac"
	"encoding/base32"
	"strings"
)

// markSize is the length of a mark in bytes: 80 bits.
const markSize = 10

// Mark signs a text for a purpose, for links that people keep. It is made of lower-case
// letters and digits.
func (s *Signer) Mark(purpose, text string) string {
	sum := s.mac("mark " + purpose + "\x00" + text)[:markSize]
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum))
}

// Marked tells whether a mark is that of a text for a purpose.
func (s *Signer) Marked(purpose, text, mark string) bool {
	return hmac.Equal([]byte(mark), []byte(s.Mark(purpose, text)))
}
