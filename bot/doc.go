// Package bot is the engine: it takes what happened outside (chat.Inbound), asks
// workflow what follows, and commits the new state, its history and everything
// that has to be sent in one transaction. Two loops carry on from there: the
// dispatcher sends what the outbox holds, the scheduler turns what has become due
// into inbounds of its own.
//
// The way through it: handle.go takes an inbound in, roster.go says who it is
// from, commands.go, clicks.go and forms.go say what is wanted, jobs.go applies it
// to an issue, ledger.go keeps the comments, dispatch.go sends. Texts, cards and
// forms are made in bot/present.
//
// It must not know any platform or any engine of storage, and it makes no outgoing
// call inside a transaction.
package bot
