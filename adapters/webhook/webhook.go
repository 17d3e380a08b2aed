package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"taskbridge/bot/chat"
)

const (
	// timeout bounds one call, from the look-up of the name to the last byte read. It is
	// within what the dispatcher gives an attempt.
	timeout = 12 * time.Second
	// dialTimeout bounds the connection alone.
	dialTimeout = 5 * time.Second
	// answerMost is how much of an answer is read, in bytes. Nothing is done with it but
	// that its connection can be used again.
	answerMost = 4 << 10
	// errorMost bounds what is passed on of an error, in bytes.
	errorMost = 200
	// longestWait bounds what an endpoint may ask us to wait.
	longestWait = 24 * time.Hour
)

// Endpoint is where documents are posted.
type Endpoint struct {
	Name, URL string
	// Secrets sign each document, in the form of the specification ("whsec_" and
	// base64). Several are for the time in which one takes another's place.
	Secrets []string
	// Private is true when the endpoint may have a private or loopback address.
	Private bool
}

// Caller calls endpoints. It is safe for concurrent use.
type Caller struct {
	endpoints map[string]endpoint
	order     []string
	now       func() time.Time
}

type endpoint struct {
	Endpoint

	signers []*standardwebhooks.Webhook
	client  *http.Client
}

// New makes a caller. It calls nobody.
func New(list []Endpoint, now func() time.Time) (*Caller, error) {
	c := &Caller{endpoints: make(map[string]endpoint, len(list)), now: now}
	public, private := newClient(false), newClient(true)
	for _, e := range list {
		one := endpoint{Endpoint: e, client: public}
		if e.Private {
			one.client = private
		}
		for _, s := range e.Secrets {
			signer, err := standardwebhooks.NewWebhook(s)
			if err != nil {
				// The library's error may hold a part of the secret.
				return nil, fmt.Errorf("webhook %s: the secret is not base64", e.Name)
			}
			one.signers = append(one.signers, signer)
		}
		c.endpoints[e.Name] = one
		c.order = append(c.order, e.Name)
	}
	return c, nil
}

// newClient makes a client that calls no address it must not, whatever a name leads to:
// what is looked at is the address that is about to be connected to.
func newClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: guard(private).Safe}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			// A proxy would connect where this guard does not look.
			Proxy:                 nil,
			DialContext:           dialer.DialContext,
			ForceAttemptHTTP2:     true,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: timeout,
			IdleConnTimeout:       time.Minute,
			MaxIdleConnsPerHost:   1,
			// Bounds what a hostile endpoint can make us hold.
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true,
		},
		// Where an endpoint sends us on to, nobody has allowed.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guard refuses addresses that are not of the public internet. One that may be private
// still is no link-local one, where clouds keep their machines' secrets.
func guard(private bool) *ssrf.Guardian {
	options := []ssrf.Option{ssrf.WithAnyPort()}
	if private {
		options = append(options,
			ssrf.WithAllowedV4Prefixes(prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8")...),
			ssrf.WithAllowedV6Prefixes(prefixes("fc00::/7", "::1/128")...))
	}
	return ssrf.New(options...)
}

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(list))
	for _, p := range list {
		if prefix, err := netip.ParsePrefix(p); err == nil {
			out = append(out, prefix)
		}
	}
	return out
}

// Call implements chat.WebhookCaller.
func (c *Caller) Call(ctx context.Context, call chat.WebhookCall) error {
	e, ok := c.endpoints[call.Endpoint]
	if !ok {
		return &chat.SendError{Reason: chat.Invalid, Err: errors.New("no such webhook")}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(call.Body))
	if err != nil {
		return &chat.SendError{Reason: chat.Invalid, Err: errors.New("the address of the webhook cannot be used")}
	}
	now := c.now()
	signatures := make([]string, 0, len(e.signers))
	for _, s := range e.signers {
		signature, err := s.Sign(call.ID, now, call.Body)
		if err != nil {
			return &chat.SendError{Reason: chat.Invalid, Err: errors.New("the document cannot be signed")}
		}
		signatures = append(signatures, signature)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "taskbridge")
	r.Header.Set(standardwebhooks.HeaderWebhookID, call.ID)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	answer, err := e.client.Do(r)
	if err != nil {
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: without(err)}
	}
	defer answer.Body.Close()
	// What it says in words is nobody's business here; a body that breaks off changes
	// nothing about the answer.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, answerMost))
	return read(answer, now)
}

// read tells what an answer means. Everything but 2xx is a failure that may pass, but
// for 410, by which an endpoint says that it wants nothing any more.
func read(answer *http.Response, now time.Time) error {
	said := fmt.Errorf("it answers %d", answer.StatusCode)
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return nil
	case answer.StatusCode == http.StatusGone:
		return &chat.SendError{Reason: chat.EndpointGone, Err: said}
	case answer.StatusCode == http.StatusTooManyRequests:
		return &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: retryAfter(answer, now), Err: said}
	default:
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: retryAfter(answer, now), Err: said}
	}
}

// retryAfter reads the header, in seconds or as a date; zero when there is none.
func retryAfter(answer *http.Response, now time.Time) time.Duration {
	value := answer.Header.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestWait)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), longestWait)
}

// without takes the address out of an error of the client's: the path and the query of
// a webhook often are what keeps others out.
func without(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP):
		return errors.New("its address is private or reserved, which the configuration does not allow")
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("it does not answer in time")
	}
	// What cannot be read as HTTP is quoted in the error, whatever it is.
	said := err.Error()
	return errors.New(said[:min(len(said), errorMost)])
}

// Finding is how an endpoint looks from here.
type Finding struct {
	Name string
	// Problem is empty when it can be connected to.
	Problem string
}

// Check connects to each endpoint and sends nothing.
func (c *Caller) Check(ctx context.Context) []Finding {
	out := make([]Finding, 0, len(c.order))
	for _, name := range c.order {
		f := Finding{Name: name}
		if err := c.connect(ctx, c.endpoints[name]); err != nil {
			f.Problem = without(err).Error()
		}
		out = append(out, f)
	}
	return out
}

// connect opens a connection to an endpoint by its own guard and closes it again.
func (c *Caller) connect(ctx context.Context, e endpoint) error {
	u, err := url.Parse(e.URL)
	if err != nil {
		return errors.New("its address cannot be read")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := &net.Dialer{Control: guard(e.Private).Safe}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	return conn.Close()
}
