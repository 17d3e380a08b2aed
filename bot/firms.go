package bot

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func (t *turn) noFirms() *workflow.Refusal {
	return workflow.Refuse(workflow.NotFound, "There is no contractor yet. Add one with %s contractor add CITY | COMPANY.", t.present.Command)
}

func (t *turn) activeFirms(ctx context.Context) ([]storage.Contractor, error) {
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return nil, fmt.Errorf("list contractors: %w", err)
	}
	return slices.DeleteFunc(all, func(c storage.Contractor) bool { return c.State != storage.ContractorActive }), nil
}

// takesOffers refuses firms that cannot be offered anything now.
func (t *turn) takesOffers(c storage.Contractor) error {
	name := present.FirmName(c)
	switch c.State {
	case storage.ContractorOpening:
		return workflow.Refuse(workflow.Conflict, "The channel of %s is not ready yet. Try again in a minute.", name)
	case storage.ContractorPaused:
		return workflow.Refuse(workflow.Conflict, "%s is paused. Resume it with %s contractor resume %s, or choose another firm.", name, t.present.Command, name)
	case storage.ContractorOffboarded:
		return workflow.Refuse(workflow.Conflict, "%s is off-boarded. Choose another firm.", name)
	case storage.ContractorLeaving:
		return workflow.Refuse(workflow.Conflict, "%s is being off-boarded. Choose another firm.", name)
	}
	return nil
}

// firmsLike completes a name. It returns at least one firm: exactly one when the
// name is clear, several when it must be asked back.
func (t *turn) firmsLike(ctx context.Context, name string) ([]storage.Contractor, error) {
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return nil, fmt.Errorf("list contractors: %w", err)
	}
	if len(all) == 0 {
		return nil, t.noFirms()
	}
	if found := meant(all, name); len(found) > 0 {
		return found, nil
	}
	return nil, t.noSuchFirm(name)
}

// meant finds firms as matching does: those that were off-boarded only where no other fits
// or where the name is given in full, so that an old one is not in a new one's way.
func meant(all []storage.Contractor, name string) []storage.Contractor {
	gone := func(c storage.Contractor) bool { return c.State == storage.ContractorOffboarded }
	called := func(c storage.Contractor) bool {
		return strings.EqualFold(present.FirmName(c), strings.TrimSpace(name))
	}
	here := slices.DeleteFunc(slices.Clone(all), gone)
	if found := matching(here, name); len(found) > 0 && (called(found[0]) || !slices.ContainsFunc(all, called)) {
		return found
	}
	return matching(slices.DeleteFunc(slices.Clone(all), func(c storage.Contractor) bool { return !gone(c) }), name)
}

// matching finds firms by a name that may be the beginning of the company's or the
// city's name, or of its words. The closest kind of match wins.
func matching(all []storage.Contractor, name string) []storage.Contractor {
	want := strings.Fields(strings.ToLower(strings.NewReplacer(",", " ", "|", " ").Replace(name)))
	if len(want) == 0 {
		return nil
	}
	joined := strings.Join(want, " ")
	tests := []func(c storage.Contractor) bool{
		func(c storage.Contractor) bool { return c.ID == name },
		func(c storage.Contractor) bool {
			return strings.EqualFold(present.FirmName(c), strings.TrimSpace(name))
		},
		func(c storage.Contractor) bool { return strings.EqualFold(c.Company, joined) },
		func(c storage.Contractor) bool {
			both := strings.ToLower(c.City + " " + c.Company)
			return both == joined || strings.ToLower(c.Company+" "+c.City) == joined
		},
		func(c storage.Contractor) bool {
			words := strings.Fields(strings.ToLower(c.Company + " " + c.City))
			for _, w := range want {
				if !slices.ContainsFunc(words, func(s string) bool { return strings.HasPrefix(s, w) }) {
					return false
				}
			}
			return true
		},
		func(c storage.Contractor) bool {
			return strings.Contains(strings.ToLower(c.Company+" "+c.City), joined)
		},
	}
	for _, fits := range tests {
		var found []storage.Contractor
		for _, c := range all {
			if fits(c) {
				found = append(found, c)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// firmFor finds the one firm that is meant: by name, by the channel it is said in,
// or because there is only one.
func (t *turn) firmFor(ctx context.Context, name string) (storage.Contractor, error) {
	if strings.TrimSpace(name) == "" {
		if t.place != nil && t.place.Contractor != "" {
			c, err := t.tx.Contractor(ctx, t.place.Contractor)
			if err != nil {
				return c, fmt.Errorf("load a contractor: %w", err)
			}
			return c, nil
		}
		all, err := t.tx.ListContractors(ctx)
		if err != nil {
			return storage.Contractor{}, fmt.Errorf("list contractors: %w", err)
		}
		switch len(all) {
		case 0:
			return storage.Contractor{}, t.noFirms()
		case 1:
			return all[0], nil
		}
		return storage.Contractor{}, whichFirm()
	}
	found, err := t.firmsLike(ctx, name)
	if err != nil {
		return storage.Contractor{}, err
	}
	return theOne(found, name)
}

// theOne refuses a name that fits several firms.
func theOne(found []storage.Contractor, name string) (storage.Contractor, error) {
	if len(found) > 1 {
		var names []string
		for n, c := range found {
			if n == 5 {
				names = append(names, "…")
				break
			}
			names = append(names, present.FirmName(c))
		}
		return storage.Contractor{}, workflow.Refuse(workflow.Ambiguous, "Several firms fit %q: %s. Write more of the name.", short(name), strings.Join(names, "; "))
	}
	return found[0], nil
}

// firmIn is firmFor among the firms of a city, where one is named.
func (t *turn) firmIn(ctx context.Context, name, city string) (storage.Contractor, error) {
	if city == "" {
		return t.firmFor(ctx, name)
	}
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return storage.Contractor{}, fmt.Errorf("list contractors: %w", err)
	}
	elsewhere := func(c storage.Contractor) bool { return !present.InCity(c, city) }
	found := meant(slices.DeleteFunc(all, elsewhere), name)
	if len(found) == 0 {
		return storage.Contractor{}, workflow.Refuse(workflow.NotFound, "No firm in %q fits %q. Leave one of the two out.", short(city), short(name))
	}
	return theOne(found, name)
}

func whichFirm() *workflow.Refusal {
	return workflow.Refuse(workflow.Ambiguous, "Which firm? Name it, or say this in its channel.")
}

// firmAtWork is firmFor for what makes no sense for a firm that was off-boarded.
func (t *turn) firmAtWork(ctx context.Context, name string) (storage.Contractor, error) {
	firm, err := t.firmFor(ctx, name)
	if err == nil {
		err = t.atWork(firm)
	}
	return firm, err
}

func (t *turn) atWork(firm storage.Contractor) error {
	if firm.State != storage.ContractorOffboarded {
		return nil
	}
	return workflow.Refuse(workflow.Conflict, "%s is off-boarded. %s contractor resume %s takes it back.", present.FirmName(firm), t.present.Command, present.FirmName(firm))
}

// firmToChange is firmFor for who changes the firm or its channels: those who do so at
// once wait for each other, and the second reads what the first has made of it.
func (t *turn) firmToChange(ctx context.Context, name string) (storage.Contractor, error) {
	firm, err := t.firmFor(ctx, name)
	if err != nil {
		return firm, err
	}
	return t.firmByID(ctx, firm.ID)
}

func (t *turn) cmdContractor(ctx context.Context, rest string) (chat.Answer, error) {
	const usage = "contractor add CITY | COMPANY [| EMAIL], contractor list|show|invite|role|remove|answers|sync|link|unlink|hours|topics|move|certificate|pause|resume|offboard"
	word, rest := cutWord(rest)
	switch strings.ToLower(word) {
	case "add":
		if err := workflow.Allowed(t.actor, workflow.AddContractor); err != nil {
			return chat.Answer{}, err
		}
		if rest == "" {
			as := t.asked()
			return chat.Answer{Form: t.present.AddFirm(as, t.platformNames()), Fallback: t.present.TryAgain(as, workflow.AddContractor, storage.Issue{}, nil, "")}, nil
		}
		city, company, ok := strings.Cut(rest, "|")
		if !ok {
			return chat.Answer{}, t.usageOf("contractor add CITY | COMPANY", "Write the city, a bar and the company.")
		}
		if company, address, ok := strings.Cut(company, "|"); ok {
			return t.addContractor(ctx, city, company, strings.TrimSpace(address))
		}
		company, where := t.cutWhere(company)
		return t.addContractor(ctx, city, company, where)
	case "list":
		return t.firmsPage(ctx, rest, "")
	case "show":
		return t.showFirm(ctx, rest)
	case "invite":
		return t.invite(ctx, rest)
	case "link":
		return t.link(ctx, rest)
	case "unlink":
		return t.unlink(ctx, rest)
	case "sync":
		return t.syncFirms(ctx, rest)
	case "answers":
		return t.cmdAnswers(ctx, rest)
	case "role":
		return t.setFirmRole(ctx, rest)
	case "remove":
		return t.strikePerson(ctx, rest)
	case "hours":
		return t.cmdHours(ctx, rest)
	case "topics":
		return t.setTopics(ctx, rest)
	case "move":
		return t.moveFirm(ctx, rest)
	case "certificate":
		return t.cmdCertificate(ctx, rest)
	case "pause":
		return t.setFirmState(ctx, rest, storage.ContractorPaused)
	case "resume":
		return t.resumeFirm(ctx, rest)
	case "offboard":
		return t.offboard(ctx, rest)
	}
	if err := workflow.Allowed(t.actor, workflow.ViewContractors); err != nil {
		return chat.Answer{}, err
	}
	return chat.Answer{}, t.usageOf(usage, "Say what to do.")
}

// firmsPerPage is how many firms a page of them shows: their lines fit into one message of
// the smaller platform.
const firmsPerPage = 25

// turnFirms shows the page that a button leads to, in place of the one that bears it.
func (t *turn) turnFirms(ctx context.Context, tk ticket.Ticket) (chat.Answer, error) {
	from, words, _ := strings.Cut(tk.Arg, " ")
	a, err := t.firmsPage(ctx, words, from)
	a.Replace = err == nil
	return a, err
}

// firmsPage shows a page of the firms that have each of some words in their name or city:
// the first, or the one behind a firm ("b" and its id) or ahead of it ("a"). So it begins
// where the last one ended, whatever has come or gone meanwhile.
func (t *turn) firmsPage(ctx context.Context, words, from string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.ViewContractors); err != nil {
		return chat.Answer{}, err
	}
	if len(words) > queryMost {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "Shorten what the list is to be narrowed by to %d characters.", queryMost)
	}
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list contractors: %w", err)
	}
	if len(all) == 0 {
		return chat.Answer{}, t.noFirms()
	}
	want := strings.Fields(strings.ToLower(strings.ReplaceAll(words, ",", " ")))
	fit := slices.DeleteFunc(all, func(c storage.Contractor) bool {
		name := strings.ToLower(c.Company + " " + c.City)
		return slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(name, w) })
	})
	if len(fit) == 0 {
		return chat.Answer{}, t.noSuchFirm(words)
	}
	start := 0
	if at := slices.IndexFunc(fit, func(c storage.Contractor) bool { return from != "" && c.ID == from[1:] }); at >= 0 {
		start = max(0, at-firmsPerPage)
		if from[0] == 'b' {
			start = min(at+1, len(fit)-1)
		}
	}
	end := min(len(fit), start+firmsPerPage)
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, "")
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list channels: %w", err)
	}
	return chat.Answer{Message: t.present.Firms(t.asked(), present.FirmPage{
		Firms: fit[start:end], Channels: chans, Count: len(fit), Query: strings.Join(want, " "), Newer: start > 0, Older: end < len(fit),
	})}, nil
}

func (t *turn) showFirm(ctx context.Context, name string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.ViewContractors); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmFor(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list channels: %w", err)
	}
	invs, err := t.tx.ListInvitations(ctx, firm.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list invitations: %w", err)
	}
	people, err := t.tx.ListFirmPeople(ctx, firm.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list a roster: %w", err)
	}
	open, err := t.tx.CountIssues(ctx, storage.IssueFilter{Contractor: firm.ID, Assignment: workflow.OutStatuses()}, math.MaxInt32)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("count the firm's work: %w", err)
	}
	papers, err := t.certificates(ctx, firm.ID)
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Answer{Message: t.present.Firm(present.FirmView{
		Contractor: firm, Channels: chans, Invitations: invs, People: people, Open: open,
		Certificates: papers, Day: t.today(), Answerers: namesOf(t.settings.AnsweredBy(firm.ID)),
	}), Subject: firm.ID}, nil
}
