package when

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/workflow"
)

var (
	isoDate  = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:[ t]+(.+))?$`)
	dotDate  = regexp.MustCompile(`^(\d{1,2})\. ?(\d{1,2})(?:\. ?(\d{4})|\.(\d{2})?)?(?: (.+))?$`)
	dayMonth = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|\.)? ?(\p{L}{3,9})\.?(?: (\d{4}))?(?: (.+))?$`)
	monthDay = regexp.MustCompile(`^(\p{L}{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?(?: (.+))?$`)
	// dateOrClock is one or the other.
	dateOrClock = regexp.MustCompile(`^(\d{1,2})\.(\d{2})$`)
)

// date reads a day of the calendar with a time of day or without.
func (r reader) date(s string) (time.Time, error) {
	if m := isoDate.FindStringSubmatch(s); m != nil {
		at, err := time.Parse(time.DateOnly, m[1])
		if err != nil {
			return time.Time{}, errUnread
		}
		return r.at(workflow.DateOf(at), m[2])
	}
	var d, month, year, clock string
	if m := dotDate.FindStringSubmatch(s); m != nil {
		d, month, year, clock = m[1], m[2], m[3], m[5]
		if m[4] != "" {
			year = "20" + m[4]
		}
	} else if m := dayMonth.FindStringSubmatch(s); m != nil {
		d, month, year, clock = m[1], monthNamed(m[2]), m[3], m[4]
	} else if m := monthDay.FindStringSubmatch(s); m != nil {
		d, month, year, clock = m[2], monthNamed(m[1]), m[3], m[4]
	}
	var day workflow.Date
	day.Day, _ = strconv.Atoi(d)
	n, _ := strconv.Atoi(month)
	day.Month = time.Month(n)
	if day.Year = r.today.Year; year != "" {
		day.Year, _ = strconv.Atoi(year)
	}
	if !exists(day) {
		return time.Time{}, errUnread
	}
	if m := dateOrClock.FindStringSubmatch(s); m != nil && day.Day < 24 {
		return time.Time{}, workflow.Refuse(workflow.Invalid, "Is %s a time or a day? Write %s for the time or %s for the day.", s, m[1]+":"+m[2], s+".")
	}
	at, err := r.at(day, clock)
	if err == nil && year == "" && at.Before(r.now) {
		// Without a year the coming one is meant.
		if day.Year++; !exists(day) {
			return time.Time{}, errUnread
		}
		return r.at(day, clock)
	}
	return at, err
}

// exists tells whether the calendar has that day.
func exists(d workflow.Date) bool {
	return d.Month >= 1 && workflow.DateOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)) == d
}

// months are what Germans call those of the year.
var months = [12]string{"januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"}

// monthNamed gives the number of a month whose name begins so, empty for no month.
func monthNamed(word string) string {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), word) || strings.HasPrefix(months[m-1], word) {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}

// weekdays are what Germans call the days from Sunday on.
var weekdays = [7][]string{
	{"sonntag", "so"}, {"montag", "mo"}, {"dienstag", "di"}, {"mittwoch", "mi"}, {"donnerstag", "do"}, {"freitag", "fr"}, {"samstag", "sonnabend", "sa"},
}

func germanWeekdays() []string { return slices.Concat(weekdays[:]...) }

func weekday(word string) (time.Weekday, bool) {
	word = strings.TrimSuffix(word, ".")
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(word) >= 3 && strings.HasPrefix(strings.ToLower(d.String()), word) || slices.Contains(weekdays[d], word) {
			return d, true
		}
	}
	return 0, false
}
