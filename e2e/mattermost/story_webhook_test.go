package mattermost_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// meters is another company's system that is told what happens. It takes each document
// once, and none while it is down.
type meters struct {
	t      *testing.T
	url    string
	secret []byte

	mu    sync.Mutex
	down  bool
	calls int
	docs  map[string]document
	order []string
}

// document is what it is told, as far as it looks.
type document struct {
	Type string
	Data struct {
		Event struct {
			Actor string
			Data  map[string]string
		}
		Issue   struct{ Title string }
		Comment *struct{ Text string }
	}
}

func newMeters(t *testing.T) *meters {
	t.Helper()
	m := &meters{t: t, secret: []byte("a secret of thirty-two bytes, so"), docs: map[string]document{}}
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	m.url = s.URL + "/in"
	return m
}

// settings let the product call it as "meters".
func (m *meters) settings() []string {
	return []string{
		"TASKBRIDGE_WEBHOOKS_METERS_URL=" + m.url, "TASKBRIDGE_WEBHOOKS_METERS_PRIVATE=true",
		"TASKBRIDGE_WEBHOOKS_METERS_SECRET=whsec_" + base64.StdEncoding.EncodeToString(m.secret),
		"TASKBRIDGE_WEBHOOKS_METERS_EVENTS=assignment.accepted,comment.added",
	}
}

// ServeHTTP takes a document that the secret has signed.
func (m *meters) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	id := r.Header.Get("webhook-id")
	sum := hmac.New(sha256.New, m.secret)
	_, _ = fmt.Fprintf(sum, "%s.%s.%s", id, r.Header.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil)); !slices.Contains(strings.Fields(r.Header.Get("webhook-signature")), want) {
		m.t.Errorf("a document that nobody has signed: %s", body)
	}
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		m.t.Errorf("a document that cannot be read: %v", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if _, known := m.docs[id]; !known {
		m.docs[id] = doc
		m.order = append(m.order, id)
	}
	w.WriteHeader(http.StatusNoContent)
}

// turn switches it off or on and returns how often it was called so far.
func (m *meters) turn(down bool) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
	return m.calls
}

// waitFor waits until it was told these types, in order, and returns the last.
func (m *meters) waitFor(types ...string) document {
	m.t.Helper()
	var last document
	harness.Within(m.t, patience, fmt.Sprintf("the other system to be told %q", types), func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		var got []string
		for _, id := range m.order {
			last = m.docs[id]
			got = append(got, last.Type)
		}
		if !slices.Equal(got, types) {
			return fmt.Errorf("it was told %q", got)
		}
		return nil
	})
	return last
}

// Another system is told of what it asked for, and of an item of a checklist that calls it
// when the firm ticks that: also when it is down at that moment and the product is started
// anew meanwhile. The firm reads nothing of it.
func TestStoryWebhook(t *testing.T) {
	t.Parallel()
	m := newMeters(t)
	s := furnish(t, env.Open(t, harness.SQLite, m.settings()...))
	n := s.newIssue(t, "Change the meter")
	desk := s.deskCard(t, n)
	form := s.Olivia.Command(t, s.Operations.Id, fmt.Sprintf("/task require %d", n)).Dialog(t)
	if got := form.TrySubmit(t, harness.Values{"checklist": "Read the meter => crm"}).Complaint(); !harness.Contains(got, "checklist", "There is no webhook “crm”", "meters") {
		t.Errorf("an item that calls nobody: %q", got)
	}
	form.Submit(t, harness.Values{"checklist": "Gas off\n! Read the meter => meters"})
	card := s.offer(t, n)
	s.Cora.Click(t, card, "Accept").Told(t, "You are in charge")
	if doc := m.waitFor("assignment.accepted"); doc.Data.Issue.Title != "Change the meter" || doc.Data.Event.Actor != s.Cora.Username {
		t.Errorf("it is told %+v", doc)
	}
	// An internal note is none of its business, what firm and desk say to each other is.
	s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task note %d The landlord pays.", n))
	s.Cora.Reply(t, card, "On my way.")
	if doc := m.waitFor("assignment.accepted", "comment.added"); doc.Data.Comment == nil || doc.Data.Comment.Text != "On my way." {
		t.Errorf("it is told %+v", doc)
	}

	s.waitForButtons(t, s.Cora, card, "Checklist 0/2")
	before := m.turn(true)
	s.Cora.Click(t, card, "Checklist 0/2").Dialog(t).Submit(t, harness.Values{"read the meter": "true"})
	s.waitForCard(t, s.Cora, card, "☑ Read the meter")
	harness.Eventually(t, "a call that fails", func() error {
		if m.turn(true) == before {
			return fmt.Errorf("none came")
		}
		return nil
	})
	s.Product.Stop(t)
	m.turn(false)
	s.Product.Start(t)
	if doc := m.waitFor("assignment.accepted", "comment.added", "checklist.run"); doc.Data.Event.Data["item"] != "Read the meter" {
		t.Errorf("it is told %+v", doc)
	}
	harness.Eventually(t, "the history to tell of it", func() error {
		if text := s.Olivia.Ask(t, s.Operations.Id, fmt.Sprintf("/task history %d", n)); !harness.Contains(text, "The webhook meters has taken “Read the meter”") {
			return fmt.Errorf("it says:\n%s", text)
		}
		return nil
	})
	s.waitForCard(t, s.Otto, desk, "1 of 2 done")
	neverRead(t, s.Cora, "=>", "meters", "webhook")
}
