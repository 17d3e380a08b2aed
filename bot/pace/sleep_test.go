package pace_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskbridge/bot/pace"
)

// stopped is a context whose deadline has passed before its timer was run.
type stopped struct{ context.Context }

func (stopped) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

func TestSleep(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	for name, c := range map[string]struct {
		ctx  context.Context
		d    time.Duration
		want error
	}{
		"nothing to wait for":            {t.Context(), 0, nil},
		"a while":                        {t.Context(), time.Millisecond, nil},
		"ended":                          {ended, time.Hour, context.Canceled},
		"ended, nothing to wait for":     {ended, 0, context.Canceled},
		"too late, and nobody said so":   {stopped{t.Context()}, time.Millisecond, context.DeadlineExceeded},
		"too late with nothing to await": {stopped{t.Context()}, 0, context.DeadlineExceeded},
	} {
		if err := pace.Sleep(c.ctx, c.d); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
