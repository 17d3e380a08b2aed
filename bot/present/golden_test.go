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

func TestCardsGolden(t *testing.T) {
	t.Parallel()
	p := presenter()
	for name, c := range contents() {
		var desk, firm sheet
		for _, s := range everyStatus() {
			j := job(c, s)
			label := string(s)
			if s == "" {
				label = "no assignment"
			}
			desk.message(label, p.Card(j, issueCard(), noon))
			if s != "" && s != workflow.Unsent {
				firm.message(label, p.Card(j, firmCard(), noon))
			}
		}
		for _, s := range []workflow.IssueStatus{workflow.AllocatedExternal, workflow.Closed} {
			j := job(c, "")
			j.Status = s
			j.LiesWith = workflow.LiesWith(j.Issue.Issue)
			desk.message(string(s), p.Card(j, issueCard(), noon))
		}
		j := job(c, workflow.Complete)
		j.Status, j.LiesWith = workflow.Closed, workflow.WithNobody
		desk.message("closed after the work", p.Card(j, issueCard(), noon))
		j = job(c, workflow.InProgress)
		j.Overdue = true
		desk.message("overdue", p.Card(j, issueCard(), noon))
		j = job(c, workflow.InProgress)
		j.Replies, j.LastReply = 2, &storage.Comment{Author: storage.Author{Name: "Cora Reed"}, CreatedAt: noon}
		j.Synced = []present.Synced{{Platform: "Slack", UpTo: noon.Add(time.Hour), FoundAt: noon.Add(time.Hour)}}
		desk.message("after missed replies were found", p.Card(j, issueCard(), noon))
		j.LastReply.CreatedAt = noon.Add(2 * time.Hour)
		desk.message("and somebody replied since", p.Card(j, issueCard(), noon))
		offers := map[string]present.Job{"1 amended": amended(c), "2 countered": countered(c), "3 others wait for their turn": chained(c), "4 taken by another": taken(c)}
		for _, label := range keys(offers) {
			desk.message(label, p.Card(offers[label], issueCard(), noon))
			firm.message(label, p.Card(offers[label], firmCard(), noon))
		}
		desk.message("offered to two", p.Card(twoOffers(c), issueCard(), noon))
		desk.message("done by the first of two", p.Card(firstOfTwo(c), issueCard(), noon))
		for _, s := range []workflow.Status{workflow.Assigned, workflow.WaitingApproval} {
			j := job(c, s)
			for _, role := range []workflow.Role{workflow.Operator, workflow.Manager} {
				desk.message("show to "+string(role)+", "+string(s), p.Show(asked(), j, role))
			}
			firm.message("show, "+string(s), p.Show(asked(), j, workflow.Contractor))
		}
		golden(t, "cards_desk_"+name, desk.String())
		golden(t, "cards_firm_"+name, firm.String())
	}
}

// amended is a job whose firm is asked anew.
func amended(c content) present.Job {
	j := job(c, workflow.Assigned)
	a := &j.Assignments[0]
	a.LastVerb, a.Was = workflow.Amend, workflow.Terms{Price: "200.00 EUR", Note: "One room only", Due: noon.Add(24 * time.Hour)}
	a.Terms.Limit = ""
	return j
}

// countered is a job for which the firm wants other terms.
func countered(c content) present.Job {
	j := job(c, workflow.Assigned)
	a := &j.Assignments[0]
	a.Terms.AcceptBy = time.Time{}
	a.Counter = workflow.Counter{By: workflow.Person{ID: "slack:T1/U9", Name: c.person}, At: noon, Due: noon.Add(96 * time.Hour), Price: "300.00 EUR", Note: c.reason}
	j.LiesWith = workflow.LiesWith(j.Issue.Issue)
	return j
}

// chained is a job for which two other firms wait for their turn.
func chained(c content) present.Job {
	j := job(c, workflow.Assigned)
	j.Chain = workflow.Chain{Running: true, Firms: []string{otherID, "firm-3"}, Terms: workflow.Terms{Within: time.Hour}}
	j.Firms[otherID] = storage.Contractor{ID: otherID, City: "Hull", Company: "Other Firm"}
	j.Firms["firm-3"] = storage.Contractor{ID: "firm-3", City: c.city, Company: "Third Firm"}
	return j
}

// taken is a job that another firm was quicker to accept.
func taken(c content) present.Job {
	j := job(c, workflow.Canceled)
	j.Assignments[0].LastVerb = workflow.Accept
	return j
}

func twoOffers(c content) present.Job {
	j := job(c, workflow.Assigned)
	other := j.Assignments[0]
	other.ID, other.Contractor = id("assignment2"), otherID
	j.Assignments = append(j.Assignments, other)
	j.Firms[otherID] = storage.Contractor{ID: otherID, City: "Hull", Company: "Other Firm"}
	return j
}

// firstOfTwo is a job that the first of two firms has done.
func firstOfTwo(c content) present.Job {
	j := job(c, workflow.Complete)
	lost := workflow.Assignment{ID: id("assignment2"), Contractor: otherID, Status: workflow.Canceled}
	j.Assignments = append(j.Assignments, lost)
	j.Firms[otherID] = storage.Contractor{ID: otherID, City: "Hull", Company: "Other Firm"}
	return j
}

// TestCompletedOutranksWithdrawn keeps the work that was done on the desk's card,
// whichever firm was asked last.
func TestCompletedOutranksWithdrawn(t *testing.T) {
	t.Parallel()
	m := presenter().Card(firstOfTwo(typical()), issueCard(), noon)
	var facts []string
	for _, f := range m.Facts {
		facts = append(facts, f.Label+"="+f.Value.String())
	}
	if all := strings.Join(facts, "\n"); !strings.Contains(all, "Contractor=Acme Heating, Leeds · Complete") || !strings.Contains(m.Text.String(), "Done: New pump") {
		t.Errorf("the card shows\n%s\n%s", m.Text.String(), all)
	}
}

// everyForm is each form with the message that stands in for it.
func everyForm(c content) (forms map[string]*chat.Form, messages map[string]chat.Message) {
	p, as := presenter(), asked()
	j := job(c, workflow.InProgress)
	a := j.Assignments[0]
	firms := []storage.Contractor{{ID: firmID, City: c.city, Company: c.company}, {ID: otherID, City: "", Company: "Other Firm"}}
	people := []workflow.Person{{ID: "slack:T1/U2", Name: c.person}, {ID: "slack:T1/U3", Name: ""}}
	var many []storage.Contractor
	var crowd []workflow.Person
	for n := range 150 {
		many = append(many, storage.Contractor{ID: fmt.Sprint("firm-", n), City: c.city, Company: c.company})
		crowd = append(crowd, workflow.Person{ID: fmt.Sprint("slack:T1/U", n), Name: c.person})
	}
	forms = map[string]*chat.Form{
		"new issue": p.NewIssue(as, c.title, firms), "new issue, no firms": p.NewIssue(as, "", nil), "new issue, many firms": p.NewIssue(as, "", many),
		"details": p.EditDetails(as, j.Issue), "offer": p.Offer(as, j.Issue, firms, map[string]string{firmID: present.Words{}.Suits(workflow.Fit{City: "Leeds", Topic: "boiler", Done: 12, Taken: 18, Declined: 2, Rated: 5, Stars: 23})}), "offer, many firms": p.Offer(as, j.Issue, many, nil),
		"decline": p.Decline(as, j, a), "complete": p.Complete(as, j, a), "hand over": p.HandOver(as, j, a, people),
		"hand over, many": p.HandOver(as, j, a, crowd), "send back": p.SendBack(as, j, a), "reply": p.ReplyForm(as, j, a.ID), "ask outside": p.AskOutside(as, j.Issue), "amend": p.Amend(as, j, a), "counter-offer": p.Counter(as, j, a), "chain": p.Chain(as, chained(c)), "add firm": p.AddFirm(as, []string{"slack"}), "add firm, two platforms": p.AddFirm(as, []string{"mattermost", "slack"}),
	}
	messages = map[string]chat.Message{
		"decline without": p.DeclineWithout(as, j, a), "complete without": p.CompleteWithout(as, j, a),
		"hand over without": p.HandOverWithout(as, j, a, people), "hand over without, many": p.HandOverWithout(as, j, a, crowd),
		"try again": p.TryAgain(as, workflow.SendBack, j.Issue, &a, ""), "try again, new": p.TryAgain(as, workflow.Create, storage.Issue{}, nil, ""),
		"counter-offer without": p.CounterWithout(as, j, a), "draft": p.Draft(as, job(c, workflow.Unsent), job(c, workflow.Unsent).Assignments[0]),
		"which firm": p.WhichFirm(as, j.Issue, firms, "accept_by=x"), "which firm, many": p.WhichFirm(as, j.Issue, many, strings.Repeat("x", 700)),
	}
	workForms(c, forms, messages)
	return forms, messages
}

func TestFormsGolden(t *testing.T) {
	t.Parallel()
	for name, c := range contents() {
		var s sheet
		forms, messages := everyForm(c)
		for _, k := range keys(forms) {
			s.form(k, forms[k])
		}
		for _, k := range keys(messages) {
			s.message(k, messages[k])
		}
		golden(t, "forms_"+name, s.String())
	}
}

// noticeKinds is every kind of notice with the status its assignment has then.
func noticeKinds() []struct {
	kind   workflow.NoticeKind
	status workflow.Status
	to     []workflow.Audience
} {
	ops, firm := []workflow.Audience{workflow.ToOperators}, []workflow.Audience{workflow.ToFirm}
	both := []workflow.Audience{workflow.ToOperators, workflow.ToFirm, workflow.ToInCharge}
	return []struct {
		kind   workflow.NoticeKind
		status workflow.Status
		to     []workflow.Audience
	}{
		{workflow.NoticeTookCharge, workflow.InProgress, firm},
		{workflow.NoticePaused, workflow.InProgress, both},
		{workflow.NoticeResumed, workflow.InProgress, both},
		{workflow.NoticePlanned, workflow.InProgress, ops},
		{workflow.NoticeConsent, workflow.InProgress, both},
		{workflow.NoticeDemanded, workflow.InProgress, firm},
		{workflow.NoticeOffered, workflow.Assigned, firm},
		{workflow.NoticeAccepted, workflow.Accepted, ops},
		{workflow.NoticeDeclined, workflow.Declined, ops},
		{workflow.NoticeExpired, workflow.Declined, both},
		{workflow.NoticeExpiresSoon, workflow.Assigned, firm},
		{workflow.NoticeWithdrawn, workflow.Canceled, firm},
		{workflow.NoticeTaken, workflow.Canceled, firm},
		{workflow.NoticeAmended, workflow.Assigned, firm},
		{workflow.NoticeTakenBack, workflow.Canceled, firm},
		{workflow.NoticeCounter, workflow.Assigned, ops},
		{workflow.NoticeCounterAccepted, workflow.Accepted, firm},
		{workflow.NoticeCounterRefused, workflow.Assigned, firm},
		{workflow.NoticeCounterWithdrawn, workflow.Assigned, ops},
		{workflow.NoticeApprovalAsked, workflow.InProgress, ops},
		{workflow.NoticeApprovalGiven, workflow.InProgress, firm},
		{workflow.NoticeApprovalRefused, workflow.Accepted, firm},
		{workflow.NoticeApprovalWithdrawn, workflow.InProgress, ops},
		{workflow.NoticeApprovalNeeded, "", []workflow.Audience{workflow.ToManagers}},
		{workflow.NoticeJobApproved, "", ops},
		{workflow.NoticeHandedOver, workflow.InProgress, firm},
		{workflow.NoticeSubmitted, workflow.WaitingApproval, ops},
		{workflow.NoticeApproved, workflow.Complete, firm},
		{workflow.NoticeSentBack, workflow.InProgress, firm},
		{workflow.NoticeCompleted, workflow.Complete, firm},
		{workflow.NoticeClosed, workflow.Complete, firm},
		{workflow.NoticeReopened, workflow.InProgress, firm},
		{workflow.NoticeReminder, workflow.Assigned, both},
		{workflow.NoticeReminder, workflow.InProgress, both},
		{workflow.NoticeReminder, workflow.WaitingApproval, both},
		{workflow.NoticeReminder, workflow.Complete, ops},
		{workflow.NoticeReminder, "", ops},
		{workflow.NoticeOverdue, workflow.InProgress, both},
		{workflow.NoticeEscalated, workflow.InProgress, []workflow.Audience{workflow.ToManagers}},
		{workflow.NoticeNoFirmLeft, workflow.Declined, ops},
	}
}

func TestNoticesGolden(t *testing.T) {
	t.Parallel()
	p := presenter()
	for name, c := range contents() {
		var s sheet
		for _, k := range noticeKinds() {
			for _, to := range k.to {
				j := noticed(c, job(c, k.status), k.kind)
				by := "Olivia"
				if k.kind == workflow.NoticeAccepted || k.kind == workflow.NoticeDeclined || k.kind == workflow.NoticeSubmitted || k.kind == workflow.NoticeHandedOver {
					by = c.person
				}
				n := workflow.Notice{Kind: k.kind, To: to}
				if len(j.Assignments) > 0 {
					n.Assignment = j.Assignments[0].ID
				}
				s.message(fmt.Sprintf("%s, %s, to %s", k.kind, k.status, to), p.Notice(j, n, by))
			}
		}
		s.message("details changed", told(p, c))
		asked := job(c, workflow.InProgress)
		asked.Demands = workflow.Demands{Checklist: []workflow.Item{{Text: c.note}, {Text: "Gas off", Required: true}}, Costs: workflow.Required, Activity: workflow.Hidden, Kind: "SECRET"}
		was := workflow.Demands{Checklist: []workflow.Item{{Text: c.note, Calls: "SECRET"}}, Evidence: 2, Steps: []string{"Travel", "Work"}}
		s.message("demanded, with what", p.Notice(asked, workflow.Notice{Kind: workflow.NoticeDemanded, To: workflow.ToFirm, Assignment: asked.Assignments[0].ID, Was: &was}, "Olivia"))
		s.message("relay", present.Words{}.Mirror(chat.Speaker{Name: "Olivia"}, present.Words{}.Spoken(storage.Comment{Text: c.description}, nil), 0, 1))
		anna := chat.Speaker{Name: present.Words{}.OfFirm("Anna", storage.Contractor{Company: "Acme Heating"})}
		s.message("files", present.Words{}.Files(anna, []storage.File{{Name: "boiler.jpg"}, {Name: c.description}}))
		s.message("files not shown", present.Words{}.FilesNotShown(anna, []storage.File{
			{Name: "film.mp4", Size: 300_000_000, Refused: string(chat.TooLarge), URL: "https://desk.slack.example/files/F1"},
			{Name: "plan", Refused: string(chat.FileElsewhere), URL: "https://docs.example/plan"},
			{Name: "tool.exe", Size: 12, Refused: string(chat.FileBlocked)},
			{Name: c.description, Refused: string(chat.NotFound)},
			{Name: "old.txt", Refused: string(chat.Unavailable)},
		}, "slack"))
		firm := storage.Contractor{City: c.city, Company: c.company}
		s.message("welcome", p.Welcome(firm))
		s.message("firm made", chat.Message{Text: present.Words{}.FirmMade(firm, storage.Channel{Name: "ext-leeds-acme", URL: "https://chat.example/c"}, "/task")})
		s.message("created", chat.Message{Text: present.Words{}.Created(job(c, "").Issue)})
		golden(t, "notices_"+name, s.String())
	}
}

// longestPage is a page of a list at its longest.
func longestPage(c content) present.Page {
	pg := present.Page{
		Heading: strings.Repeat("Waiting acceptance or approval · ", 10), Count: present.CountMost, Older: true, Newer: true,
		Query: strings.Repeat("q", 300), Links: map[string]string{},
	}
	for n := range 12 {
		j := job(c, workflow.InProgress)
		j.Overdue = true
		j.ID = fmt.Sprint("i", n)
		pg.Links[j.ID] = "https://" + strings.Repeat("w", 80) + ".slack.com/archives/C0123456789/p1700000000000100"
		pg.Jobs = append(pg.Jobs, j)
	}
	return pg
}

func TestListsGolden(t *testing.T) {
	t.Parallel()
	p := presenter()
	var s sheet
	s.message("nothing", p.List(asked(), workflow.Operator, present.Page{Heading: "Open jobs"}))
	var jobs []present.Job
	for _, st := range everyStatus() {
		jobs = append(jobs, job(typical(), st))
	}
	jobs[3].Overdue = true
	page := present.Page{
		Heading: "Open jobs · Acme Heating, Leeds", Jobs: jobs, Count: 132, Query: `open firm:"acme"`, Older: true,
		Links: map[string]string{jobs[0].ID: "https://chat.example/archives/C1/p1700000000000100"},
	}
	s.message("a list", p.List(asked(), workflow.Operator, page))
	page.Jobs, page.Newer, page.Count = jobs[1:4], true, present.CountMost
	s.message("a list for a firm", p.List(asked(), workflow.Contractor, page))
	s.message("the longest", p.List(asked(), workflow.Operator, longestPage(longest())))
	firms := []storage.Contractor{
		{ID: "1", City: "Leeds", Company: "Acme Heating", State: storage.ContractorActive},
		{ID: "2", City: "Hull", Company: "Other Firm", State: storage.ContractorOpening},
		{ID: "3", Company: "No City", State: storage.ContractorPaused},
		{ID: "4", City: "York", Company: "Gone", State: storage.ContractorOffboarded},
	}
	chans := []storage.Channel{
		{Contractor: "1", Name: "ext-leeds-acme-heating", URL: "https://chat.example/1"},
		{Contractor: "3", Name: "ext-no-city", URL: "https://chat.example/3", State: string(chat.ChannelBotRemoved)},
		{Contractor: "4", Name: "ext-york-gone", URL: "https://chat.example/4", State: string(chat.ChannelArchived)},
	}
	s.message("firms", p.Firms(asked(), present.FirmPage{Firms: firms, Channels: chans}))
	s.message("firms in the middle", p.Firms(asked(), present.FirmPage{Firms: firms, Channels: chans, Count: 61, Query: "heating", Newer: true, Older: true}))
	var invs []storage.Invitation
	for _, st := range []chat.InviteState{"", chat.InviteSent, chat.InviteAccepted, chat.InviteAwaitingApproval, chat.InviteApproved, chat.InviteDeclined, chat.InviteExpired, chat.InviteJoined, chat.InviteFailed} {
		invs = append(invs, storage.Invitation{Address: "cora@acme.example", State: string(st)})
	}
	invs[len(invs)-1].Note = "Nobody has this name or address here; check how it is written."
	s.message("a firm", present.Words{}.Firm(present.FirmView{Contractor: firms[2], Channels: chans[1:2], Invitations: invs}))
	s.message("a new firm", present.Words{}.Firm(present.FirmView{Contractor: firms[1]}))
	sum := storage.Summary{
		Issues:      map[workflow.IssueStatus]int{workflow.Reported: 2, workflow.Allocated: 5, workflow.Closed: 9},
		Assignments: map[workflow.Status]int{workflow.Assigned: 2, workflow.InProgress: 3},
		LiesWith:    map[workflow.Side]int{workflow.WithOperator: 2, workflow.WithContractor: 5},
		Overdue:     1, Oldest: 12, Flows: storage.Flows{Created: 1, Closed: 3},
	}
	oldest := storage.Issue{Issue: workflow.Issue{Number: 12, CreatedAt: noon.AddDate(0, 0, -9)}, Title: "Gutter at 7 Mill Lane"}
	s.message("summary", p.Summary(present.Report{Title: "today", Period: "today", Summary: sum, Longest: &oldest}))
	s.message("summary of a firm", p.Summary(present.Report{Title: "the last 7 days", Period: "in the last 7 days", Firm: "Acme Heating, Leeds", Summary: flowing(sum)}))
	s.message("summary of nothing", p.Summary(present.Report{Title: "the last 30 days", Period: "in the last 30 days"}))
	s.message("summary of a broken delivery", p.Summary(present.Report{Title: "today", Period: "today", Summary: sum, Health: present.Health{
		Parked: []present.Parked{
			{Channel: "ext-leeds-acme-heating", Reason: "I am not in the channel; add me again", Waiting: 4, Since: noon.Add(-4 * time.Hour)},
			{Channel: "ext-york-lock-and-key", Reason: "the channel is archived or gone", Waiting: 1, Since: noon.Add(-3 * time.Hour)},
		},
		Waiting: 7, Oldest: noon.Add(-4 * time.Hour), Late: true,
		Invitations: []storage.Invitation{{Address: "cora@acme.example", State: "declined"}, {Address: "carl@acme.example", State: "expired"}},
	}}))
	s.message("a score", p.Score(present.ScoreCard{Firm: firms[0], Days: 90, Summary: flowing(sum)}))
	s.message("a firm's own score", p.Score(present.ScoreCard{Firm: firms[0], Own: true, Days: 90, Summary: flowing(sum)}))
	s.message("no score", p.Score(present.ScoreCard{Firm: firms[0], Own: true, Days: 90}))
	s.message("a picture in words", present.Words{}.ChartOf([]storage.Day{{Date: noon, Created: 3, Closed: 1}, {Date: noon.AddDate(0, 0, 1), Created: 4, Closed: 5}}))
	s.message("an empty picture in words", present.Words{}.ChartOf([]storage.Day{{Date: noon}}))
	for _, side := range []workflow.Role{workflow.Operator, workflow.Contractor, workflow.Stranger} {
		s.message("help for "+string(side), p.Help(side, []present.Usage{{Usage: "new [title]", Does: "create a job"}, {Usage: "help", Does: "show this"}}))
	}
	golden(t, "lists", s.String())
}

func TestHistoryGolden(t *testing.T) {
	t.Parallel()
	p := presenter()
	j := job(typical(), workflow.InProgress)
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	var s sheet
	var events []storage.Event
	for n, e := range everyEvent(j) {
		e.At = at(n)
		events = append(events, e)
		s.message(e.Kind+" "+fmt.Sprint(e.Data), chat.Message{Text: present.Words{}.EventText(j, e)})
	}
	comments := []storage.Comment{
		{Author: storage.Author{Name: "Cora Reed"}, Visibility: workflow.Shared, Text: "On my way", CreatedAt: at(1)},
		{Author: storage.Author{Name: "Olivia"}, Visibility: workflow.Internal, Text: "Always late", CreatedAt: at(2)},
		{
			Author: storage.Author{Name: "Cora Reed"}, Visibility: workflow.Shared, Text: "fifth", CreatedAt: at(3), EditedAt: at(4),
			Versions: []storage.Version{{Text: "first"}, {Text: "second"}, {Text: "third"}, {Text: "fourth"}},
			Files: []storage.File{
				{Name: "photo.jpg", Type: "image/jpeg", Size: 2_400_000, Digest: strings.Repeat("9f86d081", 8)},
				{Name: "film.mp4", Size: 300_000_000, Refused: "too_large"},
				{Name: "plan.pdf"},
			},
		},
		{Author: storage.Author{Name: "Cora Reed"}, Visibility: workflow.Shared, Text: "oops", CreatedAt: at(5), DeletedAt: at(6)},
		{Author: storage.Author{Name: "Olivia"}, Visibility: workflow.Shared, Held: true, Text: "Later", CreatedAt: at(7)},
		{Author: storage.Author{Name: "Nobody"}, Orphan: true, Text: "not to be seen", CreatedAt: at(8)},
	}
	s.message("a history", p.History(asked(), present.Chronicle{Job: j, Comments: comments, Events: events[:6], Latest: true}))
	s.message("an empty history", p.History(asked(), present.Chronicle{Job: j, Latest: true}))
	synced := j
	synced.Synced = []present.Synced{{Platform: "Slack", UpTo: at(9), Behind: true}, {Platform: "Mattermost", UpTo: at(10)}}
	s.message("a history that may be incomplete", p.History(asked(), present.Chronicle{Job: synced, Comments: comments[:1], Latest: true}))
	s.message("a page of a long history", p.History(asked(), present.Chronicle{Job: j, Comments: comments[:1], Earlier: "7.K1"}))
	golden(t, "history", s.String())
}

// everyEvent is each kind of event with the data that workflow writes.
func everyEvent(j present.Job) []storage.Event {
	ev := func(who, kind string, data ...string) storage.Event {
		e := storage.Event{Kind: kind, Actor: workflow.Person{ID: who, Name: who}, Data: map[string]string{}}
		switch kind {
		case workflow.EventCreated, workflow.EventClosed, workflow.EventIssueReopened, workflow.EventDeleted, workflow.EventReminderSet,
			workflow.EventFollows, workflow.EventStoppedFollowing, workflow.EventWentOn, workflow.EventAheadClosed, workflow.EventAheadReopened,
			workflow.EventChainSet, workflow.EventChainStopped, workflow.EventPassedOver, workflow.EventChainOver,
			workflow.EventReminded, workflow.EventSnoozed, workflow.EventOverdue, workflow.EventDueSet, workflow.EventAllocatedExternal, workflow.EventExternalRemoved:
		default:
			e.Assignment = j.Assignments[0].ID
		}
		for n := 0; n < len(data); n += 2 {
			e.Data[data[n]] = data[n+1]
		}
		return e
	}
	when := noon.Add(2 * time.Hour).Format(time.RFC3339)
	return []storage.Event{
		ev("Olivia", workflow.EventCreated),
		ev("Olivia", workflow.EventDrafted, "contractor", firmID),
		ev("Olivia", workflow.EventOffered, "contractor", firmID, "accept_by", when),
		ev("Olivia", workflow.EventOffered, "contractor", firmID),
		ev("Olivia", workflow.EventCanceled),
		ev("Cora", workflow.EventAccepted, "in_charge", "Cora"),
		ev("Cora", workflow.EventDeclined, "reason", "no_capacity"),
		ev("Cora", workflow.EventDeclined, "reason", "other", "text", "We are on holiday"),
		ev("taskbridge", workflow.EventExpired, "reason", workflow.ReasonNoAnswer),
		ev("taskbridge", workflow.EventWarned, "accept_by", when),
		ev("Cora", workflow.EventStarted),
		ev("Cora", workflow.EventStarted, "by", "comment"),
		ev("Cora", workflow.EventStep, "step", "Travel"),
		ev("Cora", workflow.EventStep, "step", "Planned", "from", when, "till", noon.Add(4*time.Hour).Format(time.RFC3339)),
		ev("Cora", workflow.EventHandedOver, "from", "Cora", "to", "Carl"),
		ev("Dan", workflow.EventHandedOver, "from", "Cora", "to", "Carl"),
		ev("Carl", workflow.EventTookCharge, "from", "Cora"),
		ev("Carl", workflow.EventTookCharge),
		ev("Cora", workflow.EventPaused, "reason", "parts", "text", "The seal comes on Friday", "lies_with", "contractor", "until", when),
		ev("Cora", workflow.EventPaused, "reason", "desk", "lies_with", "operator"),
		ev("Cora", workflow.EventResumed),
		ev("Cora", workflow.EventChecked, "item", "Meter read"),
		ev("Cora", workflow.EventChecked, "item", "Meter read", "taken_back", "true"),
		ev("Cora", workflow.EventItemTaken, "item", "Meter read", "webhook", "meters"),
		ev("Olivia", workflow.EventDemanded),
		ev("Olivia", workflow.EventDemanded, "checklist", "Gas off\n! Roof on", "was_checklist", "Gas off", "costs", "required", "was_costs", "hidden", "evidence", "0", "was_evidence", "2"),
		ev("Cora", workflow.EventSubmitted, "note", "New pump", "effort", "90", "costs", "120.00 EUR", "materials", "Pump\n2 seals", "activity", "Repair"),
		ev("Cora", workflow.EventSubmitted),
		ev("Olivia", workflow.EventApproved),
		ev("Olivia", workflow.EventSentBack, "reason", "Where is the photo?"),
		ev("Olivia", workflow.EventCompletedEarly),
		ev("Olivia", workflow.EventTakenBack, "reason", "The firm was off-boarded."),
		ev("Olivia", workflow.EventAmended, "note", "Up to 500 EUR", "accept_by", when),
		ev("Olivia", workflow.EventAmended, "price", "300.00 EUR", "was_price", "250.00 EUR", "was_note", "All of it", "due", when, "was_due", when),
		ev("", workflow.EventOffered, "contractor", firmID, "price", "250.00 EUR", "limit", "80.00 EUR", "by", "set_chain"),
		ev("Olivia", workflow.EventDiscarded),
		ev("Cora", workflow.EventCounterOffered, "price", "300.00 EUR", "due", when, "note", "We need a lift"),
		ev("Olivia", workflow.EventCounterAccepted, "price", "300.00 EUR", "was_price", "250.00 EUR"),
		ev("Olivia", workflow.EventCounterRefused, "accept_by", when),
		ev("Cora", workflow.EventCounterWithdrawn, "accept_by", when),
		ev("Cora", workflow.EventCounterWithdrawn),
		ev("Cora", workflow.EventApprovalAsked, "what", "Another pump", "amount", "80.00 EUR", "needed_by", when),
		ev("Cora", workflow.EventApprovalAsked, "what", "A second room"),
		ev("Olivia", workflow.EventApprovalGiven, "what", "Another pump", "amount", "80.00 EUR", "limit", "230.00 EUR", "was_limit", "150.00 EUR", "price", "250.00 EUR"),
		ev("Olivia", workflow.EventApprovalRefused, "what", "A second room", "reason", "One is enough"),
		ev("Cora", workflow.EventApprovalWithdrawn, "what", "A second room"),
		ev("Olivia", workflow.EventApprovalNeeded, "what", "gas: yes"),
		ev("Mona", workflow.EventJobApproved, "what", "gas: yes"),
		ev("Mona", workflow.EventJobRefused, "what", "gas: yes", "reason", "Wait for May"),
		ev("Olivia", workflow.EventChainSet, "firms", firmID+" "+otherID),
		ev("Olivia", workflow.EventChainStopped, "firms", firmID, "by", "stop_chain"),
		ev("taskbridge", workflow.EventPassedOver, "contractor", firmID, "why", "cool_off"),
		ev("taskbridge", workflow.EventChainOver),
		ev("Olivia", workflow.EventFollows, "after", "12"),
		ev("Olivia", workflow.EventStoppedFollowing, "after", "12", "by", "offer"),
		ev("taskbridge", workflow.EventWentOn, "after", "12"),
		ev("taskbridge", workflow.EventAheadClosed, "after", "12"),
		ev("taskbridge", workflow.EventAheadReopened, "after", "12"),
		ev("Olivia", workflow.EventReopened),
		ev("Olivia", workflow.EventRated, "stars", "4", "text", "Clean work"),
		ev("Olivia", workflow.EventRated, "stars", "2"),
		ev("The customer", workflow.EventVisitAnswered, "answer", "agreed", "from", when),
		ev("The customer", workflow.EventVisitAnswered, "answer", "another", "text", "After five, please", "from", when, "till", when),
		ev("Olivia", workflow.EventAllocatedExternal, "people", "ann@insurer.example bob@council.example"),
		ev("Olivia", workflow.EventAllocatedExternal, "people", "slack:T1/U2", "names", "Clara Insurer"),
		ev("Olivia", workflow.EventExternalRemoved, "people", "slack:T1/U2", "names", "Clara Insurer"),
		ev("Olivia", workflow.EventClosed),
		ev("Olivia", workflow.EventClosed, "reason", "Customer moved"),
		ev("Olivia", workflow.EventIssueReopened),
		ev("Olivia", workflow.EventDeleted),
		ev("Olivia", workflow.EventReminderSet, "when", when),
		ev("taskbridge", workflow.EventReminded, "lies_with", "operator"),
		ev("taskbridge", workflow.EventReminded, "put_off", when),
		ev("Cora", workflow.EventSnoozed, "when", when),
		ev("taskbridge", workflow.EventReminded, "lies_with", "both"),
		ev("taskbridge", workflow.EventOverdue, "due_at", when),
		ev("taskbridge", workflow.EventEscalated, "due_at", when),
		ev("Olivia", workflow.EventAcknowledged),
		ev("taskbridge", workflow.EventLimitNear, "limit", "start complete"),
		ev("", workflow.EventLimitBroken, "limit", "accept", "broken_at", when),
		ev("Olivia", workflow.EventDueSet, "due_at", when),
		ev("Olivia", workflow.EventDueSet),
		ev("Cora", workflow.EventCommented, "visibility", "shared"),
		ev("Olivia", workflow.EventNoted, "visibility", "internal"),
		ev("Olivia", workflow.EventCompletedByClose, "by", "close"),
		ev("Mallory", workflow.EventWithdrawn, "by", "accept"),
		ev("Olivia", workflow.EventWithdrawn, "by", "close"),
		ev("Cora", "comment_added", "comment", id("comment")),
		ev("Olivia", workflow.EventDetailsChanged),
		ev("Olivia", workflow.EventDetailsChanged, rewritten(typical())...),
		ev("Olivia", "of_a_later_version", "secret", "not to be told"),
		ev("", workflow.EventCreated),
	}
}

// rewritten is a change of every field of a job, as it stands in the history.
func rewritten(c content) (pairs []string) {
	was := storage.Issue{Title: c.title, Description: c.description, Priority: "normal", Place: c.place, Customer: c.customer, ExternalRef: c.ref, URL: c.url}
	is := storage.Issue{
		Title: "The other " + c.title, Description: c.description + " Ring twice.", Topic: c.topic, Priority: "urgent",
		Customer: "Mr. <!here> Else", ExternalRef: c.ref + "-b", URL: c.url + "?b",
	}
	is.DueAt = noon.Add(24 * time.Hour)
	changed := present.ChangedDetails(was, is)
	for _, key := range keys(changed) {
		pairs = append(pairs, key, changed[key])
	}
	return pairs
}

// told is what a firm is told of such a change.
func told(p *present.Presenter, c content) chat.Message {
	changed, pairs := map[string]string{}, rewritten(c)
	for n := 0; n < len(pairs); n += 2 {
		changed[pairs[n]] = pairs[n+1]
	}
	return p.DetailsChanged(workflow.FirmsDetails(changed, workflow.Assignment{}))
}

// TestEveryEventHasWords finds a kind of event that only its raw name tells.
func TestEveryEventHasWords(t *testing.T) {
	t.Parallel()
	j := job(typical(), workflow.InProgress)
	seen := map[string]bool{}
	for _, e := range everyEvent(j) {
		seen[e.Kind] = true
		text := present.Words{}.EventText(j, e).String()
		if strings.Contains(text, "_") || e.Kind != "of_a_later_version" && strings.Contains(text, ": "+strings.ReplaceAll(e.Kind, "_", " ")) {
			t.Errorf("%s reads %q", e.Kind, text)
		}
		if e.Kind == workflow.EventWithdrawn && strings.Contains(text, e.Actor.Name) {
			t.Errorf("%s names %s", e.Kind, e.Actor.Name)
		}
	}
	for _, kind := range workflowEvents(t) {
		if !seen[kind] {
			t.Errorf("the event %q is not tried", kind)
		}
	}
}

// flowing adds what happened in a period.
func flowing(s storage.Summary) storage.Summary {
	times := func(minutes ...int) storage.Times {
		t := storage.Times{}
		for _, m := range minutes {
			t[workflow.Bucket(time.Duration(m)*time.Minute)]++
		}
		return t
	}
	s.Flows = storage.Flows{
		Created: 12, Closed: 9, Offered: 14, Submitted: 9, SentBack: 2, OnTime: 6, Late: 1, Asked: 3, Granted: 2,
		Reasons: map[string]int{"no_capacity": 2, "location": 1, workflow.ReasonNoAnswer: 1, "own <!channel> reason": 1},
		Ratings: map[int]int{5: 3, 4: 2, 1: 1},
		Kept:    map[workflow.Limit]int{workflow.LimitAccept: 5, workflow.LimitComplete: 3},
		Broken:  map[workflow.Limit]int{workflow.LimitAccept: 1, workflow.LimitComplete: 2},
		Times: map[workflow.Lapse]storage.Times{
			workflow.LapseAccept:  times(5, 12, 22, 30, 45, 60, 95, 180, 400, 1500),
			workflow.LapseDecline: times(15, 120, 600), workflow.LapseStart: times(30, 60, 90, 2000),
			workflow.LapseComplete: times(600, 1500, 3000, 4500, 9000),
		},
	}
	s.Before = storage.Flows{
		Created: 10, Closed: 11, Offered: 10, Submitted: 7, SentBack: 1, OnTime: 5, Late: 2, Ratings: map[int]int{4: 2},
		Times: map[workflow.Lapse]storage.Times{workflow.LapseAccept: times(60, 90, 120), workflow.LapseComplete: times(2000)},
	}
	return s
}

func TestBoardGolden(t *testing.T) {
	t.Parallel()
	p := presenter()
	var s sheet
	s.message("nothing to do", p.Board(nil))
	page := func(heading string, count int, statuses ...workflow.Status) present.Page {
		pg := present.Page{Heading: heading, Count: count, Links: map[string]string{}}
		for _, st := range statuses {
			j := job(typical(), st)
			pg.Links[j.ID] = "https://chat.example/archives/C1/p1700000000000100"
			pg.Jobs = append(pg.Jobs, j)
		}
		return pg
	}
	s.message("jobs", p.Board([]present.Page{
		page("Overdue jobs", 1, workflow.InProgress), page("Waiting acceptance", 2, workflow.Assigned, workflow.Assigned),
		page("Accepted or in progress", 9, workflow.Accepted, workflow.InProgress), page("Waiting approval", 1, workflow.WaitingApproval),
	}))
	long := longestPage(longest())
	s.message("the longest", p.Board([]present.Page{long}))
	golden(t, "board", s.String())
}

// TestOutsideGolden is what somebody outside sees, and what the desk reads of them.
func TestOutsideGolden(t *testing.T) {
	t.Parallel()
	p := presenter()
	var s sheet
	card := storage.Card{ID: "card", Kind: storage.ExternalCard}
	for _, c := range []content{typical(), longest()} {
		j := job(c, workflow.Declined)
		j.Status, j.External = workflow.AllocatedExternal, []string{"slack:T1/U2", "email:desk/claims@insurer.example"}
		j.Outside = map[string]string{"slack:T1/U2": "Clara Insurer", "email:desk/claims@insurer.example": "claims@insurer.example"}
		s.message("card", p.Card(j, card, noon))
		j.ByMail = true
		s.message("card by mail", p.Card(j, card, noon))
		s.message("the desk's list", p.Outsiders(j.Issue, []storage.Outsider{{Name: "Clara Insurer", Address: "clara"}, {Name: "claims@insurer.example", Address: "claims@insurer.example"}}))
		j.LastReply, j.Replies = &storage.Comment{Author: storage.Author{Name: "Clara Insurer"}, CreatedAt: noon}, 2
		s.message("the desk's card", p.Card(j, storage.Card{ID: "card", Kind: storage.IssueCard}, noon))
		j.Status = workflow.Closed
		s.message("closed", p.Card(j, card, noon))
		s.message("let go", p.Card(j, storage.Card{ID: "card", Kind: storage.FormerExternalCard}, noon))
	}
	s.message("nobody", p.Outsiders(storage.Issue{}, nil))
	s.message("reminder", p.OutsideReminder())
	golden(t, "outside", s.String())
}
