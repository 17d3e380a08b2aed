package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
)

const (
	// maxFileBytes is the greatest file that Slack takes
	// (slack.com/help/articles/201330736).
	maxFileBytes = 1 << 30
	// filesPerMessage keeps a message readable; Slack publishes no limit.
	filesPerMessage = 10

	methodFileInfo = "files.info"
	methodUpload   = "files.getUploadURLExternal"
	methodComplete = "files.completeUploadExternal"
	methodDiscard  = "files.delete"
	// The transfers themselves are no methods of the API; these names stand for them
	// in errors.
	transferDown = "file download"
	transferUp   = "file upload"
)

var _ chat.FileKeeper = (*Adapter)(nil)

// Fetch opens a file's content. What an event says of a file is old and, in a channel
// shared with another company, empty (docs.slack.dev/apis/slack-connect), so that
// Slack is asked once for each file.
func (a *Adapter) Fetch(ctx context.Context, f chat.File) (io.ReadCloser, chat.File, error) {
	var out struct {
		File file `json:"file"`
	}
	if err := a.web.call(ctx, methodFileInfo, url.Values{"file": {f.ID}}, &out); err != nil {
		return nil, f, callError(methodFileInfo, err)
	}
	switch info := out.File; {
	case info.ID != f.ID || info.Access == "check_file_info":
		return nil, f, unreadable(methodFileInfo)
	case info.Mode == "tombstone" || info.Mode == "hidden_by_limit":
		return nil, f, &chat.SendError{Reason: chat.NotFound, Err: errors.New(methodFileInfo + ": the file is gone")}
	}
	known := out.File.neutral()
	if out.File.IsExternal {
		// It hangs on another service, and its address is what was shared.
		if target, ok := linkTarget(out.File.URLPrivate); ok {
			known.URL = target
		}
		return nil, known, elsewhere("its content is not on Slack")
	}
	source, err := a.trustedFileURL(firstOf(out.File.URLDownload, out.File.URLPrivate))
	if err != nil {
		return nil, known, elsewhere("its address is not one of Slack's")
	}
	content, err := a.download(ctx, source, out.File)
	return content, known, err
}

func elsewhere(why string) *chat.SendError {
	return &chat.SendError{Reason: chat.FileElsewhere, Err: errors.New(transferDown + ": " + why)}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// trustedFileURL lets the token go to where Slack keeps files and to the configured
// API's host alone.
func (a *Adapter) trustedFileURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil {
		return nil, errUntrusted
	}
	if u.Host == a.apiURL.Host && u.Scheme == a.apiURL.Scheme {
		return u, nil
	}
	hosts := []string{"files.slack.com", "slack-files.com", "files.slack-gov.com"}
	if u.Scheme != "https" || !slices.Contains(hosts, strings.ToLower(u.Host)) {
		return nil, errUntrusted
	}
	return u, nil
}

// download opens the address of a file. Whoever may not read the file is led to a
// page for signing in, which must not be taken for it.
func (a *Adapter) download(ctx context.Context, source *url.URL, f file) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, source.String(), http.NoBody)
	if err != nil {
		return nil, invalid(transferDown + ": not a valid request")
	}
	req.Header.Set("Authorization", "Bearer "+a.web.token)
	resp, err := a.transfers.Do(req)
	if err != nil {
		se := transportError(transferDown, err)
		se.Ambiguous = false
		return nil, se
	}
	if err := judgeDownload(resp, f); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp.Body, nil
}

func judgeDownload(resp *http.Response, f file) error {
	switch status := resp.StatusCode; {
	case status == http.StatusOK:
	case status >= 300 && status < 400:
		return signIn()
	case status == http.StatusNotFound || status == http.StatusGone:
		return &chat.SendError{Reason: chat.NotFound, Err: fmt.Errorf("%s: status %d", transferDown, status)}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &chat.SendError{Reason: chat.MissingScope, Err: fmt.Errorf("%s: status %d", transferDown, status)}
	default:
		se := statusError(transferDown, status, parseRetryAfter(resp.Header.Get("Retry-After")))
		se.Ambiguous = false
		return se
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind == "text/html" && (f.MimeType != "text/html" || resp.ContentLength != f.Size) {
		return signIn()
	}
	return nil
}

// signIn is what a file comes to that Slack shows to people who sign in. It may
// become readable: the app is given the scope, or put into the channel.
func signIn() *chat.SendError {
	return &chat.SendError{Reason: chat.MissingScope, Err: errors.New(transferDown + ": Slack asks to sign in")}
}

// Upload gives content to Slack, which shows it to nobody until Post completes the
// upload (docs.slack.dev/messaging/working-with-files).
func (a *Adapter) Upload(ctx context.Context, u chat.Upload) (string, error) {
	if u.Size <= 0 {
		return "", &chat.SendError{Reason: chat.FileBlocked, Err: errors.New(transferUp + ": Slack takes no empty files")}
	}
	if u.Size > maxFileBytes {
		return "", &chat.SendError{Reason: chat.TooLarge, Err: errors.New(transferUp + ": larger than Slack takes")}
	}
	var ticket struct {
		URL string `json:"upload_url"`
		ID  string `json:"file_id"`
	}
	err := a.web.call(ctx, methodUpload, url.Values{"filename": {u.Name}, "length": {strconv.FormatInt(u.Size, 10)}}, &ticket)
	if err != nil {
		return "", callError(methodUpload, err)
	}
	target, err := a.trustedFileURL(ticket.URL)
	if err != nil || ticket.ID == "" {
		return "", unreadable(methodUpload)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), io.NopCloser(u.Content))
	if err != nil {
		return "", invalid(transferUp + ": not a valid request")
	}
	// The address itself is the permission; the token has no business there.
	req.ContentLength = u.Size
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := a.transfers.Do(req)
	if err != nil {
		return "", transportError(transferUp, err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	switch status := resp.StatusCode; status {
	case http.StatusOK:
		return ticket.ID, nil
	case http.StatusRequestEntityTooLarge:
		return "", &chat.SendError{Reason: chat.TooLarge, Err: fmt.Errorf("%s: status %d", transferUp, status)}
	default:
		// Also an address that has expired is worth another try, with a new one.
		se := statusError(transferUp, status, parseRetryAfter(resp.Header.Get("Retry-After")))
		se.Ambiguous = false
		return "", se
	}
}

// postFiles shows uploaded files in one message. Slack lets nobody else be named as
// its author, so that the text names the speaker.
func (a *Adapter) postFiles(ctx context.Context, p chat.Post) (string, error) {
	type item struct {
		ID string `json:"id"`
	}
	var items []item
	for _, id := range p.Files {
		items = append(items, item{id})
	}
	list, err := json.Marshal(items)
	if err != nil {
		return "", invalid(methodComplete + ": not a valid request")
	}
	content, err := render(p.Message, true)
	if err != nil {
		return "", err
	}
	args := url.Values{"files": {string(list)}, "channel_id": {p.Channel}, "initial_comment": {content.text}}
	if p.Thread != "" {
		args.Set("thread_ts", p.Thread)
	}
	var done struct {
		Files []sharedFile `json:"files"`
	}
	if err := a.web.call(inChannel(ctx, p.Channel), methodComplete, args, &done); err != nil {
		err = callError(methodComplete, err)
		if isCode(err, "file_not_found", "file_deleted") {
			return a.completedBefore(ctx, p)
		}
		return "", err
	}
	for _, f := range done.Files {
		if ts := f.in(p.Channel); ts != "" {
			return ts, nil
		}
	}
	a.completed.note(p.Files[0], a.now())
	ts, _, err := a.shownBy(ctx, p)
	if err == nil && ts == "" {
		err = notYetShown()
	}
	return ts, err
}

// Discard removes files from Slack: a file stays when the message that showed it is
// gone.
func (a *Adapter) Discard(ctx context.Context, fileIDs []string) error {
	for _, id := range fileIDs {
		err := callError(methodDiscard, a.web.call(ctx, methodDiscard, url.Values{"file": {id}}, &struct{}{}))
		if err != nil && !isCode(err, "file_not_found", "file_deleted") {
			return err
		}
		a.completed.forget(id)
	}
	return nil
}
