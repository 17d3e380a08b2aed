package bot

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/when"
	"taskbridge/workflow"
)

var (
	clockTime = regexp.MustCompile(`^(?:at\s+)?(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?$`)
	isoDate   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:[ t]+(.+))?$`)
)

// startOfDay is the hour that a date without a time means.
const startOfDay = 9

// parseWhen reads a moment as people write it: "90m", "2h", "1h30m", "3d",
// "today 5pm", "tomorrow 9am", "friday 14:00", "2026-12-01 14:00". Dates are in the
// desk's zone.
func parseWhen(text string, now time.Time, zone *time.Location) (time.Time, error) {
	s := strings.ToLower(strings.Join(strings.Fields(text), " "))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "in "), "by ")
	if d, ok := parseDuration(s); ok {
		return now.Add(d), nil
	}
	if at, err := time.Parse(time.RFC3339, strings.ToUpper(s)); err == nil {
		return at, nil
	}
	local := now.In(zone)
	if m := isoDate.FindStringSubmatch(s); m != nil {
		day, err := time.ParseInLocation("2006-01-02", m[1], zone)
		if err == nil {
			if at, ok := atClock(day, m[2]); ok {
				return at, nil
			}
		}
		return time.Time{}, badWhen(text)
	}
	word, rest, _ := strings.Cut(s, " ")
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	switch {
	case word == "today":
		if at, ok := atClock(today, rest); ok && rest != "" {
			return at, nil
		}
	case word == "tomorrow":
		if at, ok := atClock(today.AddDate(0, 0, 1), rest); ok {
			return at, nil
		}
	default:
		if day, ok := weekday(word); ok {
			ahead := (int(day)-int(today.Weekday())+6)%7 + 1
			if at, ok := atClock(today.AddDate(0, 0, ahead), rest); ok {
				return at, nil
			}
			break
		}
		if at, ok := atClock(today, s); ok && s != "" {
			if !at.After(now) {
				at = at.AddDate(0, 0, 1)
			}
			return at, nil
		}
	}
	return time.Time{}, badWhen(text)
}

func badWhen(text string) error {
	return workflow.Refuse(workflow.Invalid, "I do not understand the time %q. Write it like 90m, 2h, tomorrow 9am or 2026-12-01 14:00.", short(text))
}

// parseDuration reads one or more amounts with their units and nothing else.
func parseDuration(s string) (time.Duration, bool) { return when.Duration(s) }

func weekday(word string) (time.Weekday, bool) {
	if len(word) < 3 {
		return 0, false
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.HasPrefix(strings.ToLower(d.String()), word) {
			return d, true
		}
	}
	return 0, false
}

// atClock puts a time of day such as "9am" or "14:00" on a day; no time means the
// start of the working day.
func atClock(day time.Time, clock string) (time.Time, bool) {
	clock = strings.TrimSpace(clock)
	if clock == "" {
		return time.Date(day.Year(), day.Month(), day.Day(), startOfDay, 0, 0, 0, day.Location()), true
	}
	m := clockTime.FindStringSubmatch(clock)
	if m == nil || m[2] == "" && m[3] == "" {
		return time.Time{}, false
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	switch m[3] {
	case "am", "pm":
		if hour < 1 || hour > 12 {
			return time.Time{}, false
		}
		hour %= 12
		if m[3] == "pm" {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 {
		return time.Time{}, false
	}
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location()), true
}

// parseEffort reads time spent, in minutes.
func parseEffort(text string) (int, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	s := strings.ToLower(strings.TrimSpace(text))
	if n, err := strconv.Atoi(s); err == nil {
		return 0, workflow.RefuseField("effort", "Is %d minutes or hours? Write %dm or %dh.", n, n, n)
	}
	d, ok := parseDuration(s)
	if !ok || d > 1000*time.Hour {
		return 0, workflow.RefuseField("effort", "Write the time spent like 90m, 2h or 1h30m.")
	}
	return int(d / time.Minute), nil
}

// short cuts what a person typed to what fits into a sentence about it.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return string(r)
}
