package settings

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskbridge/workflow"
)

// Calendar is when somebody works, as it is kept.
type Calendar struct {
	// Zone is the IANA name of a time zone, empty for the server's own.
	Zone string `json:"zone"`
	// Week is the working time of each weekday, Sunday first. Without any, all hours
	// of all days are worked.
	Week     [7][]workflow.Span `json:"week"`
	Holidays []Holiday          `json:"holidays"`
	// Language is that of a firm where it differs from the desk's, a BCP 47 name. It is
	// kept here because a firm has no other settings of its own.
	Language string `json:"language,omitempty"`
}

// Holiday is a day on which nobody works.
type Holiday struct {
	// Date is written 2006-01-02.
	Date string `json:"date"`
	Name string `json:"name"`
}

const (
	// The longest list fits into the largest field of a form, 3000 characters.
	maxHolidays    = 60
	maxHolidayName = 38
	maxSpans       = 6
)

// Set tells whether anything is said about working time.
func (c Calendar) Set() bool {
	return c.Zone != "" || len(c.Holidays) > 0 || slices.ContainsFunc(c.Week[:], func(s []workflow.Span) bool { return len(s) > 0 })
}

// Location is the calendar's zone, the one given where it names none.
func (c Calendar) Location(zone *time.Location) *time.Location {
	if c.Zone == "" {
		return zone
	}
	if own, err := time.LoadLocation(c.Zone); err == nil {
		return own
	}
	return zone
}

// In is the calendar as workflow counts with it.
func (c Calendar) In(zone *time.Location) workflow.Calendar {
	out := workflow.Calendar{Zone: c.Location(zone), Week: c.Week, Holidays: make(map[workflow.Date]bool, len(c.Holidays))}
	for _, h := range c.Holidays {
		if day, err := time.Parse(time.DateOnly, h.Date); err == nil {
			out.Holidays[workflow.DateOf(day)] = true
		}
	}
	return out
}

func (c Calendar) validate() error {
	if err := checkLanguage(c.Language); err != nil {
		return err
	}
	if err := checkZone(c.Zone); err != nil {
		return err
	}
	if err := checkWeek(c.Week); err != nil {
		return err
	}
	return checkHolidays(c.Holidays)
}

func checkZone(zone string) error {
	if zone == "" {
		return nil
	}
	// "Local" is a name that Go knows and nobody else does.
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return workflow.RefuseField("zone", "There is no time zone %q. Write one like Europe/Berlin, or nothing for the server's own.", cut(zone))
	}
	return nil
}

func checkWeek(week [7][]workflow.Span) error {
	for d, spans := range week {
		day := time.Weekday(d)
		if len(spans) > maxSpans {
			return workflow.RefuseField("hours", "Give %s up to %d times.", called(day), maxSpans)
		}
		for n, s := range spans {
			if s.From < 0 || s.From >= workflow.MinutesADay || s.Till <= s.From || s.Till > s.From+workflow.MinutesADay {
				return workflow.RefuseField("hours", "The time %s on %s is none. Write it like 08:00–17:00.", spanText(s), called(day))
			}
			if n > 0 && s.From < spans[n-1].Till {
				return workflow.RefuseField("hours", "On %s, %s and %s overlap. Write each hour once, the earlier ones first.", called(day), spanText(spans[n-1]), spanText(s))
			}
		}
		next := week[(d+1)%7]
		if len(spans) > 0 && len(next) > 0 {
			if last := spans[len(spans)-1]; last.Till-workflow.MinutesADay > next[0].From {
				return workflow.RefuseField("hours", "%s on %s runs into %s on %s. End it earlier.", spanText(last), called(day), spanText(next[0]), called(time.Weekday((d+1)%7)))
			}
		}
	}
	return nil
}

func checkHolidays(all []Holiday) error {
	if len(all) > maxHolidays {
		return workflow.RefuseField("holidays", "Give up to %d holidays; those that are over can go.", maxHolidays)
	}
	seen := map[string]bool{}
	for _, h := range all {
		if _, err := time.Parse(time.DateOnly, h.Date); err != nil {
			return workflow.RefuseField("holidays", "There is no day %q. Write each line like 2026-12-25 Christmas.", cut(h.Date))
		}
		if seen[h.Date] {
			return workflow.RefuseField("holidays", "The day %s is there twice.", h.Date)
		}
		if utf8.RuneCountInString(h.Name) > maxHolidayName {
			return workflow.RefuseField("holidays", "Shorten the name of %s to %d characters.", h.Date, maxHolidayName)
		}
		seen[h.Date] = true
	}
	return nil
}

// called is a day as a part of a sentence, in the language of whoever reads it.
func called(d time.Weekday) workflow.Phrase { return workflow.Phrase{English: d.String()} }

// dayNames are how days are written, Sunday first.
func dayNames() [7]string { return [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"} }

// knownDays are the full names of days that are understood, Sunday first, in each of the
// languages that there are texts in. Two letters of a name are enough for every one of them.
func knownDays() [2][7]string {
	return [2][7]string{
		{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"},
		{"sonntag", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag"},
	}
}

// HoursText writes the working time of a week as it is kept, with a line for each stretch
// of days that are alike, Monday first.
func HoursText(week [7][]workflow.Span) string { return HoursIn(week, dayNames()) }

// HoursIn is the same with other short names of the days, Sunday first.
func HoursIn(week [7][]workflow.Span, names [7]string) string {
	var lines []string
	for n := 0; n < 7; {
		first := (n + 1) % 7
		until := n
		for until+1 < 7 && slices.Equal(week[(until+2)%7], week[first]) {
			until++
		}
		if len(week[first]) > 0 {
			name := names[first]
			if until > n {
				name += "–" + names[(until+1)%7]
			}
			var times []string
			for _, s := range week[first] {
				times = append(times, spanText(s))
			}
			lines = append(lines, name+" "+strings.Join(times, ", "))
		}
		n = until + 1
	}
	return strings.Join(lines, "\n")
}

func spanText(s workflow.Span) string { return clockText(s.From) + "–" + clockText(s.Till) }

func clockText(minutes int) string {
	if minutes > workflow.MinutesADay {
		minutes -= workflow.MinutesADay
	}
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

// ParseHours reads what HoursText writes, and the same in any language of texts. Days that no line names have no working
// time. A time that ends before it begins ends the next day.
func ParseHours(text string) (week [7][]workflow.Span, err error) {
	for line := range Lines(text) {
		days, times, ok := strings.Cut(plainDashes(line), " ")
		named, known := parseDays(days)
		if !ok || !known {
			return week, workflow.RefuseField("hours", "I do not understand the line %q. Write it like Mon–Fri 08:00–17:00.", cut(line))
		}
		var spans []workflow.Span
		for part := range strings.SplitSeq(times, ",") {
			s, ok := parseSpan(part)
			if !ok {
				return week, workflow.RefuseField("hours", "I do not understand %q in the line %q. Write times like 08:00–17:00.", cut(strings.TrimSpace(part)), cut(line))
			}
			spans = append(spans, s)
		}
		for _, d := range named {
			if len(week[d]) > 0 {
				return week, workflow.RefuseField("hours", "%s is in two lines. Write all its times into one, like Mon 08:00–12:00, 13:00–17:00.", called(d))
			}
			week[d] = spans
		}
	}
	return week, checkWeek(week)
}

// plainDashes makes every kind of dash, with or without spaces around it, a hyphen.
func plainDashes(s string) string {
	s = strings.NewReplacer("–", "-", "—", "-", "−", "-", " to ", "-").Replace(s)
	for strings.Contains(s, " -") || strings.Contains(s, "- ") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, " -", "-"), "- ", "-")
	}
	return s
}

func parseDays(s string) (days []time.Weekday, ok bool) {
	switch strings.ToLower(s) {
	case "daily", "all":
		return []time.Weekday{0, 1, 2, 3, 4, 5, 6}, true
	}
	first, last, several := strings.Cut(strings.TrimSuffix(s, ":"), "-")
	from, ok := parseDay(first)
	if !ok || !several {
		return []time.Weekday{from}, ok
	}
	till, ok := parseDay(last)
	for d := from; ok; d = (d + 1) % 7 {
		days = append(days, d)
		if d == till {
			break
		}
	}
	return days, ok
}

func parseDay(s string) (time.Weekday, bool) {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	for _, names := range knownDays() {
		for d, name := range names {
			if len(s) > 1 && strings.HasPrefix(name, s) {
				return time.Weekday(d), true
			}
		}
	}
	return 0, false
}

func parseSpan(s string) (workflow.Span, bool) {
	a, b, ok := strings.Cut(strings.TrimSpace(s), "-")
	from, okFrom := parseClock(a)
	till, okTill := parseClock(b)
	if !ok || !okFrom || !okTill || from == workflow.MinutesADay || from == till {
		return workflow.Span{}, false
	}
	if till < from {
		till += workflow.MinutesADay
	}
	return workflow.Span{From: from, Till: till}, true
}

func parseClock(s string) (int, bool) {
	h, m, ok := strings.Cut(strings.ReplaceAll(s, ".", ":"), ":")
	if !ok {
		m = "00"
	}
	hour, okHour := digits(h)
	minute, okMinute := digits(m)
	at := hour*60 + minute
	return at, okHour && okMinute && len(m) == 2 && minute < 60 && at <= workflow.MinutesADay
}

// digits reads one or two of them.
func digits(s string) (int, bool) {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, len(s) == 1 || len(s) == 2
}

// HolidaysText writes a line for each holiday.
func HolidaysText(all []Holiday) string {
	var out []string
	for _, h := range all {
		out = append(out, strings.TrimSpace(h.Date+" "+h.Name))
	}
	return strings.Join(out, "\n")
}

// parseHolidays reads what HolidaysText writes, in the order of their dates.
func parseHolidays(text string) ([]Holiday, error) {
	var all []Holiday
	for line := range Lines(text) {
		date, name, _ := strings.Cut(line, " ")
		all = append(all, Holiday{Date: date, Name: strings.TrimSpace(name)})
	}
	if err := checkHolidays(all); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Holiday) int { return strings.Compare(a.Date, b.Date) })
	return all, nil
}
