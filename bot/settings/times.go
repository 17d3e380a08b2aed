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

func (d Digest) validate() error {
	if d.Hour < 0 || d.Hour > 23 {
		return workflow.RefuseField("hour", "Give an hour between 0 and 23.")
	}
	return nil
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
