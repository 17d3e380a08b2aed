package workflow

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOutside(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	office := Calendar{Zone: berlin, Holidays: map[Date]bool{{2026, time.May, 1}: true}}
	for day := time.Monday; day <= time.Friday; day++ {
		office.Week[day] = []Span{{8 * 60, 17 * 60}}
	}
	night := Calendar{Zone: berlin}
	night.Week[time.Saturday] = []Span{{20 * 60, 30 * 60}}
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.May, day, hour, minute, 0, 0, berlin)
	}
	now := time.Date(2026, time.April, 28, 9, 0, 0, 0, berlin)
	for name, c := range map[string]struct {
		calendar             Calendar
		own, job, from, till time.Time
		want                 OffHours
	}{
		"nothing is due":                  {calendar: office},
		"round the clock":                 {own: at(3, 14, 0)},
		"at work":                         {calendar: office, own: at(4, 14, 0)},
		"at the close of the day":         {calendar: office, own: at(4, 17, 0)},
		"as the day begins":               {calendar: office, own: at(4, 8, 0)},
		"a minute after the close":        {calendar: office, own: at(4, 17, 1), want: OffHours{Due: at(4, 17, 1)}},
		"a Sunday":                        {calendar: office, own: at(3, 14, 0), want: OffHours{Due: at(3, 14, 0)}},
		"a holiday":                       {calendar: office, own: at(1, 14, 0), want: OffHours{Due: at(1, 14, 0), Holiday: true}},
		"the job's own date":              {calendar: office, job: at(3, 14, 0), want: OffHours{Due: at(3, 14, 0)}},
		"the offer's date goes before it": {calendar: office, own: at(4, 14, 0), job: at(3, 14, 0)},
		"what has passed":                 {calendar: office, own: now.AddDate(0, 0, -2)},
		"a night of work":                 {calendar: night, own: at(3, 5, 0)},
		"a window over a night":           {calendar: office, from: at(4, 16, 0), till: at(5, 9, 0)},
		"a window that ends too late":     {calendar: office, from: at(4, 16, 0), till: at(4, 19, 0), want: OffHours{From: at(4, 16, 0), Till: at(4, 19, 0)}},
		"a window on a holiday":           {calendar: office, from: at(1, 9, 0), till: at(1, 10, 0), want: OffHours{From: at(1, 9, 0), Till: at(1, 10, 0), Holiday: true}},
	} {
		a := Assignment{Terms: Terms{Due: c.own}, StepFrom: c.from, StepTo: c.till}
		got := c.calendar.Outside(Issue{DueAt: c.job}, a, now)
		if diff := cmp.Diff(c.want, got); diff != "" || got.Some() != (c.want != OffHours{}) {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
