package pace

import (
	"context"
	"time"

	"taskbridge/bot/chat"
)

// Wait waits for the turn of a call, for patience and until ctx's deadline at the most.
// When the turn is not Taken, the call must not be made before its Wait is over. An error
// is that of Sleep.
func Wait(ctx context.Context, l chat.Limiter, patience time.Duration, of ...chat.Allowance) (chat.Turn, error) {
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline))
	}
	turn := l.Reserve(ctx, patience, of...)
	if !turn.Taken {
		return turn, nil
	}
	if err := Sleep(ctx, turn.Wait); err != nil || turn.Wait <= 0 {
		return turn, err
	}
	// Another call may have been told meanwhile that nobody may call for a while.
	for i, a := range of {
		if left := l.Blocked(ctx, a); left > 0 {
			if patience -= turn.Wait; left > patience {
				return chat.Turn{Wait: left, By: i}, nil
			}
			return Wait(ctx, l, patience, of...)
		}
	}
	return turn, nil
}
