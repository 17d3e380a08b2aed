// Package mattermost translates between one Mattermost team and the vocabulary of
// bot/chat: websocket events, slash commands, button clicks and dialogs become
// Inbounds; messages, forms and channel work become REST calls.
//
// It owns everything that is true of Mattermost only: its Markdown, its limits,
// the resume protocol of its websocket, and the catch-up over REST after a loss.
// It must not know the workflow, the storage, the engine behind chat.Handler, or
// any other platform; it decides nothing about an issue and verifies no button,
// for the tokens behind buttons are the bot's.
//
// The REST client and the wire types are its own, small ones. Mattermost's client
// turns a plain-text 429 into a JSON error and hides the headers that pacing
// needs, and its websocket client neither resumes nor checks the sequence.
// Mattermost's model package is used in tests, as the judge of what we send.
package mattermost
