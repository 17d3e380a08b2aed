// Package web is the workspace in the browser: a chat platform of our own for desks
// and firms that have none, with channels, threads, cards, forms, files and commands.
//
// It owns the pages, the sessions and the rendering, and keeps its messages through
// the contract storage.Talk: here the adapter is the platform, too. What people do
// becomes a chat.Inbound like anything that comes from elsewhere, and what the bot
// says comes in through chat.Platform; there is no other way in or out.
//
// It must not know the workflow, the engine, a database or another adapter. It
// decides nothing but what every platform decides: who is signed in, who is in a
// channel, and whose message it is.
package web
