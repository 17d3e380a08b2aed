// Package ticket signs what stands behind buttons and forms, and reads it back.
// A platform shows a form's hidden state to the person's client and may pass on
// whatever that client sends, so nothing that comes back is believed without its
// signature (developers.mattermost.com/integrate/plugins/interactive-dialogs).
//
// It owns the format and its key. It must not know what a verb means.
package ticket
