package when

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Farthest bounds how far ahead an amount of time can reach; it also keeps sums of
// amounts from running over.
const Farthest = 10 * 366 * 24 * time.Hour

var amount = regexp.MustCompile(`^(\d{1,5})\s*(minutes|minute|mins|min|m|hours|hour|hrs|hr|h|days|day|d|weeks|week|w)`)

// Duration reads one or more amounts with their units, such as "90m", "1h30m" or
// "2 days", and nothing else. A day is 24 hours.
func Duration(text string) (time.Duration, bool) {
	var sum time.Duration
	s := strings.ToLower(strings.TrimSpace(text))
	if s == "" {
		return 0, false
	}
	for s != "" {
		m := amount.FindStringSubmatch(s)
		if m == nil {
			return 0, false
		}
		n, _ := strconv.Atoi(m[1])
		unit := time.Minute
		switch m[2][0] {
		case 'h':
			unit = time.Hour
		case 'd':
			unit = 24 * time.Hour
		case 'w':
			unit = 7 * 24 * time.Hour
		}
		if time.Duration(n) > (Farthest-sum)/unit {
			return 0, false
		}
		sum += time.Duration(n) * unit
		s = strings.TrimLeft(s[len(m[0]):], " ,")
	}
	return sum, true
}

// Hours writes an amount of time in hours and minutes as Duration reads it.
func Hours(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h == 0:
		return strconv.Itoa(m) + "m"
	case m == 0:
		return strconv.Itoa(h) + "h"
	default:
		return strconv.Itoa(h) + "h" + strconv.Itoa(m) + "m"
	}
}
