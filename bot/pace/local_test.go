package pace_test

import (
	"testing"
	"testing/synctest"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
)

const (
	space    = "slack:T1"
	patience = 2 * time.Second
)

func second(key string, burst int) chat.Allowance {
	return chat.Allowance{Workspace: space, Key: key, Every: time.Second, Burst: burst}
}

// TestWaitingInLine: who finds no place is asked back shortly before one is free,
// one after another, and finds it then.
func TestWaitingInLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.NewLocal(nil)
		const callers, each = 40, 3
		begin := time.Now()
		done := make(chan time.Time, callers*each)
		asked := make(chan int, callers*each)
		for range callers {
			go func() {
				for range each {
					tries := 1
					turn := l.Reserve(t.Context(), patience, second("post", 1))
					for ; !turn.Taken; tries++ {
						<-time.After(turn.Wait)
						turn = l.Reserve(t.Context(), patience, second("post", 1))
					}
					<-time.After(turn.Wait)
					asked <- tries
					done <- time.Now()
				}
			}()
		}
		var last time.Time
		tries := 0
		for range callers * each {
			at := <-done
			if at.Sub(last) < time.Second {
				t.Errorf("called %v after the call before", at.Sub(last))
			}
			last = at
			tries += <-asked
		}
		if took := last.Sub(begin); took > callers*each*time.Second {
			t.Errorf("took %v for %d calls", took, callers*each)
		}
		if tries > 2*callers*each {
			t.Errorf("asked %d times for %d calls", tries, callers*each)
		}
	})
}

// TestAllOrNothing: a call that finds no place in one allowance takes none in the
// others.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.NewLocal(nil)
		<-time.After(time.Minute)
		wide, narrow := second("wide", 10), second("narrow", 1)
		if turn := l.Reserve(t.Context(), 0, wide, narrow); !turn.Taken {
			t.Fatal("no place at first")
		}
		for range 50 {
			if l.Reserve(t.Context(), 0, wide, narrow).Taken {
				t.Fatal("two places at once")
			}
		}
		taken := 0
		for l.Reserve(t.Context(), 0, wide).Taken {
			taken++
		}
		if taken != 9 {
			t.Errorf("%d places were left, want 9", taken)
		}
	})
}

// TestWhatIsNotKnownIsUsedUp: half of a burst is there at the start, nothing after
// others may have called, and a block outlives that.
func TestWhatIsNotKnownIsUsedUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.NewLocal(nil)
		at := func(a chat.Allowance) (n int) {
			for l.Reserve(t.Context(), 0, a).Taken {
				n++
			}
			return n
		}
		if n := at(second("a", 10)); n != 5 {
			t.Errorf("%d places at the start, want 5", n)
		}
		if n := at(second("b", 1)); n != 1 {
			t.Errorf("%d places of one at the start", n)
		}
		l.Block(t.Context(), second("blocked", 1), time.Minute)
		l.Forget(0)
		for _, key := range []string{"a", "new"} {
			if n := at(second(key, 10)); n != 0 {
				t.Errorf("%s: %d places after forgetting", key, n)
			}
		}
		<-time.After(4 * time.Second)
		if n := at(second("newer", 10)); n != 4 {
			t.Errorf("%d places 4 s later, want 4", n)
		}
		if turn := l.Reserve(t.Context(), patience, second("blocked", 1)); turn.Taken || turn.Wait != 56*time.Second {
			t.Errorf("while blocked: %+v", turn)
		}
	})
}

// TestForgettingKeepsTurns: turns that were given are still to be used when counting
// begins anew, and nobody calls in between.
func TestForgettingKeepsTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.NewLocal(nil)
		a := second("post", 2)
		<-time.After(time.Minute)
		var last time.Duration
		for range 6 {
			last = l.Reserve(t.Context(), time.Minute, a).Wait
		}
		l.Forget(0)
		if turn := l.Reserve(t.Context(), time.Minute, a); turn.Wait != last+time.Second {
			t.Errorf("a turn %v from now, and the last that was given is %v from now", turn.Wait, last)
		}
	})
}
