package when

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"taskbridge/workflow"
)

// startOfDay is the hour that a date without a time means.
const startOfDay = 9

// part is a part of a day.
type part struct {
	// hour is what it means alone, first and last what may be said with it.
	hour, first, last int
}

var (
	morning   = part{startOfDay, 0, 11}
	noon      = part{12, 12, 12}
	afternoon = part{14, 12, 17}
	evening   = part{18, 17, 23}
)

// parts are what the parts of a day are called.
var parts = map[string]part{
	"morning": morning, "früh": morning, "vormittag": morning, "noon": noon, "mittag": noon,
	"afternoon": afternoon, "nachmittag": afternoon, "evening": evening, "abend": evening,
}

var (
	beforePart = regexp.MustCompile(`^(?:at|in the|am) (\p{L}+)`)
	clockTime  = regexp.MustCompile(`^(at |um )?(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|uhr)?(?: (\d{2}))?$`)
	halfTo     = regexp.MustCompile(`^(?:um )?halb (\d{1,2}|` + strings.Join(germanHours(), "|") + `)$`)
)

// germanHours are what Germans call the hours of a clock from one on.
func germanHours() []string {
	return []string{"eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"}
}

// timeOfDay reads a time of day, of which none means the start of the working day.
func timeOfDay(clock string) (hour, minute int, err error) {
	if clock == "" {
		return startOfDay, 0, nil
	}
	word, rest, _ := strings.Cut(beforePart.ReplaceAllString(clock, "$1"), " ")
	of, inPart := parts[word]
	if inPart && rest == "" {
		return of.hour, 0, nil
	}
	if !inPart {
		rest = clock
	}
	if m := halfTo.FindStringSubmatch(rest); m != nil {
		hour, err = halfHour(m[1], of, inPart)
		return hour, 30, err
	}
	m := clockTime.FindStringSubmatch(rest)
	if m == nil {
		return 0, 0, errUnread
	}
	half, minutes := m[4], m[3]
	if m[5] != "" {
		// As in "9 Uhr 30".
		if half != "uhr" || minutes != "" {
			return 0, 0, errUnread
		}
		minutes = m[5]
	}
	if !inPart && m[1] == "" && minutes == "" && half == "" {
		return 0, 0, errUnread
	}
	hour, _ = strconv.Atoi(m[2])
	minute, _ = strconv.Atoi(minutes)
	switch {
	case half == "am" || half == "pm":
		if hour < 1 || hour > 12 {
			return 0, 0, errUnread
		}
		hour %= 12
		if half == "pm" {
			hour += 12
		}
	case inPart && hour < of.first:
		hour += 12
	case !inPart && minutes == "" && 1 <= hour && hour <= 6:
		return 0, 0, workflow.Refuse(workflow.Invalid, "Is %d in the morning or in the afternoon? Write %d:00 or %d:00.", hour, hour, hour+12)
	}
	if inPart && (hour < of.first || hour > of.last) || hour > 23 || minute > 59 {
		return 0, 0, errUnread
	}
	return hour, minute, nil
}

// halfHour reads the hour that is half over when Germans say half of the next one.
func halfHour(next string, of part, inPart bool) (int, error) {
	hour := slices.Index(germanHours(), next)
	if n, err := strconv.Atoi(next); err == nil {
		hour = n - 1
	}
	switch {
	case hour < 0 || hour > 11:
		return 0, errUnread
	case !inPart && hour <= 6:
		return 0, workflow.Refuse(workflow.Invalid, "Is %s in the morning or in the afternoon? Write %d:30 or %d:30.", "halb "+next, hour, hour+12)
	case !inPart:
		return hour, nil
	case hour < of.first:
		hour += 12
	}
	if hour < of.first || hour > of.last {
		return 0, errUnread
	}
	return hour, nil
}
