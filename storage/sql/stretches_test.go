package sqlstore

import (
	"testing"
	"time"
)

// TestStretches covers every period of up to ten weeks by days and weeks, each day once.
func TestStretches(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400
	for since := start; since < start+14; since++ {
		for until := since; until < since+70; until++ {
			covered := map[int64]int{}
			for _, s := range stretches(since, until, true) {
				for n := s.from; n <= s.till; n++ {
					if n > 0 {
						covered[n]++
						continue
					}
					for day := -7*n - 3; day <= -7*n+3; day++ {
						covered[day]++
						if weekOf(day) != n {
							t.Fatalf("day %d is in week %d and not in %d", day, weekOf(day), n)
						}
					}
				}
			}
			for day := since - 10; day <= until+10; day++ {
				want := 0
				if day >= since && day <= until {
					want = 1
				}
				if covered[day] != want {
					t.Fatalf("from %d to %d, day %d is covered %d times", since, until, day, covered[day])
				}
			}
		}
	}
	if monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Unix() / 86400; weekOf(monday) == weekOf(monday-1) || weekOf(monday) != weekOf(monday+6) {
		t.Error("a week does not begin on Monday")
	}
}
