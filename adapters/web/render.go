package web

import (
	"encoding/json"
	"hash/fnv"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"taskbridge/adapters/web/preview"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// bodyOf is what a message of the bot's shows.
func bodyOf(m storage.TalkMessage) chat.Message {
	var shown chat.Message
	// It was written by fill; one that cannot be read shows nothing.
	_ = json.Unmarshal([]byte(m.Body), &shown)
	return shown
}

// span is a stretch of text as the templates show it.
type span struct {
	Kind, Text, Ref string
	// Time is a moment, Until the end of a span of time that begins with it, and Gone is
	// true of one that holds no more.
	Time, Until time.Time
	Gone        bool
}

// spansOf makes spans of a text. Only addresses of the web become links, and only who
// has the shape of a person is called.
func spansOf(t chat.Text) []span {
	kinds := map[chat.SpanKind]string{
		chat.Bold: "bold", chat.Italic: "italic", chat.Strike: "strike", chat.Code: "code", chat.Quote: "quote", chat.CodeBlock: "block",
		chat.Moment: "moment", chat.Everyone: "everyone", chat.Mention: "mention", chat.ChannelLink: "channel", chat.Link: "link",
	}
	var out []span
	for _, s := range t {
		v := span{Kind: kinds[s.Kind], Text: s.Text, Ref: s.Ref, Time: s.Time, Until: s.Until, Gone: s.Gone}
		switch s.Kind {
		case chat.Plain:
			out = append(out, linked(s.Text)...)
			continue
		case chat.Everyone:
			v.Text = "@everyone"
		case chat.Mention, chat.ChannelLink:
			if !isID(s.Ref) {
				v.Kind = "plain"
			}
		case chat.Link:
			if !isLink(s.Ref) {
				v.Kind = "plain"
			}
		}
		out = append(out, v)
	}
	return out
}

func isLink(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

var linkShape = regexp.MustCompile(`https?://[^\s<>"']+[^\s<>"'.,;:!?)\]]`)

// linked makes links of the addresses in a text.
func linked(text string) []span {
	var out []span
	at := 0
	for _, hit := range linkShape.FindAllStringIndex(text, -1) {
		if address := text[hit[0]:hit[1]]; isLink(address) {
			if hit[0] > at {
				out = append(out, span{Kind: "plain", Text: text[at:hit[0]]})
			}
			out = append(out, span{Kind: "link", Text: address, Ref: address})
			at = hit[1]
		}
	}
	if at < len(text) {
		out = append(out, span{Kind: "plain", Text: text[at:]})
	}
	return out
}

// messageView is a message as the templates show it.
type messageView struct {
	Base, ID, Room, Thread string
	// Press is where its buttons lead.
	Press                string
	Seq                  int64
	Name, Initials, Hue  string
	Bot, Mine, Private   bool
	Pinned, Edited, Gone bool
	At                   time.Time
	Title, Tone          string
	Text                 []span
	Facts                []factView
	Notes                [][]span
	Buttons              []chat.Button
	Choice               *chat.Choice
	Files                []fileView
	Replies, New         int
	RepliedAt            time.Time
	// InThread is true where the message is shown in its thread, Root for the message
	// that the thread hangs on.
	InThread, Root bool
	// Day is the heading of a day above its first message, in UTC until the page's script
	// says it in the reader's zone: as with the times nothing moves then.
	Day string
	// Far is true for what is out of sight when its list is opened.
	Far bool
	// change is the number of its last change.
	change int64
}

// Card tells whether it is shown in a frame of its own.
func (m messageView) Card() bool { return m.Title != "" || len(m.Facts) > 0 || len(m.Buttons) > 0 }

type factView struct {
	Label string
	Value []span
}

// fileView is a file as the templates show it, with a preview when it says that it is a
// picture.
type fileView struct {
	Address, Name, Size string
	Picture             bool
	// Missing says why there is no content, empty where there is some.
	Missing string
}

func newFileView(address, name, size, mediaType string) fileView {
	return fileView{Address: address, Name: name, Size: size, Picture: preview.Likely(mediaType)}
}

// view makes a message's view for a person.
func view(v *visit, who map[string]storage.Talker, m storage.TalkMessage, files []fileView) messageView {
	out := messageView{
		Base: v.base, ID: m.ID, Press: v.base + "/m/" + m.ID + "/press", Room: m.Room, Thread: m.Thread, Seq: m.Seq, change: m.Change, At: m.CreatedAt, Mine: m.Author == v.ID, Private: m.To != "",
		Pinned: m.Pinned, Gone: !m.DeletedAt.IsZero(), Replies: m.Replies, New: m.New, RepliedAt: m.RepliedAt, Files: files,
		Bot: m.Author == selfID, Name: who[m.Author].Name, Edited: !m.EditedAt.IsZero(),
	}
	if out.Room == "" {
		out.Room = forYou
	}
	if out.Name == "" {
		out.Name = v.in.Say("Somebody")
	}
	switch {
	case out.Gone:
	case m.Author == selfID:
		b := bodyOf(m)
		out.Title, out.Tone, out.Text = b.Title, string(b.Tone), v.within(spansOf(b.Text))
		for _, f := range b.Facts {
			out.Facts = append(out.Facts, factView{f.Label, v.within(spansOf(f.Value))})
		}
		for _, n := range b.Notes {
			out.Notes = append(out.Notes, v.within(spansOf(n)))
		}
		out.Buttons = slices.DeleteFunc(slices.Clone(b.Buttons), func(b chat.Button) bool { return b.Token == "" && !isLink(b.URL) })
		for n := range out.Buttons {
			if rest, ok := v.ours(out.Buttons[n].URL); ok {
				out.Buttons[n].URL = rest
			}
		}
		out.Choice = b.Choice
		if b.Speaker.Name != "" {
			out.Name, out.Bot = b.Speaker.Name, false
		}
	default:
		out.Text = linked(m.Text)
	}
	out.Initials, out.Hue = initials(out.Name), hue(out.Name)
	return out
}

// headDays puts the heading of its day above the first message of each day of a list.
func (a *Adapter) headDays(v *visit, list []messageView) {
	today, last := v.in.LongDate(a.now().UTC()), ""
	for n := range list {
		day := v.in.LongDate(list[n].At.UTC())
		if day == last {
			continue
		}
		last, list[n].Day = day, day
		if day == today {
			list[n].Day = v.in.Say("Today")
		}
	}
}

// far marks what is above the last so many messages of a list.
func far(list []messageView, last int) {
	for n := range list[:max(len(list)-last, 0)] {
		list[n].Far = true
	}
}

// ours gives an address of our own as it is for the person.
func (v *visit) ours(address string) (string, bool) {
	rest, ok := strings.CutPrefix(address, v.own)
	if v.own == "" || !ok {
		return "", false
	}
	return v.base + "/" + rest, true
}

// within lets links to our own pages stay with the person, and in their window.
func (v *visit) within(spans []span) []span {
	for n := range spans {
		if rest, ok := v.ours(spans[n].Ref); ok && spans[n].Kind == "link" {
			spans[n].Kind, spans[n].Ref = "page", rest
		}
	}
	return spans
}

// initials are what stands for a picture.
func initials(name string) string {
	var out []rune
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if out = append(out, unicode.ToUpper([]rune(w)[0])); len(out) == 2 {
			break
		}
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}

// hues is how many colours there are for people.
const hues = 6

// hue is a person's colour, the same everywhere.
func hue(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return "hue-" + strconv.Itoa(int(h.Sum32()%hues))
}

// formView is a form as the templates show it.
type formView struct {
	chat.Form

	Base, Room, Names string
}

func newFormView(v *visit, channel string, f chat.Form) formView {
	if channel == "" {
		channel = forYou
	}
	list := make([]string, 0, len(f.Fields))
	for _, x := range f.Fields {
		list = append(list, x.Name)
	}
	return formView{Form: f, Base: v.base, Room: channel, Names: strings.Join(list, ",")}
}

type errorsView struct {
	Names  []string
	Errors map[string]string
}

type toastView struct {
	Text []span
	Bad  bool
}
