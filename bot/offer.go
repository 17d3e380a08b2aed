package bot

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// mostAtOnce is how many firms can be asked at once.
const mostAtOnce = 10

// handOff is to whom a job is offered, and how.
type handOff struct {
	firms []storage.Contractor
	terms workflow.Terms
	// inTurn asks the firms one after another, and not all at once.
	inTurn bool
	// draft shows the offer to the operator before it is sent.
	draft bool
}

// thenWord stands between firms that are asked one after another.
var thenWord = regexp.MustCompile(`(?i)\s+then\s+|\s*→\s*`)

// named finds the firms of a list such as "acme, bolt" or "acme then bolt". It returns
// the firms that fit each name; a company may have a comma in its own.
func (t *turn) named(ctx context.Context, list string) (found [][]storage.Contractor, inTurn bool, err error) {
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("list contractors: %w", err)
	}
	if len(all) == 0 {
		return nil, false, t.noFirms()
	}
	if fit := meant(all, list); len(fit) > 0 {
		return [][]storage.Contractor{fit}, false, nil
	}
	parts := thenWord.Split(list, -1)
	inTurn = len(parts) > 1
	for _, part := range parts {
		words := strings.FieldsFunc(part, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
		for len(words) > 0 {
			n, fit := longest(all, words)
			if n == 0 {
				return nil, false, t.noSuchFirm(strings.TrimSpace(words[0]))
			}
			found, words = append(found, fit), words[n:]
		}
	}
	if len(found) == 0 {
		return nil, false, t.noSuchFirm(list)
	}
	return found, inTurn, nil
}

// longest finds the firms that fit the most of the words that a list begins with.
func longest(all []storage.Contractor, words []string) (n int, fit []storage.Contractor) {
	for n := len(words); n > 0; n-- {
		if fit := meant(all, strings.Join(words[:n], ",")); len(fit) > 0 {
			return n, fit
		}
	}
	return 0, nil
}

func (t *turn) noSuchFirm(name string) *workflow.Refusal {
	return workflow.RefuseField("contractor", "No firm fits %q. %s contractor list shows them all.", short(name), t.present.Command)
}

// clear takes the one firm that fits each name, and refuses names that fit several.
func (t *turn) clear(found [][]storage.Contractor) ([]storage.Contractor, error) {
	var firms []storage.Contractor
	for _, fit := range found {
		if len(fit) > 1 {
			return nil, workflow.RefuseField("contractor", "%s and %s are both meant. Write more of the name.", present.FirmName(fit[0]), present.FirmName(fit[1]))
		}
		if slices.ContainsFunc(firms, func(c storage.Contractor) bool { return c.ID == fit[0].ID }) {
			return nil, workflow.RefuseField("contractor", "%s is named twice.", present.FirmName(fit[0]))
		}
		firms = append(firms, fit[0])
	}
	return firms, nil
}

// typedOffer reads "acme, bolt by 2h price 250 EUR". ask is a question back, when one
// name fits several firms.
func (t *turn) typedOffer(ctx context.Context, i storage.Issue, text string) (h handOff, ask *chat.Message, err error) {
	var listErr error
	names, v := cutTerms(text, func(names string) bool {
		_, _, err := t.named(ctx, names)
		if _, refused := errors.AsType[*workflow.Refusal](err); err != nil && !refused {
			listErr = err
		}
		return err == nil
	})
	if listErr != nil {
		return h, nil, listErr
	}
	found, inTurn, err := t.named(ctx, names)
	if err != nil {
		return h, nil, err
	}
	if h.terms, err = t.terms(v); err != nil {
		return h, nil, err
	}
	if len(found) == 1 && len(found[0]) > 1 {
		arg, ok := t.offerArg(v, h.terms)
		if !ok {
			return h, nil, workflow.RefuseField("contractor", "%d firms fit %q. Write more of the name.", len(found[0]), short(names))
		}
		m := t.present.WhichFirm(t.asked(), i, found[0], arg)
		return h, &m, nil
	}
	h.inTurn = inTurn
	h.firms, err = t.clear(found)
	return h, nil, err
}

// mostArg bounds what a button carries.
const mostArg = 700

// offerArg writes down for a button what was typed about an offer; ok is false when it
// is too long for one.
func (t *turn) offerArg(typed map[string]string, terms workflow.Terms) (arg string, ok bool) {
	v := url.Values{"offer": {"1"}}
	for key, value := range typed {
		v.Set(key, value)
	}
	v.Set("accept_by", t.answerTime(typed["accept_by"]))
	if !terms.Due.IsZero() {
		v.Set("due", terms.Due.UTC().Format(time.RFC3339))
	}
	arg = v.Encode()
	return arg, len(arg) <= mostArg
}

// offerChosen makes the offer of a button that offerArg was written on.
func (t *turn) offerChosen(ctx context.Context, i storage.Issue, contractor, arg string) (chat.Answer, error) {
	firm, err := t.firmByID(ctx, contractor)
	if err != nil {
		return chat.Answer{}, err
	}
	values, err := url.ParseQuery(arg)
	if err != nil || values.Get("offer") == "" {
		return chat.Answer{}, workflow.Refuse(workflow.Expired, "This choice is of another version. Offer the job again.")
	}
	v := map[string]string{}
	for key := range values {
		v[key] = values.Get(key)
	}
	terms, err := t.terms(v)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.handOff(ctx, i, handOff{firms: []storage.Contractor{firm}, terms: terms})
}

// filledOffer reads the offer's form.
func (t *turn) filledOffer(ctx context.Context, v map[string]string) (handOff, error) {
	h := handOff{inTurn: v["order"] == present.InTurn, draft: v[present.SaveDraft] == "true"}
	firm, err := t.chosenFirm(ctx, v["contractor"])
	if err != nil {
		return h, err
	}
	h.firms = []storage.Contractor{firm}
	if v["more"] != "" {
		found, inTurn, err := t.named(ctx, v["more"])
		if err == nil {
			h.firms, err = t.clear(append([][]storage.Contractor{{firm}}, found...))
		}
		if err != nil {
			return h, inField("more", err)
		}
		h.inTurn = h.inTurn || inTurn
	}
	h.terms, err = t.terms(v)
	return h, err
}

// handOff offers an issue to firms, or prepares the offer.
func (t *turn) handOff(ctx context.Context, i storage.Issue, h handOff) (chat.Answer, error) {
	for _, firm := range h.firms {
		if err := t.takesOffers(firm); err != nil {
			return chat.Answer{}, err
		}
	}
	switch {
	case h.draft && len(h.firms) > 1:
		return chat.Answer{}, workflow.RefuseField("more", "A draft is for one firm: leave the others out, or offer it at once.")
	case h.draft:
		return t.draft(ctx, i, h.firms[0], h.terms)
	case !h.inTurn && len(h.firms) > mostAtOnce:
		return chat.Answer{}, workflow.RefuseField("more", "At most %d firms can be asked at once.", mostAtOnce)
	}
	var cmds []workflow.Command
	for n, firm := range h.firms {
		if n > 0 && h.inTurn {
			break
		}
		cmds = append(cmds, workflow.Command{Verb: workflow.Offer, NewID: newID(), Contractor: firm.ID, Terms: h.terms, Hours: t.hoursOf(firm)})
	}
	h.inTurn = h.inTurn && len(h.firms) > 1
	if h.inTurn {
		cmds = append(cmds, workflow.Command{Verb: workflow.SetChain, Firms: idsOf(h.firms[1:]), Terms: h.terms, Hours: t.hoursOf(h.firms[0])})
	}
	hints := t.hints(i, h.firms)
	if h.inTurn {
		lacks, err := t.lackHints(ctx, i, h.firms[1:])
		if err != nil {
			return chat.Answer{}, err
		}
		hints = append(hints, lacks...)
	}
	i, err := t.apply(ctx, i, cmds...)
	if err != nil {
		return chat.Answer{}, err
	}
	a := chat.Private(t.present.Offered(i, h.firms, answerBy(i, h.firms[0].ID), h.inTurn, hints))
	a.Number = i.Number
	return a, nil
}

// answerBy is until when a firm may answer the offer it has.
func answerBy(i storage.Issue, contractor string) time.Time {
	for _, a := range slices.Backward(i.Assignments) {
		if a.Contractor == contractor {
			return a.Terms.AcceptBy
		}
	}
	return time.Time{}
}

func idsOf(firms []storage.Contractor) []string {
	ids := make([]string, 0, len(firms))
	for _, c := range firms {
		ids = append(ids, c.ID)
	}
	return ids
}

// hints say what an operator may want to know about the firms that were asked.
func (t *turn) hints(i storage.Issue, firms []storage.Contractor) []string {
	var hints []string
	for _, c := range firms {
		if workflow.Cooling(i.Issue, c.ID, t.coolOff(), t.now) {
			hints = append(hints, t.present.Say("%s said no to this job a short time ago.", present.FirmName(c)))
		}
	}
	return hints
}

// draft prepares an offer and shows it as the firm will see it.
func (t *turn) draft(ctx context.Context, i storage.Issue, firm storage.Contractor, terms workflow.Terms) (chat.Answer, error) {
	if terms.DueIn > 0 {
		// What is meant from the offer on is counted from there, whenever it is sent.
		terms.Due = time.Time{}
	}
	i, err := t.apply(ctx, i, workflow.Command{Verb: workflow.Draft, NewID: newID(), Contractor: firm.ID, Terms: terms, Hours: t.hoursOf(firm)})
	if err != nil {
		return chat.Answer{}, err
	}
	job, err := t.job(ctx, t.tx, i)
	if err != nil {
		return chat.Answer{}, err
	}
	for _, a := range i.Assignments {
		if a.Contractor == firm.ID && a.Status == workflow.Unsent {
			return chat.Answer{Message: t.present.Draft(t.asked(), job, a), Number: i.Number}, nil
		}
	}
	return did(i, t.present.Say("%s is prepared.", present.Heading(i))), nil
}

// sendDraft makes an offer of what was prepared.
func (t *turn) sendDraft(ctx context.Context, i storage.Issue, cmd workflow.Command) (chat.Answer, error) {
	a, ok := workflow.Find(i.Issue, cmd.Assignment)
	if !ok {
		return chat.Answer{}, workflow.NoSuchAssignment()
	}
	firm, err := t.firmByID(ctx, a.Contractor)
	if err != nil {
		return chat.Answer{}, err
	}
	if a.Status == workflow.Unsent {
		if err := t.takesOffers(firm); err != nil {
			return chat.Answer{}, err
		}
	}
	hints := t.hints(i, []storage.Contractor{firm})
	cmd.Hours = t.hoursOf(firm)
	if i, err = t.apply(ctx, i, cmd); err != nil {
		return chat.Answer{}, err
	}
	a, _ = workflow.Find(i.Issue, cmd.Assignment)
	out := chat.Private(t.present.Offered(i, []storage.Contractor{firm}, a.Terms.AcceptBy, false, hints))
	out.Number = i.Number
	return out, nil
}

// withNext adds to a firm's answer, or to its silence, what is needed when another
// firm waits for its turn.
func (t *turn) withNext(ctx context.Context, i storage.Issue, cmd workflow.Command) (workflow.Command, error) {
	if !i.Chain.Running {
		return cmd, nil
	}
	cmd.NewID, cmd.CoolOff = newID(), t.coolOff()
	for _, id := range i.Chain.Firms {
		c, err := t.tx.Contractor(ctx, id)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return cmd, fmt.Errorf("load a contractor: %w", err)
		}
		if err != nil || c.State != storage.ContractorActive {
			cmd.Unavailable = append(cmd.Unavailable, id)
			continue
		}
		if working := t.hoursOf(c); working != nil {
			if cmd.HoursOf == nil {
				cmd.HoursOf = map[string]workflow.Calendar{}
			}
			cmd.HoursOf[id] = *working
		}
	}
	return cmd, nil
}

// coolOff is how long a firm that said no to a job is not asked again by itself.
func (t *turn) coolOff() time.Duration { return t.settings.Offers.CoolOff }
