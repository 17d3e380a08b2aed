package status

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"taskbridge/adapters/ical"
	"taskbridge/adapters/plainpage"
	"taskbridge/adapters/visitor"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"

	"github.com/gorilla/mux"
)

// Path is what the token of a link stands behind.
const Path = "/status/"

const (
	// maxForm bounds what a page sends in bytes, maxText a comment in characters.
	maxForm = 16 << 10
	maxText = 1000
	// answersAtOnce is how many answers one place may send at once, and answerEvery how long
	// each further one takes.
	answersAtOnce, answerEvery = 20, time.Second / 5
	// stylePath has another beginning than any token: those have no full stop.
	stylePath = Path + "style.css"
)

//go:embed templates
var templates embed.FS

//go:embed languages
var languages embed.FS

// Config is what the page needs.
type Config struct {
	Reader chat.StatusReader
	// Linguist tells the desk's language, for browsers in whose language there are no
	// texts; nil means English.
	Linguist chat.Linguist
	// Zone is the zone in which times are written; nil means time.Local.
	Zone *time.Location
	// People are those as whom a demonstration can be tried, the customer among them; nil
	// where there is nothing to try.
	People []Person
	// Logger is where we write; nil means nowhere.
	Logger *slog.Logger
}

// These roles are said in the reader's language.
var _ = []string{words.Later("operator"), words.Later("manager"), words.Later("customer")}

// Person is somebody to try a demonstration as.
type Person struct {
	// Address leads to where they work, Role is what they are there.
	Name, Role, Address string
	// Here is true for the customer, who sees the page itself.
	Here bool
}

// Pages serves the links.
type Pages struct {
	cfg   Config
	pages *plainpage.Pages
	// answers bounds how many answers and ratings are taken from one place: links may be
	// found out by whoever should not have them, and then used by a program.
	answers *visitor.Pace
}

// New makes the pages.
func New(cfg Config) (*Pages, error) {
	if cfg.Reader == nil {
		return nil, errors.New("status: a reader is needed")
	}
	if cfg.Zone == nil {
		cfg.Zone = time.Local
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	spoken, err := words.Load(languages)
	if err != nil {
		return nil, fmt.Errorf("read the texts of the status page: %w", err)
	}
	pages, err := plainpage.Parse(spoken, templates, nil)
	if err != nil {
		return nil, fmt.Errorf("parse the status page: %w", err)
	}
	answers, err := visitor.NewPace(answerEvery, answersAtOnce)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	return &Pages{cfg: cfg, pages: pages, answers: answers}, nil
}

// Mount puts the page on a router.
func (p *Pages) Mount(r *mux.Router) {
	r.HandleFunc(stylePath, serveStyle).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(Path+"{token}", p.serve).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(Path+"{token}/"+ical.Name, p.serveVisit).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(Path+"{token}", p.take).Methods(http.MethodPost)
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// What is embedded can be read.
	text, _ := templates.ReadFile("templates/style.css")
	_, _ = w.Write(text)
}

// view is what the template draws.
type view struct {
	words words.Words

	Title  string
	Steps  []stepView
	When   string
	Said   string
	Bad    bool
	Ask    bool
	Stars  int
	Rating []starsView
	Text   string
	Nonce  string
	Visit  visitView
	People []Person
}

type stepView struct{ Name, Icon, State string }

type starsView struct {
	Value        int
	Stars, Label string
	Chosen       bool
}

// words are those of the language nearest to what a browser asks for, else the desk's.
func (p *Pages) words(r *http.Request) words.Words {
	return p.pages.Words(r, func() string {
		if p.cfg.Linguist == nil {
			return ""
		}
		return p.cfg.Linguist.LanguageAt(r.Context(), "", "")
	})
}

func (p *Pages) serve(w http.ResponseWriter, r *http.Request) {
	v, code := p.view(r, p.words(r))
	p.show(w, code, v)
}

// sorry is a page that says only what went wrong.
func sorry(in words.Words, title, said string) view {
	return view{words: in, Title: title, Said: said, Bad: true}
}

// view draws a link's job.
func (p *Pages) view(r *http.Request, in words.Words) (view, int) {
	s, err := p.cfg.Reader.StatusAt(r.Context(), mux.Vars(r)["token"], in.Language())
	switch {
	case errors.Is(err, chat.ErrNoSuch):
		return sorry(in, in.Say("This link leads nowhere"), in.Say("This link is incomplete, or it was ended. Ask whoever gave it to you for another one.")), http.StatusNotFound
	case err != nil:
		p.cfg.Logger.ErrorContext(r.Context(), "status: a job was not read", "err", err)
		return sorry(in, in.Say("Please try again"), in.Say("Something went wrong on our side. Please try again in a moment.")), http.StatusServiceUnavailable
	}
	v := view{words: in, Title: in.Say("Your job"), Ask: s.CanRate, Stars: s.Stars, Nonce: newNonce(), Rating: stars(in, 0)}
	v.Visit = newVisit(s, v.Nonce)
	if !s.From.IsZero() {
		v.When = in.Span(s.From.In(p.cfg.Zone), s.To.In(p.cfg.Zone))
		v.Visit.When = v.When
		if s.Visit != nil {
			v.Visit.File = mux.Vars(r)["token"] + "/" + ical.Name
		}
	}
	for _, step := range s.Steps {
		v.Steps = append(v.Steps, stepView{step.Name, cmp.Or(step.Icon, icon(step.Kind)), string(step.State)})
		if step.State == chat.StepNow {
			v.Title = step.Name
		}
	}
	return v, http.StatusOK
}

func stars(in words.Words, chosen int) []starsView {
	labels := []string{in.Say("very bad"), in.Say("bad"), in.Say("fair"), in.Say("good"), in.Say("very good")}
	var out []starsView
	for n := len(labels); n > 0; n-- {
		out = append(out, starsView{n, strings.Repeat("★", n) + strings.Repeat("☆", len(labels)-n), labels[n-1], n == chosen})
	}
	return out
}

// take takes what a form of the page sends: a rating, or an answer to a planned time.
func (p *Pages) take(w http.ResponseWriter, r *http.Request) {
	in := p.words(r)
	if !p.answers.Allow(visitor.Place(r)) {
		w.Header().Set("Retry-After", "5")
		p.show(w, http.StatusTooManyRequests, sorry(in, in.Say("Please try again"), in.Say("Too many answers come in just now. Please try again in a moment.")))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.show(w, http.StatusBadRequest, sorry(in, in.Say("Too long"), in.Say("What you sent is too long. Go back and shorten it.")))
		return
	}
	token := mux.Vars(r)["token"]
	if r.PostForm.Has("visit") {
		p.takeVisit(w, r, in, token, r.PostForm)
		return
	}
	p.takeRating(w, r, in, token)
}

// typed is the free text of a form.
func typed(form url.Values) string {
	return strings.TrimSpace(strings.ReplaceAll(form.Get("text"), "\r\n", "\n"))
}

// keyOf tells the same form that is sent again.
func keyOf(token string, form url.Values) string {
	sum := sha256.Sum256([]byte(token + "\x00" + form.Encode()))
	return hex.EncodeToString(sum[:16])
}

func (p *Pages) takeRating(w http.ResponseWriter, r *http.Request, in words.Words, token string) {
	chosen, err := strconv.Atoi(r.PostForm.Get("stars"))
	text := typed(r.PostForm)
	refused := ""
	switch {
	case err != nil || chosen < 1 || chosen > 5:
		refused = in.Say("Choose from one to five stars.")
	case len([]rune(text)) > maxText:
		refused = in.Say("Shorten your comment to {{.Most}} characters.", words.With{"Most": maxText})
	default:
		answer, err := p.cfg.Reader.RateAt(r.Context(), token, in.Language(), keyOf(token, r.PostForm), chosen, text)
		if err != nil && !errors.Is(err, chat.ErrNoSuch) {
			p.cfg.Logger.ErrorContext(r.Context(), "status: a rating was not kept", "err", err)
			p.show(w, http.StatusServiceUnavailable, sorry(in, in.Say("Please try again"), in.Say("Something went wrong on our side and your rating was not kept. Please try again in a moment.")))
			return
		}
		if answer.Refused != "" {
			refused = answer.Message.Text.String()
		}
	}
	v, code := p.view(r, in)
	if code == http.StatusOK {
		v.Said = in.Say("Thank you for your rating.")
		if refused != "" {
			v.Said, v.Bad, code = refused, true, http.StatusUnprocessableEntity
			v.Text, v.Rating = text, stars(in, chosen)
		}
	}
	p.show(w, code, v)
}

// icon is the usual picture of a kind of step.
func icon(kind string) string {
	return map[string]string{"open": "📨", "planned": "📅", "travel": "🚗", "work": "🔧", "finished": "✅", "ended": "⏹️"}[kind]
}

func newNonce() string {
	b := make([]byte, 12)
	// It never fails (crypto/rand).
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func (p *Pages) show(w http.ResponseWriter, code int, v view) {
	v.People = p.cfg.People
	if err := p.pages.Write(w, code, v.words, "status.html", v); err != nil {
		p.cfg.Logger.Error("status: the page was not drawn", "err", err)
		http.Error(w, v.words.Say("Please try again in a moment."), http.StatusInternalServerError)
	}
}
