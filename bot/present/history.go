package present

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// HistorySize is the most entries a page of a history shows, and earlierTexts the most
	// earlier texts of one comment.
	HistorySize  = 40
	earlierTexts = 3
)

// TurnHistory is the verb of the buttons that lead to another page of a history, of a
// job's, whose number they name, or of these.
const (
	TurnHistory workflow.Verb = "turn_history"

	OfSettings = "settings"
	OfRights   = "rights"
)

// UntoldKinds are the events that a history does not tell: its comments stand in it by
// themselves.
func UntoldKinds() []string {
	return []string{workflow.EventCommented, workflow.EventNoted, "comment_added", "comment_edited", "comment_deleted", "comment_released"}
}

// History shows a page of an issue's comments and events in order. What is given is what
// the reader may see; the job's firms are those the reader may know by name.
func (p *Presenter) History(as Asked, page Chronicle) chat.Message {
	j, comments, events := page.Job, page.Comments, page.Events
	type entry struct {
		at   int64
		text chat.Text
	}
	var all []entry
	for _, e := range events {
		text := p.EventText(j, e)
		if text.Empty() {
			continue
		}
		all = append(all, entry{e.At.UnixMicro(), chat.Text{}.Moment(e.At).Plain(" ").Append(text)})
	}
	several := slices.ContainsFunc(comments, func(c storage.Comment) bool { return c.Source.Platform != comments[0].Source.Platform })
	for _, c := range comments {
		if c.Orphan {
			continue
		}
		source := ""
		if several {
			source = p.sourceName(c.Source.Platform)
		}
		all = append(all, entry{c.CreatedAt.UnixMicro(), p.commentText(c, source)})
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].at < all[b].at })
	m := chat.Message{Title: p.say("History of {{.Task}}", with{"Task": Heading(j.Issue)})}
	if len(all) == 0 {
		m.Text = p.text("Nothing has happened yet.")
	}
	for n, e := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Append(e.text)
	}
	m.Notes = append(m.Notes, p.syncedNotes(j)...)
	of := strconv.Itoa(j.Number)
	if page.Earlier != "" {
		m.Buttons = append(m.Buttons, p.historyButton(as, "earlier", p.say("Earlier"), of, page.Earlier))
	}
	if !page.Latest {
		m.Buttons = append(m.Buttons, p.historyButton(as, "latest", p.say("Latest"), of, "0."))
	}
	return m
}

// EarlierChanges are the buttons under a page of changes that are about no job: to those
// before a change, if it is not zero, and to the last ones.
func (p *Presenter) EarlierChanges(as Asked, of string, before int64, latest bool) (buttons []chat.Button) {
	if before > 0 {
		buttons = append(buttons, p.historyButton(as, "earlier", p.say("Earlier"), of, strconv.FormatInt(before, 10)))
	}
	if !latest {
		buttons = append(buttons, p.historyButton(as, "latest", p.say("Latest"), of, "0"))
	}
	return buttons
}

// historyButton leads to the page of a history that ends at a mark.
func (p *Presenter) historyButton(as Asked, id, label, of, end string) chat.Button {
	return chat.Button{ID: id, Label: label, Token: p.formToken(as, ticket.Ticket{Verb: string(TurnHistory), Arg: of + " " + end})}
}

// sourceName says where a comment was written.
func (w Words) sourceName(platform string) string {
	switch platform {
	case "", "system":
		return ""
	case "rest":
		return w.say("through the API")
	default:
		return w.say("on {{.Platform}}", with{"Platform": upperFirst(platform)})
	}
}

// commentText is a comment with its earlier texts struck out, and where it was written
// unless that is empty.
func (w Words) commentText(c storage.Comment, source string) chat.Text {
	t := chat.Text{}.Moment(c.CreatedAt).Plain(" ").Bold(oneLine(c.Author.Name))
	if source != "" {
		t = t.Plain(" " + source)
	}
	switch {
	case c.Visibility == workflow.Internal:
		t = t.Plain(" " + w.say("(internal)"))
	case c.Held:
		t = t.Plain(" " + w.say("(held until the work is sent back)"))
	}
	t = t.Plain(": ")
	versions := c.Versions
	if more := len(versions) - earlierTexts; more > 0 {
		t = t.Italic(w.count(more, "({{.Count}} earlier text)", "({{.Count}} earlier texts)")).Plain(" ")
		versions = versions[more:]
	}
	for _, v := range versions {
		t = t.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(oneLine(v.Text), 200)}).Plain(" → ")
	}
	if c.DeletedAt.IsZero() {
		t = t.Plain(chat.Shorten(oneLine(c.Text), 300))
		if !c.EditedAt.IsZero() {
			t = t.Plain(" ").Italic(w.say("(edited)"))
		}
	} else {
		t = t.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(oneLine(c.Text), 300)}).Plain(" ").Italic(w.say("(deleted)"))
	}
	for _, f := range c.Files {
		t = t.Plain(" [" + w.fileText(f) + "]")
	}
	return t
}

// fileText names a file with its size, or why there is none.
func (w Words) fileText(f storage.File) string {
	text := chat.Shorten(oneLine(f.Name), 80)
	switch {
	case f.Digest != "":
		return text + ", " + w.FileSize(f.Size)
	case f.Refused != "":
		return w.say("{{.File}}, not kept: {{.Reason}}", with{"File": text, "Reason": w.FileRefusal(chat.Reason(f.Refused))})
	default:
		return w.say("{{.File}}, not fetched yet", with{"File": text})
	}
}

// FileSize is a size as people read it.
func (w Words) FileSize(bytes int64) string { return w.in.Size(max(bytes, 0)) }

// FileRefusal says why a file is not where somebody looks for it.
func (w Words) FileRefusal(r chat.Reason) string {
	switch r {
	case chat.TooLarge:
		return w.say("it is too large")
	case chat.FileBlocked:
		return w.say("files of this kind are not taken")
	case chat.FileElsewhere:
		return w.say("it is kept elsewhere")
	case chat.NotFound:
		return w.say("it is gone")
	case chat.MissingScope, chat.Unauthorised, chat.NotInChannel:
		return w.say("it could not be read")
	default:
		return w.say("it could not be had")
	}
}

// told is an event with what its sentence needs.
type told struct {
	Words
	storage.Event
	job Job
	// who did it; firm is whose assignment it befell, by name.
	who, firm string
}

// EventText says an event in words. It is empty for what a history does not tell:
// comments stand in it by themselves.
func (w Words) EventText(j Job, e storage.Event) chat.Text {
	if strings.HasPrefix(e.Kind, "comment_") {
		return nil
	}
	t := told{Words: w, Event: e, job: j, who: w.say("Somebody"), firm: w.say("a firm")}
	if e.Actor.Name != "" {
		t.who = oneLine(e.Actor.Name)
	}
	if a := j.assignment(e.Assignment); a != nil {
		t.firm = w.FirmOf(j, a.Contractor)
	} else if id := e.Data["contractor"]; id != "" {
		t.firm = w.FirmOf(j, id)
	}
	say, ok := sentences()[e.Kind]
	if !ok {
		// An event of a later version: its data may not be for everybody.
		return chat.T(t.who + ": " + strings.ReplaceAll(e.Kind, "_", " "))
	}
	return say(t)
}

// plain says an event that needs no more than who did it and whose work it befell.
func (t told) plain(english string) chat.Text { return t.text(english, t.gaps()) }

// gaps are who did it, and the firm as it stands at the beginning of a sentence and
// within one.
func (t told) gaps() with {
	return with{"Who": t.who, "Firm": upperFirst(t.firm), "firm": t.firm}
}

// sentences says each kind of event, with the data that workflow writes.
func sentences() map[string]func(told) chat.Text {
	untold := func(told) chat.Text { return nil }
	return map[string]func(told) chat.Text{
		workflow.EventCreated:  func(t told) chat.Text { return t.plain("{{.Who}} created it") },
		workflow.EventDrafted:  func(t told) chat.Text { return t.plain("{{.Who}} prepared an offer to {{.firm}}") },
		workflow.EventOffered:  told.offered,
		workflow.EventCanceled: func(t told) chat.Text { return t.plain("{{.Who}} withdrew the offer to {{.firm}}") },
		workflow.EventAccepted: func(t told) chat.Text { return t.plain("{{.Who}} accepted it for {{.firm}}") },
		workflow.EventDeclined: told.declined,
		workflow.EventExpired:  func(t told) chat.Text { return t.plain("{{.Firm}} did not answer in time") },
		workflow.EventWarned: func(t told) chat.Text {
			return t.at("{{.Firm}} was reminded to answer by {{.When}}", "accept_by", "{{.Firm}} was reminded to answer")
		},
		workflow.EventStarted:    told.started,
		workflow.EventStep:       told.step,
		workflow.EventHandedOver: told.handedOver,
		workflow.EventTookCharge: told.tookCharge,
		workflow.EventPaused:     told.paused,
		workflow.EventResumed:    func(t told) chat.Text { return t.plain("{{.Who}} resumed the work") },
		workflow.EventChecked:    told.checked,
		workflow.EventDemanded: func(t told) chat.Text {
			return t.changes(t.plain("{{.Who}} changed the requirements"), t.changedDemands(t.Data))
		},
		workflow.EventSubmitted: told.submitted,
		workflow.EventApproved:  func(t told) chat.Text { return t.plain("{{.Who}} approved the work of {{.firm}}") },
		workflow.EventSentBack:  func(t told) chat.Text { return t.with("{{.Who}} sent the work back", "reason") },
		workflow.EventCompletedEarly: func(t told) chat.Text {
			return t.plain("{{.Who}} completed the work of {{.firm}} early")
		},
		workflow.EventAmended: func(t told) chat.Text {
			return t.terms("{{.Who}} changed the terms", "{{.Who}} changed the terms, answer by {{.When}}")
		},
		workflow.EventDiscarded: func(t told) chat.Text {
			return t.plain("{{.Who}} discarded the offer to {{.firm}} before it was sent")
		},
		workflow.EventCounterOffered: func(t told) chat.Text {
			return t.terms("{{.Who}} suggested other terms for {{.firm}}", "{{.Who}} suggested other terms for {{.firm}}, answer by {{.When}}")
		},
		workflow.EventCounterAccepted: func(t told) chat.Text {
			return t.terms("{{.Who}} agreed to the terms of {{.firm}}", "{{.Who}} agreed to the terms of {{.firm}}, answer by {{.When}}")
		},
		workflow.EventCounterRefused: func(t told) chat.Text {
			return t.at("{{.Who}} refused the terms of {{.firm}}, answer by {{.When}}", "accept_by", "{{.Who}} refused the terms of {{.firm}}")
		},
		workflow.EventCounterWithdrawn: func(t told) chat.Text {
			return t.at("{{.Who}} withdrew the suggestion of {{.firm}}, answer by {{.When}}", "accept_by", "{{.Who}} withdrew the suggestion of {{.firm}}")
		},
		workflow.EventApprovalAsked:   func(t told) chat.Text { return t.asked(t.with("{{.Who}} asked for an approval for {{.firm}}", "what")) },
		workflow.EventApprovalGiven:   told.approvalGiven,
		workflow.EventApprovalRefused: told.approvalRefused,
		workflow.EventApprovalWithdrawn: func(t told) chat.Text {
			return t.asked(t.with("{{.Who}} withdrew the request of {{.firm}}", "what"))
		},
		workflow.EventApprovalNeeded: func(t told) chat.Text { return t.with("It needs an approval before it is offered", "what") },
		workflow.EventJobApproved:    func(t told) chat.Text { return t.plain("{{.Who}} approved that it is offered") },
		workflow.EventJobRefused:     func(t told) chat.Text { return t.with("{{.Who}} did not approve it, so it was closed", "reason") },
		workflow.EventChainSet: func(t told) chat.Text {
			return t.text("{{.Who}} lined up {{.Firms}}", t.gaps(), with{"Firms": t.firms()})
		},
		workflow.EventChainStopped: func(t told) chat.Text {
			return t.text("{{.Firms}} will not be asked any more", with{"Firms": upperFirst(t.firms())})
		},
		workflow.EventFollows: func(t told) chat.Text {
			return t.text("{{.Who}} lets it wait for {{.Ahead}}", t.gaps(), with{"Ahead": "#" + t.Data["after"]})
		},
		workflow.EventStoppedFollowing: func(t told) chat.Text {
			return t.text("It waits no more for {{.Ahead}}", with{"Ahead": "#" + t.Data["after"]})
		},
		workflow.EventWentOn: func(t told) chat.Text {
			return t.text("{{.Who}} let it go on after {{.Ahead}}", t.gaps(), with{"Ahead": "#" + t.Data["after"]})
		},
		workflow.EventAheadClosed: func(t told) chat.Text {
			return t.text("{{.Ahead}}, which it waits for, was closed without being done", with{"Ahead": "#" + t.Data["after"]})
		},
		workflow.EventAheadReopened: func(t told) chat.Text {
			return t.text("{{.Ahead}}, which it follows, was reopened", with{"Ahead": "#" + t.Data["after"]})
		},
		workflow.EventPassedOver:    told.passedOver,
		workflow.EventChainOver:     func(t told) chat.Text { return t.plain("No firm was left in turn") },
		workflow.EventRated:         told.rated,
		workflow.EventVisitAnswered: told.visitAnswered,
		workflow.EventTakenBack: func(t told) chat.Text {
			return t.with("{{.Who}} took it back from {{.firm}}", "reason")
		},
		workflow.EventReopened: func(t told) chat.Text { return t.plain("{{.Who}} reopened the work of {{.firm}}") },
		workflow.EventAllocatedExternal: func(t told) chat.Text {
			return t.outside("{{.Who}} brought in people from outside")
		},
		workflow.EventExternalRemoved: func(t told) chat.Text {
			return t.outside("{{.Who}} let people from outside go")
		},
		workflow.EventClosed:        func(t told) chat.Text { return t.with("{{.Who}} closed it", "reason") },
		workflow.EventIssueReopened: func(t told) chat.Text { return t.plain("{{.Who}} reopened it") },
		workflow.EventDeleted:       func(t told) chat.Text { return t.with("{{.Who}} deleted it", "reason") },
		workflow.EventReminderSet: func(t told) chat.Text {
			return t.at("{{.Who}} set a reminder for {{.When}}", "when", "")
		},
		workflow.EventReminded: told.reminded,
		workflow.EventSnoozed: func(t told) chat.Text {
			return t.at("{{.Who}} put the reminder off to {{.When}}", "when", "")
		},
		workflow.EventOverdue: func(t told) chat.Text {
			return t.at("It became overdue; it was due {{.When}}", "due_at", "It became overdue")
		},
		workflow.EventEscalated: func(t told) chat.Text { return t.plain("The managers were told that it is overdue") },
		workflow.EventAcknowledged: func(t told) chat.Text {
			return t.plain("{{.Who}} took note that it is overdue")
		},
		workflow.EventLimitNear:   told.limitEvent,
		workflow.EventLimitBroken: told.limitEvent,
		workflow.EventDueSet: func(t told) chat.Text {
			return t.at("{{.Who}} set the due date to {{.When}}", "due_at", "{{.Who}} took the due date away")
		},
		workflow.EventCommented: untold,
		workflow.EventNoted:     untold,
		workflow.EventCompletedByClose: func(t told) chat.Text {
			return t.plain("The work of {{.firm}} was marked as complete because the job was closed")
		},
		workflow.EventWithdrawn: told.withdrawn,
		"templates_changed":     func(t told) chat.Text { return t.plain("{{.Who}} changed the templates") },
		"kept_texts_changed":    func(t told) chat.Text { return t.plain("{{.Who}} changed the kept texts") },
		"status_link_made":      func(t told) chat.Text { return t.plain("{{.Who}} made a link for the customer") },
		"status_link_ended":     func(t told) chat.Text { return t.plain("{{.Who}} ended the link for the customer") },
		workflow.EventItemTaken: told.itemTaken,
		workflow.EventDetailsChanged: func(t told) chat.Text {
			return t.changes(t.plain("{{.Who}} changed the details"), t.changedDetails(t.Data))
		},
		"delivery_dropped": told.dropped,
	}
}

// changes appends what was changed, and into what.
func (t told) changes(text chat.Text, facts []chat.Fact) chat.Text {
	for _, f := range facts {
		text = plainly(text, " · "+f.Label+": ").Append(f.Value)
	}
	return text
}

// rated says how good the work was found to be.
func (t told) rated() chat.Text {
	return t.with("{{.Who}} rated the work of {{.firm}} {{.Stars}} of 5", "text", with{"Stars": t.Data["stars"]})
}

// with appends a value that somebody typed.
func (t told) with(english, key string, more ...with) chat.Text {
	text := t.text(english, append(more, t.gaps())...)
	if v := oneLine(t.Data[key]); v != "" {
		text = plainly(text, ": "+chat.Shorten(v, 200))
	}
	return text
}

// outside appends who is meant of the people outside.
func (t told) outside(english string) chat.Text {
	if t.Data["names"] != "" {
		return t.with(english, "names")
	}
	return t.with(english, "people")
}

// at says a text with {{.When}} for a moment of the data; without one it says the other
// text.
func (t told) at(english, key, without string, more ...with) chat.Text {
	when, err := time.Parse(time.RFC3339, t.Data[key])
	if err == nil {
		return t.text(english, append(more, t.gaps(), with{"When": at(when)})...)
	}
	if without == "" {
		return t.text(english, append(more, t.gaps(), with{"When": t.say("a time that is not known")})...)
	}
	return t.text(without, append(more, t.gaps())...)
}

func (t told) declined() chat.Text {
	why := t.reasonText(t.job, t.Data["reason"], chat.Shorten(oneLine(t.Data["text"]), 200))
	return t.text("{{.Who}} declined it for {{.firm}}: {{.Reason}}", t.gaps(), with{"Reason": why})
}

func (t told) started() chat.Text {
	if t.Data["by"] == string(workflow.Comment) {
		return t.plain("The work started with a reply by {{.Who}}")
	}
	return t.plain("{{.Who}} started the work")
}

func (t told) step() chat.Text {
	text := t.plain("{{.Who}} reported a step")
	if step := oneLine(t.Data["step"]); step != "" {
		text = plainly(text, ": "+chat.Shorten(t.term(step), 200))
	}
	from, err := time.Parse(time.RFC3339, t.Data["from"])
	if err != nil {
		return text
	}
	till, _ := time.Parse(time.RFC3339, t.Data["till"])
	return text.Plain(", ").Append(window(from, till))
}

func (t told) handedOver() chat.Text {
	from, to := oneLine(t.Data["from"]), oneLine(t.Data["to"])
	if from != "" && from != t.who {
		return t.text("{{.Who}} handed it over from {{.From}} to {{.To}}", t.gaps(), with{"From": from, "To": to})
	}
	return t.text("{{.Who}} handed it over to {{.To}}", t.gaps(), with{"To": to})
}

func (t told) tookCharge() chat.Text {
	if from := oneLine(t.Data["from"]); from != "" {
		return t.text("{{.Who}} took charge, after {{.From}}", t.gaps(), with{"From": from})
	}
	return t.plain("{{.Who}} took charge")
}

func (t told) paused() chat.Text {
	why := t.pauseReason(workflow.Pause{Reason: t.Data["reason"], Text: chat.Shorten(oneLine(t.Data["text"]), 200)})
	return t.at("{{.Who}} paused the work: {{.Reason}}, until {{.When}}", "until", "{{.Who}} paused the work: {{.Reason}}", with{"Reason": why})
}

func (t told) checked() chat.Text {
	item := with{"Item": chat.Shorten(oneLine(t.Data["item"]), workflow.MaxItem)}
	if t.Data["taken_back"] != "" {
		return t.text("{{.Who}} took the tick at “{{.Item}}” back", t.gaps(), item)
	}
	return t.text("{{.Who}} ticked “{{.Item}}”", t.gaps(), item)
}

func (t told) itemTaken() chat.Text {
	item := with{"Item": chat.Shorten(oneLine(t.Data["item"]), workflow.MaxItem), "Webhook": chat.Shorten(oneLine(t.Data["webhook"]), workflow.MaxWebhook)}
	return t.text("The webhook {{.Webhook}} has taken “{{.Item}}”", item)
}

func (t told) submitted() chat.Text {
	text := t.with("{{.Who}} handed the work in", "note")
	if minutes, err := strconv.Atoi(t.Data["effort"]); err == nil {
		text = text.Plain(" · " + t.Duration(minutes))
	}
	if costs := oneLine(t.Data["costs"]); costs != "" {
		text = text.Plain(" · " + chat.Shorten(t.money(costs), 80))
	}
	if used := oneLine(strings.ReplaceAll(t.Data["materials"], "\n", "; ")); used != "" {
		text = text.Plain(" · " + t.say("used: {{.Materials}}", with{"Materials": chat.Shorten(used, 200)}))
	}
	if kind := oneLine(t.Data["activity"]); kind != "" {
		text = text.Plain(" · " + chat.Shorten(kind, 80))
	}
	return text
}

func (t told) reminded() chat.Text {
	if t.Data["put_off"] != "" {
		return t.at("A reminder waits for working hours, until {{.When}}", "put_off", "")
	}
	switch workflow.Side(t.Data["lies_with"]) {
	case workflow.WithOperator:
		return t.text("A reminder went to the desk")
	case workflow.WithContractor:
		return t.text("A reminder went to the firm")
	case workflow.WithBoth:
		return t.text("A reminder went to both sides")
	}
	return t.text("A reminder went out")
}

// dropped tells of a message that never got through.
func (t told) dropped() chat.Text {
	if t.Actor.Name == "" {
		return t.with("A message could not be sent", "reason")
	}
	return t.with("A message was given up at the {{.Who}}", "reason")
}

// withdrawn never names who did it: the firm that lost reads this, and the one who
// did it may be of the firm that won.
func (t told) withdrawn() chat.Text {
	switch workflow.Verb(t.Data["by"]) {
	case workflow.Accept, workflow.AcceptCounter, workflow.Reopen:
		return t.plain("The offer to {{.firm}} was withdrawn because the job was taken")
	case workflow.Close:
		return t.plain("The offer to {{.firm}} was withdrawn because the job was closed")
	case workflow.Delete:
		return t.plain("The offer to {{.firm}} was withdrawn because the job was deleted")
	}
	return t.plain("The offer to {{.firm}} was withdrawn")
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// lowerFirst is a word that begins with a capital on its own, as it stands in a sentence.
// It is for words that are no nouns: German begins those with a capital everywhere.
func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}
