package email

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"taskbridge/adapters/email/reply"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

// maxTyped is the longest message that is shown of a letter, in characters; the whole of
// a longer one hangs on it as a file.
const maxTyped = 10_000

// maxAttachments is how many files of a letter are taken.
const maxAttachments = 10

// answer is what we say to the server that hands a letter over. Its words reach the
// person who wrote, in the letter that says that it was not delivered.
func answer(code int, enhanced smtp.EnhancedCode, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: words}
}

// admit begins the service of a connection.
func (a *Adapter) admit(ctx context.Context, c *smtp.Conn) (smtp.Session, error) {
	if !a.inbox.allowed(c.Conn().RemoteAddr()) {
		a.log.WarnContext(ctx, "email: somebody who may not hand letters over tried to", "peer", c.Conn().RemoteAddr().String())
		return nil, answer(554, smtp.EnhancedCode{5, 7, 1}, "This server takes letters from its own mail server only.")
	}
	return &session{a: a, ctx: ctx, conn: c}, nil
}

// session is one connection of a server that hands letters over.
type session struct {
	a     *Adapter
	ctx   context.Context //nolint:containedctx // go-smtp's sessions have no other way to end with us.
	conn  *smtp.Conn
	from  string
	boxes []replyBox
	to    []string
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.boxes, s.to = "", nil, nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt implements smtp.Session. It takes the addresses that we made.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	at := strings.LastIndexByte(to, '@')
	if at < 0 || !strings.EqualFold(strings.TrimSuffix(to[at+1:], "."), s.a.inbox.domain) {
		return answer(550, smtp.EnhancedCode{5, 1, 2}, "This server takes letters for "+s.a.inbox.domain+" only.")
	}
	box, ok := s.a.replyBox(to[:at])
	if !ok {
		return answer(550, smtp.EnhancedCode{5, 1, 1}, "There is no such mailbox. To write to the desk, reply to its newest letter about the job.")
	}
	s.boxes, s.to = append(s.boxes, box), append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if err := s.a.inbox.enter(s.conn.Conn()); err != nil {
		return err
	}
	defer s.a.inbox.leave()
	raw, err := s.a.inbox.read(s.conn.Conn(), r)
	if err != nil {
		return err
	}
	// There is one address here: see listen.
	for _, box := range s.boxes {
		if err := s.take(box, raw); err != nil {
			return err
		}
	}
	return nil
}

// LMTPData implements smtp.LMTPSession: each address has an answer of its own.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	if err := s.a.inbox.enter(s.conn.Conn()); err != nil {
		return err
	}
	defer s.a.inbox.leave()
	raw, err := s.a.inbox.read(s.conn.Conn(), r)
	if err != nil {
		return err
	}
	for i, box := range s.boxes {
		status.SetStatus(s.to[i], s.take(box, raw))
	}
	return nil
}

// take takes a letter for one address.
func (s *session) take(box replyBox, raw []byte) error {
	ctx, cancel := context.WithTimeout(s.ctx, checkFor)
	defer cancel()
	env := envelope{from: s.from, helo: s.conn.Hostname()}
	if tcp, ok := s.conn.Conn().RemoteAddr().(*net.TCPAddr); ok && !s.a.inbox.at.lmtp {
		env.peer = tcp.IP
	}
	began := time.Now()
	err := s.a.receive(ctx, box, raw, env)
	s.a.cfg.Meter.Called(ctx, chat.Call{Platform: "email", Method: "receive", Err: err, Took: time.Since(began)})
	if se, ok := errors.AsType[*smtp.SMTPError](err); ok {
		s.a.log.WarnContext(ctx, "email: a letter was not taken", "code", se.Code, "why", se.Message)
	}
	return err
}

// receive decides on a letter: it becomes a message in its thread, it is passed over
// because a program sent it, or it is refused in words. Nothing of it is kept by halves.
func (a *Adapter) receive(ctx context.Context, box replyBox, raw []byte, env envelope) error {
	l, err := reply.Read(raw, a.bounds())
	why := a.loops(l, env)
	if why != "" {
		// A refusal would make the other side send us another letter.
		a.log.InfoContext(ctx, "email: a letter was passed over", "why", why)
		return nil
	}
	if l.Twice != "" {
		return answer(550, smtp.EnhancedCode{5, 7, 1}, "This letter has more than one "+l.Twice+" line, so it cannot be told which one holds. Write it anew, as a reply to the desk's letter.")
	}
	if len(l.From) != 1 {
		return answer(550, smtp.EnhancedCode{5, 7, 1}, "This letter does not say who it is from. Reply from the address that the desk wrote to.")
	}
	address, fault := normalise(l.From[0].Address)
	if fault != nil || !a.mine(box, address) {
		return answer(550, smtp.EnhancedCode{5, 7, 1}, "This reply address belongs to another e-mail address. Reply from the address that the desk wrote to.")
	}
	if refusal := refusal(a.inbox.prove(ctx, raw, address, env)); refusal != nil {
		return refusal
	}
	at := place{address, box.thread}
	// Nobody reads what is said about a job that is closed to its reader; the page takes
	// no more words either.
	switch m, err := a.card(ctx, at); {
	case errors.Is(err, chat.ErrNoSuch), err == nil && m.Tone == chat.Closed:
		return answer(550, smtp.EnhancedCode{5, 7, 1}, "This job is no longer open to you. Write to the desk another way if it should be.")
	case err != nil:
		a.log.ErrorContext(ctx, "email: a job was not found for a letter", "err", err)
		return errLater()
	}
	if l.From[0].Name != "" {
		a.names.by.Add(address, l.From[0].Name)
	}
	if err != nil {
		return a.keepUnread(ctx, at, a.mark(at, l, raw), raw)
	}
	return a.say(ctx, at, l, raw)
}

// say hands over what a letter says.
func (a *Adapter) say(ctx context.Context, at place, l reply.Letter, raw []byte) error {
	mark := a.mark(at, l, raw)
	said, err := a.saidIn(ctx, at, l)
	if err != nil {
		return err
	}
	said.Message = at.thread + "-" + mark
	in := a.inbound(at, mark)
	in.Body = said
	return a.hand(ctx, in)
}

// errLater asks for a letter again.
func errLater() error {
	return answer(451, smtp.EnhancedCode{4, 3, 0}, "The desk cannot be reached now. Try again later.")
}

func (a *Adapter) hand(ctx context.Context, in chat.Inbound) error {
	if _, err := a.handler.Handle(ctx, in); err != nil {
		a.log.ErrorContext(ctx, "email: a letter was not kept", "key", in.Key, "err", err)
		return errLater()
	}
	return nil
}

// refusal is what is said to a letter that may not be from whom it says.
func refusal(v verdict) error {
	switch v {
	case proven:
		return nil
	case unknown:
		return answer(451, smtp.EnhancedCode{4, 7, 5}, "It cannot be found out now whether this letter is from whom it says. Try again later.")
	case forged, unproven:
	}
	return answer(550, smtp.EnhancedCode{5, 7, 26}, "This letter bears no valid proof of where it comes from (DKIM or SPF). Write on the page that the desk's letter links to, or ask whoever runs your mail.")
}

// loops tells why a letter is passed over, empty for one that a person wrote.
func (a *Adapter) loops(l reply.Letter, env envelope) string {
	switch {
	case l.Automatic != "":
		return l.Automatic
	case env.from == "":
		return "it has no return address"
	case strings.HasSuffix(l.ID, "@"+a.domain) && len(l.ID) == len(a.messageID(a.letterID(""))):
		return "it is one of ours"
	case len(l.From) == 1 && strings.EqualFold(l.From[0].Address, a.from.Address):
		return "it is from ourselves"
	}
	return ""
}

// inbound is a letter on its way to the bot. A letter has one key per thread, whoever
// hands it over and how often.
func (a *Adapter) inbound(at place, mark string) chat.Inbound {
	return chat.Inbound{
		Key: "letter:" + mark, Workspace: a.Workspace(), At: a.now(), Channel: at.address,
		From: chat.Person{ID: at.address, Name: a.names.of(at.address), Email: at.address, Kind: chat.External},
	}
}

// mark names a letter within its thread.
func (a *Adapter) mark(at place, l reply.Letter, raw []byte) string {
	id := l.ID
	if id == "" {
		id = string(raw)
	}
	return lowerBase32(a.mac("received", at.address, at.thread, id)[:macSize])
}

// saidIn is what a letter says in its thread.
func (a *Adapter) saidIn(ctx context.Context, at place, l reply.Letter) (chat.Said, error) {
	said := chat.Said{Thread: at.thread, Text: l.Text}
	files := l.Files
	if a.cfg.Shelf == nil {
		for _, f := range files {
			l.Left = append(l.Left, f.Name)
		}
		files = nil
	}
	if r := []rune(said.Text); len(r) > maxTyped {
		if a.cfg.Shelf != nil {
			files = append([]reply.File{{Name: "letter.txt", Type: "text/plain", Content: []byte(said.Text)}}, files...)
		}
		said.Text = chat.Shorten(said.Text, maxTyped)
	}
	if len(l.Left) > 0 {
		left := a.to(ctx, "").Say("[Not taken, because of the size or the number of files: {{.Files}}]", words.With{"Files": strings.Join(l.Left, ", ")})
		said.Text = strings.TrimSpace(said.Text + "\n\n" + left)
	}
	if said.Text == "" && len(files) == 0 {
		return said, answer(554, smtp.EnhancedCode{5, 6, 0}, "This letter says nothing above the letter that it answers. Write your answer at the top of it, as text.")
	}
	for _, f := range files {
		digest, size, err := a.cfg.Shelf.Put(ctx, bytes.NewReader(f.Content), a.inbox.cfg.MaxBytes)
		if err != nil {
			a.log.ErrorContext(ctx, "email: a file of a letter was not kept", "err", err)
			return said, errLater()
		}
		kept := file{Digest: digest, Name: chat.FileName(f.Name), Type: chat.FileType(f.Type), Size: size}
		said.Files = append(said.Files, chat.File{ID: kept.id(), Name: kept.Name, Type: kept.Type, Size: kept.Size})
	}
	return said, nil
}

// unread is what is kept of a letter that we could not read: where it is, and for whom.
type unread struct {
	Address, Thread string
	// Digest names the letter on the shelf; Letter is the letter where there is none.
	Digest string `json:",omitempty"`
	Letter []byte `json:",omitempty"`
}

// keepUnread keeps a letter that is genuine and cannot be read, to be replayed by a
// version that can.
func (a *Adapter) keepUnread(ctx context.Context, at place, mark string, raw []byte) error {
	kept := unread{Address: at.address, Thread: at.thread}
	if a.cfg.Shelf == nil {
		kept.Letter = raw
	} else {
		digest, _, err := a.cfg.Shelf.Put(ctx, bytes.NewReader(raw), a.inbox.cfg.MaxBytes)
		if err != nil {
			a.log.ErrorContext(ctx, "email: a letter was not kept", "err", err)
			return errLater()
		}
		kept.Digest = digest
	}
	in := a.inbound(at, mark)
	// A struct of strings and bytes always marshals.
	in.Raw, _ = json.Marshal(kept)
	in.Body = chat.Unknown{Type: "letter"}
	return a.hand(ctx, in)
}

// Replay reads a letter once more that could not be read.
func (a *Adapter) Replay(ctx context.Context, raw []byte) error {
	var kept unread
	if err := json.Unmarshal(raw, &kept); err != nil || kept.Thread == "" {
		return errors.New("what was kept is no letter")
	}
	if a.inbox == nil {
		return errors.New("replies to letters are not taken here")
	}
	letter := kept.Letter
	if kept.Digest != "" {
		if a.cfg.Shelf == nil {
			return ErrNotKept
		}
		content, err := a.cfg.Shelf.Open(ctx, kept.Digest)
		if err != nil {
			return fmt.Errorf("open a kept letter: %w", err)
		}
		defer content.Close()
		if letter, err = io.ReadAll(io.LimitReader(content, a.inbox.cfg.MaxBytes)); err != nil {
			return fmt.Errorf("read a kept letter: %w", err)
		}
	}
	l, err := reply.Read(letter, a.bounds())
	if err != nil {
		return err
	}
	return a.say(ctx, place{kept.Address, kept.Thread}, l, letter)
}

func (a *Adapter) bounds() reply.Options {
	return reply.Options{MaxFiles: maxAttachments, MaxFile: a.inbox.cfg.MaxBytes}
}
