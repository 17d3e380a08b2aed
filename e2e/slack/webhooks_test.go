package slack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/e2e/process"
)

// webhookSecret is what the program and its receivers share.
const webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8="

// received is a document as a receiver reads it.
type received struct {
	Type      string
	Timestamp time.Time
	Data      struct {
		Event struct {
			Kind, Actor string
			Data        map[string]string
		}
		Issue   struct{ Title, Status, Customer string }
		Comment *struct{ Text, Visibility string }
	}
}

// receiver is another company's system: it looks at the signature with the library of the
// specification and takes each document once.
type receiver struct {
	t   testing.TB
	url string

	mu sync.Mutex
	// answer says what the next call is answered, 204 when it is nil.
	answer func(w http.ResponseWriter, doc received) int
	docs   []received
	// calls counts those that came, ids how often each document came.
	calls int
	ids   map[string]int
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{t: t, ids: map[string]int{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		body, err := io.ReadAll(in.Body)
		if err == nil {
			err = verifier.Verify(body, in.Header)
		}
		var doc received
		if err == nil {
			err = json.Unmarshal(body, &doc)
		}
		if err != nil {
			t.Errorf("a document that cannot be trusted: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.take(w, in.Header.Get(standardwebhooks.HeaderWebhookID), doc)
	}))
	t.Cleanup(s.Close)
	r.url = s.URL + "/in/hush-hush"
	return r
}

func (r *receiver) take(w http.ResponseWriter, id string, doc received) {
	r.mu.Lock()
	answer := r.answer
	r.calls++
	r.mu.Unlock()
	status := http.StatusNoContent
	if answer != nil {
		// Not under the lock: an answer may take its time.
		status = answer(w, doc)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if status < 300 {
		r.ids[id]++
		if r.ids[id] == 1 {
			r.docs = append(r.docs, doc)
		}
	}
	w.WriteHeader(status)
}

func (r *receiver) answering(answer func(http.ResponseWriter, received) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) called() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

// of are the documents about the job with a title, in the order in which they came.
func (r *receiver) of(title string) (docs []received) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range r.docs {
		if d.Data.Issue.Title == title {
			docs = append(docs, d)
		}
	}
	return docs
}

// told waits until documents of these types have come about a job.
func (r *receiver) told(title string, want ...string) []received {
	r.t.Helper()
	var got []string
	there := process.Eventually(patience, func() bool {
		got = nil
		for _, d := range r.of(title) {
			got = append(got, d.Type)
		}
		return slices.Equal(got, want)
	})
	if !there {
		r.t.Fatalf("about %q came %v, want %v", title, got, want)
	}
	return r.of(title)
}

// webhook are the settings of an endpoint.
func (r *receiver) webhook(name, events string) map[string]string {
	name = "WEBHOOKS_" + strings.ToUpper(name)
	return map[string]string{name + "_URL": r.url, name + "_SECRET": webhookSecret, name + "_PRIVATE": "true", name + "_EVENTS": events}
}

// run runs a command of the program's beside the service.
func (d *desk) run(args ...string) string {
	d.t.Helper()
	said, err := d.program.Run(args...)
	d.must(err)
	return said
}

func status(code int) func(http.ResponseWriter, received) int {
	return func(http.ResponseWriter, received) int { return code }
}

// TestWebhooks tells another company's system of a job's whole life, while that system
// fails, is busy and goes away, and the program is started again between.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		crm, erp := newReceiver(t), newReceiver(t)
		settings := crm.webhook("crm", "")
		for name, value := range erp.webhook("erp", "assignment.completed") {
			settings[name] = value
		}
		d := open(t, v, options{settings: settings})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, card := d.handedIn(acme, "Boiler down", "acme", who[0])
		_, err := who[0].Reply(acme, card.TS, "The old pump is in the yard")
		d.must(err)
		d.once(n, "The old pump is in the yard")
		_, err = d.oskar.Reply(d.ops, d.card(d.ops, n).TS, "They were late again")
		d.must(err)
		d.once(n, "They were late again")
		d.says(fmt.Sprintf("/task approve %d", n), "approved")
		life := crm.told("Boiler down", "issue.created", "assignment.offered", "assignment.accepted", "assignment.submitted", "comment.added", "assignment.completed")
		if a := life[2].Data; a.Event.Kind != "accepted" || a.Event.Actor != "frank" {
			t.Errorf("accepted says %+v", a)
		}
		if c := life[4].Data.Comment; c == nil || c.Text != "The old pump is in the yard" || c.Visibility != "shared" {
			t.Errorf("the comment is %+v", c)
		}
		erp.told("Boiler down", "assignment.completed")

		// It fails, the program is started again meanwhile, and it mends: nothing is
		// missing, and what came first comes first.
		crm.answering(status(http.StatusInternalServerError))
		before := crm.called()
		m := d.newIssue("Lock broken")
		d.says(fmt.Sprintf("/task close %d", m), "closed")
		until(t, "a call that fails", func() bool { return crm.called() > before })
		d.program.Stop()
		crm.answering(nil)
		d.start(v)
		crm.told("Lock broken", "issue.created", "issue.closed")

		// It is busy and says for how long: it is left alone until then.
		var busy sync.Once
		var since, again time.Time
		crm.answering(func(w http.ResponseWriter, _ received) int {
			code := http.StatusNoContent
			busy.Do(func() { code, since = http.StatusTooManyRequests, time.Now() })
			if code == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "3")
			} else if again.IsZero() {
				again = time.Now()
			}
			return code
		})
		d.newIssue("Roof leaks")
		crm.told("Roof leaks", "issue.created")
		crm.answering(nil)
		if waited := again.Sub(since); waited < 3*time.Second {
			t.Errorf("it was called again after %v", waited)
		}

		// It is gone: the desk is told, the rest waits, and nobody calls it until an
		// operator of the service says so.
		crm.answering(status(http.StatusGone))
		g := d.newIssue("Tap drips")
		_, err = d.slack.WaitMessage(d.ops, showing("crm", "answers that it is gone (410)"))
		d.must(err)
		d.says(fmt.Sprintf("/task close %d", g), "closed")
		list := d.run("deliveries", "list")
		d.has("the list of what waits", list, "webhook crm", "stopped: endpoint_gone")
		d.lacks("the list of what waits", list, "hush", "webhook erp")
		if _, err := d.program.Run("doctor"); err == nil {
			t.Error("the examination finds nothing wrong with a webhook that is gone")
		}
		crm.answering(nil)
		d.has("the answer", d.run("deliveries", "retry", "--lane", "crm"), "webhook/crm is tried again")
		crm.told("Tap drips", "issue.created", "issue.closed")
		d.has("the examination", d.run("doctor"), "webhook crm", "can be connected to")
		if log := d.program.Log(); strings.Contains(log, "hush") {
			t.Error("the address stands in the log")
		}
		crm.mu.Lock()
		defer crm.mu.Unlock()
		for id, times := range crm.ids {
			if times != 1 {
				t.Errorf("the document %s came %d times", id, times)
			}
		}
	})
}

// TestItemThatCallsAWebhook: an item of the checklist calls another system when it is
// ticked, also one that is told of nothing else, until that has taken it.
func TestItemThatCallsAWebhook(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		meters := newReceiver(t)
		d := open(t, v, options{settings: meters.webhook("meters", "issue.closed")})
		acme, who := d.firm("Leeds", "Acme", "frank")
		n, _ := d.accepted(acme, "Change the meter", "acme", who[0])
		d.says(fmt.Sprintf("/task require %d", n))
		d.view(d.oskar, fmt.Sprintf("Requirements #%d", n))
		d.refusedForm(d.oskar, slacktest.Values{"Checklist": "Read the meter => crm"}, "checklist", "There is no webhook “crm”", "meters")
		d.submit(d.oskar, fmt.Sprintf("Requirements #%d", n), slacktest.Values{"Checklist": "Gas off\n! Read the meter => meters"})
		card := d.card(acme, n, "Read the meter", "required", "Checklist 0/2")
		d.lacks("the firm's card", card.Plain(), "=>", "meters")

		meters.answering(status(http.StatusServiceUnavailable))
		before := meters.called()
		d.must(who[0].Click(acme, card.TS, "Checklist 0/2"))
		d.submit(who[0], fmt.Sprintf("Checklist #%d", n), slacktest.Values{"Gas off": []string{"Done"}, "Read the meter": []string{"Done"}})
		d.card(acme, n, "☑ Read the meter", "Checklist 2/2")
		until(t, "a call that fails", func() bool { return meters.called() > before })
		d.lacks("the history", d.says(fmt.Sprintf("/task history %d", n), "frank ticked “Read the meter”").Plain(), "has taken")
		meters.answering(nil)
		run := meters.told("Change the meter", "checklist.run")
		if e := run[0].Data.Event; e.Actor != "frank" || e.Data["item"] != "Read the meter" {
			t.Errorf("it is told %+v", e)
		}
		until(t, "the history to tell of it", func() bool {
			a, err := d.oskar.Command(d.ops, fmt.Sprintf("/task history %d", n))
			return err == nil && strings.Contains(a.Plain(), "The webhook meters has taken “Read the meter”")
		})
	})
}

// TestKillWhileCallingAWebhook: the program dies when a document was taken and that is
// not written down. It comes again with the same id, by which the receiver knows it.
func TestKillWhileCallingAWebhook(t *testing.T) {
	t.Parallel()
	each(t, transports(), func(t *testing.T, v variant) {
		crm := newReceiver(t)
		d := open(t, v, options{settings: crm.webhook("crm", "issue.created,issue.closed")})
		arrived, killed := make(chan struct{}), make(chan struct{})
		var first sync.Once
		crm.answering(func(_ http.ResponseWriter, _ received) int {
			first.Do(func() {
				close(arrived)
				<-killed
			})
			return http.StatusNoContent
		})
		n := d.newIssue("Boiler down")
		d.says(fmt.Sprintf("/task close %d", n), "closed")
		<-arrived
		d.program.Kill()
		close(killed)
		d.start(v)
		// What was under way rests until its lease has run out.
		if !process.Eventually(3*patience, func() bool { return len(crm.of("Boiler down")) == 2 }) {
			t.Fatalf("what came is %+v", crm.of("Boiler down"))
		}
		crm.told("Boiler down", "issue.created", "issue.closed")
		crm.mu.Lock()
		defer crm.mu.Unlock()
		var times []int
		for _, n := range crm.ids {
			times = append(times, n)
		}
		slices.Sort(times)
		if !slices.Equal(times, []int{1, 2}) {
			t.Errorf("the documents came %v times", times)
		}
	})
}
