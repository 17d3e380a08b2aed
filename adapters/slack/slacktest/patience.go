package slacktest

import (
	"context"
	"time"
)

// tick is the piece in which the fake counts how long it waits for an answer.
const tick = 100 * time.Millisecond

// waited returns a channel that is closed once the fake has waited d, and the function
// that ends the wait.
//
// The wait is counted in pieces, each for what it was to last and not for what it
// lasted: while the machine has no processor for the test's process, neither is there
// one for the application, and Slack's patience does not wear out. Where the fake runs
// undisturbed, d is d: a slow application is not excused by it.
func (s *Server) waited(d time.Duration) (over <-chan struct{}, end func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	go func() {
		for left := d; left > 0; left -= tick {
			select {
			case <-time.After(min(left, tick)):
			case <-ctx.Done():
				return
			}
		}
		close(done)
	}()
	return done, cancel
}
