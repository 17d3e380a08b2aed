package present

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// historySize is the most entries a history shows, and earlierTexts the most
	// earlier texts of one comment.
	historySize  = 40
	earlierTexts = 3
)

// History shows an issue's comments and events in order. What is given is what the
// reader may see; the job's firms are those the reader may know by name.
func (p *Presenter) History(j Job, comments []storage.Comment, events []storage.Event) chat.Message {
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
	m := chat.Message{Title: "History of " + Heading(j.Issue)}
	if len(all) > historySize {
		m.Notes = append(m.Notes, chat.T(fmt.Sprintf("These are the last %d of %d entries.", historySize, len(all))))
		all = all[len(all)-historySize:]
	}
	if len(all) == 0 {
		m.Text = chat.T("Nothing has happened yet.")
	}
	for n, e := range all {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Append(e.text)
	}
	m.Notes = append(m.Notes, p.syncedNotes(j)...)
	return m
}

// sourceName says where a comment was written.
func (w Words) sourceName(platform string) string {
	switch platform {
	case "", "system":
		return ""
	case "rest":
		return "through the API"
	default:
		return "on " + upperFirst(platform)
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
		t = t.Plain(" (internal)")
	case c.Held:
		t = t.Plain(" (held until the work is sent back)")
	}
	t = t.Plain(": ")
	versions := c.Versions
	if more := len(versions) - earlierTexts; more > 0 {
		t = t.Italic("(" + w.plural(more, "earlier text", "earlier texts") + ")").Plain(" ")
		versions = versions[more:]
	}
	for _, v := range versions {
		t = t.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(oneLine(v.Text), 200)}).Plain(" → ")
	}
	if c.DeletedAt.IsZero() {
		t = t.Plain(chat.Shorten(oneLine(c.Text), 300))
		if !c.EditedAt.IsZero() {
			t = t.Plain(" ").Italic("(edited)")
		}
	} else {
		t = t.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(oneLine(c.Text), 300)}).Plain(" ").Italic("(deleted)")
	}
	for _, f := range c.Files {
		t = t.Plain(" [" + w.fileText(f) + "]")
	}
	return t
}

// shownDigits is how much of a digest people are shown: enough to tell files apart.
const shownDigits = 12

// fileText names a file with what is known of its content.
func (w Words) fileText(f storage.File) string {
	text := chat.Shorten(oneLine(f.Name), 80)
	switch {
	case f.Digest != "":
		return text + ", " + f.Type + ", " + w.FileSize(f.Size) + ", sha256:" + chat.Shorten(f.Digest, shownDigits)
	case f.Refused != "":
		return text + ", not kept: " + w.FileRefusal(chat.Reason(f.Refused))
	default:
		return text + ", not fetched yet"
	}
}

// FileSize is a size as people read it.
func (w Words) FileSize(bytes int64) string { return humanize.Bytes(uint64(max(bytes, 0))) }

// FileRefusal says why a file is not where somebody looks for it.
func (w Words) FileRefusal(r chat.Reason) string {
	switch r {
	case chat.TooLarge:
		return "it is too large"
	case chat.FileBlocked:
		return "files of this kind are not taken"
	case chat.FileElsewhere:
		return "it is kept elsewhere"
	case chat.NotFound:
		return "it is gone"
	case chat.MissingScope, chat.Unauthorised, chat.NotInChannel:
		return "it could not be read"
	default:
		return "it could not be had"
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
	t := told{Words: w, Event: e, job: j, who: "Somebody", firm: "a firm"}
	if e.Actor.Name != "" {
		t.who = oneLine(e.Actor.Name)
	}
	if a := j.assignment(e.Assignment); a != nil {
		t.firm = w.FirmOf(j, a.Contractor)
	} else if id := e.Data["contractor"]; id != "" {
		t.firm = w.FirmOf(j, id)
	}
	say, ok := w.sentences()[e.Kind]
	if !ok {
		// An event of a later version: its data may not be for everybody.
		return chat.T(t.who + ": " + strings.ReplaceAll(e.Kind, "_", " "))
	}
	return say(t)
}

// sentences says each kind of event, with the data that workflow writes.
func (w Words) sentences() map[string]func(told) chat.Text {
	plain := func(format string) func(told) chat.Text {
		return func(t told) chat.Text {
			return chat.T(strings.NewReplacer("{who}", t.who, "{firm}", t.firm, "{Firm}", upperFirst(t.firm)).Replace(format))
		}
	}
	untold := func(told) chat.Text { return nil }
	return map[string]func(told) chat.Text{
		workflow.EventCreated:  plain("{who} created it"),
		workflow.EventDrafted:  plain("{who} prepared an offer to {firm}"),
		workflow.EventOffered:  told.offered,
		workflow.EventCanceled: plain("{who} withdrew the offer to {firm}"),
		workflow.EventAccepted: plain("{who} accepted it for {firm}"),
		workflow.EventDeclined: told.declined,
		workflow.EventExpired:  plain("{Firm} did not answer in time"),
		workflow.EventWarned: func(t told) chat.Text {
			return t.at(upperFirst(t.firm)+" was reminded to answer by ", "accept_by", upperFirst(t.firm)+" was reminded to answer")
		},
		workflow.EventStarted:    told.started,
		workflow.EventStep:       told.step,
		workflow.EventHandedOver: told.handedOver,
		workflow.EventTookCharge: told.tookCharge,
		workflow.EventPaused:     told.paused,
		workflow.EventResumed:    plain("{who} resumed the work"),
		workflow.EventChecked:    told.checked,
		workflow.EventDemanded:   plain("{who} changed what the work has to bring"),
		workflow.EventSubmitted:  told.submitted,
		workflow.EventApproved:   plain("{who} approved the work of {firm}"),
		workflow.EventSentBack:   func(t told) chat.Text { return t.with(t.who+" sent the work back", "reason") },
		workflow.EventCompletedEarly: plain(
			"{who} completed the work of {firm} early"),
		workflow.EventAmended:           func(t told) chat.Text { return t.terms(t.who + " changed the terms") },
		workflow.EventDiscarded:         plain("{who} discarded the offer to {firm} before it was sent"),
		workflow.EventCounterOffered:    func(t told) chat.Text { return t.terms(t.who + " suggested other terms for " + t.firm) },
		workflow.EventCounterAccepted:   func(t told) chat.Text { return t.terms(t.who + " agreed to the terms of " + t.firm) },
		workflow.EventCounterRefused:    func(t told) chat.Text { return t.until(t.who + " refused the terms of " + t.firm) },
		workflow.EventChainSet:          func(t told) chat.Text { return chat.T(t.who + " lined up " + t.firms()) },
		workflow.EventChainStopped:      func(t told) chat.Text { return chat.T(upperFirst(t.firms()) + " will not be asked any more") },
		workflow.EventPassedOver:        told.passedOver,
		workflow.EventChainOver:         plain("No firm was left in turn"),
		workflow.EventRated:             told.rated,
		workflow.EventTakenBack:         func(t told) chat.Text { return t.with(t.who+" took it back from "+t.firm, "reason") },
		workflow.EventReopened:          plain("{who} reopened the work of {firm}"),
		workflow.EventAllocatedExternal: func(t told) chat.Text { return t.with(t.who+" brought in people from outside", "people") },
		workflow.EventClosed:            func(t told) chat.Text { return t.with(t.who+" closed it", "reason") },
		workflow.EventIssueReopened:     plain("{who} reopened it"),
		workflow.EventDeleted:           func(t told) chat.Text { return t.with(t.who+" deleted it", "reason") },
		workflow.EventReminderSet:       func(t told) chat.Text { return t.at(t.who+" set a reminder for ", "when", "") },
		workflow.EventReminded:          told.reminded,
		workflow.EventSnoozed:           func(t told) chat.Text { return t.at(t.who+" put the reminder off to ", "when", "") },
		workflow.EventOverdue:           func(t told) chat.Text { return t.at("It became overdue; it was due ", "due_at", "It became overdue") },
		workflow.EventDueSet: func(t told) chat.Text {
			return t.at(t.who+" set the due date to ", "due_at", t.who+" took the due date away")
		},
		workflow.EventCommented:        untold,
		workflow.EventNoted:            untold,
		workflow.EventCompletedByClose: plain("The work of {firm} was marked as complete because the job was closed"),
		workflow.EventWithdrawn:        told.withdrawn,
		"templates_changed":            plain("{who} changed the templates"),
		"status_link_made":             plain("{who} made a link for the customer"),
		"status_link_ended":            plain("{who} ended the link for the customer"),
		"details_changed":              plain("{who} changed the details"),
		"delivery_dropped":             told.dropped,
	}
}

// rated says how good the work was found to be.
func (t told) rated() chat.Text {
	return t.with(t.who+" rated the work of "+t.firm+" "+t.Data["stars"]+" of 5", "text")
}

// with appends a value that somebody typed.
func (t told) with(text, key string) chat.Text {
	if v := oneLine(t.Data[key]); v != "" {
		text += ": " + chat.Shorten(v, 200)
	}
	return chat.T(text)
}

// at appends a moment; without one it says the other text.
func (t told) at(text, key, without string) chat.Text {
	at, err := time.Parse(time.RFC3339, t.Data[key])
	if err != nil {
		if without == "" {
			without = strings.TrimSpace(text)
		}
		return chat.T(without)
	}
	return chat.T(text).Moment(at)
}

// until appends the time to answer, if there is one.
func (t told) until(text string) chat.Text { return t.at(text+", answer by ", "accept_by", text) }

func (t told) declined() chat.Text {
	why := t.reasonText(t.job, t.Data["reason"], chat.Shorten(oneLine(t.Data["text"]), 200))
	return chat.T(t.who + " declined it for " + t.firm + ": " + why)
}

func (t told) started() chat.Text {
	if t.Data["by"] == string(workflow.Comment) {
		return chat.T("The work started with a reply by " + t.who)
	}
	return chat.T(t.who + " started the work")
}

func (t told) step() chat.Text {
	text := t.with(t.who+" reported a step", "step")
	from, err := time.Parse(time.RFC3339, t.Data["from"])
	if err != nil {
		return text
	}
	text = text.Plain(", ").Moment(from)
	if till, err := time.Parse(time.RFC3339, t.Data["till"]); err == nil {
		text = text.Plain(" – ").Moment(till)
	}
	return text
}

func (t told) handedOver() chat.Text {
	from, to := oneLine(t.Data["from"]), oneLine(t.Data["to"])
	if from != "" && from != t.who {
		return chat.T(t.who + " handed it over from " + from + " to " + to)
	}
	return chat.T(t.who + " handed it over to " + to)
}

func (t told) tookCharge() chat.Text {
	if from := oneLine(t.Data["from"]); from != "" {
		return chat.T(t.who + " took charge, after " + from)
	}
	return chat.T(t.who + " took charge")
}

func (t told) paused() chat.Text {
	why := workflow.PauseText(workflow.Pause{Reason: t.Data["reason"], Text: chat.Shorten(oneLine(t.Data["text"]), 200)})
	return t.at(t.who+" paused the work: "+why+", until ", "until", t.who+" paused the work: "+why)
}

func (t told) checked() chat.Text {
	item := "“" + chat.Shorten(oneLine(t.Data["item"]), workflow.MaxItem) + "”"
	if t.Data["taken_back"] != "" {
		return chat.T(t.who + " took the tick at " + item + " back")
	}
	return chat.T(t.who + " ticked " + item)
}

func (t told) submitted() chat.Text {
	text := t.with(t.who+" handed the work in", "note")
	if minutes, err := strconv.Atoi(t.Data["effort"]); err == nil {
		text = text.Plain(" · " + t.Duration(minutes))
	}
	if costs := oneLine(t.Data["costs"]); costs != "" {
		text = text.Plain(" · " + chat.Shorten(costs, 80))
	}
	if used := oneLine(strings.ReplaceAll(t.Data["materials"], "\n", "; ")); used != "" {
		text = text.Plain(" · used: " + chat.Shorten(used, 200))
	}
	if kind := oneLine(t.Data["activity"]); kind != "" {
		text = text.Plain(" · " + chat.Shorten(kind, 80))
	}
	return text
}

func (t told) reminded() chat.Text {
	whom := map[workflow.Side]string{
		workflow.WithOperator: "the desk", workflow.WithContractor: "the firm", workflow.WithBoth: "both sides",
	}[workflow.Side(t.Data["lies_with"])]
	if t.Data["put_off"] != "" {
		return t.at("A reminder waits for working hours, until ", "put_off", "")
	}
	if whom == "" {
		return chat.T("A reminder went out")
	}
	return chat.T("A reminder went to " + whom)
}

// dropped tells of a message that never got through.
func (t told) dropped() chat.Text {
	if t.Actor.Name == "" {
		return t.with("A message could not be sent", "reason")
	}
	return t.with("A message was given up at the "+t.who, "reason")
}

// withdrawn never names who did it: the firm that lost reads this, and the one who
// did it may be of the firm that won.
func (t told) withdrawn() chat.Text {
	text := "The offer to " + t.firm + " was withdrawn"
	switch workflow.Verb(t.Data["by"]) {
	case workflow.Accept, workflow.AcceptCounter, workflow.Reopen:
		text += " because the job was taken"
	case workflow.Close:
		text += " because the job was closed"
	case workflow.Delete:
		text += " because the job was deleted"
	}
	return chat.T(text)
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
