package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Patience bounds every wait for a letter.
const Patience = time.Minute

// Options say what the server asks of its clients.
type Options struct {
	// STARTTLS offers it, TLS speaks it from the start.
	STARTTLS, TLS bool
	// User and Password must be given when User is not empty.
	User, Password string
	// MaxBytes bounds a letter.
	MaxBytes int64
}

// Stage is when a letter is refused.
type Stage string

// The stages.
const (
	AtRecipient Stage = "recipient"
	AtEnd       Stage = "end"
	// After takes the letter and breaks the connection before the answer.
	After Stage = "after"
)

// Server is a running mail server.
type Server struct {
	// Address is where it listens, Roots the certificates it is checked against.
	Address string
	Roots   *x509.CertPool

	options Options
	mu      sync.Mutex
	changed chan struct{}
	mails   []Mail
	refuse  func(stage Stage, to string) error
}

// Start starts a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{options: o, changed: make(chan struct{})}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }))
	srv.Domain = "mx.test"
	srv.AllowInsecureAuth = false
	srv.MaxMessageBytes = o.MaxBytes
	srv.ErrorLog = silent{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = l.Addr().String()
	if o.TLS || o.STARTTLS {
		cert, roots := certificate(t)
		s.Roots = roots
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		if o.TLS {
			l = tls.NewListener(l, srv.TLSConfig)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// It returns when it is closed.
		_ = srv.Serve(l)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		// One that was closed before it served does not close its listener.
		_ = l.Close()
		<-done
	})
	return s
}

// Refuse lets a function refuse letters: an *smtp.SMTPError is answered as it is.
func (s *Server) Refuse(f func(stage Stage, to string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = f
}

// Status is an answer of the server's, such as 550 and 5.1.1.
func Status(code int, a, b, c int, message string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: message}
}

// silent is told of the clients' mistakes and keeps them to itself.
type silent struct{}

// Printf implements smtp.Logger.
func (silent) Printf(string, ...any) {}

// Println implements smtp.Logger.
func (silent) Println(...any) {}

func (s *Server) refuses(stage Stage, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == nil {
		return nil
	}
	return s.refuse(stage, to)
}

// Mails are the letters that were taken, in order.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Wait returns the first letter that matches.
func (s *Server) Wait(t testing.TB, what string, match func(Mail) bool) Mail {
	t.Helper()
	deadline := time.After(Patience)
	for {
		s.mu.Lock()
		changed, mails := s.changed, slices.Clone(s.mails)
		s.mu.Unlock()
		if i := slices.IndexFunc(mails, match); i >= 0 {
			return mails[i]
		}
		select {
		case <-changed:
		case <-deadline:
			for _, m := range mails {
				t.Logf("to %s: %s\n%s", m.To, m.Subject, m.Text)
			}
			t.Fatalf("no letter came: %s", what)
		}
	}
}

func (s *Server) take(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	close(s.changed)
	s.changed = make(chan struct{})
}

// session is one connection.
type session struct {
	s      *Server
	c      *smtp.Conn
	signed bool
	from   string
	to     []string
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.s.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.s.options.User || password != s.s.options.Password {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.s.options.User != "" && !s.signed {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.s.refuses(AtRecipient, to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		if err := s.s.refuses(AtEnd, to); err != nil {
			return err
		}
	}
	for _, to := range s.to {
		m, err := Read(raw)
		if err != nil {
			return err
		}
		m.From, m.To = s.from, to
		s.s.take(m)
		if err := s.s.refuses(After, to); err != nil {
			// What happens to a connection that ends is the point.
			_ = s.c.Conn().Close()
			return errors.New("the connection is closed")
		}
	}
	return nil
}

// certificate makes a certificate for 127.0.0.1 and localhost.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, roots
}
