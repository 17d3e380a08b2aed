package mattermost

import (
	"context"
	"fmt"
	"time"

	"taskbridge/bot/chat"
)

// unreachableFor is how long a channel that the bot cannot read is left alone.
const unreachableFor = 10 * time.Minute

// tend keeps channels complete and their marks moving until the context ends.
func (f *feed) tend(ctx context.Context) {
	for {
		next := f.round(ctx)
		t := time.NewTimer(next)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-f.wake:
			t.Stop()
		case <-t.C:
		}
	}
}

// round does what is due and returns how long nothing else will be.
func (f *feed) round(ctx context.Context) time.Duration {
	f.mu.Lock()
	generation, mark := f.generation, f.mark
	f.mu.Unlock()
	next := f.a.timing.mark
	if generation == 0 {
		// Never connected: a catch-up now would leave a hole until we are.
		return next
	}
	watched, err := f.a.watch.Watched(ctx, f.a.Workspace())
	if err != nil {
		if ctx.Err() == nil {
			f.a.log.WarnContext(ctx, "mattermost: watched channels are not known", "err", err)
		}
		f.watchFailed++
		return f.backOff(f.watchFailed)
	}
	f.watchFailed = 0
	f.watch(watched)
	now := time.Now()
	marking := now.Sub(f.lastMarked) >= f.a.timing.mark
	for _, w := range watched {
		complete, wait := f.due(w, now)
		switch {
		case !complete:
			next = min(next, wait)
		case marking && mark.After(w.Since):
			if err := f.a.watch.CaughtUp(ctx, f.a.Workspace(), w.Channel, mark); err != nil && ctx.Err() == nil {
				// The mark stays behind, which costs a longer catch-up at worst.
				f.a.log.WarnContext(ctx, "mattermost: mark was not moved", "channel", w.Channel, "err", err)
			}
		}
	}
	if marking && !mark.IsZero() {
		f.lastMarked = now
	}
	return max(min(next, f.dueUnwatched(now)), time.Millisecond)
}

func (f *feed) watch(watched []chat.WatchedChannel) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watched = make(map[string]bool, len(watched))
	for _, w := range watched {
		f.watched[w.Channel] = true
	}
}

// due starts the catch-up of a channel that needs one. It tells whether the
// channel is complete, and if not when to look again.
func (f *feed) due(w chat.WatchedChannel, now time.Time) (complete bool, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	st := f.state(w.Channel)
	if st.complete == f.generation {
		if now.Sub(st.looked) < f.a.timing.compare {
			return true, 0
		}
		// Nothing seems to be missing, and the mark has moved with what we heard. All
		// since the last comparison is compared all the same.
		st.complete = 0
		w.Since = earlier(w.Since, st.compared)
	}
	if st.running {
		return false, f.a.timing.mark
	}
	if left := st.due.Sub(now); left > 0 {
		return false, left
	}
	st.running = true
	generation := f.generation
	f.lanes.push(w.Channel, func(ctx context.Context) { f.catchUp(ctx, w, generation) })
	return false, f.a.timing.mark
}

func earlier(a, b time.Time) time.Time {
	if !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// dueUnwatched tries the kept events of channels that nobody watches.
func (f *feed) dueUnwatched(now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.a.timing.mark
	for id, st := range f.channels {
		if f.watched[id] || len(st.redo) == 0 || st.running {
			continue
		}
		if left := st.due.Sub(now); left > 0 {
			next = min(next, left)
			continue
		}
		st.running = true
		f.lanes.push(id, func(ctx context.Context) {
			err := f.tryAgain(ctx, id)
			f.mu.Lock()
			f.settle(st, err)
			f.mu.Unlock()
			f.nudge()
		})
	}
	return next
}

// settle notes how an attempt ended; the caller holds the lock.
func (f *feed) settle(st *channelState, err error) {
	st.running = false
	if err == nil {
		st.tries = 0
		st.due = time.Time{}
		return
	}
	st.due = time.Now().Add(f.backOff(st.tries))
	st.tries++
}

// catchUp makes a channel complete: it hands over everything that the server has
// since the mark, under the same keys as the live events, and moves the mark.
func (f *feed) catchUp(ctx context.Context, w chat.WatchedChannel, generation int) {
	f.mu.Lock()
	holes := f.state(w.Channel).holes
	f.mu.Unlock()
	upTo, err := f.merge(ctx, w)
	reason := chat.ReasonOf(err)
	if err != nil && ctx.Err() == nil {
		f.a.log.WarnContext(ctx, "mattermost: channel is not caught up", "channel", w.Channel, "err", err)
	}
	f.mu.Lock()
	st := f.state(w.Channel)
	f.settle(st, err)
	switch {
	case st.holes != holes:
		// Something happened meanwhile, such as our being let in again: what was found is
		// old, and it is looked again soon.
	case reason == chat.NotInChannel || reason == chat.ChannelGone || reason == chat.NotFound:
		st.due = time.Now().Add(unreachableFor)
	case err == nil:
		st.complete, st.compared, st.looked = generation, upTo, time.Now()
	}
	f.mu.Unlock()
	f.nudge()
}

// merge gives the moment up to which nothing is missing.
func (f *feed) merge(ctx context.Context, w chat.WatchedChannel) (upTo time.Time, err error) {
	if err := f.tryAgain(ctx, w.Channel); err != nil {
		return upTo, err
	}
	// Live events are being queued since before this moment, so that nothing
	// falls between the two.
	upTo = f.a.api.serverNow().Add(-f.a.timing.margin)
	archived, err := f.compareChannel(ctx, w)
	if err != nil {
		return upTo, err
	}
	cutoff := w.Since.Add(-f.a.timing.overlap)
	rows, err := f.a.changedSince(ctx, w.Channel, cutoff)
	if err != nil {
		if archived && (chat.ReasonOf(err) == chat.NotInChannel || chat.ReasonOf(err) == chat.ChannelGone) {
			// The server may hide what archived channels hold.
			return upTo, nil
		}
		return upTo, err
	}
	d := f.decoder()
	for _, p := range rows {
		for _, in := range d.history(p, cutoff) {
			if err := f.handOver(ctx, in); err != nil {
				return upTo, fmt.Errorf("catch up %s: %w", in.Key, err)
			}
		}
	}
	if !upTo.After(w.Since) {
		return upTo, nil
	}
	if err := f.a.watch.CaughtUp(ctx, f.a.Workspace(), w.Channel, upTo); err != nil {
		return upTo, fmt.Errorf("move the mark: %w", err)
	}
	return upTo, nil
}

// history makes Inbounds of a post as it is now. A root that was bumped by a reply
// has a newer update_at but neither time changed, and makes none.
func (d decoder) history(p *post, cutoff time.Time) (out []chat.Inbound) {
	from := cutoff.UnixMilli()
	add := func(in chat.Inbound, ok bool) {
		if in.FromHistory = true; ok {
			out = append(out, in)
		}
	}
	if p.DeleteAt > 0 {
		add(d.deleted(p, p.prop("deleteBy")))
		return out
	}
	if p.CreateAt > from {
		in, ok := d.said(p)
		if b, said := in.Body.(chat.Said); said && p.EditAt > 0 {
			// What it said at first stands in a copy that the server makes for each edit,
			// or is told by its event.
			b.EditedAt = millis(p.EditAt)
			in.Body = b
		}
		add(in, ok)
	}
	if p.EditAt > from {
		add(d.edited(p))
	}
	return out
}

// compareChannel tells the bot when a channel was archived, deleted or closed to
// us while we were away.
func (f *feed) compareChannel(ctx context.Context, w chat.WatchedChannel) (archived bool, err error) {
	c, err := f.a.channelByID(ctx, w.Channel)
	d := f.decoder()
	gone := func(change chat.ChannelChange) error {
		in := d.channelState(channel{ID: w.Channel, UpdateAt: w.Since.UnixMilli()}, change)
		in.At = d.now
		if handleErr := f.handOver(ctx, in); handleErr != nil {
			return handleErr
		}
		return err
	}
	switch chat.ReasonOf(err) {
	case "":
	case chat.NotInChannel:
		return false, gone(chat.ChannelBotRemoved)
	case chat.NotFound:
		return false, gone(chat.ChannelDeleted)
	default:
		return false, err
	}
	f.mu.Lock()
	old := f.names[c.ID]
	f.names[c.ID] = c.Name
	f.mu.Unlock()
	if old != "" && old != c.Name {
		if err := f.handOver(ctx, d.channelState(c, chat.ChannelRenamed)); err != nil {
			return false, err
		}
	}
	if c.DeleteAt > 0 {
		return true, f.handOver(ctx, d.channelState(c, chat.ChannelArchived))
	}
	return false, nil
}

// tryAgain hands over the events of a channel that were kept because the server's
// history does not hold them.
func (f *feed) tryAgain(ctx context.Context, channelID string) error {
	for {
		f.mu.Lock()
		st := f.state(channelID)
		if len(st.redo) == 0 {
			f.mu.Unlock()
			return nil
		}
		in := st.redo[0]
		f.mu.Unlock()
		if err := f.handOver(ctx, in); err != nil {
			return err
		}
		f.mu.Lock()
		st.redo = st.redo[1:]
		f.mu.Unlock()
	}
}
