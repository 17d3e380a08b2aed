package bot_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// fakeEndpoints are systems that are told what happens.
type fakeEndpoints struct {
	mu    sync.Mutex
	calls []chat.WebhookCall
	// fail, when set, says what becomes of a call.
	fail func(chat.WebhookCall) error
}

func (f *fakeEndpoints) Call(_ context.Context, c chat.WebhookCall) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, c)
	if f.fail != nil {
		return f.fail(c)
	}
	return nil
}

func (f *fakeEndpoints) failing(fail func(chat.WebhookCall) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

// told are the documents that an endpoint was sent, each once.
func (f *fakeEndpoints) told(t *testing.T, name string) (docs []chat.WebhookDocument) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[string]bool{}
	for _, c := range f.calls {
		if c.Endpoint != name || seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		var doc chat.WebhookDocument
		if err := json.Unmarshal(c.Body, &doc); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	return docs
}

// last is the document that was sent last.
func (f *fakeEndpoints) last(t *testing.T) (doc chat.WebhookDocument) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.calls) > 0 {
		if err := json.Unmarshal(f.calls[len(f.calls)-1].Body, &doc); err != nil {
			t.Fatal(err)
		}
	}
	return doc
}

func (f *fakeEndpoints) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

func types(docs []chat.WebhookDocument) (names []string) {
	for _, d := range docs {
		names = append(names, d.Type)
	}
	return names
}

func withWebhooks(list ...bot.Webhook) (*fakeEndpoints, func(*bot.Config)) {
	f := &fakeEndpoints{}
	return f, func(c *bot.Config) { c.Webhooks, c.Caller = list, f }
}

// TestWebhooksAreToldWhatHappens in order, each what it asked for.
func TestWebhooksAreToldWhatHappens(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(
		bot.Webhook{Name: "all"},
		bot.Webhook{Name: "open", Notes: true, Customer: true},
		bot.Webhook{Name: "few", Types: []string{"assignment.accepted", "issue.closed"}},
	)
	d := newDesk(t, configure)
	d.withFirm()
	d.handle(chat.Inbound{
		Workspace: bot.APIWorkspace, From: chat.Person{ID: "api"},
		Body: chat.Request{Verb: "new", Fields: map[string]string{"title": "Boiler down", "customer": "Mrs Secret, 0170 1234"}},
	})
	d.says("olivia", "ops", "assign 1 acme by 2h")
	d.click("cora", firmChannel, d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms"), "Accept")
	d.says("olivia", "ops", "comment 1 Mind the dog")
	d.says("olivia", "ops", "note 1 They are slow")
	d.edit("1", map[string]string{"customer": "Mr Secret"})
	d.says("olivia", "ops", "close 1")
	d.drained()

	want := []string{"issue.created", "assignment.offered", "assignment.accepted", "comment.added", "issue.changed", "issue.closed", "assignment.completed"}
	if got := types(f.told(t, "all")); !slices.Equal(got, want) {
		t.Errorf("all is told %v, want %v", got, want)
	}
	want = slices.Insert(want, 4, "comment.added")
	if got := types(f.told(t, "open")); !slices.Equal(got, want) {
		t.Errorf("open is told %v, want %v", got, want)
	}
	few := f.told(t, "few")
	if got := types(few); !slices.Equal(got, []string{"assignment.accepted", "issue.closed"}) {
		t.Errorf("few is told %v", got)
	}
	accepted := few[0].Data
	if accepted.Event.Kind != "accepted" || accepted.Event.Actor != "Cora" || len(accepted.Issue.Assignments) != 1 ||
		accepted.Event.Assignment != accepted.Issue.Assignments[0].ID || accepted.Issue.Number != 1 {
		t.Errorf("accepted says %+v", accepted)
	}
	for _, name := range []string{"all", "few"} {
		text, err := json.Marshal(f.told(t, name))
		if err != nil || strings.Contains(string(text), "Secret") || strings.Contains(string(text), "slow") {
			t.Errorf("%s gets what it did not ask for: %s", name, text)
		}
	}
	if text, _ := json.Marshal(f.told(t, "open")); !strings.Contains(string(text), `"was_customer":"Mrs Secret`) || !strings.Contains(string(text), "They are slow") {
		t.Errorf("open does not get what it asked for: %s", text)
	}
	// The same event is the same document everywhere.
	ids := map[string]int{}
	for _, c := range f.calls {
		ids[c.ID]++
	}
	if len(ids) != len(want) {
		t.Errorf("%d documents, want %d: %v", len(ids), len(want), ids)
	}
}

// TestWebhookTypesAreAllTold holds the published list and the events together: each name
// in it is one that something is told as, and nothing else is.
func TestWebhookTypesAreAllTold(t *testing.T) {
	t.Parallel()
	told := bot.WebhookTypesTold()
	for _, published := range chat.WebhookTypes() {
		if !slices.Contains(told, published.Name) {
			t.Errorf("nothing is told as %s", published.Name)
		}
		told = slices.DeleteFunc(told, func(name string) bool { return name == published.Name })
	}
	if len(told) > 0 {
		t.Errorf("told and not published: %v", told)
	}
	for _, kind := range workflow.EventKinds() {
		if !bot.WebhooksSaySomethingOf(kind) {
			t.Errorf("nobody has said what other systems are told of %q", kind)
		}
	}
}

// TestDeletedWordsAreNotPassedOn although they were to be told while they stood.
func TestDeletedWordsAreNotPassedOn(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(bot.Webhook{Name: "crm", Types: []string{"comment.added", "comment.deleted"}})
	d := newDesk(t, configure)
	d.withFirm()
	root := d.accepted()
	d.drained()
	f.failing(func(chat.WebhookCall) error {
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Hour}
	})
	d.reply("cora", firmChannel, root.ID, "r1", "my number is 0170")
	d.untilWritten("a call", func() bool { return f.count() == 1 })
	d.handle(chat.Inbound{Channel: firmChannel, From: chat.Person{ID: "cora"}, Body: chat.Deleted{Message: "r1"}})
	f.mu.Lock()
	f.calls = nil
	f.fail = nil
	f.mu.Unlock()
	d.advance(2 * time.Hour)
	d.drained()
	docs := f.told(t, "crm")
	if !slices.Equal(types(docs), []string{"comment.added", "comment.deleted"}) {
		t.Fatalf("told %v", types(docs))
	}
	for _, doc := range docs {
		if c := doc.Data.Comment; c == nil || c.DeletedAt == nil || c.Text != "" || len(c.Versions) > 0 {
			t.Errorf("told %+v", c)
		}
	}
}

// TestWebhookThatFails: what waits keeps its order and its ids, the desk is told once, and
// another endpoint is not held up.
func TestWebhookThatFails(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(bot.Webhook{Name: "crm"}, bot.Webhook{Name: "erp"})
	d := newDesk(t, configure)
	down := func(c chat.WebhookCall) error {
		if c.Endpoint == "crm" {
			return &chat.SendError{Reason: chat.Unavailable, Retry: true}
		}
		return nil
	}
	f.failing(down)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "close 1")
	d.until("the other is told", func() bool { return len(f.told(t, "erp")) == 2 })
	if got := types(f.told(t, "crm")); len(got) > 1 {
		t.Errorf("the second overtakes the first: %v", got)
	}
	lane := storage.Lane{Workspace: "webhook", Name: "crm"}
	waiting := func() []bot.Queued {
		list, err := d.engine.Queue(t.Context(), storage.ListDeliveriesParams{Lane: lane})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	d.until("it waits", func() bool { w := waiting(); return len(w) == 2 && !w[0].InFlight && w[0].LastError == "unavailable" })
	if w := waiting(); w[0].Destination != "webhook crm" || w[0].Kind != "webhook" {
		t.Errorf("the list shows %+v", w[0])
	}
	// Within three days it is tried again and again; then it is stopped and the desk told.
	d.advance(71 * time.Hour)
	d.until("another try", func() bool { w := waiting(); return len(w) == 2 && w[0].Attempts > 1 && !w[0].InFlight })
	if len(d.texts("ops", "The webhook")) > 0 {
		t.Error("the desk is told too early")
	}
	d.advance(2 * time.Hour)
	d.waitText("ops", "The webhook crm has taken nothing for three days")
	if s := d.says("olivia", "ops", "summary"); !strings.Contains(s, "I cannot post to webhook crm") || !strings.Contains(s, "it has taken nothing for three days") {
		t.Errorf("the summary says:\n%s", s)
	}
	tried := f.count()
	d.advance(11 * time.Minute)
	d.untilWritten("another try by itself", func() bool { return f.count() > tried })
	f.failing(nil)
	d.advance(11 * time.Minute)
	d.drained()
	if got := types(f.told(t, "crm")); !slices.Equal(got, []string{"issue.created", "issue.closed"}) {
		t.Errorf("told %v", got)
	}
	if n := len(d.posts("ops", "The webhook crm")); n != 1 {
		t.Errorf("the desk was told %d times", n)
	}
}

// TestWebhookStaysSilent: a document of which nothing is to be told any more says nothing of
// whether its endpoint answers.
func TestWebhookStaysSilent(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(bot.Webhook{Name: "crm"})
	d := newDesk(t, configure)
	f.failing(func(chat.WebhookCall) error { return &chat.SendError{Reason: chat.Unavailable, Retry: true} })
	d.says("anna", "ops", "here operations")
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "note 1 Not for them")
	d.says("olivia", "ops", "new Lock broken")
	d.untilWritten("it is tried", func() bool { return f.count() > 0 })
	d.advance(73 * time.Hour)
	d.waitText("ops", "The webhook crm has taken nothing for three days")
	waiting, err := d.engine.Queue(t.Context(), storage.ListDeliveriesParams{Lane: storage.Lane{Workspace: "webhook", Name: "crm"}})
	if err != nil || len(waiting) != 3 {
		t.Fatalf("%v waits: %v", waiting, err)
	}
	if _, err := d.engine.Drop(t.Context(), waiting[0].ID, "nobody wants it"); err != nil {
		t.Fatal(err)
	}
	d.advance(11 * time.Minute)
	d.untilWritten("the other one is tried", func() bool {
		return slices.Contains(types(f.told(t, "crm")), "issue.created") && f.last(t).Data.Issue.Number == 2
	})
	d.advance(73 * time.Hour)
	tried := f.count()
	d.advance(11 * time.Minute)
	d.untilWritten("another try by itself", func() bool { return f.count() > tried })
	if n := len(d.posts("ops", "The webhook crm")); n != 1 {
		t.Errorf("the desk was told %d times", n)
	}
	f.failing(nil)
	d.advance(11 * time.Minute)
	d.drained()
	if last := f.last(t); last.Type != "issue.created" || last.Data.Issue.Number != 2 {
		t.Errorf("told %+v", last)
	}
}

// TestWebhookThatIsGone is not tried again until an operator of the service says so.
func TestWebhookThatIsGone(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(bot.Webhook{Name: "crm"})
	d := newDesk(t, configure)
	f.failing(func(chat.WebhookCall) error { return &chat.SendError{Reason: chat.EndpointGone} })
	d.says("anna", "ops", "here operations")
	d.says("olivia", "ops", "new Boiler down")
	d.waitText("ops", "The webhook crm answers that it is gone (410)")
	for range 3 {
		d.advance(11 * time.Minute)
		d.says("olivia", "ops", "list")
	}
	if n := f.count(); n != 1 {
		t.Errorf("%d calls", n)
	}
	f.failing(nil)
	lanes, err := d.engine.Lanes(t.Context(), "crm")
	if err != nil || len(lanes) != 1 {
		t.Fatalf("lanes %v: %v", lanes, err)
	}
	if err := d.engine.Retry(t.Context(), lanes[0]); err != nil {
		t.Fatal(err)
	}
	d.drained()
	if got := types(f.told(t, "crm")); !slices.Equal(got, []string{"issue.created"}) {
		t.Errorf("told %v", got)
	}
}

// TestWebhookOfNoConfiguration is one whose endpoint was taken out while it waited.
func TestWebhookOfNoConfiguration(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(bot.Webhook{Name: "crm"}, bot.Webhook{Name: "erp"})
	d := newDesk(t, configure)
	f.failing(func(c chat.WebhookCall) error {
		if c.Endpoint == "crm" {
			return &chat.SendError{Reason: chat.Unavailable, Retry: true, RetryAfter: time.Hour}
		}
		return nil
	})
	d.says("anna", "ops", "here operations")
	d.says("olivia", "ops", "new Boiler down")
	d.untilWritten("both are called", func() bool { return f.count() == 2 })
	d.stop()
	d.configure = append(d.configure, func(c *bot.Config) { c.Webhooks = c.Webhooks[1:] })
	d.start()
	d.advance(2 * time.Hour)
	d.drained()
	if n := f.count(); n != 2 {
		t.Errorf("%d calls", n)
	}
}

// TestWebhookIsForgotten after it has been gone for thirty days, and what is newer waits.
func TestWebhookIsForgotten(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(bot.Webhook{Name: "crm"})
	d := newDesk(t, configure)
	f.failing(func(chat.WebhookCall) error { return &chat.SendError{Reason: chat.EndpointGone} })
	d.says("anna", "ops", "here operations")
	d.says("olivia", "ops", "new Boiler down")
	d.waitText("ops", "answers that it is gone (410)")
	d.advance(20 * 24 * time.Hour)
	d.says("olivia", "ops", "new Lock broken")
	waiting := func() int {
		list, err := d.engine.Queue(t.Context(), storage.ListDeliveriesParams{Lane: storage.Lane{Workspace: "webhook", Name: "crm"}})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := waiting(); n != 2 {
		t.Fatalf("%d documents wait", n)
	}
	d.advance(11 * 24 * time.Hour)
	d.until("the older one is forgotten", func() bool { return waiting() == 1 })
	f.failing(nil)
	if err := d.engine.Retry(t.Context(), storage.Lane{Workspace: "webhook", Name: "crm"}); err != nil {
		t.Fatal(err)
	}
	d.drained()
	docs := f.told(t, "crm")
	if last := docs[len(docs)-1]; len(docs) != 2 || last.Data.Issue.Title != "Lock broken" {
		t.Errorf("told %v, the last of %q", types(docs), last.Data.Issue.Title)
	}
}

// TestFirmsDoNotReadWhomAnItemCalls: the desk's history tells that a webhook has taken an
// item, the firm's does not.
func TestFirmsDoNotReadWhomAnItemCalls(t *testing.T) {
	t.Parallel()
	f, configure := withWebhooks(bot.Webhook{Name: "meters", Types: []string{"issue.closed"}}, bot.Webhook{Name: "all"})
	d := newDesk(t, configure)
	d.withFirm()
	d.accepted()
	d.submit("olivia", "ops", d.command("olivia", "ops", "require 1").Form, map[string]string{"checklist": "Read it => meters\nTell all => all"})
	card := d.waitPost(firmChannel, "a checklist", func(p fakePost) bool { return slices.Contains(labels(p.Message), "Checklist 0/2") })
	form := d.click("cora", firmChannel, card, "Checklist 0/2").Form
	d.submit("cora", firmChannel, form, map[string]string{form.Fields[0].Name: "true", form.Fields[1].Name: "true"})
	d.until("the desk reads that it was taken", func() bool {
		return strings.Contains(d.says("olivia", "ops", "history 1"), "The webhook meters has taken “Read it”")
	})
	said := d.says("cora", firmChannel, "history 1")
	expect(t, said, "ticked “Read it”")
	if strings.Contains(said, "meters") {
		t.Errorf("the firm reads %q", said)
	}
	// Whom an item calls is told of it like anybody else as well, in a document of its own.
	d.drained()
	if got := types(f.told(t, "meters")); !slices.Equal(got, []string{"checklist.run"}) {
		t.Errorf("meters is told %v", got)
	}
	got := slices.DeleteFunc(types(f.told(t, "all")), func(name string) bool { return !strings.Contains(name, "check") })
	if slices.Sort(got); !slices.Equal(got, []string{"assignment.checked", "assignment.checked", "checklist.run"}) {
		t.Errorf("all is told %v", got)
	}
}
