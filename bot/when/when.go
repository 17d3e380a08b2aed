package when

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"taskbridge/workflow"
)

// A Time is a moment as somebody wrote it.
type Time struct {
	At time.Time
	// Amount is set when an amount in hours and minutes was written and not a moment:
	// its reader may count it in working time.
	Amount time.Duration
}

// mostMonths are how many can be counted: as far as amounts reach.
const mostMonths = 120

// errUnread says that a text is not of the kind that is tried.
var errUnread = errors.New("not such a time")

var (
	// onDay is the German "on" before a weekday or a date, which is no "am" of a clock.
	onDay    = regexp.MustCompile(`(^| )am ((?:` + strings.Join(germanWeekdays(), "|") + `)\b|\d{1,2}\.)`)
	article  = regexp.MustCompile(`^(?:an?|ein|eine[mr]?) (minute|hour|day|week|month|stunde|tag|woche|monat)$`)
	inMonths = regexp.MustCompile(`^(\d{1,3}) ?(?:months?|monat(?:en?)?)$`)
	// partOfDay is "morgen" for a morning where it is not tomorrow, and a part of a day that
	// is written as one word with it, as in "Freitagabend".
	partOfDay = regexp.MustCompile(`^(heute|` + strings.Join(germanWeekdays(), "|") + `) ?(morgen|früh|vormittag|mittag|nachmittag|abend)\b`)
	// clockFirst is a time of day before its day.
	clockFirst = regexp.MustCompile(`^((?:at )?\d{1,2}(?:[:.]\d{2})? ?[ap]m|(?:at |um )?\d{1,2}(?:[:.]\d{2})?(?: ?uhr)?|(?:um )?halb (?:\d{1,2}|` + strings.Join(germanHours(), "|") + `)) (?:on )?(.+)$`)
)

// Parse reads a moment as people write it: "90m", "in 3 days", "tomorrow at 9", "at 9am
// tomorrow", "tonight", "fri 14:00", "in 2 months", "next monday", "2026-12-01 14:00";
// "in 2 Stunden", "morgen 9 Uhr", "um halb neun", "übermorgen früh", "nächsten Montag",
// "3.12. um 14 Uhr", "3. Dezember". Dates are in the zone, and a time that the clock skips
// there is the moment of the skip.
//
// What may be understood in two ways is read so:
//   - A day without a time is at 9. The morning is 9, noon 12, the afternoon 14, and the
//     evening, tonight too, is 18. A time said with one of them is in it: tonight at 8 is 20:00.
//   - An hour alone, as in "at 9" or "um 9 Uhr", is one of 24. From 1 to 6 it is refused,
//     because many mean the afternoon by it; with minutes it is what it says. A mere number
//     is refused.
//   - "halb 9" is 8:30, and so on up to "halb 12". From "halb 1" to "halb 7" it is refused
//     unless the part of the day is said.
//   - A month on is the same day of that month at the same time, and the last of a month that
//     has no such day. "Next month" may mean its first day as well and is refused,
//     except on the first.
//   - "morgen" is tomorrow, and the morning after a weekday or "heute".
//   - A weekday is the coming one, tomorrow at the earliest and a week from now at the
//     latest. With next it is refused where the coming one is still in this week.
//   - A day without a year is the coming one.
//   - Of numbers with a dot the first is the day. "3.12" alone, which may be a time as well,
//     is refused; "14.30", and "9.10" after a day, can only be times.
//   - "am" is the German "on" before a German weekday and before such a date.
//
// The error is a refusal that says what to write.
func Parse(text string, now time.Time, zone *time.Location) (Time, error) {
	s := plain(text)
	r := reader{now: now, zone: zone, today: workflow.DateOf(now.In(zone))}
	if days, rest, ok := amounts(s); ok {
		if days == 0 {
			return Time{At: now.Add(rest), Amount: rest}, nil
		}
		return Time{At: r.nowOn(r.ahead(days)).Add(rest)}, nil
	}
	if m := inMonths.FindStringSubmatch(s); m != nil {
		if n, _ := strconv.Atoi(m[1]); n <= mostMonths {
			return Time{At: r.nowOn(r.monthsAhead(n))}, nil
		}
	}
	if at, err := time.Parse(time.RFC3339, strings.ToUpper(s)); err == nil {
		return Time{At: at}, nil
	}
	at, err := r.day(s)
	if m := clockFirst.FindStringSubmatch(s); m != nil && errors.Is(err, errUnread) {
		at, err = r.day(m[2] + " " + m[1])
	}
	switch {
	case errors.Is(err, errUnread):
		return Time{}, workflow.Refuse(workflow.Invalid, "I do not understand the time %q. Write it like 90m, 2h, in 3 days, tomorrow 9am, fri 14:00, next monday or 2026-12-01 14:00.", short(text))
	case err != nil:
		return Time{}, err
	}
	return Time{At: at}, nil
}

// plain is a text in small letters, without what may stand before a time and says nothing.
func plain(text string) string {
	s := strings.ToLower(strings.Join(strings.Fields(text), " "))
	s = strings.ReplaceAll(s, ", ", " ")
	for _, word := range []string{"by ", "until ", "bis ", "zum ", "on ", "in "} {
		s = strings.TrimPrefix(s, word)
	}
	s = onDay.ReplaceAllString(s, "$1$2")
	s = article.ReplaceAllString(s, "1 $1")
	if m := partOfDay.FindStringSubmatch(s); m != nil {
		part := m[2]
		if part == "morgen" {
			part = "früh"
		}
		s = m[1] + " " + part + s[len(m[0]):]
	}
	return s
}

// reader reads words about one day.
type reader struct {
	now   time.Time
	zone  *time.Location
	today workflow.Date
}

// day reads a day with a time of day or without.
func (r reader) day(s string) (time.Time, error) {
	at, err := r.date(s)
	if errors.Is(err, errUnread) {
		return r.words(s)
	}
	return at, err
}

// words reads what is said from today on: tomorrow, a weekday, next week, a time.
func (r reader) words(s string) (time.Time, error) {
	s = strings.TrimPrefix(s, "the ")
	if rest, found := strings.CutPrefix(s, "day after tomorrow"); found {
		return r.at(r.ahead(2), rest)
	}
	word, rest, _ := strings.Cut(s, " ")
	switch word {
	case "":
		return time.Time{}, errUnread
	case "today", "heute":
		if rest == "" {
			return time.Time{}, errUnread
		}
		return r.at(r.today, rest)
	case "tonight":
		return r.at(r.today, "evening "+rest)
	case "tomorrow", "morgen":
		return r.at(r.ahead(1), rest)
	case "übermorgen":
		return r.at(r.ahead(2), rest)
	case "next", "nächste", "nächsten", "nächster":
		return r.week(next, rest)
	case "this", "diese", "diesen", "dieser":
		return r.week(this, rest)
	case "coming", "kommende", "kommenden", "kommender":
		return r.week(coming, rest)
	}
	if day, known := weekday(word); known {
		at, err := r.at(r.ahead(r.until(day)), rest)
		if errors.Is(err, errUnread) {
			if at, err = r.date(rest); err == nil && at.In(r.zone).Weekday() != day {
				err = errUnread
			}
		}
		return at, err
	}
	at, err := r.at(r.today, s)
	if err == nil && !at.After(r.now) {
		at, err = r.at(r.ahead(1), s)
	}
	return at, err
}

// which is what a week or a weekday is said to be.
type which int

const (
	next which = iota
	this
	coming
)

// week reads "next monday", "next week" and "this friday". Next is refused where some
// people mean the coming day by it and others the one a week later.
func (r reader) week(is which, s string) (time.Time, error) {
	word, rest, _ := strings.Cut(s, " ")
	if _, known := parts[word]; known && is == this {
		return r.at(r.today, s)
	}
	day, known := weekday(word)
	if (word == "month" || word == "monat") && is != this {
		first, same := r.inMonth(1, 1), r.monthsAhead(1)
		if first == same {
			return r.at(first, rest)
		}
		return time.Time{}, workflow.Refuse(workflow.Invalid, "Next month may be %s or %s. Write in 1 month for the second, or the date.", first, same)
	}
	if (word == "week" || word == "woche") && is != this {
		day, known = time.Monday, true
	}
	if !known {
		return time.Time{}, errUnread
	}
	days := r.until(day)
	today := int(r.now.In(r.zone).Weekday()+6) % 7
	thisWeek := today+days < 7
	switch {
	case is == next && thisWeek:
		name := workflow.Phrase{English: day.String()}
		return time.Time{}, workflow.Refuse(workflow.Invalid, "Next %s may be %s or %s. Write %s for the first, or the date.", name, r.ahead(days), r.ahead(days+7), name)
	case is == this && !thisWeek:
		return time.Time{}, errUnread
	}
	return r.at(r.ahead(days), rest)
}

func (r reader) ahead(days int) workflow.Date {
	return workflow.DateOf(time.Date(r.today.Year, r.today.Month, r.today.Day+days, 0, 0, 0, 0, time.UTC))
}

// monthsAhead is the same day of a later month, the last of one that has no such day.
func (r reader) monthsAhead(months int) workflow.Date {
	return r.inMonth(months, min(r.today.Day, r.inMonth(months+1, 0).Day))
}

// inMonth is a day of a later month.
func (r reader) inMonth(months, day int) workflow.Date {
	return workflow.DateOf(time.Date(r.today.Year, r.today.Month+time.Month(months), day, 0, 0, 0, 0, time.UTC))
}

// nowOn is the time of day that it is now, on another day.
func (r reader) nowOn(day workflow.Date) time.Time {
	local := r.now.In(r.zone)
	return workflow.OnWall(day, local.Hour(), local.Minute(), r.zone).Add(time.Duration(local.Second()) * time.Second)
}

// until counts the days to the coming weekday: one to seven.
func (r reader) until(day time.Weekday) int {
	return (int(day)-int(r.now.In(r.zone).Weekday())+6)%7 + 1
}

// at puts a time of day such as "9am", "14:00" or "noon" on a day; no time means the
// start of the working day.
func (r reader) at(day workflow.Date, clock string) (time.Time, error) {
	hour, minute, err := timeOfDay(strings.TrimSpace(clock))
	if err != nil {
		return time.Time{}, err
	}
	return workflow.OnWall(day, hour, minute, r.zone), nil
}

// short cuts what a person typed to what fits into a sentence about it.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return string(r)
}
