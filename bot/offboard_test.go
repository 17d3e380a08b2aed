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

// offboards off-boards a firm, with whatever the form suggests.
func (d *desk) offboards(name string) string {
	d.t.Helper()
	a := d.submit("olivia", "ops", d.command("olivia", "ops", "contractor offboard "+name).Form, nil)
	return a.Message.Text.String()
}

// TestOffboardingAsksFirst: a letter that names a firm ends nothing, and outside of a
// firm's channel a firm is named, be it the only one.
func TestOffboardingAsksFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	form := d.command("olivia", "ops", "contractor offboard a").Form
	if form == nil || form.Intro != "Acme Heating, Leeds has no open jobs. It gets no more offers, its people are taken out of its channels, and the channels are archived." {
		t.Fatalf("the form is %+v", form)
	}
	expect(t, d.says("olivia", "ops", "contractor offboard"), "which firm?")
	if f := d.command("olivia", firmChannel, "contractor offboard").Form; f == nil || !strings.HasPrefix(f.Intro, "Acme Heating, Leeds ") {
		t.Fatalf("in the firm's channel the form is %+v", f)
	}
	d.drained()
	if s := d.firmState("Acme Heating"); s != "active" {
		t.Fatalf("before anybody agreed the firm is %s", s)
	}
	d.submit("olivia", "ops", form, map[string]string{"farewell": "Good luck."})
	d.waitText(firmChannel, "Good luck.")
	d.drained()
	if s := d.firmState("Acme Heating"); s != "offboarded" {
		t.Errorf("the firm is %s", s)
	}
}

// TestOffboardedFirmIsFound by what makes sense for it, and its people do nothing more even
// where they could not be taken out.
func TestOffboardedFirmIsFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.engine.AwaitFor(time.Minute)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor add York | Acme Glass"), "is set up")
	d.drained()
	d.p.refuse("remove", &chat.SendError{Reason: chat.Unsupported})
	d.offboards("acme heating")
	d.drained()
	d.p.mu.Lock()
	d.p.channels[firmChannel].Archived = false
	d.p.mu.Unlock()
	for _, text := range []string{"list", "score", "web"} {
		expect(t, d.says("cora", firmChannel, text), "the desk does not know you")
		expect(t, d.says("cora", "", text), "the desk does not know you")
	}
	expect(t, d.says("olivia", "ops", "contractor show heating"), "Acme Heating, Leeds", "Off-boarded")
	expect(t, d.says("olivia", "ops", "contractor sync heating"), "the firm is off-boarded and the channel is open still; archive it")
	expect(t, d.says("olivia", "ops", "contractor remove heating cora"), "Cora")
	expect(t, d.says("olivia", "ops", "list done heating"), "Completed jobs")
	expect(t, d.says("olivia", "ops", "score heating"), "Acme Heating, Leeds")
	expect(t, d.says("olivia", "ops", "contractor offboard heating"), "is off-boarded already")
	for _, text := range []string{"pause heating", "hours heating", "topics heating gas", "move heating Hull", "invite heating x@acme.example", "answers heating everybody", "link heating"} {
		expect(t, d.says("olivia", "ops", "contractor "+text), "Acme Heating, Leeds is off-boarded", "contractor resume Acme Heating, Leeds takes it back")
	}
	// An old firm is not in a new one's way, and is found by its full name.
	expect(t, d.says("olivia", "ops", "contractor show acme"), "Acme Glass, York")
	expect(t, d.says("olivia", "ops", "contractor add Leeds | Acme Heating"), "is set up")
	expect(t, d.says("olivia", "ops", "contractor show acme heating, leeds"), "State: Active")
	expect(t, d.says("olivia", "ops", "contractor pause acme glass, york"), "no new offers")
}

// TestBranchesAreToldApart: what a refusal says to type means the firm that it is about,
// where a company has a firm in two cities.
func TestBranchesAreToldApart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor add York | Acme Heating"), "is set up")
	d.drained()
	d.says("olivia", "ops", "new Boiler")
	expect(t, d.says("olivia", "ops", "contractor pause acme heating, leeds"), "Acme Heating, Leeds gets no new offers")
	expect(t, d.says("olivia", "ops", "assign 1 acme heating, leeds"), "contractor resume Acme Heating, Leeds,")
	expect(t, d.says("olivia", "ops", "contractor resume Acme Heating, Leeds"), "Acme Heating, Leeds gets offers again")
	expect(t, d.offboards("acme heating, york"), `--contractor "Acme Heating, York"`)
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor resume Acme Heating, York"), "Acme Heating, York gets offers again")
	d.drained()
	// Two of one name are told apart by their ids.
	d.offboards("acme heating, york")
	d.drained()
	expect(t, d.says("olivia", "ops", "contractor add York | Acme Heating"), "is set up")
	d.drained()
	said := d.offboards("acme heating, york")
	_, id, _ := strings.Cut(said, `--contractor "`)
	id, _, _ = strings.Cut(id, `"`)
	all, err := d.engine.Contractors(t.Context())
	if err != nil || !slices.ContainsFunc(all, func(c chat.ContractorView) bool { return c.ID == id && c.City == "York" }) {
		t.Errorf("%q names none of %+v", said, all)
	}
}

// TestOffboardingAsksAboutManyJobs one by one, and what has no room goes the way of all.
func TestOffboardingAsksAboutManyJobs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	d.manyJobs(60)
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	if form == nil || len(form.Fields) != 52 || !strings.Contains(form.Fields[0].Help, "10 more") {
		t.Fatalf("the form is %+v", form)
	}
	values := map[string]string{"all": "keep"}
	for _, f := range form.Fields[1:51] {
		values[f.Name] = "close"
	}
	d.submit("olivia", "ops", form, values)
	d.drained()
	states := map[string]int{}
	for n := 1; n <= 60; n++ {
		states[d.issue(n).Status]++
	}
	if states["closed"] != 50 || states["reported"] != 10 {
		t.Errorf("the jobs are %v", states)
	}
}

// TestOffboardingWithOpenWork: accepted work goes to another firm, one offer is closed,
// the other comes back; the firm is told, its people leave and its channel is archived.
func TestOffboardingWithOpenWork(t *testing.T) {
	t.Parallel()
	d := leaving(t)
	d.engine.AwaitFor(time.Minute)
	form := d.command("olivia", "ops", "contractor offboard acme").Form
	if form == nil || len(form.Fields) != 6 || !strings.HasPrefix(form.Intro, "Acme Heating, Leeds has 3 open jobs.") {
		t.Fatalf("the form is %+v", form)
	}
	if a := d.submit("olivia", "ops", form, map[string]string{"all": "keep", "job1": "offer"}); a.FieldErrors["contractor"] == "" {
		t.Fatalf("no other firm was asked for: %+v", a)
	}
	a := d.submit("olivia", "ops", form, map[string]string{
		"all": "keep", "job1": "offer", "job2": "close", "contractor": "baker", "farewell": "Thank you, all.",
	})
	expect(t, a.Message.Text.String(), "off-boarded", "3 open jobs were dealt with", `taskbridge export --contractor "Acme Heating, Leeds"`)
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
	expect(t, d.says("olivia", "ops", "assign 3 acme"), "is off-boarded. Choose another firm.")
}

// TestOffboardingIsUndone as far as it can be, and says what cannot.
func TestOffboardingIsUndone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.drained()
	expect(t, d.offboards("acme"), "is off-boarded")
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
	expect(t, d.offboards("acme"), "is off-boarded")
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
	expect(t, d.offboards("acme"), "is off-boarded")
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
