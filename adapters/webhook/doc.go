// Package webhook calls other systems: it signs documents as the Standard Webhooks
// specification says (github.com/standard-webhooks/standard-webhooks) and posts them to
// endpoints that the configuration names.
//
// It owns which addresses may be called, how an endpoint's answer is read and that no
// address and no secret gets into an error. It must not know what a document says, when
// it is sent or what follows from a failure.
package webhook
