package slack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
	"taskbridge/storage/storagetest/redistest"
)

// balancer spreads requests over the programs in turn, as one in front of replicas
// does: it passes over those that do not listen and repeats nothing that one of them
// may have taken.
type balancer struct {
	url      string
	programs []*process.Process
	next     atomic.Int64
}

func newBalancer(t testing.TB) *balancer {
	t.Helper()
	b := &balancer{}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	for range b.programs {
		p := b.programs[int(b.next.Add(1))%len(b.programs)]
		res, err := b.forward(r, p, body)
		if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
			continue
		}
		if err != nil {
			break
		}
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		_ = res.Body.Close()
		return
	}
	http.Error(w, "no replica", http.StatusBadGateway)
}

func (b *balancer) forward(r *http.Request, p *process.Process, body []byte) (*http.Response, error) {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, p.URL+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out.Header = r.Header.Clone()
	return http.DefaultTransport.RoundTrip(out)
}

// comment writes to a job through the API until it is taken, under one key, so that
// asking again after a lost answer changes nothing.
func (b *balancer) comment(ctx context.Context, token string, number int, text string) error {
	for {
		err := func() error {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/api/v1/issues/%d/comments", b.url, number),
				strings.NewReader(fmt.Sprintf(`{"text":%q,"visibility":"shared"}`, text)))
			if err != nil {
				return err
			}
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", strings.ReplaceAll(text, " ", "-"))
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			defer func() { _ = res.Body.Close() }()
			if res.StatusCode >= 300 {
				said, _ := io.ReadAll(res.Body)
				return fmt.Errorf("%d %s", res.StatusCode, said)
			}
			return nil
		}()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// TestThreeReplicas: while people write in three firms' threads and a program answers
// them, one replica is killed, Redis is killed and comes back empty, and all replicas
// are restarted one by one. Nothing is lost, nothing is there twice, every thread is
// in order, and Slack never says that it is too much, which slacktest watches.
func TestThreeReplicas(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	d := open(t, variants()[1], options{replicas: 3, redis: redis.URL(), slack: slacktest.Options{WaitTimeout: 2 * time.Minute}})
	const replies, answers = 30, 14
	type thread struct {
		number int
		card   slacktest.Message
		who    *slacktest.Person
		texts  []string
	}
	var threads []*thread
	for _, f := range []struct{ city, company, person string }{
		{"Leeds", "Acme", "frank"}, {"York", "Zenith", "zoe"}, {"Hull", "Norton", "nora"},
	} {
		channel, who := d.firm(f.city, f.company, f.person)
		n, card := d.accepted(channel, "Kept by "+f.company, strings.ToLower(f.company), who[0])
		threads = append(threads, &thread{number: n, card: card, who: who[0]})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var people sync.WaitGroup
	for _, th := range threads {
		people.Go(func() {
			for i := range replies {
				m, err := th.who.Reply(th.card.Channel, th.card.TS, fmt.Sprintf("reply %d on %d", i, th.number))
				if err == nil && i%5 == 0 {
					err = th.who.Edit(th.card.Channel, m.TS, fmt.Sprintf("reply %d on %d, edited", i, th.number))
				}
				if err != nil {
					t.Error(err)
				}
				<-time.After(300 * time.Millisecond)
			}
		})
		for i := range answers {
			th.texts = append(th.texts, fmt.Sprintf("answer %02d on %d", i, th.number))
		}
		people.Go(func() {
			for _, text := range th.texts {
				if err := d.balancer.comment(ctx, d.program.Setting("API_TOKEN"), th.number, text); err != nil {
					t.Error(err)
				}
			}
		})
	}
	// shown is how many answers stand in the threads.
	shown := func() (n int) {
		for _, th := range threads {
			for _, m := range d.slack.Thread(th.card.Channel, th.card.TS) {
				if m.IsReply() && m.User == d.slack.BotUserID() && strings.Contains(m.Plain(), "answer ") {
					n++
				}
			}
		}
		return n
	}
	further := func(what string, n int) {
		t.Helper()
		goal := min(shown()+n, len(threads)*answers)
		until(t, what, func() bool { return shown() >= goal })
	}
	further("answers before anything happens", 3)
	d.replicas[0].Kill()
	further("answers without one replica", 4)
	d.replicas[0].Start()
	redis.Kill()
	further("answers without Redis", 4)
	d.degraded(true)
	redis.Restart()
	further("answers with Redis back", 4)
	d.degraded(false)
	for _, p := range d.replicas {
		p.Stop()
		p.Start()
	}
	people.Wait()
	further("all answers", len(threads)*answers)
	d.must(d.slack.Settle())
	// What found nobody is delivered again after one minute and after five.
	for _, wait := range []time.Duration{time.Minute, 5 * time.Minute} {
		d.slack.Advance(wait)
		d.must(d.slack.Settle())
	}
	for _, th := range threads {
		for i := range replies {
			text := fmt.Sprintf("reply %d on %d", i, th.number)
			if i%5 == 0 {
				text += ", edited"
			}
			d.once(th.number, text)
		}
		if got := len(d.comments(th.number)); got != replies+answers {
			t.Errorf("the ledger of #%d has %d comments, want %d", th.number, got, replies+answers)
		}
		d.threadIs(th.card, th.texts...)
		if n := d.cards(th.card.Channel, th.number); n != 1 {
			t.Errorf("#%d has %d cards", th.number, n)
		}
	}
}

// degraded waits until every replica says that it is ready, and whether it goes on
// without Redis.
func (d *desk) degraded(want bool) {
	d.t.Helper()
	for _, p := range d.replicas {
		until(d.t, fmt.Sprintf("ready, and degraded is %v", want), func() bool {
			res, err := p.Call(http.MethodGet, "/readyz", nil)
			return err == nil && res.Status == http.StatusOK && strings.Contains(string(res.Body), `"degraded":true`) == want
		})
	}
}

// TestTwoReplicasHoldSockets: of three replicas two have a Socket Mode connection;
// when one of them dies the third takes its place, and nothing that is said meanwhile
// is lost.
func TestTwoReplicasHoldSockets(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[3], options{replicas: 3, redis: redistest.Start(t).URL(), slack: slacktest.Options{WaitTimeout: time.Minute}})
	// A lease runs out ten seconds after its holder died, and the address of a socket
	// has a narrow limit of its own.
	two := func() {
		t.Helper()
		if !process.Eventually(2*patience, func() bool { return d.slack.Sockets() == 2 }) {
			t.Fatalf("there are %d sockets", d.slack.Sockets())
		}
	}
	two()
	acme, who := d.firm("Leeds", "Acme", "frank")
	n, card := d.accepted(acme, "Over sockets", "acme", who[0])
	// One of two holders is certainly among the first two that are killed.
	for i, p := range d.replicas[:2] {
		p.Kill()
		for j := range 3 {
			_, err := who[0].Reply(acme, card.TS, fmt.Sprintf("reply %d.%d", i, j))
			d.must(err)
		}
		until(t, "a socket", func() bool { return d.slack.Sockets() > 0 })
		p.Start()
		two()
	}
	d.must(d.slack.Settle())
	d.slack.Advance(time.Minute)
	d.must(d.slack.Settle())
	for i := range 2 {
		for j := range 3 {
			d.once(n, fmt.Sprintf("reply %d.%d", i, j))
		}
	}
}
