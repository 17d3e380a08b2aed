package bot_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/workflow"
)

// BenchmarkReply is one thread reply, handled whole: deduplicated, entered into
// the ledger and the history, the desk's card marked, committed with full sync.
func BenchmarkReply(b *testing.B) {
	d := benchDesk(b)
	var n atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			k := n.Add(1)
			_, err := d.engine.Handle(context.Background(), chat.Inbound{
				Key: fmt.Sprintf("e%d", k), Workspace: workspace, At: time.Now(), Channel: firmChannel,
				From: chat.Person{ID: "cora"}, Body: chat.Said{Message: fmt.Sprintf("m%d", k), Thread: d.threads[k%benchThreads], Text: "On my way, ten minutes."},
			})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// benchThreads is how many jobs are spoken of by turns: what is written to one thread
// alone stands closer together in the tables than it does in life.
const benchThreads = 32

type benchSetup struct {
	engine  *bot.Engine
	store   storage.Store
	threads []string
}

// benchDesk makes a desk with jobs in progress whose cards are posted.
func benchDesk(b *testing.B) benchSetup {
	b.Helper()
	ctx := b.Context()
	store := openStore(b, file.Database(b), sqlstore.Options{})
	p := newFakePlatform(workspace)
	p.addPerson("cora", chat.External, false)
	p.addChannel("ops", "olivia")
	p.addChannel(firmChannel, "cora")
	e, err := bot.New(ctx, bot.Config{Store: store, SecretKey: []byte("0123456789abcdef")})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	var threads []string
	err = store.Update(ctx, "main", func(tx storage.Tx) error {
		if err := tx.InsertContractor(ctx, storage.Contractor{ID: "c", City: "Leeds", Company: "Acme", State: storage.ContractorActive, CreatedAt: now}); err != nil {
			return err
		}
		for _, c := range []storage.Channel{
			{Workspace: workspace, ID: "ops", Kind: storage.OperationsChannel, CreatedAt: now},
			{Workspace: workspace, ID: firmChannel, Kind: storage.ContractorChannel, Contractor: "c", CreatedAt: now},
		} {
			if err := tx.PutChannel(ctx, c); err != nil {
				return err
			}
		}
		for n := range benchThreads {
			id := fmt.Sprintf("t%d", n)
			if err := benchJob(ctx, tx, id, workflow.Assignment{Status: workflow.InProgress, Revision: 3, CreatedAt: now}); err != nil {
				return err
			}
			threads = append(threads, "f"+id)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := e.Attach(ctx, p, "", ""); err != nil {
		b.Fatal(err)
	}
	// The dispatcher runs as it does in life: the platform takes one message a
	// second and channel, so almost everything waits.
	p.fail = func(string) error {
		return &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: time.Second}
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = e.Run(run) }()
	b.Cleanup(func() { stop(); <-ended })
	return benchSetup{engine: e, store: store, threads: threads}
}

// benchJob puts a job of the firm into the store, with both cards.
func benchJob(ctx context.Context, tx storage.Tx, id string, a workflow.Assignment) error {
	a.ID, a.Contractor = "a"+id, "c"
	i := storage.Issue{Issue: workflow.Issue{
		ID: id, Status: workflow.Allocated, Revision: 1, CreatedAt: a.CreatedAt, Assignments: []workflow.Assignment{a},
	}, Title: "Boiler down"}
	if _, err := tx.InsertIssue(ctx, i); err != nil {
		return err
	}
	for _, c := range []storage.Card{
		{ID: "o" + id, Kind: storage.IssueCard, Issue: id, Workspace: workspace, Channel: "ops", Message: "o" + id},
		{ID: "f" + id, Kind: storage.AssignmentCard, Issue: id, Assignment: a.ID, Workspace: workspace, Channel: firmChannel, Message: "f" + id},
	} {
		if err := tx.PutCard(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkClick is one press of Accept, handled whole: authorised, decided, the
// new state, its history and the cards to be drawn committed with full sync.
func BenchmarkClick(b *testing.B) {
	d := benchDesk(b)
	ctx := b.Context()
	now := time.Now()
	signer := ticket.NewSigner([]byte("0123456789abcdef"))
	tokens := make([]string, b.N)
	for from := 0; from < b.N; from += 500 {
		err := d.store.Update(ctx, "main", func(tx storage.Tx) error {
			for n := from; n < min(from+500, b.N); n++ {
				id := fmt.Sprintf("i%d", n)
				if err := benchJob(ctx, tx, id, workflow.Assignment{Status: workflow.Assigned, Revision: 1, CreatedAt: now}); err != nil {
					return err
				}
				tokens[n] = signer.Sign(ticket.Ticket{Desk: "main", Verb: "accept", Issue: id, Assignment: "a" + id, Revision: 1, Card: "f" + id, Expires: now.Add(time.Hour).Unix()})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	var n atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			k := n.Add(1) - 1
			a, err := d.engine.Handle(context.Background(), chat.Inbound{
				Key: fmt.Sprintf("e%d", k), Workspace: workspace, At: time.Now(), Channel: firmChannel,
				From: chat.Person{ID: "cora"}, Body: chat.Click{Token: tokens[k], Message: fmt.Sprintf("fi%d", k)},
			})
			if err != nil || a.Refused != "" {
				b.Error(err, a.Refused)
				return
			}
		}
	})
}

// BenchmarkHistory is one page of a history of 10,000 entries, half of them said, as
// chat shows it.
func BenchmarkHistory(b *testing.B) {
	d := benchDesk(b)
	ctx := b.Context()
	const entries = 10_000
	at := time.Now().Add(-entries * time.Second)
	err := d.store.Update(ctx, "main", func(tx storage.Tx) error {
		for n := range entries / 2 {
			c := storage.Comment{
				ID: fmt.Sprintf("k%d", n), Issue: "t1", Assignment: "at1", Visibility: workflow.Shared, CreatedAt: at.Add(time.Duration(n) * time.Second),
				Author: storage.Author{ID: "cora", Name: "Cora", Side: "contractor"}, Text: "On my way, ten minutes.",
				Source: storage.Source{Platform: "slack", Workspace: workspace, Channel: firmChannel, Thread: "ft1", Message: fmt.Sprintf("h%d", n)},
			}
			if _, err := tx.InsertComment(ctx, c); err != nil {
				return err
			}
			err := tx.Append(ctx, storage.Event{Issue: "t1", Assignment: "at1", At: c.CreatedAt, Kind: "comment_added"},
				storage.Event{Issue: "t1", Assignment: "at1", At: c.CreatedAt, Kind: workflow.EventStep, Data: map[string]string{"step": "Travel"}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n++
		a, err := d.engine.Handle(ctx, chat.Inbound{
			Key: fmt.Sprintf("h%d", n), Workspace: workspace, At: time.Now(), Channel: firmChannel,
			From: chat.Person{ID: "cora"}, Body: chat.Command{Text: "history 2"},
		})
		if err != nil || len(a.Message.Buttons) != 1 {
			b.Fatalf("%+v: %v", a, err)
		}
	}
}
