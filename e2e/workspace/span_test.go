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

// span is a job that is talked about on Slack and in the browser.
type span struct {
	*desk

	slack *slacktest.Server
	job   int
	// card is the job's on Slack, at the page with the firm's thread in the browser.
	card slacktest.Message
	at   *window
	// here is who speaks in the browser, there who does on Slack, and said what.
	here  *voice
	there *slacktest.Person
	said  []*utterance
	rng   *rand.Rand
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

// newSpan makes a desk in the browser, and a Slack workspace that is connected.
func newSpan(t *testing.T, seed uint64) *span {
	t.Helper()
	s := slacktest.New(t, slacktest.Options{
		Scopes: manifestScopes(t), Team: "The Desk", DelayedEvents: true, WaitTimeout: 2 * patience, AckTimeout: 10 * time.Second,
	})
	if s == nil {
		t.FailNow()
	}
	s.Allow(slacktest.RuleAck)
	s.AddUser(slacktest.UserSpec{Name: "ada", RealName: "Ada", Admin: true})
	sp := &span{slack: s, rng: rand.New(rand.NewPCG(seed, 9))}
	sp.desk = open(t, seed, map[string]string{
		"SLACK_BOT_TOKEN": s.BotToken(), "SLACK_SIGNING_SECRET": s.SigningSecret(), "SLACK_API_URL": s.URL(),
	})
	s.Connect(slacktest.Endpoints{Base: sp.program.URL})
	return sp
}

// accepts has a firm accept a job that is talked about from then on, and finds its card in
// a channel on Slack.
func (sp *span) accepts(f *firm, channel string) {
	sp.t.Helper()
	k := &course{d: sp.desk, firm: f, title: "A job of both"}
	for range 3 {
		sp.must(k.goes())
	}
	sp.job = k.number
	card, err := sp.slack.WaitMessage(channel, func(m slacktest.Message) bool {
		return !m.IsReply() && strings.Contains(m.Plain(), "A job of both") && strings.Contains(m.Plain(), "Accepted")
	})
	sp.must(err)
	sp.card = card
	ben := f.people[0]
	var root shown
	until(sp.t, "the card in the browser", func() (there bool) {
		root, there = ben.card(f.room, sp.job, "submit")
		return there
	})
	sp.at, err = ben.watch(sp.ctx, f.room, root.id)
	sp.must(err)
	sp.here = &voice{name: "browser", who: ben, at: sp.at, rng: rand.New(rand.NewPCG(sp.rng.Uint64(), 8))}
	ben.unruly = 6
}

// slackSays does one thing on Slack, which also works while the program is away.
func (sp *span) slackSays() error {
	standing := slices.DeleteFunc(slices.Clone(sp.said), func(u *utterance) bool { return u.deleted })
	if len(standing) > 0 {
		u := standing[sp.rng.IntN(len(standing))]
		switch n := sp.rng.IntN(10); {
		case n < 2:
			text := fmt.Sprintf("%s, edited %d", u.texts[0], len(u.texts))
			u.texts = append(u.texts, text)
			return sp.there.Edit(sp.card.Channel, u.id, text)
		case n < 3:
			u.deleted = true
			return sp.there.Delete(sp.card.Channel, u.id)
		}
	}
	u := &utterance{texts: []string{fmt.Sprintf("slack says %d", len(sp.said))}}
	m, err := sp.there.Reply(sp.card.Channel, sp.card.TS, u.texts[0])
	u.id = m.TS
	sp.said = append(sp.said, u)
	return err
}

// checkSlack holds what was said on Slack against the ledger.
func (sp *span) checkSlack(ledger []comment, visibility string, say func(string, ...any)) {
	for _, u := range sp.said {
		in := slices.DeleteFunc(slices.Clone(ledger), func(m comment) bool { return m.Source.Message != u.id })
		if len(in) != 1 || !slices.Equal(in[0].said(), u.texts) || (in[0].DeletedAt != nil) != u.deleted || in[0].Visibility != visibility {
			say("%q (deleted: %v, %s) is in the ledger as %+v", u.texts, u.deleted, visibility, in)
		}
	}
}

// checkCarried holds what was said in the browser against the thread on Slack.
func (sp *span) checkCarried(say func(string, ...any)) {
	var slack []string
	for _, m := range sp.slack.Thread(sp.card.Channel, sp.card.TS) {
		text, _, _ := strings.Cut(m.Plain(), "\n")
		if at := strings.Index(text, "browser says"); at >= 0 && m.User == sp.slack.BotUserID() {
			slack = append(slack, strings.TrimSpace(text[at:]))
		}
	}
	if want := newest(sp.here.said); !slices.Equal(slack, want) {
		say("in the browser was said %q, and on Slack stands %q", want, slack)
	}
}

// page is the firm's thread as the browser shows it, held against what is in the ledger.
func (sp *span) page(ledger []comment, say func(string, ...any)) []shown {
	_, fresh, _, err := sp.at.fresh()
	if err != nil {
		say("%v", err)
	}
	page := inOrder(fresh)
	(&crowd{desk: sp.desk}).checkPage(sp.at, say)
	(&crowd{desk: sp.desk}).checkVoice(ledger, page, sp.here, "shared", say)
	return page
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

// talks has both sides speak at once in so many rounds, in each of which the program is
// killed, and after each of which, with the program there, something is done by after.
func (sp *span) talks(after func(round int) error) {
	sp.t.Helper()
	for round := range shared.faults.rounds {
		half := make(chan struct{})
		var errs [2]error
		done := make(chan struct{}, 2)
		for i, act := range []func() error{sp.here.speak, sp.slackSays} {
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
		sp.must(after(round))
	}
	sp.here.who.repeats(true)
	sp.here.who.unruly = 0
}

// settles waits until nothing is on its way any more and nothing is wrong.
func (sp *span) settles(wrong func(say func(string, ...any))) {
	sp.t.Helper()
	for _, wait := range []time.Duration{0, time.Minute, 5 * time.Minute, time.Hour} {
		sp.slack.Advance(wait)
		sp.must(sp.slack.Settle())
	}
	var out []string
	if !process.Eventually(2*patience, func() bool {
		out = sp.program.Waiting()
		wrong(func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) })
		return len(out) == 0
	}) {
		for _, w := range out {
			sp.t.Error(w)
		}
	}
}

// seedOf is the seed of a test, said so that it can be run again.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := shared.faults.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test -race -run '^%s$' ./e2e/workspace -faults.seed=%d", t.Name(), seed)
	return seed
}

// TestSpanKilled: a firm's people talk about a job on Slack and in the browser, in two
// linked channels, while the program is killed again and again. Everything stands once on
// both sides, in order.
func TestSpanKilled(t *testing.T) {
	t.Parallel()
	sp := newSpan(t, seedOf(t))
	sp.there = sp.slack.AddUser(slacktest.UserSpec{Name: "bob", RealName: "Bob", Team: "Bridge"})
	f := sp.firm("Hull", "Bridge on both", "Ben")
	channel := ""
	until(t, "the firm's channel on Slack", func() bool { channel = sp.slack.ChannelID("ext-hull-bridge"); return channel != "" })
	sp.must(sp.slack.Join(channel, "bob"))
	sp.must(sp.slack.Settle())
	sp.accepts(f, channel)
	sp.talks(func(int) error { return nil })
	sp.settles(func(say func(string, ...any)) {
		ledger := sp.program.ledger(sp.job)
		if want := len(sp.said) + len(sp.here.said); len(ledger) != want {
			say("there are %d comments, %d were made", len(ledger), want)
		}
		sp.checkSlack(ledger, "shared", say)
		sp.checkCarried(say)
		var there []string
		for _, m := range sp.page(ledger, say) {
			if at := strings.Index(m.text, "slack says"); at >= 0 {
				there = append(there, m.text[at:])
			}
		}
		if want := newest(sp.said); !slices.Equal(there, want) {
			say("on Slack was said %q, and in the browser stands %q", want, there)
		}
	})
}

// TestDeskOnSlackKilled: the desk works on Slack, the firm has nothing but the browser, and
// the program is killed again and again while both speak. What the firm says stands once
// in the desk's thread on Slack, in order. What the desk says among itself is kept and
// never reaches the firm, and what it says to the firm reaches it once.
func TestDeskOnSlackKilled(t *testing.T) {
	t.Parallel()
	sp := newSpan(t, seedOf(t))
	ops := sp.slack.AddChannel(slacktest.ChannelSpec{Name: "operations", Private: true, Members: []string{"ada"}})
	sp.there = sp.slack.Person("ada")
	answer, err := sp.there.Command(ops, "/task here operations")
	sp.must(err)
	if !strings.Contains(answer.Plain(), "operations channel") {
		t.Fatalf("the channel is not the desk's: %s", answer.Plain())
	}
	f := sp.firm("Hull", "Quay on web", "Ben")
	sp.accepts(f, ops)
	var told []string
	sp.talks(func(round int) error {
		told = append(told, fmt.Sprintf("to the firm %d", round))
		_, err := sp.there.Command(ops, fmt.Sprintf("/task comment %d %s", sp.job, told[round]))
		return err
	})
	sp.settles(func(say func(string, ...any)) {
		ledger := sp.program.ledger(sp.job)
		if want := len(sp.said) + len(sp.here.said) + len(told); len(ledger) != want {
			say("there are %d comments, %d were made", len(ledger), want)
		}
		sp.checkSlack(ledger, "internal", say)
		sp.checkCarried(say)
		var heard []string
		for _, m := range sp.page(ledger, say) {
			if strings.Contains(m.text, "slack says") {
				say("what the desk said among itself is on the firm's page: %q", m.text)
			}
			if at := strings.Index(m.text, "to the firm"); at >= 0 {
				heard = append(heard, m.text[at:])
			}
		}
		if !slices.Equal(heard, told) {
			say("the firm was told %q and reads %q", told, heard)
		}
	})
}
