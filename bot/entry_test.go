package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// doorkeeper notes who was let in and sent out.
type doorkeeper struct {
	mu        sync.Mutex
	workspace string
	in        []chat.Entrant
	out       []string
	err       error
}

func (k *doorkeeper) Workspace() string { return k.workspace }

func (k *doorkeeper) Admit(_ context.Context, e chat.Entrant) (chat.Pass, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return chat.Pass{}, k.err
	}
	k.in = append(k.in, e)
	return chat.Pass{Link: fmt.Sprintf("https://tasks.example/web/sign-in/SECRET%d", len(k.in)), Life: 15 * time.Minute}, nil
}

func (k *doorkeeper) Dismiss(_ context.Context, workspace, person string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.out = append(k.out, workspace+"/"+person)
	return k.err
}

// since are those who were let in after so many others.
func (k *doorkeeper) since(before int) []chat.Entrant {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.in[before:]
}

// spelt is all that a message says, with where its links lead.
func spelt(m chat.Message) string {
	text := everything(m)
	for _, s := range m.Text {
		text += " " + s.Ref
	}
	return text
}

// withDoor opens a door into the browser.
func (d *desk) withDoor() *doorkeeper {
	k := &doorkeeper{workspace: "web:main"}
	d.engine.OpenDoor(k)
	return k
}

// TestEntry: who has anything to see in the browser gets a link of their own there, and
// nobody else does.
func TestEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	bolts := d.withOthers()
	d.p.addPerson("adam", chat.Member, true)
	job := d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms")

	if got := d.command("olivia", "ops", "web"); got.Refused != "conflict" || !strings.Contains(got.Message.Text.String(), "no workspace in the browser") {
		t.Errorf("without a door: %q %s (%s)", got.Refused, got.Message.Text, job)
	}
	if help := d.says("olivia", "ops", "help"); strings.Contains(help, "/task web") {
		t.Error("the help speaks of a door that is not there")
	}
	k := d.withDoor()
	if help := d.says("olivia", "ops", "help"); !strings.Contains(help, "/task web") {
		t.Error("the help says nothing of the door")
	}
	for name, c := range map[string]struct {
		who, channel, text string
		// want is who is let in, with the channel they act for a firm in; empty for nobody.
		want, place string
		job         int
	}{
		"an operator":                 {"olivia", "ops", "web", "olivia", "", 0},
		"an operator elsewhere":       {"olivia", firmChannel, "web", "olivia", "", 0},
		"an operator to a job":        {"olivia", "ops", "web #1", "olivia", "", 1},
		"a manager":                   {"mona", "board", "web", "mona", "", 0},
		"an administrator alone":      {"adam", "general", "web", "adam", "", 0},
		"a contractor":                {"cora", firmChannel, "web", "cora", firmChannel, 0},
		"a contractor to their job":   {"cora", firmChannel, "web 1", "cora", firmChannel, 1},
		"a contractor elsewhere":      {"cora", "general", "web", "cora", "", 0},
		"another's job":               {"bea", bolts, "web 1", "", "", 0},
		"a job that is not there":     {"olivia", "ops", "web 77", "", "", 0},
		"a stranger":                  {"sam", "general", "web", "", "", 0},
		"a guest of the desk's":       {"gina", "ops", "web", "", "", 0},
		"a contractor's other's door": {"cora", bolts, "web", "", "", 0},
		"no number":                   {"olivia", "ops", "web soon", "", "", 0},
	} {
		before := len(k.since(0))
		got := d.command(c.who, c.channel, c.text)
		in := k.since(before)
		if c.want == "" {
			if len(in) != 0 || got.Refused == "" {
				t.Errorf("%s: %d let in, refused %q: %s", name, len(in), got.Refused, got.Message.Text)
			}
			continue
		}
		if len(in) != 1 || got.Refused != "" {
			t.Errorf("%s: %d let in, refused %q: %s", name, len(in), got.Refused, got.Message.Text)
			continue
		}
		if e := in[0]; e.Workspace != workspace || e.Person.ID != c.want || e.Person.Name == "" || e.Channel != c.place || e.Job != c.job {
			t.Errorf("%s came in as %+v", name, e)
		}
		if text := spelt(got.Message); !strings.Contains(text, "/web/sign-in/SECRET") || !strings.Contains(text, "15 min") {
			t.Errorf("%s is told %s", name, text)
		}
	}
	if got := d.command("olivia", "ops", "web off"); got.Refused != "" || len(k.out) != 1 || k.out[0] != workspace+"/olivia" {
		t.Errorf("off: %q %v", got.Refused, k.out)
	}
	if got := d.command("sam", "general", "web off"); got.Refused == "" || len(k.out) != 1 {
		t.Errorf("a stranger's off: %q %v", got.Refused, k.out)
	}
}

// TestEntryIsASecret: the link is nowhere but in the answer, and a repeat of the same
// command makes another one.
func TestEntryIsASecret(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	k := d.withDoor()
	ask := func() string {
		return spelt(d.handle(chat.Inbound{Key: "one", From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{Text: "web"}}).Message)
	}
	first, second := ask(), ask()
	if !strings.Contains(first, "SECRET1") || !strings.Contains(second, "SECRET2") || strings.Contains(second, "SECRET1") {
		t.Errorf("the answers are\n%s\n%s", first, second)
	}
	// What is answered in the browser is kept there: whoever came in that way is given no
	// other link, by no command and by no button.
	browser := func(body chat.Body) chat.Answer {
		return d.handle(chat.Inbound{From: chat.Person{ID: "olivia"}, Body: body, FromBrowser: true})
	}
	open := d.command("olivia", "ops", "home").Message.Buttons
	token := open[slices.IndexFunc(open, func(b chat.Button) bool { return b.Label == "Open in browser" })].Token
	before := len(k.since(0))
	for _, body := range []chat.Body{chat.Command{Text: "web"}, chat.Click{Token: token}} {
		if got := browser(body); got.Refused != "conflict" || !strings.Contains(got.Message.Text.String(), "already") {
			t.Errorf("in the browser: %q %s", got.Refused, spelt(got.Message))
		}
	}
	if home := browser(chat.Command{Text: "home"}); len(k.since(before)) != 0 || strings.Contains(everything(home.Message.Buttons), "Open in browser") {
		t.Errorf("in the browser there is %v", labels(home.Message))
	}
	if got := browser(chat.Command{Text: "web off"}); got.Refused != "" || len(k.out) != 1 {
		t.Errorf("off, in the browser: %q %v", got.Refused, k.out)
	}
	var prior []byte
	err := d.store.Update(t.Context(), "main", func(tx storage.Tx) (err error) {
		var fresh bool
		if fresh, prior, err = tx.Remember(t.Context(), storage.Memory{Workspace: workspace, Key: "one", At: d.clock.Now()}); fresh {
			err = errors.New("the command is not remembered")
		}
		return err
	})
	if err != nil || strings.Contains(string(prior), "SECRET") {
		t.Errorf("%s is kept: %v", prior, err)
	}
	k.mu.Lock()
	k.err = chat.ErrTooManyPasses
	k.mu.Unlock()
	if got := d.command("olivia", "ops", "web"); got.Refused != "conflict" || !strings.Contains(got.Message.Text.String(), "several links") {
		t.Errorf("too many: %q %s", got.Refused, got.Message.Text)
	}
	k.mu.Lock()
	k.err = errors.New("dial https://SECRET9")
	k.mu.Unlock()
	if got := d.command("olivia", "ops", "web"); got.Refused == "" || strings.Contains(spelt(got.Message), "SECRET9") {
		t.Errorf("a failure: %q %s", got.Refused, got.Message.Text)
	}
}

// TestEntryFromABoard: people without commands press a button of their firm's board, each
// for themselves; nobody presses it from another channel.
func TestEntryFromABoard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	bolts := d.withOthers()
	k := d.withDoor()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms")
	d.later()
	board := d.boardSays("Boiler down")
	for _, who := range []string{"cora", "carl"} {
		before := len(k.since(0))
		got := d.click(who, firmChannel, board, "Open in browser")
		if in := k.since(before); len(in) != 1 || in[0].Person.ID != who || in[0].Channel != firmChannel || got.Refused != "" {
			t.Errorf("%s came in as %+v, refused %q", who, in, got.Refused)
		}
	}
	before := len(k.since(0))
	for _, try := range []struct{ who, channel string }{{"bea", bolts}, {"bea", firmChannel}, {"cora", bolts}, {"sam", firmChannel}} {
		if got := d.click(try.who, try.channel, board, "Open in browser"); got.Refused == "" {
			t.Errorf("%s pressed it in %s: %s", try.who, try.channel, got.Message.Text)
		}
	}
	if in := k.since(before); len(in) != 0 {
		t.Errorf("%+v came in", in)
	}
	home := d.command("olivia", "ops", "home")
	if !strings.Contains(everything(home.Message.Buttons), "Open in browser") {
		t.Errorf("the home has %v", labels(home.Message))
	}
}

// TestEntrantsPage: whoever came in from chat sees a job as there and can do the same with
// it; who leaves the channel has nothing any more, at once.
func TestEntrantsPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	bolts := d.withOthers()
	d.withDoor()
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "new Lamp broken")
	d.says("olivia", "ops", "assign 1 acme, bolt price 250 EUR")
	d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms")
	d.waitCard(bolts, "Boiler down", "Accept", "Decline", "Suggest other terms")
	as := func(who, channel string) chat.Viewer {
		return chat.Viewer{Workspace: workspace, From: chat.Person{ID: who}, Channel: channel, Acts: true}
	}
	page := func(v chat.Viewer) chat.JobPage {
		t.Helper()
		p, err := d.engine.JobPage(t.Context(), v, 1, "")
		if err != nil {
			t.Fatalf("%s: %v", v.From.ID, err)
		}
		return p
	}
	press := func(v chat.Viewer, p chat.JobPage, label string) chat.Answer {
		t.Helper()
		for _, b := range p.Acts.Buttons {
			if b.Label == label {
				return d.handle(chat.Inbound{From: v.From, Channel: v.Channel, Body: chat.Click{Token: b.Token}})
			}
		}
		t.Fatalf("%s has %v", v.From.ID, labels(p.Acts))
		return chat.Answer{}
	}
	// Somebody of two firms is here for the one they came in from.
	d.join(bolts, "carl")
	carls, coras := page(as("carl", bolts)), page(as("cora", firmChannel))
	if got := press(as("bea", bolts), coras, "Accept"); got.Refused == "" {
		t.Error("somebody pressed another's button")
	}
	if got := press(as("carl", bolts), carls, "Accept"); got.Refused != "" {
		t.Fatalf("carl accepts: %s", got.Message.Text)
	}
	if got := press(as("cora", firmChannel), coras, "Accept"); got.Refused == "" {
		t.Error("the job was given away twice")
	}
	if v := d.issue(1); v.Assignments[1].InCharge != "Carl" || v.Assignments[1].Status != "accepted" {
		t.Errorf("the job is %+v", v.Assignments)
	}
	desks := page(as("olivia", ""))
	if !desks.Comment || !desks.Note || desks.Revision <= coras.Revision || !strings.Contains(everything(desks.Acts), "Reply to firm") {
		t.Errorf("an operator has %+v at %d", desks.Acts, desks.Revision)
	}
	// Also who looks at a job that no firm has is told that it changed meanwhile.
	lamp := func() int {
		t.Helper()
		p, err := d.engine.JobPage(t.Context(), as("olivia", ""), 2, "")
		if err != nil {
			t.Fatal(err)
		}
		return p.Revision
	}
	looked := lamp()
	d.says("olivia", "ops", "close 2")
	if d.says("olivia", "ops", "reopen 2"); lamp() == looked {
		t.Error("a page does not notice that its job was closed and reopened")
	}
	if firms := page(as("carl", bolts)); !firms.Comment || firms.Note || strings.Contains(everything(firms), "Acme") {
		t.Errorf("a firm reads %+v", firms)
	}
	if cards := page(d.as("olivia")); !cards.Acts.Empty() || cards.Comment {
		t.Errorf("who has cards is given %+v", cards.Acts)
	}
	d.marks(as("olivia", ""), as("carl", bolts), as("cora", firmChannel), as("sam", ""))
	for _, gone := range []struct{ who, from, channel string }{{"carl", bolts, bolts}, {"mona", "board", ""}} {
		d.leaves(gone.who, gone.from)
		doors, err := d.engine.Doors(t.Context(), as(gone.who, gone.channel))
		if err != nil || doors != (chat.Doors{}) {
			t.Errorf("%s is gone and has %+v: %v", gone.who, doors, err)
		}
		if _, err := d.engine.JobPage(t.Context(), as(gone.who, gone.channel), 1, ""); !errors.Is(err, chat.ErrForbidden) {
			t.Errorf("%s is gone and reads: %v", gone.who, err)
		}
	}
	// The desk's people are in the firms' channels, too, and taken out of them next.
	d.leaves("olivia", "ops")
	if doors, err := d.engine.Doors(t.Context(), as("olivia", "")); err != nil || doors.Board {
		t.Errorf("who was an operator has %+v: %v", doors, err)
	}
}

// marks checks what a page is told of a job that a firm has: both sides of what both may
// read, the desk alone of its own, and the mark is that of the page.
func (d *desk) marks(operator, firm, others, stranger chat.Viewer) {
	d.t.Helper()
	mark := func(v chat.Viewer) string {
		d.t.Helper()
		m, err := d.engine.JobMark(d.t.Context(), v, 1)
		if err != nil {
			d.t.Fatalf("%s: %v", v.From.ID, err)
		}
		if p, err := d.engine.JobPage(d.t.Context(), v, 1, ""); err != nil || p.Mark != m {
			d.t.Errorf("%s has a page of %q and is told %q: %v", v.From.ID, p.Mark, m, err)
		}
		return m
	}
	desk, theirs, lost := mark(operator), mark(firm), mark(others)
	d.says("olivia", "ops", "note 1 The margin")
	if mark(operator) == desk || mark(firm) != theirs || mark(others) != lost {
		d.t.Errorf("a note is told as %s to %s, %s to %s and %s to %s", desk, mark(operator), theirs, mark(firm), lost, mark(others))
	}
	desk = mark(operator)
	d.says("olivia", "ops", "comment 1 The key is at number 5")
	if mark(operator) == desk || mark(firm) == theirs || mark(others) != lost {
		d.t.Errorf("a comment is told as %s to %s, %s to %s and %s to %s", desk, mark(operator), theirs, mark(firm), lost, mark(others))
	}
	if m, err := d.engine.JobMark(d.t.Context(), stranger, 1); !errors.Is(err, chat.ErrForbidden) {
		d.t.Errorf("a stranger is told %q: %v", m, err)
	}
	if m, err := d.engine.JobMark(d.t.Context(), firm, 2); !errors.Is(err, chat.ErrNoSuch) {
		d.t.Errorf("of another job a firm is told %q: %v", m, err)
	}
}
