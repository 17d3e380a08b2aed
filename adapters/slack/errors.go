package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"taskbridge/bot/chat"
)

// readOnly tells whether a method changes nothing, so that a lost answer leaves
// nothing in doubt.
func readOnly(method string) bool {
	switch method {
	case "auth.test", "users.info", "users.list", "users.lookupByEmail", "files.info", "apps.connections.open",
		"conversations.info", "conversations.list", "conversations.members", "conversations.history", "conversations.replies":
		return true
	}
	return false
}

// codeError maps the code of an answer with "ok": false. The list is that of the
// method pages on docs.slack.dev; a code that is not in it will not go away by
// itself.
func codeError(method, code, needed string) *chat.SendError {
	cause := fmt.Errorf("%s: %s", method, safeCode(code))
	if needed != "" {
		cause = fmt.Errorf("%s: %s, needs %s", method, safeCode(code), safeCode(needed))
	}
	out := &chat.SendError{Reason: chat.Invalid, Err: cause}
	switch code {
	case "ratelimited", "rate_limited", "ratelimit", "message_limit_exceeded":
		out.Reason, out.Retry = chat.RateLimited, true
	case "", "internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org",
		"update_failed", "file_update_failed", "invite_lookup_error":
		// Slack says that some part of the operation may have succeeded.
		out.Reason, out.Retry, out.Ambiguous = chat.Unavailable, true, !readOnly(method)
	case "external_channel_migrating":
		// A channel is on the move: nothing was done, and it passes without anybody telling us.
		out.Reason, out.Retry = chat.Unavailable, true
	case "org_login_required", "ekm_access_denied":
		// A workspace is on the move, or its keys are withheld, perhaps until somebody acts.
		out.Reason, out.Retry = chat.Withheld, true
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
		"not_allowed_token_type", "team_access_not_granted", "access_denied", "accesslimited", "two_factor_setup_required":
		out.Reason = chat.Unauthorised
	case "missing_scope", "no_permission":
		out.Reason = chat.MissingScope
	case "channel_not_found", "is_archived", "is_inactive", "no_channel", "channel_archived":
		out.Reason = chat.ChannelGone
	case "not_in_channel":
		out.Reason = chat.NotInChannel
	case "name_taken":
		out.Reason = chat.NameTaken
	case "message_not_found", "thread_not_found", "user_not_found", "users_not_found", "user_not_visible",
		"user_disabled", "user_not_in_channel", "file_not_found", "file_deleted", "no_user":
		out.Reason = chat.NotFound
	case "trigger_expired", "expired_trigger_id", "trigger_exchanged", "exchanged_trigger_id", "invalid_trigger_id", "invalid_trigger":
		out.Reason = chat.TriggerGone
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel", "posting_to_channel_denied":
		out.Reason = chat.Unsupported
		if method == postMethod || method == methodComplete {
			// Somebody has closed the channel to us, and may open it again.
			out.Reason = closed(code)
		}
	case "restricted_action_thread_locked", "cannot_create_channel", "edit_window_closed", "cant_update_message",
		"cant_delete_message", "delete_failed", "compliance_exports_prevent_deletion", "cant_invite", "unknown_method", "messages_tab_disabled",
		"invalid_user_combination", "no_external_invite_permission", "not_allowed_for_grid_workspace",
		"not_owner", "member_limit_exceeded", "cannot_share_cross_workspace_channel", "cannot_share_mandatory_channel",
		"method_not_supported_for_channel_type", "user_is_ultra_restricted", "user_is_restricted", "ura_max_channels",
		"not_paid", "not_supported", "connect_not_available", "connection_limit_exceeded", "connection_limit_exceeded_pending":
		out.Reason = chat.Unsupported
	case "slack_connect_blocked_file_type", "slack_connect_file_upload_sharing_blocked", "slack_connect_file_link_sharing_blocked",
		"blocked_file_type", "file_uploads_disabled", "file_uploads_except_images_disabled", "storage_limit_reached":
		out.Reason = chat.FileBlocked
	case "file_upload_size_restricted", "file_upload_size_limit_exceeded":
		out.Reason = chat.TooLarge
	}
	return out
}

// closed tells what a channel is closed to whose settings let us not post.
func closed(code string) chat.Reason {
	switch code {
	case "restricted_action_non_threadable_channel":
		return chat.RepliesClosed
	case "restricted_action_thread_only_channel":
		return chat.RootsClosed
	default:
		return chat.PostingClosed
	}
}

// isCode tells whether an error is the answer with this code.
func isCode(err error, codes ...string) bool {
	var se *chat.SendError
	if !errors.As(err, &se) || se.Err == nil {
		return false
	}
	text := se.Err.Error()
	for _, code := range codes {
		if strings.HasSuffix(text, ": "+code) {
			return true
		}
	}
	return false
}

// safeCode lets only what looks like a code into an error: the text came from
// outside. Codes have no digits, and tokens and triggers have.
func safeCode(code string) string {
	if code == "" {
		return "an error without a code"
	}
	if len(code) > 80 {
		return "an unrecognised error"
	}
	for _, r := range code {
		if (r < 'a' || r > 'z') && r != '_' && r != ':' && r != '.' && r != ',' {
			return "an unrecognised error"
		}
	}
	return code
}

// statusError maps an answer that is not 200.
func statusError(method string, status int, retryAfter time.Duration) *chat.SendError {
	out := &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("%s: status %d", method, status)}
	switch {
	case status == 429:
		out.Reason, out.RetryAfter = chat.RateLimited, retryAfter
	case status == 503 && retryAfter > 0:
		out.RetryAfter = retryAfter
	case status >= 500:
		out.Ambiguous = !readOnly(method)
	}
	return out
}

// transportError maps a call that got no answer. Only when no connection came
// about is it sure that nothing happened.
func transportError(method string, err error) *chat.SendError {
	ambiguous := !readOnly(method)
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		ambiguous = false
	}
	return &chat.SendError{
		Reason: chat.Unavailable, Retry: true, Ambiguous: ambiguous,
		Err: fmt.Errorf("%s: %w", method, withoutURL(err)),
	}
}

// unreadable is an answer that arrived but is no answer of Slack's.
func unreadable(method string) *chat.SendError {
	return &chat.SendError{
		Reason: chat.Unavailable, Retry: true, Ambiguous: !readOnly(method),
		Err: fmt.Errorf("%s: the answer is not understood", method),
	}
}

// withoutURL drops the address of a failed request: response URLs and socket
// addresses are secrets.
func withoutURL(err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		return ue.Err
	}
	return err
}

// callError is an error of a call made through slack-go. All answers that say no
// are mapped before slack-go sees them; what is left is its own failure to read
// one that said yes.
func callError(method string, err error) error {
	if err == nil {
		return nil
	}
	if se, ok := errors.AsType[*chat.SendError](err); ok {
		return se
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return transportError(method, err)
	}
	return unreadable(method)
}

// invalid is a call we must not even make.
func invalid(what string) *chat.SendError {
	return &chat.SendError{Reason: chat.Invalid, Err: errors.New(what)}
}
