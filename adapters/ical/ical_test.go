package ical_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/ical"
	"taskbridge/bot/chat"

	ics "github.com/arran4/golang-ical"
)

// TestFile: the entry has an id and a sequence to be known by, says in UTC when it is, and
// nothing that is typed becomes a line of its own.
func TestFile(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	berlin := time.FixedZone("", 3600)
	v := chat.Visit{
		ID: "a1", Sequence: 3, From: time.Date(2026, 3, 16, 9, 0, 0, 0, berlin), To: time.Date(2026, 3, 16, 11, 0, 0, 0, berlin),
		Title: "#7 Boiler\r\nATTACH:https://evil.example\nEND:VEVENT, at; " + strings.Repeat("ü", 100), Place: "4 Elm St, Leeds",
	}
	text := string(ical.File(v, now))
	for _, want := range []string{
		"BEGIN:VCALENDAR\r\n", "VERSION:2.0\r\n", "METHOD:PUBLISH\r\n", "UID:visit-a1@taskbridge\r\n", "SEQUENCE:3\r\n", "DTSTAMP:20260301T080000Z\r\n",
		"DTSTART:20260316T080000Z\r\n", "DTEND:20260316T100000Z\r\n", "STATUS:CONFIRMED\r\n", `LOCATION:4 Elm St\, Leeds`, "END:VCALENDAR\r\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || strings.HasPrefix(line, "ATTACH") || strings.Contains(line, "\n") {
			t.Errorf("the line %q", line)
		}
	}
	c, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil || len(c.Events()) != 1 {
		t.Fatalf("it reads as %v: %v", c, err)
	}
	v.Off, v.To, v.Place = true, time.Time{}, ""
	text = string(ical.File(v, now))
	for _, want := range []string{"METHOD:CANCEL\r\n", "STATUS:CANCELLED\r\n", "UID:visit-a1@taskbridge\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "DTEND") || strings.Contains(text, "LOCATION") {
		t.Errorf("it has more than was given:\n%s", text)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	ical.Serve(w, chat.Visit{ID: "a1", From: time.Now(), Title: "x"}, time.Now())
	h := w.Result().Header
	if h.Get("Content-Type") != "text/calendar; charset=utf-8; method=PUBLISH" || h.Get("Content-Disposition") != `attachment; filename="visit.ics"` || h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", h)
	}
}
