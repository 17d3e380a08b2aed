// Package rest is the REST API at /api/v1: it checks the bearer token, validates
// what programs send, turns a write into one chat.Inbound and a read into a call
// of chat.Reader, and answers in JSON, with errors as application/problem+json
// (rfc-editor.org/rfc/rfc9457) and its description as OpenAPI 3.1.
//
// It decides nothing: who may do what, and whether it is possible now, is the
// handler's to say. It must not know the storage, the workflow's rules, or any
// chat platform.
package rest
