package slack_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
)

// utterance is a message that somebody wrote into a job's thread, with all that
// became of it.
type utterance struct {
	ts string
	// texts are all it ever said, the newest last.
	texts   []string
	deleted bool
	// file is the name of what came with it, if anything did.
	file string
}

// voice is somebody who writes into one thread, changes what they wrote and takes it
// back, one after the other and at random.
type voice struct {
	name string
	who  *slacktest.Person
	root slacktest.Message
	rng  *rand.Rand
	said []*utterance
	// files is whether some of it comes with a file.
	files bool
}

// speak does one thing. All of it works while the program is away: it happens on
// the platform.
func (v *voice) speak() error {
	standing := slices.DeleteFunc(slices.Clone(v.said), func(u *utterance) bool { return u.deleted })
	if len(standing) > 0 {
		u := standing[v.rng.IntN(len(standing))]
		switch n := v.rng.IntN(10); {
		case n < 2:
			text := fmt.Sprintf("%s, edited %d", u.texts[0], len(u.texts))
			u.texts = append(u.texts, text)
			return v.who.Edit(v.root.Channel, u.ts, text)
		case n < 3:
			u.deleted = true
			return v.who.Delete(v.root.Channel, u.ts)
		}
	}
	u := &utterance{texts: []string{fmt.Sprintf("%s says %d", v.name, len(v.said))}}
	post := slacktest.PostSpec{Channel: v.root.Channel, Thread: v.root.TS, Text: u.texts[0]}
	if v.files && v.rng.IntN(4) == 0 {
		u.file = strings.ReplaceAll(u.texts[0], " ", "-") + ".png"
		post.Files = []slacktest.FileSpec{{Name: u.file, Type: "image/png", Content: []byte("\x89PNG\r\n\x1a\n" + u.file)}}
	}
	m, err := v.who.Post(post)
	u.ts = m.TS
	v.said = append(v.said, u)
	return err
}

// typist writes to a firm through the API, and repeats what failed under the same
// key until it is taken.
type typist struct {
	number int
	root   slacktest.Message
	// typed is all that was taken; pending is what may or may not have been.
	typed   []string
	pending string
}

func (y *typist) write(p *process.Process) (taken bool) {
	if y.pending == "" {
		y.pending = fmt.Sprintf("typed %d on job %d", len(y.typed), y.number)
	}
	res, err := p.CallWithin(time.Second, http.MethodPost, fmt.Sprintf("/api/v1/issues/%d/comments", y.number),
		map[string]any{"text": y.pending}, "Idempotency-Key", strings.ReplaceAll(y.pending, " ", "-"))
	if err == nil && res.Status == http.StatusCreated {
		y.typed, y.pending = append(y.typed, y.pending), ""
		return true
	}
	return false
}

// job is one issue that is worked on, with the people who talk about it.
type job struct {
	number int
	firm   string
	// card is the firm's, desk the operators'.
	card, desk slacktest.Message
	// linked is the card in the firm's other channel, where it has one.
	linked   slacktest.Message
	shared   []*voice
	internal *voice
	typist   *typist
}

// history is a crowd on a desk: what they do is drawn from a seed, and kept to be
// compared with what the program makes of it.
type history struct {
	*desk

	seed uint64
	rng  *rand.Rand
	jobs []*job
	// acts are what can happen next, each for somebody of their own.
	acts []func() error
}

// ackTimeout is how long Slack waits for an acknowledgement, and lets a form be opened,
// while nothing is wrong. It is longer than Slack's own, because how fast the program is on
// a busy machine is not what these tests are about.
const ackTimeout = 10 * time.Second

// inFlight is how long after Slack said wait something may come that had left before. It is
// told to wait for longer than that, so that who does not heed it is noticed.
const inFlight = 2 * time.Second

// newHistory sets up two firms with two jobs each, one with two channels and a job,
// and everybody who talks.
func newHistory(t *testing.T, v variant, o options) *history {
	t.Helper()
	// Slack repeats an event for a day where the app asks for it.
	o.slack.DelayedEvents = true
	// A card comes after all that was said in its channel before, which takes three seconds
	// a message where three replicas share the allowance without a Redis.
	lane := time.Duration(shared.faults.replies/shared.faults.rounds) * 3 * time.Second
	o.slack.WaitTimeout, o.slack.AckTimeout = 3*patience+shared.faults.outage+lane, ackTimeout
	// Several lanes are on their way to Slack at once, on a machine that has much to do.
	o.slack.InFlight = inFlight
	h := &history{desk: open(t, v, o), seed: shared.faults.seed}
	if h.seed == 0 {
		h.seed = rand.Uint64()
	}
	h.slack.Allow(slacktest.RuleAck)
	t.Logf("go test -race -run '^%s$' ./e2e/slack -faults.seed=%d", t.Name(), h.seed)
	h.rng = rand.New(rand.NewPCG(h.seed, 0))
	for _, f := range []struct{ city, company, first, second string }{
		{"Leeds", "Acme", "frank", "fiona"}, {"York", "Zenith", "zoe", "zack"},
	} {
		channel, who := h.firm(f.city, f.company, f.first, f.second)
		for i := range 2 {
			n, card := h.accepted(channel, fmt.Sprintf("Job %d of %s", i, f.company), f.company, who[i])
			h.add(&job{number: n, firm: channel, card: card, desk: h.card(h.ops, n, "Accepted")}, who[i])
		}
	}
	h.addLinked()
	return h
}

func (h *history) add(j *job, contractor *slacktest.Person) {
	speaker := func(kind string, who *slacktest.Person, root slacktest.Message) *voice {
		v := &voice{name: fmt.Sprintf("%s %d", kind, j.number), who: who, root: root, rng: rand.New(rand.NewPCG(h.seed, uint64(len(h.acts)+1)))}
		h.acts = append(h.acts, v.speak)
		return v
	}
	j.shared = []*voice{speaker("firm", contractor, j.card), speaker("desk", h.oskar, j.card)}
	if j.linked.TS != "" {
		j.shared = append(j.shared, speaker("annex", contractor, j.linked))
		for _, v := range j.shared {
			v.files = true
		}
	}
	j.internal = speaker("internal", h.oskar, j.desk)
	j.typist = &typist{number: j.number, root: j.card}
	rng := rand.New(rand.NewPCG(h.seed, uint64(len(h.acts)+1)))
	h.acts = append(h.acts, func() error {
		// A firm's channel takes one message a second, so this is seldom.
		if rng.IntN(8) == 0 {
			j.typist.write(h.program)
		}
		return nil
	})
	h.jobs = append(h.jobs, j)
}

// go on lets n things happen, by all at once, while Slack repeats and reorders what
// it tells the program. In the middle, at a moment drawn from the seed, meanwhile is
// called; what is left happens beside it and after it.
func (h *history) goOn(n int, meanwhile func()) {
	h.t.Helper()
	acts := make([]func() error, len(h.acts))
	for i, act := range h.acts {
		acts[i] = func() error {
			if err := act(); err != nil {
				return err
			}
			// Nobody is faster than Slack.
			return h.slack.Settle()
		}
	}
	h.must(process.Together(h.rng, n, acts, h.unruly, meanwhile))
	h.must(h.slack.Settle())
}

// unruly holds Slack's events back, delivers them in another order, and some again.
func (h *history) unruly(rng *rand.Rand, stop <-chan struct{}) {
	for {
		h.slack.Hold()
		select {
		case <-stop:
		case <-time.After(time.Duration(20+rng.IntN(100)) * time.Millisecond):
		}
		held := h.slack.Held()
		rng.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
		for _, e := range held {
			h.slack.Release(e.ID)
			if rng.IntN(10) == 0 {
				// Whether it is taken does not matter: it was delivered already.
				_, _ = h.slack.Redeliver(e.ID)
			}
		}
		h.slack.Release()
		select {
		case <-stop:
			return
		default:
		}
	}
}

// settled waits until the program has taken every event, while Slack's clock goes
// on, and has sent all that it has to.
func (h *history) settled() {
	h.t.Helper()
	for _, wait := range []time.Duration{0, time.Minute, 5 * time.Minute, time.Hour, time.Hour, time.Hour} {
		h.slack.Advance(wait)
		h.must(h.slack.Settle())
		if len(h.untaken()) == 0 {
			break
		}
	}
	for _, j := range h.jobs {
		if j.typist == nil {
			continue
		}
		until(h.t, "what was typed on job "+strconv.Itoa(j.number), func() bool { return j.typist.pending == "" || j.typist.write(h.program) })
	}
	// How long all of it takes is a matter of Slack's pace; that it goes on is the program's.
	for left := h.program.Waiting(); len(left) > 0; left = h.program.Waiting() {
		if !process.Eventually(2*time.Minute, func() bool { return !slices.Equal(h.program.Waiting(), left) }) {
			h.t.Fatalf("the program has long had %v:\n%s", left, queue(h.program))
		}
	}
	h.must(h.slack.Settle())
	// Only now: what the program sends makes events, too.
	if left := h.untaken(); len(left) > 0 {
		h.t.Fatalf("the program never took %v:\n%s", left, h.tries(left...))
	}
}

// untaken are the events that were never acknowledged.
func (h *history) untaken() []string {
	taken := map[string]bool{}
	for _, d := range h.slack.Deliveries() {
		taken[d.EventID] = taken[d.EventID] || d.Failed == ""
	}
	var left []string
	for _, e := range h.slack.Events() {
		if !taken[e.ID] {
			left = append(left, e.ID)
		}
	}
	return left
}
