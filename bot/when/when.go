package when

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"taskbridge/workflow"
)

// startOfDay is the hour that a date without a time means.
const startOfDay = 9

// A Time is a moment as somebody wrote it.
type Time struct {
	At time.Time
	// Amount is set when an amount in hours and minutes was written and not a moment:
	// its reader may count it in working time.
	Amount time.Duration
}

// Examples are ways of writing a time that Parse reads.
const Examples = "90m, 2h, in 3 days, tomorrow 9am, fri 14:00, next monday or 2026-12-01 14:00"

var (
	clockTime = regexp.MustCompile(`^(?:at )?(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?$`)
	isoDate   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:[ t]+(.+))?$`)
	dotDate   = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(?:(\d{4}))?(?: (.+))?$`)
	dayMonth  = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})(?: (\d{4}))?(?: (.+))?$`)
	monthDay  = regexp.MustCompile(`^([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?(?: (.+))?$`)
	article   = regexp.MustCompile(`^(?:an?) (minute|hour|day|week)$`)
)

// Parse reads a moment as people write it; see Examples. Dates are in the zone, and a
// time that the clock skips there is the moment of the skip. The error is a refusal that
// shows examples.
func Parse(text string, now time.Time, zone *time.Location) (Time, error) {
	r := reader{now: now, zone: zone, today: workflow.DateOf(now.In(zone))}
	s := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, word := range []string{"in ", "by ", "on ", "until "} {
		s = strings.TrimPrefix(s, word)
	}
	s = article.ReplaceAllString(s, "1 $1")
	if days, rest, ok := amounts(s); ok {
		if days == 0 {
			return Time{At: now.Add(rest), Amount: rest}, nil
		}
		local := now.In(zone)
		day := workflow.DateOf(time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, time.UTC))
		at := workflow.OnWall(day, local.Hour(), local.Minute(), zone)
		return Time{At: at.Add(time.Duration(local.Second())*time.Second + rest)}, nil
	}
	if at, err := time.Parse(time.RFC3339, strings.ToUpper(s)); err == nil {
		return Time{At: at}, nil
	}
	if at, ok := r.date(s); ok {
		return Time{At: at}, nil
	}
	if at, ok, err := r.words(s); ok || err != nil {
		return Time{At: at}, err
	}
	return Time{}, workflow.Refuse(workflow.Invalid, "I do not understand the time %q. Write it like %s.", short(text), Examples)
}

// reader reads words about one day.
type reader struct {
	now   time.Time
	zone  *time.Location
	today workflow.Date
}

// date reads a day of the calendar with a time of day or without.
func (r reader) date(s string) (time.Time, bool) {
	var day workflow.Date
	var clock string
	if m := isoDate.FindStringSubmatch(s); m != nil {
		at, err := time.Parse(time.DateOnly, m[1])
		if err != nil {
			return time.Time{}, false
		}
		return r.at(workflow.DateOf(at), m[2])
	}
	var d, month, year string
	if m := dotDate.FindStringSubmatch(s); m != nil {
		d, month, year, clock = m[1], m[2], m[3], m[4]
	} else if m := dayMonth.FindStringSubmatch(s); m != nil {
		d, month, year, clock = m[1], monthNamed(m[2]), m[3], m[4]
	} else if m := monthDay.FindStringSubmatch(s); m != nil {
		d, month, year, clock = m[2], monthNamed(m[1]), m[3], m[4]
	}
	day.Day, _ = strconv.Atoi(d)
	n, _ := strconv.Atoi(month)
	day.Month = time.Month(n)
	if day.Year = r.today.Year; year != "" {
		day.Year, _ = strconv.Atoi(year)
	}
	if !exists(day) {
		return time.Time{}, false
	}
	at, ok := r.at(day, clock)
	if ok && year == "" && at.Before(r.now) {
		// Without a year the coming one is meant.
		if day.Year++; !exists(day) {
			return time.Time{}, false
		}
		at, ok = r.at(day, clock)
	}
	return at, ok
}

// exists tells whether the calendar has that day.
func exists(d workflow.Date) bool {
	return d.Month >= 1 && workflow.DateOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)) == d
}

// monthNamed gives a month's number, empty for no month.
func monthNamed(word string) string {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), word) {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}

// words reads what is said from today on: tomorrow, a weekday, next week, a time.
func (r reader) words(s string) (at time.Time, ok bool, err error) {
	if rest, found := strings.CutPrefix(s, "the day after tomorrow"); found {
		s = "day after tomorrow" + rest
	}
	if rest, found := strings.CutPrefix(s, "day after tomorrow"); found {
		at, ok = r.at(r.ahead(2), rest)
		return at, ok, nil
	}
	word, rest, _ := strings.Cut(s, " ")
	switch word {
	case "today":
		at, ok = r.at(r.today, rest)
		return at, ok && rest != "", nil
	case "tomorrow":
		at, ok = r.at(r.ahead(1), rest)
		return at, ok, nil
	case "next", "this":
		return r.week(word, rest)
	}
	if day, known := weekday(word); known {
		at, ok = r.at(r.ahead(r.until(day)), rest)
		return at, ok, nil
	}
	if s == "" {
		return time.Time{}, false, nil
	}
	if at, ok = r.at(r.today, s); ok && !at.After(r.now) {
		at, ok = r.at(r.ahead(1), s)
	}
	return at, ok, nil
}

// week reads "next monday", "next week" and "this friday". Next is refused where some
// people mean the coming day by it and others the one a week later.
func (r reader) week(which, s string) (at time.Time, ok bool, err error) {
	word, rest, _ := strings.Cut(s, " ")
	day, known := weekday(word)
	if word == "week" && which == "next" {
		day, known = time.Monday, true
	}
	if !known {
		return time.Time{}, false, nil
	}
	coming := r.until(day)
	today := int(r.now.In(r.zone).Weekday()+6) % 7
	thisWeek := today+coming < 7
	switch {
	case which == "next" && thisWeek:
		first, second := r.ahead(coming), r.ahead(coming+7)
		return at, false, workflow.Refuse(workflow.Invalid, "Next %s may be %s or %s. Write %s for the first, or the date.", day, first, second, strings.ToLower(day.String()))
	case which == "this" && !thisWeek:
		return time.Time{}, false, nil
	}
	at, ok = r.at(r.ahead(coming), rest)
	return at, ok, nil
}

func (r reader) ahead(days int) workflow.Date {
	return workflow.DateOf(time.Date(r.today.Year, r.today.Month, r.today.Day+days, 0, 0, 0, 0, time.UTC))
}

// until counts the days to the coming weekday: one to seven.
func (r reader) until(day time.Weekday) int {
	return (int(day)-int(r.now.In(r.zone).Weekday())+6)%7 + 1
}

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

// at puts a time of day such as "9am", "14:00" or "noon" on a day; no time means the
// start of the working day.
func (r reader) at(day workflow.Date, clock string) (time.Time, bool) {
	hour, minute, ok := timeOfDay(strings.TrimSpace(clock))
	if !ok {
		return time.Time{}, false
	}
	return workflow.OnWall(day, hour, minute, r.zone), true
}

func timeOfDay(clock string) (hour, minute int, ok bool) {
	switch strings.TrimPrefix(strings.TrimPrefix(clock, "at "), "in the ") {
	case "", "morning":
		return startOfDay, 0, true
	case "noon":
		return 12, 0, true
	case "afternoon":
		return 14, 0, true
	case "evening":
		return 18, 0, true
	}
	m := clockTime.FindStringSubmatch(clock)
	if m == nil || m[2] == "" && m[3] == "" {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(m[1])
	minute, _ = strconv.Atoi(m[2])
	if m[3] != "" {
		if hour < 1 || hour > 12 {
			return 0, 0, false
		}
		hour %= 12
		if m[3] == "pm" {
			hour += 12
		}
	}
	return hour, minute, hour < 24 && minute < 60
}

// short cuts what a person typed to what fits into a sentence about it.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return string(r)
}
