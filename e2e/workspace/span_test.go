package workspace_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
)

// span is a job that is talked about by a firm on Slack and by a desk in the browser, in
// two channels of the firm's that are linked.
type span struct {
	*desk

	slack *slacktest.Server
	bob   *slacktest.Person
	firm  *firm
	job   int
	// card is the firm's on Slack, at the page with its thread in the browser.
	card slacktest.Message
	at   *window
	// here is what was said in the browser, there what was said on Slack.
	here *voice
	rng  *rand.Rand
	said []*utterance
}

// manifestScopes are the rights that the program asks for.
func manifestScopes(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "manifests", "slack_app.json"))
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `json:"oauth_config"`
	}
	if err := json.Unmarshal(raw, &app); err != nil {
		t.Fatal(err)
	}
	return app.OAuth.Scopes.Bot
}

func newSpan(t *testing.T, seed uint64, settings map[string]string) *span {
	t.Helper()
	s := slacktest.New(t, slacktest.Options{
		Scopes: manifestScopes(t), Team: "The Desk", DelayedEvents: true, WaitTimeout: 2 * patience, AckTimeout: 10 * time.Second,
	})
	if s == nil {
		t.FailNow()
	}
	s.Allow(slacktest.RuleAck)
	settings["SLACK_BOT_TOKEN"], settings["SLACK_SIGNING_SECRET"], settings["SLACK_API_URL"] = s.BotToken(), s.SigningSecret(), s.URL()
	s.AddUser(slacktest.UserSpec{Name: "ada", RealName: "Ada", Admin: true})
	sp := &span{slack: s, rng: rand.New(rand.NewPCG(seed, 9))}
	sp.desk = open(t, seed, settings)
	s.Connect(slacktest.Endpoints{Base: sp.program.URL})
	sp.bob = s.AddUser(slacktest.UserSpec{Name: "bob", RealName: "Bob", Team: "Bridge"})
	sp.firm = sp.desk.firm("Hull", "Bridge on both", "Ben")
	channel := ""
	until(t, "the firm's channel on Slack", func() bool { channel = s.ChannelID("ext-hull-bridge"); return channel != "" })
	sp.must(s.Join(channel, "bob"))
	sp.must(s.Settle())
	k := &course{d: sp.desk, firm: sp.firm, title: "A job of both"}
	for range 3 {
		sp.must(k.goes())
	}
	sp.job = k.number
	card, err := s.WaitMessage(channel, func(m slacktest.Message) bool {
		return !m.IsReply() && strings.Contains(m.Plain(), "A job of both") && strings.Contains(m.Plain(), "Accepted")
	})
	sp.must(err)
	sp.card = card
	root, ok := sp.firm.people[0].card(sp.firm.room, sp.job, "submit")
	if !ok {
		t.Fatal("there is no card in the browser")
	}
	sp.at, err = sp.firm.people[0].watch(sp.ctx, sp.firm.room, root.id)
	sp.must(err)
	sp.here = &voice{name: "browser", who: sp.firm.people[0], at: sp.at, rng: rand.New(rand.NewPCG(seed, 8))}
	sp.here.who.unruly = 6
	return sp
}

// bobSays does one thing on Slack, which also works while the program is away.
func (sp *span) bobSays() error {
	standing := slices.DeleteFunc(slices.Clone(sp.said), func(u *utterance) bool { return u.deleted })
	if len(standing) > 0 {
		u := standing[sp.rng.IntN(len(standing))]
		switch n := sp.rng.IntN(10); {
		case n < 2:
			text := fmt.Sprintf("%s, edited %d", u.texts[0], len(u.texts))
			u.texts = append(u.texts, text)
			return sp.bob.Edit(sp.card.Channel, u.id, text)
		case n < 3:
			u.deleted = true
			return sp.bob.Delete(sp.card.Channel, u.id)
		}
	}
	u := &utterance{texts: []string{fmt.Sprintf("slack says %d", len(sp.said))}}
	m, err := sp.bob.Reply(sp.card.Channel, sp.card.TS, u.texts[0])
	u.id = m.TS
	sp.said = append(sp.said, u)
	return err
}

// wrong says what does not fit: everything stands once in the ledger, and once in the
// other's thread, in the order in which it was said, with its newest words, and not where
// it was taken back.
func (sp *span) wrong() (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	ledger := sp.program.ledger(sp.job)
	if want := len(sp.said) + len(sp.here.said); len(ledger) != want {
		say("there are %d comments, %d were made", len(ledger), want)
	}
	_, fresh, _, err := sp.at.fresh()
	if err != nil {
		say("%v", err)
	}
	page := inOrder(fresh)
	(&crowd{desk: sp.desk}).checkPage(sp.at, say)
	(&crowd{desk: sp.desk}).checkVoice(ledger, page, sp.here, "shared", say)
	for _, u := range sp.said {
		in := slices.DeleteFunc(slices.Clone(ledger), func(m comment) bool { return m.Source.Message != u.id })
		if len(in) != 1 || !slices.Equal(in[0].said(), u.texts) || (in[0].DeletedAt != nil) != u.deleted {
			say("%q (deleted: %v) is in the ledger as %+v", u.texts, u.deleted, in)
		}
	}
	var there, slack []string
	for _, m := range page {
		if at := strings.Index(m.text, "slack says"); at >= 0 {
			there = append(there, m.text[at:])
		}
	}
	for _, m := range sp.slack.Thread(sp.card.Channel, sp.card.TS) {
		text, _, _ := strings.Cut(m.Plain(), "\n")
		if at := strings.Index(text, "browser says"); at >= 0 && m.User == sp.slack.BotUserID() {
			slack = append(slack, strings.TrimSpace(text[at:]))
		}
	}
	if want := newest(sp.said); !slices.Equal(there, want) {
		say("on Slack was said %q, and in the browser stands %q", want, there)
	}
	if want := newest(sp.here.said); !slices.Equal(slack, want) {
		say("in the browser was said %q, and on Slack stands %q", want, slack)
	}
	return out
}

// newest are the words that stand, in order.
func newest(list []*utterance) []string {
	var out []string
	for _, u := range list {
		if !u.deleted {
			out = append(out, u.texts[len(u.texts)-1])
		}
	}
	return out
}

// TestSpanKilled: a firm's people talk about a job on Slack and in the browser, in two
// linked channels, while the program is killed again and again. Everything stands once on
// both sides, in order.
func TestSpanKilled(t *testing.T) {
	t.Parallel()
	seed := shared.faults.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test -race -run '^%s$' ./e2e/workspace -faults.seed=%d", t.Name(), seed)
	sp := newSpan(t, seed, map[string]string{})
	for range shared.faults.rounds {
		half := make(chan struct{})
		var errs [2]error
		done := make(chan struct{}, 2)
		for i, act := range []func() error{sp.here.speak, sp.bobSays} {
			go func() {
				defer func() { done <- struct{}{} }()
				for n := range 6 {
					if i == 0 && n == 3 {
						close(half)
					}
					if errs[i] = act(); errs[i] != nil {
						return
					}
				}
			}()
		}
		select {
		case <-half:
			sp.program.Kill()
			<-time.After(time.Duration(sp.desk.rng.IntN(200)) * time.Millisecond)
			sp.program.Start()
		case <-done:
			done <- struct{}{}
		}
		<-done
		<-done
		for _, err := range errs {
			sp.must(err)
		}
	}
	sp.here.who.repeats(true)
	sp.here.who.unruly = 0
	for _, wait := range []time.Duration{0, time.Minute, 5 * time.Minute, time.Hour} {
		sp.slack.Advance(wait)
		sp.must(sp.slack.Settle())
	}
	var wrong []string
	if !process.Eventually(2*patience, func() bool {
		wrong = append(sp.program.Waiting(), sp.wrong()...)
		return len(wrong) == 0
	}) {
		for _, w := range wrong {
			t.Error(w)
		}
	}
}
