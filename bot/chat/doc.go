// Package chat is the vocabulary that the adapters and the bot share: what comes
// in from a platform (Inbound), what is said back at once (Answer), what is shown
// (Message, Form), and what a platform can be asked to do (Platform).
//
// It owns no behaviour beyond small value helpers. It must not know the rules of
// the workflow, the storage, or any platform: a type that only one platform needs
// does not belong here.
package chat
