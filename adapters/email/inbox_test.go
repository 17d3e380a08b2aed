package email_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"

	"taskbridge/adapters/email"
	"taskbridge/adapters/email/mailtest"
	"taskbridge/bot/chat"
)

// names is a resolver that knows what a test says. What begins with "later" cannot be
// found out now.
type names map[string][]string

func (n names) LookupTXT(_ context.Context, name string) ([]string, error) {
	name = strings.TrimSuffix(name, ".")
	if v, ok := n[name]; ok {
		if len(v) == 1 && v[0] == "later" {
			return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
		}
		return v, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n names) none(name string) error {
	return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n names) LookupMX(_ context.Context, name string) ([]*net.MX, error) { return nil, n.none(name) }

func (n names) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	return nil, n.none(host)
}

func (n names) LookupAddr(_ context.Context, a string) ([]string, error) { return nil, n.none(a) }

// openInbox makes an adapter that takes replies, and gives the letter of an offer, to
// which a firm may reply.
func openInbox(t *testing.T, set func(*email.InboxConfig)) (*bench, mailtest.Mail) {
	t.Helper()
	c := email.InboxConfig{Listen: "smtp://127.0.0.1:0", MaxBytes: 1 << 20, Resolver: names{}}
	if set != nil {
		set(&c)
	}
	b := open(t, mailtest.Options{}, func(e *email.Config) { e.Inbox = &c })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the inbox ended with %v", err)
		}
	})
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(mailtest.Patience); b.InboxAddress() == ""; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the inbox does not open")
		}
	}
	id, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: offer(), DeliveryID: "main-1"})
	if err != nil {
		t.Fatal(err)
	}
	b.desk.put(id, offer())
	return b, b.mails.Mails()[0]
}

// written is a letter that answers another.
func written(to mailtest.Mail, from, id, head, words string) string {
	return strings.ReplaceAll("From: "+from+"\nTo: <"+to.ReplyTo+">\nSubject: Re: "+to.Subject+"\nMessage-ID: <"+id+">\nIn-Reply-To: <"+to.MessageID+
		">\nMIME-Version: 1.0\n"+head+"\n"+words+"\n", "\n", "\r\n")
}

// hand hands a letter over by SMTP, as the sender's server does.
func hand(t *testing.T, address, from, to, letter string) error {
	t.Helper()
	network := "tcp"
	if strings.Contains(address, "/") {
		network = "unix"
	}
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClient(conn)
	if network == "unix" {
		c = smtp.NewClientLMTP(conn)
	}
	defer c.Close()
	if err := c.Mail(from, nil); err != nil {
		return err
	}
	if err := c.Rcpt(to, nil); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, letter); err != nil {
		return err
	}
	if network == "unix" {
		answers, err := w.CloseWithLMTPResponse()
		if err == nil && len(answers) == 0 {
			t.Error("nobody was answered for")
		}
		return err
	}
	return w.Close()
}

func code(err error) string {
	if err == nil {
		return ""
	}
	if se, ok := errors.AsType[*smtp.SMTPError](err); ok {
		e := se.EnhancedCode
		return fmt.Sprintf("%d %d.%d.%d", se.Code, e[0], e[1], e[2])
	}
	return err.Error()
}

func replies(b *bench) (out []chat.Inbound) {
	for _, in := range b.desk.everything() {
		if _, ok := in.Body.(chat.Said); ok {
			out = append(out, in)
		}
	}
	return out
}

// TestReply: what a firm's person answers to a letter is a message in its thread.
func TestReply(t *testing.T) {
	t.Parallel()
	b, l := openInbox(t, nil)
	if !strings.HasSuffix(l.ReplyTo, "@desk.example") || !strings.HasPrefix(l.ReplyTo, "reply+") || strings.Contains(l.ReplyTo, "acme") {
		t.Fatalf("the reply address is %s", l.ReplyTo)
	}
	if local, _, _ := strings.Cut(l.ReplyTo, "@"); len(local) > 64 {
		t.Errorf("its local part has %d characters", len(local))
	}
	if !strings.HasPrefix(l.Text, "##- ") || strings.Contains(l.Text, "not read") {
		t.Errorf("the letter is\n%s", l.Text)
	}
	quoted := "> " + strings.ReplaceAll(strings.TrimSpace(l.Text), "\n", "\n> ")
	for n, from := range []string{"Cora Lee <jobs@acme.example>", "JOBS@ACME.example"} {
		words := fmt.Sprintf("We come at nine (%d).\n\nOn Saturday The Desk wrote:\n%s", n, quoted)
		if err := hand(t, b.InboxAddress(), "bounces@acme.example", strings.ToUpper(l.ReplyTo[:6])+l.ReplyTo[6:], written(l, from, fmt.Sprintf("m%d@acme.example", n), "", words)); err != nil {
			t.Fatal(err)
		}
	}
	got := replies(b)
	if len(got) != 2 {
		t.Fatalf("%d messages came", len(got))
	}
	said, _ := got[0].Body.(chat.Said)
	if said.Text != "We come at nine (0)." || said.Thread+"@desk.example" != l.MessageID || got[0].Channel != firm || got[0].Workspace != "email:main" {
		t.Errorf("%+v in %+v", said, got[0])
	}
	if from := got[0].From; from.ID != firm || from.Name != "Cora Lee" || from.Kind != chat.External {
		t.Errorf("it is from %+v", from)
	}
}

// TestOneLetterIsOneMessage: a letter that is handed over again, as after a lost answer
// or a failure of ours, is the same message.
func TestOneLetterIsOneMessage(t *testing.T) {
	t.Parallel()
	b, l := openInbox(t, nil)
	for _, id := range []string{"m1@acme.example", ""} {
		letter := written(l, firm, id, "", "Twice: "+id)
		if id == "" {
			letter = strings.Replace(letter, "Message-ID: <>\r\n", "", 1)
		}
		b.desk.answer = func(chat.Inbound) (chat.Answer, error) { return chat.Answer{}, errors.New("db.internal is down") }
		err := hand(t, b.InboxAddress(), firm, l.ReplyTo, letter)
		if code(err) != "451 4.3.0" || strings.Contains(err.Error(), "db.internal") {
			t.Errorf("while the desk is down: %v", err)
		}
		b.desk.answer = nil
		if err := hand(t, b.InboxAddress(), firm, l.ReplyTo, letter); err != nil {
			t.Error(err)
		}
	}
	got := replies(b)
	if len(got) != 4 || got[0].Key != got[1].Key || got[2].Key != got[3].Key || got[0].Key == got[2].Key {
		t.Fatalf("%+v", got)
	}
	first, _ := got[0].Body.(chat.Said)
	again, _ := got[1].Body.(chat.Said)
	other, _ := got[2].Body.(chat.Said)
	if first.Message != again.Message || first.Message == other.Message {
		t.Errorf("%s, %s, %s", first.Message, again.Message, other.Message)
	}
}

// TestRefusedLetters: what is not from the person whom we wrote to is refused, with
// words for whoever wrote it, and leaves no trace at the desk.
func TestRefusedLetters(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		from, to, head, words, envelope string
		want, told                      string
		gone, closed                    bool
	}{
		"forwarded to somebody else": {from: "eve@elsewhere.example", want: "550 5.7.1", told: "Reply from the address"},
		"two senders":                {from: "jobs@acme.example, eve@elsewhere.example", want: "550 5.7.1"},
		"two From lines":             {head: "From: <eve@elsewhere.example>\n", want: "550 5.7.1", told: "more than one From line"},
		"two From lines of one":      {head: "from : <" + firm + ">\n", want: "550 5.7.1", told: "more than one From line"},
		"two ids":                    {head: "Message-Id: <other@acme.example>\n", want: "550 5.7.1", told: "more than one Message-ID line"},
		"a job that is closed":       {closed: true, want: "550 5.7.1", told: "no longer open to you"},
		"no sender":                  {from: " ", want: "550 5.7.1", told: "does not say who"},
		"a made-up mailbox":          {to: "reply+aaaa.bbbb.cccc@desk.example", want: "550 5.1.1", told: "reply to its newest letter"},
		"our own address":            {to: "tasks@desk.example", want: "550 5.1.1"},
		"another domain":             {to: "reply+x@other.example", want: "550 5.1.2"},
		"nothing at all":             {words: " ", want: "554 5.6.0", told: "Write your answer at the top"},
		"a job that is gone":         {gone: true, want: "550 5.7.1", told: "no longer open to you"},
		"too large":                  {words: strings.Repeat("words and words\n", 1<<17), want: "552 5.3.4", told: "1 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, l := openInbox(t, nil)
			if tt.gone {
				b.desk.put(strings.TrimSuffix(l.MessageID, "@desk.example"), chat.Message{})
				b.desk.mu.Lock()
				clear(b.desk.cards)
				b.desk.mu.Unlock()
			}
			if tt.closed {
				b.desk.put(strings.TrimSuffix(l.MessageID, "@desk.example"), chat.Message{Title: "#12", Tone: chat.Closed})
			}
			pick := func(s, otherwise string) string {
				if s == "" {
					return otherwise
				}
				return s
			}
			err := hand(t, b.InboxAddress(), pick(tt.envelope, firm), pick(tt.to, l.ReplyTo), written(l, pick(tt.from, firm), "m@acme.example", tt.head, pick(tt.words, "Hello")))
			if code(err) != tt.want {
				t.Fatalf("answered %v, want %s", err, tt.want)
			}
			if !strings.Contains(err.Error(), tt.told) {
				t.Errorf("told %v", err)
			}
			if n := len(b.desk.everything()); n != 0 {
				t.Errorf("the desk got %d", n)
			}
			if log := b.log.String(); strings.Contains(log, l.ReplyTo) || strings.Contains(log, "words and words") {
				t.Errorf("the log says %.500s", log)
			}
		})
	}
}

// TestLoops: what a program sent is taken from the server that brings it and shown to
// nobody, and nobody is answered.
func TestLoops(t *testing.T) {
	t.Parallel()
	b, l := openInbox(t, nil)
	sent := len(b.mails.Mails())
	for name, tt := range map[string]struct{ envelope, from, id, head string }{
		"an answer by a program": {firm, firm, "a@acme.example", "Auto-Submitted: auto-replied\n"},
		"Outlook's way":          {firm, firm, "b@acme.example", "Precedence: bulk\n"},
		"a mailing list":         {firm, firm, "c@acme.example", "List-Id: <all.acme.example>\n"},
		"no return address":      {"", firm, "d@acme.example", ""},
		"our own letter":         {firm, firm, l.MessageID, ""},
		"from ourselves":         {firm, "tasks@desk.example", "e@acme.example", ""},
		"a report":               {firm, firm, "f@acme.example", "Content-Type: multipart/report; boundary=x\n"},
	} {
		if err := hand(t, b.InboxAddress(), tt.envelope, l.ReplyTo, written(l, tt.from, tt.id, tt.head, "I am away.")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := b.desk.everything(); len(got) > 0 {
		t.Errorf("the desk got %+v", got)
	}
	if n := len(b.mails.Mails()); n != sent {
		t.Errorf("%d letters went out", n-sent)
	}
}

// TestProof: who wrote is proven as far as is asked.
func TestProof(t *testing.T) {
	t.Parallel()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	sign := func(domain string) func(string) string {
		return func(letter string) string {
			var out bytes.Buffer
			err := dkim.Sign(&out, strings.NewReader(letter), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: key, HeaderKeys: []string{"From", "To", "Subject", "Message-Id"}})
			if err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
	}
	broken := func(letter string) string {
		return strings.Replace(sign("acme.example")(letter), "We come at nine", "We come at ten", 1)
	}
	plain := func(letter string) string { return letter }
	withKey := func(more names) names {
		n := names{"s._domainkey.acme.example": {record}, "s._domainkey.mail.acme.example": {record}, "s._domainkey.eve.example": {record}}
		maps.Copy(n, more)
		return n
	}
	rejects := names{"_dmarc.acme.example": {"v=DMARC1; p=reject"}}
	for name, tt := range map[string]struct {
		proof  email.Proof
		letter func(string) string
		dns    names
		want   string
	}{
		"signed":                            {email.ProofAlways, sign("acme.example"), withKey(nil), ""},
		"signed by a part of the domain":    {email.ProofAlways, sign("mail.acme.example"), withKey(nil), ""},
		"signed by somebody else":           {email.ProofAlways, sign("eve.example"), withKey(nil), "550 5.7.26"},
		"somebody else, and a strict owner": {email.ProofByPolicy, sign("eve.example"), withKey(rejects), "550 5.7.26"},
		"changed after it was signed":       {email.ProofByPolicy, broken, withKey(nil), "550 5.7.26"},
		"not signed":                        {email.ProofByPolicy, plain, withKey(nil), ""},
		"not signed, where all are":         {email.ProofByPolicy, plain, withKey(rejects), "550 5.7.26"},
		"signed, where all are":             {email.ProofByPolicy, sign("acme.example"), withKey(rejects), ""},
		"a policy that asks for nothing":    {email.ProofByPolicy, plain, names{"_dmarc.acme.example": {"v=DMARC1; p=none"}}, ""},
		"not signed, where it is asked":     {email.ProofAlways, plain, withKey(nil), "550 5.7.26"},
		"the key cannot be had now":         {email.ProofByPolicy, sign("acme.example"), names{"s._domainkey.acme.example": {"later"}}, "451 4.7.5"},
		"the policy cannot be had now":      {email.ProofByPolicy, plain, names{"_dmarc.acme.example": {"later"}}, "451 4.7.5"},
		"a server of the domain":            {email.ProofAlways, plain, names{"acme.example": {"v=spf1 ip4:127.0.0.1 -all"}}, ""},
		"a server that is none of it":       {email.ProofAlways, plain, names{"acme.example": {"v=spf1 ip4:192.0.2.1 -all"}}, "550 5.7.26"},
		"looked at before us":               {email.ProofNever, broken, withKey(rejects), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, l := openInbox(t, func(c *email.InboxConfig) { c.Proof, c.Resolver = tt.proof, tt.dns })
			err := hand(t, b.InboxAddress(), firm, l.ReplyTo, tt.letter(written(l, firm, "m@acme.example", "", "We come at nine")))
			if code(err) != tt.want {
				t.Fatalf("answered %v, want %q", err, tt.want)
			}
			if n := len(b.desk.everything()); (n == 1) != (tt.want == "") {
				t.Errorf("the desk got %d", n)
			}
		})
	}
}

// TestFilesOfLetters: files are kept, what is too much is named, and a text that is too
// long hangs on its beginning.
func TestFilesOfLetters(t *testing.T) {
	t.Parallel()
	b, l := openInbox(t, nil)
	var parts strings.Builder
	for n := range 12 {
		fmt.Fprintf(&parts, "--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=\"../p%d.png\"\n\npicture %d\n", n, n)
	}
	letter := written(l, firm, "m@acme.example", "Content-Type: multipart/mixed; boundary=b\n", "--b\nContent-Type: text/plain\n\nSee the pictures.\n"+parts.String()+"--b--")
	if err := hand(t, b.InboxAddress(), firm, l.ReplyTo, letter); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("many words ", 2000)
	if err := hand(t, b.InboxAddress(), firm, l.ReplyTo, written(l, firm, "m2@acme.example", "Content-Type: text/plain; format=flowed\n", strings.ReplaceAll(long, "words many", "words \nmany"))); err != nil {
		t.Fatal(err)
	}
	got := replies(b)
	if len(got) != 2 {
		t.Fatalf("%d messages", len(got))
	}
	said, _ := got[0].Body.(chat.Said)
	if !strings.HasPrefix(said.Text, "See the pictures.") || !strings.Contains(said.Text, "p10.png, ") || len(said.Files) != 10 || strings.ContainsAny(said.Files[0].Name, "/") {
		t.Errorf("%q with %+v", said.Text, said.Files)
	}
	if c := content(t, b, said.Files[3]); c != "picture 3" {
		t.Errorf("the file holds %q", c)
	}
	said, _ = got[1].Body.(chat.Said)
	if len([]rune(said.Text)) > 10_000 || len(said.Files) != 1 || content(t, b, said.Files[0]) != strings.TrimSpace(long) {
		t.Errorf("%d characters and %+v", len(said.Text), said.Files)
	}
}

func content(t *testing.T, b *bench, f chat.File) string {
	t.Helper()
	r, _, err := b.Fetch(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestUnreadableLetter: a genuine letter that cannot be read is kept, and says what it
// says as soon as it can be read.
func TestUnreadableLetter(t *testing.T) {
	t.Parallel()
	b, l := openInbox(t, nil)
	head := ""
	for n := range 20 {
		head += fmt.Sprintf("--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", n, n+1)
	}
	words := head + "--b20\nContent-Type: text/plain\n\nDeep down.\n"
	if err := hand(t, b.InboxAddress(), firm, l.ReplyTo, written(l, firm, "m@acme.example", "Content-Type: multipart/mixed; boundary=b0\n", words)); err != nil {
		t.Fatal(err)
	}
	got := b.desk.everything()
	if len(got) != 1 || got[0].Body != (chat.Unknown{Type: "letter"}) || len(got[0].Raw) == 0 || len(got[0].Raw) > 500 {
		t.Fatalf("kept %+v", got)
	}
	if err := b.Replay(t.Context(), got[0].Raw); err == nil || len(b.desk.everything()) != 1 {
		t.Errorf("it is no easier to read by now: %v", err)
	}
	// What a later version can read.
	readable := written(l, firm, "m@acme.example", "", "At the top.")
	digest, _, err := b.shelf.Put(t.Context(), strings.NewReader(readable), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	thread := strings.TrimSuffix(l.MessageID, "@desk.example")
	if err := b.Replay(t.Context(), fmt.Appendf(nil, `{"Address":%q,"Thread":%q,"Digest":%q}`, firm, thread, digest)); err != nil {
		t.Fatal(err)
	}
	if said, ok := replies(b)[0].Body.(chat.Said); !ok || said.Text != "At the top." || said.Thread != thread {
		t.Errorf("replayed %+v", said)
	}
}

// TestWaysIn: letters come by LMTP over a socket, and by SMTP from whom it is allowed.
func TestWaysIn(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "lmtp.sock")
	b, l := openInbox(t, func(c *email.InboxConfig) { c.Listen, c.Domain = "lmtp://"+socket, "replies.desk.example" })
	if !strings.HasSuffix(l.ReplyTo, "@replies.desk.example") {
		t.Errorf("the reply address is %s", l.ReplyTo)
	}
	if err := hand(t, socket, firm, l.ReplyTo, written(l, firm, "m@acme.example", "", "By LMTP")); err != nil {
		t.Error(err)
	}
	if err := hand(t, socket, firm, l.ReplyTo, written(l, "eve@acme.example", "m2@acme.example", "", "By Eve")); code(err) != "550 5.7.1" {
		t.Errorf("another person: %v", err)
	}
	if n := len(replies(b)); n != 1 {
		t.Errorf("%d messages", n)
	}
	b, l = openInbox(t, func(c *email.InboxConfig) { c.Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	if err := hand(t, b.InboxAddress(), firm, l.ReplyTo, written(l, firm, "m@acme.example", "", "From anywhere")); err == nil || !strings.Contains(err.Error(), "its own mail server only") {
		t.Errorf("from where it is not allowed: %v", err)
	}
	for _, bad := range []string{"", "25", "http://x:1", "smtp://host", "lmtp://", "smtp://user@host:25", "smtp:///socket", "lmtp://h:1?x=1"} {
		if email.ParseListen(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// idle opens connections that get as far as the greeting, or into a letter.
func idle(t *testing.T, address string, n int, begin func(*smtp.Client) error) (all []*smtp.Client) {
	t.Helper()
	for range n {
		c := smtp.NewClient
		network := "tcp"
		if strings.Contains(address, "/") {
			network, c = "unix", smtp.NewClientLMTP
		}
		conn, err := net.Dial(network, address)
		if err != nil {
			t.Fatal(err)
		}
		client := c(conn)
		t.Cleanup(func() { client.Close() })
		if err := begin(client); err != nil {
			t.Fatal(err)
		}
		all = append(all, client)
	}
	return all
}

func greeted(c *smtp.Client) error { return c.Hello("idle.example") }

// TestIdleConnections: connections are in nobody's way, letters have so many places.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "lmtp.sock")
	_, l := openInbox(t, func(c *email.InboxConfig) { c.Listen = "lmtp://" + socket })
	idle(t, socket, 40, greeted)
	letter := written(l, firm, "m@acme.example", "", "I come through")
	if err := hand(t, socket, firm, l.ReplyTo, letter); err != nil {
		t.Fatal(err)
	}
	write := func(c *smtp.Client) error {
		if err := c.Mail(firm, nil); err != nil {
			return err
		}
		if err := c.Rcpt(l.ReplyTo, nil); err != nil {
			return err
		}
		_, err := c.Data()
		return err
	}
	// A place is taken just after a server hears that it may go ahead, and left just
	// after its connection ends: some may find none, and another letter comes.
	deadline := time.Now().Add(mailtest.Patience)
	writing := idle(t, socket, 16, write)
	until := func(want string, more int) {
		t.Helper()
		for got := "?"; got != want; got = code(hand(t, socket, firm, l.ReplyTo, letter)) {
			if time.Now().After(deadline) {
				t.Fatalf("answered %q, want %q", got, want)
			}
			writing = append(writing, idle(t, socket, more, write)...)
		}
	}
	until("451 4.3.2", 1)
	for _, c := range writing {
		c.Close()
	}
	until("", 0)
}

// TestConnectionsOfOnePeer: nobody has all connections.
func TestConnectionsOfOnePeer(t *testing.T) {
	t.Parallel()
	b, l := openInbox(t, nil)
	open := idle(t, b.InboxAddress(), 16, greeted)
	conn, err := net.Dial("tcp", b.InboxAddress())
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := greeted(c); err == nil {
		t.Fatal("one more was let in")
	}
	open[0].Close()
	for deadline := time.Now().Add(mailtest.Patience); ; {
		err := hand(t, b.InboxAddress(), firm, l.ReplyTo, written(l, firm, "m@acme.example", "", "Hello"))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("when one has gone: %v", err)
		}
	}
}

// TestOneAddressByOneLetter: by SMTP, each address of a letter has an answer of its own.
func TestOneAddressByOneLetter(t *testing.T) {
	t.Parallel()
	b, l := openInbox(t, nil)
	c := idle(t, b.InboxAddress(), 1, greeted)[0]
	if err := c.Mail(firm, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt(l.ReplyTo, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt(l.ReplyTo, nil); code(err) != "452 4.5.3" {
		t.Errorf("a second address: %v", err)
	}
}
