package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"

	"golang.org/x/sync/errgroup"
)

// The desk's own channels hold what no firm may read. A channel that another company
// reads cannot be one of them, and when it becomes one nothing more is posted there.
// A guest was let in by name, by the desk's own people: that is said and not refused.

// sharedChannel says why a channel cannot be one of the desk's own.
func sharedChannel() *workflow.Refusal {
	return workflow.Refuse(workflow.Invalid, "This channel is shared with another company, which would read the desk's internal notes. Use a private channel of your own people.")
}

// channelShared is why nothing is posted to a channel of the desk's own.
const channelShared chat.Reason = "channel_shared"

const (
	// guestsFor bounds the look for guests: the answer is due in three seconds.
	guestsFor = time.Second
	// guestsAtOnce is how many people are asked about at the same time.
	guestsAtOnce = 8
	// warnedMost is how many operators are told one by one.
	warnedMost = 50
)

// keepsInside refuses to post into a channel of the desk's own, or one that was, that
// another company reads.
func (e *Engine) keepsInside(ctx context.Context, d storage.Delivery) error {
	if !waitsForMending(d.Kind) || d.Kind == deliverHome || d.Kind == deliverHomes {
		// One person reads those, or nobody.
		return nil
	}
	outside, err := e.places.surely(ctx, destination(d), exposed)
	if err != nil || !outside {
		return err
	}
	return &chat.SendError{Reason: channelShared, Err: errors.New("another company reads this channel")}
}

// desksOwn tells whether a channel is one of the desk's own, or was one.
func desksOwn(c storage.Channel) bool {
	return c.Contractor == "" && c.Kind != storage.ExternalChannel
}

func exposed(c storage.Channel) bool {
	return c.State == string(chat.ChannelShared) && desksOwn(c)
}

// shared takes note that another company reads a channel from now on. For a firm's
// channel that is as it should be.
func (t *turn) shared(ctx context.Context, c storage.Channel) error {
	if !desksOwn(c) {
		c.Shared = true
		if c.State == string(chat.ChannelSevered) {
			return t.mend(ctx, c)
		}
		return t.saveChannel(ctx, c)
	}
	if c.State == string(chat.ChannelShared) || t.ready.err == nil && !t.ready.channel.Shared {
		// Known already, or shared within one company.
		return nil
	}
	c.State = string(chat.ChannelShared)
	if err := t.saveChannel(ctx, c); err != nil {
		return err
	}
	if _, err := t.tx.Park(ctx, channelLane(c.Workspace, c.ID), string(channelShared), t.now); err != nil {
		return fmt.Errorf("park a lane: %w", err)
	}
	t.committed = append(t.committed, t.places.forget)
	if err := t.record(ctx, "", workflow.Event{Kind: "channel_shared", Data: map[string]string{"channel": c.ID}}); err != nil {
		return err
	}
	if c.Kind == "" {
		// Of a former one nobody has to be told.
		return nil
	}
	return t.warnOfShared(ctx, c)
}

// warnOfShared tells the people of a channel, each alone, and the desk's other
// operations channels.
func (t *turn) warnOfShared(ctx context.Context, c storage.Channel) error {
	m := chat.Message{Tone: chat.Bad, Text: chat.T(t.present.Say("The %s channel %s is shared with another company now, which reads everything in it. I post nothing there until it is no longer shared, or until %s here %s is said in a private channel of your own people.", string(c.Kind), c.Name, t.present.Command, string(c.Kind)))}
	people := t.roster.list(c)
	people = slices.DeleteFunc(people, func(id string) bool {
		who, known := t.roster.people.Get(personKey{c.Workspace, id})
		return known && who.Kind != chat.Member
	})
	for _, id := range people[:min(len(people), warnedMost)] {
		lane := storage.Lane{Workspace: c.Workspace, Name: personLane + id}
		if err := t.enqueue(ctx, lane, deliverWhisper, whisperPayload{Person: id, Channel: c.ID, Message: m}); err != nil {
			return err
		}
	}
	others, err := t.tx.ListChannels(ctx, storage.OperationsChannel, "")
	if err != nil {
		return fmt.Errorf("list the operations channels: %w", err)
	}
	for _, o := range others {
		if o.Workspace == c.Workspace && o.ID == c.ID {
			continue
		}
		if err := t.enqueuePost(ctx, o.Workspace, o.ID, postPayload{Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// lookForShared compares the desk's own channels with the platform: they may have
// been shared, or be shared no longer, while nobody was here to be told.
func (e *Engine) lookForShared(ctx context.Context, p chat.Platform) {
	all, err := e.places.all(ctx)
	if err != nil {
		e.log.WarnContext(ctx, "exposure: channels not read", "err", err)
		return
	}
	for _, c := range all {
		if c.Workspace != p.Workspace() || !desksOwn(*c) {
			continue
		}
		info, err := p.Channel(ctx, c.ID)
		if err != nil || info.Shared == (c.State == string(chat.ChannelShared)) {
			continue
		}
		change := chat.ChannelSevered
		if info.Shared {
			change = chat.ChannelShared
		}
		_, err = e.Handle(ctx, chat.Inbound{
			Key: fmt.Sprintf("exposure/%s/%s/%d", c.ID, change, e.now().UnixNano()), Workspace: c.Workspace,
			At: e.now(), Channel: c.ID, Body: chat.ChannelChanged{Change: change},
		})
		if err != nil {
			e.log.WarnContext(ctx, "exposure: not recorded", "workspace", c.Workspace, "channel", c.ID, "err", err)
		}
	}
}

// guestsAmong names those of a channel who are no full members, as far as the
// platform tells in a moment.
func guestsAmong(ctx context.Context, p chat.Directory, members []string) []string {
	ctx, cancel := context.WithTimeout(ctx, guestsFor)
	defer cancel()
	names := make([]string, len(members))
	var asking errgroup.Group
	asking.SetLimit(guestsAtOnce)
	for n, id := range members {
		asking.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			// Who cannot be looked up now is no reason to refuse the channel.
			if who, err := p.Person(ctx, id); err == nil && isGuest(who) {
				names[n] = who.Name
			}
			return nil
		})
	}
	_ = asking.Wait()
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	slices.Sort(names)
	return names
}

func isGuest(p chat.Person) bool { return p.Kind == chat.Guest || p.Kind == chat.External }

// guestsRead says what guests in a channel of the desk's own can do.
func (t *turn) guestsRead(names []string) string {
	const most = 5
	if len(names) > most {
		names = append(slices.Clone(names[:most]), t.present.Say("%d more", len(names)-most))
	}
	return t.present.Say("Guests have no rights here but read everything, internal notes too: %s. Remove them unless you want that.", strings.Join(names, ", "))
}

// guestJoined warns of a guest who has come into a channel of the desk's own.
func (t *turn) guestJoined(ctx context.Context) error {
	if t.place.Kind != storage.OperationsChannel && t.place.Kind != storage.ManagersChannel {
		return nil
	}
	who, known := t.roster.people.Get(personKey{t.in.Workspace, t.in.From.ID})
	if !known || !isGuest(who.Person) {
		return nil
	}
	return t.enqueuePost(ctx, t.place.Workspace, t.place.ID, postPayload{Message: chat.Message{Tone: chat.Bad, Text: chat.T(t.guestsRead([]string{who.Name}))}})
}
