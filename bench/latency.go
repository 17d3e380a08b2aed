package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/workflow"
)

const (
	// firmsOfLatency is over how many firms the clicks and replies go: one channel
	// is served one call at a time.
	firmsOfLatency = 100
	here           = "bench:here"
	there          = "bench:there"
	// mostWork bounds how many clicks or replies are made ready.
	mostWork = 20_000
)

// latencies measures how soon the outgoing call begins that a click or a reply is the
// cause of, beyond the platform's own time, in this process on both engines.
func (b *bench) latencies(ctx context.Context, c deliveryConfig, p *printer) error {
	db, err := b.postgres(ctx, "postgres-for-latencies")
	if err != nil {
		return err
	}
	p.line("From the arrival of %d a second until the call leaves that shows it, over %d firms; the platform takes %v for each call", c.rate, firmsOfLatency, c.latency)
	for _, engine := range []struct{ name, url string }{
		{"SQLite", "sqlite:" + filepath.Join(b.work, "latencies.db")}, {"PostgreSQL", db.dsn()},
	} {
		b.progress("measuring clicks and replies on %s", engine.name)
		clicked, mirrored, err := measureLatency(ctx, engine.url, c)
		if err != nil {
			return fmt.Errorf("%s: %w", engine.name, err)
		}
		p.line("  %-10s click → card update: %s (aim: p50 5 ms, p99 50 ms)", engine.name, clicked)
		p.line("  %-10s reply → mirror:      %s", engine.name, mirrored)
	}
	return p.err
}

// delays are how long things took.
type delays []time.Duration

func (d delays) String() string {
	list := slices.Clone(d)
	slices.Sort(list)
	ms := func(q float64) float64 { return float64(quantile(list, q).Microseconds()) / 1000 }
	return fmt.Sprintf("%d, p50 %.1f ms, p99 %.1f ms", len(list), ms(.5), ms(.99))
}

func measureLatency(ctx context.Context, url string, c deliveryConfig) (clicked, mirrored delays, err error) {
	store, err := sqlstore.Open(ctx, url, sqlstore.Options{Migrate: true})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	key := []byte(secretKey)
	e, err := bot.New(ctx, bot.Config{Store: store, SecretKey: key, Now: store.Now})
	if err != nil {
		return nil, nil, err
	}
	a := &instantPlatform{id: here, latency: c.latency, left: map[string]time.Time{}}
	z := &instantPlatform{id: there, latency: c.latency, left: map[string]time.Time{}}
	n := min(int(c.length.Seconds())*c.rate, mostWork)
	tokens, err := fillDesk(ctx, store, ticket.NewSigner(key), n)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range []*instantPlatform{a, z} {
		if err := e.Attach(ctx, p, "", ""); err != nil {
			return nil, nil, err
		}
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(running) }()
	defer func() { stop(); err = errors.Join(err, <-ended) }()

	// Clicks: each presses Accept on a card of its own.
	began, err := atRate(ctx, n, c.rate, func(k int) error {
		id := fmt.Sprint("i", k)
		answer, err := e.Handle(ctx, chat.Inbound{
			Key: "click" + id, Workspace: here, At: store.Now(), Channel: firmChannelOf(k), From: chat.Person{ID: firmPersonOf(k)},
			Body: chat.Click{Token: tokens[k], Message: "f" + id},
		})
		if err == nil && answer.Refused != "" {
			err = fmt.Errorf("click %d was refused: %s", k, answer.Refused)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if clicked, err = a.delays(ctx, began, func(k int) string { return fmt.Sprint("update fi", k) }); err != nil {
		return nil, nil, fmt.Errorf("clicks: %w", err)
	}
	// Replies: each in the thread of its firm's last card.
	began, err = atRate(ctx, n, c.rate, func(k int) error {
		_, err := e.Handle(ctx, chat.Inbound{
			Key: fmt.Sprint("reply", k), Workspace: here, At: store.Now(), Channel: firmChannelOf(k), From: chat.Person{ID: firmPersonOf(k)},
			Body: chat.Said{Message: fmt.Sprint("r", k), Thread: fmt.Sprint("fi", k), Text: fmt.Sprintf("reply %d.", k)},
		})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if mirrored, err = z.delays(ctx, began, func(k int) string { return fmt.Sprintf("reply %d.", k) }); err != nil {
		return nil, nil, fmt.Errorf("replies: %w", err)
	}
	return clicked, mirrored, nil
}

func firmOf(k int) string        { return fmt.Sprintf("firm%03d", k%firmsOfLatency) }
func firmChannelOf(k int) string { return "C-" + firmOf(k) }
func firmPersonOf(k int) string  { return "U-" + firmOf(k) }

// fillDesk makes firms with a channel on each platform, and offered jobs whose cards
// stand there. It returns the tokens behind their Accept buttons.
func fillDesk(ctx context.Context, store storage.Store, signer *ticket.Signer, n int) ([]string, error) {
	now := time.Now()
	var channels []storage.Channel
	for _, w := range []string{here, there} {
		if err := store.PutWorkspace(ctx, storage.Workspace{ID: w, Desk: "main", Platform: "bench", Name: w, Bot: "bot"}); err != nil {
			return nil, err
		}
		for k := range firmsOfLatency {
			channels = append(channels, storage.Channel{Workspace: w, ID: firmChannelOf(k), Kind: storage.ContractorChannel, Contractor: firmOf(k), CreatedAt: now})
		}
	}
	err := store.Update(ctx, "main", func(tx storage.Tx) error {
		for k := range firmsOfLatency {
			firm := storage.Contractor{ID: firmOf(k), City: "Leeds", Company: firmOf(k), State: storage.ContractorActive, CreatedAt: now}
			if err := tx.InsertContractor(ctx, firm); err != nil {
				return err
			}
		}
		for _, c := range channels {
			if err := tx.PutChannel(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	tokens := make([]string, n)
	for from := 0; from < n; from += 500 {
		err := store.Update(ctx, "main", func(tx storage.Tx) error {
			for k := from; k < min(from+500, n); k++ {
				id := fmt.Sprint("i", k)
				if _, err := tx.InsertIssue(ctx, storage.Issue{Issue: workflow.Issue{
					ID: id, Status: workflow.Allocated, Revision: 1, CreatedAt: now,
					Assignments: []workflow.Assignment{{ID: "a" + id, Contractor: firmOf(k), Status: workflow.Assigned, Revision: 1, CreatedAt: now}},
				}, Title: "Boiler down"}); err != nil {
					return err
				}
				for w, card := range map[string]string{here: "f" + id, there: "g" + id} {
					if err := tx.PutCard(ctx, storage.Card{
						ID: card, Kind: storage.AssignmentCard, Issue: id, Assignment: "a" + id, Workspace: w, Channel: firmChannelOf(k), Message: card,
					}); err != nil {
						return err
					}
				}
				tokens[k] = signer.Sign(ticket.Ticket{
					Desk: "main", Verb: string(workflow.Accept), Issue: id, Assignment: "a" + id, Revision: 1, Card: "f" + id, Expires: now.Add(time.Hour).Unix(),
				})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// atRate does n things at a steady rate, each when its time has come whether or not
// those before have ended, and returns when each was due.
func atRate(ctx context.Context, n, rate int, do func(k int) error) ([]time.Time, error) {
	due := make([]time.Time, n)
	errs := make([]error, n)
	first := time.Now().Add(time.Second)
	var all sync.WaitGroup
	for k := range n {
		due[k] = first.Add(time.Duration(k) * time.Second / time.Duration(rate))
		if err := sleep(ctx, time.Until(due[k])); err != nil {
			return nil, err
		}
		all.Go(func() { errs[k] = do(k) })
	}
	all.Wait()
	return due, errors.Join(errs...)
}

// instantPlatform notes when each call arrives, and answers after its latency.
type instantPlatform struct {
	chat.Platform
	id      string
	latency time.Duration

	mu     sync.Mutex
	serial int
	left   map[string]time.Time
}

// delays waits until everything has left and gives how long after its time each did.
func (p *instantPlatform) delays(ctx context.Context, began []time.Time, name func(k int) string) (delays, error) {
	out := make(delays, len(began))
	limit := time.Now().Add(30 * time.Second)
	for k := range began {
		for {
			p.mu.Lock()
			at, ok := p.left[name(k)]
			p.mu.Unlock()
			if ok {
				out[k] = at.Sub(began[k])
				break
			}
			if time.Now().After(limit) {
				return nil, fmt.Errorf("%q did not leave", name(k))
			}
			if err := sleep(ctx, 10*time.Millisecond); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// note keeps the first time only: a card is drawn anew for other reasons later.
func (p *instantPlatform) note(ctx context.Context, what string) error {
	p.mu.Lock()
	if _, ok := p.left[what]; !ok {
		p.left[what] = time.Now()
	}
	p.mu.Unlock()
	return sleep(ctx, p.latency)
}

func (p *instantPlatform) Workspace() string { return p.id }
func (p *instantPlatform) Limits() chat.Limits {
	return chat.Limits{MessageRunes: 4000, ChannelName: 80}
}

func (p *instantPlatform) Self() chat.Person {
	return chat.Person{ID: "bot", Name: "taskbridge", Kind: chat.Bot}
}

func (p *instantPlatform) Measure(t chat.Text) int {
	return utf8.RuneCountInString(t.String())
}

func (p *instantPlatform) Person(_ context.Context, id string) (chat.Person, error) {
	return chat.Person{ID: id, Name: id, Kind: chat.External}, nil
}

func (p *instantPlatform) Members(_ context.Context, channel string) ([]string, error) {
	return []string{"bot", "U-" + strings.TrimPrefix(channel, "C-")}, nil
}

func (p *instantPlatform) Channel(_ context.Context, id string) (chat.ChannelInfo, error) {
	return chat.ChannelInfo{ID: id, Name: id, Private: true}, nil
}

func (p *instantPlatform) Find(context.Context, chat.Post) (string, error) { return "", nil }

func (p *instantPlatform) Delete(context.Context, string, string) error { return nil }

func (p *instantPlatform) Whisper(context.Context, string, string, chat.Message) error { return nil }

func (p *instantPlatform) Update(ctx context.Context, _, message string, _ chat.Message) error {
	return p.note(ctx, "update "+message)
}

func (p *instantPlatform) Post(ctx context.Context, in chat.Post) (string, error) {
	p.mu.Lock()
	p.serial++
	id := fmt.Sprint("p", p.serial)
	p.mu.Unlock()
	text := in.Message.Text.String()
	if i := strings.Index(text, "reply "); i >= 0 {
		text = text[i:]
	}
	return id, p.note(ctx, text)
}
