package settings

import (
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/when"
	"taskbridge/workflow"
)

// The bounds of times.
const (
	maxAnswer  = 90 * 24 * time.Hour
	maxCoolOff = 366 * 24 * time.Hour
	maxTarget  = 5000 * time.Hour
)

func (o Offers) validate() error {
	if o.AnswerWithin < workflow.MinOfferTime || o.AnswerWithin > maxAnswer {
		return workflow.RefuseField("answer_within", "Give a time to answer between 1m and %s.", when.Hours(maxAnswer))
	}
	if o.CoolOff < 0 || o.CoolOff > maxCoolOff {
		return workflow.RefuseField("cool_off", "Give a cool-off of up to a year, or 0m for none.")
	}
	return nil
}

func (s SLA) validate() error {
	for _, priority := range Priorities() {
		t := s.Targets[priority]
		for _, d := range []time.Duration{t.Accept, t.Start, t.Complete} {
			if d < 0 || d > maxTarget {
				return workflow.RefuseField(priority, "Give times of up to %s.", when.Hours(maxTarget))
			}
		}
		if t.Complete > 0 && t.Complete < t.Accept {
			return workflow.RefuseField(priority, "The work cannot be complete before it is accepted: give a longer time to complete.")
		}
	}
	if s.Warn < 1 || s.Warn > 100 {
		return workflow.RefuseField("warn", "Give a share between 1 and 100 percent, like 80.")
	}
	return nil
}

// Priorities are those of issues, in rising order.
func Priorities() []string { return []string{"low", "normal", "high", "urgent"} }

func (d Digest) validate() error {
	if d.Hour < 0 || d.Hour > 23 {
		return workflow.RefuseField("hour", "Give an hour between 0 and 23.")
	}
	return nil
}

func (r Reminders) validate() error {
	if r.ManagersAfter < 0 || r.ManagersAfter > maxTarget {
		return workflow.RefuseField("managers_after", "Give a time of up to %s, or 0m for never.", when.Hours(maxTarget))
	}
	return nil
}

// TargetText writes a target: "accept 1h, start 4h, complete 16h".
func TargetText(t Target) string {
	var parts []string
	for _, p := range []struct {
		name string
		d    time.Duration
	}{{"accept", t.Accept}, {"start", t.Start}, {"complete", t.Complete}} {
		if p.d > 0 {
			parts = append(parts, p.name+" "+when.Hours(p.d))
		}
	}
	return strings.Join(parts, ", ")
}

// ParseTarget reads what TargetText writes, of the priority that the field is named
// for.
func ParseTarget(field, text string) (Target, error) {
	var t Target
	for part := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, amount, _ := strings.Cut(strings.ToLower(part), " ")
		to, known := map[string]*time.Duration{"accept": &t.Accept, "start": &t.Start, "complete": &t.Complete}[name]
		d, err := workingTime(field, amount)
		if !known || err != nil || d == 0 {
			return t, workflow.RefuseField(field, "I do not understand %q. Write it like accept 1h, start 4h, complete 16h, in hours of working time.", cut(part))
		}
		if *to != 0 {
			return t, workflow.RefuseField(field, "The time to %s is there twice.", name)
		}
		*to = d
	}
	return t, nil
}

// workingTime reads an amount of working time, in hours and minutes: what a day of it
// is differs from day to day.
func workingTime(field, text string) (time.Duration, error) {
	d, ok := when.Duration(text)
	if !ok || strings.ContainsAny(strings.ToLower(text), "dw") {
		return 0, workflow.RefuseField(field, "Write the working time in hours and minutes, like 8h or 1h30m.")
	}
	return d, nil
}

func wallTime(field, text string) (time.Duration, error) {
	d, ok := when.Duration(text)
	if !ok {
		return 0, workflow.RefuseField(field, "Write the time like 90m, 8h or 7d.")
	}
	return d, nil
}

// daysText writes a time that passes on every day.
func daysText(d time.Duration) string {
	if d > 0 && d%(24*time.Hour) == 0 {
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	}
	return when.Hours(d)
}

func number(field, text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	if err != nil {
		return 0, workflow.RefuseField(field, "Write a whole number.")
	}
	return n, nil
}
