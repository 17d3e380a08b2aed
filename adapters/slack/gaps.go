package slack

import (
	"context"
	"fmt"
	"time"

	"taskbridge/bot/chat"
)

const (
	// lateAfter is how old an event may be before others are thought to be lost.
	lateAfter = 2 * time.Minute
	// suspectEvery bounds how often one channel is suspected.
	suspectEvery = 10 * time.Minute
	// limitedGrace is how long after a minute without events its last may have been
	// withheld.
	limitedGrace = 5 * time.Second
)

// missed is the Inbound that tells of lost events, of one channel or of all.
func (a *Adapter) missed(key, channel string) chat.Inbound {
	return chat.Inbound{
		Key: "missed:" + key, Workspace: a.Workspace(), At: a.now(), Channel: channel, Body: chat.Missed{},
	}
}

// gap notes that events of the whole workspace may have been lost up to now.
func (a *Adapter) gap() {
	select {
	case a.gaps <- struct{}{}:
	default:
	}
}

// tellGaps hands gaps over until the context ends, each again until it is kept.
func (a *Adapter) tellGaps(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.gaps:
		}
		in := a.missed(fmt.Sprintf("run:%d", a.now().UnixNano()), "")
		for try := 1; ; try++ {
			_, err := a.handler.Handle(ctx, in)
			if err == nil || ctx.Err() != nil {
				break
			}
			a.log.WarnContext(ctx, "slack: a gap was not noted", "error", err, "attempt", try)
			if !pause(ctx, backoff(try, nil)) {
				return
			}
		}
	}
}

// rateLimited takes Slack's notice that it withholds events for there are too many
// (docs.slack.dev/apis/events-api). It comes once for a minute, which may not be over
// yet: what is withheld until then is looked for afterwards.
func (a *Adapter) rateLimited(ctx context.Context, env envelope) error {
	a.log.WarnContext(ctx, "slack: events were withheld for there were too many; history is read instead")
	_, err := a.handler.Handle(ctx, a.missed(fmt.Sprintf("rate_limited:%d", env.MinuteLimited), ""))
	if err != nil {
		return fmt.Errorf("note a gap: %w", err)
	}
	over := time.Unix(env.MinuteLimited, 0).Add(time.Minute + limitedGrace)
	time.AfterFunc(min(max(over.Sub(a.now()), 0), time.Minute+limitedGrace), a.gap)
	return nil
}

// suspect notes a gap of a channel when an event of it came late or not at the first
// attempt: what was sent before or after it may not have come at all.
func (a *Adapter) suspect(ctx context.Context, in chat.Inbound, retry int, eventTime int64) {
	late := eventTime > 0 && a.now().Sub(time.Unix(eventTime, 0)) > lateAfter
	if retry == 0 && !late || in.Channel == "" {
		return
	}
	slot := a.now().Truncate(suspectEvery).Unix()
	if _, err := a.handler.Handle(ctx, a.missed(fmt.Sprintf("%s:%d", in.Channel, slot), in.Channel)); err != nil {
		// The event itself is kept; the slow round finds what else is missing.
		a.log.WarnContext(ctx, "slack: a gap was not noted", "channel", in.Channel, "error", err)
	}
}
