package email

import (
	"errors"
	"net/mail"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/net/idna"

	"taskbridge/bot/chat"
)

// The greatest lengths of a mailbox in octets (RFC 5321, 4.5.3.1).
const (
	maxLocal   = 64
	maxAddress = 254
)

var errAddress = errors.New("it is no e-mail address")

// normalise gives the one form in which an address is known here: without a name, its
// domain in ASCII, all in lower case. That two mailboxes of one server differ in case
// alone is allowed (RFC 5321, 2.4) and not found.
func normalise(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	if len(raw) > 2*maxAddress {
		return "", errAddress
	}
	a, err := mail.ParseAddress(raw)
	if err != nil {
		return "", errAddress
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	if domain, err = idna.Lookup.ToASCII(domain); err != nil || !strings.Contains(domain, ".") && domain != "localhost" {
		return "", errAddress
	}
	// Quoted local parts exist in standards and in attacks.
	if local == "" || len(local) > maxLocal || strings.ContainsFunc(local, unusual) {
		return "", errAddress
	}
	address := strings.ToLower(local + "@" + domain)
	if len(address) > maxAddress {
		return "", errAddress
	}
	return address, nil
}

// unusual tells whether a character needs quotes in an address, or is not ASCII.
func unusual(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r)
}

// Address implements chat.Postal. It takes an address also as Slack writes it.
func (a *Adapter) Address(typed string) (chat.ChannelInfo, bool) {
	typed, _, _ = strings.Cut(strings.Trim(strings.TrimSpace(typed), "<>"), "|")
	address, err := normalise(strings.TrimPrefix(typed, "mailto:"))
	if err != nil || address == a.from.Address {
		return chat.ChannelInfo{}, false
	}
	return channelOf(address), true
}

func channelOf(address string) chat.ChannelInfo {
	return chat.ChannelInfo{ID: address, Name: address, URL: "mailto:" + address, Private: true}
}

// names remembers what people call themselves in their mail.
type names struct{ by *lru.Cache[string, string] }

// maxNames is how many people's names are remembered.
const maxNames = 4096

func newNames() (*names, error) {
	by, err := lru.New[string, string](maxNames)
	return &names{by}, err
}

// of is what somebody is called, the address itself when nothing else is known.
func (n *names) of(address string) string {
	if name, ok := n.by.Get(address); ok {
		return name
	}
	return address
}
