package email

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

const (
	// linkLife is how long a link in a letter works; each letter has a new one.
	linkLife = 180 * 24 * time.Hour
	// idSize is the length of a thread's id and of a reply address's signature in
	// bytes: 80 bits, in letters that survive a change of case.
	idSize = 10
	// macSize is the length of a link's signature in bytes.
	macSize = 16
	// week is what the end of a link's life is counted in.
	week = 7 * 24 * time.Hour
)

func lowerBase32(b []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func (a *Adapter) mac(parts ...string) []byte {
	m := hmac.New(sha256.New, a.key)
	m.Write([]byte(strings.Join(parts, "\x00")))
	return m.Sum(nil)
}

// letterID is what a letter is known by: always the same for one delivery, so that a
// repeat has the same Message-ID.
func (a *Adapter) letterID(delivery string) string {
	return lowerBase32(a.mac("letter", delivery)[:idSize])
}

// expiry counts weeks, so that the letters of one week have the same links.
func (a *Adapter) expiry(life time.Duration) string {
	return strconv.FormatInt(a.now().Add(life+week).Unix()/int64(week/time.Second), 36)
}

func (a *Adapter) expired(code string) bool {
	weeks, err := strconv.ParseInt(code, 36, 32)
	return err != nil || a.now().After(time.Unix(weeks*int64(week/time.Second), 0))
}

// place is a job as one address knows it.
type place struct{ address, thread string }

// pageToken stands for the right to see a job and act for the firm.
func (a *Adapter) pageToken(p place) string {
	exp := a.expiry(linkLife)
	return strings.Join([]string{
		base64.RawURLEncoding.EncodeToString([]byte(p.address)), p.thread, exp,
		base64.RawURLEncoding.EncodeToString(a.mac("page", p.address, p.thread, exp)[:macSize]),
	}, ".")
}

// openPage reads a token; genuine is false for what we did not sign, fresh for what is
// too old.
func (a *Adapter) openPage(token string) (p place, genuine, fresh bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 4 {
		return place{}, false, false
	}
	address, err := base64.RawURLEncoding.DecodeString(parts[0])
	sum, macErr := base64.RawURLEncoding.DecodeString(parts[3])
	p = place{string(address), parts[1]}
	if err != nil || macErr != nil || !hmac.Equal(sum, a.mac("page", p.address, p.thread, parts[2])[:macSize]) {
		return place{}, false, false
	}
	return p, true, !a.expired(parts[2])
}

func (a *Adapter) pageURL(p place) string { return a.cfg.PublicURL + JobPath + a.pageToken(p) }

// replyPrefix begins the local part of addresses that answers go to.
const replyPrefix = "reply+"

// boxSize is the length of what tells an address of ours from a made-up one, in bytes.
const boxSize = 5

// replyLocal is the local part of the address that answers about a job go to. It names
// the thread, and holds two signatures: one by which any address of ours is known, and
// one that only somebody's own address fits.
func (a *Adapter) replyLocal(p place) string {
	return replyPrefix + strings.Join([]string{p.thread, lowerBase32(a.mac("box", p.thread)[:boxSize]), lowerBase32(a.mac("reply", p.address, p.thread)[:idSize])}, ".")
}

// replyBox reads the local part of an address that answers go to; ok is false for what
// we did not make. The person who may write there is told by mine.
func (a *Adapter) replyBox(local string) (box replyBox, ok bool) {
	// Some mail programs change the case of what they keep.
	rest, found := strings.CutPrefix(strings.ToLower(local), replyPrefix)
	parts := strings.Split(rest, ".")
	if !found || len(parts) != 3 || parts[0] == "" {
		return replyBox{}, false
	}
	want := lowerBase32(a.mac("box", parts[0])[:boxSize])
	return replyBox{thread: parts[0], sum: parts[2]}, hmac.Equal([]byte(parts[1]), []byte(want))
}

// replyBox is an address that answers about a job go to.
type replyBox struct{ thread, sum string }

// mine tells whether somebody's address is the one that this box was made for.
func (a *Adapter) mine(b replyBox, address string) bool {
	return hmac.Equal([]byte(b.sum), []byte(lowerBase32(a.mac("reply", address, b.thread)[:idSize])))
}
