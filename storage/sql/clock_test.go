package sqlstore

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneClockForAll: replicas whose machines' clocks are ten minutes apart, either
// way, and a database whose answers take their time, agree on the time; so they do
// while the database is away.
func TestOneClockForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		var logs strings.Builder
		var clocks []*clock
		for _, off := range []time.Duration{-10 * time.Minute, 0, 10 * time.Minute} {
			// The database's clock is off seen from each machine.
			c, err := startClock(t.Context(), slog.New(slog.NewTextHandler(&logs, nil)), func(context.Context) (time.Time, error) {
				<-time.After(20 * time.Millisecond)
				if away.Load() {
					return time.Time{}, errors.New("away")
				}
				at := time.Now().Add(-off)
				<-time.After(20 * time.Millisecond)
				return at, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			clocks = append(clocks, c)
			if d := c.now().Sub(time.Now().Add(-off)).Abs(); d > time.Millisecond {
				t.Errorf("off by %v", d)
			}
		}
		away.Store(true)
		<-time.After(time.Hour)
		for i, c := range clocks {
			want := time.Now().Add(time.Duration(1-i) * 10 * time.Minute)
			if d := c.now().Sub(want).Abs(); d > time.Millisecond {
				t.Errorf("clock %d is off by %v after an hour without the database", i, d)
			}
			if err := c.close(); err != nil {
				t.Error(err)
			}
		}
		if n := strings.Count(logs.String(), "clock differs"); n != 2 {
			t.Errorf("told %d times that a clock is off: %s", n, &logs)
		}
	})
}
