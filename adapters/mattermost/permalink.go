package mattermost

import "taskbridge/bot/chat"

var _ chat.Linker = (*Adapter)(nil)

// Permalink is where a person opens a message.
func (a *Adapter) Permalink(_, messageID string) string {
	s := a.server.Load()
	if s == nil || !isID(messageID) {
		return ""
	}
	return s.siteURL + "/" + s.team.Name + "/pl/" + messageID
}
