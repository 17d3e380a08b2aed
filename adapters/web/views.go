package web

import (
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

const (
	// forYou is the place of what is meant for one person and in no channel.
	forYou = "you"
	// firstMessages is how many messages a page of a channel comes with, which is more than
	// are seen at once, a card being worth perCard of them; pageMessages is how many it shows
	// when the rest has come, and threadMessages how many a thread shows.
	firstMessages  = 16
	perCard        = 4
	pageMessages   = 60
	threadMessages = 500
)

// frame is what every page has around it.
type frame struct {
	Title, Base string
	// Me is nobody where nobody is signed in.
	Me            *storage.Talker
	Hue, Initials string
	Rooms         []roomView
	Current       string
	Personas      []Persona
	Persona       string
	Since         int64
	// Doors are the pages besides the channels, Page the one that is open.
	Doors chat.Doors
	Page  string
	// Away is true for who came in from another platform. Job is the job whose page they are
	// at, zero for none, and JobMark the mark of what it shows.
	Away    bool
	Job     int
	JobMark string
	// MaxFiles is the greatest size in bytes of all files of a message, MaxFilesText the
	// same in words; MostFiles is how many there are, zero where none are taken.
	MaxFiles     int64
	MaxFilesText string
	MostFiles    int
}

type roomView struct {
	storage.Room

	Base    string
	Current bool
	// Firm is true for what is not the desk's own.
	Firm bool
}

type doorPage struct {
	frame

	// Secret is that of a link, and Name whom it lets in.
	Secret, Name  string
	Spent, Locked bool
	// ByMail offers to mail a link, Sent says that one may be on its way. Email is what
	// was typed and Fault what is wrong with it.
	ByMail, Sent bool
	Email, Fault string
	// FromChat is true where Command gives a link in chat. Job is where a link leads.
	FromChat bool
	Command  string
	Job      int
}

type lostPage struct {
	frame

	Words string
}

type channelPage struct {
	frame

	Room           storage.Room
	Command, Hints string
	Members        int
	// Messages are those that are shown. Earlier is where those before them end, zero when
	// there are none, and Rest is true when the page's script is to fetch some of them.
	Messages []messageView
	Earlier  int64
	Rest     bool
	Thread   *threadView
	MayWrite bool
}

type threadView struct {
	Base, Room, Title, Root string
	Messages                []messageView
	MayWrite                bool
}

func (a *Adapter) frame(v *visit, title string) frame {
	f := frame{Title: title, Base: Prefix, Personas: a.cfg.Personas}
	if v != nil {
		f.Base, f.Me, f.Persona, f.Away = v.base, &v.Talker, v.persona, v.home != nil
		f.Hue, f.Initials = hue(v.Name), initials(v.Name)
		if a.cfg.Blobs != nil {
			f.MaxFiles, f.MaxFilesText, f.MostFiles = a.cfg.MaxFile, v.in.Size(a.cfg.MaxFile), filesPerPost
		}
	}
	return f
}

// roomsOf are the channels of a person: the desk's own first.
func (a *Adapter) roomsOf(ctx context.Context, v *visit, current string) ([]roomView, error) {
	if v.home != nil {
		return []roomView{{Room: storage.Room{ID: forYou, Title: "For you"}, Base: v.base, Current: current == forYou}}, nil
	}
	list, err := a.cfg.Talk.Rooms(ctx, a.cfg.Desk, v.ID)
	if err != nil {
		return nil, err
	}
	rank := func(r storage.Room) int { return slices.Index([]string{Managers, Operations}, r.Name) }
	slices.SortStableFunc(list, func(x, y storage.Room) int {
		if x.Archived != y.Archived {
			// What is history only comes last.
			return map[bool]int{true: 1, false: -1}[x.Archived]
		}
		return rank(y) - rank(x)
	})
	var out []roomView
	for _, r := range list {
		v.named(&r)
		out = append(out, roomView{Room: r, Base: v.base, Current: r.ID == current, Firm: rank(r) < 0})
	}
	notices, err := a.cfg.Talk.ListTalk(ctx, a.cfg.Desk, storage.TalkFilter{Reader: v.ID, Limit: 1})
	if err == nil && (len(notices) > 0 || current == forYou) {
		out = append(out, roomView{Room: storage.Room{ID: forYou, Title: v.in.Say("For you")}, Base: v.base, Current: current == forYou})
	}
	return out, err
}

// named calls the desk's own channels, which we made ourselves, as the person does.
func (v *visit) named(r *storage.Room) {
	if r.Name == Managers || r.Name == Operations {
		r.Title, r.Purpose = v.in.Term(r.Title), v.in.Term(r.Purpose)
	}
}

// serveHome shows the first channel: to be sent to its address would be another way to go.
func (a *Adapter) serveHome(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.home != nil {
		//nolint:gosec // The address begins with our own path.
		http.Redirect(w, r, v.base+v.firstPage(), http.StatusSeeOther)
		return nil
	}
	list, err := a.roomsOf(r.Context(), v, "")
	if err != nil {
		return err
	}
	if len(list) == 0 {
		a.page(w, r, v.in, http.StatusOK, "lost", lostPage{frame: a.frame(v, v.in.Say("Welcome")), Words: v.in.Say("You are in no channel yet. Ask the desk to add you to one.")})
		return nil
	}
	list[0].Current = true
	p, err := a.channelPage(r, v, list[0].ID, list)
	if err != nil {
		return err
	}
	a.page(w, r, v.in, http.StatusOK, "channel", p)
	return nil
}

// serveChannel shows a channel, or gives a page that has the channel what is above it.
func (a *Adapter) serveChannel(w http.ResponseWriter, r *http.Request, v *visit) error {
	channel := mux.Vars(r)["channel"]
	if before := beforeAsked(r); before > 0 && r.Header.Get("Hx-Request") != "" {
		if channel != forYou {
			if err := a.enter(r.Context(), v, channel); err != nil {
				return err
			}
		}
		p := channelPage{frame: frame{Base: v.base, Current: channel}}
		var err error
		if p.Messages, p.Earlier, err = a.messages(r.Context(), v, channel, before, pageMessages-firstMessages); err != nil {
			return err
		}
		far(p.Messages, 0)
		return a.fragment(w, v.in, "above", p)
	}
	p, err := a.channelPage(r, v, channel, nil)
	if err != nil {
		return err
	}
	a.page(w, r, v.in, http.StatusOK, "channel", p)
	return nil
}

// beforeAsked is the number of the message before which a page is to end, zero for none.
func beforeAsked(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// messages are the last so many messages of a channel that somebody may read, or the last
// before one, and where those before them end, zero when there are none.
func (a *Adapter) messages(ctx context.Context, v *visit, channel string, before int64, most int) ([]messageView, int64, error) {
	filter := storage.TalkFilter{Reader: v.ID, Before: before, Limit: most + 1}
	if channel != forYou {
		filter.Room = channel
	}
	list, err := a.cfg.Talk.ListTalk(ctx, a.cfg.Desk, filter)
	if err != nil {
		return nil, 0, err
	}
	earlier := int64(0)
	if len(list) > most {
		list = list[1:]
		earlier = list[0].Seq
	}
	views, err := a.views(ctx, v, list)
	return views, earlier, err
}

// channelPage reads what the page of a channel shows. rooms are the person's channels, nil
// when they are not read yet.
func (a *Adapter) channelPage(r *http.Request, v *visit, channel string, rooms []roomView) (channelPage, error) {
	ctx := r.Context()
	p := channelPage{frame: a.frame(v, ""), Command: a.cfg.Command, Hints: "[]", Room: storage.Room{ID: forYou, Title: v.in.Say("For you")}}
	p.Current = channel
	// What changes from here on comes by itself.
	var err error
	if p.Since, err = a.cfg.Talk.TalkChange(ctx, a.cfg.Desk); err != nil {
		return p, err
	}
	if channel != forYou {
		if err := a.enter(ctx, v, channel); err != nil {
			return p, err
		}
		if p.Room, err = a.cfg.Talk.Room(ctx, a.cfg.Desk, channel); err != nil {
			return p, err
		}
		p.Room.Purpose = withoutMark(p.Room.Purpose)
		v.named(&p.Room)
		members, err := a.cfg.Talk.Seated(ctx, a.cfg.Desk, channel)
		if err != nil {
			return p, err
		}
		p.Members, p.MayWrite = len(members), !p.Room.Archived
		p.Hints = a.hints(ctx, v, channel)
	} else if v.home != nil {
		// They have no channel to type commands in.
		p.MayWrite, p.Hints = true, a.hints(ctx, v, "")
	}
	p.Title, p.Doors = p.Room.Title, a.doors(ctx, v)
	if p.Rooms = rooms; rooms == nil {
		if p.Rooms, err = a.roomsOf(ctx, v, channel); err != nil {
			return p, err
		}
	}
	before, most := beforeAsked(r), firstMessages
	if before > 0 {
		most = pageMessages
	}
	p.Messages, p.Earlier, err = a.messages(ctx, v, channel, before, most)
	if before == 0 {
		if n := hidden(p.Messages); n > 0 {
			p.Messages, p.Earlier = p.Messages[n:], p.Messages[n].Seq
		}
		p.Rest = p.Earlier > 0
	}
	a.headDays(v, p.Messages)
	far(p.Messages, firstMessages)
	return p, err
}

// hidden is how many of a channel's last messages are above what is seen at first.
func hidden(list []messageView) int {
	n, seen := len(list), 0
	for n > 0 && seen < firstMessages {
		n--
		seen++
		if list[n].Card() {
			seen += perCard - 1
		}
	}
	return n
}

// hints are the commands that a person has, for the page's own script.
func (a *Adapter) hints(ctx context.Context, v *visit, channel string) string {
	if a.cfg.Hints == nil {
		return "[]"
	}
	in := a.origin(v, channel, "")
	in.Body = chat.Command{}
	list := a.cfg.Hints(ctx, in)
	text, err := json.Marshal(list)
	if err != nil || len(list) == 0 {
		return "[]"
	}
	return string(text)
}

// views makes the views of messages with the names and files that they show.
func (a *Adapter) views(ctx context.Context, v *visit, list []storage.TalkMessage) ([]messageView, error) {
	if len(list) == 0 {
		return nil, nil
	}
	people, err := a.cfg.Talk.Talkers(ctx, a.cfg.Desk)
	if err != nil {
		return nil, err
	}
	who := map[string]storage.Talker{}
	for _, p := range people {
		who[p.ID] = p
	}
	out := make([]messageView, 0, len(list))
	for _, m := range list {
		var files []fileView
		for _, id := range m.Files {
			f, err := a.cfg.Talk.TalkFile(ctx, a.cfg.Desk, id)
			if errors.Is(err, storage.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			files = append(files, newFileView(v.base+"/f/"+f.ID, f.Name, v.in.Size(f.Size), f.Type))
		}
		out = append(out, view(v, who, m, files))
	}
	return out, nil
}

// serveThread shows a thread: beside its channel, or by itself for a page that has
// the channel already.
func (a *Adapter) serveThread(w http.ResponseWriter, r *http.Request, v *visit) error {
	channel := mux.Vars(r)["channel"]
	if err := a.enter(r.Context(), v, channel); err != nil {
		return err
	}
	t, err := a.thread(r.Context(), v, channel, mux.Vars(r)["thread"])
	if err != nil {
		return err
	}
	if r.Header.Get("Hx-Request") != "" {
		return a.fragment(w, v.in, "thread", t)
	}
	p, err := a.channelPage(r, v, channel, nil)
	if err != nil {
		return err
	}
	p.Thread = t
	a.page(w, r, v.in, http.StatusOK, "channel", p)
	return nil
}

func (a *Adapter) thread(ctx context.Context, v *visit, channel, root string) (*threadView, error) {
	list, err := a.cfg.Talk.ListTalk(ctx, a.cfg.Desk, storage.TalkFilter{Room: channel, Thread: root, Reader: v.ID, Limit: threadMessages})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, storage.ErrNotFound
	}
	if list[0].ID != root && len(list) == threadMessages {
		// The thread is so long that only its end is shown; its root stays above it.
		m, err := a.readable(ctx, v, root)
		if err != nil {
			return nil, err
		}
		if m.Room == channel && m.DeletedAt.IsZero() {
			list = append([]storage.TalkMessage{m}, list...)
		}
	}
	room, err := a.cfg.Talk.Room(ctx, a.cfg.Desk, channel)
	if err != nil {
		return nil, err
	}
	t := &threadView{Base: v.base, Room: channel, Root: root, MayWrite: list[0].ID == root && !room.Archived}
	if t.Messages, err = a.views(ctx, v, list); err != nil {
		return nil, err
	}
	for i := range t.Messages {
		t.Messages[i].InThread, t.Messages[i].Root = true, t.Messages[i].ID == root
	}
	a.headDays(v, t.Messages)
	far(t.Messages, firstMessages)
	t.Title = t.Messages[0].Title
	return t, nil
}

// servePins shows what is pinned in a channel.
func (a *Adapter) servePins(w http.ResponseWriter, r *http.Request, v *visit) error {
	channel := mux.Vars(r)["channel"]
	if err := a.enter(r.Context(), v, channel); err != nil {
		return err
	}
	list, err := a.cfg.Talk.ListTalk(r.Context(), a.cfg.Desk, storage.TalkFilter{Room: channel, Reader: v.ID, Pinned: true})
	if err != nil {
		return err
	}
	views, err := a.views(r.Context(), v, list)
	if err != nil {
		return err
	}
	return a.fragment(w, v.in, "pins", threadView{Base: v.base, Room: channel, Messages: views})
}

type personView struct {
	storage.Talker

	Initials, Hue string
}

// servePeople shows who is in a channel.
func (a *Adapter) servePeople(w http.ResponseWriter, r *http.Request, v *visit) error {
	channel := mux.Vars(r)["channel"]
	if err := a.enter(r.Context(), v, channel); err != nil {
		return err
	}
	ids, err := a.cfg.Talk.Seated(r.Context(), a.cfg.Desk, channel)
	if err != nil {
		return err
	}
	all, err := a.cfg.Talk.Talkers(r.Context(), a.cfg.Desk)
	if err != nil {
		return err
	}
	var in []personView
	for _, p := range all {
		if slices.Contains(ids, p.ID) {
			in = append(in, personView{p, initials(p.Name), hue(p.Name)})
		}
	}
	return a.fragment(w, v.in, "people", in)
}

// serveSeen moves the mark of what a person has read, of a channel or of one of its threads.
func (a *Adapter) serveSeen(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := a.read(w, r, maxForm); err != nil {
		return err
	}
	seq, err := strconv.ParseInt(r.PostFormValue("seq"), 10, 64)
	if err != nil {
		return refuse(http.StatusBadRequest, "Say how far.")
	}
	channel := mux.Vars(r)["channel"]
	if err := a.enter(r.Context(), v, channel); err != nil {
		return err
	}
	if thread := r.PostFormValue("thread"); thread != "" {
		err = a.cfg.Talk.MarkThreadSeen(r.Context(), a.cfg.Desk, channel, thread, v.ID, seq)
	} else {
		err = a.cfg.Talk.MarkSeen(r.Context(), a.cfg.Desk, channel, v.ID, seq)
	}
	if err != nil {
		return err
	}
	a.hub.nudge()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// serveEditForm shows the form in which a message is changed.
func (a *Adapter) serveEditForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	m, err := a.mine(r.Context(), v, mux.Vars(r)["message"])
	if err != nil {
		return err
	}
	if m.Author != v.ID || !m.DeletedAt.IsZero() {
		return storage.ErrNotFound
	}
	return a.fragment(w, v.in, "edit", struct{ Base, ID, Text, Was string }{v.base, m.ID, m.Text, version(m)})
}

// chosen are the files of a request; a field left empty is none.
func chosen(r *http.Request) []*multipart.FileHeader {
	return slices.DeleteFunc(slices.Clone(r.MultipartForm.File["files"]), func(f *multipart.FileHeader) bool { return f.Filename == "" })
}

// withoutMark is a channel's purpose as people read it: the mark at its end is there to
// find the channel by.
func withoutMark(purpose string) string {
	words, mark, found := strings.Cut(purpose, ". Ref ")
	if !found || len(mark) != 12 {
		return purpose
	}
	return words + "."
}
