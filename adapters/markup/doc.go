// Package markup reads the lightweight markup that people type in chats (bold,
// italics, code, quotations, links) into [chat.Text]. Each platform's dialect is
// given by its adapter.
//
// It loses no character but the marks that it understood: what is not well formed
// stays what it is. It must not know any platform.
package markup
