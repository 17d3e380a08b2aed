// Package present says everything people see: cards, forms, lists, notices and
// refusals of the bot, as values of bot/chat. One place for all texts.
//
// It is pure: what it shows follows from its arguments alone. It must not know any
// platform, read a store, or decide what is allowed: it asks workflow which buttons
// a state offers.
package present
