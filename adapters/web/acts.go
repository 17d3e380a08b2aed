package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

var (
	onceShape  = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)
	fieldShape = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)
)

const (
	// maxFields is how many fields of a form are read.
	maxFields = 60
	// uploadTime is how long a large file may take to arrive.
	uploadTime = 5 * time.Minute
	// passingRunes is the longest text that is shown in passing.
	passingRunes = 160
)

// once is the mark by which a request that is sent again is known for the same. The
// page makes it; without one every request is another.
func once(r *http.Request) string {
	if s := r.PostFormValue("once"); onceShape.MatchString(s) {
		return s
	}
	return newID()
}

// same is what a request is known by that is sent again: its mark, with who sends it and
// all that it says. Who sees no answer may change the words before sending them again,
// and then they are others.
func same(v *visit, mark string, parts ...string) string {
	return digest(strings.Join(append([]string{v.ID, mark}, parts...), "\x00"))
}

// typed is what somebody wrote, with one kind of line end.
func typed(r *http.Request) string {
	return strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n"))
}

// serveSay takes a message, a reply or a command.
func (a *Adapter) serveSay(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, channel := r.Context(), mux.Vars(r)["channel"]
	alone := channel == forYou && v.home != nil
	if !alone {
		if err := a.writable(ctx, v, channel); err != nil {
			return err
		}
	}
	// Where no deadline can be set there is none. Connections go by the machine's clock.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	if err := a.read(w, r, a.cfg.MaxFile+maxForm); err != nil {
		return err
	}
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	text, thread := typed(r), r.PostFormValue("thread")
	if utf8.RuneCountInString(text) > maxMessage {
		return refuse(http.StatusRequestEntityTooLarge, "Shorten this to {{.Most}} characters.", words.With{"Most": maxMessage})
	}
	if rest, ok := a.command(text); ok {
		if alone {
			channel, thread = "", ""
		}
		if r.MultipartForm != nil && len(chosen(r)) > 0 {
			return refuse(http.StatusBadRequest, "Nothing was sent, because a command takes no files: attach them to a message in the job's thread.")
		}
		return a.doCommand(w, r, v, channel, thread, rest)
	}
	if strings.HasPrefix(text, "/") && !strings.ContainsAny(text, " \n") {
		return refuse(http.StatusBadRequest, "Commands begin with {{.Command}}; {{.Command}} help lists them.", words.With{"Command": a.cfg.Command})
	}
	if alone {
		return refuse(http.StatusBadRequest, "Only you read this page. Begin with {{.Command}}; {{.Command}} help lists what there is.", words.With{"Command": a.cfg.Command})
	}
	if err := a.say(r, v, channel, thread, text); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// say posts what somebody wrote and attached.
func (a *Adapter) say(r *http.Request, v *visit, channel, thread, text string) error {
	ctx := r.Context()
	var files []storage.TalkFile
	if r.MultipartForm != nil {
		var err error
		if files, err = a.attach(ctx, channel, chosen(r)); err != nil {
			return err
		}
	}
	if text == "" && len(files) == 0 {
		return refuse(http.StatusBadRequest, "Write something first, or attach a file.")
	}
	m := storage.TalkMessage{ID: newID(), Room: channel, Thread: thread, Author: v.ID, Text: text, CreatedAt: a.now()}
	e := event{Kind: "said", Person: v.ID, Channel: channel, Message: m.ID, Thread: thread, Text: text, At: m.CreatedAt}
	all := []string{thread, text}
	for _, f := range files {
		m.Files = append(m.Files, f.ID)
		e.Files = append(e.Files, a.file(f))
		all = append(all, f.Name, f.Digest)
	}
	m.Delivery = "person " + same(v, once(r), all...)
	said, fresh, err := a.cfg.Talk.Say(ctx, a.cfg.Desk, m, func(said storage.TalkMessage) storage.Tale {
		e.At = said.CreatedAt
		return a.tale(e)
	})
	if err != nil {
		a.drop(ctx, files)
		return err
	}
	if !fresh {
		// The same again: the answer was lost, and perhaps what the bot was told.
		a.drop(ctx, files)
		e.Message, e.At = said.ID, said.CreatedAt
		if e.Files, err = a.filesOf(ctx, said); err != nil {
			return err
		}
	}
	a.hub.nudge()
	a.tellBot(ctx, e)
	return nil
}

// read reads what was sent, up to a number of bytes; what does not fit is said, and
// never taken for a part of it.
func (a *Adapter) read(w http.ResponseWriter, r *http.Request, most int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, most)
	err := r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(maxForm) //nolint:gosec // The body is bounded above.
	}
	large := (*http.MaxBytesError)(nil)
	switch {
	case err == nil || errors.Is(err, http.ErrNotMultipart):
		return nil
	case errors.As(err, &large) && most > maxForm:
		return refuse(http.StatusRequestEntityTooLarge, "This is too large, and nothing was sent. The files of a message have at most {{.Size}} together.", words.With{"Size": fileSize(a.cfg.MaxFile)})
	case errors.As(err, &large):
		return refuse(http.StatusRequestEntityTooLarge, "This is too long, and nothing was changed. Shorten it.")
	}
	a.log.DebugContext(r.Context(), "web: a request could not be read", "err", err)
	return refuse(http.StatusBadRequest, "This could not be read, and nothing was changed. Please send it again.")
}

// command gives what follows the slash command's name.
func (a *Adapter) command(text string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(text, a.cfg.Command)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\n' {
		return "", false
	}
	return strings.TrimSpace(rest), true
}

func (a *Adapter) doCommand(w http.ResponseWriter, r *http.Request, v *visit, channel, thread, text string) error {
	mark := once(r)
	key := "command " + same(v, mark, channel, thread, text)
	answer, err := a.handle(r.Context(), v, channel, key, chat.Command{Text: text, Trigger: trigger(mark)})
	if err != nil {
		return err
	}
	return a.answer(w, r, v, place{channel, thread}, key, answer)
}

// trigger stands for the page that waits for a form; nobody has to be called for it.
func trigger(mark string) chat.Trigger { return chat.Trigger(digest("trigger\x00" + mark)) }

// handle hands over what asks for an answer. What could not be kept is told to the
// person, who is there to try again.
func (a *Adapter) handle(ctx context.Context, v *visit, channel, key string, body chat.Body) (chat.Answer, error) {
	in := a.origin(v, channel, key)
	in.At, in.Body = a.now(), body
	answer, err := a.cfg.Handler.Handle(ctx, in)
	if err != nil {
		a.log.WarnContext(ctx, "web: not taken", "err", err)
		return answer, errUnavailable()
	}
	if answer.Refused == "unauthenticated" {
		return answer, refuse(http.StatusForbidden, "This was not made by taskbridge. Nothing was changed.")
	}
	return answer, nil
}

// servePress takes a click on a button or a choice. What is behind it never leaves
// us: the message says what its buttons are.
func (a *Adapter) servePress(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := a.read(w, r, maxForm); err != nil {
		return err
	}
	m, err := a.readable(r.Context(), v, mux.Vars(r)["message"])
	if err != nil {
		return err
	}
	if m.Room != "" {
		if err := a.writable(r.Context(), v, m.Room); err != nil {
			return err
		}
	}
	token, choice := a.late.pressed(m, r.PostFormValue("button"), r.PostFormValue("choice"))
	if token == "" {
		return refuse(http.StatusConflict, "This card has changed meanwhile. Look at it again; nothing was changed.")
	}
	mark := once(r)
	key := "click " + digest(strings.Join([]string{v.ID, m.ID, token, choice, mark}, "\x00"))
	answer, err := a.handle(r.Context(), v, m.Room, key, chat.Click{Token: token, Message: m.ID, Choice: choice, Trigger: trigger(mark)})
	if err != nil {
		return err
	}
	return a.answer(w, r, v, place{m.Room, m.Thread}, key, answer)
}

// serveForm takes a sent form.
func (a *Adapter) serveForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := a.read(w, r, maxForm); err != nil {
		return err
	}
	channel := mux.Vars(r)["channel"]
	if channel == forYou {
		channel = ""
	} else if err := a.enter(r.Context(), v, channel); err != nil {
		return err
	}
	token := r.PostFormValue("token")
	if token == "" {
		return refuse(http.StatusForbidden, "This form was not made by taskbridge. Nothing was changed.")
	}
	values, key := map[string]string{}, []string{v.ID, token, once(r)}
	var names []string
	for name := range strings.SplitSeq(r.PostFormValue("fields"), ",") {
		if !fieldShape.MatchString(name) || len(names) == maxFields {
			continue
		}
		names = append(names, name)
		values[name] = strings.ReplaceAll(r.PostFormValue("f-"+name), "\r\n", "\n")
		key = append(key, name, values[name])
	}
	known := "form " + digest(strings.Join(key, "\x00"))
	answer, err := a.handle(r.Context(), v, channel, known, chat.Submitted{Token: token, Values: values})
	if err != nil {
		return err
	}
	if answer.Refused != "" && len(answer.FieldErrors) == 0 {
		// A refusal belongs where the person is looking, with what was typed kept.
		answer.FieldErrors = map[string]string{"": strings.TrimSpace(answer.Message.Title + " " + answer.Message.Text.String())}
	}
	if len(answer.FieldErrors) > 0 {
		return a.fragment(w, v.in, "errors", errorsView{Names: names, Errors: answer.FieldErrors})
	}
	w.Header().Set("Hx-Trigger", "formdone, acted")
	return a.answer(w, r, v, place{channel: channel}, known, answer)
}

// place is where in the workspace somebody acts.
type place struct{ channel, thread string }

// answer shows what the bot says at once: a form, a few words in passing, or a
// message that only this person sees. It is known by the key of what it answers, so
// that an act that is sent again shows it once.
func (a *Adapter) answer(w http.ResponseWriter, r *http.Request, v *visit, at place, key string, answer chat.Answer) error {
	if answer.Form != nil {
		w.Header().Set("Hx-Retarget", "#dialog")
		return a.fragment(w, v.in, "form", newFormView(v, at.channel, *answer.Form))
	}
	m := answer.Message
	if m.Empty() {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if passing(m) {
		return a.fragment(w, v.in, "toast", toastView{Text: spansOf(m.Text), Bad: answer.Refused != ""})
	}
	said := storage.TalkMessage{
		ID: newID(), Room: at.channel, Thread: at.thread, Author: selfID, To: v.ID, Delivery: "answer " + key, CreatedAt: a.now(),
	}
	if err := fill(&said, m); err != nil {
		return err
	}
	if err := a.sayAlone(r.Context(), said); err != nil {
		return fmt.Errorf("show an answer: %w", err)
	}
	a.hub.nudge()
	if v.home != nil {
		leadToAnswer(w, r, v)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// sayAlone shows a message to one person: among what is for that person where the channel
// was closed meanwhile, perhaps by what this is the answer to.
func (a *Adapter) sayAlone(ctx context.Context, m storage.TalkMessage) error {
	_, _, err := a.cfg.Talk.Say(ctx, a.cfg.Desk, m, nil)
	if m.Room != "" && errors.Is(err, storage.ErrClosed) {
		m.Room, m.Thread = "", ""
		_, _, err = a.cfg.Talk.Say(ctx, a.cfg.Desk, m, nil)
	}
	return err
}

// passing tells whether a message is a few words that nobody needs twice.
func passing(m chat.Message) bool {
	if m.Title != "" || len(m.Facts)+len(m.Notes)+len(m.Buttons) > 0 || m.Choice != nil || utf8.RuneCountInString(m.Text.String()) > passingRunes {
		return false
	}
	for _, s := range m.Text {
		if s.Kind == chat.Quote || s.Kind == chat.CodeBlock || strings.Contains(s.Text, "\n") {
			return false
		}
	}
	return true
}

// mine finds a message that a person wrote or that is for that person alone, gone or
// not.
func (a *Adapter) mine(ctx context.Context, v *visit, id string) (storage.TalkMessage, error) {
	m, err := a.readable(ctx, v, id)
	if err == nil && m.Author != v.ID && m.To != v.ID {
		err = refuse(http.StatusForbidden, "Only who wrote a message can change it.")
	}
	return m, err
}

// serveEdit changes a message.
func (a *Adapter) serveEdit(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx := r.Context()
	if err := a.read(w, r, maxForm); err != nil {
		return err
	}
	m, err := a.mine(ctx, v, mux.Vars(r)["message"])
	if err != nil {
		return err
	}
	text := typed(r)
	switch {
	case m.Author != v.ID || !m.DeletedAt.IsZero():
		return storage.ErrNotFound
	case text == "" && len(m.Files) == 0:
		return refuse(http.StatusBadRequest, "Write something, or delete the message.")
	case utf8.RuneCountInString(text) > maxMessage:
		return refuse(http.StatusRequestEntityTooLarge, "Shorten this to {{.Most}} characters.", words.With{"Most": maxMessage})
	}
	e := event{Kind: "edited", Person: v.ID, Channel: m.Room, Message: m.ID, Thread: m.Thread, Text: text, At: m.EditedAt}
	if e.Files, err = a.filesOf(ctx, m); err != nil {
		return err
	}
	if text != m.Text {
		if was := r.PostFormValue("was"); was != "" && was != version(m) {
			return errEditedMeanwhile
		}
		if err := a.reword(ctx, m, &e); err != nil {
			return err
		}
		a.hub.nudge()
	}
	if !e.At.IsZero() {
		a.tellBot(ctx, e)
	}
	w.Header().Set("Hx-Trigger", "formdone")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// errEditedMeanwhile is said to who edits what was edited in another window, so that
// neither takes the other's words away unseen: a form that is sent again long after
// must not bring old words back, either.
var errEditedMeanwhile = refuse(http.StatusConflict, "This message was changed meanwhile, and nothing of yours is lost: copy it, close this form and edit the message again.")

// version names what a message says now among all that it ever said.
func version(m storage.TalkMessage) string { return strconv.FormatInt(micros(m.EditedAt), 10) }

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// reword changes what a message says to what an event tells.
func (a *Adapter) reword(ctx context.Context, m storage.TalkMessage, e *event) error {
	was := m.EditedAt
	// Edits are told apart by their time, to the microsecond, and each is newer than what
	// it edits.
	e.At = a.now().UTC().Truncate(time.Microsecond)
	for _, before := range []time.Time{m.CreatedAt, m.EditedAt} {
		if !e.At.After(before) {
			e.At = before.Add(time.Microsecond)
		}
	}
	m.Text, m.EditedAt = e.Text, e.At
	is, err := a.cfg.Talk.Reword(ctx, a.cfg.Desk, m, was, a.tale(*e))
	if errors.Is(err, storage.ErrStale) {
		return errEditedMeanwhile
	}
	// Who sent the same at the same moment may have come first.
	e.At = is.EditedAt
	return err
}

// filesOf are the files of a message as the bot knows them.
func (a *Adapter) filesOf(ctx context.Context, m storage.TalkMessage) ([]chat.File, error) {
	var out []chat.File
	for _, id := range m.Files {
		f, err := a.cfg.Talk.TalkFile(ctx, a.cfg.Desk, id)
		if err != nil {
			return nil, err
		}
		out = append(out, a.file(f))
	}
	return out, nil
}

// serveDelete removes a message of one's own, or an answer that only oneself sees.
func (a *Adapter) serveDelete(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx := r.Context()
	m, err := a.mine(ctx, v, mux.Vars(r)["message"])
	if err != nil {
		return err
	}
	e := event{Kind: "deleted", Person: v.ID, Channel: m.Room, Message: m.ID, Thread: m.Thread, At: m.DeletedAt}
	if m.DeletedAt.IsZero() {
		e.At = a.now()
		tale := storage.Tale{}
		if m.To == "" {
			tale = a.tale(e)
		}
		if e.At, err = a.cfg.Talk.Retract(ctx, a.cfg.Desk, m.ID, e.At, tale); err != nil {
			return err
		}
		a.hub.nudge()
	}
	if m.To == "" {
		a.tellBot(ctx, e)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// servePin pins a message for everybody in the channel, or takes the pin out. The request
// says which, so that one that is sent twice does not undo itself.
func (a *Adapter) servePin(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := a.read(w, r, maxForm); err != nil {
		return err
	}
	m, err := a.readable(r.Context(), v, mux.Vars(r)["message"])
	if err != nil {
		return err
	}
	if err := a.cfg.Talk.Pin(r.Context(), a.cfg.Desk, m.ID, r.PostFormValue("pinned") != "false"); err != nil {
		return err
	}
	a.hub.nudge()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
