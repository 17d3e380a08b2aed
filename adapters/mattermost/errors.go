package mattermost

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"taskbridge/bot/chat"
)

// Mattermost's own error ids that mean more than their status
// (server/channels/app and server/channels/store).
const (
	idChannelExists     = "store.sql_channel.save_channel.exists.app_error"
	idPostToDeleted     = "api.post.create_post.can_not_post_to_deleted.error"
	idUpdateInDeleted   = "api.post.update_post.can_not_update_post_in_deleted.error"
	idPatchInDeleted    = "api.post.patch_post.can_not_update_post_in_deleted.error"
	idDeleteInDeleted   = "api.post.delete_post.can_not_delete_post_in_deleted.error"
	idUpdateDeletedPost = "api.post.update_post.permissions_details.app_error"
	idUpdateMissingPost = "api.post.update_post.find.app_error"
	idRootMissing       = "api.post.create_post.root_id.app_error"
	idRootElsewhere     = "api.post.create_post.channel_root_id.app_error"
	idPostInFlight      = "api.post.deduplicate_create_post.pending"
	idFilesOff          = "api.file.attachments.disabled.app_error"
	idImageTooWide      = "api.file.upload_file.large_image_detailed.app_error"
	idEditWindow        = "api.post.update_post.permissions_time_limit.app_error"
)

// apiError is an answer that was no success. It holds no text of the server's,
// for that may quote what people wrote; the id is a constant of the server's.
type apiError struct {
	Op     string
	Status int
	ID     string
}

func (e *apiError) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("%s: HTTP %d", e.Op, e.Status)
	}
	return fmt.Sprintf("%s: HTTP %d %s", e.Op, e.Status, e.ID)
}

// statusOf is the HTTP status behind an error, zero when there was no answer.
func statusOf(err error) int {
	if ae, ok := errors.AsType[*apiError](err); ok {
		return ae.Status
	}
	return 0
}

// asSendError says what an unsuccessful answer means for the call.
func asSendError(c call, ae *apiError, header http.Header) *chat.SendError {
	se := &chat.SendError{Err: ae, Reason: chat.Invalid}
	switch ae.ID {
	case idChannelExists:
		se.Reason = chat.NameTaken
		return se
	case idPostToDeleted, idUpdateInDeleted, idPatchInDeleted, idDeleteInDeleted:
		se.Reason = chat.ChannelGone
		return se
	case idUpdateDeletedPost, idUpdateMissingPost, idRootMissing, idRootElsewhere:
		se.Reason = chat.NotFound
		return se
	case idFilesOff, idImageTooWide:
		se.Reason = chat.FileBlocked
		return se
	case idPostInFlight:
		// Our own earlier attempt is still being written.
		se.Reason, se.Retry, se.Ambiguous = chat.Unavailable, true, true
		return se
	case idEditWindow:
		// The post is too old to be changed. The channel's other posts are not
		// concerned, so that it must not hold them up.
		se.Reason = chat.Unsupported
		return se
	}
	switch {
	case ae.Status == http.StatusTooManyRequests:
		se.Reason, se.Retry, se.RetryAfter = chat.RateLimited, true, blockFor(header)
	case ae.Status == http.StatusUnauthorized:
		se.Reason = chat.Unauthorised
	case ae.Status == http.StatusForbidden:
		se.Reason = cmp.Or(c.forbidden, chat.MissingScope)
	case ae.Status == http.StatusNotFound:
		se.Reason = cmp.Or(c.missing, chat.NotFound)
	case ae.Status == http.StatusRequestEntityTooLarge:
		se.Reason = chat.TooLarge
	case ae.Status == http.StatusNotImplemented:
		se.Reason = chat.Unsupported
	case ae.Status >= 500, ae.Status == http.StatusRequestTimeout:
		se.Reason, se.Retry, se.Ambiguous = chat.Unavailable, true, c.creates
		se.RetryAfter = retryAfter(header)
	}
	return se
}

// transportError says what an exchange without an answer means for the call.
func transportError(c call, err error) *chat.SendError {
	// A *url.Error quotes the address, and its query may hold what people wrote.
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	var oe *net.OpError
	unsent := errors.As(err, &oe) && oe.Op == "dial"
	if errors.Is(err, context.Canceled) {
		err = context.Canceled
	}
	return &chat.SendError{
		Reason:    chat.Unavailable,
		Retry:     true,
		Ambiguous: c.creates && !unsent,
		Err:       fmt.Errorf("%s: %w", c.op, err),
	}
}

// retryAfter reads how long the server wants to be left alone. Mattermost counts
// both headers in seconds from now (server/channels/app/ratelimit.go).
func retryAfter(h http.Header) time.Duration {
	for _, name := range []string{"Retry-After", "X-Ratelimit-Reset"} {
		if s, err := strconv.Atoi(h.Get(name)); err == nil && s > 0 {
			return time.Duration(min(s, 3600)) * time.Second
		}
	}
	return 0
}
