package present

import (
	"slices"
	"sort"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Chronicle is a job with what happened to it, as its reader may know it.
type Chronicle struct {
	Job
	Comments []storage.Comment
	Events   []storage.Event
	// Filed are the comments whose files a page lists, wherever in the history they stand.
	Filed []storage.Comment
	// Earlier is where the page before this one ends, empty when it is the first; Latest
	// is true for the last page.
	Earlier string
	Latest  bool
}

// JobPage is everything about a job. What is given is what the reader may see of the
// hand-offs and the history; the fields follow from the reader's role.
func (w Words) JobPage(c Chronicle, role workflow.Role) chat.JobPage {
	j := c.Job
	source := j.SourceURL
	j.Issue = withoutHidden(j.Issue, role)
	if role == workflow.Contractor {
		source = ""
	}
	page := chat.JobPage{
		Number: j.Number, Title: oneLine(j.Title), Tone: issueTone(j), Status: w.stateOf(j, role), Overdue: j.late(), Description: j.Description,
		People: w.peopleOf(j, c.Comments, role), Earlier: c.Earlier, Latest: c.Latest,
	}
	if role != workflow.Contractor {
		status, name, _ := workflow.CustomerView(j.Issue.Issue, j.Steps)
		if name == "" {
			name = status.Label()
		}
		page.Customer = chat.Shorten(oneLine(w.term(name)), 80)
	}
	facts := fact(nil, w.say("Next move"), chat.T(w.nextSide(j)))
	facts = fact(facts, w.say("Next reminder"), moment(j.RemindAt))
	facts = fact(facts, w.say("Due"), moment(j.DueAt))
	facts = fact(facts, w.say("Place"), line(j.Place, 200))
	if j.Priority != "" {
		facts = fact(facts, w.say("Priority"), chat.T(w.priorityLabel(j.Priority)))
	}
	facts = fact(facts, w.say("Topic"), line(j.Topic, 80))
	facts = fact(facts, w.say("Customer"), line(j.Customer, 120))
	facts = fact(facts, w.say("Reference"), w.reference(j.Issue))
	if source != "" {
		facts = fact(facts, w.say("Source"), chat.Text{}.Link(w.say("the message"), source))
	}
	facts = fact(facts, w.say("Requirements"), line(w.demandsText(j.Demands), 600))
	facts = w.neededCertificates(facts, j.Demands)
	facts = fact(facts, w.say("Next in turn"), line(w.turns(j), 300))
	if role != workflow.Contractor {
		facts = fact(facts, w.say("Created"), moment(j.CreatedAt))
	}
	page.Facts = fact(facts, w.say("Closed"), moment(j.ClosedAt))
	for n := range slices.Backward(j.Assignments) {
		page.Offers = append(page.Offers, w.offerPage(j, &j.Assignments[n], role))
	}
	page.Entries = w.entries(j, c.Comments, c.Events)
	for _, said := range c.Filed {
		if !said.DeletedAt.IsZero() {
			continue
		}
		for _, f := range said.Files {
			page.Files = append(page.Files, w.filePage(f, said))
		}
	}
	return page
}

// stateOf says how a job stands in one or two words.
func (w Words) stateOf(j Job, role workflow.Role) string {
	a := j.live()
	switch {
	case a == nil, j.Status == workflow.Closed, j.Status == workflow.Resolved, j.Status == workflow.AllocatedExternal:
		return w.term(j.Status.Label())
	case role == workflow.Contractor, workflow.Live(a.Status), a.Status == workflow.Declined:
		return w.term(a.Status.Label())
	default:
		return w.term(j.Status.Label())
	}
}

// peopleOf are the people whom a job involves, each once: those who have a part in it and
// those who wrote what is shown of its history.
func (w Words) peopleOf(j Job, comments []storage.Comment, role workflow.Role) (out []chat.PersonPage) {
	known := map[string]bool{}
	add := func(name, part string) {
		if name = chat.Shorten(oneLine(name), 80); name != "" && !known[name] {
			known[name] = true
			out = append(out, chat.PersonPage{Name: name, Part: part})
		}
	}
	for _, a := range slices.Backward(j.Assignments) {
		if workflow.Taken(a.Status) || a.Status == workflow.Complete {
			add(a.InCharge.Name, w.say("in charge at {{.Firm}}", with{"Firm": w.FirmOf(j, a.Contractor)}))
		}
	}
	if role != workflow.Contractor {
		add(j.CreatedBy.Name, w.say("created it"))
	}
	sides := map[string]string{
		string(workflow.WithOperator): w.say("wrote for the desk"), string(workflow.WithContractor): w.say("wrote for the firm"), "external": w.say("wrote from outside"),
	}
	for _, c := range comments {
		if part := sides[c.Author.Side]; part != "" && !c.Orphan && c.DeletedAt.IsZero() {
			add(c.Author.Name, part)
		}
	}
	add(w.involved(j.External), w.say("from outside"))
	return out
}

// offerPage is one hand-off with everything that was agreed and done.
func (w Words) offerPage(j Job, a *workflow.Assignment, role workflow.Role) chat.OfferPage {
	money := workflow.CanReadField(role, workflow.FieldMoney)
	o := chat.OfferPage{Firm: w.FirmOf(j, a.Contractor), Status: w.term(a.Status.Label()), Tone: assignmentTone(a.Status)}
	facts := fact(nil, w.say("Offered"), moment(a.OfferedAt))
	switch a.Status {
	case workflow.Assigned:
		facts = fact(facts, w.say("Answer by"), w.answerBy(j, a))
		if money {
			facts = w.counterFact(facts, w.say("Other terms suggested"), a)
		}
	case workflow.Declined:
		facts = fact(facts, w.say("Reason"), line(w.declineText(j, a), 500))
	}
	facts = fact(facts, w.say("In charge"), line(a.InCharge.Name, 80))
	if due := a.Terms.Due; !due.IsZero() {
		facts = fact(facts, w.say("Due"), moment(due))
	}
	facts = w.termsFacts(facts, a, money, fullDescription)
	facts = fact(facts, w.say("Accepted"), answered(a))
	facts = fact(facts, w.say("Started"), moment(a.StartedAt))
	facts = fact(facts, w.say("Step"), w.stepText(a))
	facts = fact(facts, w.say("Paused"), w.pauseText(a.Pause))
	facts = w.requestFacts(facts, a, money)
	facts = fact(facts, w.say("Sent back"), line(a.SendBackReason, 500))
	facts = fact(facts, w.say("Handed in"), moment(a.SubmittedAt))
	done := a.Completion
	if role == workflow.Contractor {
		done = workflow.FirmsCompletion(j.Demands, done)
	}
	if !money {
		done.Costs = ""
	}
	facts = w.completionFacts(facts, done)
	if n := len(j.proofs(a)); n > 0 || j.Demands.Evidence > 0 && workflow.Taken(a.Status) {
		facts = fact(facts, w.say("Evidence"), chat.T(w.count(n, "{{.Count}} file", "{{.Count}} files")))
	}
	if role != workflow.Contractor || a.Rating.Shared {
		facts = fact(facts, w.say("Rating"), w.ratingText(a.Rating))
	}
	if !workflow.Live(a.Status) {
		facts = fact(facts, w.say("Ended"), moment(a.EndedAt))
	}
	o.Facts = facts
	for _, item := range j.Demands.Checklist {
		t, _ := a.Ticked(item.Text)
		v := chat.ItemView{Text: item.Text, Required: item.Required, By: t.By.Name}
		if !t.At.IsZero() {
			v.At = &t.At
		}
		o.Checklist = append(o.Checklist, v)
	}
	return o
}

// answered is when a firm said yes.
func answered(a *workflow.Assignment) chat.Text {
	if a.Status == workflow.Declined || a.Status == workflow.Assigned || a.Status == workflow.Canceled && a.StartedAt.IsZero() {
		return nil
	}
	return moment(a.AnsweredAt)
}

// entries puts comments and events into one order.
func (w Words) entries(j Job, comments []storage.Comment, events []storage.Event) []chat.Entry {
	var all []chat.Entry
	for _, e := range events {
		if text := w.EventText(j, e); !text.Empty() {
			all = append(all, chat.Entry{At: e.At, Text: text})
		}
	}
	for _, c := range comments {
		if c.Orphan {
			continue
		}
		e := chat.Entry{
			ID: c.ID, At: c.CreatedAt, Comment: true, Who: chat.Shorten(oneLine(c.Author.Name), 80), Side: c.Author.Side, Text: chat.T(c.Text),
			Internal: c.Visibility == workflow.Internal, Held: c.Held, Deleted: c.DeletedAt, By: chat.Shorten(oneLine(c.DeletedBy), 80), Edited: c.EditedAt,
		}
		for _, v := range c.Versions {
			e.Versions = append(e.Versions, chat.VersionView{Text: v.Text, At: v.At})
		}
		for _, f := range c.Files {
			e.Files = append(e.Files, w.filePage(f, c))
		}
		all = append(all, e)
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].At.Before(all[b].At) })
	return all
}

func (w Words) filePage(f storage.File, c storage.Comment) chat.FilePage {
	page := chat.FilePage{Name: chat.Shorten(oneLine(f.Name), 120), Size: w.FileSize(f.Size), Type: f.Type, Digest: f.Digest, By: oneLine(c.Author.Name), At: c.CreatedAt}
	switch {
	case f.Digest != "":
	case f.Refused != "":
		page.Missing = w.FileRefusal(chat.Reason(f.Refused))
	default:
		page.Missing = w.say("it is not fetched yet")
	}
	return page
}

// ListPage is a page of a list for people who read it in the browser.
func (w Words) ListPage(role workflow.Role, pg Page) chat.ListPage {
	page := chat.ListPage{Heading: pg.Heading, Count: pg.Count, Older: pg.Older, Newer: pg.Newer}
	for _, j := range pg.Jobs {
		created := j.CreatedAt
		if role == workflow.Contractor {
			created = time.Time{}
		}
		j.Issue = withoutHidden(j.Issue, role)
		row := chat.ListRow{
			Number: j.Number, Title: oneLine(j.Title), Status: w.stateOf(j, role), Tone: issueTone(j), Overdue: j.late(),
			Topic: oneLine(j.Topic), Place: oneLine(j.Place), NextMove: w.nextSide(j), Due: j.DueAt, Created: created,
		}
		if j.Priority != "" && j.Priority != "normal" {
			row.Priority = strings.ToLower(w.priorityLabel(j.Priority))
		}
		if a := j.live(); a != nil && a.Status != workflow.Canceled {
			row.Due = dueOf(j, a.Terms)
			if role != workflow.Contractor {
				row.Firm = w.FirmOf(j, a.Contractor)
			}
			if a.Status == workflow.Assigned {
				row.AnswerBy = a.Terms.AcceptBy
			}
			if workflow.Taken(a.Status) {
				row.Person = oneLine(a.InCharge.Name)
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return page
}

// toPage leads to the job's own page, where there is one.
func (w Words) toPage(j Job) []chat.Button {
	if j.Page == "" {
		return nil
	}
	return []chat.Button{{ID: "page", Label: w.say("History and details"), URL: j.Page}}
}
