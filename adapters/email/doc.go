// Package email makes e-mail a chat platform: each address of a firm is a channel, each
// job a thread of letters, and what is pressed on a chat platform's card is pressed on
// a page that the letters lead to.
//
// It owns everything that is true of e-mail only: addresses, letters and their
// threading, what a mail server answers, the links that stand for a right, and the
// pages behind them. It must not know the workflow, the storage, the engine behind
// chat.Handler, or any other platform; it decides nothing about an issue.
//
// A letter cannot be changed once it is sent. Its links therefore lead to the job as it
// is when they are opened, and nothing is ever done by opening one: programs that look
// at mail open links, too.
package email
