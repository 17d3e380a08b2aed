package slack_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
)

// variant is one way to run the program.
type variant struct {
	name             string
	socket, postgres bool
}

// variants are all four.
func variants() []variant {
	return []variant{
		{"http sqlite", false, false},
		{"http postgres", false, true},
		{"socket sqlite", true, false},
		{"socket postgres", true, true},
	}
}

// transports are those two in which the way of delivery differs.
func transports() []variant { return []variant{variants()[0], variants()[3]} }

// each runs a test in several variants.
func each(t *testing.T, list []variant, test func(t *testing.T, v variant)) {
	t.Helper()
	for _, v := range list {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			test(t, v)
		})
	}
}

// options shape a desk.
type options struct {
	slack slacktest.Options
	// bare leaves the operations channel to the test.
	bare bool
	// configured names the operations channel by configuration.
	configured bool
	// replicas is how many programs serve the desk, behind a balancer; one, and none,
	// when it is zero. redis is the URL of the Redis that they share.
	replicas int
	redis    string
	// clock is one that the test moves, nil for the machine's.
	clock *movedClock
	// settings go before the usual ones.
	settings map[string]string
}

// desk is a workspace with the program connected to it and the people of a desk:
// ada administers the workspace, oskar works at the desk, gustav is a guest in the
// desk's channel and stella is anybody else.
type desk struct {
	t       testing.TB
	slack   *slacktest.Server
	program *process.Process
	// replicas are all programs where there are several; program is one of them.
	replicas                   []*process.Process
	balancer                   *balancer
	ops                        string
	ada, oskar, gustav, stella *slacktest.Person
}

func manifestScopes(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "manifests", "slack_app.json"))
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
	}
	if err := json.Unmarshal(raw, &app); err != nil {
		t.Fatal(err)
	}
	return app.OAuth.Scopes.Bot
}

func open(t *testing.T, v variant, o options) *desk {
	t.Helper()
	o.slack.WaitTimeout = max(o.slack.WaitTimeout, patience)
	if o.slack.AckTimeout == 0 {
		o.slack.AckTimeout = ackTimeout
	}
	if o.slack.Scopes == nil {
		// The program has to get by on what its own manifest asks for.
		o.slack.Scopes = manifestScopes(t)
	}
	// Firms are organisations of their own, so none may bear this name.
	o.slack.Team = "The Desk"
	s := slacktest.New(t, o.slack)
	if s == nil {
		t.FailNow()
	}
	d := &desk{
		t: t, slack: s,
		ada:    s.AddUser(slacktest.UserSpec{Name: "ada", RealName: "Ada Admin", Admin: true}),
		oskar:  s.AddUser(slacktest.UserSpec{Name: "oskar", RealName: "Oskar"}),
		gustav: s.AddUser(slacktest.UserSpec{Name: "gustav", RealName: "Gustav Guest", Guest: true}),
		stella: s.AddUser(slacktest.UserSpec{Name: "stella", RealName: "Stella Stranger"}),
	}
	d.ops = s.AddChannel(slacktest.ChannelSpec{Name: "operations", Private: true, Members: []string{"ada", "oskar", "gustav"}})
	s.AddChannel(slacktest.ChannelSpec{Name: "general", Members: []string{"ada", "oskar", "gustav", "stella"}})

	settings := map[string]string{
		"DATABASE_URL":         "sqlite:" + filepath.Join(t.TempDir(), "desk.db"),
		"FILES_URL":            "file:" + filepath.Join(t.TempDir(), "files"),
		"SECRET_KEY":           "a-secret-key-for-tests-of-forty-characters",
		"API_TOKEN":            "an-api-token-for-tests-of-some-length",
		"SLACK_BOT_TOKEN":      s.BotToken(),
		"SLACK_API_URL":        s.URL(),
		"LOG_LEVEL":            "debug",
		"SLACK_APP_TOKEN":      "",
		"LOG_FORMAT":           "text",
		"SLACK_SIGNING_SECRET": s.SigningSecret(),
	}
	if v.postgres {
		settings["DATABASE_URL"] = shared.postgres.Database(t)
	}
	if v.socket {
		settings["SLACK_APP_TOKEN"] = s.AppToken()
	}
	if o.configured {
		settings["SLACK_OPERATIONS_CHANNEL"] = d.ops
	}
	maps.Copy(settings, o.settings)
	if o.replicas > 1 {
		b := newBalancer(t)
		settings["PUBLIC_URL"], settings["REDIS_URL"] = b.url, o.redis
		for range o.replicas {
			d.replicas = append(d.replicas, newProgram(t, settings))
		}
		b.programs, d.balancer, d.program = d.replicas, b, d.replicas[0]
		s.Connect(slacktest.Endpoints{Base: b.url, Socket: v.socket})
	} else {
		d.program = newProgram(t, settings)
		s.Connect(slacktest.Endpoints{Base: d.program.URL, Socket: v.socket})
	}
	for _, p := range append([]*process.Process{d.program}, d.replicas...) {
		o.clock.givenTo(p)
	}
	d.start(v)
	for _, p := range d.replicas[min(1, len(d.replicas)):] {
		p.Start()
	}
	if !o.bare && !o.configured {
		d.command(d.ada, d.ops, "/task here operations", "This is now the operations channel")
	}
	return d
}

// start starts the program and waits until Slack can reach it.
func (d *desk) start(v variant) {
	d.t.Helper()
	d.program.Start()
	if v.socket {
		until(d.t, "a socket", func() bool { return d.slack.Sockets() > 0 })
	}
}

// in is the desk as a subtest sees it.
func (d *desk) in(t testing.TB) *desk {
	c := *d
	c.t = t
	return &c
}

// channelLink finds a firm's channel in an answer.
func channelLink(text string) string {
	m := regexp.MustCompile(`\|(ext-[a-z0-9-]+)>`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// addFirm sets a firm up and returns its channel's id and name.
func (d *desk) addFirm(city, company string) (id, name string) {
	d.t.Helper()
	m := d.told(d.oskar, func() error {
		_, err := d.oskar.Command(d.ops, "/task contractor add "+city+" | "+company)
		return err
	}, company, "is set up")
	name = channelLink(m.Plain())
	id = d.slack.ChannelID(name)
	if id == "" {
		d.t.Fatalf("no link to a channel in %q", m.Plain())
	}
	return id, name
}

// firm sets a firm up with people of its own, who are of another organisation.
func (d *desk) firm(city, company string, people ...string) (channel string, who []*slacktest.Person) {
	d.t.Helper()
	channel, _ = d.addFirm(city, company)
	_, err := d.slack.WaitMessage(channel, showing("Welcome"))
	d.must(err)
	for _, name := range people {
		p := d.slack.Person(name)
		if p.ID() == "" {
			p = d.slack.AddUser(slacktest.UserSpec{Name: name, RealName: strings.ToUpper(name[:1]) + name[1:], Team: company})
		}
		d.must(d.slack.Join(channel, name))
		who = append(who, p)
	}
	d.must(d.slack.Settle())
	return channel, who
}

// newIssue creates an issue in a line and returns its number.
func (d *desk) newIssue(title string) int {
	d.t.Helper()
	return d.created(d.says("/task new "+title, "Created", title).Plain())
}

func (d *desk) created(text string) int {
	d.t.Helper()
	m := regexp.MustCompile(`Created #(\d+)`).FindStringSubmatch(text)
	if m == nil {
		d.t.Fatalf("no number in %q", text)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// card waits until an issue's card in a channel shows every part.
func (d *desk) card(channel string, number int, parts ...string) slacktest.Message {
	d.t.Helper()
	m, err := d.slack.WaitMessage(channel, func(m slacktest.Message) bool {
		return !m.IsReply() && !isBoard(m) && strings.Contains(visible(m.Plain())+" ", fmt.Sprintf("#%d ", number)) && showing(parts...)(m)
	})
	if err != nil {
		d.t.Fatalf("card of #%d with %q: %v", number, parts, err)
	}
	return m
}

// cards counts the cards of an issue in a channel.
func (d *desk) cards(channel string, number int) int {
	n := 0
	for _, m := range d.slack.Messages(channel) {
		if !m.IsReply() && !isBoard(m) && m.User == d.slack.BotUserID() && len(m.Blocks) > 0 && strings.Contains(visible(m.Plain()), fmt.Sprintf("#%d ", number)) {
			n++
		}
	}
	return n
}

// reply waits for a reply under a root that shows every part.
func (d *desk) reply(root slacktest.Message, parts ...string) slacktest.Message {
	d.t.Helper()
	m, err := d.slack.WaitMessage(root.Channel, func(m slacktest.Message) bool {
		return m.ThreadTS == root.TS && m.IsReply() && showing(parts...)(m)
	})
	if err != nil {
		d.t.Fatalf("reply with %q: %v", parts, err)
	}
	return m
}

// offered creates an issue and offers it; it returns the number and the firm's card.
func (d *desk) offered(channel, title, firm string) (int, slacktest.Message) {
	d.t.Helper()
	n := d.newIssue(title)
	d.says(fmt.Sprintf("/task assign %d %s", n, firm), "is offered to")
	return n, d.card(channel, n, "accept or decline")
}

// accepted is offered and accepted by p.
func (d *desk) accepted(channel, title, firm string, p *slacktest.Person) (int, slacktest.Message) {
	d.t.Helper()
	n, card := d.offered(channel, title, firm)
	d.told(p, func() error { return p.Click(channel, card.TS, "Accept") }, "You are in charge")
	return n, d.card(channel, n, "Accepted")
}

// handedIn is accepted and handed in by p.
func (d *desk) handedIn(channel, title, firm string, p *slacktest.Person) (int, slacktest.Message) {
	d.t.Helper()
	n, card := d.accepted(channel, title, firm, p)
	d.must(p.Click(channel, card.TS, "Complete"))
	d.submit(p, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Replaced the pump", "Effort": "1h30m"})
	return n, d.card(channel, n, "Waiting approval")
}

// submit fills in the form with this title and sends it, which must close it.
func (d *desk) submit(p *slacktest.Person, title string, v slacktest.Values) {
	d.t.Helper()
	d.view(p, title)
	got, err := p.Submit(v)
	d.must(err)
	if !got.Closed || len(got.Errors) > 0 {
		d.t.Fatalf("the form %q stays open: %v", title, got.Errors)
	}
}

// view waits for the form with this title on top.
func (d *desk) view(p *slacktest.Person, title string) slacktest.View {
	d.t.Helper()
	v, err := p.WaitView(func(v slacktest.View) bool { return v.Title == title })
	if err != nil {
		d.t.Fatalf("form %q: %v", title, err)
	}
	return v
}
