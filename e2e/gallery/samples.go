package main

import (
	"strings"
	"time"
	_ "time/tzdata" // A machine may have no time zones of its own.

	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// samples are the people, firms and jobs that the gallery shows.
type samples struct {
	p          *present.Presenter
	now        time.Time
	acme, bolt storage.Contractor
	long       storage.Contractor
	// stuff, when set, changes each job before it is drawn.
	stuff func(present.Job) present.Job
}

// The people of the samples.
const (
	operator = "Ann Lee"
	// operatorID is who that is on Slack.
	operatorID = "U1"
	plumber    = "Ravi Shah"
	mate       = "Tom Baker"
)

// newSamples are samples with the words of a language.
func newSamples(words present.Words) *samples {
	signer := ticket.NewSigner([]byte("a key for pictures only"))
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		// The program has the zones in it.
		panic(err)
	}
	return &samples{
		p: &present.Presenter{
			Words: words,
			Desk:  "0199c0de-0000-7000-8000-000000000001", Command: "/task",
			Sign: signer.Sign, Zone: london,
		},
		now:  time.Date(2026, 11, 24, 9, 10, 0, 0, time.UTC),
		acme: storage.Contractor{ID: "c1", City: "Leeds", Company: "Acme Heating", State: storage.ContractorActive},
		bolt: storage.Contractor{ID: "c2", City: "Leeds", Company: "Bolt & Sons", State: storage.ContractorActive},
		long: storage.Contractor{
			ID: "c3", State: storage.ContractorActive,
			City:    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
			Company: fill("Gesellschaft für Heizungs-, Lüftungs- und Sanitärtechnik Müller, Schmidt & Söhne ", 100),
		},
	}
}

// fill repeats a text until it has n characters.
func fill(s string, n int) string {
	r := []rune(strings.Repeat(s, n/len([]rune(s))+1))
	return strings.TrimSpace(string(r[:n]))
}

func (s *samples) firms() map[string]storage.Contractor {
	return map[string]storage.Contractor{s.acme.ID: s.acme, s.bolt.ID: s.bolt, s.long.ID: s.long}
}

func (s *samples) asked() present.Asked {
	return present.Asked{User: "slack:T1/U1", Nonce: "0199c0de-0000-7000-8000-00000000000f", Now: s.now}
}

// job is a typical one that no firm has.
func (s *samples) job() present.Job {
	return present.Job{
		Issue: storage.Issue{
			Issue: workflow.Issue{
				ID: "0199c0de-0000-7000-8000-000000000042", Number: 42, Status: workflow.Reported, LiesWith: workflow.WithOperator,
				CreatedAt: s.now.Add(-time.Hour), DueAt: s.now.Add(32 * time.Hour).Truncate(time.Hour),
			},
			Title:       "Boiler down at 4 Elm St",
			Description: "No heating and no hot water since Sunday evening. The display shows error E133.\nTenant is at home from 8 to 12; please ring the top bell.",
			Topic:       "Heating", Priority: "high", Place: "4 Elm St, Leeds LS6 2AB",
			Customer: "Mrs Patel, 0113 496 0123", ExternalRef: "CRM-1077", URL: "https://crm.example.com/deals/1077",
		},
		Firms: s.firms(), Approval: settings.Default().Approval, Steps: workflow.StandardSteps(),
	}
}

// given is the job with one assignment in a state.
func (s *samples) given(status workflow.Status, change ...func(*workflow.Assignment)) present.Job {
	j := s.job()
	a := workflow.Assignment{
		ID: "0199c0de-0000-7000-8000-0000000000a1", Contractor: s.acme.ID, Status: status, Revision: 2,
		Terms: workflow.Terms{AcceptBy: s.now.Add(3*time.Hour - 10*time.Minute), Price: "80.00 GBP", Limit: "150.00 GBP", Note: "Call-out and first hour at the price, parts up to the limit. Ask before anything beyond that."},
	}
	j.Status, j.LiesWith = workflow.Allocated, workflow.WithContractor
	switch status {
	case workflow.Accepted, workflow.InProgress, workflow.WaitingApproval, workflow.Complete:
		a.InCharge = workflow.Person{ID: "slack:T1/U2", Name: plumber}
	}
	switch status {
	case workflow.WaitingApproval:
		j.LiesWith = workflow.WithOperator
		a.Completion = done()
	case workflow.Complete:
		j.Status, j.LiesWith = workflow.Resolved, workflow.WithOperator
		a.Completion, a.LastVerb = done(), workflow.Approve
	case workflow.Declined:
		j.Status, j.LiesWith = workflow.Reported, workflow.WithOperator
		a.DeclinedReason, a.DeclinedText = "no_capacity", "Both vans are out until Thursday."
	case workflow.Canceled:
		j.Status, j.LiesWith = workflow.Reported, workflow.WithOperator
	case workflow.Unsent:
		j.Status, j.LiesWith = workflow.Reported, workflow.WithOperator
	}
	for _, c := range change {
		c(&a)
	}
	j.Assignments = []workflow.Assignment{a}
	if s.stuff != nil {
		j = s.stuff(j)
	}
	return j
}

func done() workflow.Completion {
	return workflow.Completion{Note: "Replaced the ignition electrode and bled the circuit. Runs without fault; two radiators upstairs still need new valves.", Effort: 95, Costs: "84.50 GBP", Materials: "Ignition electrode\nGasket", Activity: "Repair"}
}

// wordy is a job of which the desk wrote more than a firm's card shows.
func (s *samples) wordy() present.Job {
	j := s.given(workflow.Assigned, func(a *workflow.Assignment) {
		a.Terms.Note = strings.Repeat("Every part above 40 GBP is agreed before it is fitted. ", 10) + "Bring a ladder."
	})
	j.Description = strings.Repeat("The circuit loses pressure over night and the display shows error E133 in the morning. ", 18) + "The key is at number 9."
	return j
}

// chained is the job at one firm while two others wait for their turn.
func (s *samples) chained() present.Job {
	j := s.given(workflow.Assigned)
	j.Chain = workflow.Chain{Running: true, Firms: []string{s.bolt.ID, s.long.ID}}
	return j
}

// countered is the job at a firm that suggests other terms.
func (s *samples) countered() present.Job {
	j := s.given(workflow.Assigned, func(a *workflow.Assignment) {
		a.Terms.AcceptBy = time.Time{}
		a.Counter = workflow.Counter{By: workflow.Person{ID: "slack:T1/U2", Name: plumber}, At: s.now, Due: s.now.Add(72 * time.Hour).Truncate(time.Hour), Price: "120.00 GBP", Note: "The part comes on Friday."}
	})
	j.LiesWith = workflow.WithOperator
	return j
}

// asks is a job whose firm waits for an approval, or has had its answer.
func (s *samples) asks(answer workflow.RequestAnswer) present.Job {
	j := s.given(workflow.InProgress, func(a *workflow.Assignment) {
		a.Request = workflow.Request{
			By: workflow.Person{ID: "slack:T1/U2", Name: plumber}, At: s.now.Add(-5 * time.Minute), NeededBy: s.now.Add(3 * time.Hour).Truncate(time.Hour),
			What: "The pump is broken, too. A new one is in the van.", Amount: "180.00 GBP", Answer: answer,
		}
		switch answer {
		case workflow.RequestRefused:
			a.Request.Reason = "The house gets a new boiler in May: make the old pump last."
		case workflow.RequestApproved:
			a.Terms, _ = a.Terms.Raised(a.Request.Amount)
		}
	})
	j.LiesWith = workflow.LiesWith(j.Issue.Issue)
	return j
}

// held is a job that needs an approval before it is offered.
func (s *samples) held() present.Job {
	j := s.job()
	j.Request = workflow.Request{By: workflow.Person{ID: "slack:T1/U1", Name: operator}, At: s.now, What: "gas: yes; estimate: 700 GBP"}
	j.CreatedBy = j.Request.By
	return j
}

// amended is the job at a firm that is asked anew.
func (s *samples) amended() present.Job {
	return s.given(workflow.Assigned, func(a *workflow.Assignment) {
		a.LastVerb, a.Was = workflow.Amend, a.Terms
		a.Terms.Price, a.Terms.Due = "110.00 GBP", s.now.Add(56*time.Hour).Truncate(time.Hour)
	})
}

// talked adds comments to a job.
func (s *samples) talked(j present.Job) present.Job {
	j.Replies = 3
	j.LastReply = &storage.Comment{Author: storage.Author{Name: plumber}, CreatedAt: s.now.Add(-12 * time.Minute)}
	return j
}

// short is the least a job can have.
func (s *samples) short() present.Job {
	j := s.job()
	j.Issue = storage.Issue{Issue: j.Issue.Issue, Title: "Paint the door", Priority: "normal"}
	j.Number, j.DueAt = 7, time.Time{}
	return j
}

// longest is a job with as much in every field as it can hold, typed by somebody
// who means no good.
func (s *samples) longest(status workflow.Status) present.Job {
	const trick = "@channel <!channel> *bold* _it_ [x](https://evil.example) <https://evil.example|here> `code` & # > "
	j := s.given(status, func(a *workflow.Assignment) {
		a.Contractor = s.long.ID
		a.Terms.Note = fill("Scope, price and limit as agreed in the frame contract of 2024, section 7. ", 1000)
		a.DeclinedReason, a.DeclinedText = workflow.ReasonOther, fill("We would need scaffolding, which nobody has free before spring. ", 1000)
		a.SendBackReason = fill("The valve in the cellar still drips and the cover is missing. ", 1000)
		a.Completion = workflow.Completion{Note: fill("Changed the pump, the seals and the expansion vessel. ", 2000), Effort: 6045, Costs: "999999999.99 GBP", Materials: strings.TrimSpace(strings.Repeat(fill("Expansion vessel with a flange and a coupling, galvanised, ", 100)+"\n", 20)), Activity: fill("Repair of leaks under a frame contract ", 60)}
		a.Step = fill("Waiting for the spare part ", 80)
		if a.InCharge.Name != "" {
			a.InCharge.Name = fill("Maximiliane Alexandra Freifrau von und zu ", 80)
		}
	})
	j.Number = 123456
	j.Title = fill(trick+"Wassereinbruch im Untergeschoss ", 150)
	j.Description = fill(trick+"\nWater comes in at the north wall whenever it rains, and since last week also when it does not. The pump runs day and night.\n\n", 3000)
	j.Topic = fill("Roofing, plumbing and drains ", 60)
	j.Priority = "urgent"
	j.Place = fill("Rear building, third stairway, fourth floor on the left, ", 150)
	j.Customer = fill("Housing Association of the Northern Quarter, Mr Featherstonehaugh ", 120)
	j.ExternalRef = fill("REF-2026-11-24-000000000000000000000000000000042-", 80)
	j.Overdue = true
	return s.talked(j)
}

// sampleCount is how much is on a list that a page is from.
const sampleCount = 132

// page is a page from the middle of a list.
func (s *samples) page(heading string, jobs []present.Job) present.Page {
	list, narrowed, _ := strings.Cut(heading, " · ")
	if heading = s.p.Term(list); narrowed != "" {
		heading += " · " + narrowed
	}
	links := map[string]string{}
	for _, j := range jobs {
		links[j.ID] = "https://example.slack.com/archives/C0123456789/p1700000000000100"
	}
	return present.Page{Heading: heading, Count: sampleCount, Jobs: jobs, Links: links, Query: "open", Older: true, Newer: true}
}
