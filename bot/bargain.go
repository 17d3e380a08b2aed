package bot

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// cmdDraft prepares an offer, to be looked at before it is sent.
func (t *turn) cmdDraft(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.Draft, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if rest == "" {
		return chat.Answer{}, t.usage("Say which firm it is for.")
	}
	h, ask, err := t.typedOffer(ctx, i, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if ask != nil {
		return chat.Answer{}, workflow.RefuseField("contractor", "Several firms fit that name. Write more of it.")
	}
	h.draft = true
	return t.handOff(ctx, i, h)
}

// cmdAmend changes the terms of a job that a firm has accepted.
func (t *turn) cmdAmend(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.Amend, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	cmd := workflow.Command{Verb: workflow.Amend}
	if cmd.Assignment, err = workflow.Target(i.Issue, t.actor, cmd); err != nil {
		return chat.Answer{}, err
	}
	if rest == "" {
		return t.form(ctx, i, cmd)
	}
	names, v := cutTerms(rest, func(string) bool { return false })
	if names != "" {
		return chat.Answer{}, t.usage("Say what changes.")
	}
	return t.amend(ctx, i, cmd, v)
}

// amend gives a firm new terms. What a command does not name stays as it was; a form
// names everything.
func (t *turn) amend(ctx context.Context, i storage.Issue, cmd workflow.Command, v map[string]string) (chat.Answer, error) {
	terms, err := t.terms(v)
	if err != nil {
		return chat.Answer{}, err
	}
	a, _ := workflow.Find(i.Issue, cmd.Assignment)
	for field, keep := range map[string]func(){
		"due":   func() { terms.Due = a.Terms.Due },
		"price": func() { terms.Price = a.Terms.Price },
		"limit": func() { terms.Limit = a.Terms.Limit },
		"terms": func() { terms.Note = a.Terms.Note },
	} {
		if _, sent := v[field]; !sent {
			keep()
		}
	}
	cmd.Terms = terms
	if cmd.Hours, err = t.hoursFor(ctx, a); err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	out := chat.Private(t.present.Text("The firm has the new terms of {{.Task}} and may accept them until {{.When}}.", present.With{
		"Task": present.Heading(i), "When": chat.Text{}.Moment(answerBy(i, a.Contractor)),
	}))
	out.Number = i.Number
	return out, nil
}

// counter takes what a firm suggests in a form.
func (t *turn) counter(ctx context.Context, i storage.Issue, cmd workflow.Command, v map[string]string) (chat.Answer, error) {
	due, err := t.dueBy(v["due"])
	if err != nil {
		return chat.Answer{}, err
	}
	price, err := workflow.ReadPrice(v["price"])
	if err != nil {
		return chat.Answer{}, inField("price", err)
	}
	cmd.Terms, cmd.Text = workflow.Terms{Due: due, Price: price}, v["text"]
	a, _ := workflow.Find(i.Issue, cmd.Assignment)
	if cmd.Hours, err = t.hoursFor(ctx, a); err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	return t.done(i, cmd.Verb), nil
}

// counterLater takes a later date that was chosen where no form could be opened: so
// many days after the date of the offer, the job's, or now.
func (t *turn) counterLater(ctx context.Context, i storage.Issue, cmd workflow.Command, choice string) (chat.Answer, error) {
	days, err := strconv.Atoi(choice)
	if err != nil || days < 1 || days > 31 {
		return chat.Answer{}, workflow.RefuseField("due", "Choose one of the dates.")
	}
	a, _ := workflow.Find(i.Issue, cmd.Assignment)
	from := a.Terms.Due
	if from.IsZero() {
		from = i.DueAt
	}
	if from.Before(t.now) {
		from = t.now
	}
	cmd.Terms.Due = from.In(t.zone).AddDate(0, 0, days)
	if cmd.Hours, err = t.hoursFor(ctx, a); err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	return t.done(i, cmd.Verb), nil
}

// cmdCounter answers what a firm suggested.
func (t *turn) cmdCounter(ctx context.Context, rest string) (chat.Answer, error) {
	i, word, err := t.issueIn(ctx, workflow.AcceptCounter, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	verb := workflow.AcceptCounter
	switch strings.ToLower(word) {
	case "accept", "agree":
	case "refuse":
		verb = workflow.RefuseCounter
	default:
		return chat.Answer{}, t.usage("Say whether you accept the firm's terms or refuse them.")
	}
	return t.answerCounter(ctx, i, workflow.Command{Verb: verb})
}

// answerCounter ends what a firm suggested: agreed to, refused, or taken back.
func (t *turn) answerCounter(ctx context.Context, i storage.Issue, cmd workflow.Command) (chat.Answer, error) {
	id, err := workflow.Target(i.Issue, t.actor, cmd)
	if err != nil {
		return chat.Answer{}, err
	}
	a, _ := workflow.Find(i.Issue, id)
	if cmd.Hours, err = t.hoursFor(ctx, a); err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	a, _ = workflow.Find(i.Issue, id)
	if by := a.Terms.AcceptBy; cmd.Verb == workflow.WithdrawCounter && !by.IsZero() && !by.After(t.now) {
		return did(i, t.present.Say("Your suggestion for %s is withdrawn. The time to answer was over meanwhile, so the offer has ended; ask the desk to offer it again.", present.Heading(i))), nil
	}
	return t.done(i, cmd.Verb), nil
}

// hoursFor is the working time of the firm that has an assignment.
func (t *turn) hoursFor(ctx context.Context, a workflow.Assignment) (*workflow.Calendar, error) {
	c, err := t.firm(ctx, t.tx, a.Contractor)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, err
	}
	return t.hoursOf(c), nil
}

// cmdChain says which firms are asked next.
func (t *turn) cmdChain(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.SetChain, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	switch {
	case rest == "":
		return t.form(ctx, i, workflow.Command{Verb: present.ChainForm})
	case strings.EqualFold(rest, "stop"):
		rest = ""
	}
	return t.chain(ctx, i, rest)
}

// chain lines firms up, or stops a chain when none is named.
func (t *turn) chain(ctx context.Context, i storage.Issue, names string) (chat.Answer, error) {
	if strings.TrimSpace(names) == "" {
		i, err := t.apply(ctx, i, workflow.Command{Verb: workflow.StopChain})
		if err != nil {
			return chat.Answer{}, err
		}
		return did(i, t.present.Say("No other firm will be asked for %s. The offers that are out stay.", present.Heading(i))), nil
	}
	found, _, err := t.named(ctx, names)
	var firms []storage.Contractor
	if err == nil {
		firms, err = t.clear(found)
	}
	if err != nil {
		return chat.Answer{}, inField("firms", err)
	}
	for _, firm := range firms {
		if err := t.takesOffers(firm); err != nil {
			return chat.Answer{}, inField("firms", err)
		}
	}
	i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.SetChain, Firms: idsOf(firms), Terms: chainTerms(i, t.settings.Offers.AnswerWithin)})
	if err != nil {
		return chat.Answer{}, err
	}
	hints, err := t.lackHints(ctx, i, firms)
	if err != nil {
		return chat.Answer{}, err
	}
	said := append([]string{t.present.Say("Next in turn for %s: %s.", present.Heading(i), firmNames(firms))}, hints...)
	return did(i, strings.Join(said, " ")), nil
}

func firmNames(firms []storage.Contractor) string {
	names := make([]string, 0, len(firms))
	for _, c := range firms {
		names = append(names, present.FirmName(c))
	}
	return strings.Join(names, "; ")
}

// chainTerms are those of the chain there is, or else of the offer that is out, with
// the usual time to answer where that says nothing.
func chainTerms(i storage.Issue, usual time.Duration) workflow.Terms {
	if i.Chain.Running {
		return i.Chain.Terms
	}
	terms := workflow.Terms{Within: usual}
	for _, a := range i.Assignments {
		if a.Status != workflow.Assigned {
			continue
		}
		terms = a.Terms
		window := terms.AcceptBy.Sub(a.OfferedAt)
		terms.AcceptBy = time.Time{}
		switch {
		case terms.Within > 0:
		case window >= workflow.MinOfferTime:
			terms.Within = window
		default:
			terms.Within = usual
		}
	}
	return terms
}
