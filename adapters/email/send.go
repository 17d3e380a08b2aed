package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"taskbridge/bot/chat"

	gomail "github.com/wneessen/go-mail"
)

const (
	// maxSending is how many connections to the server are open at once.
	maxSending = 4
	// letterFor bounds one letter, where the caller allows as much. Servers look at a letter
	// before they answer to its end, and whoever does not wait for that sends it twice
	// (RFC 5321, 4.5.3.2.6); a large one takes its time over a slow line, too.
	letterFor = 160 * time.Second
	// signInFor bounds a look whether the server takes our name and password.
	signInFor = 12 * time.Second
	// answering is the part of a letter's time in which its bot has to be told.
	answering = time.Second
)

// client makes a connection's settings; it is not connected. What is read or written has
// to be done within so long.
func (a *Adapter) client(within time.Duration) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(a.relay.port), gomail.WithTimeout(within), gomail.WithHELO(a.domain),
		gomail.WithTLSConfig(a.tls()),
	}
	switch {
	case a.relay.implicit:
		options = append(options, gomail.WithSSL())
	case a.relay.plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if a.relay.user != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(a.relay.user), gomail.WithPassword(a.relay.password))
	}
	c, err := gomail.NewClient(a.relay.host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare a connection: %w", err)
	}
	return c, nil
}

func (a *Adapter) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.cfg.TLS != nil {
		c = a.cfg.TLS.Clone()
	}
	c.ServerName = a.relay.host
	return c
}

// send hands a letter to the server.
func (a *Adapter) send(ctx context.Context, l letter) error {
	m, err := a.message(ctx, l)
	if err != nil {
		if _, ok := errors.AsType[*chat.SendError](err); ok {
			return err
		}
		return &chat.SendError{Reason: chat.Invalid, Err: err}
	}
	// Half of the time at least is the letter's own: one that is cut off in the middle of it
	// may have been taken, and be sent once more.
	wait, cancel := context.WithTimeout(ctx, timeFor(ctx)/2)
	defer cancel()
	select {
	case a.sending <- struct{}{}:
		defer func() { <-a.sending }()
	case <-wait.Done():
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: errors.New("other letters are being handed over")}
	}
	began := time.Now()
	err = a.transmit(ctx, m, len(l.files) > 0)
	a.cfg.Meter.Called(ctx, chat.Call{Platform: "email", Method: "send", Err: err, Took: time.Since(began)})
	return err
}

// timeFor is how long a letter may take.
func timeFor(ctx context.Context) time.Duration {
	until, bounded := ctx.Deadline()
	if !bounded {
		return letterFor
	}
	return max(0, min(letterFor, time.Until(until)-answering))
}

// transmit hands a letter over. A quarter of the time is for reaching the server and
// signing in, the rest for the letter.
func (a *Adapter) transmit(ctx context.Context, m *gomail.Msg, files bool) error {
	reach := timeFor(ctx) / 4
	c, err := a.client(3 * reach)
	if err != nil {
		return &chat.SendError{Reason: chat.Invalid, Err: err}
	}
	reaching, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	if err := c.DialWithContext(reaching); err != nil {
		return dialError(err)
	}
	// The letter is taken or not by now; a farewell changes nothing.
	defer func() { _ = c.Close() }()
	if reaching.Err() != nil {
		// Signing in is not cut off by that, and would leave the letter too little.
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: errors.New("connect to the mail server: it is slow")}
	}
	began := time.Now()
	if err := c.Send(m); err != nil && !m.IsDelivered() {
		return letterError(err, files, time.Since(began) >= 3*reach)
	}
	return nil
}

// Check signs in to the mail server and sends nothing.
func (a *Adapter) Check(ctx context.Context) error {
	c, err := a.client(signInFor)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, signInFor)
	defer cancel()
	if err := c.DialWithContext(ctx); err != nil {
		return dialError(err)
	}
	if err := c.Close(); err != nil {
		return fmt.Errorf("end the connection to the mail server: %s", stripped(err))
	}
	return nil
}

// dialError tells why no letter could be handed over at all. Nothing of it is the
// letter's fault. What the server says is not repeated: it may quote what we said.
func dialError(err error) error {
	if code := replyCode(err); code == 535 || code == 534 || code == 530 {
		return &chat.SendError{Reason: chat.Unauthorised, Err: fmt.Errorf("sign in to the mail server: it answers %d", code)}
	} else if code != 0 {
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("connect to the mail server: it answers %d", code)}
	}
	return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("connect to the mail server: %s", stripped(err))}
}

// letterError tells what became of a letter that was handed over. One with files that the
// server finds too large, or for which there was not enough time, is to be tried without.
func letterError(err error, files, late bool) error {
	var se *gomail.SendError
	if !errors.As(err, &se) {
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true, Err: errors.New("hand a letter over: the connection broke")}
	}
	code, enhanced := se.ErrorCode(), se.EnhancedStatusCode()
	cause := fmt.Errorf("hand a letter over: %s: the server answers %d %s", se.Reason, code, enhanced)
	switch {
	case code >= 400 && code < 500:
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: cause}
	case code == 0:
		// Without an answer to the letter's end nobody knows what became of it.
		end := se.Reason == gomail.ErrSMTPDataClose || se.Reason == gomail.ErrWriteContent
		reason := chat.Unavailable
		if end && files && late {
			reason = chat.TooLarge
		}
		return &chat.SendError{Reason: reason, Retry: true, Ambiguous: end, Err: fmt.Errorf("hand a letter over: %s: no answer", se.Reason)}
	case code == 530 || code == 535:
		return &chat.SendError{Reason: chat.Unauthorised, Err: cause}
	case enhanced == "5.2.2":
		// The mailbox is full, which may pass.
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Hour, Err: cause}
	case code == 552 || enhanced == "5.3.4" || enhanced == "5.2.3":
		if files {
			return &chat.SendError{Reason: chat.TooLarge, Retry: true, Err: cause}
		}
		return &chat.SendError{Reason: chat.Invalid, Err: cause}
	case strings.HasPrefix(enhanced, "5.7."):
		return &chat.SendError{Reason: chat.Refused, Err: cause}
	case se.Reason == gomail.ErrSMTPRcptTo:
		return &chat.SendError{Reason: chat.NoMailbox, Err: cause}
	default:
		return &chat.SendError{Reason: chat.Refused, Err: cause}
	}
}

// replyCode is the code of a server's answer in an error, zero when there is none.
func replyCode(err error) int {
	if p, ok := errors.AsType[*textproto.Error](err); ok {
		return p.Code
	}
	return 0
}

// stripped is an error of the network without what a server may have said.
func stripped(err error) string {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return chat.Shorten(oneLine(err.Error()), 200)
}
