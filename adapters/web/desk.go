package web

import (
	"context"
	"errors"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// Reader reads what the desk's pages show. Each answer is for one reader and holds what
// that reader may see: chat.ErrForbidden for a page that is not for them, chat.ErrNoSuch
// for what is not there or not theirs, and *chat.RefusedPage for what was asked wrongly.
type Reader interface {
	Doors(ctx context.Context, v chat.Viewer) (chat.Doors, error)
	JobPage(ctx context.Context, v chat.Viewer, number int, before string) (chat.JobPage, error)
	JobMark(ctx context.Context, v chat.Viewer, number int) (string, error)
	JobFile(ctx context.Context, v chat.Viewer, number int, digest string) (chat.FileContent, error)
	ListPage(ctx context.Context, v chat.Viewer, q chat.ListQuery) (chat.ListPage, error)
	BoardPage(ctx context.Context, v chat.Viewer, q chat.BoardQuery) (chat.BoardPage, error)
	StepsPage(ctx context.Context, v chat.Viewer) (chat.StepsPage, error)
}

// deskRoutes are the pages about jobs and figures.
func (a *Adapter) deskRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	if a.cfg.Pages == nil {
		return nil
	}
	return []route{
		{method: get, path: "/jobs", act: a.serveJobs},
		{method: get, path: "/jobs/{number}", act: a.serveJob},
		{method: get, path: "/jobs/{number}/files/{digest}", act: a.serveJobFile},
		{method: get, path: "/jobs/{number}/files/{digest}/preview", act: a.serveJobPreview},
		{method: post, path: "/jobs/{number}/press", act: a.serveJobPress},
		{method: post, path: "/jobs/{number}/write", act: a.serveJobWrite},
		{method: get, path: "/board", act: a.serveBoard},
		{method: get, path: "/board.csv", act: a.serveBoardCSV},
		{method: get, path: "/steps", act: a.serveSteps},
		{method: post, path: "/steps", act: a.serveStepsChange},
	}
}

// viewer is somebody as the reader of pages.
func (a *Adapter) viewer(v *visit) chat.Viewer {
	if v.home != nil {
		home := *v.home
		home.From.Locale = v.in.Language()
		return home
	}
	return chat.Viewer{Workspace: a.Workspace(), From: v.person()}
}

// doors are the pages that somebody may open. They are a comfort: each page asks for
// itself, so that a failure here only leaves the links out.
func (a *Adapter) doors(ctx context.Context, v *visit) chat.Doors {
	if a.cfg.Pages == nil {
		return chat.Doors{}
	}
	if v.home != nil {
		return v.open
	}
	d, err := a.cfg.Pages.Doors(ctx, a.viewer(v))
	if err != nil {
		a.log.WarnContext(ctx, "web: which pages there are is not known", "err", err)
	}
	return d
}

// deskFrame is the frame of a page that is no channel.
func (a *Adapter) deskFrame(ctx context.Context, v *visit, page, title string) (frame, error) {
	f := a.frame(v, title)
	var err error
	if f.Since, err = a.cfg.Talk.TalkChange(ctx, a.cfg.Desk); err != nil {
		return f, err
	}
	if f.Rooms, err = a.roomsOf(ctx, v, ""); err != nil {
		return f, err
	}
	f.Doors, f.Page = a.doors(ctx, v), page
	return f, nil
}

type jobPage struct {
	frame
	chat.JobPage

	// Title is the frame's.
	Title string
	// Controls are the buttons of the job's cards, as they stand in channels.
	Controls []messageView
	// Threads lead to the threads under the cards.
	Threads []string
	// Earlier and Latest lead to other pages of the history.
	Earlier, Latest string
}

// jobNumber is the job that an address names, zero for none: there is no such job.
func jobNumber(r *http.Request) int {
	n, err := strconv.Atoi(mux.Vars(r)["number"])
	if err != nil || n < 0 || n > math.MaxInt32 {
		return 0
	}
	return n
}

// serveJob shows everything about a job.
func (a *Adapter) serveJob(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx := r.Context()
	job, err := a.cfg.Pages.JobPage(ctx, a.viewer(v), jobNumber(r), r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	p := jobPage{JobPage: job}
	if p.frame, err = a.deskFrame(ctx, v, "jobs", "#"+strconv.Itoa(job.Number)+" "+job.Title); err != nil {
		return err
	}
	p.Title = p.frame.Title
	if v.home != nil {
		p.Job, p.JobMark = job.Number, job.Mark
	}
	if job.Earlier != "" {
		p.Earlier = "?" + url.Values{"before": {job.Earlier}}.Encode() + "#history"
	}
	if !job.Latest {
		p.Latest = v.base + "/jobs/" + strconv.Itoa(job.Number) + "#history"
	}
	if p.Controls = actsOf(v, job); v.home == nil {
		if p.Controls, err = a.controls(ctx, v, job.Cards); err != nil {
			return err
		}
	}
	for _, c := range p.Controls {
		p.Threads = append(p.Threads, v.base+"/c/"+c.Room+"/t/"+c.ID)
	}
	a.page(w, r, v.in, http.StatusOK, "job", p)
	return nil
}

// controls are the cards of a job that a person can press buttons of: what is done here
// is done with the card, and there is no other way in.
func (a *Adapter) controls(ctx context.Context, v *visit, cards []chat.CardPlace) ([]messageView, error) {
	var list []storage.TalkMessage
	for _, c := range cards {
		m, err := a.readable(ctx, v, c.Message)
		if errors.Is(err, storage.ErrNotFound) {
			// The person is not in that channel any more, or the card is gone.
			continue
		}
		if err != nil {
			return nil, err
		}
		if m.DeletedAt.IsZero() {
			list = append(list, m)
		}
	}
	views, err := a.views(ctx, v, list)
	for n := range views {
		// The way to this page leads nowhere from here.
		views[n].Buttons = slices.DeleteFunc(views[n].Buttons, func(b chat.Button) bool { return b.Token == "" })
	}
	return views, err
}

// serveJobFile hands out a file of a job's history.
func (a *Adapter) serveJobFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := a.cfg.Pages.JobFile(r.Context(), a.viewer(v), jobNumber(r), mux.Vars(r)["digest"])
	if err != nil {
		return err
	}
	defer f.Content.Close()
	download(w, f.Name, mux.Vars(r)["digest"])
	http.ServeContent(w, r, "", time.Time{}, f.Content)
	return nil
}

// download says that what follows is a file to be kept, whatever it claims to be: the
// browser neither runs nor guesses it.
func download(w http.ResponseWriter, name, digest string) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("ETag", strconv.Quote(digest))
	private(h)
}

// private says that what follows is somebody's file: it runs nothing, and a browser may
// keep it and has to ask each time whether its reader still may.
func private(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
}

type listPage struct {
	frame
	chat.ListPage

	// Wrong says what of the filters cannot be.
	Wrong          string
	Earlier, Later string
	Filtered       bool
	Chips          []chip
}

// Link leads to another list with the same filters.
func (p listPage) Link(list string) string {
	q := p.ListQuery
	q.List, q.Before, q.After = list, 0, 0
	return p.Base + "/jobs?" + listValues(q).Encode()
}

func listValues(q chat.ListQuery) url.Values {
	values := url.Values{}
	for name, value := range map[string]string{"list": q.List, "firm": q.Firm, "topic": q.Topic, "city": q.City, "person": q.Person} {
		if value != "" {
			values.Set(name, value)
		}
	}
	for name, n := range map[string]int{"before": q.Before, "after": q.After} {
		if n > 0 {
			values.Set(name, strconv.Itoa(n))
		}
	}
	return values
}

// serveJobs shows a list of jobs.
func (a *Adapter) serveJobs(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, in := r.Context(), r.URL.Query()
	q := chat.ListQuery{List: in.Get("list"), Firm: in.Get("firm"), Topic: in.Get("topic"), City: in.Get("city"), Person: in.Get("person")}
	q.Before, _ = strconv.Atoi(in.Get("before"))
	q.After, _ = strconv.Atoi(in.Get("after"))
	status, wrong := http.StatusOK, ""
	list, err := a.cfg.Pages.ListPage(ctx, a.viewer(v), q)
	if refused, ok := errors.AsType[*chat.RefusedPage](err); ok {
		// What was typed stays in its fields, above the list without it.
		status, wrong = http.StatusUnprocessableEntity, refused.Words
		list, err = a.cfg.Pages.ListPage(ctx, a.viewer(v), chat.ListQuery{})
		list.Firm, list.Topic, list.City, list.Person = q.Firm, q.Topic, q.City, q.Person
	}
	if err != nil {
		return err
	}
	p := listPage{ListPage: list, Wrong: wrong}
	asked := list.ListQuery
	asked.Before, asked.After = 0, 0
	p.Chips = chips(v.base+"/jobs", listValues(asked), listFilters(v.in))
	p.Filtered = len(p.Chips) > 0
	if p.frame, err = a.deskFrame(ctx, v, "jobs", list.Heading); err != nil {
		return err
	}
	if len(list.Rows) > 0 {
		q := list.ListQuery
		if list.Newer {
			q.Before, q.After = 0, list.Rows[0].Number
			p.Later = "?" + listValues(q).Encode()
		}
		if list.Older {
			q.Before, q.After = list.Rows[len(list.Rows)-1].Number, 0
			p.Earlier = "?" + listValues(q).Encode()
		}
	}
	a.page(w, r, v.in, status, "jobs", p)
	return nil
}
