package web

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"taskbridge/adapters/adaptertest"
	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
	"taskbridge/storage/files"
	sqlstore "taskbridge/storage/sql"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, func(t *testing.T, h chat.Handler, log *slog.Logger) adaptertest.Driver {
		return newConformance(t, h, log)
	})
}

// faulty is the store as it answers badly.
type faulty struct {
	storage.Talk

	mu    sync.Mutex
	next  *adaptertest.Fault
	calls int
}

// Say goes wrong once after fail when it is the bot's.
func (f *faulty) Say(ctx context.Context, desk string, m storage.TalkMessage, tell func(storage.TalkMessage) storage.Tale) (storage.TalkMessage, bool, error) {
	if m.Author != selfID || m.To != "" {
		return f.Talk.Say(ctx, desk, m, tell)
	}
	f.mu.Lock()
	f.calls++
	fault := f.next
	f.next = nil
	f.mu.Unlock()
	if fault == nil {
		return f.Talk.Say(ctx, desk, m, tell)
	}
	switch fault.Kind {
	case adaptertest.RateLimited:
		return m, false, &chat.SendError{Reason: chat.RateLimited, Retry: true, RetryAfter: fault.RetryAfter}
	case adaptertest.Unauthorised:
		return m, false, &chat.SendError{Reason: chat.Unauthorised}
	case adaptertest.ChannelGone:
		return m, false, fmt.Errorf("say: %w", storage.ErrClosed)
	case adaptertest.LostAnswer:
		if _, _, err := f.Talk.Say(ctx, desk, m, tell); err != nil {
			return m, false, err
		}
	}
	return m, false, fmt.Errorf("the connection broke")
}

// conformance drives the adapter as a browser does.
type conformance struct {
	t       *testing.T
	faults  *faulty
	blobs   storage.Blobs
	handler chat.Handler
	log     *slog.Logger
	a       *Adapter
	channel string
	cookie  string
	known   adaptertest.Known
	// root is a message of the bot's beside the channel, hidden one in the channel
	// other that the person is not in.
	root, hidden, other string

	mu     sync.Mutex
	serial int
	form   url.Values
	toasts []adaptertest.Shown
}

var _ adaptertest.Driver = (*conformance)(nil)

func newConformance(t *testing.T, h chat.Handler, log *slog.Logger) *conformance {
	t.Helper()
	folder := t.TempDir()
	store, err := sqlstore.Open(t.Context(), tables.Database(t), sqlstore.Options{Volatile: true})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	blobs, err := files.Open("file:" + filepath.Join(folder, "files"))
	must(t, err)
	c := &conformance{t: t, faults: &faulty{Talk: store}, blobs: blobs, handler: h, log: log}
	c.a = c.adapter()
	must(t, c.a.Start(t.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-done)
	})
	ann, err := c.a.AddPerson(t.Context(), storage.Talker{Name: "Ann Lee", Email: "ann@example.org", Kind: string(chat.Member)})
	must(t, err)
	carl, err := c.a.AddPerson(t.Context(), storage.Talker{Name: "Carl", Email: "carl@example.org", Kind: string(chat.Member)})
	must(t, err)
	c.known = adaptertest.Known{Person: ann.ID, Colleague: carl.ID, Address: carl.Email, Nobody: newID()}
	room, err := c.a.CreateChannel(t.Context(), chat.ChannelSpec{Name: "ext-berlin-acme"})
	must(t, err)
	c.channel = room.ID
	_, err = store.Seat(t.Context(), "main", room.ID, []string{ann.ID}, nil)
	must(t, err)
	c.cookie = signIn(t, c.a, ann.ID)
	c.root = c.aside("aside", ann.ID)
	c.hidden = c.aside("operations")
	return c
}

// aside makes a channel with a card in it, past the handler.
func (c *conformance) aside(name string, people ...string) string {
	ctx := c.t.Context()
	room := storage.Room{ID: newID(), Name: name, Title: name}
	must(c.t, c.faults.OpenRoom(ctx, "main", room))
	_, err := c.faults.Seat(ctx, "main", room.ID, people, nil)
	must(c.t, err)
	m := storage.TalkMessage{ID: newID(), Room: room.ID, Author: selfID}
	must(c.t, fill(&m, chat.Message{Text: chat.T("x"), Buttons: []chat.Button{{ID: "yes", Label: "Yes", Token: "t"}}}))
	_, _, err = c.faults.Talk.Say(ctx, "main", m, nil)
	must(c.t, err)
	c.other = room.ID
	return m.ID
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// signIn follows a link as a browser does and gives the session's cookie.
func signIn(t *testing.T, a *Adapter, person string) string {
	t.Helper()
	link, err := a.IssueLink(t.Context(), person)
	must(t, err)
	w := httptest.NewRecorder()
	a.Routes().ServeHTTP(w, httptest.NewRequest(http.MethodPost, link, nil))
	for _, c := range w.Result().Cookies() {
		if c.Name == cookieName {
			return c.Value
		}
	}
	t.Fatalf("no session: %d %s", w.Code, w.Body)
	return ""
}

func (c *conformance) adapter() *Adapter {
	a, err := New(Config{
		Talk: c.faults, Blobs: c.blobs, MaxFile: 2 << 20, PublicURL: "http://tasks.example.org", Handler: c.handler, Logger: c.log,
		SweepEvery: 20 * time.Millisecond, PollEvery: 20 * time.Millisecond,
	})
	if err != nil {
		c.t.Error(err)
	}
	return a
}

func (c *conformance) Platform() chat.Platform      { return c.a }
func (c *conformance) Channel() string              { return c.channel }
func (c *conformance) Known() adaptertest.Known     { return c.known }
func (c *conformance) Secrets() []string            { return []string{c.cookie} }
func (c *conformance) Replica() adaptertest.Service { return c.adapter() }

func (c *conformance) Fail(f adaptertest.Fault) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.next = &f
}

func (c *conformance) Calls() int {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	return c.faults.calls
}

// mark makes the mark of a new act.
func (c *conformance) mark() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	return fmt.Sprintf("act-%06d", c.serial)
}

// post makes a request of the page's. It is the same to the byte when it is made again.
func (c *conformance) post(path, contentType string, body []byte) adaptertest.Delivery {
	r := httptest.NewRequest(http.MethodPost, "http://tasks.example.org"+Prefix+path, bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Hx-Request", "true")
	r.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	w := httptest.NewRecorder()
	c.a.Routes().ServeHTTP(w, r)
	d := adaptertest.Delivery{
		Acknowledged: w.Code < 300,
		Again:        func() adaptertest.Delivery { return c.post(path, contentType, body) },
	}
	if !d.Acknowledged {
		c.toast(w.Body.String())
		return d
	}
	doc := parse(c.t, w.Body.String())
	each(doc, func(n *html.Node) {
		switch {
		case hasClass(n, "toast"):
			c.toast(textIn(n))
		case hasClass(n, "error") && textIn(n) != "":
			if d.FieldErrors == nil {
				d.FieldErrors = map[string]string{}
			}
			d.FieldErrors[strings.TrimPrefix(strings.TrimPrefix(attr(n, "id"), "error"), "-")] = textIn(n)
		case n.Data == "form":
			form := url.Values{}
			each(n, func(n *html.Node) {
				if n.Data == "input" && attr(n, "type") == "hidden" {
					form.Set(attr(n, "name"), attr(n, "value"))
				}
			})
			c.mu.Lock()
			c.form = form
			c.mu.Unlock()
		}
	})
	return d
}

func (c *conformance) toast(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.toasts = append(c.toasts, adaptertest.Shown{Text: text})
}

func (c *conformance) send(path string, values url.Values) adaptertest.Delivery {
	values.Set("once", c.mark())
	return c.post(path, "application/x-www-form-urlencoded", []byte(values.Encode()))
}

func (c *conformance) newest() string {
	list, err := c.faults.Talk.ListTalk(c.t.Context(), "main", storage.TalkFilter{Room: c.channel, Thread: "", Limit: 1000})
	must(c.t, err)
	newest := storage.TalkMessage{}
	for _, root := range list {
		thread, err := c.faults.Talk.ListTalk(c.t.Context(), "main", storage.TalkFilter{Room: c.channel, Thread: root.ID, Limit: 1000})
		must(c.t, err)
		for _, m := range thread {
			if m.Seq > newest.Seq {
				newest = m
			}
		}
	}
	return newest.ID
}

func (c *conformance) Reply(root, text string) adaptertest.Delivery {
	d := c.send("/c/"+c.channel+"/say", url.Values{"text": {text}, "thread": {root}})
	d.Message = c.newest()
	return d
}

func (c *conformance) Attach(root, text string, list ...adaptertest.Attachment) adaptertest.Delivery {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range map[string]string{"text": text, "thread": root, "once": c.mark()} {
		must(c.t, w.WriteField(name, value))
	}
	for _, f := range list {
		p, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="files"; filename=%q`, f.Name)}, "Content-Type": {f.Type},
		})
		must(c.t, err)
		_, err = p.Write(f.Content)
		must(c.t, err)
	}
	must(c.t, w.Close())
	d := c.post("/c/"+c.channel+"/say", w.FormDataContentType(), b.Bytes())
	d.Message = c.newest()
	return d
}

func (c *conformance) Edit(message, text string) adaptertest.Delivery {
	d := c.send("/m/"+message+"/edit", url.Values{"text": {text}})
	d.Message = message
	return d
}

func (c *conformance) Remove(message string) adaptertest.Delivery {
	d := c.send("/m/"+message+"/delete", url.Values{})
	d.Message = message
	return d
}

func (c *conformance) Command(text string) adaptertest.Delivery {
	return c.send("/c/"+c.channel+"/say", url.Values{"text": {"/task " + text}})
}

func (c *conformance) Press(message, button string) adaptertest.Delivery {
	d := c.send("/m/"+message+"/press", url.Values{"button": {button}})
	d.Message = message
	return d
}

func (c *conformance) Submit(values map[string]string) adaptertest.Delivery {
	c.mu.Lock()
	form := maps.Clone(c.form)
	c.mu.Unlock()
	if form == nil {
		c.t.Fatal("no form was opened")
	}
	for name, value := range values {
		form.Set("f-"+name, value)
	}
	return c.send("/c/"+c.channel+"/form", form)
}

// Echo has nothing to do: what the bot did itself is told before its call returns.
func (c *conformance) Echo() {}

// Recovery: what is said is kept and handed over until it is taken; everything else
// is told to the person, who is looking.
func (c *conformance) Recovery(act adaptertest.Act) adaptertest.Recovery {
	if act == adaptertest.ActReply {
		return adaptertest.AdapterRepeats
	}
	return adaptertest.AdapterTells
}

func (c *conformance) Forgeries() []adaptertest.Forgery {
	root, hidden, other := c.root, c.hidden, c.other
	forge := func(name, path, cookie string, values url.Values, header map[string]string) adaptertest.Forgery {
		return adaptertest.Forgery{Name: name, Send: func() bool {
			r := httptest.NewRequest(http.MethodPost, "http://tasks.example.org"+Prefix+path, strings.NewReader(values.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range header {
				r.Header.Set(k, v)
			}
			if cookie != "" {
				r.AddCookie(&http.Cookie{Name: cookieName, Value: cookie})
			}
			w := httptest.NewRecorder()
			c.a.Routes().ServeHTTP(w, r)
			return w.Code < 400
		}}
	}
	here, words := "/c/"+c.channel+"/say", url.Values{"text": {"/task help"}}
	return []adaptertest.Forgery{
		forge("command of nobody", here, "", words, nil),
		forge("command with a guessed session", here, strings.Repeat("A", len(c.cookie)), words, nil),
		forge("command with a part of the session", here, c.cookie[1:], words, nil),
		forge("command with the digest of the session", here, digest(c.cookie), words, nil),
		forge("command from another site", here, c.cookie, words, map[string]string{"Sec-Fetch-Site": "cross-site"}),
		forge("command from another origin", here, c.cookie, words, map[string]string{"Origin": "https://evil.example"}),
		forge("message in a channel of others", "/c/"+other+"/say", c.cookie, url.Values{"text": {"hello"}}, nil),
		forge("command in a channel of others", "/c/"+other+"/say", c.cookie, words, nil),
		forge("click on what others read", "/m/"+hidden+"/press", c.cookie, url.Values{"button": {"yes"}}, nil),
		forge("click on a button that is not there", "/m/"+root+"/press", c.cookie, url.Values{"button": {"no"}}, nil),
		forge("change of what somebody else said", "/m/"+root+"/edit", c.cookie, url.Values{"text": {"mine"}}, nil),
		forge("removal of what somebody else said", "/m/"+root+"/delete", c.cookie, nil, nil),
		forge("form without a token", "/c/"+c.channel+"/form", c.cookie, url.Values{"fields": {"reason"}, "f-reason": {"x"}}, nil),
		forge("reply to what others read", here, c.cookie, url.Values{"text": {"hello"}, "thread": {hidden}}, nil),
	}
}

// Messages are what the pages of the channel show to the bot's side of the world: each
// message as the template draws it.
func (c *conformance) Messages(channel string) []adaptertest.Shown {
	ctx := context.WithoutCancel(c.t.Context())
	roots, err := c.faults.Talk.ListTalk(ctx, "main", storage.TalkFilter{Room: channel, Limit: 1000})
	if err != nil {
		c.t.Error(err)
	}
	var all []storage.TalkMessage
	for _, root := range roots {
		thread, err := c.faults.Talk.ListTalk(ctx, "main", storage.TalkFilter{Room: channel, Thread: root.ID, Limit: 10_000})
		if err != nil {
			c.t.Error(err)
		}
		all = append(all, thread...)
	}
	slices.SortFunc(all, func(a, b storage.TalkMessage) int { return int(a.Seq - b.Seq) })
	return c.shown(all)
}

func (c *conformance) Whispers(person string) []adaptertest.Shown {
	var all []storage.TalkMessage
	for _, room := range []string{"", c.channel} {
		list, err := c.faults.Talk.ListTalk(context.WithoutCancel(c.t.Context()), "main", storage.TalkFilter{Room: room, Reader: person, Limit: 1000})
		if err != nil {
			c.t.Error(err)
		}
		for _, m := range list {
			if m.To == person {
				all = append(all, m)
			}
		}
	}
	out := c.shown(all)
	if person == c.known.Person {
		c.mu.Lock()
		defer c.mu.Unlock()
		out = append(out, c.toasts...)
	}
	return out
}

var spaces = regexp.MustCompile(`[ \t]*\n\s*\n\s*`)

// shown draws messages and reads what the browser would show.
func (c *conformance) shown(list []storage.TalkMessage) []adaptertest.Shown {
	ctx := context.WithoutCancel(c.t.Context())
	views, err := c.a.views(ctx, &visit{Talker: storage.Talker{ID: c.known.Person}, base: Prefix}, list)
	if err != nil {
		c.t.Error(err)
	}
	var out []adaptertest.Shown
	for n, m := range list {
		views[n].InThread = true
		text, err := c.a.draw(words.Words{}, "message", views[n])
		if err != nil {
			c.t.Error(err)
		}
		s := adaptertest.Shown{ID: m.ID, Thread: m.Thread}
		doc := parse(c.t, text)
		s.Text = strings.TrimSpace(spaces.ReplaceAllString(strings.ReplaceAll(textIn(doc), "<", "&lt;"), "\n"))
		each(doc, func(n *html.Node) {
			switch who := attr(n, "data-calls"); who {
			case "":
			case "*":
				s.Notifies = append(s.Notifies, "everyone")
			default:
				if _, err := c.a.Person(ctx, who); err == nil {
					s.Notifies = append(s.Notifies, who)
				}
			}
		})
		for _, id := range m.Files {
			s.Files = append(s.Files, c.download(id))
		}
		out = append(out, s)
	}
	return out
}

// download fetches a file as the browser does.
func (c *conformance) download(id string) adaptertest.Attachment {
	r := httptest.NewRequest(http.MethodGet, "http://tasks.example.org"+Prefix+"/f/"+id, nil)
	r.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	w := httptest.NewRecorder()
	c.a.Routes().ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		c.t.Errorf("file %s: %d, %v", id, w.Code, w.Header())
	}
	f, err := c.faults.Talk.TalkFile(c.t.Context(), "main", id)
	must(c.t, err)
	return adaptertest.Attachment{Name: f.Name, Type: f.Type, Content: w.Body.Bytes()}
}

func parse(t *testing.T, text string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	must(t, err)
	return doc
}

func each(n *html.Node, do func(*html.Node)) {
	if n.Type == html.ElementNode {
		do(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, do)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}

// words are what is read of a node.
func textIn(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textIn(c))
	}
	return b.String()
}
