package email

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"taskbridge/adapters/plainpage"
	"taskbridge/bot/chat"
)

// bundleFor is how long what is said about a job is gathered into one letter.
const bundleFor = time.Minute

// Config says how to send and who we are.
type Config struct {
	// SMTPURL names the server that takes our mail: smtps://USER:PASSWORD@HOST:465
	// for TLS from the start, smtp://…:587 for STARTTLS, which is insisted on unless
	// ?tls=none is added.
	SMTPURL string
	// From is who letters are from, such as "Acme desk <tasks@example.com>".
	From string
	// PublicURL is the base address at which people reach us.
	PublicURL string
	// SecretKey signs links.
	SecretKey []byte
	// Linguist tells in which language who has an address reads; nil means English.
	Linguist chat.Linguist
	// Shelf keeps the contents of files; nil means that none are taken. MaxFile is the most
	// in bytes that is taken at once on a page, 25 MiB when zero.
	Shelf   Shelf
	MaxFile int64
	// BundleFor is how long what is said about a job is gathered, a minute when zero.
	BundleFor time.Duration
	// Inbox says how replies to letters are taken; nil means that none are.
	Inbox *InboxConfig
	// TLS is how connections to the server are made, nil for the usual way.
	TLS *tls.Config
	// Logger is where we write; nil means nowhere.
	Logger *slog.Logger
	// Meter is told of letters sent; nil means nobody.
	Meter chat.Meter
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Zone is the zone in which moments are written; nil means time.Local.
	Zone *time.Location
}

// Shelf keeps the contents of files by digest.
type Shelf interface {
	// Put keeps content of at most limit bytes; ErrTooLarge beyond that.
	Put(ctx context.Context, r io.Reader, limit int64) (digest string, size int64, err error)
	// Open reads content; ErrNotKept when there is none with this digest.
	Open(ctx context.Context, digest string) (io.ReadSeekCloser, error)
}

// What a Shelf returns for content beyond the limit, and for what it has not.
var (
	ErrTooLarge = errors.New("too large")
	ErrNotKept  = errors.New("not kept")
)

// Adapter is e-mail as a chat platform.
type Adapter struct {
	cfg     Config
	relay   relay
	from    mail.Address
	domain  string
	key     []byte
	handler chat.Handler
	cards   chat.CardReader
	log     *slog.Logger
	now     func() time.Time
	pages   *plainpage.Pages
	// sending bounds how many connections to the server are open at once.
	sending chan struct{}
	names   *names
	// inbox takes replies, nil where none are taken.
	inbox *inbox
}

var (
	_ chat.Platform = (*Adapter)(nil)
	_ chat.Bundler  = (*Adapter)(nil)
	_ chat.Postal   = (*Adapter)(nil)
)

// New makes an adapter. It calls nobody.
func New(cfg Config, h chat.Handler, cards chat.CardReader) (*Adapter, error) {
	var faults []error
	relay, err := parseRelay(cfg.SMTPURL)
	if err != nil {
		faults = append(faults, err)
	}
	from, err := ParseFrom(cfg.From)
	if err != nil {
		faults = append(faults, err)
	}
	var in *inbox
	if cfg.Inbox != nil {
		_, domain, _ := strings.Cut(from.Address, "@")
		if in, err = newInbox(*cfg.Inbox, domain); err != nil {
			faults = append(faults, err)
		}
	}
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	if u, err := url.Parse(cfg.PublicURL); err != nil || u.Host == "" {
		faults = append(faults, errors.New("email: links need a public URL"))
	}
	if len(cfg.SecretKey) < 16 || h == nil || cards == nil {
		faults = append(faults, errors.New("email: a secret key, a handler and a reader of cards are needed"))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Meter == nil {
		cfg.Meter = chat.NoMeter{}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Zone == nil {
		cfg.Zone = time.Local
	}
	if cfg.BundleFor <= 0 {
		cfg.BundleFor = bundleFor
	}
	mac := hmac.New(sha256.New, cfg.SecretKey)
	mac.Write([]byte("taskbridge email v1"))
	_, domain, _ := strings.Cut(from.Address, "@")
	a := &Adapter{
		cfg: cfg, relay: relay, from: from, domain: domain, key: mac.Sum(nil), handler: h, cards: cards,
		log: cfg.Logger.With("platform", "email"), now: cfg.Now, sending: make(chan struct{}, maxSending),
		inbox: in,
	}
	if a.names, err = newNames(); err != nil {
		return nil, err
	}
	if a.pages, err = parsePages(); err != nil {
		return nil, err
	}
	return a, nil
}

// relay is the server that takes our mail.
type relay struct {
	host           string
	port           int
	user, password string
	implicit       bool // TLS from the start.
	plain          bool // No TLS at all.
}

// CheckSMTPURL tells what is wrong with the address of a mail server. The error names
// no part of it, which may be a password.
func CheckSMTPURL(raw string) error {
	_, err := parseRelay(raw)
	return err
}

func parseRelay(raw string) (relay, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return relay{}, errors.New("email: the mail server is named as smtp://USER:PASSWORD@HOST:587, or smtps://…:465 for TLS from the start")
	}
	r := relay{host: u.Hostname(), implicit: u.Scheme == "smtps", port: 587}
	if r.implicit {
		r.port = 465
	}
	if p := u.Port(); p != "" {
		if r.port, err = strconv.Atoi(p); err != nil || r.port < 1 || r.port > 65535 {
			return relay{}, errors.New("email: the mail server's port is a number from 1 to 65535")
		}
	}
	r.user = u.User.Username()
	r.password, _ = u.User.Password()
	for name, values := range u.Query() {
		if name != "tls" || len(values) != 1 || values[0] != "none" || r.implicit {
			return relay{}, errors.New("email: after the mail server's address only ?tls=none may stand, with smtp://")
		}
		r.plain = true
	}
	if r.plain && r.user != "" {
		return relay{}, errors.New("email: a password is not sent without TLS; leave out ?tls=none, or the user and the password")
	}
	return r, nil
}

// ParseFrom reads who letters are from.
func ParseFrom(raw string) (mail.Address, error) {
	a, err := mail.ParseAddress(raw)
	if err != nil {
		return mail.Address{}, errors.New(`email: who letters are from is an address, such as tasks@example.com or "Acme desk <tasks@example.com>"`)
	}
	if a.Address, err = normalise(a.Address); err != nil {
		return mail.Address{}, fmt.Errorf("email: who letters are from: %w", err)
	}
	return *a, nil
}
