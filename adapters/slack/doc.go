// Package slack translates between Slack and the vocabulary of bot/chat: signed
// HTTP requests and Socket Mode envelopes become chat.Inbound, and chat.Message
// and chat.Form become Block Kit.
//
// It owns the signature check, the decoding, the rendering, Slack's limits and
// its pace. It must not know the rules of the workflow, the storage or any other
// adapter: it decides nothing but whether a request is Slack's own, and it keeps
// nothing but short-lived caches.
//
// Two rules shape the code. What Slack sends is handed to the handler before it
// is acknowledged, so an event that was not kept is delivered again. And what
// arrives is decoded into structs of just the fields in use, with a tolerant
// second attempt, because a refused event counts towards Slack disabling the app
// (docs.slack.dev/apis/events-api).
package slack
