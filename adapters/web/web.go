package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

// Prefix is where the workspace is served.
const Prefix = "/web"

const (
	// maxMessage is the greatest length of a message in characters.
	maxMessage = 12_000
	// maxChannelName is the greatest length of a channel's name in bytes.
	maxChannelName = 64
	filesPerPost   = 10
	// defaultMaxFile is the greatest file in bytes where nothing else is said.
	defaultMaxFile = 25 << 20
	selfID         = "taskbridge"
	platform       = "web"
)

// Config is what an Adapter needs. Talk, Handler and PublicURL must be set.
type Config struct {
	// Desk is the id of the tenant, "main" when empty.
	Desk string
	Talk storage.Talk
	// Blobs keeps the contents of files; without it none are taken.
	Blobs   storage.Blobs
	MaxFile int64
	// PublicURL is the address that browsers reach us at, without a path.
	PublicURL string
	Handler   chat.Handler
	// Hints tells which commands a person has; nil for none.
	Hints func(ctx context.Context, in chat.Inbound) []chat.Hint
	// Pages reads what the pages about jobs and figures show; nil for none of them.
	Pages Reader
	// FromChat tells that people of other platforms can come in with a link from there.
	FromChat bool
	// Linguist tells in which language people read whose browser says none that there
	// are texts in; nil means English.
	Linguist chat.Linguist
	// Postman mails sign-in links; nil when nobody does.
	Postman Postman
	// Command is the slash command's name with its slash, "/task" when empty.
	Command string
	// Personas are people that anybody may be who reaches us from this machine, for
	// trying the workspace out. Without them everybody has to sign in.
	Personas []Persona
	Logger   *slog.Logger
	Now      func() time.Time
	Leases   chat.Leases
	// SweepEvery is how often what the bot has not taken is handed to it again, five
	// seconds when zero; PollEvery how often it is looked for what other replicas did,
	// a second when zero.
	SweepEvery, PollEvery time.Duration
}

// These roles are said in the reader's language.
var _ = []string{words.Later("operator"), words.Later("manager"), words.Later("customer")}

// Persona is somebody to try the workspace out as.
type Persona struct {
	// Slug is a part of addresses, Person an id, Role what the person is there: a firm's
	// name, or one of those above.
	Slug, Person, Name, Role string
	// Hidden is true for one who is not offered.
	Hidden bool
	// Elsewhere is set for one who has no account here: it gives the address of the page
	// that they see instead, empty while there is none.
	Elsewhere func() string
}

// Adapter is the workspace in the browser. Make it with New, Start it, then Run it.
type Adapter struct {
	cfg    Config
	log    *slog.Logger
	now    func() time.Time
	routes http.Handler
	// pages are the templates by language, spoken the texts, reads in which language
	// people read.
	pages  map[string]*template.Template
	spoken *words.Languages
	reads  *lru.Cache[string, string]
	hub    *hub
	gate   gate
	paces  *paces
	// drawings are messages as they looked when they were drawn last.
	drawings *lru.Cache[drawing, template.HTML]
	previews *previews
	late     *late
	// asks are the addresses of those who wait for a letter. They are in memory alone: a
	// link must be written down nowhere, and who hears nothing asks again.
	asks    chan ask
	assets  map[string]asset
	started atomic.Bool
	running atomic.Bool
}

// New makes an adapter.
func New(c Config) (*Adapter, error) {
	if c.Talk == nil || c.Handler == nil || c.PublicURL == "" {
		return nil, errors.New("web: a store, a handler and an address are needed")
	}
	if c.Desk == "" {
		c.Desk = "main"
	}
	if c.Command == "" {
		c.Command = "/task"
	}
	if c.MaxFile <= 0 {
		c.MaxFile = defaultMaxFile
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.SweepEvery <= 0 {
		c.SweepEvery = 5 * time.Second
	}
	if c.PollEvery <= 0 {
		c.PollEvery = time.Second
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	a := &Adapter{cfg: c, log: c.Logger, now: c.Now}
	var err error
	if a.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if a.drawings, err = newDrawings(); err != nil {
		return nil, err
	}
	if a.previews, err = newPreviews(); err != nil {
		return nil, err
	}
	if err = a.speak(); err != nil {
		return nil, err
	}
	a.asks = make(chan ask, maxAsks)
	if a.paces, err = newPaces(); err != nil {
		return nil, err
	}
	if a.late, err = newLate(); err != nil {
		return nil, err
	}
	a.hub = newHub()
	if a.routes, err = a.router(); err != nil {
		return nil, err
	}
	return a, nil
}

var errNotStarted = errors.New("web: not started")

// Start makes our own account known to the workspace, and nothing else.
func (a *Adapter) Start(ctx context.Context) error {
	self := a.Self()
	err := a.cfg.Talk.PutTalker(ctx, a.cfg.Desk, storage.Talker{ID: self.ID, Name: self.Name, Kind: string(self.Kind), CreatedAt: a.now()})
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	a.started.Store(true)
	return nil
}

// Run hands over what the bot has not taken and looks for what other replicas did,
// until the context ends.
func (a *Adapter) Run(ctx context.Context) error {
	if !a.started.Load() {
		return errNotStarted
	}
	a.running.Store(true)
	defer a.running.Store(false)
	// What a browser waits for ends with us.
	defer a.hub.shut()
	a.hub.open()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if a.cfg.Leases == nil {
			a.sweep(ctx)
			return
		}
		a.cfg.Leases.Hold(ctx, platform+" feed", 1, a.sweep)
	}()
	rehearsed := make(chan struct{})
	go func() {
		defer close(rehearsed)
		a.rehearse(ctx)
	}()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		a.answerAsks(ctx)
	}()
	a.watch(ctx)
	<-rehearsed
	<-answered
	<-done
	return nil
}

// Hush ends what browsers wait for, which a server that stops would wait for in turn.
func (a *Adapter) Hush() { a.hub.shut() }

// Healthy tells why nobody can be served now, nil when everybody can.
func (a *Adapter) Healthy() error {
	if !a.started.Load() || !a.running.Load() {
		return errNotStarted
	}
	return nil
}

// Routes serves everything beneath Prefix.
func (a *Adapter) Routes() http.Handler { return a.routes }

// Workspace is "web:" and the desk.
func (a *Adapter) Workspace() string { return platform + ":" + a.cfg.Desk }

// Self is the bot's own account.
func (a *Adapter) Self() chat.Person {
	return chat.Person{ID: selfID, Name: "taskbridge", Kind: chat.Bot}
}

// Limits are what a message holds.
func (a *Adapter) Limits() chat.Limits {
	l := chat.Limits{MessageRunes: maxMessage, ChannelName: maxChannelName}
	if a.cfg.Blobs != nil {
		l.FileBytes, l.FilesPerMessage = a.cfg.MaxFile, filesPerPost
	}
	return l
}

// Measure counts characters; nothing needs a mark here.
func (a *Adapter) Measure(t chat.Text) int {
	n := 0
	for _, s := range t {
		n += max(1, utf8.RuneCountInString(s.Text))
	}
	return n
}

// JobLink is where a person opens the page of a job, empty where there are none.
func (a *Adapter) JobLink(number int) string {
	if a.cfg.Pages == nil {
		return ""
	}
	return a.address("/jobs/" + strconv.Itoa(number))
}

// address is where a person opens something of the workspace.
func (a *Adapter) address(path string) string { return a.cfg.PublicURL + Prefix + path }
