package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"

	"golang.org/x/time/rate"
)

const (
	defaultAPIURL  = "https://slack.com/api/"
	defaultCommand = "/task"
	// callTimeout bounds one Web API call; slack-go itself sets no limit.
	callTimeout = 15 * time.Second
	// keptConnections is how many idle connections to Slack are kept: a commit that many
	// share lets as many answers go at once.
	keptConnections = 64
	// handleTimeout bounds the handler. It is longer than Slack's three seconds
	// on purpose: a commit that is merely slow is kept, and the redelivery that
	// follows is recognised by its key.
	handleTimeout = 10 * time.Second
	// drainTimeout bounds the wait for work that outlives an acknowledgement.
	drainTimeout = 10 * time.Second
	// maxTasks bounds such work.
	maxTasks = 128
)

// Config is what the adapter needs to know of one Slack installation.
type Config struct {
	// BotToken is the installation's xoxb token.
	BotToken string
	// SigningSecret verifies HTTP requests. When it is empty no request passes.
	SigningSecret string
	// AppToken is the app-level xapp token; when set, Run uses Socket Mode.
	AppToken string
	// APIURL is the base of the Web API, https://slack.com/api/ when empty. Its
	// host is trusted for response URLs as well.
	APIURL string
	// Command is the slash command's name, /task when empty.
	Command string
	// Distributed is true for an app that is distributed to other companies and not
	// reviewed by Slack, which may read history once a minute, 15 messages each.
	Distributed bool
	// HTTPClient makes all calls; a client with time-outs when nil.
	HTTPClient *http.Client
	// Logger takes what operators should know; it discards when nil.
	Logger *slog.Logger
	// Meter is told of calls and of waits; nobody when nil.
	Meter chat.Meter
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Limiter shares Slack's allowances out among all who use them; this process
	// has them for itself when nil.
	Limiter chat.Limiter
	// Leases shares the Socket Mode connections out among replicas; nil means that
	// there are no others.
	Leases chat.Leases
}

// Adapter is one Slack installation. All its methods are safe for concurrent use.
type Adapter struct {
	cfg     Config
	handler chat.Handler
	log     *slog.Logger
	now     func() time.Time

	web *web
	// transfers carries contents of files, which take as long as they take.
	transfers *http.Client
	api       *slack.Client
	apiURL    *url.URL
	verifier  *verifier
	people    *peopleCache
	completed completions
	tasks     *tasks
	socket    socketHealth
	history   historyShare
	gaps      chan struct{}

	// refusals bounds the log of requests that Slack did not send.
	refusals rate.Sometimes

	// id is set by Start and never changes afterwards.
	id atomic.Pointer[identity]
}

// identity is who we are in the workspace.
type identity struct {
	teamID, teamURL, enterpriseID string
	userID, botID                 string
	person                        chat.Person
}

var _ chat.Platform = (*Adapter)(nil)

// New makes an adapter. It makes no call; Start does.
func New(cfg Config, h chat.Handler) (*Adapter, error) {
	var faults []error
	if h == nil {
		faults = append(faults, errors.New("no handler"))
	}
	if cfg.BotToken == "" {
		faults = append(faults, errors.New("no bot token"))
	}
	if cfg.SigningSecret == "" && cfg.AppToken == "" {
		faults = append(faults, errors.New("neither a signing secret (HTTP) nor an app token (Socket Mode)"))
	}
	apiURL, err := parseAPIURL(cfg.APIURL)
	if err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("slack configuration: %w", errors.Join(faults...))
	}
	if cfg.Command == "" {
		cfg.Command = defaultCommand
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
	if cfg.Limiter == nil {
		cfg.Limiter = pace.NewLocal(nil)
	}
	a := &Adapter{
		cfg:      cfg,
		handler:  h,
		log:      cfg.Logger,
		now:      cfg.Now,
		apiURL:   apiURL,
		verifier: newVerifier(cfg.SigningSecret, cfg.Now),
		people:   newPeopleCache(cfg.Now),
		tasks:    newTasks(maxTasks),
		refusals: rate.Sometimes{First: 5, Interval: 10 * time.Second},
		history:  newHistoryShare(cfg.Distributed),
		gaps:     make(chan struct{}, 1),
	}
	pacer := &pacer{limiter: cfg.Limiter, workspace: a.Workspace, meter: cfg.Meter, distributed: cfg.Distributed}
	a.web = &web{http: safeClient(cfg.HTTPClient), pace: pacer, meter: cfg.Meter, base: apiURL.String(), token: cfg.BotToken}
	a.transfers = safeClient(cfg.HTTPClient)
	a.transfers.Timeout = 0
	a.api = slack.New(cfg.BotToken,
		slack.OptionHTTPClient(a.web),
		slack.OptionAPIURL(apiURL.String()),
		slack.OptionAppLevelToken(cfg.AppToken),
	)
	return a, nil
}

func parseAPIURL(raw string) (*url.URL, error) {
	if raw == "" {
		raw = defaultAPIURL
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		// The address itself is not repeated: it may hold what it should not.
		return nil, errors.New("the API URL is not an http(s) address")
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

// safeClient copies the client, bounds it in time and stops it from following
// redirects: a form with the token in it must not be sent to another host.
func safeClient(c *http.Client) *http.Client {
	if c == nil {
		c = &http.Client{Transport: transport()}
	}
	out := *c
	if out.Timeout == 0 {
		out.Timeout = callTimeout
	}
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &out
}

// transport is Go's own, but keeps as many connections to Slack as are used at once:
// otherwise all but two are made anew for each call.
func transport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = keptConnections
	return t
}

// Start asks Slack who we are. Until it succeeded, requests are answered 503.
func (a *Adapter) Start(ctx context.Context) error {
	res, err := a.api.AuthTestContext(ctx)
	if err != nil {
		return fmt.Errorf("auth.test: %w", callError("auth.test", err))
	}
	if res.TeamID == "" || res.UserID == "" {
		return errors.New("auth.test: the answer names no workspace")
	}
	id := &identity{
		teamID:       res.TeamID,
		teamURL:      res.URL,
		enterpriseID: res.EnterpriseID,
		userID:       res.UserID,
		botID:        res.BotID,
		person:       chat.Person{ID: res.UserID, Name: res.User, Kind: chat.Bot},
	}
	a.id.Store(id)
	a.log.InfoContext(ctx, "slack: connected", "workspace", a.Workspace(), "team", res.Team, "bot", res.User)
	return nil
}

// Workspace is "slack:" and the team id, empty before Start.
func (a *Adapter) Workspace() string {
	if id := a.id.Load(); id != nil {
		return "slack:" + id.teamID
	}
	return ""
}

// Self is the bot's own account; zero before Start.
func (a *Adapter) Self() chat.Person {
	if id := a.id.Load(); id != nil {
		return id.person
	}
	return chat.Person{}
}

// Limits are what one message can hold. Slack publishes no total; messages were
// refused with msg_blocks_too_long at about 13,200 characters, so a text of
// 11,000 leaves room for a heading, facts and escaping.
func (a *Adapter) Limits() chat.Limits {
	return chat.Limits{
		MessageRunes: maxMessageRunes, ChannelName: 80,
		FileBytes: maxFileBytes, FilesPerMessage: filesPerMessage,
	}
}

// Measure counts the mrkdwn that a text becomes.
func (a *Adapter) Measure(t chat.Text) int {
	n := 0
	for _, chunk := range layOut(atoms(t), maxSection, math.MaxInt) {
		n += utf8.RuneCountInString(chunk)
	}
	return n
}

// Run keeps the Socket Mode connection when there is an app token, else only
// waits. It returns when ctx is done and what was begun has been finished.
func (a *Adapter) Run(ctx context.Context) error {
	var side sync.WaitGroup
	side.Go(func() { a.tellGaps(ctx) })
	if a.cfg.AppToken != "" {
		a.runSockets(ctx)
	} else {
		// What happened while we were not there was told to nobody.
		a.gap()
		<-ctx.Done()
	}
	side.Wait()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return a.Close(drain)
}

// Close waits until private answers that were still under way are delivered, or
// ctx is done. Nothing new is begun afterwards.
func (a *Adapter) Close(ctx context.Context) error {
	if err := a.tasks.drain(ctx); err != nil {
		return fmt.Errorf("drain slack answers: %w", err)
	}
	return nil
}

// Healthy says why Slack cannot be served, or nil.
func (a *Adapter) Healthy() error {
	switch {
	case a.id.Load() == nil:
		return errors.New("slack: not started")
	case a.web.revoked.Load():
		return errors.New("slack: the app was uninstalled or its tokens were revoked")
	case a.web.unauthorised.Load():
		return errors.New("slack: the bot token is refused")
	}
	if a.cfg.AppToken != "" {
		return a.socket.err()
	}
	return nil
}
