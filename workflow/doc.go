// Package workflow decides what may happen to a job and what follows from it: the
// statuses of issues and assignments, the transitions between them with every
// refusal, who may do what, the deadlines, who sees what, and whom a job lies with.
//
// It is made of pure values: standard library only, no clock, no context, no
// input or output. It must not know any chat platform, storage, or text format.
// Decide takes what is true and what somebody wants, and returns what is then true.
package workflow
