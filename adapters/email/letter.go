package email

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/adapters/email/reply"
	"taskbridge/adapters/ical"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"

	gomail "github.com/wneessen/go-mail"
)

// maxSubject is the most characters of a subject.
const maxSubject = 150

// letter is what is written to one address, before it becomes a message.
type letter struct {
	hand

	To, ID string
	// Thread is the id of the letter that this one follows, empty for one that stands
	// by itself.
	Thread  string
	Subject string
	Parts   []said
	// Card is shown beneath what was said.
	Card *cardView
	// Job is where everything can be read and done, empty where there is no job.
	Job    string
	Footer string
	// Reply is the address that answers go to, empty where none are read.
	Reply string
	files []file
	// visit is enclosed for calendars, nil for none.
	visit *chat.Visit
}

// said is something that somebody, or the desk's program, says.
type said struct {
	Who     string
	Changed bool
	Text    []piece
	plain   string
}

// cardView is a card as templates draw it.
type cardView struct {
	Title string
	Tone  string
	Text  []piece
	Facts []factView
	Notes [][]piece
	Links []linkView
	// The same for those who read plain text.
	plain                  string
	plainFacts, plainNotes []string
}

type factView struct {
	Label string
	Value []piece
}

// linkView is something that can be done, as a link to where it is done.
type linkView struct {
	Label, URL string
	Primary    bool
}

func (h hand) cardView(m chat.Message, job string) *cardView {
	v := &cardView{Title: oneLine(m.Title), Tone: string(m.Tone), Text: h.pieces(m.Text), plain: h.plain(m.Text)}
	for _, f := range m.Facts {
		v.Facts = append(v.Facts, factView{f.Label, h.pieces(f.Value)})
		v.plainFacts = append(v.plainFacts, f.Label+": "+h.plain(f.Value))
	}
	for _, n := range m.Notes {
		v.Notes = append(v.Notes, h.pieces(n))
		v.plainNotes = append(v.plainNotes, h.plain(n))
	}
	if job == "" {
		return v
	}
	for _, b := range m.Buttons {
		if b.URL != "" {
			continue
		}
		v.Links = append(v.Links, linkView{b.Label, job + "?do=" + b.ID, b.Style == chat.Primary})
	}
	return v
}

func (h hand) saidOf(p chat.Part) said {
	m := p.Message
	t := m.Text
	if m.Title != "" {
		t = chat.Text{}.Bold(m.Title).Plain("\n").Append(t)
	}
	for _, f := range m.Facts {
		t = t.Plain("\n").Bold(f.Label + ": ").Append(f.Value)
	}
	for _, n := range m.Notes {
		t = t.Plain("\n").Append(n)
	}
	return said{Who: m.Speaker.Name, Changed: p.Changed, Text: h.pieces(t), plain: h.plain(t)}
}

// Marker is the line above which answers are written.
func (l letter) Marker() string { return reply.Marker(l.Say("Please reply above this line")) }

// Preview is what mail programs show of the letter beside its subject.
func (l letter) Preview() string {
	if len(l.Parts) > 0 {
		return chat.Shorten(oneLine(l.Parts[0].plain), maxSubject)
	}
	if l.Card == nil {
		return ""
	}
	return chat.Shorten(oneLine(l.Card.plain), maxSubject)
}

// text is the letter for those who read plain text.
func (l letter) text() string {
	var parts []string
	if l.Reply != "" {
		parts = append(parts, l.Marker())
	}
	for _, s := range l.Parts {
		who := s.Who
		if s.Changed {
			who = cmp.Or(who, l.Sense("This", "a message")) + " (" + l.Sense("changed", "a message") + ")"
		}
		if who != "" {
			who += ":\n"
		}
		parts = append(parts, who+s.plain)
	}
	if c := l.Card; c != nil {
		if len(parts) > 0 {
			parts = append(parts, "---")
		}
		var links []string
		for _, k := range c.Links {
			links = append(links, k.Label+": "+k.URL)
		}
		if l.Job != "" {
			links = append(links, l.Say("Open this job")+": "+l.Job)
		}
		parts = append(parts, c.Title, c.plain, strings.Join(c.plainFacts, "\n"), strings.Join(links, "\n"), strings.Join(c.plainNotes, "\n"))
	}
	parts = append(parts, l.Footer)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n\n") + "\n"
}

// messageID is a letter's id as a header.
func (a *Adapter) messageID(id string) string { return id + "@" + a.domain }

// message puts a letter into its envelope.
func (a *Adapter) message(ctx context.Context, l letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(a.from.Name, a.from.Address); err != nil {
		return nil, fmt.Errorf("write the sender: %w", err)
	}
	if err := m.To(l.To); err != nil {
		return nil, fmt.Errorf("write the recipient: %w", err)
	}
	if l.Reply != "" {
		if err := m.ReplyTo(l.Reply); err != nil {
			return nil, fmt.Errorf("write where to reply: %w", err)
		}
	}
	m.Subject(chat.Shorten(oneLine(l.Subject), maxSubject))
	m.SetDateWithValue(a.now())
	m.SetMessageIDWithValue(a.messageID(l.ID))
	if l.Thread != "" {
		m.SetGenHeader(gomail.HeaderInReplyTo, "<"+a.messageID(l.Thread)+">")
		m.SetGenHeader(gomail.HeaderReferences, "<"+a.messageID(l.Thread)+">")
	}
	// No program shall answer a letter of ours (RFC 3834, and Microsoft's own way).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("List-Id", "<taskbridge."+a.domain+">")
	m.SetBodyString(gomail.TypeTextPlain, l.text())
	var html bytes.Buffer
	if err := a.pages.Draw(&html, l.Words, "letter.html", l); err != nil {
		return nil, fmt.Errorf("draw a letter: %w", err)
	}
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	for _, f := range l.files {
		if err := a.attach(ctx, m, f); err != nil {
			return nil, err
		}
	}
	if l.visit != nil {
		err := m.AttachReader(ical.Name, bytes.NewReader(ical.File(*l.visit, a.now())), gomail.WithFileContentType(gomail.ContentType(ical.Type(*l.visit))))
		if err != nil {
			return nil, fmt.Errorf("enclose a visit: %w", err)
		}
	}
	return m, nil
}

// Post writes a letter that starts a thread. The bot gathers what replies.
func (a *Adapter) Post(ctx context.Context, p chat.Post) (string, error) {
	id := a.letterID(p.DeliveryID)
	if p.DeliveryID == "" {
		id = a.letterID(p.Channel + a.now().Format(time.RFC3339Nano) + p.Message.Text.String())
	}
	h := a.to(ctx, p.Channel)
	l := letter{
		hand: h, To: p.Channel, ID: id, Thread: p.Thread, Footer: a.sentTo(h, p.Channel),
		Subject: cmp.Or(p.Message.Title, h.Say("News from {{.Desk}}", words.With{"Desk": a.called()})),
	}
	if len(p.Message.Buttons) > 0 || p.Message.Choice != nil || p.Message.Replies {
		l.Job, l.Footer = a.pageURL(place{p.Channel, cmp.Or(p.Thread, id)}), a.footer(h, p.Channel)
		l.Reply = a.replyAddress(place{p.Channel, cmp.Or(p.Thread, id)})
	}
	l.Card, l.visit = h.cardView(p.Message, l.Job), p.Message.Visit
	if l.Card.Title == "" {
		l.Card.Title = l.Subject
	}
	return id, a.send(ctx, l)
}

// Bundle implements chat.Bundler.
func (a *Adapter) Bundle(ctx context.Context, b chat.Bundle) error {
	at, h := place{b.Channel, b.Thread}, a.to(ctx, b.Channel)
	l := letter{
		hand: h, To: b.Channel, ID: a.letterID(b.DeliveryID), Thread: b.Thread, Subject: "Re: " + b.Card.Title,
		Job: a.pageURL(at), Reply: a.replyAddress(at), Footer: a.footer(h, b.Channel),
	}
	var left chat.Text
	room := int64(maxAttached)
	for _, p := range b.Parts {
		l.Parts = append(l.Parts, h.saidOf(p))
		for _, id := range p.Files {
			f, ok := decodeFile(id)
			switch {
			case !ok:
			case f.Size > room || b.WithoutFiles:
				if len(left) > 0 {
					left = left.Plain(", ")
				}
				left = left.Link(f.Name, a.fileURL(at, f))
			default:
				room -= f.Size
				l.files = append(l.files, f)
			}
		}
	}
	if len(left) > 0 {
		note := h.Text("Not attached, because the files are too large together, and to be fetched by these links: {{.Files}}", words.With{"Files": left})
		l.Parts = append(l.Parts, h.saidOf(chat.Part{Message: chat.Message{Text: note}}))
	}
	l.Card = h.cardView(b.Card, l.Job)
	if len(b.Parts) == 0 {
		// The letter is about the card, and not about what somebody said.
		l.visit = b.Card.Visit
	}
	return a.send(ctx, l)
}

// Update and Delete are never called: a letter cannot be changed, and the bot knows.
func (a *Adapter) Update(context.Context, string, string, chat.Message) error {
	return &chat.SendError{Reason: chat.Unsupported}
}

// Delete does nothing; see Update.
func (a *Adapter) Delete(context.Context, string, string) error { return nil }

// Find finds nothing: a letter that may have been sent is sent again under the same
// Message-ID, by which mail systems know it.
func (a *Adapter) Find(context.Context, chat.Post) (string, error) { return "", nil }

// Whisper writes a letter to one person.
func (a *Adapter) Whisper(ctx context.Context, _, person string, m chat.Message) error {
	m.Buttons, m.Choice = nil, nil
	_, err := a.Post(ctx, chat.Post{Channel: person, Message: m})
	return err
}

// called is how the desk calls itself in a sentence.
func (a *Adapter) called() string { return cmp.Or(a.from.Name, a.from.Address) }

// sentTo says whom a letter is for and whom it is from.
func (a *Adapter) sentTo(h hand, to string) string {
	return h.Say("Sent to {{.Address}} by {{.Desk}}.", words.With{"Address": to, "Desk": a.called()})
}

func (a *Adapter) footer(h hand, to string) string {
	text := a.sentTo(h, to) + " " + h.Say("The links act for your company: do not pass them on.") + " "
	if a.replyAddress(place{to, ""}) == "" {
		return text + h.Say("Replies to this e-mail are not read; write to the desk on the job's page.")
	}
	return text + h.Say("Reply to this e-mail to write to the desk.")
}

// replyAddress is where answers about a job go, empty while none are read.
func (a *Adapter) replyAddress(p place) string {
	if a.inbox == nil {
		return ""
	}
	return a.replyLocal(p) + "@" + a.inbox.domain
}
