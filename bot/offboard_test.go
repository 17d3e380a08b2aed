package bot_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// leaving is a desk whose firm has one job of each kind: #1 accepted, #2 offered and
// #3 offered.
func leaving(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor add York | Baker"), "is set up")
	d.accepted()
	for _, title := range []string{"Second", "Third"} {
		d.says("olivia", "ops", "new "+title)
	}
	d.says("olivia", "ops", "assign 2 acme")
	d.says("olivia", "ops", "assign 3 acme")
	d.drained()
	return d
}

func (d *desk) firmState(name string) string {
	d.t.Helper()
	all, err := d.engine.Contractors(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range all {
		if c.Company == name {
			return c.State
		}
	}
	return ""
}

// TestOffboardingWithOpenWork: accepted work goes to another firm, one offer is closed,
// the other comes back; the firm is told, its people leave and its channel is archived.
func TestOffboardingWithOpenWork(t *testing.T) {
	t.Parallel()
	d := leaving(t)
	d.engine.AwaitFor(time.Minute)
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	if form == nil || len(form.Fields) != 6 {
		t.Fatalf("the form is %+v", form)
	}
	if a := d.submit("olivia", "ops", form, map[string]string{"all": "keep", "job1": "offer"}); a.FieldErrors["contractor"] == "" {
		t.Fatalf("no other firm was asked for: %+v", a)
	}
	a := d.submit("olivia", "ops", form, map[string]string{
		"all": "keep", "job1": "offer", "job2": "close", "contractor": "baker", "farewell": "Thank you, all.",
	})
	expect(t, a.Message.Text.String(), "off-boarded", "3 open jobs were dealt with", "taskbridge export --contractor")
	d.waitText(firmChannel, "Thank you, all.")
	d.drained()
	d.wantStatus(1, "allocated/canceled,assigned")
	d.wantStatus(2, "closed/canceled")
	d.wantStatus(3, "reported/canceled")
	if i := d.issue(1); i.Assignments[1].Contractor.Company != "Baker" {
		t.Errorf("it went to %+v", i.Assignments[1].Contractor)
	}
	d.p.mu.Lock()
	ch := *d.p.channels[firmChannel]
	d.p.mu.Unlock()
	if !ch.Archived || slices.Contains(ch.members, "cora") || !slices.Contains(ch.members, "olivia") {
		t.Errorf("the channel is %+v", ch)
	}
	if d.firmState("Acme Heating") != "offboarded" {
		t.Errorf("the firm is %s", d.firmState("Acme Heating"))
	}
	for _, card := range []string{"#1", "#2", "#3"} {
		d.waitCard(firmChannel, card)
	}
	// Nothing more is sent there, and nobody is told that it waits.
	before := d.dump(firmChannel)
	d.says("olivia", "ops", "history 1")
	d.handle(chat.Inbound{From: chat.Person{ID: "bot"}, Channel: firmChannel, Body: chat.ChannelChanged{Change: chat.ChannelArchived}})
	d.drained()
	if after := d.dump(firmChannel); after != before {
		t.Errorf("posted into an archived channel:\n%s", after)
	}
	if strings.Contains(d.dump("ops"), "was archived") {
		t.Error("the desk is told of its own doing")
	}
	expect(t, d.says("olivia", "ops", "assign 3 acme"), "no firm fits")
}

// TestOffboardingIsUndone as far as it can be, and says what cannot.
func TestOffboardingIsUndone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor offboard acme"), "is off-boarded")
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor resume acme"), "gets offers again", "stays as it is")
	d.waitText(firmChannel, "in use again")
	d.drained()
	if d.firmState("Acme Heating") != "active" {
		t.Errorf("the firm is %s", d.firmState("Acme Heating"))
	}
	d.says("olivia", "ops", "new Again")
	expect(t, d.says("olivia", "ops", "assign 1 acme"), "offered")
	d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms")
}

// TestChannelThatAnotherReplicaOpenedAgain: what is posted there is sent, not dropped
// by what this one remembers of the channel from the time it was closed.
func TestChannelThatAnotherReplicaOpenedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor offboard acme"), "is off-boarded")
	d.drained()
	// What the desk's channels are is remembered from here on: the clock stands still.
	d.says("olivia", "ops", "list open")
	d.p.mu.Lock()
	d.p.channels[firmChannel].Archived = false
	d.p.mu.Unlock()
	payload, err := json.Marshal(map[string]any{"Message": chat.Message{Text: chat.T("Here again.")}})
	if err != nil {
		t.Fatal(err)
	}
	err = d.store.Update(t.Context(), "main", func(tx storage.Tx) error {
		ch, err := tx.Channel(t.Context(), workspace, firmChannel)
		if err != nil {
			return err
		}
		ch.State = ""
		if err := tx.PutChannel(t.Context(), ch); err != nil {
			return err
		}
		return tx.Enqueue(t.Context(), storage.Delivery{
			Lane: storage.Lane{Workspace: workspace, Name: firmChannel}, Kind: "post", Payload: payload, CreatedAt: d.clock.Now(),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	d.engine.Nudge()
	d.waitText(firmChannel, "Here again.")
}

// TestResumeThatThePlatformRefuses says what to do by hand.
func TestResumeThatThePlatformRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor offboard acme"), "is off-boarded")
	d.drained()
	d.p.refuse("restore", &chat.SendError{Reason: chat.Unsupported})
	d.says("olivia", "ops", "contractor resume acme")
	d.drained()
	d.p.mu.Lock()
	whispers := strings.Join(d.p.whispers, "\n")
	d.p.mu.Unlock()
	expect(t, whispers, "could not be brought back", "contractor sync")
}

// TestOffboardingGoesOnAfterACrash: the steps that were taken stay, the rest follows.
func TestOffboardingGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	d := leaving(t)
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	var dead atomic.Bool
	dead.Store(true)
	d.p.mu.Lock()
	d.p.fail = func(method string) error {
		if dead.Load() && (method == "archive" || method == "remove") {
			return &chat.SendError{Reason: chat.Unavailable, Retry: true}
		}
		return nil
	}
	d.p.mu.Unlock()
	d.submit("olivia", "ops", form, map[string]string{"all": "close"})
	d.stop()
	dead.Store(false)
	d.clock.Advance(time.Hour)
	d.start()
	d.drained()
	for n := 1; n <= 3; n++ {
		if s := d.issue(n).Status; s != "closed" {
			t.Errorf("#%d is %s", n, s)
		}
	}
	d.p.mu.Lock()
	archived := d.p.channels[firmChannel].Archived
	d.p.mu.Unlock()
	if !archived || d.firmState("Acme Heating") != "offboarded" {
		t.Errorf("archived %v, %s", archived, d.firmState("Acme Heating"))
	}
	// Each firm's thread was told once.
	if n := strings.Count(d.dump(firmChannel), "ended its work with you"); n != 1 {
		t.Errorf("said farewell %d times", n)
	}
}

// TestOffboardingWithWhatWaits: a job that waits for another one goes on waiting, with its
// offer prepared for the other firm.
func TestOffboardingWithWhatWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor add York | Baker"), "is set up")
	d.says("olivia", "ops", "new First")
	d.says("olivia", "ops", "new Second")
	expect(t, d.says("olivia", "ops", "draft 2 acme by 3h due in 2 days"), "Second")
	expect(t, d.says("olivia", "ops", "follow 2 after 1"), "waits for #1")
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	d.submit("olivia", "ops", form, map[string]string{"all": "offer", "contractor": "baker"})
	d.drained()
	d.wantStatus(2, "reported/canceled,unsent")
	d.wantLine(2, "1 waits")
	expect(t, d.says("olivia", "ops", "follow 2 now"), "offered to Baker, York")
	d.wantStatus(2, "allocated/canceled,assigned")
}

// TestOffboardingWithMuchOpenWork: no job stays with a firm that has left, however many
// it had.
func TestOffboardingWithMuchOpenWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	firm := d.manyJobs(450)
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	if form == nil {
		t.Fatal("there is no form")
	}
	d.submit("olivia", "ops", form, map[string]string{"all": "keep"})
	d.drained()
	if d.firmState("Acme Heating") != "offboarded" {
		t.Errorf("the firm is %s", d.firmState("Acme Heating"))
	}
	err := d.store.View(t.Context(), "main", func(tx storage.Tx) error {
		left, err := tx.ListIssues(t.Context(), storage.IssueFilter{Contractor: firm, Assignment: []workflow.Status{workflow.InProgress}, Limit: 500})
		if len(left) > 0 {
			t.Errorf("%d jobs are still the firm's", len(left))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOffboardingByWhoHandsOutNothing: the jobs come back all the same, because that is
// part of the off-boarding.
func TestOffboardingByWhoHandsOutNothing(t *testing.T) {
	t.Parallel()
	d := leaving(t)
	expect(t, d.says("anna", "ops", "rights revoke @Otto hand out"), "not have the right")
	form := d.command("otto", "ops", "contractor offboard acme").Form
	if form == nil {
		t.Fatal("there is no form")
	}
	d.submit("otto", "ops", form, map[string]string{"all": "keep"})
	d.drained()
	if d.firmState("Acme Heating") != "offboarded" {
		t.Errorf("the firm is %s", d.firmState("Acme Heating"))
	}
	for number := range 3 {
		d.wantStatus(number+1, "reported/canceled")
	}
}
