package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// APIWorkspace is the workspace of inbounds from the REST API, whose adapter has
// checked the caller's token.
const APIWorkspace = "rest:api"

// systemWorkspace is the workspace of deadlines.
const systemWorkspace = "system:clock"

// Config is what an Engine needs. Store and SecretKey must be set.
type Config struct {
	// Desk is the id of the tenant, "main" when empty.
	Desk  string
	Store storage.Store
	// Files keeps the contents of files, and MaxFile is the greatest in bytes. Without
	// Files they are listed by name only.
	Files   storage.Blobs
	MaxFile int64
	// SecretKey signs buttons and forms.
	SecretKey []byte
	Logger    *slog.Logger
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Command is the slash command's name with its slash, "/task" when empty.
	Command string
	// Zone is the desk's time zone, the process's own when nil.
	Zone *time.Location
	// Observer is told what happens, for metrics and traces. It may be nil.
	Observer Observer
	// Announce tells the other replicas that there is something to send to
	// workspaces; they are told to Wake. It must not block, and may be nil.
	Announce func(workspaces []string)
	// ReconcileEvery is how often threads are compared with their platform's history
	// though nothing seems to be missing, hourly when zero.
	ReconcileEvery time.Duration
	// Webhooks are the endpoints of other systems that are told what happens, and Caller
	// reaches them.
	Webhooks []Webhook
	Caller   chat.WebhookCaller
}

// Engine is the bot. Make it with New, Attach platforms, then Run it.
type Engine struct {
	desk    string
	store   storage.Store
	signer  *ticket.Signer
	present *present.Presenter
	// languages are those in which texts can be made.
	languages *present.Languages
	log       *slog.Logger
	now       func() time.Time
	zone      *time.Location
	observe   Observer

	mu        sync.RWMutex
	platforms map[string]chat.Platform
	// statusBase is what the token of a status link stands behind.
	statusBase string
	// webhooks are endpoints by name, which caller reaches; webhookTypes is what they are
	// told, by kinds of events.
	webhooks     map[string]Webhook
	webhookTypes map[string]string
	caller       chat.WebhookCaller
	// door lets people of other platforms into the browser, nil where nobody does.
	door chat.Doorkeeper
	// reconcilers are by workspace; new ones wait to be run.
	reconcilers    map[string]*reconciler
	newReconcilers chan *reconciler
	reconcileEvery time.Duration

	roster  *roster
	places  *places
	rules   *rules
	threads *lru.Cache[messageKey, storage.Card]
	// firms are contractors by id, for their names and hours.
	firms *lru.Cache[string, storage.Contractor]
	// issueCards are the desk's cards of an issue, which never change once made.
	issueCards *lru.Cache[string, []storage.Card]
	outcomes   outcomes
	// awaitFor is how long answers wait for the dispatcher.
	awaitFor time.Duration
	// zones are time zones by name.
	zones *lru.Cache[string, *time.Location]
	// tongues are the words nearest to a person's locale, nil where none are near.
	tongues *lru.Cache[string, *present.Words]
	// lookers are who has opened a home lately.
	lookers lookers
	// attached tells the dispatcher of another platform, wakes of something to send.
	attached chan struct{}
	wakes    wakes
	busy     busy
	counted  countedBy
	announce func(workspaces []string)
	// files keeps contents, nil when nothing keeps them; maxFile bounds each.
	files   storage.Blobs
	maxFile int64
	// audit bounds how many refused forgeries are written down: the addresses that
	// take unsigned requests are open to anybody.
	audit *rate.Limiter
}

// maxWorkspaces is how many workspaces may be attached before Run.
const maxWorkspaces = 64

// messageKey names a message across workspaces.
type messageKey struct{ workspace, channel, message string }

// New makes an engine and its desk. It sends and decides nothing until Run.
func New(ctx context.Context, c Config) (*Engine, error) {
	if c.Store == nil || len(c.SecretKey) < 16 {
		return nil, errors.New("bot: a store and a secret key of at least 16 bytes are needed")
	}
	if c.Desk == "" {
		c.Desk = "main"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Command == "" {
		c.Command = "/task"
	}
	if c.Zone == nil {
		c.Zone = time.Local
	}
	if c.Observer == nil {
		c.Observer = blind{}
	}
	if c.ReconcileEvery <= 0 {
		c.ReconcileEvery = reconcileEvery
	}
	languages, err := present.LoadLanguages()
	if err != nil {
		return nil, fmt.Errorf("load the languages: %w", err)
	}
	e := &Engine{
		desk: c.Desk, signer: ticket.NewSigner(c.SecretKey), languages: languages,
		log: c.Logger, now: c.Now, zone: c.Zone, observe: c.Observer,
		platforms: map[string]chat.Platform{}, attached: make(chan struct{}, 1), announce: c.Announce,
		webhooks: byName(c.Webhooks), webhookTypes: webhookTypes(), caller: c.Caller,
		reconcilers: map[string]*reconciler{}, newReconcilers: make(chan *reconciler, maxWorkspaces), reconcileEvery: c.ReconcileEvery,
		threads: cache[messageKey, storage.Card](1 << 16), issueCards: cache[string, []storage.Card](1 << 14),
		firms: cache[string, storage.Contractor](1 << 12), zones: cache[string, *time.Location](zonesMost),
		tongues: cache[string, *present.Words](localesMost),
		files:   c.Files, maxFile: c.MaxFile, awaitFor: awaitFor, audit: rate.NewLimiter(rate.Every(time.Minute), 20),
	}
	e.store = &outboxed{Store: c.Store, ring: e.ring}
	e.present = &present.Presenter{Desk: c.Desk, Command: c.Command, Sign: e.signer.Sign, Zone: c.Zone}
	e.places = newPlaces(e)
	e.rules = newRules(e)
	e.roster = newRoster(e)
	if err := e.store.EnsureDesk(ctx, storage.Desk{ID: c.Desk, Name: c.Desk, CreatedAt: c.Now()}); err != nil {
		return nil, fmt.Errorf("make the desk: %w", err)
	}
	if err := e.keepFigures(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// cache makes a cache of so many entries, which is more than none: all that New fails for.
func cache[K comparable, V any](size int) *lru.Cache[K, V] {
	c, _ := lru.New[K, V](size)
	return c
}

// ring wakes the dispatcher here and elsewhere.
func (e *Engine) ring(workspaces []string) {
	e.wakes.nudge(workspaces...)
	if e.announce != nil {
		e.announce(workspaces)
	}
}

// Wake lets the dispatcher look for what another replica has put into the outbox of
// a workspace, of all when it is empty.
func (e *Engine) Wake(workspace string) {
	if workspace == "" {
		e.wakes.nudge()
		return
	}
	e.wakes.nudge(workspace)
}

// newID makes an id that is unique everywhere and grows with time, which keeps
// indexes compact.
func newID() string {
	id := uuid.Must(uuid.NewV7())
	return fmt.Sprintf("%x", id[:])
}

// platform finds an attached platform.
func (e *Engine) platform(workspace string) (chat.Platform, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	p, ok := e.platforms[workspace]
	return p, ok
}
