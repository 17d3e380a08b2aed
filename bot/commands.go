package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// subcommand is one word after the slash command.
type subcommand struct {
	word string
	// usage is what follows the slash command; help says what it does.
	usage, help string
	// who sees it in help.
	who []workflow.Role
	run func(t *turn, ctx context.Context, rest string) (chat.Answer, error)
}

var (
	operators = []workflow.Role{workflow.Operator}
	readers   = []workflow.Role{workflow.Operator, workflow.Manager, workflow.Contractor}
	deskOnly  = []workflow.Role{workflow.Operator, workflow.Manager}
)

// subcommands lists all of them, in the order of help.
func subcommands() []subcommand {
	return []subcommand{
		{"new", "new [title]", "create a job; without a title a form asks for everything; a template's name asks for what it leaves open", operators, (*turn).cmdNew},
		{"template", "template list|show|new|edit|remove|export [NAME]", "what jobs of one kind have in common", operators, (*turn).cmdTemplate},
		{"text", "text list|new|edit|remove [NAME]", "texts kept ready for what you write to firms", operators, (*turn).cmdText},
		{"from", "from LINK", "create a job from a message", operators, (*turn).cmdFrom},
		{"assign", "assign N CONTRACTOR " + termsUsage, "offer a job to a firm, to several at once (acme, bolt) or in turn (acme then bolt)", operators, (*turn).cmdAssign},
		{"draft", "draft N CONTRACTOR " + termsUsage, "prepare an offer and see it as the firm will", operators, (*turn).cmdDraft},
		{"amend", "amend N " + termsUsage, "change the terms that a firm accepted; it must accept again", operators, (*turn).cmdAmend},
		{"counter", "counter N accept|refuse", "answer the other terms that a firm suggests", operators, (*turn).cmdCounter},
		{"chain", "chain N CONTRACTOR, CONTRACTOR…|stop", "say who is asked next when a firm says no or nothing", operators, (*turn).cmdChain},
		{"follow", "follow N after M|now|off", "let a job wait until another one is done; then its prepared offer is sent, or you are told", operators, (*turn).cmdFollow},
		{"comment", "comment N TEXT|text:NAME", "write to the firm, or send a kept text", []workflow.Role{workflow.Operator, workflow.Contractor}, (*turn).cmdComment},
		{"external", "external N [WHO | remove WHO | comment TEXT]", "involve somebody outside by e-mail address or user name, who may only comment", operators, (*turn).cmdExternal},
		{"note", "note N TEXT", "write an internal note", operators, (*turn).cmdNote},
		{"cancel", "cancel N", "withdraw an offer that was not answered yet", operators, numbered(workflow.Cancel, "The offer of %s is withdrawn.")},
		{"approve", "approve N", "approve finished work, what a firm at work asks for, or a job that needs it before it is offered", deskOnly, (*turn).cmdApprove},
		{"refuse", "refuse N REASON", "refuse what a firm at work asks for, and the work goes on; or a job that needs an approval, and it is closed", deskOnly, (*turn).cmdRefuse},
		{"rate", "rate N [1-5] [COMMENT]", "rate completed work; firms see it only when you share it", operators, (*turn).cmdRate},
		{"sendback", "sendback N REASON", "send finished work back", operators, (*turn).cmdSendBack},
		{"takeback", "takeback N REASON", "take a job back from the firm that accepted it", operators, (*turn).cmdTakeBack},
		{"complete", "complete N", "complete work that a firm has accepted, without waiting for it", operators, numbered(workflow.CompleteEarly, "%s is complete.")},
		{"pause", "pause N", "pause the work, with a reason", []workflow.Role{workflow.Operator, workflow.Contractor}, (*turn).cmdPause},
		{"resume", "resume N", "let paused work go on", []workflow.Role{workflow.Operator, workflow.Contractor}, numbered(workflow.ResumeWork, "%s goes on.")},
		{"require", "require N", "say what a job requires: checklist, photos, costs", operators, (*turn).cmdRequire},
		{"close", "close N", "close a job", operators, numbered(workflow.Close, "%s is closed.")},
		{"reopen", "reopen N", "reopen a job", operators, (*turn).cmdReopen},
		{"remind", "remind N WHEN", "be reminded of a job", operators, (*turn).cmdRemind},
		{"seen", "seen N", "take note of an overdue job, so that the managers are not told", operators, (*turn).cmdSeen},
		{"show", "show N", "show a job", readers, (*turn).cmdShow},
		{"status-link", "status-link N [EMAIL|off]", "a link by which the customer sees how a job stands", operators, (*turn).cmdStatusLink},
		{"history", "history N", "show everything that happened to a job", readers, (*turn).cmdHistory},
		{"list", "list [new|open|mine|waiting|offered|declined|progress|approval|overdue|breached|done] [firm:… topic:… city:… person:…]", "list jobs, narrowed down as you like", readers, (*turn).cmdList},
		{"watch", "watch [N]", "be told privately of what others do with a job; without a number, the jobs you watch", deskOnly, (*turn).cmdWatch},
		{"unwatch", "unwatch N", "watch a job no longer", deskOnly, (*turn).cmdUnwatch},
		{"notify", "notify", "choose how you are told of what you watch and of reminders", deskOnly, (*turn).cmdNotify},
		{"home", "home", "show what lies with you", nil, (*turn).cmdHome},
		{"web", "web [N|off]", "a private link to work in the browser; off signs you out there", readers, (*turn).cmdWeb},
		{"summary", "summary [today|week|month|quarter|year] [CONTRACTOR]", "the desk in figures", deskOnly, (*turn).cmdSummary},
		{"score", "score [CONTRACTOR]", "how a firm does; firms see their own", readers, (*turn).cmdScore},
		{"contractor", "contractor add CITY | COMPANY [| EMAIL] · list [WORDS] · show NAME · invite [NAME] EMAIL… · role NAME WHO ROLE · remove NAME WHO · answers NAME [WHO, …|everybody] · sync [NAME] · link|unlink NAME [CHANNEL] · hours NAME · topics NAME TOPIC, … · move NAME CITY · certificate NAME [add|remove CERTIFICATE] · pause|resume|offboard NAME", "manage firms", operators, (*turn).cmdContractor},
		{"rights", "rights [grant|revoke PERSON RIGHT | history]", "see and change who may do what at the desk", deskOnly, (*turn).cmdRights},
		{"here", "here operations|managers", "say what this channel is for (administrators)", nil, (*turn).here},
		{"settings", "settings [SECTION] · settings history", "how the desk works: hours, holidays, times to answer and lists (administrators)", nil, (*turn).cmdSettings},
		{"help", "help", "show this", nil, (*turn).cmdHelp},
	}
}

// command takes a slash command.
func (t *turn) command(ctx context.Context, b chat.Command) (chat.Answer, error) {
	word, rest := cutWord(b.Text)
	if word == "" {
		word = "help"
	}
	for _, c := range subcommands() {
		if !strings.EqualFold(c.word, word) {
			continue
		}
		if t.actor.Role == workflow.Stranger && c.word != "here" && c.word != "help" && c.word != "settings" {
			if err := t.notSetUp(ctx); err != nil {
				return chat.Answer{}, err
			}
		}
		t.typed = c.usage
		return c.run(t, ctx, rest)
	}
	if near := nearest(word); near != "" {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "There is no %q. Did you mean %s %s?", short(word), t.present.Command, near)
	}
	return chat.Answer{}, workflow.Refuse(workflow.Invalid, "There is no %q. %s help shows what there is.", short(word), t.present.Command)
}

// notSetUp tells somebody whom nothing could make an operator yet what is missing.
func (t *turn) notSetUp(ctx context.Context) error {
	ops, err := t.places.list(ctx, storage.OperationsChannel, "")
	if err != nil || len(ops) > 0 {
		return err
	}
	return workflow.Refuse(workflow.Forbidden, "There is no operations channel yet. A workspace administrator says %s here operations in the channel of the people who run the desk.", t.present.Command)
}

// nearest is the subcommand one slip away from a word, if there is one.
func nearest(word string) string {
	word = strings.ToLower(word)
	for _, c := range subcommands() {
		if len(word) > 1 && (strings.HasPrefix(c.word, word) || editDistance(word, c.word) <= 1) {
			return c.word
		}
	}
	return ""
}

// editDistance counts the single-character changes between two short words.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = min(diagonal, row[j], row[j-1]) + 1
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}

// usage refuses with the line that says how the command that was typed is written.
func (t *turn) usage(why string) *workflow.Refusal { return t.usageOf(t.typed, why) }

// usageOf is usage for a part of a command.
func (t *turn) usageOf(usage, why string) *workflow.Refusal {
	return workflow.Refuse(workflow.Invalid, "%s Usage: %s %s", workflow.Phrase{English: why}, t.present.Command, usage)
}

// numbered makes a command that does one thing to one issue.
func numbered(verb workflow.Verb, said string) func(*turn, context.Context, string) (chat.Answer, error) {
	return func(t *turn, ctx context.Context, rest string) (chat.Answer, error) {
		i, err := t.issueAlone(ctx, verb, rest)
		if err != nil {
			return chat.Answer{}, err
		}
		if i, err = t.apply(ctx, i, workflow.Command{Verb: verb}); err != nil {
			return chat.Answer{}, err
		}
		return did(i, t.present.Say(said, present.Heading(i))), nil
	}
}

func did(i storage.Issue, text string) chat.Answer {
	a := chat.Private(chat.T(text))
	a.Number = i.Number
	return a
}

// issueIn reads the number that a command begins with. The right to the verb is
// asked first: who may not do it learns nothing about which numbers exist.
func (t *turn) issueIn(ctx context.Context, verb workflow.Verb, rest string) (storage.Issue, string, error) {
	if err := workflow.Allowed(t.actor, verb); err != nil {
		return storage.Issue{}, "", err
	}
	word, rest := cutWord(rest)
	number, err := strconv.Atoi(strings.TrimPrefix(word, "#"))
	if err != nil || number < 1 {
		return storage.Issue{}, "", t.usage("Give the job's number.")
	}
	i, err := t.issueByNumber(ctx, number)
	return i, rest, err
}

// issueAlone is issueIn for a command that has nothing after the number.
func (t *turn) issueAlone(ctx context.Context, verb workflow.Verb, rest string) (storage.Issue, error) {
	i, rest, err := t.issueIn(ctx, verb, rest)
	if err == nil && rest != "" {
		return i, t.usage("There is something after the number.")
	}
	return i, err
}

// cutWord splits off the first word at any kind of space: people paste.
func cutWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	end := strings.IndexFunc(s, unicode.IsSpace)
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimSpace(s[end:])
}

func (t *turn) cmdNew(ctx context.Context, title string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Create); err != nil {
		return chat.Answer{}, err
	}
	if a, asks, err := t.newByTemplate(ctx, title); asks || err != nil {
		return a, err
	}
	if title == "" {
		return t.newForm(ctx)
	}
	i, err := t.createHeld(ctx, storage.Issue{Title: title, Priority: "normal"}, "")
	if err != nil {
		return chat.Answer{}, err
	}
	a := did(i, t.present.Created(i).String())
	as := t.asked()
	a.Message.Buttons = []chat.Button{
		t.present.FormButton(as, t.present.Say("Add details"), present.Details, i),
		t.present.FormButton(as, t.present.Say("Offer to a firm"), present.OfferElsewhere, i),
	}
	return a, nil
}

// newForm asks for everything about a new task.
func (t *turn) newForm(ctx context.Context) (chat.Answer, error) {
	firms, err := t.activeFirms(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	as := t.asked()
	return chat.Answer{Form: t.present.NewIssue(as, "", firms), Fallback: t.present.TryAgain(as, workflow.Create, storage.Issue{}, nil, "")}, nil
}

func (t *turn) cmdAssign(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.Offer, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if rest == "" {
		as := t.asked()
		form, err := t.offerForm(ctx, as, i)
		if err != nil {
			return chat.Answer{}, err
		}
		return chat.Answer{Form: form, Fallback: t.present.TryAgain(as, present.OfferElsewhere, i, nil, "")}, nil
	}
	h, ask, err := t.typedOffer(ctx, i, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if ask != nil {
		return chat.Answer{Message: *ask, Refused: string(workflow.Ambiguous)}, nil
	}
	return t.handOff(ctx, i, h)
}

func (t *turn) cmdComment(ctx context.Context, rest string) (chat.Answer, error) {
	i, text, err := t.issueIn(ctx, workflow.Comment, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if text == "" && len(t.given()) == 0 {
		if t.actor.Role == workflow.Operator {
			return t.replyForm(ctx, i)
		}
		return chat.Answer{}, t.usage("Say what you want to write.")
	}
	if c, ok := t.in.Body.(chat.Command); ok && c.For != "" && c.For != t.reads(i) {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "Somebody else has #%d since you opened the page, and would read this. Nothing was sent: open the page again.", i.Number)
	}
	if text, err = t.typedFrom(ctx, i, "", text, maxText); err != nil {
		return chat.Answer{}, err
	}
	return t.writeToFirm(ctx, i, "", text)
}

// replyForm asks an operator what is to be written to whoever has the job now: it goes to
// them and to nobody else, whoever has the job when it is sent.
func (t *turn) replyForm(ctx context.Context, i storage.Issue) (chat.Answer, error) {
	as := t.asked()
	job, err := t.job(ctx, t.tx, i)
	if err != nil {
		return chat.Answer{}, err
	}
	if t.spokenOutside(i, "") {
		return chat.Answer{Form: t.present.ReplyForm(as, job, ""), Fallback: t.present.TryAgain(as, present.Reply, i, nil, "")}, nil
	}
	assignment, err := t.spokenTo(i)
	if err != nil {
		return chat.Answer{}, err
	}
	a, _ := workflow.Find(i.Issue, assignment)
	return chat.Answer{Form: t.present.ReplyForm(as, job, assignment), Fallback: t.present.TryAgain(as, present.Reply, i, &a, "")}, nil
}

// writeToFirm enters a shared comment that stands in no thread yet.
func (t *turn) writeToFirm(ctx context.Context, i storage.Issue, assignment, text string) (chat.Answer, error) {
	text = strings.TrimSpace(text)
	if err := t.checkText(text); err != nil {
		return chat.Answer{}, err
	}
	if t.spokenOutside(i, assignment) {
		return t.writeOutside(ctx, i, text)
	}
	if assignment == "" {
		a, err := t.spokenTo(i)
		if err != nil {
			return chat.Answer{}, err
		}
		assignment = a
	}
	i, err := t.apply(ctx, i, workflow.Command{Verb: workflow.Comment, Assignment: assignment})
	if err != nil {
		return chat.Answer{}, err
	}
	a, _ := workflow.Find(i.Issue, assignment)
	held := t.holds(a)
	c, err := t.typedComment(ctx, i, assignment, workflow.Shared, t.author(), text, held)
	if err != nil {
		return chat.Answer{}, err
	}
	said := t.present.Say("Sent to the firm's thread of %s.", present.Heading(i))
	if held {
		said = t.present.Say("Noted. The work waits for approval, so the firm reads this when it is sent back.")
	}
	answer := did(i, said)
	answer.Subject = c.ID
	return answer, nil
}

// checkText refuses a text that is too long, and none where nothing else is said with it.
func (t *turn) checkText(text string) error {
	if text == "" && len(t.given()) == 0 {
		return workflow.RefuseField("text", "Write a text first.")
	}
	if utf8.RuneCountInString(text) > maxText {
		return workflow.RefuseField("text", "Shorten this to %d characters.", maxText)
	}
	return nil
}

// spokenTo is the assignment a comment without a thread is meant for: the firm's
// own, or the only one that is out.
func (t *turn) spokenTo(i storage.Issue) (string, error) {
	var live, sent []workflow.Assignment
	for _, a := range i.Assignments {
		if t.actor.Role == workflow.Contractor && a.Contractor != t.actor.Contractor || a.Status == workflow.Unsent {
			continue
		}
		sent = append(sent, a)
		if workflow.Live(a.Status) {
			live = append(live, a)
		}
	}
	switch {
	case len(live) == 1:
		return live[0].ID, nil
	case len(live) > 1:
		return "", workflow.Refuse(workflow.Ambiguous, "The job is offered to several firms. Reply in the thread of the one you mean.")
	case len(sent) > 0:
		return sent[len(sent)-1].ID, nil
	default:
		return "", workflow.Refuse(workflow.Conflict, "No firm has this job yet. Offer it first, or write an internal note with %s note %d.", t.present.Command, i.Number)
	}
}

func (t *turn) cmdNote(ctx context.Context, rest string) (chat.Answer, error) {
	i, text, err := t.issueIn(ctx, workflow.InternalNote, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if text == "" && len(t.given()) == 0 {
		return chat.Answer{}, t.usage("Say what you want to note.")
	}
	return t.writeNote(ctx, i, text)
}

func (t *turn) writeNote(ctx context.Context, i storage.Issue, text string) (chat.Answer, error) {
	if err := t.checkText(text); err != nil {
		return chat.Answer{}, err
	}
	i, err := t.apply(ctx, i, workflow.Command{Verb: workflow.InternalNote})
	if err != nil {
		return chat.Answer{}, err
	}
	c, err := t.typedComment(ctx, i, "", workflow.Internal, t.author(), text, false)
	if err != nil {
		return chat.Answer{}, err
	}
	a := did(i, t.present.Say("Noted on %s; only the desk reads it.", present.Heading(i)))
	a.Subject = c.ID
	return a, nil
}

func (t *turn) cmdSendBack(ctx context.Context, rest string) (chat.Answer, error) {
	i, reason, err := t.issueIn(ctx, workflow.SendBack, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if reason == "" {
		return chat.Answer{}, t.usage("Say what is missing; the firm reads it.")
	}
	if reason, err = t.typedFrom(ctx, i, "", reason, longestReason); err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.SendBack, Reason: reason}); err != nil {
		return chat.Answer{}, err
	}
	return did(i, t.present.Say("%s is sent back to the firm.", present.Heading(i))), nil
}

func (t *turn) cmdTakeBack(ctx context.Context, rest string) (chat.Answer, error) {
	i, reason, err := t.issueIn(ctx, workflow.TakeBack, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if reason == "" {
		return chat.Answer{}, t.usage("Say why you take it back; the firm reads it.")
	}
	if reason, err = t.typedFrom(ctx, i, "", reason, longestReason); err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.TakeBack, Reason: reason}); err != nil {
		return chat.Answer{}, err
	}
	return did(i, t.present.Say("%s is taken back from the firm.", present.Heading(i))), nil
}

func (t *turn) cmdReopen(ctx context.Context, rest string) (chat.Answer, error) {
	i, _, err := t.issueIn(ctx, workflow.ReopenIssue, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.reopen(ctx, i); err != nil {
		return chat.Answer{}, err
	}
	return did(i, t.present.Say("%s is open again.", present.Heading(i))), nil
}

// reopen gives the work back to the firm that completed it, if there is one.
func (t *turn) reopen(ctx context.Context, i storage.Issue) (storage.Issue, error) {
	if i.Status == workflow.Resolved {
		for _, a := range slices.Backward(i.Assignments) {
			if a.Status == workflow.Complete {
				return t.apply(ctx, i, workflow.Command{Verb: workflow.Reopen, Assignment: a.ID})
			}
		}
	}
	return t.apply(ctx, i, workflow.Command{Verb: workflow.ReopenIssue})
}

func (t *turn) cmdRemind(ctx context.Context, rest string) (chat.Answer, error) {
	i, when, err := t.issueIn(ctx, workflow.Remind, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if when == "" {
		return chat.Answer{}, t.usage("Say when, like tomorrow 9am.")
	}
	at, err := parseWhen(when, t.now, t.zone)
	if err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.Remind, When: at}); err != nil {
		return chat.Answer{}, err
	}
	a := chat.Private(t.present.Text("The reminder of {{.Task}} comes {{.When}}.", present.With{"Task": present.Heading(i), "When": chat.Text{}.Moment(at)}))
	a.Number = i.Number
	return a, nil
}

func (t *turn) cmdHelp(context.Context, string) (chat.Answer, error) {
	return chat.Answer{Message: t.help()}, nil
}

func (t *turn) asked() present.Asked {
	return present.Asked{User: t.actor.ID, Nonce: newID(), Now: t.now}
}
