package slack

import (
	"context"
	"fmt"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
)

const (
	// maxWait bounds how long a call waits for its turn; what must wait longer
	// goes back to the lane, which has other work to do meanwhile.
	maxWait = 3 * time.Second
	// defaultBlock is how long a method rests when Slack did not say.
	defaultBlock = 5 * time.Second
	// postMethod is limited by channel as well.
	postMethod = "chat.postMessage"
	// channelBurst is how many posts a channel takes at once. Slack tolerates
	// bursts and publishes no number.
	channelBurst = 2
	// headroom keeps us a little below a rate: a call may take longer on its way
	// than the next one, so that they arrive closer together than they were sent.
	headroom = 1.02
)

// pacer keeps to Slack's rates before Slack complains: those of each method, and
// one message per second and channel
// (docs.slack.dev/apis/web-api/rate-limits). Limits are per method, so a method
// that was told to wait holds up no other.
type pacer struct {
	limiter   chat.Limiter
	workspace func() string
	meter     chat.Meter
	// distributed is true for an app that may read history once a minute.
	distributed bool
}

// wait returns when the call may be made, or a *chat.SendError that says when.
func (p *pacer) wait(ctx context.Context, method, channel string) error {
	of := []chat.Allowance{p.ofMethod(method)}
	if yields(ctx) {
		// Half of what the method takes at once is left to what cannot wait.
		of[0].Burst = max(of[0].Burst/2, 1)
	}
	if channel != "" {
		of = append(of, p.ofChannel(method, channel))
	}
	turn, err := pace.Wait(ctx, p.limiter, maxWait, of...)
	if turn.Wait > 0 {
		scope := chat.HeldByMethod
		if turn.By > 0 {
			scope = chat.HeldByChannel
		}
		p.meter.Held(ctx, chat.Hold{Platform: platform, Method: method, Scope: scope, Wait: turn.Wait})
	}
	switch {
	case err != nil:
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("%s: %w", method, err)}
	case !turn.Taken:
		return &chat.SendError{
			Reason: chat.RateLimited, Retry: true, RetryAfter: turn.Wait,
			Err: fmt.Errorf("%s: held back to keep Slack's rate", method),
		}
	}
	return nil
}

// block makes later calls wait as Slack asked. Posts are limited by channel, so
// only the channel rests.
func (p *pacer) block(ctx context.Context, method, channel string, wait time.Duration) {
	a := p.ofMethod(method)
	if channel != "" {
		a = p.ofChannel(method, channel)
	}
	p.limiter.Block(ctx, a, wait)
}

// ofChannel is what one channel takes.
func (p *pacer) ofChannel(method, channel string) chat.Allowance {
	return p.perMinute(method+" "+channel, 60, channelBurst)
}

// ofMethod is the method's tier. Bursts are a part of the minute's worth that
// Slack tolerates.
func (p *pacer) ofMethod(method string) chat.Allowance {
	if p.distributed && (method == historyMethod || method == repliesMethod) {
		return p.perMinute(method, 1, 1)
	}
	switch method {
	case postMethod, "auth.test", "chat.getPermalink":
		// "Several hundred per minute"; Slack publishes no number.
		return p.perMinute(method, 300, 60)
	case "apps.connections.open":
		// Its tier is one a minute; the reconnects keep their own back-off.
		return p.perMinute(method, 20, 4)
	case "conversations.create", "conversations.list", "conversations.inviteShared", "conversations.setPurpose",
		"conversations.setTopic", "conversations.rename", "conversations.archive", "conversations.unarchive",
		"users.list", "users.conversations", "bookmarks.add", "pins.add":
		return p.perMinute(method, 20, 10)
	case "chat.postEphemeral", "views.open", "views.update", "views.push", "views.publish", "users.info",
		"users.profile.get", "conversations.members", "files.info", "files.getUploadURLExternal", "files.completeUploadExternal":
		return p.perMinute(method, 100, 50)
	}
	return p.perMinute(method, 50, 25)
}

func (p *pacer) perMinute(key string, times, burst int) chat.Allowance {
	every := time.Duration(headroom * float64(time.Minute) / float64(times))
	return chat.Allowance{Workspace: p.workspace(), Key: key, Every: every, Burst: burst}
}
