package present_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// secrets marks everything that must never reach a firm.
func secrets() content {
	c := typical()
	c.customer, c.ref, c.url = "SECRET-customer", "SECRET-ref", "https://secret.example/SECRET-url"
	return c
}

// rival adds another firm in every way that it could show.
func rival(j present.Job, s workflow.Status) present.Job {
	j.Firms[otherID] = storage.Contractor{ID: otherID, City: "SECRET-city", Company: "SECRET-company"}
	a := workflow.Assignment{
		ID: id("assignment2"), Contractor: otherID, Status: s, Revision: 4, Step: "SECRET-step",
		InCharge: workflow.Person{ID: "SECRET-person", Name: "SECRET-person"}, Terms: workflow.Terms{Note: "SECRET-terms"},
		DeclinedText: "SECRET-decline", SendBackReason: "SECRET-back", LastBy: "SECRET-person",
		Completion: workflow.Completion{Note: "SECRET-note", Costs: "SECRET-costs"},
	}
	j.Assignments = append(j.Assignments, a)
	j.External = []string{"SECRET-external"}
	a.Terms.Price, a.Terms.Limit = "987.65 XTS", "987.65 XTS"
	a.Counter = workflow.Counter{At: noon, By: workflow.Person{ID: "SECRET-person", Name: "SECRET-person"}, Price: "987.65 XTS", Note: "SECRET-counter"}
	a.Request = workflow.Request{At: noon, By: workflow.Person{ID: "SECRET-person", Name: "SECRET-person"}, What: "SECRET-what", Amount: "987.65 XTS", Reason: "SECRET-why"}
	j.Assignments[len(j.Assignments)-1] = a
	j.Chain = workflow.Chain{Running: true, Firms: []string{otherID, "SECRET-next"}, Terms: workflow.Terms{Note: "SECRET-chain"}}
	j.LastBy = "SECRET-person"
	j.Request = workflow.Request{At: noon, By: workflow.Person{ID: "SECRET-person", Name: "SECRET-person"}, What: "SECRET-answer", Answer: workflow.RequestApproved}
	return j
}

// everythingIn is all that a message could give away, what is not shown included.
func everythingIn(m chat.Message) string { return fmt.Sprintf("%+v", m) }

// TestFirmsLearnNothingOfTheDesk tries every state of the firm's own assignment
// against every state of another's, with every notice and button.
func TestFirmsLearnNothingOfTheDesk(t *testing.T) {
	t.Parallel()
	p := presenter()
	check := func(name string, m chat.Message) {
		t.Helper()
		all := everythingIn(m)
		for _, secret := range []string{"SECRET", "XTS"} {
			if i := strings.Index(all, secret); i >= 0 {
				t.Errorf("%s gives away %q", name, all[max(0, i-10):min(len(all), i+30)])
			}
		}
	}
	check("details changed", told(p, secrets()))
	for _, own := range workflow.Statuses() {
		if own == workflow.Unsent {
			continue
		}
		for _, other := range workflow.Statuses() {
			for _, is := range workflow.IssueStatuses() {
				j := rival(job(secrets(), own), other)
				j.SourceURL = "https://secret.example/SECRET-source"
				j.Status = is
				name := fmt.Sprintf("%s, other %s, issue %s", own, other, is)
				check("card, "+name, p.Card(j, firmCard(), noon))

				seen := j
				actor := workflow.Actor{Role: workflow.Contractor, Contractor: firmID, ID: "slack:T1/U9"}
				seen.Issue.Issue = workflow.Visible(j.Issue.Issue, actor)
				check("show, "+name, p.Show(asked(), seen, workflow.Contractor))
				check("all of it, "+name, p.All(j, j.Assignments[0]))
				check("list, "+name, p.List(asked(), workflow.Contractor, present.Page{Heading: "Open jobs", Jobs: []present.Job{seen}}))
				check("board, "+name, p.Board([]present.Page{{Heading: "Open jobs", Count: 1, Jobs: []present.Job{seen}}}))
				check("home, "+name, p.HomeAnswer(asked(), present.Home{Role: workflow.Contractor, Sections: []present.Page{{Heading: "Open jobs", Count: 1, Jobs: []present.Job{seen}}}}))
				for _, m := range p.HomePage(asked(), present.Home{Role: workflow.Contractor, Sections: []present.Page{{Heading: "Open jobs", Count: 1, Jobs: []present.Job{seen}}}}) {
					check("home page, "+name, m)
				}
				check("history, "+name, p.History(asked(), present.Chronicle{Job: seen, Events: firmEvents(seen)}))

				for _, k := range noticeKinds() {
					for _, to := range []workflow.Audience{workflow.ToFirm, workflow.ToInCharge} {
						if !tellsFirms(k.to) {
							continue
						}
						n := workflow.Notice{Kind: k.kind, To: to, Assignment: id("assignment")}
						check(fmt.Sprintf("notice %s, %s", k.kind, name), p.Notice(j, n, "Olivia"))
					}
				}
				a := j.Assignments[0]
				for form, f := range map[string]*chat.Form{"decline": p.Decline(asked(), j, a), "complete": p.Complete(asked(), j, a), "hand over": p.HandOver(asked(), j, a, nil), "counter-offer": p.Counter(asked(), j, a)} {
					if strings.Contains(fmt.Sprintf("%+v", *f), "SECRET") {
						t.Errorf("form %s, %s gives something away", form, name)
					}
				}
				check("decline, "+name, p.DeclineWithout(asked(), j, a))
				check("counter-offer, "+name, p.CounterWithout(asked(), j, a))
				check("complete, "+name, p.CompleteWithout(asked(), j, a))
				check("hand over, "+name, p.HandOverWithout(asked(), j, a, nil))
			}
		}
	}
}

// TestFirmsReadNothingNewOfAJobTheyLost changes all of a job that its firm has no more.
func TestFirmsReadNothingNewOfAJobTheyLost(t *testing.T) {
	t.Parallel()
	p, c := presenter(), typical()
	for _, own := range []workflow.Status{workflow.Declined, workflow.Canceled} {
		j := job(c, own)
		j.Assignments[0].Knew = map[workflow.Field]string{
			workflow.FieldTitle: c.title, workflow.FieldTopic: "", workflow.FieldPlace: c.place,
			workflow.FieldPriority: "high", workflow.FieldDueAt: "2026-12-01T12:00:00Z",
		}
		j.Title, j.Description, j.Topic, j.Place, j.Priority = "SECRET-title", "SECRET-description", "SECRET-topic", "SECRET-place", "SECRET-priority"
		j.DueAt, j.Overdue = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), true
		j.Demands.Checklist = []workflow.Item{{Text: "SECRET-item"}}
		former := firmCard()
		former.Kind = storage.FormerAssignmentCard
		seen := j
		seen.Issue = present.AsKnown(j.Issue, j.Assignments...)
		pages := map[string]chat.Message{
			"card": p.Card(j, firmCard(), noon), "former card": p.Card(j, former, noon), "show": p.Show(asked(), seen, workflow.Contractor),
			"history": p.History(asked(), present.Chronicle{Job: seen}),
			"list":    p.List(asked(), workflow.Contractor, present.Page{Heading: "Declined jobs", Jobs: []present.Job{seen}}),
		}
		for name, m := range pages {
			all := everythingIn(m)
			if strings.Contains(all, "SECRET") || strings.Contains(all, "2027") || strings.Contains(all, "overdue") || !strings.Contains(all, c.title) {
				t.Errorf("%s, %s: %s", own, name, all)
			}
		}
	}
}

func tellsFirms(to []workflow.Audience) bool {
	for _, a := range to {
		if a != workflow.ToOperators && a != workflow.ToManagers {
			return true
		}
	}
	return false
}

// firmEvents are the events of a firm's own assignment, as somebody of another
// firm may have caused some of them.
func firmEvents(j present.Job) []storage.Event {
	var out []storage.Event
	for _, e := range everyEvent(j) {
		if e.Assignment == "" {
			continue
		}
		if e.Kind == workflow.EventWithdrawn {
			e.Actor = workflow.Person{ID: "SECRET-person", Name: "SECRET-person"}
		}
		out = append(out, e)
	}
	return out
}

// TestFirmsButtons gives the firm's side only verbs that a firm may use, and the
// desk's side only the desk's.
func TestFirmsButtons(t *testing.T) {
	t.Parallel()
	p := presenter()
	for _, s := range workflow.Statuses() {
		var firm, desk []string
		j := job(typical(), s)
		for _, b := range p.Card(j, firmCard(), noon).Buttons {
			firm = append(firm, b.Label)
		}
		for _, b := range p.Card(j, issueCard(), noon).Buttons {
			desk = append(desk, b.Label)
		}
		for _, f := range firm {
			for _, d := range desk {
				if f == d {
					t.Errorf("%s: both sides have %q", s, f)
				}
			}
		}
	}
}

// TestOutsidersLearnNothingElse: somebody outside sees the title and the place, whatever
// the job and its firms are at.
func TestOutsidersLearnNothingElse(t *testing.T) {
	t.Parallel()
	p := presenter()
	c := secrets()
	c.description, c.topic = "SECRET-description", "SECRET-topic"
	for _, own := range workflow.Statuses() {
		for _, issue := range workflow.IssueStatuses() {
			j := rival(job(c, own), own)
			j.Status, j.Outside = issue, map[string]string{"SECRET-external": "SECRET-outside"}
			for _, m := range []chat.Message{
				p.Card(j, storage.Card{ID: "card", Kind: storage.ExternalCard}, noon),
				p.Card(j, storage.Card{ID: "card", Kind: storage.FormerExternalCard}, noon),
				p.Show(present.Asked{User: "fake:W1/ivan", Now: noon}, j, workflow.External),
			} {
				all := everythingIn(m)
				for _, secret := range []string{"SECRET", "XTS", c.company} {
					if strings.Contains(all, secret) {
						t.Errorf("%s, %s: gives away %q: %s", issue, own, secret, all)
					}
				}
				if len(m.Buttons) > 0 || m.Choice != nil {
					t.Errorf("%s, %s: has buttons: %+v", issue, own, m.Buttons)
				}
			}
		}
	}
}
