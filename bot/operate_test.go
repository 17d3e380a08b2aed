package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestParkedLaneIsTriedAgain although nothing tells that it was mended, and the
// operators are not told twice of one failure.
func TestParkedLaneIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.drained()
	stop := d.failing(firmChannel, &chat.SendError{Reason: chat.MissingScope})
	d.says("olivia", "ops", "comment 1 word 0")
	d.waitText("ops", "I cannot post to "+firmChannel)
	tried := d.called("refused " + firmChannel)
	for range 3 {
		d.clock.Advance(11 * time.Minute)
		d.untilWritten("another try", func() bool { return d.called("refused "+firmChannel) > tried })
		tried = d.called("refused " + firmChannel)
	}
	summary := d.says("olivia", "ops", "summary")
	for _, want := range []string{"I cannot post to " + firmChannel, "the app lacks a permission", "1 message waits for it"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary does not say %q:\n%s", want, summary)
		}
	}
	stop()
	d.clock.Advance(11 * time.Minute)
	d.drained()
	if got := d.texts(firmChannel, "word"); len(got) != 1 {
		t.Errorf("after mending: %v", got)
	}
	if n := len(d.posts("ops", "I cannot post to")); n != 1 {
		t.Errorf("the operators were told %d times", n)
	}
	if summary = d.says("olivia", "ops", "summary"); strings.Contains(summary, "cannot post") {
		t.Errorf("after mending the summary says:\n%s", summary)
	}
	// A failure that comes after something got through is another one.
	stop = d.failing(firmChannel, &chat.SendError{Reason: chat.NotInChannel})
	defer stop()
	d.says("olivia", "ops", "comment 1 word 1")
	d.untilSent("a second notice", func() bool { return len(d.posts("ops", "I cannot post to")) == 2 })
}

// TestOperatorsRetryAndDrop is what the command line does.
func TestOperatorsRetryAndDrop(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.drained()
	// A message that fails for ever blocks those behind it.
	d.p.mu.Lock()
	d.p.failPost = func(in chat.Post) error {
		if strings.Contains(in.Message.Text.String(), "poison") {
			return &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Hour}
		}
		return nil
	}
	d.p.mu.Unlock()
	d.says("olivia", "ops", "comment 1 poison")
	d.says("olivia", "ops", "comment 1 word")
	ctx := t.Context()
	lane := storage.Lane{Workspace: workspace, Name: firmChannel}
	var list []bot.Queued
	d.until("a delivery that waits", func() bool {
		var err error
		if list, err = d.engine.Queue(ctx, storage.ListDeliveriesParams{Lane: lane}); err != nil {
			t.Fatal(err)
		}
		return len(list) == 2 && list[0].LastError != ""
	})
	first := list[0]
	if first.Destination != firmChannel || first.LastError != "unavailable" || len(first.Trace) != 32 || first.InFlight {
		t.Errorf("the head is %+v", first)
	}
	if _, err := d.engine.Lanes(ctx, "no-such-channel"); !errors.Is(err, chat.ErrNoSuch) {
		t.Errorf("lanes of a channel that is not there: %v", err)
	}
	lanes, err := d.engine.Lanes(ctx, firmChannel)
	// The firm's pinned list waits, too, beside the channel.
	if err != nil || !slices.Contains(lanes, lane) {
		t.Fatalf("lanes %v: %v", lanes, err)
	}
	if err := d.engine.Retry(ctx, lane); err != nil {
		t.Fatal(err)
	}
	d.until("another try", func() bool {
		list, err := d.engine.Queue(ctx, storage.ListDeliveriesParams{Lane: lane})
		if err != nil {
			t.Fatal(err)
		}
		return len(list) == 2 && list[0].Attempts == 2 && !list[0].InFlight
	})
	if _, err := d.engine.Drop(ctx, first.ID, "of no use any more"); err != nil {
		t.Fatal(err)
	}
	d.drained()
	if got := d.texts(firmChannel, "word"); len(got) != 1 {
		t.Errorf("what waited behind it: %v", got)
	}
	if _, err := d.engine.Drop(ctx, first.ID, "again"); !errors.Is(err, chat.ErrNoSuch) {
		t.Errorf("dropped twice: %v", err)
	}
	if h := d.says("olivia", "ops", "history 1"); !strings.Contains(h, "A message was given up at the command line: of no use any more") {
		t.Errorf("the history says:\n%s", h)
	}
	if h := d.says("cora", firmChannel, "history 1"); strings.Contains(h, "given up") {
		t.Errorf("the firm reads:\n%s", h)
	}
}

// TestDroppedWhileSomebodyWaits tells who asked what became of it, in the answer that they
// wait for or, when that was given up, by a message.
func TestDroppedWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	d.p.refuse("create", &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Hour})
	answer := make(chan string, 1)
	go func() { answer <- d.says("olivia", "ops", "contractor add Leeds | Acme Heating") }()
	var opening bot.Queued
	d.until("a channel that cannot be made", func() bool {
		list, err := d.engine.Queue(t.Context(), storage.ListDeliveriesParams{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			if strings.HasPrefix(q.Lane.Name, "contractor/") && q.LastError != "" && !q.InFlight {
				opening = q
			}
		}
		return opening.ID != 0
	})
	if _, err := d.engine.Drop(t.Context(), opening.ID, "the server is gone"); err != nil {
		t.Fatal(err)
	}
	const want = "channel could not be made"
	if got := <-answer; !strings.Contains(got, want) {
		d.until("a message about it; the answer was "+got, func() bool {
			d.p.mu.Lock()
			defer d.p.mu.Unlock()
			return strings.Contains(strings.Join(d.p.whispers, "\n"), want)
		})
	}
}

// TestBrokenInvitations stand in the summary until the same person is invited anew.
func TestBrokenInvitations(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "contractor invite acme x@acme.example")
	d.drained()
	d.handle(chat.Inbound{Channel: firmChannel, Body: chat.InviteChanged{Invite: "I1", State: chat.InviteDeclined}})
	if s := d.says("olivia", "ops", "summary"); !strings.Contains(s, "1 invitation brought nobody in: x@acme.example (declined)") {
		t.Errorf("the summary says:\n%s", s)
	}
	d.says("olivia", "ops", "contractor invite acme x@acme.example")
	d.drained()
	if s := d.says("olivia", "ops", "summary"); strings.Contains(s, "brought nobody in") {
		t.Errorf("after another invitation the summary says:\n%s", s)
	}
}

// logged is a log that remembers which trace each line is about.
type logged struct {
	slog.Handler
	out *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Split(strings.TrimSpace(b.String()), "\n")
}

func (l logged) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("trace", chat.TraceOf(ctx)))
	return l.Handler.Handle(ctx, r)
}

func (l logged) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logged{l.Handler.WithAttrs(attrs), l.out}
}

func newLogged() logged {
	out := &syncBuffer{}
	return logged{slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}), out}
}

// TestTheLogShowsTheWayOfAReply from its arrival to each message sent because of it,
// under one trace id that follows from the platform's own id of the event.
func TestTheLogShowsTheWayOfAReply(t *testing.T) {
	t.Parallel()
	log := newLogged()
	d := newDesk(t, func(c *bot.Config) { c.Logger = slog.New(log) })
	d.withFirm()
	d.accepted()
	d.drained()
	key := d.key()
	d.handle(chat.Inbound{Key: key, From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{Text: "comment 1 mind the dog"}})
	d.drained()
	sent := d.waitText(firmChannel, "mind the dog")
	trace := chat.NewTrace(workspace, key)
	var way []string
	for _, line := range log.out.lines() {
		if strings.Contains(line, "trace="+trace) {
			way = append(way, line)
		}
	}
	for _, want := range []string{
		`msg="intake: handled" workspace=` + workspace + ` channel=ops kind=command outcome=ok`,
		fmt.Sprintf(`msg="dispatcher: posted" workspace=%s channel=%s kind=mirror delivery=`, workspace, firmChannel),
		"message=" + sent.ID + " ",
		`msg="dispatcher: updated" workspace=` + workspace + ` channel=ops kind=card`,
	} {
		if !strings.Contains(strings.Join(way, "\n"), want) {
			t.Errorf("the way does not show %s:\n%s", want, strings.Join(way, "\n"))
		}
	}
}

// TestLookGivenUpWhileSomebodyWaits: who asked for a look at a channel hears that there was
// none, and a channel that has another id is looked at under that.
func TestLookGivenUpWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	for name, giveUp := range map[string]func(d *desk, q bot.Queued){
		"dropped at the command line": func(d *desk, q bot.Queued) {
			if _, err := d.engine.Drop(d.t.Context(), q.ID, "the server is gone"); err != nil {
				d.t.Error(err)
			}
		},
		"refused": func(d *desk, q bot.Queued) {
			d.p.refuse("channel", &chat.SendError{Reason: chat.Unauthorised})
			if err := d.engine.Retry(d.t.Context(), q.Lane); err != nil {
				d.t.Error(err)
			}
		},
		"the channel moved": func(d *desk, q bot.Queued) {
			d.moves(firmChannel, "C-new")
			d.p.mu.Lock()
			d.p.channels["C-new"].Name = "acme-anew"
			d.p.mu.Unlock()
			d.p.takeAll()
			if err := d.engine.Retry(d.t.Context(), q.Lane); err != nil {
				d.t.Error(err)
			}
			d.drainedInTime()
			expect(d.t, d.says("olivia", "ops", "contractor show acme"), "acme-anew")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.drained()
			d.engine.AwaitFor(time.Millisecond)
			d.p.refuse("channel", &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Hour})
			expect(t, d.says("olivia", "ops", "contractor sync acme"), "looking at")
			var look bot.Queued
			d.until("a look that waits", func() bool {
				list, err := d.engine.Queue(t.Context(), storage.ListDeliveriesParams{Limit: 100})
				if err != nil {
					t.Fatal(err)
				}
				for _, q := range list {
					if q.Lane.Name == "sync/"+firmChannel && q.LastError != "" && !q.InFlight {
						look = q
					}
				}
				return look.ID != 0
			})
			giveUp(d, look)
			d.untilInTime("who asked to be told", func() bool {
				d.p.mu.Lock()
				defer d.p.mu.Unlock()
				return strings.Contains(strings.Join(d.p.whispers, "\n"), "olivia: The channel could not be looked at. Say /task contractor sync")
			})
		})
	}
}
