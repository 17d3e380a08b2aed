package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Somebody outside, an insurer or a council, may be involved in a job to say something
// about it and nothing else. They are reached in a conversation of their own: a direct
// one on a platform where they have an account, else their mailbox. Their card there is
// one more card of the job, and its thread one more thread: what is said is kept, edited,
// taken back and shown elsewhere as in any linked channel. Who reads what of it is
// workflow.ForOutside and workflow.CanReadRemark.

// outsider is somebody outside as the platforms know them.
type outsider struct {
	storage.Outsider

	// url opens the conversation, where it has an address.
	url string
	// role is what they are to the desk already.
	role workflow.Role
	bot  bool
}

// externalIn gives the person whom a command or a form wants to involve or let go.
func externalIn(in chat.Inbound, tk ticket.Ticket) (who string, ok bool) {
	if f, isForm := in.Body.(chat.Submitted); isForm && workflow.Verb(tk.Verb) == workflow.AllocateExternal {
		who = strings.TrimSpace(f.Values[present.AskedOutside])
		own := tk.User == personID(in.Workspace, in.From.ID)
		return who, own && who != "" && utf8.RuneCountInString(who) <= maxText
	}
	b, isCommand := in.Body.(chat.Command)
	if !isCommand {
		return "", false
	}
	verb, rest := cutWord(b.Text)
	if !strings.EqualFold(verb, "external") {
		return "", false
	}
	_, rest = cutWord(rest)
	word, more := cutWord(rest)
	switch {
	case strings.EqualFold(word, "comment"):
		return "", false
	case strings.EqualFold(word, "remove"):
		return more, more != ""
	}
	return rest, rest != ""
}

// findOutsider looks for somebody whom an operator names: on the operator's platform, by
// an e-mail address on the others. Nobody else's wish makes a call.
func (e *Engine) findOutsider(ctx context.Context, in chat.Inbound, who string) (*outsider, error) {
	place, err := e.places.find(ctx, in.Workspace, in.Channel)
	if err != nil {
		return nil, err
	}
	actor, err := e.roster.actor(ctx, in, place)
	if err != nil || actor.Role != workflow.Operator {
		return nil, err
	}
	byMail := looksLikeAddress(addressIn(who))
	for _, id := range e.searched(in.Workspace, byMail) {
		p, _ := e.platform(id)
		c, ok := p.(chat.Corresponding)
		if !ok {
			continue
		}
		person, err := c.FindPerson(ctx, who)
		if reason := chat.ReasonOf(err); reason == chat.NotFound || reason == chat.Unsupported || reason == chat.MissingScope {
			continue
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // Its reason is what counts.
		}
		out := &outsider{Outsider: storage.Outsider{
			ID: personID(id, person.ID), Name: person.Name, Address: person.Email, Workspace: id,
		}, bot: person.Kind == chat.Bot}
		if out.Address == "" {
			out.Address = strings.TrimPrefix(who, "@")
		}
		known, err := e.roster.actor(ctx, chat.Inbound{Workspace: id, From: person, Body: in.Body}, nil)
		if err != nil {
			return nil, err
		}
		out.role = known.Role
		if out.bot || out.role != workflow.Stranger && out.role != "" {
			return out, nil
		}
		direct, err := c.OpenDirect(ctx, person.ID)
		if err != nil && byMail {
			// They have an account that cannot be written to: a letter can.
			continue
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // Its reason is what counts.
		}
		out.Channel, out.url = direct.ID, direct.URL
		return out, nil
	}
	return nil, nil
}

// searched are the workspaces in which somebody is looked for, the asker's first. Only an
// e-mail address names the same person everywhere.
func (e *Engine) searched(own string, byMail bool) []string {
	all := e.makers()
	if !byMail {
		return slices.DeleteFunc(all, func(id string) bool { return id != own })
	}
	slices.SortStableFunc(all, func(a, b string) int {
		switch own {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	return all
}

// addressIn takes the marks off an address that a platform made a link of.
func addressIn(typed string) string {
	typed = strings.TrimPrefix(strings.Trim(strings.TrimSpace(typed), "<>"), "mailto:")
	typed, _, _ = strings.Cut(typed, "|")
	return strings.TrimPrefix(typed, "mailto:")
}

// cmdExternal involves people outside, lets them go, lists them and writes to them.
func (t *turn) cmdExternal(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.AllocateExternal, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	word, more := cutWord(rest)
	switch {
	case rest == "":
		people, err := t.outsiders(ctx, i.External)
		if err != nil {
			return chat.Answer{}, err
		}
		a := chat.Answer{Message: t.present.Outsiders(i, people), Number: i.Number}
		return a, nil
	case strings.EqualFold(word, "remove"):
		if more == "" {
			return chat.Answer{}, t.usage("Say who is to be let go.")
		}
		return t.letGo(ctx, i, more)
	case strings.EqualFold(word, "comment"):
		if more == "" {
			return chat.Answer{}, t.usage("Say what you want to write.")
		}
		return t.writeOutside(ctx, i, more)
	}
	return t.involve(ctx, i, rest)
}

// askedOutside takes the form by which somebody outside is asked about a job.
func (t *turn) askedOutside(ctx context.Context, i storage.Issue, who string) (chat.Answer, error) {
	if who == "" {
		return chat.Answer{}, workflow.RefuseField(present.AskedOutside, "Give the e-mail address of somebody outside, or the user name they have here.")
	}
	a, err := t.involve(ctx, i, who)
	return a, inField(present.AskedOutside, err)
}

// involve brings somebody outside into a job.
func (t *turn) involve(ctx context.Context, i storage.Issue, who string) (chat.Answer, error) {
	if err := workflow.Precheck(i.Issue, t.actor, workflow.Command{Verb: workflow.AllocateExternal}); err != nil {
		return chat.Answer{}, err
	}
	found, err := t.outsiderMeant(who)
	if err != nil {
		return chat.Answer{}, err
	}
	ch, err := t.tx.Channel(ctx, found.Workspace, found.Channel)
	switch {
	case err == nil && ch.Kind != storage.ExternalChannel:
		return chat.Answer{}, workflow.RefuseField("people", "%s is or was the address of a firm. Offer the job to the firm, or give another address.", found.Name)
	case err != nil && !errors.Is(err, storage.ErrNotFound):
		return chat.Answer{}, fmt.Errorf("look for a conversation: %w", err)
	case err != nil:
		ch = storage.Channel{
			Workspace: found.Workspace, ID: found.Channel, Kind: storage.ExternalChannel,
			Name: t.toDesk().ConversationWith(found.Name), URL: found.url, SyncedAt: t.now, CreatedAt: t.now,
		}
		t.committed = append(t.committed, t.places.forget)
	}
	cmd := workflow.Command{Verb: workflow.AllocateExternal, People: []string{found.ID}, Names: []string{found.Name}}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	if err := t.saveChannel(ctx, ch); err != nil {
		return chat.Answer{}, err
	}
	if err := t.tx.PutOutsider(ctx, found.Outsider); err != nil {
		return chat.Answer{}, fmt.Errorf("put somebody outside: %w", err)
	}
	if err := t.findable(ctx, workflow.Person{ID: found.ID, Name: found.Name}); err != nil {
		return chat.Answer{}, err
	}
	card := storage.Card{Kind: storage.ExternalCard, Issue: i.ID, Workspace: ch.Workspace, Channel: ch.ID}
	if card, err = t.newCard(ctx, card); err != nil {
		return chat.Answer{}, err
	}
	// What the desk has said to people outside before is theirs to read, too.
	if err := t.fillThread(ctx, card, &fillBudget{left: fillMost}); err != nil {
		return chat.Answer{}, err
	}
	by := platformName(found.Workspace)
	if t.bundles(found.Workspace) {
		by = ""
	}
	return did(i, t.present.Involved(i, found.Name, found.Address, by)), nil
}

// outsiderMeant is who was found before the transaction, or the mailbox that was typed.
func (t *turn) outsiderMeant(who string) (outsider, error) {
	switch found := t.ready.outsider; {
	case t.ready.err != nil:
		t.log.Warn("external: a person was not looked up", "err", t.ready.err)
		return outsider{}, workflow.Refuse(workflow.Invalid, "The people here cannot be looked up at the moment. Try again in a minute.")
	case found == nil:
	case found.bot:
		return outsider{}, workflow.RefuseField("people", "%s is a program, which reads nothing. Name a person.", found.Name)
	case found.role == workflow.Contractor:
		return outsider{}, workflow.RefuseField("people", "%s acts for a firm. Offer the job to the firm instead.", found.Name)
	case found.Channel == "":
		return outsider{}, workflow.RefuseField("people", "%s belongs to the desk and sees the job anyway.", found.Name)
	default:
		return *found, nil
	}
	address := addressIn(who)
	if !looksLikeAddress(address) {
		return outsider{}, workflow.RefuseField("people", "Nobody here is called %s. Give a user name, or the e-mail address of somebody outside.", short(who))
	}
	to, err := t.mailboxOf(address)
	if err != nil {
		return outsider{}, err
	}
	return outsider{Outsider: storage.Outsider{ID: personID(to.workspace, to.ID), Name: to.Name, Address: to.ID, Workspace: to.workspace, Channel: to.ID}}, nil
}

// letGo takes somebody outside off a job. Their card says so, and what they said stays.
func (t *turn) letGo(ctx context.Context, i storage.Issue, who string) (chat.Answer, error) {
	people, err := t.outsiders(ctx, i.External)
	if err != nil {
		return chat.Answer{}, err
	}
	at := slices.IndexFunc(people, func(o storage.Outsider) bool { return t.isMeant(o, who) })
	if err := workflow.Precheck(i.Issue, t.actor, workflow.Command{Verb: workflow.RemoveExternal}); err != nil {
		return chat.Answer{}, err
	}
	if at < 0 {
		return chat.Answer{}, workflow.Refuse(workflow.NotFound, "%s is not involved in this job. %s external %d lists who is.", short(who), t.present.Command, i.Number)
	}
	gone := people[at]
	cmd := workflow.Command{Verb: workflow.RemoveExternal, People: []string{gone.ID}, Names: []string{gone.Name}}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	cards, err := t.cardsOf(ctx, i.ID)
	if err != nil {
		return chat.Answer{}, err
	}
	for _, c := range cards {
		if c.Kind != storage.ExternalCard || c.Workspace != gone.Workspace || c.Channel != gone.Channel {
			continue
		}
		c.Kind = storage.FormerExternalCard
		if err := t.tx.PutCard(ctx, c); err != nil {
			return chat.Answer{}, fmt.Errorf("put a card: %w", err)
		}
		if err := t.enqueueCard(ctx, c); err != nil {
			return chat.Answer{}, err
		}
		key := messageKey{c.Workspace, c.Channel, c.Message}
		t.committed = append(t.committed, func() { t.threads.Remove(key) })
	}
	delete(t.cards, i.ID)
	return did(i, t.present.LetGo(i, gone.Name)), nil
}

// isMeant tells whether somebody outside is the one who was typed.
func (t *turn) isMeant(o storage.Outsider, typed string) bool {
	if found := t.ready.outsider; found != nil && found.ID == o.ID {
		return true
	}
	typed = strings.TrimPrefix(addressIn(typed), "@")
	return strings.EqualFold(o.Address, typed) || strings.EqualFold(o.Name, typed)
}

// outsiders are people outside by their ids.
func (t *turn) outsiders(ctx context.Context, ids []string) ([]storage.Outsider, error) {
	list, err := t.tx.Outsiders(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("list people outside: %w", err)
	}
	return list, nil
}

// writeOutside enters what the desk, or somebody outside, says about a job as a whole.
func (t *turn) writeOutside(ctx context.Context, i storage.Issue, text string) (chat.Answer, error) {
	text = strings.TrimSpace(text)
	if err := t.checkText(text); err != nil {
		return chat.Answer{}, err
	}
	i, err := t.apply(ctx, i, workflow.Command{Verb: workflow.Comment, Outside: true})
	if err != nil {
		return chat.Answer{}, err
	}
	c, err := t.typedComment(ctx, i, "", workflow.Shared, t.author(), text, false)
	if err != nil {
		return chat.Answer{}, err
	}
	answer := did(i, t.present.SentOutside(i, t.actor.Role == workflow.External))
	answer.Subject = c.ID
	return answer, nil
}

// spokenOutside tells whether a comment without a thread is meant for people outside: from
// one of them, or about a job that only they have.
func (t *turn) spokenOutside(i storage.Issue, assignment string) bool {
	return t.actor.Role == workflow.External || assignment == "" && i.Status == workflow.AllocatedExternal
}

// remark is what decides who may read a comment.
func remark(c storage.Comment) workflow.Remark {
	return workflow.Remark{
		Visibility: c.Visibility, Assignment: c.Assignment, Author: c.Author.ID,
		Desk: c.Author.Side == string(workflow.WithOperator),
	}
}

// fromOutside takes in what somebody outside said under their card, as long as the job
// involves them.
func (t *turn) fromOutside(ctx context.Context, c *storage.Comment) error {
	i, err := t.tx.Issue(ctx, c.Issue)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("load an issue: %w", err)
	}
	who := workflow.Actor{Role: workflow.External, ID: c.Author.ID, Name: c.Author.Name}
	if err != nil || workflow.Precheck(i.Issue, who, workflow.Command{Verb: workflow.Comment}) != nil {
		c.Issue, c.Visibility = "", workflow.Internal
		return nil
	}
	c.Visibility = workflow.Shared
	return nil
}

// remindOutside asks the people outside whom notices are for, each in the thread of their
// card. It gives the notices for everybody else.
func (t *turn) remindOutside(ctx context.Context, i storage.Issue, notices []workflow.Notice) (others []workflow.Notice, err error) {
	var ids []string
	for _, n := range notices {
		if n.To == workflow.ToExternal {
			ids = append(ids, n.Person.ID)
		} else {
			others = append(others, n)
		}
	}
	people, err := t.outsiders(ctx, ids)
	if err != nil || len(people) == 0 {
		return others, err
	}
	cards, err := t.cardsOf(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	return others, t.reply(ctx, cards, func(c storage.Card) bool {
		return c.Kind == storage.ExternalCard && slices.ContainsFunc(people, func(o storage.Outsider) bool {
			return c.Workspace == o.Workspace && c.Channel == o.Channel
		})
	}, t.toDesk().OutsideReminder())
}

// showToOutside draws a job for somebody outside who asks for it.
func (t *turn) showToOutside(i storage.Issue) chat.Answer {
	return chat.Answer{Message: t.present.ShowOutside(present.Job{Issue: i}), Number: i.Number}
}
