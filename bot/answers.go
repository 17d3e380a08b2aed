package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Who of a firm answers its offers stands in the desk's settings, which every replica has
// at hand when it decides, so that nothing is read for it. Somebody who leaves the firm's
// channel is marked as away and counts again when they come back.

// mostAnswerers is how many people of a firm can be named.
const mostAnswerers = 20

// cmdAnswers shows or says who of a firm answers its offers.
func (t *turn) cmdAnswers(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Invite); err != nil {
		return chat.Answer{}, err
	}
	name, list, err := t.cutFirm(ctx, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmAtWork(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	if list == "" {
		return chat.Private(chat.T(t.answeredBy(firm, t.settings.AnsweredBy(firm.ID)))), nil
	}
	var people []settings.Answerer
	if !strings.EqualFold(list, "everybody") {
		if people, err = t.answerersNamed(ctx, firm, list); err != nil {
			return chat.Answer{}, err
		}
	}
	is, err := t.readSettings(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	was := is.AnsweredBy(firm.ID)
	if err := t.writeSettings(ctx, is.WithAnswers(firm.ID, people)); err != nil {
		return chat.Answer{}, err
	}
	err = t.record(ctx, "", workflow.Event{Kind: present.EventFirmAnswers, Data: map[string]string{
		"contractor": firm.ID, "before": strings.Join(namesOf(was), ", "), "after": strings.Join(namesOf(people), ", "),
	}})
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.answeredBy(firm, people))), nil
}

func namesOf(people []settings.Answerer) []string {
	var names []string
	for _, p := range people {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

func (t *turn) answeredBy(firm storage.Contractor, people []settings.Answerer) string {
	if len(people) == 0 {
		return t.present.Say("Everybody in the channel of %s answers its offers.", present.FirmName(firm))
	}
	return t.present.Say("Offers to %s are answered by %s. Its other people do everything else.", present.FirmName(firm), t.present.Names(namesOf(people)))
}

// answerersNamed finds people of a firm by a list of names: on its roster, with each of
// their accounts, or by an address that the firm works by.
func (t *turn) answerersNamed(ctx context.Context, firm storage.Contractor, list string) ([]settings.Answerer, error) {
	roster, err := t.firmPeople(ctx, firm.ID)
	if err != nil {
		return nil, err
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return nil, fmt.Errorf("list the firm's channels: %w", err)
	}
	var out []settings.Answerer
	for called := range strings.SplitSeq(list, ",") {
		if called = strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(called), "<>@")), " "); called == "" {
			continue
		}
		before := len(out)
		id, _, _ := strings.Cut(called, "|")
		for _, p := range roster {
			fits := strings.EqualFold(p.Name, called) || p.Address != "" && strings.EqualFold(p.Address, called) || p.Person == id
			known := slices.ContainsFunc(out, func(a settings.Answerer) bool { return a.Person == personID(p.Workspace, p.Person) })
			if fits && known {
				// By the name, and by the address as well.
				before--
				continue
			}
			if fits && p.Person != "" && (p.Standing == storage.Wanted || p.Standing == storage.Noticed) {
				out = append(out, settings.Answerer{Person: personID(p.Workspace, p.Person), Name: p.Name, Away: !p.Present})
			}
		}
		for _, c := range chans {
			if strings.EqualFold(c.ID, called) {
				out = append(out, settings.Answerer{Person: personID(c.Workspace, c.ID), Name: c.ID})
			}
		}
		if len(out) == before {
			return nil, workflow.Refuse(workflow.NotFound, "Nobody of %s in its channel is called %q. %s contractor show %s lists its people.", present.FirmName(firm), short(called), t.present.Command, present.FirmName(firm))
		}
	}
	switch {
	case len(out) > mostAnswerers:
		return nil, workflow.Refuse(workflow.Invalid, "Name at most %d people.", mostAnswerers)
	case !slices.ContainsFunc(out, func(p settings.Answerer) bool { return !p.Away }):
		return nil, workflow.Refuse(workflow.Conflict, "None of them is in the channel of %s, so nobody could answer. Name somebody who is.", present.FirmName(firm))
	}
	return out, nil
}

// answererMoved follows somebody who came into a firm's channel or left it. When none of
// those who were named is left, everybody answers again, and the desk is told.
func (t *turn) answererMoved(ctx context.Context, ch storage.Channel, person string, away bool) error {
	is, err := t.readSettings(ctx)
	if err != nil {
		return err
	}
	people := slices.Clone(is.AnsweredBy(ch.Contractor))
	moved := false
	for n := range people {
		// A list of before may have somebody twice.
		if p := &people[n]; p.Person == personID(ch.Workspace, person) && p.Away != away {
			p.Away, moved = away, true
		}
	}
	if !moved || away && t.elsewhere(ctx, ch, person) {
		return nil
	}
	if err := t.writeSettings(ctx, is.WithAnswers(ch.Contractor, people)); err != nil {
		return err
	}
	if slices.ContainsFunc(people, func(p settings.Answerer) bool { return !p.Away }) {
		return nil
	}
	firm, err := t.firm(ctx, t.tx, ch.Contractor)
	if err != nil {
		return err
	}
	return t.tell(ctx, storage.OperationsChannel, t.toDesk().NobodyAnswers(firm, namesOf(people), t.present.Command+" contractor answers "+present.FirmName(firm)))
}

// channelGone brings the roster, and who answers offers, in line with a channel that is the
// firm's no longer. An address by which the firm works is who answers from it.
func (t *turn) channelGone(ctx context.Context, ch storage.Channel) error {
	list, err := t.firmPeople(ctx, ch.Contractor)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.Workspace != ch.Workspace || p.Person == "" || !p.Present || p.Standing == storage.Placed || t.elsewhere(ctx, ch, p.Person) {
			continue
		}
		p.Present = false
		if err := t.putFirmPerson(ctx, p); err != nil {
			return err
		}
		if err := t.answererMoved(ctx, ch, p.Person, true); err != nil {
			return err
		}
	}
	return t.answererMoved(ctx, ch, ch.ID, true)
}
