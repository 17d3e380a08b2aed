package slack

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"taskbridge/adapters/adaptertest"
	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, socket := range map[string]bool{"HTTP": false, "Socket Mode": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, func(t *testing.T, h chat.Handler, log *slog.Logger) adaptertest.Driver {
				return newConformance(t, h, log, socket)
			})
		})
	}
}

// conformance drives the adapter through a fake Slack.
type conformance struct {
	t       *testing.T
	fake    *slacktest.Server
	config  Config
	handler chat.Handler
	a       *Adapter
	line    line
	socket  bool
	anna    *slacktest.Person
	known   adaptertest.Known
	channel string
}

var _ adaptertest.Driver = (*conformance)(nil)

// line is the way by which deliveries come, with an ear on it.
type line interface {
	// sent are the deliveries of a kind so far, the later ones last.
	sent(kind string) []sent
	// again delivers one once more.
	again(sent) sent
}

// The kinds of deliveries, in the words of Socket Mode.
const (
	kindEvent       = "events_api"
	kindInteraction = "interactive"
	kindCommand     = "slash_commands"
)

// sent is one delivery as it went over the line.
type sent struct {
	kind        string
	contentType string
	body        []byte
	acked       bool
	answer      []byte
}

func newConformance(t *testing.T, h chat.Handler, log *slog.Logger, socket bool) *conformance {
	t.Helper()
	// Retries come when the suite asks for them, and the adapter's own pace is
	// not what is looked at here.
	fake := slacktest.New(t, slacktest.Options{NoRateLimits: true, Retries: []time.Duration{time.Hour}})
	c := &conformance{
		t: t, fake: fake, handler: h, socket: socket,
		config: Config{BotToken: fake.BotToken(), APIURL: fake.URL(), Logger: log},
	}
	c.anna = fake.AddUser(slacktest.UserSpec{Name: "anna"})
	carl := fake.AddUser(slacktest.UserSpec{Name: "carl"})
	c.known = adaptertest.Known{Person: c.anna.ID(), Colleague: carl.ID(), Address: "carl@example.com", Nobody: "U0NOBODY1"}
	c.channel = fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Private: true, Members: []string{"anna"}})
	if socket {
		c.config.AppToken = fake.AppToken()
	} else {
		c.config.SigningSecret = fake.SigningSecret()
	}
	if socket {
		c.openSocket()
	} else {
		c.openHTTP()
	}
	return c
}

func (c *conformance) start(cfg Config) *Adapter {
	c.t.Helper()
	a, err := New(cfg, c.handler)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := a.Start(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	c.t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				c.t.Error(err)
			}
		case <-time.After(patience):
			c.t.Error("Run did not end")
		}
	})
	return a
}

func (c *conformance) openHTTP() {
	c.a = c.start(c.config)
	tap := &tap{fake: c.fake, next: c.a.Routes()}
	srv := httptest.NewServer(tap)
	c.t.Cleanup(srv.Close)
	c.line = tap
	c.fake.Connect(slacktest.Endpoints{Base: srv.URL})
}

func (c *conformance) openSocket() {
	// Deliveries that the suite has fail are not acknowledged, and its replicas
	// are as many as Slack has room for.
	c.fake.Allow(slacktest.RuleAck, slacktest.RuleSocket)
	relay := newRelay(c.t, c.fake.URL())
	c.line = relay
	cfg := c.config
	cfg.HTTPClient = &http.Client{Transport: relay}
	c.a = c.start(cfg)
	c.fake.Connect(slacktest.Endpoints{Socket: true})
	if err := c.fake.WaitSockets(1); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conformance) Platform() chat.Platform      { return c.a }
func (c *conformance) Channel() string              { return c.channel }
func (c *conformance) Known() adaptertest.Known     { return c.known }
func (c *conformance) Replica() adaptertest.Service { return c.replica() }
func (c *conformance) Echo()                        { c.settle() }
func (c *conformance) Calls() int                   { return len(c.fake.Calls("chat.postMessage")) }
func (c *conformance) Secrets() []string {
	return []string{c.fake.BotToken(), c.fake.AppToken(), c.fake.SigningSecret()}
}

func (c *conformance) replica() *Adapter {
	a, err := New(c.config, c.handler)
	if err != nil {
		c.t.Error(err)
	}
	return a
}

func (c *conformance) settle() {
	if err := c.fake.Settle(); err != nil {
		c.t.Error(err)
	}
}

// watch runs an act and tells what it sent.
func (c *conformance) watch(kind string, act func() error) adaptertest.Delivery {
	c.t.Helper()
	c.settle()
	if c.socket {
		// A replica that has just ended may still be taken for there.
		if err := c.fake.WaitSockets(1); err != nil {
			c.t.Error(err)
		}
	}
	before := len(c.line.sent(kind))
	err := act()
	c.settle()
	list := c.line.sent(kind)
	if len(list) <= before {
		c.t.Fatalf("nothing was sent: %v", err)
	}
	return c.delivery(list[before])
}

func (c *conformance) delivery(s sent) adaptertest.Delivery {
	var answer struct {
		Errors map[string]string `json:"errors"`
	}
	_ = json.Unmarshal(s.answer, &answer)
	return adaptertest.Delivery{
		Acknowledged: s.acked, FieldErrors: answer.Errors,
		Again: func() adaptertest.Delivery { return c.delivery(c.line.again(s)) },
	}
}

func (c *conformance) Reply(root, text string) adaptertest.Delivery {
	var m slacktest.Message
	d := c.watch(kindEvent, func() (err error) {
		m, err = c.anna.Reply(c.channel, root, text)
		return err
	})
	d.Message = m.TS
	return d
}

func (c *conformance) Attach(root, text string, files ...adaptertest.Attachment) adaptertest.Delivery {
	spec := slacktest.PostSpec{Channel: c.channel, Thread: root, Text: text}
	for _, f := range files {
		spec.Files = append(spec.Files, slacktest.FileSpec{Name: f.Name, Type: f.Type, Content: f.Content})
	}
	var m slacktest.Message
	d := c.watch(kindEvent, func() (err error) {
		m, err = c.anna.Post(spec)
		return err
	})
	d.Message = m.TS
	return d
}

func (c *conformance) Edit(message, text string) adaptertest.Delivery {
	return c.watch(kindEvent, func() error { return c.anna.Edit(c.channel, message, text) })
}

func (c *conformance) Remove(message string) adaptertest.Delivery {
	return c.watch(kindEvent, func() error { return c.anna.Delete(c.channel, message) })
}

func (c *conformance) Command(text string) adaptertest.Delivery {
	return c.watch(kindCommand, func() error {
		_, err := c.anna.Command(c.channel, "/task "+text)
		return err
	})
}

func (c *conformance) Press(message, button string) adaptertest.Delivery {
	return c.watch(kindInteraction, func() error { return c.anna.Click(c.channel, message, button) })
}

func (c *conformance) Submit(values map[string]string) adaptertest.Delivery {
	entered := slacktest.Values{}
	for name, value := range values {
		entered[name] = value
	}
	return c.watch(kindInteraction, func() error {
		_, err := c.anna.Submit(entered)
		return err
	})
}

// Recovery follows docs.slack.dev/apis/events-api: events are delivered again, and
// for anything else Slack shows the person that the app did not respond.
func (c *conformance) Recovery(act adaptertest.Act) adaptertest.Recovery {
	if act == adaptertest.ActReply {
		return adaptertest.PlatformRepeats
	}
	return adaptertest.PlatformTells
}

func (c *conformance) Forgeries() []adaptertest.Forgery {
	bodies := map[string]string{
		"/slack/events": `{"type":"event_callback","event_id":"Ev0FORGED","team_id":"` + c.fake.TeamID() +
			`","event":{"type":"message","channel":"` + c.channel + `","user":"` + c.known.Person + `","ts":"1.2","text":"forged"}}`,
		"/slack/commands": url.Values{
			"team_id": {c.fake.TeamID()}, "channel_id": {c.channel}, "user_id": {c.known.Person}, "command": {"/task"}, "text": {"forged"}, "trigger_id": {"1.2.3"},
		}.Encode(),
		"/slack/interactions": url.Values{"payload": {`{"type":"block_actions","trigger_id":"1.2.3","user":{"id":"` + c.known.Person +
			`"},"channel":{"id":"` + c.channel + `"},"actions":[{"type":"button","action_id":"accept","value":"forged"}]}`}}.Encode(),
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	old := strconv.FormatInt(time.Now().Add(-6*time.Minute).Unix(), 10)
	early := strconv.FormatInt(time.Now().Add(6*time.Minute).Unix(), 10)
	secret := c.fake.SigningSecret()
	if c.socket {
		// Without a signing secret nothing that comes over HTTP is from Slack, not
		// even what is signed with an empty one.
		secret = ""
	}
	var out []adaptertest.Forgery
	for path, body := range bodies {
		raw := []byte(body)
		signatures := map[string][2]string{
			"unsigned":       {"", ""},
			"no time":        {"", sign(secret, "", raw)},
			"another secret": {now, sign("guessed", now, raw)},
			"altered body":   {now, sign(secret, now, append([]byte(" "), raw...))},
			"too old":        {old, sign(secret, old, raw)},
			"too early":      {early, sign(secret, early, raw)},
			"altered time":   {now, sign(secret, old, raw)},
			"cut":            {now, sign(secret, now, raw)[:20]},
			"another scheme": {now, "v1=" + sign(secret, now, raw)[3:]},
		}
		if c.socket {
			signatures["empty secret"] = [2]string{now, sign("", now, raw)}
		}
		for name, signature := range signatures {
			out = append(out, adaptertest.Forgery{Name: path + ": " + name, Send: func() bool {
				rec := post(c.a, path, raw, func(h http.Header) {
					h.Set("X-Slack-Request-Timestamp", signature[0])
					h.Set("X-Slack-Signature", signature[1])
				})
				return rec.Code < 400
			}})
		}
	}
	return out
}

func (c *conformance) Fail(f adaptertest.Fault) {
	fault := slacktest.Fault{Method: "chat.postMessage", RetryAfter: f.RetryAfter}
	switch f.Kind {
	case adaptertest.RateLimited:
		fault.Kind = slacktest.FaultRateLimited
	case adaptertest.Unavailable:
		fault.Kind = slacktest.FaultStatus
	case adaptertest.Unauthorised:
		fault.Kind, fault.Code = slacktest.FaultError, "token_revoked"
	case adaptertest.ChannelGone:
		fault.Kind, fault.Code = slacktest.FaultError, "is_archived"
	case adaptertest.LostAnswer:
		fault.Kind = slacktest.FaultDropAfter
	default:
		c.t.Fatalf("unknown fault %q", f.Kind)
	}
	c.fake.Inject(fault)
}

func (c *conformance) Messages(channel string) []adaptertest.Shown {
	list := c.fake.Messages(channel)
	out := shown(list)
	for i := range out {
		for _, m := range list {
			if m.TS != out[i].ID {
				continue
			}
			for _, id := range m.FileIDs {
				f, _ := c.fake.File(id)
				out[i].Files = append(out[i].Files, adaptertest.Attachment{Name: f.Name, Type: f.Type, Content: f.Content})
			}
		}
	}
	return out
}

func (c *conformance) Whispers(person string) []adaptertest.Shown {
	p := c.fake.Person(person)
	list := p.Ephemerals()
	dm, err := p.Direct()
	if err != nil {
		c.t.Error(err)
	}
	return shown(append(list, c.fake.Messages(dm)...))
}

func shown(list []slacktest.Message) []adaptertest.Shown {
	var out []adaptertest.Shown
	for _, m := range list {
		if m.Tombstone {
			continue
		}
		s := adaptertest.Shown{ID: m.TS, Text: m.Plain(), Notifies: m.Mentions()}
		if m.IsReply() {
			s.Thread = m.ThreadTS
		}
		out = append(out, s)
	}
	return out
}
