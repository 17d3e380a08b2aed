package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// pageSize is how many jobs a page of a list shows. Their lines, at their longest,
	// fit into one message of the smaller platform.
	pageSize = 12
	// queryMost is the longest list that is asked for, in bytes: it travels in the
	// buttons of its pages.
	queryMost = 300
	// peopleMost is how many people of one name a list may be about.
	peopleMost = 5
)

// list is a list by name: what the desk means by it, and what it means of the
// assignments of one firm.
type list struct {
	name, heading string
	others        []string
	desk          storage.IssueFilter
	firm          storage.IssueFilter
}

// laterList is the list of jobs that wait until another one is done. It is the desk's.
const laterList = "later"

// ownLists are the lists that there are for the actor.
func (t *turn) ownLists() []list {
	all := lists()
	if t.actor.Role == workflow.Contractor {
		all = slices.DeleteFunc(all, func(l list) bool { return l.name == laterList })
	}
	return all
}

// lists are all of them, in the order in which a job goes through them.
func lists() []list {
	stages := func(s ...workflow.Stage) storage.IssueFilter { return storage.IssueFilter{Stages: s} }
	of := func(s ...workflow.Status) storage.IssueFilter { return storage.IssueFilter{Assignment: s} }
	open := storage.IssueFilter{Stages: workflow.OpenStages()}
	return []list{
		{"new", "New jobs", nil, stages(workflow.StageNew), of(workflow.Assigned)},
		{"open", "Open jobs", []string{"opened"}, open, of(workflow.OutStatuses()...)},
		{"mine", "My jobs", []string{"my"}, stages(append(workflow.OpenStages(), workflow.StageResolved)...), of(workflow.OutStatuses()...)},
		{
			"waiting", "Waiting acceptance or approval", nil,
			stages(workflow.StageOffered, workflow.StageApproval), of(workflow.Assigned, workflow.WaitingApproval),
		},
		{"offered", "Waiting acceptance", []string{"acceptance"}, stages(workflow.StageOffered), of(workflow.Assigned)},
		{"declined", "Declined jobs", nil, stages(workflow.StageDeclined), of(workflow.Declined)},
		{"progress", "Accepted or in progress", []string{"accepted"}, stages(workflow.StageProgress), of(workflow.Accepted, workflow.InProgress)},
		{"approval", "Waiting approval", nil, stages(workflow.StageApproval), of(workflow.WaitingApproval)},
		{
			"overdue", "Overdue jobs",
			[]string{"late"},
			storage.IssueFilter{Overdue: true},
			storage.IssueFilter{Assignment: workflow.OutStatuses(), Overdue: true},
		},
		{
			"breached", "Time limits missed",
			[]string{"sla"},
			storage.IssueFilter{Breached: true},
			storage.IssueFilter{Assignment: workflow.OutStatuses(), Breached: true},
		},
		{laterList, "Waiting for another job", []string{"following"}, stages(workflow.StageLater), of(workflow.Unsent)},
		{"done", "Completed jobs", []string{"completed"}, stages(workflow.StageResolved, workflow.StageClosed), of(workflow.Complete)},
	}
}

func listNamed(name string) (list, bool) {
	if name == "" {
		name = "open"
	}
	for _, l := range lists() {
		if l.name == name || slices.Contains(l.others, name) {
			return l, true
		}
	}
	return list{}, false
}

// watchedTasks is the list of what somebody watches, which only they have and which no home
// counts.
func watchedTasks() list {
	return list{watchingList, "Jobs you watch", nil, storage.IssueFilter{}, storage.IssueFilter{}}
}

// listFilter is a list by name, as an operator means it.
func listFilter(name string) (storage.IssueFilter, bool) {
	l, ok := listNamed(name)
	return l.desk, ok
}

// wish is a list as somebody asked for it.
type wish struct {
	list
	firm, topic, city, person string
}

// String writes the wish as it can be typed.
func (w wish) String() string {
	parts := []string{w.name}
	for _, f := range []struct{ key, value string }{{"firm", w.firm}, {"topic", w.topic}, {"city", w.city}, {"person", w.person}} {
		if f.value != "" {
			parts = append(parts, f.key+`:"`+f.value+`"`)
		}
	}
	return strings.Join(parts, " ")
}

// readWish reads "waiting firm:acme topic:\"gas boiler\"". Words beside the list's
// name and the filters name a firm.
func (t *turn) readWish(text string) (wish, error) {
	if len(text) > queryMost {
		return wish{}, workflow.Refuse(workflow.Invalid, "Shorten what the list is to be narrowed by to %d characters.", queryMost)
	}
	var w wish
	var words []string
	for n, token := range tokens(text) {
		key, value, filters := strings.Cut(token, ":")
		if !filters {
			if n == 0 {
				l, ok := listNamed(strings.ToLower(token))
				if strings.EqualFold(token, watchingList) {
					l, ok = watchedTasks(), true
				}
				if ok {
					w.list = l
					continue
				}
			}
			words = append(words, token)
			continue
		}
		into := map[string]*string{"firm": &w.firm, "contractor": &w.firm, "topic": &w.topic, "city": &w.city, "person": &w.person}[strings.ToLower(key)]
		if value = strings.TrimSpace(value); into == nil || value == "" {
			return w, workflow.Refuse(workflow.Invalid, "There is no filter %q. Filter by firm, topic, city or person, like %s list waiting firm:acme topic:\"gas boiler\".", short(token), t.present.Command)
		}
		*into = value
	}
	if w.name == "" {
		w.list, _ = listNamed("")
	}
	if w.firm == "" && t.actor.Role != workflow.Contractor {
		w.firm = strings.Join(words, " ")
	}
	return w, nil
}

// tokens splits at spaces that stand outside quotes, and takes the quotes away.
func tokens(s string) []string {
	var out []string
	var b strings.Builder
	quoted, begun := false, false
	for _, r := range s {
		switch {
		case strings.ContainsRune(`"“”„`, r):
			quoted, begun = !quoted, true
		case unicode.IsSpace(r) && !quoted:
			if begun {
				out = append(out, b.String())
				b.Reset()
			}
			begun = false
		default:
			begun = true
			b.WriteRune(r)
		}
	}
	if begun {
		out = append(out, b.String())
	}
	return out
}

// filter is the wish in the store's terms, with what it says above the list. What a
// contractor gets is of its own firm, whatever is asked for.
func (t *turn) filter(ctx context.Context, w *wish) (storage.IssueFilter, string, error) {
	f, heading := w.desk, []string{t.present.Term(w.heading)}
	if w.name == watchingList {
		var err error
		if w.list.desk, err = t.watched(w); err != nil {
			return f, "", err
		}
		w.list.firm, f = w.list.desk, w.list.desk
	}
	switch {
	case t.actor.Role == workflow.Contractor && w.name == laterList:
		return f, "", workflow.Refuse(workflow.Invalid, "There is no such list. Choose another one.")
	case t.actor.Role == workflow.Contractor:
		if w.firm != "" || w.city != "" {
			return f, "", workflow.Refuse(workflow.Invalid, "Your lists have the jobs of your own firm. Leave firm and city out, like %s list %s.", t.present.Command, w.name)
		}
		f = w.list.firm
		f.Contractor, f.AsKnown = t.actor.Contractor, true
	case w.firm != "":
		firm, err := t.firmIn(ctx, w.firm, w.city)
		if err != nil {
			return f, "", err
		}
		f = w.list.firm
		f.Contractor = firm.ID
		heading = append(heading, present.FirmName(firm))
	case w.city != "":
		f = w.list.firm
	}
	if w.city != "" {
		f.City = w.city
		heading = append(heading, w.city)
	}
	if w.topic != "" {
		f.Topic = w.topic
		heading = append(heading, w.topic)
	}
	people, name, err := t.peopleMeant(ctx, *w)
	if err != nil {
		return f, "", err
	}
	if name != "" {
		heading = append(heading, name)
	}
	if t.actor.Role == workflow.Contractor {
		f.InCharge = people
	} else {
		f.People = people
	}
	return f, strings.Join(heading, " · "), nil
}

// peopleMeant are the people a list is narrowed to, and how they are called there.
func (t *turn) peopleMeant(ctx context.Context, w wish) (ids []string, name string, err error) {
	switch {
	case w.person == "" && w.name != "mine":
		return nil, "", nil
	case w.person == "" || strings.EqualFold(w.person, "me"):
		if w.name != "mine" {
			name = t.actor.Name
		}
		return []string{t.actor.ID}, name, nil
	}
	found, err := t.tx.FindPeople(ctx, strings.TrimPrefix(w.person, "@"), peopleMost+1)
	if err != nil {
		return nil, "", fmt.Errorf("find people: %w", err)
	}
	if t.actor.Role != workflow.Contractor {
		if len(found) == 0 {
			return nil, "", workflow.Refuse(workflow.NotFound, "I know nobody called %q. Write a word of the name as it stands on a card, like person:cora.", short(w.person))
		}
		if len(found) > peopleMost {
			return nil, "", workflow.Refuse(workflow.Ambiguous, "Many people are called %q. Write more of the name, like person:\"Cora Reed\".", short(w.person))
		}
	}
	// A firm is not told who else the desk knows: it gets an empty list.
	ids = []string{"nobody"}
	for _, p := range found {
		ids = append(ids, personID(p.Workspace, p.ID))
	}
	return ids, w.person, nil
}

func (t *turn) cmdList(ctx context.Context, rest string) (chat.Answer, error) {
	return t.showPage(ctx, rest, 0, 0)
}

// turnPage shows the page that a button leads to, in place of the one that bears it.
func (t *turn) turnPage(ctx context.Context, tk ticket.Ticket) (chat.Answer, error) {
	from, query, _ := strings.Cut(tk.Arg, " ")
	number, err := strconv.Atoi(strings.TrimLeft(from, "ab"))
	if err != nil || number < 1 {
		return chat.Answer{}, workflow.Refuse(workflow.Expired, "This list is of another version. Ask for it again.")
	}
	if t.onHome() {
		return chat.Answer{}, t.homeShows(ctx, tk.Arg)
	}
	before, after := number, 0
	if strings.HasPrefix(from, "a") {
		before, after = 0, number
	}
	a, err := t.showPage(ctx, query, before, after)
	a.Replace = err == nil
	return a, err
}

// showPage answers with the page of a list before or after a number.
func (t *turn) showPage(ctx context.Context, query string, before, after int) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.List); err != nil {
		return chat.Answer{}, err
	}
	w, err := t.readWish(query)
	if err != nil {
		return chat.Answer{}, err
	}
	pg, err := t.page(ctx, w, before, after, pageSize)
	if err != nil {
		return chat.Answer{}, err
	}
	m := t.present.List(t.asked(), t.actor.Role, pg)
	m.Buttons = append(t.severalButton(t.in.Workspace, "", pg), m.Buttons...)
	return chat.Answer{Message: m}, nil
}

// page reads a page of a list. Numbers never change and are never given again, so
// that a page begins where the last one ended whatever has come or gone meanwhile.
func (t *turn) page(ctx context.Context, w wish, before, after, size int) (present.Page, error) {
	f, heading, err := t.filter(ctx, &w)
	if err != nil {
		return present.Page{}, err
	}
	f.Before, f.After, f.Limit = before, after, size+1
	issues, err := t.tx.ListIssues(ctx, f)
	if err != nil {
		return present.Page{}, fmt.Errorf("list issues: %w", err)
	}
	if after > 0 && len(issues) == 0 {
		// Nothing is newer any more: the first page is what comes next.
		return t.page(ctx, w, 0, 0, size)
	}
	pg := present.Page{Heading: heading, Query: w.String()}
	more := len(issues) > size
	switch {
	case after > 0:
		// The farthest of those after stand first.
		issues = issues[max(0, len(issues)-size):]
		pg.Newer, pg.Older = more, true
	default:
		issues = issues[:min(len(issues), size)]
		pg.Older, pg.Newer = more, before > 0
	}
	if pg.Count = len(issues); pg.Older || pg.Newer {
		if pg.Count, err = t.tx.CountIssues(ctx, f, present.CountMost); err != nil {
			return present.Page{}, fmt.Errorf("count issues: %w", err)
		}
	}
	pg.Jobs, pg.Links, err = t.seen(ctx, issues)
	return pg, err
}

// seen gives issues as the actor may see them, with the addresses of their cards.
func (t *turn) seen(ctx context.Context, issues []storage.Issue) ([]present.Job, map[string]string, error) {
	links, err := t.cardLinks(ctx, issues)
	if err != nil {
		return nil, nil, err
	}
	var jobs []present.Job
	for _, i := range issues {
		if i = t.asKnown(i); i.ID == "" {
			continue
		}
		j, err := t.job(ctx, t.tx, i)
		if err != nil {
			return nil, nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, links, nil
}

// cardLinks are the addresses of the cards that the actor can open, by issue.
func (t *turn) cardLinks(ctx context.Context, issues []storage.Issue) (map[string]string, error) {
	if t.actor.Role != workflow.Operator && t.actor.Role != workflow.Contractor {
		return nil, nil
	}
	firms := map[string]string{}
	for _, i := range issues {
		for _, a := range i.Assignments {
			firms[a.ID] = a.Contractor
		}
	}
	return t.linksIn(ctx, t.in.Workspace, t.in.Channel, issues, func(c storage.Card) bool {
		return c.Kind == storage.IssueCard && t.actor.Role == workflow.Operator ||
			c.Kind == storage.AssignmentCard && t.actor.Role == workflow.Contractor && firms[c.Assignment] == t.actor.Contractor
	})
}

// linksIn are the addresses at which issues are opened by whoever reads of them in a channel,
// by issue: of their pages, or of those of their cards in this workspace that the reader may
// open, best in this channel.
func (t *turn) linksIn(ctx context.Context, workspace, channel string, issues []storage.Issue, open func(storage.Card) bool) (map[string]string, error) {
	out := map[string]string{}
	platform, _ := t.platform(workspace)
	if pages, ok := platform.(chat.JobLinker); ok {
		for _, i := range issues {
			out[i.ID] = pages.JobLink(i.Number)
		}
		return out, nil
	}
	linker, ok := platform.(chat.Linker)
	if !ok {
		return nil, nil
	}
	ids := make([]string, len(issues))
	for n, i := range issues {
		ids[n] = i.ID
	}
	cards, err := t.tx.CardsOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("list cards: %w", err)
	}
	for _, c := range cards {
		if c.Workspace != workspace || c.Message == "" || !open(c) {
			continue
		}
		if out[c.Issue] == "" || c.Channel == channel {
			out[c.Issue] = linker.Permalink(c.Channel, c.Message)
		}
	}
	return out, nil
}
