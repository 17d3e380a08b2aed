package ical

import (
	"net/http"
	"strings"
	"time"

	"taskbridge/bot/chat"

	ics "github.com/arran4/golang-ical"
)

// Name is what the file is called, and the end of the addresses at which it is served.
const Name = "visit.ics"

// Type is the file's media type, with what a calendar is to do with it.
func Type(v chat.Visit) string { return "text/calendar; charset=utf-8; method=" + string(method(v)) }

func method(v chat.Visit) ics.Method {
	if v.Off {
		return ics.MethodCancel
	}
	return ics.MethodPublish
}

// File is a visit as a calendar with one entry. Calendars know the entry by its id: the one
// with the greatest sequence counts, also when it says that the visit is off.
func File(v chat.Visit, now time.Time) []byte {
	c := ics.NewCalendarFor("taskbridge")
	c.SetProductId("-//taskbridge//visits//EN")
	c.SetMethod(method(v))
	e := c.AddEvent("visit-" + v.ID + "@taskbridge")
	e.SetDtStampTime(now)
	e.SetSequence(v.Sequence)
	e.SetStartAt(v.From)
	if !v.To.IsZero() {
		e.SetEndAt(v.To)
	}
	e.SetSummary(oneLine(v.Title))
	if place := oneLine(v.Place); place != "" {
		e.SetLocation(place)
	}
	e.SetStatus(ics.ObjectStatusConfirmed)
	if v.Off {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	// Lines end so on every system.
	return []byte(c.Serialize(ics.WithNewLine("\r\n")))
}

// Serve answers a request for the file. Nobody between keeps it.
func Serve(w http.ResponseWriter, v chat.Visit, now time.Time) {
	h := w.Header()
	h.Set("Content-Type", Type(v))
	h.Set("Content-Disposition", `attachment; filename="`+Name+`"`)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	// The reader may have gone away; there is nobody left to tell.
	_, _ = w.Write(File(v, now))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
