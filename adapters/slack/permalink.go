package slack

import (
	"net/url"
	"strings"

	"taskbridge/bot/chat"
)

var _ chat.Linker = (*Adapter)(nil)

// Permalink is where a person opens a message. It is what chat.getPermalink gives,
// without asking: the workspace's address, the channel and the message's time
// without its dot.
func (a *Adapter) Permalink(channel, messageID string) string {
	id := a.id.Load()
	if id == nil || id.teamURL == "" || !isChannelID(channel) || parseTS(messageID).IsZero() {
		return ""
	}
	return strings.TrimSuffix(id.teamURL, "/") + "/archives/" + url.PathEscape(channel) + "/p" + strings.ReplaceAll(messageID, ".", "")
}
