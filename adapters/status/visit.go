package status

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"taskbridge/adapters/ical"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

// maxWords bounds what a customer says about a planned time, in characters.
const maxWords = 500

// visitView is the question whether a planned time suits, with its answer.
type visitView struct {
	Ask          bool
	Agreed       bool
	Another      bool
	Said         string
	From, To     string
	Typed, Nonce string
	entry        *chat.Visit
	When         string
	// File is the address of the visit as a file for calendars.
	File string
}

func newVisit(s chat.StatusView, nonce string) visitView {
	return visitView{
		Ask: s.CanAnswer, Agreed: s.Answer == chat.VisitSuits, Another: s.Answer == chat.VisitAnother, Said: s.Text, entry: s.Visit,
		From: chat.Micros(s.From), To: chat.Micros(s.To), Nonce: nonce,
	}
}

// Answered tells whether there is an answer.
func (v visitView) Answered() bool { return v.Agreed || v.Another }

// serveVisit gives the planned visit as a file for calendars.
func (p *Pages) serveVisit(w http.ResponseWriter, r *http.Request) {
	in := p.words(r)
	v, code := p.view(r, in)
	if code != http.StatusOK {
		p.show(w, code, v)
		return
	}
	if v.Visit.entry == nil {
		v.Said, v.Bad = in.Say("No visit is planned now."), true
		p.show(w, http.StatusNotFound, v)
		return
	}
	ical.Serve(w, *v.Visit.entry, time.Now())
}

// takeVisit takes what a customer says to a planned time.
func (p *Pages) takeVisit(w http.ResponseWriter, r *http.Request, in words.Words, token string, form url.Values) {
	given := chat.VisitAnswer{Answer: form.Get("visit"), From: chat.FromMicros(form.Get("from")), To: chat.FromMicros(form.Get("to"))}
	if given.Answer != chat.VisitSuits {
		given.Text = typed(form)
	}
	refused := ""
	if len([]rune(given.Text)) > maxWords {
		refused = in.Say("Shorten your words to {{.Most}} characters.", words.With{"Most": maxWords})
	} else {
		answer, err := p.cfg.Reader.AnswerVisitAt(r.Context(), token, in.Language(), keyOf(token, form), given)
		if err != nil && !errors.Is(err, chat.ErrNoSuch) {
			p.cfg.Logger.ErrorContext(r.Context(), "status: an answer was not kept", "err", err)
			p.show(w, http.StatusServiceUnavailable, sorry(in, in.Say("Please try again"), in.Say("Something went wrong on our side and your answer was not kept. Please try again in a moment.")))
			return
		}
		if answer.Refused != "" {
			refused = answer.Message.Text.String()
		}
	}
	v, code := p.view(r, in)
	if code == http.StatusOK {
		v.Said = in.Say("Thank you. Those who come have your answer.")
		if refused != "" {
			v.Said, v.Bad, code = refused, true, http.StatusUnprocessableEntity
			v.Visit.Typed = given.Text
		}
	}
	p.show(w, code, v)
}
