package email

import (
	"net/http"

	"taskbridge/adapters/ical"
	"taskbridge/bot/chat"
)

// serveVisit gives the visit that a job's card speaks of as a file for calendars.
func (a *Adapter) serveVisit(w http.ResponseWriter, r *http.Request) {
	at, ok := a.entry(w, r)
	if !ok {
		return
	}
	h := a.to(r.Context(), at.address)
	p, status := a.jobPage(r.Context(), h, at)
	switch {
	case status != http.StatusOK:
		a.show(w, status, p)
	case p.visit == nil:
		p.Notice, p.NoticeTone = h.pieces(chat.T(h.Say("No visit is planned now."))), "bad"
		a.show(w, http.StatusNotFound, p)
	default:
		ical.Serve(w, *p.visit, a.now())
	}
}
