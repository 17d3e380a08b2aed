package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// The kinds of deliveries.
const (
	// deliverCard shows a card as its job is at the time of sending.
	deliverCard = "card"
	deliverPost = "post"
	// deliverMirror shows a comment in another thread, as it is at the time of sending.
	// deliverFill looks again at a channel that was linked.
	deliverMirror = "mirror"
	deliverFill   = "fill"
	// deliverBundle shows what was gathered for a thread.
	deliverBundle = "bundle"
	// deliverWhisper tells one person something, deliverDirect in their own conversation
	// with the bot.
	deliverWhisper = "whisper"
	deliverDirect  = "direct"
	// deliverChannel makes a firm's channel, deliverMembers fills a channel and
	// deliverInvite asks somebody outside in.
	deliverChannel = "channel"
	deliverMembers = "members"
	deliverInvite  = "invite"
	// deliverRemove takes somebody out of a channel and deliverSync compares a firm's
	// channel with what the desk wants.
	deliverRemove = "remove"
	deliverSync   = "sync"
	// deliverTakeBack and deliverFarewell are the steps of off-boarding a firm,
	// deliverArchive closes its channel and deliverRestore opens it again.
	deliverTakeBack = "take_back"
	deliverFarewell = "farewell"
	deliverArchive  = "archive"
	deliverRestore  = "restore"
	// deliverFetch keeps the files of a comment, deliverUpload brings them to another
	// platform and deliverFiles shows them in a thread there.
	deliverFetch  = "fetch_files"
	deliverUpload = "upload_files"
	deliverFiles  = "files"
	// deliverBoard shows a firm's open jobs as they are at the time of sending.
	// deliverPin pins it again and deliverUnboard takes it away, as it does with what was
	// said under a card that went.
	deliverBoard   = "board"
	deliverPin     = "pin"
	deliverUnboard = "unboard"
	// deliverHome shows a person's home, deliverHomes looks whose have changed.
	deliverHome  = "home"
	deliverHomes = "homes"
	// deliverDigest posts a summary, deliverChart its picture under it.
	deliverDigest = "digest"
	deliverChart  = "chart"
	// deliverWebhook tells another system what happened.
	deliverWebhook = "webhook"
)

// postPayload is a message on its way; Thread is the id of the card it replies to. Last
// is set for what is said in a channel that is the firm's no longer.
type postPayload struct {
	Thread  string `json:",omitempty"`
	Last    bool   `json:",omitempty"`
	Message chat.Message
}

type whisperPayload struct {
	Person string
	// Channel is set where the lane is not that of the channel.
	Channel string `json:",omitempty"`
	Message chat.Message
}

// asker is who asked for what the dispatcher does. Ref names the outcome that they may
// be waiting for; the rest says where to tell them when they no longer are.
type asker struct {
	Ref                        string
	Workspace, Channel, Person string
}

type channelPayload struct {
	Contractor string
	Asker      asker
}

type membersPayload struct{ People []string }

type invitePayload struct {
	Invitation string
	Contractor string
	Address    string
	Asker      asker
}

// What the names of lanes begin with that are not a channel's own: destination tells
// which of them lead to a channel.
const (
	threadPrefix = "thread/"
	linkLane     = "link/"
	syncPrefix   = "sync/"
	personLane   = "person/"
	directLane   = "direct/"
	homeLane     = "home/"
	homesLane    = "homes"
	firmLane     = "contractor/"
	leavingLane  = "offboard/"
)

func channelLane(workspace, channel string) storage.Lane {
	return storage.Lane{Workspace: workspace, Name: channel}
}

func (t *turn) enqueue(ctx context.Context, lane storage.Lane, kind string, payload any) error {
	body, err := encode(payload)
	if err != nil {
		return err
	}
	if err := t.tx.Enqueue(ctx, storage.Delivery{Lane: lane, Kind: kind, Payload: body, CreatedAt: t.now, Trace: t.trace}); err != nil {
		return fmt.Errorf("enqueue a %s: %w", kind, err)
	}
	return nil
}

func (t *turn) enqueueCard(ctx context.Context, c storage.Card) error {
	err := t.tx.Enqueue(ctx, storage.Delivery{
		Lane: channelLane(c.Workspace, c.Channel), Kind: deliverCard, Card: c.ID, CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue a card: %w", err)
	}
	return nil
}

func (t *turn) enqueuePost(ctx context.Context, workspace, channel string, p postPayload) error {
	return t.enqueue(ctx, channelLane(workspace, channel), deliverPost, p)
}

// whisper tells one person something, later and outside any answer.
func (t *turn) whisper(ctx context.Context, workspace, channel, person string, m chat.Message) error {
	return t.enqueue(ctx, channelLane(workspace, channel), deliverWhisper, whisperPayload{Person: person, Message: m})
}

// asker is who this turn is for.
func (t *turn) asker() asker {
	return asker{Ref: newID(), Workspace: t.in.Workspace, Channel: t.in.Channel, Person: t.in.From.ID}
}

// awaitFor is how long an answer may wait for the dispatcher: the platforms give
// three seconds in all (docs.slack.dev/interactivity/handling-user-interaction).
const awaitFor = 1800 * time.Millisecond

// outcomes lets the one who caused a delivery learn how it ended, when it ends in
// time and in this process. The zero value is ready.
type outcomes struct {
	mu      sync.Mutex
	waiting map[string]chan chat.Text
}

// awaited is an outcome that somebody waits for.
type awaited struct {
	ref  string
	text <-chan chat.Text
}

// expect announces that somebody waits. It is done before the commit, so that the
// outcome cannot come first.
func (o *outcomes) expect(ref string) *awaited {
	text := make(chan chat.Text, 1)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting == nil {
		o.waiting = map[string]chan chat.Text{}
	}
	o.waiting[ref] = text
	return &awaited{ref: ref, text: text}
}

// publish hands an outcome to whoever waits. It returns false when nobody does.
func (o *outcomes) publish(ref string, text chat.Text) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	ch, ok := o.waiting[ref]
	if !ok {
		return false
	}
	delete(o.waiting, ref)
	ch <- text
	return true
}

// waits tells whether somebody waits for an outcome.
func (o *outcomes) waits(ref string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting[ref] != nil
}

func (o *outcomes) forget(ref string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.waiting, ref)
}

// complete waits a moment for an outcome and answers with it; when it comes later
// the dispatcher tells the person itself.
func (e *Engine) complete(ctx context.Context, w *awaited, answer chat.Answer) chat.Answer {
	timer := time.NewTimer(e.awaitFor)
	defer timer.Stop()
	select {
	case text := <-w.text:
		answer.Message.Text = text
		return answer
	case <-timer.C:
	case <-ctx.Done():
	}
	e.outcomes.forget(w.ref)
	// The outcome may have come between the timer and forgetting it.
	select {
	case text := <-w.text:
		answer.Message.Text = text
	default:
	}
	return answer
}
