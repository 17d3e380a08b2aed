package pace_test

import (
	"testing"
	"testing/synctest"
	"time"

	"taskbridge/bot/pace"
)

// TestBlockedWhileWaiting: who has a place and waits for it does not call when the platform
// has asked everybody to wait in the meantime.
func TestBlockedWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.NewLocal(nil)
		other, a := second("other", 1), second("a", 1)
		for range 2 {
			if turn, err := pace.Wait(t.Context(), l, patience, other, a); err != nil || !turn.Taken {
				t.Fatalf("%+v, %v", turn, err)
			}
		}
		go func() {
			<-time.After(time.Second / 2)
			l.Block(t.Context(), a, 2*time.Second)
		}()
		turn, err := pace.Wait(t.Context(), l, patience, other, a)
		if err != nil || turn.Taken || turn.Wait != 3*time.Second/2 || turn.By != 1 {
			t.Errorf("after the block began: %+v, %v", turn, err)
		}
		// Who has the patience waits on.
		if turn, err := pace.Wait(t.Context(), l, 5*patience, other, a); err != nil || !turn.Taken {
			t.Errorf("with patience: %+v, %v", turn, err)
		}
		if turn, err := pace.Wait(t.Context(), l, patience, other, a); err != nil || !turn.Taken {
			t.Errorf("after it is over: %+v, %v", turn, err)
		}
	})
}
