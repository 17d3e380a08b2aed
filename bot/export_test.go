package bot

import "context"

// FireDue looks for what is due at once, so that tests need not wait for the
// scheduler's next look.
func (e *Engine) FireDue(ctx context.Context) error { return e.fireDue(ctx) }

// Nudge wakes the dispatcher, which sleeps by the real clock.
func (e *Engine) Nudge() { e.wakes.nudge() }
