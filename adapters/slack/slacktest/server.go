package slacktest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// TB is the part of testing.TB that is needed, so that the package can be used
// without it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Cleanup(func())
}

// Options shape the workspace. The zero value is a paid workspace with every
// scope the application asks for and Slack's own limits.
type Options struct {
	Team   string   // workspace name; default "Acme"
	Bot    string   // the bot's user name; default "taskbridge"
	Scopes []string // the bot's granted scopes; nil means DefaultScopes()

	// AppScopes are those of the app-level token; nil means connections:write
	// and authorizations:read.
	AppScopes []string

	// AckTimeout replaces Slack's three seconds, shorter in tests that wait it out and
	// longer where it is not what a test is about; see SetAckTimeout. A trigger lives as
	// long, and three seconds at least.
	AckTimeout time.Duration

	// Retries are the delays before each event retry, counted from the attempt
	// before; nil means at once, 1 minute, 5 minutes. DelayedEvents adds
	// 24 hourly ones.
	Retries       []time.Duration
	DelayedEvents bool

	// NoRateLimits turns the tiers off; injected faults still apply.
	NoRateLimits bool
	// PostBurst is how many messages one channel takes at once before one
	// message per second is enforced; default 3. Slack publishes no number.
	PostBurst int
	// Distributed applies the limits of a commercially distributed app outside
	// the Marketplace: history and replies once a minute, 15 messages.
	Distributed bool

	// EscapeCommands turns @name and #name in slash commands into references.
	EscapeCommands bool
	// NoConnect makes conversations.inviteShared answer as a workspace without
	// Slack Connect.
	NoConnect bool
	// NoExternalViews makes views.open refuse the trigger of a person from
	// another organisation; whether Slack does is not documented.
	NoExternalViews bool

	// FileLimit is the greatest file taken, in bytes; default 1 GiB.
	FileLimit int
	// BlockedTypes are file name extensions, without a dot, that are refused in
	// channels shared with another company.
	BlockedTypes []string
	// OrgWide is true for an app that is installed for a whole organisation.
	OrgWide bool
	// BareUploads leaves out of the answer to a completed upload which messages show
	// it, as it is while Slack still looks into the file.
	BareUploads bool
	// PageSize is the most that one page of a list holds, however many were asked for:
	// Slack may give fewer although there are more
	// (docs.slack.dev/apis/web-api/pagination).
	PageSize int
	// ShareAfter is how long after an upload was completed the message with it is
	// there. Slack looks into files before it shows them (slackapi/bolt-js#2115).
	ShareAfter time.Duration
	// NoDeleteNamed makes chat.delete refuse messages under another name, as its page
	// on docs.slack.dev says of impersonation; whether that is so of a bot's own is not
	// known.
	NoDeleteNamed bool
	// LimitedInvites lets nobody invite people who may do more than write
	// (docs.slack.dev/reference/methods/conversations.inviteShared).
	LimitedInvites bool

	// InFlight is how long after a 429 a call may arrive that left before its caller could
	// read it: it is refused like any other, and no violation. The default is none.
	InFlight time.Duration
	// WaitTimeout bounds every Wait method; default 10 seconds.
	WaitTimeout time.Duration
	// PingInterval is that of Socket Mode connections; default 5 seconds.
	PingInterval time.Duration
	// Listen is the address to serve on; default 127.0.0.1:0.
	Listen string
}

// Server is the workspace and its API. All methods are safe for concurrent use.
type Server struct {
	opts    Options
	ack     atomic.Int64 // how long an acknowledgement may take now
	tb      TB
	clock   *clock
	base    string
	httpd   *http.Server
	client  *http.Client
	ctx     context.Context //nolint:containedctx // it is the server's own life.
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
	methods map[string]method

	teamID, appID, botUser, botID       string
	botToken, appToken, secret, verifTk string

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced at every change of state
	serial     int
	lastTS     int64
	violations []Violation
	allowed    map[Rule]bool
	calls      []Call

	workspace
	delivery
	interactions
	limits
	socketMode
}

// New starts a server that ends with the test and fails it for every violation
// that was not allowed. It returns nil, having failed the test, when it cannot
// listen. With a nil TB it is Start without its error, and the caller closes it.
func New(t TB, o Options) *Server {
	if t == nil {
		s, _ := Start(o) // Callers who want the reason use Start.
		return s
	}
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Errorf("slacktest: %v", err)
		return nil
	}
	s.tb = t
	t.Cleanup(func() {
		t.Helper()
		s.Close()
		for _, v := range s.Unallowed() {
			t.Errorf("%s", v)
		}
	})
	return s
}

// Start starts a server outside of a test. Call Close when done and look at
// Unallowed.
func Start(o Options) (*Server, error) {
	o = withDefaults(o)
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		opts:     o,
		clock:    &clock{},
		base:     "http://" + ln.Addr().String(),
		ctx:      ctx,
		cancel:   cancel,
		changed:  make(chan struct{}),
		allowed:  map[Rule]bool{},
		botToken: "xoxb-fake-" + randomHex(12),
		appToken: "xapp-1-fake-" + randomHex(12),
		secret:   randomHex(16),
		verifTk:  randomHex(12),
	}
	s.client = &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: limitRedirects,
	}
	s.SetAckTimeout(o.AckTimeout)
	s.workspace = newWorkspace()
	s.delivery = newDelivery()
	s.interactions = newInteractions()
	s.limits = newLimits()
	s.socketMode = newSocketMode()
	s.methods = s.methodTable()
	s.seed()

	s.httpd = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	s.tasks.Go(func() {
		if err := s.httpd.Serve(ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.violatef(RuleUndefined, "server", "the fake server stopped: %v", err)
		}
	})
	return s, nil
}

func withDefaults(o Options) Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.AckTimeout, 3*time.Second)
	def(&o.WaitTimeout, 10*time.Second)
	def(&o.PingInterval, 5*time.Second)
	if o.Team == "" {
		o.Team = "Acme"
	}
	if o.Bot == "" {
		o.Bot = "taskbridge"
	}
	if o.Scopes == nil {
		o.Scopes = DefaultScopes()
	}
	if o.AppScopes == nil {
		o.AppScopes = []string{"connections:write", "authorizations:read"}
	}
	if o.Retries == nil {
		o.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if o.DelayedEvents {
		for range 24 {
			o.Retries = append(o.Retries, time.Hour)
		}
	}
	if o.PostBurst == 0 {
		o.PostBurst = 3
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	return o
}

// Close ends all connections and deliveries and waits for them.
func (s *Server) Close() {
	s.cancel()
	s.clock.Close()
	s.closeSockets()
	_ = s.httpd.Close()
	s.tasks.Wait()
	s.client.CloseIdleConnections()
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("/response/{id}", s.serveResponseURL)
	mux.HandleFunc("/upload/{id}", s.serveUpload)
	mux.HandleFunc("GET /files-pri/{id}/{name}", s.serveDownload)
	mux.HandleFunc("GET /signin", s.serveSignIn)
	mux.HandleFunc("GET /socket/{ticket}", s.serveSocket)
	return mux
}

// SetAckTimeout changes how long Slack waits for an acknowledgement from now on.
func (s *Server) SetAckTimeout(d time.Duration) { s.ack.Store(int64(d)) }

func (s *Server) ackTimeout() time.Duration { return time.Duration(s.ack.Load()) }

// URL is the base of the Web API, with its final slash: what the application is
// given instead of https://slack.com/api/.
func (s *Server) URL() string { return s.base + "/api/" }

// BotToken is the installation's xoxb token.
func (s *Server) BotToken() string { return s.botToken }

// AppToken is the app-level xapp token.
func (s *Server) AppToken() string { return s.appToken }

// SigningSecret signs HTTP deliveries.
func (s *Server) SigningSecret() string { return s.secret }

// TeamID is the id of the workspace (T…).
func (s *Server) TeamID() string { return s.teamID }

// AppID is the application's id (A…).
func (s *Server) AppID() string { return s.appID }

// BotUserID is the bot's user id (U…).
func (s *Server) BotUserID() string { return s.botUser }

// BotID is the bot's own id (B…), as messages carry it in bot_id.
func (s *Server) BotID() string { return s.botID }

// Advance moves Slack's scheduling clock: retries that became due are sent, and
// triggers, response URLs, invitations and rate-limit windows age. Signatures
// and message timestamps stay on the wall clock.
func (s *Server) Advance(d time.Duration) {
	s.clock.Advance(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touch()
}

// touch wakes everyone who waits for a change. The lock is held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait blocks until ok, called with the lock held, says so or the time is up.
func (s *Server) wait(ok func() bool) bool {
	deadline := time.NewTimer(s.opts.WaitTimeout)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		if ok() {
			s.mu.Unlock()
			return true
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-deadline.C:
			return false
		case <-s.ctx.Done():
			return false
		}
	}
}

// nextID makes an id in the form Slack uses: a letter and upper-case base 36.
// The lock is held.
func (s *Server) nextID(prefix string) string {
	s.serial++
	return prefix + "0" + base36(s.serial)
}

func base36(n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	out := ""
	for n > 0 {
		out = string(digits[n%36]) + out
		n /= 36
	}
	return fmt.Sprintf("%09s", out)
}

// nextTS makes a message timestamp, unique and rising. The lock is held.
func (s *Server) nextTS() string {
	s.lastTS = max(time.Now().UnixMicro(), s.lastTS+1)
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // It never fails, by its documentation.
	return hex.EncodeToString(b)
}
