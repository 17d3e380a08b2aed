package email

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"
)

const (
	// defaultLetter is the greatest letter in bytes where nothing else is said.
	defaultLetter = 25 << 20
	// maxTaking is how many letters are held in memory at once.
	maxTaking = 16
	// maxOpen is how many connections there are at once, and maxPerPeer how many of one
	// peer where everybody may come.
	maxOpen, maxPerPeer = 256, 16
	// maxRecipients is how many of our addresses one letter may go to by LMTP.
	maxRecipients = 10
	// idleFor is how long a server that hands us a letter may be silent, and checkFor
	// how long its letter is looked at: RFC 5321, 4.5.3.2 has it wait ten minutes.
	idleFor, checkFor = time.Minute, 45 * time.Second
	// takeFor is how long a letter may be on its way to us, however busily it comes.
	takeFor = 10 * time.Minute
	// stopFor is how long a letter that is on its way is waited for at the end.
	stopFor = 5 * time.Second
)

// InboxConfig says how replies to letters come in.
type InboxConfig struct {
	// Listen is where: lmtp://127.0.0.1:2424 or lmtp:///run/taskbridge/lmtp.sock behind
	// a mail server of one's own, smtp://0.0.0.0:25 as the server that the domain's MX
	// record names.
	Listen string
	// Domain is what reply addresses end in, that of the sender's address when empty.
	Domain string
	// MaxBytes is the greatest letter, 25 MiB when zero.
	MaxBytes int64
	// Allow are the networks that may hand letters over. When empty they are this
	// machine for LMTP, and everybody for SMTP.
	Allow []netip.Prefix
	// Certificate is offered for STARTTLS; nil means that none is.
	Certificate func() (*tls.Certificate, error)
	// Proof is what is asked of a letter that says who it is from.
	Proof Proof
	// Resolver looks up what domains say of their mail; nil asks the system's servers.
	Resolver Resolver
}

// ParseListen tells what is wrong with where replies are to come in.
func ParseListen(raw string) error {
	_, err := parseListen(raw)
	return err
}

type listenAt struct {
	network, address string
	lmtp             bool
}

func parseListen(raw string) (listenAt, error) {
	bad := errors.New("email: replies come in at lmtp://HOST:PORT, lmtp:///PATH of a socket, or smtp://HOST:PORT")
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "lmtp" && u.Scheme != "smtp" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return listenAt{}, bad
	}
	at := listenAt{network: "tcp", address: u.Host, lmtp: u.Scheme == "lmtp"}
	if u.Host == "" && at.lmtp && len(u.Path) > 1 {
		at.network, at.address = "unix", u.Path
		return at, nil
	}
	if _, port, err := net.SplitHostPort(u.Host); err != nil || port == "" || u.Path != "" && u.Path != "/" {
		return listenAt{}, bad
	}
	return at, nil
}

// inbox is where replies come in.
type inbox struct {
	cfg    InboxConfig
	at     listenAt
	domain string
	// open tells that letters are taken.
	open atomic.Bool
	// bound is where, once it is known.
	bound atomic.Pointer[string]
	// slots are the places of letters in memory.
	slots chan struct{}
}

func newInbox(c InboxConfig, domain string) (*inbox, error) {
	at, err := parseListen(c.Listen)
	if err != nil {
		return nil, err
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultLetter
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.Proof, err = ParseProof(string(cmp.Or(c.Proof, ProofByPolicy))); err != nil {
		return nil, err
	}
	if len(c.Allow) == 0 && at.lmtp {
		c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	b := &inbox{cfg: c, at: at, domain: domain, slots: make(chan struct{}, maxTaking)}
	if c.Domain != "" {
		whole, err := normalise("reply@" + c.Domain)
		if err != nil {
			return nil, errors.New("email: the domain of reply addresses is no domain")
		}
		_, b.domain, _ = strings.Cut(whole, "@")
	}
	return b, nil
}

var errNotListening = errors.New("replies are not taken yet")

// InboxAddress is where replies come in, empty while they do not.
func (a *Adapter) InboxAddress() string {
	if a.inbox == nil {
		return ""
	}
	if s := a.inbox.bound.Load(); s != nil {
		return *s
	}
	return ""
}

// listen takes letters until ctx ends.
func (a *Adapter) listen(ctx context.Context) error {
	b := a.inbox
	l, err := b.listener(ctx)
	if err != nil {
		return err
	}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		// A letter that is on its way at the end is taken to its end.
		return a.admit(context.WithoutCancel(ctx), c)
	}))
	srv.Domain, srv.LMTP = b.domain, b.at.lmtp
	srv.MaxMessageBytes, srv.MaxRecipients = b.cfg.MaxBytes, maxRecipients
	if !srv.LMTP {
		// SMTP has one answer for all addresses of a letter, which cannot say that it is
		// entered for one and refused for another. Servers bring it once for each then.
		srv.MaxRecipients = 1
	}
	srv.ReadTimeout, srv.WriteTimeout = idleFor, idleFor
	srv.ErrorLog = silent{a.log}
	if b.cfg.Certificate != nil {
		srv.TLSConfig = &tls.Config{
			MinVersion: tls.VersionTLS12,
			// It is read anew each time, for certificates are renewed under us.
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return b.cfg.Certificate() },
		}
	}
	bound := l.Addr().String()
	b.bound.Store(&bound)
	b.open.Store(true)
	defer b.open.Store(false)
	a.log.InfoContext(ctx, "email: replies come in", "at", bound, "lmtp", b.at.lmtp, "domain", b.domain)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("take letters: %w", err)
	case <-ctx.Done():
	}
	// What is being handed over is finished; whoever is cut off hands it over again.
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
	defer cancel()
	if srv.Shutdown(stopping) != nil {
		// Servers keep connections open for the next letter; those end with the process.
		a.log.DebugContext(ctx, "email: connections to the inbox were open at the end")
	}
	if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("take letters: %w", err)
	}
	return nil
}

func (b *inbox) listener(ctx context.Context) (net.Listener, error) {
	if b.at.network == "unix" {
		// A socket that an earlier process left is in the way. Anything else is not ours.
		if info, err := os.Lstat(b.at.address); err == nil && info.Mode().Type() == os.ModeSocket {
			_ = os.Remove(b.at.address)
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, b.at.network, b.at.address)
	if err != nil {
		return nil, fmt.Errorf("listen for replies: %w", err)
	}
	if !b.at.lmtp {
		l = &fair{Listener: l, open: map[netip.Addr]int{}}
	}
	return netutil.LimitListener(l, maxOpen), nil
}

// allowed tells whether somebody at an address may hand letters over. Who reaches a
// socket was let to it by the file system.
func (b *inbox) allowed(peer net.Addr) bool {
	tcp, ok := peer.(*net.TCPAddr)
	if !ok || len(b.cfg.Allow) == 0 {
		return true
	}
	ip, ok := netip.AddrFromSlice(tcp.IP)
	return ok && slices.ContainsFunc(b.cfg.Allow, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

// silent keeps what go-smtp says of clients to the details of the log. It may quote
// what they sent.
type silent struct{ log *slog.Logger }

// Printf implements smtp.Logger.
func (s silent) Printf(string, ...any) {
	s.log.Debug("email: a connection to the inbox ended in disorder")
}

// Println implements smtp.Logger.
func (s silent) Println(...any) { s.log.Debug("email: a connection to the inbox ended in disorder") }

// ReplyDomain is what reply addresses end in, empty where no replies are taken.
func (a *Adapter) ReplyDomain() string {
	if a.inbox == nil {
		return ""
	}
	return a.inbox.domain
}
