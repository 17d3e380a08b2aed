package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/storage/files"
	sqlstore "taskbridge/storage/sql"
)

const workspace = "fake:W1"

// fakePlatform is a chat system in memory. It keeps the rules the engine relies
// on: one name per channel, messages only in channels that exist.
type fakePlatform struct {
	mu       sync.Mutex
	id       string
	changed  chan struct{}
	people   map[string]chat.Person
	channels map[string]*fakeChannel
	files    map[string]*fakeFile
	slow     chan struct{}
	next     int
	whispers []string
	// homes are the pages last shown to people, published counts them.
	homes     map[string][]chat.Message
	pins      map[string][]string
	published int
	// links is set where messages have addresses.
	links bool
	// fileBytes is the greatest file where it is more than usual.
	fileBytes int64
	// fail, when set, is asked before each call.
	fail func(method string) error
	// lose, when set, is asked after a call took effect and may lose its answer.
	lose func(method string) error
	// calls counts the calls by method.
	calls map[string]int
	// failPost, when set, is asked before each post; afterPost is asked after it,
	// without the lock, so that it can hold the answer back or lose it.
	failPost func(chat.Post) error
	// beforePost, when set, is called before a post has any effect, without the lock.
	beforePost func(chat.Post)
	afterPost  func(in chat.Post, id string) error
	// beforeUpdate, when set, is called before a message is changed, without the lock.
	beforeUpdate func(channel string)
}

type fakeChannel struct {
	chat.ChannelInfo
	members []string
	posts   []*fakePost
	// purpose is set for a channel that we made.
	purpose string
}

type fakePost struct {
	ID, Thread, Delivery string
	Message              chat.Message
	Files                []string
	Updates              int
}

func newFakePlatform(id string) *fakePlatform {
	p := &fakePlatform{id: id, changed: make(chan struct{}), people: map[string]chat.Person{}, channels: map[string]*fakeChannel{}, files: map[string]*fakeFile{}, calls: map[string]int{}}
	p.people["bot"] = chat.Person{ID: "bot", Name: "taskbridge", Kind: chat.Bot}
	return p
}

func (p *fakePlatform) call(method string) error {
	p.calls[method]++
	if p.fail != nil {
		return p.fail(method)
	}
	return nil
}

func (p *fakePlatform) touch() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *fakePlatform) addPerson(id string, kind chat.PersonKind, admin bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people[id] = chat.Person{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Kind: kind, Admin: admin}
}

func (p *fakePlatform) addChannel(id string, members ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.channels[id] = &fakeChannel{ChannelInfo: chat.ChannelInfo{ID: id, Name: id, URL: "https://chat.example/" + id}, members: append(members, "bot")}
}

func (p *fakePlatform) join(channel string, people ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.channels[channel].members = append(p.channels[channel].members, people...)
}

func (p *fakePlatform) Workspace() string { return p.id }
func (p *fakePlatform) Self() chat.Person { return chat.Person{ID: "bot", Name: "taskbridge"} }
func (p *fakePlatform) Limits() chat.Limits {
	return chat.Limits{MessageRunes: 4000, ChannelName: 40, FileBytes: max(1000, p.fileBytes), FilesPerMessage: 3}
}

// Permalink is where a message is opened, on a platform with links.
func (p *fakePlatform) Permalink(channel, messageID string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.links {
		return ""
	}
	return "https://chat.example/" + channel + "/" + messageID
}

// Measure counts the characters; there is no markup.
func (p *fakePlatform) Measure(t chat.Text) int { return utf8.RuneCountInString(t.String()) }

func (p *fakePlatform) Post(ctx context.Context, in chat.Post) (string, error) {
	p.mu.Lock()
	before := p.beforePost
	p.mu.Unlock()
	if before != nil {
		before(in)
	}
	id, after, err := p.post(ctx, in)
	if err == nil && after != nil {
		err = after(in, id)
	}
	return id, err
}

func (p *fakePlatform) post(_ context.Context, in chat.Post) (string, func(chat.Post, string) error, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("post"); err != nil {
		return "", nil, err
	}
	if p.failPost != nil {
		if err := p.failPost(in); err != nil {
			return "", nil, err
		}
	}
	ch, ok := p.channels[in.Channel]
	if !ok {
		return "", nil, &chat.SendError{Reason: chat.ChannelGone}
	}
	if err := p.holds(in.Files); err != nil {
		return "", nil, err
	}
	p.next++
	post := &fakePost{ID: fmt.Sprintf("m%d", p.next), Thread: in.Thread, Delivery: in.DeliveryID, Message: in.Message, Files: in.Files}
	ch.posts = append(ch.posts, post)
	p.touch()
	return post.ID, p.afterPost, nil
}

func (p *fakePlatform) Find(_ context.Context, in chat.Post) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls["find"]++
	for _, post := range p.channels[in.Channel].posts {
		if post.Delivery == in.DeliveryID {
			return post.ID, nil
		}
	}
	return "", nil
}

func (p *fakePlatform) Update(_ context.Context, channel, id string, m chat.Message) error {
	p.mu.Lock()
	before := p.beforeUpdate
	p.mu.Unlock()
	if before != nil {
		before(channel)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("update"); err != nil {
		return err
	}
	ch, ok := p.channels[channel]
	if !ok {
		return &chat.SendError{Reason: chat.ChannelGone}
	}
	for _, post := range ch.posts {
		if post.ID == id {
			post.Message = m
			post.Updates++
			p.touch()
			return nil
		}
	}
	return &chat.SendError{Reason: chat.NotFound}
}

func (p *fakePlatform) Delete(_ context.Context, channel, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("delete"); err != nil {
		return err
	}
	ch := p.channels[channel]
	ch.posts = slices.DeleteFunc(ch.posts, func(post *fakePost) bool { return post.ID == id })
	p.touch()
	return nil
}

func (p *fakePlatform) Whisper(_ context.Context, _, person string, m chat.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("whisper"); err != nil {
		return err
	}
	p.whispers = append(p.whispers, person+": "+m.Text.String())
	p.touch()
	return nil
}

func (p *fakePlatform) CreateChannel(_ context.Context, c chat.ChannelSpec) (chat.ChannelInfo, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("create"); err != nil {
		return chat.ChannelInfo{}, err
	}
	if _, taken := p.channels[c.Name]; taken {
		return chat.ChannelInfo{}, &chat.SendError{Reason: chat.NameTaken}
	}
	p.channels[c.Name] = &fakeChannel{
		ChannelInfo: chat.ChannelInfo{ID: c.Name, Name: c.Name, URL: "https://chat.example/" + c.Name, Private: true},
		members:     []string{"bot"}, purpose: c.Purpose,
	}
	p.touch()
	if p.lose != nil {
		if err := p.lose("create"); err != nil {
			return chat.ChannelInfo{}, err
		}
	}
	return p.channels[c.Name].ChannelInfo, nil
}

func (p *fakePlatform) FindChannel(_ context.Context, c chat.ChannelSpec) (chat.ChannelInfo, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls["find channel"]++
	if ch, ok := p.channels[c.Name]; ok && c.Mark != "" && strings.Contains(ch.purpose, c.Mark) {
		return ch.ChannelInfo, nil
	}
	return chat.ChannelInfo{}, nil
}

func (p *fakePlatform) Channel(_ context.Context, name string) (chat.ChannelInfo, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("channel"); err != nil {
		return chat.ChannelInfo{}, err
	}
	if c, ok := p.channels[name]; ok {
		return c.ChannelInfo, nil
	}
	return chat.ChannelInfo{}, &chat.SendError{Reason: chat.NotFound}
}

func (p *fakePlatform) AddMembers(_ context.Context, channel string, people []string) error {
	p.join(channel, people...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.touch()
	return nil
}

func (p *fakePlatform) Invite(_ context.Context, i chat.InviteSpec) (chat.Invite, error) {
	channel, address := i.Channel, i.Address
	p.mu.Lock()
	defer p.mu.Unlock()
	name, _, _ := strings.Cut(address, "@")
	if _, ok := p.people[name]; !ok {
		return chat.Invite{ID: "I1", State: chat.InviteSent}, nil
	}
	p.channels[channel].members = append(p.channels[channel].members, name)
	return chat.Invite{State: chat.InviteJoined}, nil
}

func (p *fakePlatform) Person(_ context.Context, id string) (chat.Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if who, ok := p.people[id]; ok {
		return who, nil
	}
	return chat.Person{}, &chat.SendError{Reason: chat.NotFound}
}

func (p *fakePlatform) Members(_ context.Context, channel string) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.channels[channel]
	if !ok || !slices.Contains(c.members, "bot") {
		return nil, &chat.SendError{Reason: chat.NotInChannel}
	}
	return slices.Clone(c.members), nil
}

// desk is an engine with a fake platform and its people, running.
type desk struct {
	t      *testing.T
	engine *bot.Engine
	p      *fakePlatform
	// second is another platform, where there is one.
	second *fakePlatform
	store  storage.Store
	files  storage.Blobs
	clock  *clock
	keys   int
	// configure changes the engine's configuration.
	configure []func(*bot.Config)
	// stop ends the engine before the test does.
	stop func()
}

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Time passes a little with every look, so that things have an order.
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// openStore opens a database. The tests' may be volatile, because what they end is the
// engine and never the machine.
func openStore(t testing.TB, database string, o sqlstore.Options) storage.Store {
	t.Helper()
	if !strings.HasPrefix(database, "postgres") {
		// With one connection to read by, reading beside a reading of one's own never
		// ends, which with more happens only when all are taken.
		o.Connections = 1
	}
	store, err := sqlstore.Open(t.Context(), database, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// maxFile is the greatest file that a desk in a test keeps.
const maxFile = 2000

func openFiles(t testing.TB) storage.Blobs {
	t.Helper()
	blobs, err := files.Open("file:" + filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatalf("open files: %v", err)
	}
	return blobs
}

// newDesk makes a desk; configure changes its engine's configuration.
func newDesk(t *testing.T, configure ...func(*bot.Config)) *desk {
	t.Helper()
	return newDeskOn(t, file.Database(t), configure...)
}

// newDeskOn makes a desk with its own database.
func newDeskOn(t *testing.T, database string, configure ...func(*bot.Config)) *desk {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	d := &desk{
		t: t, p: newFakePlatform(workspace), store: careful{openStore(t, database, sqlstore.Options{Now: c.Now, Volatile: true}), t}, files: openFiles(t), clock: c,
		configure: configure,
	}
	for _, who := range []string{"olivia", "otto"} {
		d.p.addPerson(who, chat.Member, false)
	}
	d.p.addPerson("anna", chat.Member, true)
	d.p.addPerson("cora", chat.External, false)
	d.p.addPerson("carl", chat.External, false)
	d.p.addPerson("gina", chat.Guest, false)
	d.p.addPerson("sam", chat.Member, false)
	d.p.addChannel("ops", "olivia", "otto", "anna", "gina")
	d.start()
	return d
}

// start runs an engine on the store until the test ends.
func (d *desk) start() {
	d.t.Helper()
	d.startAs("main")
}

func (d *desk) startAs(name string) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.t.Context())
	c := bot.Config{
		Desk: name, Store: d.store, Files: d.files, MaxFile: maxFile,
		SecretKey: secretKey, Now: d.clock.Now, Zone: time.UTC,
		Logger: slog.New(slog.NewTextHandler(d.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, change := range d.configure {
		change(&c)
	}
	e, err := bot.New(ctx, c)
	if err != nil {
		d.t.Fatalf("new: %v", err)
	}
	d.engine = e
	d.attach(e)
	done := make(chan struct{})
	go func() { defer close(done); _ = e.Run(ctx) }()
	d.stop = func() { cancel(); <-done }
	d.t.Cleanup(d.stop)
}

func (d *desk) attach(e *bot.Engine) {
	d.t.Helper()
	for _, p := range []*fakePlatform{d.p, d.second} {
		if p == nil {
			continue
		}
		if err := e.Attach(d.t.Context(), p, "", ""); err != nil {
			d.t.Fatalf("attach: %v", err)
		}
	}
}

func (d *desk) key() string {
	d.keys++
	return fmt.Sprintf("k%d", d.keys)
}

func (d *desk) handle(in chat.Inbound) chat.Answer {
	d.t.Helper()
	if in.Workspace == "" {
		in.Workspace = d.p.Workspace()
	}
	if in.Key == "" {
		in.Key = d.key()
	}
	if in.At.IsZero() {
		in.At = d.clock.Now()
	}
	a, err := d.engine.Handle(d.t.Context(), in)
	if err != nil {
		d.t.Fatalf("handle %T: %v", in.Body, err)
	}
	return a
}

// says types a slash command and returns the private answer's text.
func (d *desk) says(who, channel, text string) string {
	d.t.Helper()
	a := d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Command{Text: text}})
	if a.Form != nil {
		return "FORM " + a.Form.Title
	}
	return strings.TrimSpace(a.Message.Title + " " + a.Message.Text.String())
}

// waitPost waits for a post that a test describes.
func (d *desk) waitPost(channel, what string, want func(fakePost) bool) fakePost {
	d.t.Helper()
	deadline, stuck := time.NewTimer(patience), time.NewTimer(patience/6)
	defer deadline.Stop()
	defer stuck.Stop()
	for {
		d.p.mu.Lock()
		changed := d.p.changed
		if c := d.p.channels[channel]; c != nil {
			for _, post := range slices.Backward(c.posts) {
				if want(*post) {
					found := *post
					d.p.mu.Unlock()
					return found
				}
			}
		}
		d.p.mu.Unlock()
		select {
		case <-changed:
		case <-stuck.C:
			d.goOn()
			stuck.Reset(20 * time.Millisecond)
		case <-deadline.C:
			d.t.Fatalf("no %s in %s; there is:\n%s", what, channel, d.dump(channel))
		}
	}
}

func (d *desk) dump(channel string) string {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	var b strings.Builder
	if c := d.p.channels[channel]; c != nil {
		for _, post := range c.posts {
			fmt.Fprintf(&b, "%s (thread %q) %s | %s | %v | %v\n", post.ID, post.Thread, post.Message.Title, post.Message.Text, post.Message.Facts, labels(post.Message))
		}
	}
	return b.String()
}

// waitCard waits for the card of an issue with exactly these buttons.
func (d *desk) waitCard(channel, title string, buttons ...string) fakePost {
	d.t.Helper()
	return d.waitPost(channel, fmt.Sprintf("card %q with %v", title, buttons), func(p fakePost) bool {
		return strings.Contains(p.Message.Title, title) && slices.Equal(labels(p.Message), buttons)
	})
}

func (d *desk) waitText(channel, part string) fakePost {
	d.t.Helper()
	return d.waitPost(channel, fmt.Sprintf("text %q", part), func(p fakePost) bool {
		return strings.Contains(p.Message.Text.String(), part)
	})
}

func labels(m chat.Message) []string {
	var out []string
	for _, b := range m.Buttons {
		out = append(out, b.Label)
	}
	return out
}

// click presses a button of a post as it was seen.
func (d *desk) click(who, channel string, p fakePost, label string) chat.Answer {
	d.t.Helper()
	for _, b := range p.Message.Buttons {
		if b.Label == label {
			return d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Click{Token: b.Token, Message: p.ID}})
		}
	}
	d.t.Fatalf("no button %q on %v", label, labels(p.Message))
	return chat.Answer{}
}

func (d *desk) submit(who, channel string, f *chat.Form, values map[string]string) chat.Answer {
	d.t.Helper()
	if f == nil {
		d.t.Fatal("no form was opened")
	}
	return d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Submitted{Token: f.Token, Values: values}})
}

func (d *desk) comments(number int) []chat.CommentView {
	d.t.Helper()
	list, err := d.engine.Comments(d.t.Context(), number, "", 0)
	if err != nil {
		d.t.Fatalf("comments: %v", err)
	}
	return list
}

func (d *desk) issue(number int) chat.IssueView {
	d.t.Helper()
	i, err := d.engine.Issue(d.t.Context(), number)
	if err != nil {
		d.t.Fatalf("issue: %v", err)
	}
	return i
}

const firmChannel = "ext-leeds-acme-heating"

// withFirm sets the desk up with one firm of two people.
func (d *desk) withFirm() {
	d.t.Helper()
	d.says("anna", "ops", "here operations")
	d.says("olivia", "ops", "contractor add Leeds | Acme Heating")
	d.waitText(firmChannel, "Accept")
	d.join(firmChannel, "cora", "carl")
}

// join puts people into a channel and tells the engine, as platforms do.
func (d *desk) join(channel string, people ...string) {
	d.t.Helper()
	d.p.join(channel, people...)
	for _, who := range people {
		d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, Body: chat.Joined{}})
	}
}
