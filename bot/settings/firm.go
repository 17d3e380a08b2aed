package settings

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"taskbridge/workflow"
)

// EncodeCalendar writes a calendar of a firm's own as it is kept, empty for none.
func EncodeCalendar(c Calendar) (string, error) {
	if !c.Set() && c.Language == "" {
		return "", nil
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode a calendar: %w", err)
	}
	return string(text), nil
}

// DecodeCalendar reads what EncodeCalendar wrote.
func DecodeCalendar(text string) (Calendar, error) {
	var c Calendar
	if text == "" {
		return c, nil
	}
	err := json.Unmarshal([]byte(text), &c)
	if err == nil {
		err = c.validate()
	}
	if err != nil {
		return Calendar{}, fmt.Errorf("decode a calendar: %w", err)
	}
	return c, nil
}

// FirmTime is the working time of a firm by its own calendar, as it is kept: what that
// leaves open is the desk's. It is false when neither says anything.
func (s Settings) FirmTime(own string, zone *time.Location) (workflow.Calendar, bool) {
	c, err := DecodeCalendar(own)
	if err != nil || !c.Set() {
		return s.WorkingTime(zone), s.Calendar.Set()
	}
	if c.Zone == "" {
		c.Zone = s.Calendar.Zone
	}
	if HoursText(c.Week) == "" {
		c.Week = s.Calendar.Week
	}
	return c.In(zone), true
}

// CalendarLines writes all that a calendar says, a line each; nothing where it says
// nothing.
func CalendarLines(c Calendar) string {
	var lines []string
	for _, part := range []string{HoursText(c.Week), c.Zone, HolidaysText(c.Holidays)} {
		if part != "" {
			lines = append(lines, part)
		}
	}
	return strings.Join(lines, "\n")
}
