package present

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// maxOptions is the most a select can offer: 100 on Slack. A longer list is asked
// for as text.
const maxOptions = 100

// maxOptionLabel is how long a choice may be: 75 characters on Slack.
const maxOptionLabel = 75

// whenHelp says how times are written, everywhere the same, and in which zone they are read.
func (w Words) whenHelp(zone *time.Location) string {
	return w.say("For example 90m, 2h, tomorrow 9am or 2026-12-01 14:00 ({{.Zone}} time).", with{"Zone": w.zoneName(zone)})
}

// answerByHelp says the same of a time to answer.
func (w Words) answerByHelp(zone *time.Location) string {
	return w.say("Empty: the usual time. 90m and 2h are counted in the firm's working hours; or tomorrow 9am, 2026-12-01 14:00 ({{.Zone}} time).", with{"Zone": w.zoneName(zone)})
}

// zoneName is what a zone is called all year. The server's own has no name, and may be called
// otherwise in winter and in summer; of three parts two say enough.
func (w Words) zoneName(zone *time.Location) string {
	if zone == time.Local {
		name := w.in.Zone(time.Date(2026, 12, 1, 14, 0, 0, 0, zone))
		if name != w.in.Zone(time.Date(2026, 6, 1, 14, 0, 0, 0, zone)) {
			return w.say("the server's")
		}
		return name
	}
	name := zone.String()
	if _, rest, _ := strings.Cut(name, "/"); strings.Contains(rest, "/") {
		return rest
	}
	return name
}

// Asked is a form being opened: for whom, and once.
type Asked struct {
	User, Nonce string
	Now         time.Time
}

func (p *Presenter) formToken(as Asked, t ticket.Ticket) string {
	t.Desk, t.User, t.Nonce = p.Desk, as.User, as.Nonce
	t.Expires = as.Now.Add(formLife).Unix()
	return p.Sign(t)
}

// AfterField is the field for the job that has to be done first.
const AfterField = "after"

// NewIssue asks for a job. title is what was typed already.
func (p *Presenter) NewIssue(as Asked, title string, firms []storage.Contractor) *chat.Form {
	f := &chat.Form{
		Title: p.say("New job"), Submit: p.say("Create"),
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.Create)}),
	}
	f.Fields = append(p.detailFields(p.Zone, storage.Issue{Title: title, Priority: "normal"}),
		p.firmField(firms, true),
		chat.Field{Name: "accept_by", Label: p.say("Answer by"), Kind: chat.Line, Optional: true, Max: 60, Help: p.answerByHelp(p.Zone)},
	)
	if len(firms) == 0 {
		f.Fields = f.Fields[:len(f.Fields)-2]
	}
	f.Fields = append(f.Fields, chat.Field{
		Name: AfterField, Label: p.say("After job"), Kind: chat.Line, Optional: true, Max: 10, Placeholder: "12",
		Help: p.say("The number of a job that has to be done first; a firm chosen here gets its offer then."),
	})
	return f
}

// EditDetails asks for everything about an issue again.
func (p *Presenter) EditDetails(as Asked, i storage.Issue) *chat.Form {
	fields := p.detailFields(p.Zone, i)
	return &chat.Form{
		Title: p.say("Job {{.Number}}", with{"Number": Number(i.Number)}), Submit: p.say("Save"),
		Token:  p.formToken(as, ticket.Ticket{Verb: string(Details), Issue: i.ID, Arg: marksOf(fields)}),
		Fields: fields,
	}
}

func (w Words) detailFields(zone *time.Location, i storage.Issue) []chat.Field {
	// What came through the API may be longer than any form can hold. It is left
	// out, because a form that shows it cut would save it cut.
	return slices.DeleteFunc(w.allDetails(zone, i), func(f chat.Field) bool {
		return utf8.RuneCountInString(f.Value) > f.Max && f.Max > 0
	})
}

func (w Words) allDetails(zone *time.Location, i storage.Issue) []chat.Field {
	due := ""
	if !i.DueAt.IsZero() {
		due = i.DueAt.In(zone).Format("2006-01-02 15:04")
	}
	return []chat.Field{
		{Name: "title", Label: w.say("Title"), Kind: chat.Line, Max: 150, Value: i.Title, Placeholder: w.say("Boiler down at 4 Elm St")},
		{Name: "description", Label: w.say("Description"), Kind: chat.Paragraph, Max: 3000, Optional: true, Value: i.Description},
		{Name: "topic", Label: w.say("Topic"), Kind: chat.Line, Max: 60, Optional: true, Value: i.Topic, Placeholder: w.say("Heating")},
		{Name: "priority", Label: w.say("Priority"), Kind: chat.Select, Value: i.Priority, Placeholder: w.say("Choose a priority"), Options: w.Priorities()},
		{Name: "place", Label: w.say("Place"), Kind: chat.Line, Max: 150, Optional: true, Value: i.Place, Placeholder: w.say("4 Elm St, Leeds")},
		{Name: "due", Label: w.say("Due"), Kind: chat.Line, Max: 60, Optional: true, Value: due, Help: w.say("When the work should be done.") + " " + w.whenHelp(zone)},
		// What is known of a customer may have several lines, and more than a line of Mattermost holds.
		{Name: "customer", Label: w.say("Customer"), Kind: chat.Paragraph, Max: 200, Optional: true, Value: i.Customer, Placeholder: w.say("Mrs Patel, 0113 496 0123"), Help: w.say("Who the job is for, and how to reach them. Firms do not see this.")},
		{Name: "external_ref", Label: w.say("Reference"), Kind: chat.Line, Max: 100, Optional: true, Value: i.ExternalRef, Placeholder: w.say("CRM-1077"), Help: w.say("The job's number in another system. Firms do not see this.")},
		{Name: "url", Label: w.say("Reference link"), Kind: chat.Line, Max: 150, Optional: true, Value: i.URL, Placeholder: "https://crm.example.com/deals/77"},
	}
}

func (w Words) firmField(firms []storage.Contractor, optional bool) chat.Field {
	f := chat.Field{Name: "contractor", Label: w.say("Contractor"), Kind: chat.Select, Optional: optional, Placeholder: w.say("Choose a contractor"), Help: w.say("The firm that gets the job.")}
	help := w.say("The firm's name, or the beginning of it.")
	if optional {
		f.Help += " " + w.say("Leave it empty to offer the job later.")
		help += " " + w.say("Leave it empty to offer the job later.")
	}
	if len(firms) > maxOptions {
		f.Kind, f.Max = chat.Line, 100
		f.Placeholder, f.Help = w.say("Acme Heating"), help
		return f
	}
	f.Options = w.firmOptions(firms)
	return f
}

func (w Words) firmOptions(firms []storage.Contractor) []chat.Option {
	out := make([]chat.Option, 0, len(firms))
	for _, c := range firms {
		out = append(out, chat.Option{Value: c.ID, Label: chat.Shorten(FirmName(c), maxOptionLabel)})
	}
	return out
}

// Offer asks which firms get the job and on what terms. why says of some of the firms,
// by id, what speaks for them.
func (p *Presenter) Offer(as Asked, i storage.Issue, firms []storage.Contractor, why map[string]string) *chat.Form {
	first := p.firmField(firms, false)
	for n, o := range first.Options {
		if w := why[o.Value]; w != "" {
			name := chat.Shorten(o.Label, 32)
			first.Options[n].Label = name + " – " + reasons(w, maxOptionLabel-utf8.RuneCountInString(" – ")-utf8.RuneCountInString(name))
		}
	}
	fields := []chat.Field{
		first,
		{Name: "more", Label: p.say("More firms"), Kind: chat.Line, Optional: true, Max: 150, Placeholder: p.say("Bolt & Sons, Cool Air"), Help: p.say("Their names, with commas between them.")},
		{Name: "order", Label: p.say("If there are several"), Kind: chat.Select, Optional: true, Value: AtOnce, Placeholder: p.say("Choose how"), Options: []chat.Option{
			{Value: AtOnce, Label: p.say("Ask all at once; the first to accept gets it")},
			{Value: InTurn, Label: p.say("Ask one after another")},
		}},
	}
	fields = append(fields, p.termsFields(workflow.Terms{})...)
	fields = append(fields, chat.Field{Name: SaveDraft, Label: p.say("Save as draft"), Kind: chat.Tick, Optional: true, Placeholder: p.say("Look at it before it is sent")})
	return &chat.Form{
		Title: p.say("Offer {{.Task}}", with{"Task": Number(i.Number)}), Submit: p.say("Offer"), Intro: Heading(i),
		Token:  p.formToken(as, ticket.Ticket{Verb: string(workflow.Offer), Issue: i.ID}),
		Fields: fields,
	}
}

// Decline asks a firm why.
func (p *Presenter) Decline(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Decline {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Decline"), Intro: Heading(j.Issue),
		Token: p.formToken(as, subject(workflow.Decline, j, a)),
		Fields: []chat.Field{
			{Name: "reason", Label: p.say("Reason"), Kind: chat.Select, Placeholder: p.say("Choose a reason"), Options: p.reasonOptions(j)},
			{Name: "text", Label: p.say("Anything to add"), Kind: chat.Paragraph, Optional: true, Max: 1000},
		},
	}
}

// DeclineWithout asks the same where no form can be opened.
func (p *Presenter) DeclineWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	return chat.Message{
		Text: p.text("Why do you decline {{.Task}}? Choose the reason that fits best; you can say more in the thread.", with{"Task": Heading(j.Issue)}),
		Choice: &chat.Choice{
			ID: "reason", Placeholder: p.say("Choose a reason"), Options: p.clearReasons(j),
			Token: p.formToken(as, subject(workflow.Decline, j, a)),
		},
	}
}

func (w Words) reasonOptions(j Job) []chat.Option {
	var out []chat.Option
	reasons := j.Reasons
	if len(reasons) == 0 {
		reasons = workflow.DeclineReasons()
	}
	for _, r := range reasons {
		out = append(out, chat.Option{Value: r.ID, Label: w.term(r.Label)})
	}
	return out
}

// clearReasons are those that need no text, for where none can be asked for.
func (w Words) clearReasons(j Job) []chat.Option {
	return slices.DeleteFunc(w.reasonOptions(j), func(o chat.Option) bool { return o.Value == workflow.ReasonOther })
}

func subject(v workflow.Verb, j Job, a workflow.Assignment) ticket.Ticket {
	return ticket.Ticket{Verb: string(v), Issue: j.ID, Assignment: a.ID, Revision: a.Revision}
}

// Complete asks a firm what was done.
func (p *Presenter) Complete(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Complete {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Hand in for approval"), Intro: Heading(j.Issue),
		Token:  p.formToken(as, subject(workflow.Submit, j, a)),
		Fields: p.completionFields(j.Demands, j.Approval.Evidence.Note),
	}
}

// CompleteWithout offers the same where no form can be opened.
func (p *Presenter) CompleteWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	text := p.text("Hand in {{.Task}} as done? Write what was done into the thread first, then press the button.", with{"Task": Heading(j.Issue)})
	if len(p.requiredFields(j.Demands)) > 0 {
		text = byThread(text.Plain(" "+p.say("The desk also wants lines like these there:")), j.Demands)
	}
	return chat.Message{
		Text: text,
		Buttons: []chat.Button{{
			ID: "submitnow", Label: p.say("Hand in"), Style: chat.Primary,
			Token: p.formToken(as, subject(workflow.Submit, j, a)),
		}},
	}
}

// HandOver asks who takes the job over inside the firm.
func (p *Presenter) HandOver(as Asked, j Job, a workflow.Assignment, people []workflow.Person) *chat.Form {
	return &chat.Form{
		Title: p.say("Hand over {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Hand over"), Intro: Heading(j.Issue),
		Token:  p.formToken(as, subject(workflow.HandOver, j, a)),
		Fields: []chat.Field{{Name: "person", Label: p.say("New person in charge"), Kind: chat.Select, Placeholder: p.say("Choose a person"), Options: p.peopleOptions(people)}},
	}
}

// HandOverWithout asks the same where no form can be opened.
func (p *Presenter) HandOverWithout(as Asked, j Job, a workflow.Assignment, people []workflow.Person) chat.Message {
	return chat.Message{
		Text: p.text("Who takes over {{.Task}}?", with{"Task": Heading(j.Issue)}),
		Choice: &chat.Choice{
			ID: "person", Placeholder: p.say("Choose a person"), Options: p.peopleOptions(people),
			Token: p.formToken(as, subject(workflow.HandOver, j, a)),
		},
	}
}

func (w Words) peopleOptions(people []workflow.Person) []chat.Option {
	var out []chat.Option
	for _, who := range people {
		if len(out) == maxOptions {
			break
		}
		out = append(out, chat.Option{Value: who.ID, Label: w.personLabel(who)})
	}
	return out
}

// personLabel is never empty, because platforms refuse an option without a text.
func (w Words) personLabel(who workflow.Person) string {
	if name := oneLine(who.Name); name != "" {
		return chat.Shorten(name, maxOptionLabel)
	}
	return chat.Shorten(who.ID, maxOptionLabel)
}

// SendBack asks an operator what is missing.
func (p *Presenter) SendBack(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Send back {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Send back"), Intro: Heading(j.Issue),
		Token:  p.formToken(as, subject(workflow.SendBack, j, a)),
		Fields: p.startingFrom(j, chat.Field{Name: "reason", Label: p.say("What is missing"), Kind: chat.Paragraph, Max: 1000, Help: p.say("The firm reads this.")}),
	}
}

// TakeBack asks an operator why a firm is not to do a job that it accepted.
func (p *Presenter) TakeBack(as Asked, j Job, a workflow.Assignment) *chat.Form {
	return &chat.Form{
		Title: p.say("Take back {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Take back"), Intro: Heading(j.Issue),
		Token:  p.formToken(as, subject(workflow.TakeBack, j, a)),
		Fields: p.startingFrom(j, chat.Field{Name: "reason", Label: p.say("Why"), Kind: chat.Paragraph, Max: 1000, Help: p.say("The firm reads this.")}),
	}
}

// ReplyForm asks an operator what the firm shall read: the one of an assignment, or
// the only one there is when that is empty.
func (p *Presenter) ReplyForm(as Asked, j Job, assignment string) *chat.Form {
	return &chat.Form{
		Title: p.say("Reply on {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Send"), Intro: Heading(j.Issue),
		Token:  p.formToken(as, ticket.Ticket{Verb: string(workflow.Comment), Issue: j.ID, Assignment: assignment}),
		Fields: p.startingFrom(j, chat.Field{Name: "text", Label: p.say("Your reply"), Kind: chat.Paragraph, Max: 3000, Help: p.readsReply(j, assignment)}),
	}
}

// Both is the value for all platforms that are connected.
const Both = "both"

// AddFirm asks for a new contractor, and on which platform it works where there are
// several.
func (p *Presenter) AddFirm(as Asked, platforms []string) *chat.Form {
	f := &chat.Form{
		Title: p.say("New contractor"), Submit: p.say("Add"),
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.AddContractor)}),
		Fields: []chat.Field{
			{Name: "city", Label: p.say("City"), Kind: chat.Line, Max: 100, Placeholder: p.say("Leeds")},
			{Name: "company", Label: p.say("Company"), Kind: chat.Line, Max: 100, Placeholder: p.say("Acme Heating")},
		},
	}
	if len(platforms) < 2 {
		return f
	}
	where := chat.Field{Name: "where", Label: p.say("Works on"), Kind: chat.Select, Optional: true, Placeholder: p.say("Choose a platform"), Help: p.say("Where the firm's people are. Empty: here. On both, its channels show each other's threads.")}
	for _, name := range platforms {
		where.Options = append(where.Options, chat.Option{Value: name, Label: upperFirst(name)})
	}
	where.Options = append(where.Options, chat.Option{Value: Both, Label: p.say("Both, linked")})
	f.Fields = append(f.Fields, where)
	return f
}

// TryAgain is what a person sees when a form could not be opened in time.
func (p *Presenter) TryAgain(as Asked, verb workflow.Verb, i storage.Issue, a *workflow.Assignment, arg string) chat.Message {
	t := ticket.Ticket{Verb: string(verb), Issue: i.ID, Arg: arg}
	if a != nil {
		t.Assignment, t.Revision = a.ID, a.Revision
	}
	// The button opens the form anew, so it is bound to the person but not to one use.
	as.Nonce = ""
	return chat.Message{
		Text:    p.text("The form did not open in time. Press the button to try again."),
		Buttons: []chat.Button{{ID: "again", Label: p.say("Open the form"), Token: p.formToken(as, t)}},
	}
}

// WhichFirm asks back when a name fits several firms. arg is what the offer says.
func (p *Presenter) WhichFirm(as Asked, i storage.Issue, firms []storage.Contractor, arg string) chat.Message {
	if len(firms) > maxOptions {
		firms = firms[:maxOptions]
	}
	return chat.Message{
		Text: p.countText(len(firms), "{{.Count}} firm fits that name. Does it get {{.Task}}?", "{{.Count}} firms fit that name. Which one gets {{.Task}}?", with{"Task": Number(i.Number)}),
		Choice: &chat.Choice{
			ID: "contractor", Placeholder: p.say("Choose a contractor"), Options: p.firmOptions(firms),
			Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.Offer), Issue: i.ID, Arg: arg}),
		},
	}
}

// Worded is a form with the words of those that a platform's form brings itself.
func (w Words) Worded(f *chat.Form) *chat.Form {
	if f == nil {
		return nil
	}
	worded := *f
	worded.Cancel = w.say("Cancel")
	worded.LeftOut = w.say("Too long for this form, and left as it is:")
	return &worded
}
