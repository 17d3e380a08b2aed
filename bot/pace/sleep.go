package pace

import (
	"context"
	"time"
)

// Sleep waits for d, or until ctx is done, which is its error. It also fails when the
// deadline of ctx has passed and ctx does not say so yet: a process that was stopped for
// a while finds both due at once, and what it waited to do may have been done by
// somebody else meanwhile.
func Sleep(ctx context.Context, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}
