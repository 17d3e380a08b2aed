package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	signatureVersion = "v0"
	signaturePrefix  = signatureVersion + "="
	// signatureWindow is how far a request's time may be from ours, in seconds
	// either way (docs.slack.dev/authentication/verifying-requests-from-slack).
	signatureWindow = 300
)

// errSignature is the only answer to a bad signature: which part was wrong is
// nobody's business.
var errSignature = errors.New("slack: the request is not signed by Slack")

// verifier checks that a request was signed with the secret.
type verifier struct {
	enabled bool
	now     func() time.Time
	macs    sync.Pool
}

func newVerifier(secret string, now func() time.Time) *verifier {
	key := []byte(secret)
	v := &verifier{enabled: secret != "", now: now}
	v.macs.New = func() any { return hmac.New(sha256.New, key) }
	return v
}

// verify checks timestamp, version and signature of the raw body. It returns the
// time at which Slack sent the request.
func (v *verifier) verify(timestamp, signature string, body []byte) (time.Time, error) {
	// An empty key would verify whatever anybody signs with an empty key.
	if !v.enabled {
		return time.Time{}, errSignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return time.Time{}, errSignature
	}
	now := v.now().Unix()
	if seconds < now-signatureWindow || seconds > now+signatureWindow {
		return time.Time{}, errSignature
	}
	given, ok := strings.CutPrefix(signature, signaturePrefix)
	if !ok || len(given) != hex.EncodedLen(sha256.Size) {
		return time.Time{}, errSignature
	}
	var want, got [sha256.Size]byte
	if _, err := hex.Decode(want[:], []byte(given)); err != nil {
		return time.Time{}, errSignature
	}
	mac, ok := v.macs.Get().(hash.Hash)
	if !ok {
		return time.Time{}, errSignature
	}
	defer v.macs.Put(mac)
	mac.Reset()
	// A hash never returns an error.
	_, _ = mac.Write([]byte(signatureVersion + ":" + timestamp + ":"))
	_, _ = mac.Write(body)
	if !hmac.Equal(mac.Sum(got[:0]), want[:]) {
		return time.Time{}, errSignature
	}
	return time.Unix(seconds, 0), nil
}
