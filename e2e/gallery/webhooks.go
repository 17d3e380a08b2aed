package main

import (
	"strings"

	"taskbridge/bot/chat"
)

// webhookSection is what the desk is told of other systems.
func (s *samples) webhookSection() section {
	return section{id: "webhooks", title: "Webhooks", channel: "dispatch", specimens: []specimen{
		{caption: "a webhook is gone", message: s.p.WebhookStopped("crm", chat.EndpointGone)},
		{caption: "a webhook is silent", message: s.p.WebhookStopped(strings.Repeat("w_", 16), chat.EndpointSilent)},
	}}
}
