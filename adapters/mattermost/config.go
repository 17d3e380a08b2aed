package mattermost

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

// The paths at which Mattermost calls us.
const (
	CommandsPath = "/mattermost/commands"
	ActionsPath  = "/mattermost/actions"
	DialogsPath  = "/mattermost/dialogs"
)

// Config says which team to serve and how.
type Config struct {
	// URL is the base address of the server, without /api/v4.
	URL string
	// Token is the bot account's access token.
	Token string
	// Team is the team's name, as in its address, or its id.
	Team string
	// PublicURL is the base address at which Mattermost reaches us.
	PublicURL string
	// CommandTokens are the tokens of our slash commands. A request that bears
	// none of them is refused; without any, every command is.
	CommandTokens []string
	// CompareEvery is how often channels are compared with the server though no event
	// seems to be missing, hourly when zero.
	CompareEvery time.Duration
	// HTTPClient is used for REST; nil means one with a time-out of 30 seconds.
	HTTPClient *http.Client
	// Logger is where we write; nil means nowhere.
	Logger *slog.Logger
	// Meter is told of calls and of waits; nil means nobody.
	Meter chat.Meter
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Limiter shares the server's allowance out among all who use it; nil means
	// that this process has it for itself.
	Limiter chat.Limiter
	// Leases lets one of several replicas listen to the team's events; nil means that
	// there are no others.
	Leases chat.Leases
	// Zone is the zone in which moments are written that nobody spelled out for their
	// reader (chat.Moment); nil means time.Local.
	Zone *time.Location
}

// Adapter serves one Mattermost team. It implements chat.Platform.
type Adapter struct {
	cfg     Config
	handler chat.Handler
	watch   chat.Watch
	log     *slog.Logger
	now     func() time.Time
	api     *client
	people  *people
	timing  timing

	// opening lets those who open the same direct channel at once wait for one answer.
	opening singleflight.Group

	// refusals bounds the log of requests that nobody we know sent.
	refusals rate.Sometimes

	// server is what Start learned; nil before.
	server atomic.Pointer[server]
	health health
}

var _ chat.Platform = (*Adapter)(nil)

// timing holds the intervals of the websocket loop, so that tests need not wait.
type timing struct {
	// ping is how often the server is asked for a sign of life.
	ping time.Duration
	// silence is how long the server may say nothing before the connection
	// counts as dead.
	silence time.Duration
	// mark is how often the marks of healthy channels are moved.
	mark time.Duration
	// margin is how far marks stay behind the server's clock. A post gets its
	// time before it is committed and published.
	margin time.Duration
	// overlap is how far catch-up reaches behind the mark.
	overlap time.Duration
	// retry and retryMax bound the back-off between attempts.
	retry, retryMax time.Duration
	// compare is how often a channel is compared with the server though no event
	// seems to be missing.
	compare time.Duration
}

func defaultTiming() timing {
	return timing{
		ping:     15 * time.Second,
		silence:  45 * time.Second,
		mark:     30 * time.Second,
		margin:   15 * time.Second,
		overlap:  30 * time.Second,
		retry:    500 * time.Millisecond,
		retryMax: 30 * time.Second,
		compare:  time.Hour,
	}
}

// New makes an adapter. It calls nobody; Start does.
func New(cfg Config, h chat.Handler, w chat.Watch) (*Adapter, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	cfg.URL = strings.TrimRight(strings.TrimSpace(cfg.URL), "/")
	cfg.PublicURL = strings.TrimRight(strings.TrimSpace(cfg.PublicURL), "/")
	if !isWebURL(cfg.URL) {
		fault("mattermost: the server's URL must begin with http:// or https://")
	}
	if cfg.PublicURL != "" && !isWebURL(cfg.PublicURL) {
		fault("mattermost: the public URL must begin with http:// or https://")
	}
	if cfg.Token == "" {
		fault("mattermost: the bot's token is missing")
	}
	if cfg.Team == "" {
		fault("mattermost: the team is missing")
	}
	if h == nil || w == nil {
		fault("mattermost: a handler and a watch are needed")
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
	if cfg.Limiter == nil {
		cfg.Limiter = pace.NewLocal(nil)
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{Timeout: 30 * time.Second}
	}
	a := &Adapter{
		cfg:     cfg,
		handler: h,
		watch:   w,
		log:     cfg.Logger.With("platform", "mattermost"),
		now:     cfg.Now,
		timing:  defaultTiming(),

		refusals: rate.Sometimes{First: 5, Interval: 10 * time.Second},
	}
	if cfg.CompareEvery > 0 {
		a.timing.compare = cfg.CompareEvery
	}
	pacer := &pacer{limiter: cfg.Limiter, workspace: a.Workspace, meter: cfg.Meter}
	a.api = newClient(cfg.URL, cfg.Token, cfg.HTTPClient, cfg.Now, pacer)
	a.people = newPeople(a.api, cfg.Now)
	return a, nil
}

// isWebURL tells whether s is an absolute http or https address with a host and
// without credentials, which would end up in logs.
func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}
