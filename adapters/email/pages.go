package email

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"taskbridge/adapters/ical"
	"taskbridge/adapters/plainpage"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"

	"github.com/gorilla/mux"
)

// The paths of the pages that letters lead to.
const (
	JobPath   = "/email/job/"
	stylePath = "/email/style.css"
)

const (
	// maxForm bounds what a page sends, in bytes.
	maxForm = 256 << 10
	// maxLine and maxParagraph are the usual lengths of fields in characters.
	maxLine, maxParagraph = 300, 3000
	// maxWords is the longest message that is written on a page, in characters.
	maxWords = 10_000
)

//go:embed templates
var templates embed.FS

//go:embed languages
var languages embed.FS

func parsePages() (*plainpage.Pages, error) {
	spoken, err := words.Load(languages)
	if err != nil {
		return nil, fmt.Errorf("read the texts of letters: %w", err)
	}
	return plainpage.Parse(spoken, templates, template.FuncMap{"dict": dict})
}

// dict lets a template hand several values to another.
func dict(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			out[name] = pairs[i+1]
		}
	}
	return out
}

// page is what the page of a job shows.
type page struct {
	hand

	Title      string
	Notice     []piece
	NoticeTone string
	Form       *formView
	// Confirm is what a letter's link asked for, to be pressed first.
	Confirm *chat.Button
	Card    *cardView
	Buttons []chat.Button
	Choice  *chat.Choice
	// Calendar is the address of the planned visit as a file for calendars, empty for none.
	Calendar string
	visit    *chat.Visit
	// CanWrite shows the field for a message, and Takes says what files go with it, empty
	// for none.
	CanWrite bool
	Takes    string
	// Typed is what was written and not sent.
	Typed string
	// Nonce tells one press from another: the same page sent twice is one press.
	Nonce  string
	Footer string
}

// Writes tells whether the page has the field for a message.
func (p page) Writes() bool { return p.Card != nil && p.CanWrite && p.Form == nil }

// typed is what somebody filled in or wrote, for a page that gives it back to them when
// nothing was done with it.
type typed struct {
	form   *chat.Form
	values map[string]string
	words  string
}

// give puts what was typed back into a page.
func (t typed) give(p *page, faults map[string]string) {
	p.Typed = t.words
	if t.form != nil {
		p.Form = viewForm(*t.form, t.values, faults)
	}
	if p.Nonce == "" {
		p.Nonce = newNonce()
	}
}

// formView is a form with what stands in it.
type formView struct {
	chat.Form
	Fields []fieldView
	Error  string
	// Encoded is the form itself, for there is no memory to draw it from again.
	Encoded string
}

type fieldView struct {
	chat.Field
	Error string
}

// Routes serves the pages.
func (a *Adapter) Routes() http.Handler {
	r := mux.NewRouter()
	a.Mount(r)
	return r
}

// Mount puts the pages on a router.
func (a *Adapter) Mount(r *mux.Router) {
	r.HandleFunc(stylePath, a.serveStyle).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(JobPath+"{token}", a.serveJob).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(JobPath+"{token}/"+ical.Name, a.serveVisit).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(JobPath+"{token}"+filePath+"{file}", a.serveFile).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(JobPath+"{token}", a.serveAct).Methods(http.MethodPost)
}

func (a *Adapter) serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// What is embedded can be read.
	text, _ := templates.ReadFile("templates/style.css")
	_, _ = w.Write(text)
}

// serveJob shows a job. It changes nothing, whatever it is asked with.
func (a *Adapter) serveJob(w http.ResponseWriter, r *http.Request) {
	at, ok := a.entry(w, r)
	if !ok {
		return
	}
	h := a.to(r.Context(), at.address)
	p, status := a.jobPage(r.Context(), h, at)
	if wanted := r.URL.Query().Get("do"); wanted != "" && p.Card != nil {
		for i, b := range p.Buttons {
			if b.ID == wanted {
				p.Confirm = &p.Buttons[i]
			}
		}
		if p.Confirm == nil {
			p.Notice, p.NoticeTone = h.pieces(chat.T(h.Say("This is no longer open. Below is how the job stands now."))), "bad"
		}
	}
	a.show(w, status, p)
}

// entry reads the right that a request comes with.
func (a *Adapter) entry(w http.ResponseWriter, r *http.Request) (place, bool) {
	at, genuine, fresh := a.openPage(mux.Vars(r)["token"])
	h := a.asked(r)
	switch {
	case !genuine:
		a.show(w, http.StatusNotFound, h.wordsOnly(h.Say("This link is not right"), h.Say("This link is incomplete or was changed. Open it from the e-mail again, or copy the whole of it.")))
		return place{}, false
	case !fresh:
		a.show(w, http.StatusGone, h.wordsOnly(h.Say("This link is too old"), h.Say("This link is too old. Use the one in the newest e-mail about the job.")))
		return place{}, false
	}
	return at, true
}

func (h hand) wordsOnly(title, text string) page {
	return page{hand: h, Title: title, Notice: h.pieces(chat.T(text)), NoticeTone: "bad"}
}

// sorry is shown when something went wrong on our side.
func (h hand) sorry() page {
	return h.wordsOnly(h.Say("Please try again"), h.Say("Something went wrong on our side and nothing was changed. Please try again in a moment."))
}

const (
	// cardWait and cardTries say how long a card is waited for.
	cardWait  = 50 * time.Millisecond
	cardTries = 30
)

// card draws the card that a genuine link leads to. The letter may have been faster than
// the note of where its card is.
func (a *Adapter) card(ctx context.Context, at place) (m chat.Message, err error) {
	again := time.NewTicker(cardWait)
	defer again.Stop()
	for range cardTries {
		if m, err = a.cards.CardAt(ctx, a.Workspace(), at.address, at.thread); !errors.Is(err, chat.ErrNoSuch) {
			return m, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return m, err
		}
	}
	return m, err
}

// jobPage draws a job as it is now.
func (a *Adapter) jobPage(ctx context.Context, h hand, at place) (page, int) {
	m, err := a.card(ctx, at)
	switch {
	case errors.Is(err, chat.ErrNoSuch):
		return h.wordsOnly(h.Say("This job is gone"), h.Say("This job is no longer here. Ask the desk if you think it should be.")), http.StatusNotFound
	case err != nil:
		a.log.ErrorContext(ctx, "email: a job was not drawn", "err", err)
		return h.sorry(), http.StatusServiceUnavailable
	}
	p := page{
		hand: h, Title: m.Title, Card: h.cardView(m, ""), Choice: m.Choice, CanWrite: m.Tone != chat.Closed, Takes: a.takes(h), Nonce: newNonce(),
		Footer: h.Say("You are acting for {{.Address}}. Whoever has this link can do the same.", words.With{"Address": at.address}),
	}
	if p.visit = m.Visit; m.Visit != nil {
		p.Calendar = a.pageURL(at) + "/" + ical.Name
	}
	for _, b := range m.Buttons {
		if b.Token != "" {
			p.Buttons = append(p.Buttons, b)
		}
	}
	return p, http.StatusOK
}

func newNonce() string {
	b := make([]byte, 12)
	// It never fails (crypto/rand).
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// serveAct does what was pressed, sent or written.
func (a *Adapter) serveAct(w http.ResponseWriter, r *http.Request) {
	at, ok := a.entry(w, r)
	if !ok {
		return
	}
	h := a.to(r.Context(), at.address)
	err := a.readPage(w, r, h)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	if err != nil {
		a.showFault(w, r, h, at, err, typed{words: r.PostForm.Get("text")})
		return
	}
	in := chat.Inbound{
		Workspace: a.Workspace(), At: a.now(), Channel: at.address,
		From: chat.Person{ID: at.address, Name: a.names.of(at.address), Email: at.address, Kind: chat.External},
	}
	var given typed
	values, mark := r.PostForm, ""
	switch values.Get("act") {
	case "press":
		in.Body = chat.Click{Token: values.Get("ticket"), Message: at.thread, Choice: values.Get("choice")}
	case "submit":
		form := decodeForm(values.Get("form"))
		if form == nil {
			a.show(w, http.StatusBadRequest, h.wordsOnly(h.Say("This form is broken"), h.Say("This form is broken. Open the job again and fill it in anew.")))
			return
		}
		filled := map[string]string{}
		for _, f := range form.Fields {
			filled[f.Name] = strings.ReplaceAll(values.Get("v."+f.Name), "\r\n", "\n")
		}
		in.Body = chat.Submitted{Token: form.Token, Values: filled}
		given = typed{form: form, values: filled}
	case "say":
		given.words = values.Get("text")
		if p, status := a.jobPage(r.Context(), h, at); p.Card == nil || !p.CanWrite {
			// Nobody reads what is said about a job that is closed to its reader.
			given.give(&p, nil)
			if p.Card != nil {
				p.Notice, p.NoticeTone, status = h.pieces(chat.T(h.Say("This job is no longer open to you, and your message was not sent. Write to the desk another way if it should be."))), "bad", http.StatusConflict
			}
			a.show(w, status, p)
			return
		}
		said, err := a.written(r.Context(), r, h, at)
		if err != nil {
			a.showFault(w, r, h, at, err, given)
			return
		}
		// The same page sent with other files says something else.
		mark = said.Message
		in.Body = said
	default:
		a.show(w, http.StatusBadRequest, h.wordsOnly(h.Say("This page is broken"), h.Say("This page is broken. Open the job from the e-mail again.")))
		return
	}
	// Whoever goes back and sends the page with other words does something else.
	in.Key = "page:" + lowerBase32(a.mac("act", at.address, at.thread, values.Encode(), mark)[:macSize])
	a.answer(w, r, h, at, in, given)
}

// showFault says what is wrong with what somebody sent, or that we are to blame, above what
// they typed.
func (a *Adapter) showFault(w http.ResponseWriter, r *http.Request, h hand, at place, err error, given typed) {
	said, status := h.sorry(), http.StatusServiceUnavailable
	if wrong, ok := errors.AsType[*wrongly](err); ok {
		said, status = h.wordsOnly(wrong.title, wrong.text), wrong.status
	} else {
		a.log.ErrorContext(r.Context(), "email: what a page sent was not kept", "err", err)
		// Sent again it is the same, should it have been kept after all.
		said.Nonce = r.PostFormValue("nonce")
	}
	if p, _ := a.jobPage(r.Context(), h, at); p.Card != nil {
		p.Title, p.Notice, p.NoticeTone, p.Nonce = said.Title, said.Notice, said.NoticeTone, cmp.Or(said.Nonce, p.Nonce)
		said = p
	}
	given.give(&said, nil)
	a.show(w, status, said)
}

// answer hands an act over and shows what came of it.
func (a *Adapter) answer(w http.ResponseWriter, r *http.Request, h hand, at place, in chat.Inbound, given typed) {
	answer, err := a.handler.Handle(r.Context(), in)
	if err != nil {
		a.showFault(w, r, h, at, fmt.Errorf("handle %s: %w", in.Key, err), given)
		return
	}
	p, status := a.jobPage(r.Context(), h, at)
	switch {
	case len(answer.FieldErrors) > 0 && given.form != nil:
		status = http.StatusUnprocessableEntity
	case answer.Form != nil:
		p.Form = viewForm(*answer.Form, nil, nil)
	case !answer.Message.Empty():
		p.Notice = h.pieces(answer.Message.Text)
	case given.form != nil:
		p.Notice = h.pieces(chat.T(h.Say("Done.")))
	default:
		if _, ok := in.Body.(chat.Said); ok {
			p.Notice = h.pieces(chat.T(h.Say("Your message is with the desk.")))
		}
	}
	if (answer.Refused != "" || len(answer.FieldErrors) > 0) && p.Form == nil {
		given.give(&p, answer.FieldErrors)
		if len(answer.FieldErrors) == 0 {
			p.NoticeTone, status = "bad", http.StatusConflict
		}
	}
	a.show(w, status, p)
}

func viewForm(f chat.Form, values, faults map[string]string) *formView {
	v := &formView{Form: f, Error: faults[""]}
	for _, field := range f.Fields {
		if s, ok := values[field.Name]; ok {
			field.Value = s
		}
		if field.Max == 0 {
			field.Max = maxLine
			if field.Kind == chat.Paragraph {
				field.Max = maxParagraph
			}
		}
		v.Fields = append(v.Fields, fieldView{field, faults[field.Name]})
	}
	for name, fault := range faults {
		known := name == ""
		for _, field := range f.Fields {
			known = known || field.Name == name
		}
		if !known {
			v.Error = fault
		}
	}
	// A form is made of strings and numbers, which always marshal.
	b, _ := json.Marshal(f)
	v.Encoded = base64.RawURLEncoding.EncodeToString(b)
	return v
}

// decodeForm reads back what viewForm wrote. Whoever changes it changes what they see
// themselves and nothing else: what a form does is in its signed token.
func decodeForm(s string) *chat.Form {
	b, err := base64.RawURLEncoding.DecodeString(s)
	var f chat.Form
	if err != nil || json.Unmarshal(b, &f) != nil || f.Token == "" || len(f.Fields) > 50 {
		return nil
	}
	return &f
}

// show writes a page.
func (a *Adapter) show(w http.ResponseWriter, status int, p page) {
	if err := a.pages.Write(w, status, p.Words, "page.html", p); err != nil {
		a.log.Error("email: a page was not drawn", "err", err)
		http.Error(w, p.Say("Something went wrong on our side and nothing was changed. Please try again in a moment."), http.StatusInternalServerError)
	}
}
