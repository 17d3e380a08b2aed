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

var amount = regexp.MustCompile(`^(\d{1,5})\s*(minutes|minuten|minute|mins|min|m|hours|hour|hrs|hr|h|stunden|stunde|std\.?|days|day|d|tagen|tage|tag|weeks|week|wochen|woche|w)`)

// Duration reads one or more amounts with their units, such as "90m", "1h30m",
// "2 days" or "2 Tage", and nothing else. A day is 24 hours.
func Duration(text string) (time.Duration, bool) {
	days, rest, ok := amounts(strings.ToLower(strings.TrimSpace(text)))
	return time.Duration(days)*24*time.Hour + rest, ok
}

// amounts reads the days apart from the hours and minutes.
func amounts(s string) (days int, rest time.Duration, ok bool) {
	const day = 24 * time.Hour
	for s != "" {
		m := amount.FindStringSubmatch(s)
		if m == nil {
			return 0, 0, false
		}
		n, _ := strconv.Atoi(m[1])
		unit := time.Minute
		switch m[2][0] {
		case 'h', 's':
			unit = time.Hour
		case 'd', 't':
			unit = day
		case 'w':
			unit = 7 * day
		}
		sum := time.Duration(days)*day + rest
		if time.Duration(n) > (Farthest-sum)/unit {
			return 0, 0, false
		}
		if unit < day {
			rest += time.Duration(n) * unit
		} else {
			days += n * int(unit/day)
		}
		s, ok = strings.TrimLeft(s[len(m[0]):], " ,"), true
	}
	return days, rest, ok
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
