package web

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

// People of other platforms come in as who they are there. Their account here has a name
// and an alias and no right of its own: each page and each act is asked for as the person
// on the home platform, whose channels decide. They sit in no channel here, and what the
// bot tells them alone is all there is to read for them besides the pages.

var _ chat.Doorkeeper = (*Adapter)(nil)

// aliasOf is how somebody of another platform is known here.
func aliasOf(workspace, person string) string { return workspace + "/" + person }

// Admit gives somebody of another platform a link with which they sign in.
func (a *Adapter) Admit(ctx context.Context, e chat.Entrant) (chat.Pass, error) {
	who, err := a.guest(ctx, e)
	if err != nil {
		return chat.Pass{}, a.failed(err, chat.NotFound)
	}
	link, err := a.issue(ctx, who.ID, e.Channel)
	if errors.Is(err, ErrTooMany) {
		return chat.Pass{}, chat.ErrTooManyPasses
	}
	if e.Job > 0 {
		link += "?job=" + strconv.Itoa(e.Job)
	}
	return chat.Pass{Link: link, Life: linkLife}, err
}

// guest is the account of somebody of another platform, made when there is none. Nobody
// is found by an e-mail address: those can be anybody's.
func (a *Adapter) guest(ctx context.Context, e chat.Entrant) (storage.Talker, error) {
	alias, name := aliasOf(e.Workspace, e.Person.ID), chat.Shorten(strings.Join(strings.Fields(e.Person.Name), " "), 80)
	find := func() (storage.Talker, error) {
		who, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, alias)
		if err == nil && who.Alias != alias {
			err = storage.ErrNotFound
		}
		return who, err
	}
	who, err := find()
	if err == nil && who.Name == name || err != nil && !errors.Is(err, storage.ErrNotFound) {
		return who, err
	}
	if err != nil {
		who = storage.Talker{ID: newID(), Alias: alias, Kind: string(chat.Guest), CreatedAt: a.now()}
	}
	who.Name = name
	err = a.cfg.Talk.PutTalker(ctx, a.cfg.Desk, who)
	if errors.Is(err, storage.ErrExists) {
		// Two links were asked for at once.
		return find()
	}
	return who, err
}

// Dismiss ends what somebody of another platform is signed in with.
func (a *Adapter) Dismiss(ctx context.Context, workspace, person string) error {
	alias := aliasOf(workspace, person)
	who, err := a.cfg.Talk.Talker(ctx, a.cfg.Desk, alias)
	if errors.Is(err, storage.ErrNotFound) || err == nil && who.Alias != alias {
		return nil
	}
	if err == nil {
		err = a.cfg.Talk.EndTalkSessions(ctx, a.cfg.Desk, "", who.ID, a.now())
	}
	return a.failed(err, chat.NotFound)
}

// fromHome makes a visit that of somebody of another platform; nil when there is nothing
// for them any more. It is asked on each of their ways in.
func (a *Adapter) fromHome(ctx context.Context, v *visit, place string) (*visit, error) {
	cut := strings.LastIndexByte(v.Alias, '/')
	if cut < 0 || a.cfg.Pages == nil {
		return nil, nil
	}
	v.home = &chat.Viewer{
		Workspace: v.Alias[:cut], From: chat.Person{ID: v.Alias[cut+1:], Name: v.Name}, Channel: place, Acts: true,
	}
	var err error
	if v.open, err = a.cfg.Pages.Doors(ctx, *v.home); err != nil {
		return nil, err
	}
	if v.open == (chat.Doors{}) {
		return nil, nil
	}
	return v, nil
}

// origin is where what a person does here comes from, as the bot is told.
func (a *Adapter) origin(v *visit, channel, key string) chat.Inbound {
	if v.home != nil {
		who := a.viewer(v).From
		return chat.Inbound{Key: "browser " + key, Workspace: v.home.Workspace, From: who, Channel: v.home.Channel, FromBrowser: true}
	}
	return chat.Inbound{Key: key, Workspace: a.Workspace(), From: v.person(), Channel: channel}
}

// firstPage is where somebody without channels begins.
func (v *visit) firstPage() string {
	switch {
	case v.open.Lists:
		return "/jobs"
	case v.open.Board || v.open.Score:
		return "/board"
	default:
		return "/steps"
	}
}

// actsOf are the buttons of a job for whoever has no card of it here.
func actsOf(v *visit, job chat.JobPage) []messageView {
	if len(job.Acts.Buttons) == 0 && job.Acts.Choice == nil {
		return nil
	}
	at := v.base + "/jobs/" + strconv.Itoa(job.Number)
	return []messageView{{
		Base: v.base, ID: "job", Press: at + "/press?revision=" + strconv.Itoa(job.Revision),
		Buttons: job.Acts.Buttons, Choice: job.Acts.Choice,
	}}
}

// serveJobPress takes a click on a button of a job's page. What is behind it is read from
// the job as it is now, and taken only when that is what the person saw.
func (a *Adapter) serveJobPress(w http.ResponseWriter, r *http.Request, v *visit) error {
	job, err := a.actedOn(w, r, v)
	if err != nil {
		return err
	}
	token, choice := behind(pressablesOf(job.Acts), r.PostFormValue("button"), r.PostFormValue("choice"))
	if token == "" || r.URL.Query().Get("revision") != strconv.Itoa(job.Revision) {
		w.Header().Set("Hx-Trigger", "acted")
		return refuse(http.StatusConflict, "This job has changed meanwhile. Look at it again; nothing was changed.")
	}
	mark := once(r)
	key := "click " + digest(strings.Join([]string{v.ID, strconv.Itoa(job.Number), r.PostFormValue("button"), choice, mark}, "\x00"))
	answer, err := a.handle(r.Context(), v, "", key, chat.Click{Token: token, Choice: choice, Trigger: trigger(mark)})
	if err != nil {
		return err
	}
	return a.answerJob(w, r, v, key, answer)
}

// serveJobWrite takes what somebody writes about a job on its page, with files or without:
// to the other side, or to the desk alone.
func (a *Adapter) serveJobWrite(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.home == nil {
		return storage.ErrNotFound
	}
	// Where no deadline can be set there is none. Connections go by the machine's clock.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	if err := a.read(w, r, a.cfg.MaxFile+maxForm); err != nil {
		return err
	}
	var parts []*multipart.FileHeader
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
		parts = chosen(r)
	}
	// Nothing of theirs is kept for a job that is not theirs.
	job, err := a.cfg.Pages.JobPage(r.Context(), a.viewer(v), jobNumber(r), "")
	if err != nil {
		return err
	}
	text, verb := typed(r), r.PostFormValue("to")
	switch {
	case verb != "comment" && verb != "note":
		// Who is to read it is never guessed: a note is not for the firm.
		return refuse(http.StatusBadRequest, "This could not be read, and nothing was changed. Please send it again.")
	case text == "" && len(parts) == 0:
		return refuse(http.StatusBadRequest, "Write something first, or attach a file.")
	case utf8.RuneCountInString(text) > maxMessage:
		return refuse(http.StatusRequestEntityTooLarge, "Shorten this to {{.Most}} characters.", words.With{"Most": maxMessage})
	}
	// The bot asks once more when it writes this down: nothing is kept of what it would refuse.
	if seen := r.PostFormValue("for"); verb == "comment" && seen != "" && seen != job.To {
		return refuse(http.StatusConflict, "Somebody else has this job since you opened the page, and would read this. Nothing was sent: open the page again.")
	}
	if verb == "comment" && !job.Comment || verb == "note" && !job.Note {
		// The bot says why.
		parts = nil
	}
	files, err := a.keepGiven(r.Context(), parts)
	if err != nil {
		return err
	}
	mark, text := once(r), strings.TrimSpace(verb+" "+strconv.Itoa(job.Number)+" "+text)
	all := []string{text}
	for _, f := range files {
		all = append(all, f.Name, f.Digest)
	}
	key := "command " + same(v, mark, all...)
	answer, err := a.handle(r.Context(), v, "", key, chat.Command{Text: text, Trigger: trigger(mark), Files: files, For: r.PostFormValue("for")})
	if err != nil {
		return err
	}
	if answer.Refused != "" {
		return &chat.RefusedPage{Words: strings.TrimSpace(answer.Message.Title + " " + answer.Message.Text.String())}
	}
	return a.answerJob(w, r, v, key, answer)
}

// actedOn is the job that somebody acts on who has no card of it here.
func (a *Adapter) actedOn(w http.ResponseWriter, r *http.Request, v *visit) (chat.JobPage, error) {
	if v.home == nil {
		return chat.JobPage{}, storage.ErrNotFound
	}
	if err := a.read(w, r, maxForm); err != nil {
		return chat.JobPage{}, err
	}
	return a.cfg.Pages.JobPage(r.Context(), a.viewer(v), jobNumber(r), "")
}

// answerJob shows an answer on a job's page, which is drawn anew.
func (a *Adapter) answerJob(w http.ResponseWriter, r *http.Request, v *visit, key string, answer chat.Answer) error {
	if answer.Form == nil {
		w.Header().Set("Hx-Trigger", "acted")
	}
	return a.answer(w, r, v, place{}, key, answer)
}

// leadToAnswer takes somebody to what they alone are told, unless they are there.
func leadToAnswer(w http.ResponseWriter, r *http.Request, v *visit) {
	now, err := url.Parse(r.Header.Get("Hx-Current-Url"))
	if there := v.base + "/c/" + forYou; err != nil || now.Path != there {
		w.Header().Set("Hx-Redirect", there)
	}
}
