package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"taskbridge/bot/chat"
)

// defaultMaxPost is the greatest length of a message of a server that does not say
// (model.PostMessageMaxRunesV2).
const defaultMaxPost = 16383

// server is what Start learned about the server, the team and ourselves.
type server struct {
	self     chat.Person
	username string
	team     team
	config   map[string]string
	siteURL  string
	maxPost  int
}

// errNotStarted is what a call before Start comes to.
var errNotStarted = errors.New("mattermost: not started")

// Start learns who we are, which team we serve and what the server allows. It
// joins nothing and changes nothing. It may be called again after a failure.
func (a *Adapter) Start(ctx context.Context) error {
	var me user
	if err := a.api.do(ctx, call{op: "get own account", method: http.MethodGet, path: "/users/me", out: &me}); err != nil {
		return fmt.Errorf("mattermost: %w", err)
	}
	t, err := a.findTeam(ctx)
	if err != nil {
		return fmt.Errorf("mattermost: find the team: %w", err)
	}
	config := map[string]string{}
	err = a.api.do(ctx, call{
		op: "get client configuration", method: http.MethodGet, path: "/config/client",
		query: url.Values{"format": {"old"}}, out: &config,
	})
	if err != nil {
		return fmt.Errorf("mattermost: %w", err)
	}
	s := &server{
		self:     personOf(me),
		username: me.Username,
		team:     t,
		config:   config,
		siteURL:  strings.TrimRight(config["SiteURL"], "/"),
		maxPost:  defaultMaxPost,
	}
	if n, err := strconv.Atoi(config["MaxPostSize"]); err == nil && n >= 100 {
		s.maxPost = n
	}
	if !isWebURL(s.siteURL) {
		s.siteURL = a.cfg.URL
	}
	a.server.Store(s)
	a.people.setTeam(t.ID)
	return nil
}

func (a *Adapter) findTeam(ctx context.Context) (team, error) {
	var t team
	err := a.api.do(ctx, call{
		op: "get team by name", method: http.MethodGet,
		path: "/teams/name/" + url.PathEscape(a.cfg.Team), out: &t,
	})
	if chat.ReasonOf(err) == chat.NotFound && isID(a.cfg.Team) {
		err = a.api.do(ctx, call{op: "get team", method: http.MethodGet, path: "/teams/" + a.cfg.Team, out: &t})
	}
	return t, err
}

// Workspace is "mattermost:" and the team's id, empty before Start.
func (a *Adapter) Workspace() string {
	if s := a.server.Load(); s != nil {
		return "mattermost:" + s.team.ID
	}
	return ""
}

// Self is the bot's own account, the zero Person before Start.
func (a *Adapter) Self() chat.Person {
	if s := a.server.Load(); s != nil {
		return s.self
	}
	return chat.Person{}
}

// reserved is what of a post's length is kept for what stands beside a text: the
// speaker's name, the mark of a tone.
const reserved = 256

// Limits are what the server holds.
func (a *Adapter) Limits() chat.Limits {
	most, file := defaultMaxPost, int64(defaultMaxFile)
	if s := a.server.Load(); s != nil {
		most, file = s.maxPost, s.maxFile()
	}
	return chat.Limits{
		MessageRunes: most - min(reserved, most/2), ChannelName: maxChannelName,
		FileBytes: file, FilesPerMessage: filesPerPost,
	}
}

// mentionRunes is the most that a mention takes, which is known only once the
// person's name was looked up (model.UserNameMaxLength and the mark before it).
const mentionRunes = 66

// Measure counts the Markdown that a text becomes.
func (a *Adapter) Measure(t chat.Text) int {
	r := renderer{zone: a.cfg.Zone}
	if s := a.server.Load(); s != nil {
		r.channelURL = s.channelURL()
	}
	n := utf8.RuneCountInString(r.markdown(t, true))
	for _, s := range t {
		if s.Kind == chat.Mention {
			n += mentionRunes
		}
	}
	return n
}

// started gives what Start learned, or an error that may be mended by waiting.
func (a *Adapter) started() (*server, error) {
	s := a.server.Load()
	if s == nil {
		return nil, &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: errNotStarted}
	}
	return s, nil
}

// renderer makes a renderer for m, with the names of whom it mentions looked up.
func (a *Adapter) renderer(ctx context.Context, s *server, m chat.Message) renderer {
	r := renderer{
		zone:       a.cfg.Zone,
		year:       a.now().In(a.cfg.Zone).Year(),
		actionsURL: a.cfg.PublicURL + ActionsPath,
		channelURL: s.channelURL(),
		maxPost:    s.maxPost,

		overrideName: s.config["EnablePostUsernameOverride"] == "true",
		overrideIcon: s.config["EnablePostIconOverride"] == "true",
	}
	if ids := mentioned(m); len(ids) > 0 {
		r.usernames = a.people.usernames(ctx, ids)
	}
	return r
}

// channelURL is what the name or id of a channel is put behind to open it.
func (s *server) channelURL() string {
	return s.siteURL + "/" + s.team.Name + "/channels/"
}

// channelAddress is where a person opens a channel.
func (s *server) channelAddress(name string) string {
	return s.channelURL() + url.PathEscape(name)
}

// health is what the websocket loop last knew.
type health struct {
	mu        sync.Mutex
	running   bool
	connected bool
	// standing is true while another replica listens.
	standing bool
	err      error
}

// begin notes that Run has begun; false means that another one is under way.
func (h *health) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running {
		return false
	}
	h.running = true
	return true
}

func (h *health) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running, h.connected, h.standing, h.err = false, false, false, nil
}

func (h *health) set(connected bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.connected, h.err = connected, err
}

func (h *health) standBy(standing bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.standing, h.connected, h.err = standing, false, nil
}

// Healthy tells whether the websocket is up, or is another replica's; if not, why.
func (a *Adapter) Healthy() error {
	if a.server.Load() == nil {
		return errNotStarted
	}
	a.health.mu.Lock()
	defer a.health.mu.Unlock()
	switch {
	case a.health.connected, a.health.standing:
		return nil
	case a.health.err != nil:
		return fmt.Errorf("mattermost: websocket is down: %w", a.health.err)
	}
	return errors.New("mattermost: websocket is not connected yet")
}
