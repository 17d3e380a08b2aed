package slack

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"time"

	"taskbridge/bot/chat"
)

// Slack shows an upload in a channel some time after it was completed, because it looks
// into files first; the answer then names no message, and files.info is what tells
// (slackapi/bolt-js#2115). It has also said yes to an upload and never shown it.
const (
	// scanFor is how long Slack is given to look into files before it is asked again.
	scanFor = 3 * time.Second
	// shareFor is after how long an upload that was completed is believed never to be
	// shown. Until then it must not be shown anew: there would be two messages.
	shareFor = 2 * time.Minute
	// maxCompleted is how many such uploads are remembered.
	maxCompleted = 4096
)

// completions remembers since when uploads that Slack does not show yet are known to be
// completed. The first attempt to complete one is no measure: Slack may have been away
// for long. What is not remembered, as after a restart, is waited for once more.
type completions struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// of is since when a file is known to be completed, the zero time when it is not.
func (c *completions) of(file string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since[file]
}

// note writes down that a file is completed by now.
func (c *completions) note(file string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.since[file]; known {
		return
	}
	if c.since == nil || len(c.since) >= maxCompleted {
		c.since = map[string]time.Time{}
	}
	c.since[file] = now
}

// forget drops a file that is shown or given up.
func (c *completions) forget(file string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.since, file)
}

// notYetShown says that a message with files will be there a little later.
func notYetShown() *chat.SendError {
	return &chat.SendError{
		Reason: chat.Unavailable, Retry: true, Ambiguous: true, RetryAfter: scanFor,
		Err: errors.New(methodComplete + ": the message is not there yet"),
	}
}

// sharedFile is a file with the messages that show it.
type sharedFile struct {
	ID     string `json:"id"`
	Shares struct {
		Public, Private map[string][]share
	} `json:"shares"`
}

type share struct {
	TS string `json:"ts"`
}

// in is the first message that shows the file in a channel: a later one was made by
// somebody who passed it on.
func (f sharedFile) in(channel string) string {
	first := ""
	for _, s := range slices.Concat(f.Shares.Public[channel], f.Shares.Private[channel]) {
		if first == "" || compareTS(s.TS, first) < 0 {
			first = s.TS
		}
	}
	return first
}

// shownBy asks Slack which message shows the files of a post. Known is false when Slack
// has no such file.
func (a *Adapter) shownBy(ctx context.Context, p chat.Post) (ts string, known bool, err error) {
	for _, id := range p.Files {
		var out struct {
			File sharedFile `json:"file"`
		}
		err := callError(methodFileInfo, a.web.call(ctx, methodFileInfo, url.Values{"file": {id}}, &out))
		switch {
		case chat.ReasonOf(err) == chat.NotFound:
			continue
		case err != nil:
			return "", known, err
		}
		known = known || out.File.ID == id
		if ts := out.File.in(p.Channel); ts != "" {
			a.completed.forget(p.Files[0])
			return ts, true, nil
		}
	}
	return "", known, nil
}

// overdue tells whether files were completed so long ago that they are never shown.
func (a *Adapter) overdue(p chat.Post) bool {
	since := a.completed.of(p.Files[0])
	return !since.IsZero() && a.now().Sub(since) >= shareFor
}

// completedBefore finds out what became of an upload that Slack has no more: it can be
// completed once (docs.slack.dev/reference/methods/files.completeUploadExternal), so that
// an earlier attempt may have done it. What is never shown is taken away before it is
// given up, or it might be shown yet.
func (a *Adapter) completedBefore(ctx context.Context, p chat.Post) (string, error) {
	ts, known, err := a.shownBy(ctx, p)
	if err != nil || ts != "" {
		return ts, err
	}
	if known {
		a.completed.note(p.Files[0], a.now())
		if !a.overdue(p) {
			return "", notYetShown()
		}
		if err := a.Discard(ctx, p.Files); err != nil {
			return "", err
		}
	}
	return "", &chat.SendError{Reason: chat.FileGone, Err: errors.New(methodComplete + ": the upload is gone")}
}

// shows tells whether a message of ours shows one of the files.
func (m message) shows(id *identity, files []string) bool {
	if m.User.ID != id.userID && (m.BotID == "" || m.BotID != id.botID) {
		return false
	}
	return slices.ContainsFunc(m.Files, func(f file) bool { return slices.Contains(files, f.ID) })
}
