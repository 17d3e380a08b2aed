package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// The roster of a firm is what the desk wants: which of the firm's people it asked in,
// who is to be there no longer, and its own people, who belong in every firm's channel
// as long as they are in the operations channel. What is seen in the channel is noted
// beside it; workflow.PlanRoster says what follows.

// firmPeople lists a firm's roster in order to change it. Reading the firm first makes
// those who do so at once wait for each other.
func (t *turn) firmPeople(ctx context.Context, contractor string) ([]storage.FirmPerson, error) {
	if _, err := t.tx.Contractor(ctx, contractor); err != nil {
		return nil, fmt.Errorf("load a contractor: %w", err)
	}
	list, err := t.tx.ListFirmPeople(ctx, contractor)
	if err != nil {
		return nil, fmt.Errorf("list a roster: %w", err)
	}
	return list, nil
}

func (t *turn) putFirmPerson(ctx context.Context, p storage.FirmPerson) error {
	p.At = t.now
	if err := t.tx.PutFirmPerson(ctx, p); err != nil {
		return fmt.Errorf("put somebody on a roster: %w", err)
	}
	return nil
}

// onRoster finds somebody by the account, or else by the address that was asked in and
// has not been seen as an account yet.
func onRoster(list []storage.FirmPerson, workspace string, who chat.Person) (storage.FirmPerson, bool) {
	for _, p := range list {
		if p.Workspace == workspace && p.Person == who.ID {
			return p, true
		}
	}
	for _, p := range list {
		if p.Workspace == workspace && p.Person == "" && p.Address != "" && (strings.EqualFold(p.Address, who.Email) || strings.EqualFold(strings.TrimPrefix(p.Address, "@"), who.Name)) {
			return p, true
		}
	}
	return storage.FirmPerson{}, false
}

// wantPerson puts an address on a firm's roster.
func (t *turn) wantPerson(ctx context.Context, firm storage.Contractor, workspace, address string) error {
	list, err := t.firmPeople(ctx, firm.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(p storage.FirmPerson) bool {
		return p.Workspace == workspace && strings.EqualFold(p.Address, address)
	})
	p := storage.FirmPerson{ID: newID(), Contractor: firm.ID, Workspace: workspace, Address: address, Name: address}
	if at >= 0 {
		p = list[at]
	}
	p.Standing = storage.Wanted
	return t.putFirmPerson(ctx, p)
}

// placed notes that the desk put its own people into a firm's channel.
func (t *turn) placed(ctx context.Context, ch storage.Channel, people []string) error {
	list, err := t.firmPeople(ctx, ch.Contractor)
	if err != nil {
		return err
	}
	for _, id := range people {
		p, known := onRoster(list, ch.Workspace, chat.Person{ID: id})
		if known && p.Standing == storage.Placed && p.Present {
			continue
		}
		if !known {
			p = storage.FirmPerson{ID: newID(), Contractor: ch.Contractor, Workspace: ch.Workspace, Person: id, Name: t.nameOf(ch.Workspace, id)}
		}
		p.Standing, p.Present = storage.Placed, true
		if err := t.putFirmPerson(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// nameOf is somebody's name as far as it is in memory, else the id.
func (t *turn) nameOf(workspace, id string) string {
	if who, ok := t.roster.people.Get(personKey{workspace, id}); ok && who.Name != "" {
		return who.Name
	}
	return id
}

// rosterJoined follows somebody who came into one of the desk's channels.
func (t *turn) rosterJoined(ctx context.Context, ch storage.Channel) error {
	who, known := t.roster.people.Get(personKey{ch.Workspace, t.in.From.ID})
	p, attached := t.platform(ch.Workspace)
	if !known || attached && p.Self().ID == who.ID || who.Kind == chat.Bot {
		return nil
	}
	switch ch.Kind {
	case storage.OperationsChannel:
		if who.Kind == chat.Member {
			return t.placeOperator(ctx, ch.Workspace, who.ID)
		}
	case storage.ContractorChannel:
		if t.actor.Role == workflow.Operator || t.actor.Role == workflow.Manager {
			return nil
		}
		fresh, err := t.firmJoined(ctx, ch, who.Person)
		if err != nil || !fresh {
			return err
		}
		firm, err := t.firm(ctx, t.tx, ch.Contractor)
		if err != nil {
			return err
		}
		return t.tell(ctx, storage.OperationsChannel, t.toDesk().JoinedFirm(firm, ch, []string{who.Name}))
	}
	return nil
}

// placeOperator puts a new operator into every firm's channel of the workspace.
func (t *turn) placeOperator(ctx context.Context, workspace, person string) error {
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, "")
	if err != nil {
		return fmt.Errorf("list the firms' channels: %w", err)
	}
	for _, c := range chans {
		if c.Workspace != workspace || c.State != "" || t.roster.knownMember(c, person) {
			continue
		}
		if err := t.enqueue(ctx, channelLane(c.Workspace, c.ID), deliverMembers, membersPayload{People: []string{person}}); err != nil {
			return err
		}
	}
	return nil
}

// firmJoined notes that somebody of a firm is in its channel, and tells whether that
// is news.
func (t *turn) firmJoined(ctx context.Context, ch storage.Channel, who chat.Person) (fresh bool, err error) {
	list, err := t.firmPeople(ctx, ch.Contractor)
	if err != nil {
		return false, err
	}
	p, known := onRoster(list, ch.Workspace, who)
	if known && p.Present {
		return false, nil
	}
	if !known || p.Standing == storage.Placed {
		if !known {
			p = storage.FirmPerson{ID: newID(), Contractor: ch.Contractor, Workspace: ch.Workspace}
		}
		p.Standing = storage.Noticed
	}
	p.Person, p.Name, p.Present = who.ID, who.Name, true
	if err := t.putFirmPerson(ctx, p); err != nil {
		return false, err
	}
	if err := t.invitationJoined(ctx, ch, p, who); err != nil {
		return false, err
	}
	if err := t.answererMoved(ctx, ch, who.ID, false); err != nil {
		return false, err
	}
	return true, t.record(ctx, "", workflow.Event{Kind: "firm_joined", Data: map[string]string{
		"contractor": ch.Contractor, "channel": ch.ID, "person": personID(ch.Workspace, who.ID), "name": who.Name,
	}})
}

// invitationJoined ends the invitations that brought somebody in.
func (t *turn) invitationJoined(ctx context.Context, ch storage.Channel, p storage.FirmPerson, who chat.Person) error {
	invs, err := t.tx.ListInvitations(ctx, ch.Contractor)
	if err != nil {
		return fmt.Errorf("list invitations: %w", err)
	}
	for _, i := range invs {
		same := i.Address != "" && (strings.EqualFold(i.Address, p.Address) || strings.EqualFold(i.Address, who.Email))
		if !same || i.Workspace != ch.Workspace || i.State == string(chat.InviteJoined) || i.State == invitationSending {
			continue
		}
		i.State, i.Note = string(chat.InviteJoined), ""
		if err := t.tx.PutInvitation(ctx, i); err != nil {
			return fmt.Errorf("put an invitation: %w", err)
		}
	}
	return nil
}

// rosterLeft follows somebody who left one of the desk's channels.
func (t *turn) rosterLeft(ctx context.Context, ch storage.Channel) error {
	who := t.in.From.ID
	switch ch.Kind {
	case storage.OperationsChannel:
		if err := t.forgetChoices(ctx, who); err != nil {
			return err
		}
		return t.withdrawOperator(ctx, ch, who)
	case storage.ManagersChannel:
		return t.forgetChoices(ctx, who)
	case storage.ContractorChannel:
		name, charge, fresh, err := t.firmLeft(ctx, ch, who)
		if err != nil || !fresh {
			return err
		}
		firm, err := t.firm(ctx, t.tx, ch.Contractor)
		if err != nil {
			return err
		}
		return t.tell(ctx, storage.OperationsChannel, t.toDesk().LeftFirm(firm, ch, name, charge))
	}
	return nil
}

// withdrawOperator takes somebody who is no operator any more out of the firms'
// channels: whoever stays there and is not of the desk would act for the firm.
func (t *turn) withdrawOperator(ctx context.Context, ops storage.Channel, person string) error {
	who, known := t.roster.people.Get(personKey{ops.Workspace, person})
	was := known && who.Kind == chat.Member
	all, err := t.tx.ListFirmPeople(ctx, "")
	if err != nil {
		return fmt.Errorf("list the rosters: %w", err)
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, "")
	if err != nil {
		return fmt.Errorf("list the firms' channels: %w", err)
	}
	for _, c := range chans {
		placed := slices.ContainsFunc(all, func(p storage.FirmPerson) bool {
			return p.Contractor == c.Contractor && p.Workspace == c.Workspace && p.Person == person && p.Standing == storage.Placed
		})
		if c.Workspace != ops.Workspace || c.State != "" || !placed && !(was && t.roster.knownMember(c, person)) {
			continue
		}
		if err := t.enqueue(ctx, channelLane(c.Workspace, c.ID), deliverRemove, removePayload{Person: person, Desk: true}); err != nil {
			return err
		}
	}
	return nil
}

// firmLeft notes that somebody is no longer in a firm's channel. It tells their name,
// the jobs they are in charge of, and whether that is news about the firm.
func (t *turn) firmLeft(ctx context.Context, ch storage.Channel, person string) (name string, charge []int, fresh bool, err error) {
	list, err := t.firmPeople(ctx, ch.Contractor)
	if err != nil {
		return "", nil, false, err
	}
	p, known := onRoster(list, ch.Workspace, chat.Person{ID: person})
	switch {
	case !known || !p.Present:
		return "", nil, false, nil
	case p.Standing == storage.Placed:
		if err := t.tx.RemoveFirmPerson(ctx, p.ID); err != nil {
			return "", nil, false, fmt.Errorf("take somebody off a roster: %w", err)
		}
		return "", nil, false, nil
	}
	p.Present = false
	if err := t.putFirmPerson(ctx, p); err != nil {
		return "", nil, false, err
	}
	if err := t.answererMoved(ctx, ch, person, true); err != nil {
		return "", nil, false, err
	}
	err = t.record(ctx, "", workflow.Event{Kind: "firm_left", Data: map[string]string{
		"contractor": ch.Contractor, "channel": ch.ID, "person": personID(ch.Workspace, person), "name": p.Name,
	}})
	if err != nil {
		return "", nil, false, err
	}
	open, err := t.workOf(ctx, ch.Contractor, workflow.OutStatuses())
	if err != nil {
		return "", nil, false, err
	}
	for _, i := range open {
		if slices.ContainsFunc(i.Assignments, func(a workflow.Assignment) bool {
			return a.Contractor == ch.Contractor && workflow.Taken(a.Status) && a.InCharge.ID == personID(ch.Workspace, person)
		}) {
			charge = append(charge, i.Number)
		}
	}
	return p.Name, charge, true, nil
}

// removePayload is somebody to be taken out of a channel: one of the desk's who is no
// operator any more, or one of the firm whom the desk struck.
type removePayload struct {
	Person string
	Desk   bool
	Asker  asker
}

// removeMember takes somebody out of a firm's channel, after looking once more whether
// that is still wanted.
func (e *Engine) removeMember(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[removePayload](d)
	if err != nil {
		return err
	}
	if pl.Desk {
		// Whoever asked for this may have done so a moment ago.
		if err := e.roster.catchUp(ctx); err != nil {
			return err
		}
		operators, err := e.operators(ctx, d.Lane.Workspace, asker{})
		if err != nil {
			return err
		}
		if len(operators) == 0 || slices.Contains(operators, pl.Person) {
			return e.delivered(ctx, d, nil)
		}
	}
	name := e.roster.person(ctx, d.Lane.Workspace, chat.Person{ID: pl.Person}).Name
	s, ok := p.(chat.Steward)
	if !ok {
		return &chat.SendError{Reason: chat.Unsupported, Err: errors.New("this platform lets no program remove people")}
	}
	if err := s.RemoveMember(ctx, d.Lane.Name, pl.Person); err != nil {
		return err
	}
	e.sent(ctx, d, "removed somebody", "")
	return e.delivered(ctx, d, func(t *turn) error {
		t.actor = workflow.Actor{Role: workflow.System, ID: systemWorkspace, Name: "taskbridge"}
		ch, err := t.tx.Channel(ctx, d.Lane.Workspace, d.Lane.Name)
		if err != nil {
			return fmt.Errorf("load a channel: %w", err)
		}
		if err := t.tx.RemoveMember(ctx, ch.Workspace, ch.ID, pl.Person); err != nil {
			return fmt.Errorf("remove a member: %w", err)
		}
		t.committed = append(t.committed, t.roster.changed(ctx))
		if err := t.takenOff(ctx, ch, pl.Person); err != nil {
			return err
		}
		kind := "firm_removed"
		if pl.Desk {
			kind = "operator_removed"
		}
		err = t.record(ctx, "", workflow.Event{Kind: kind, Data: map[string]string{
			"contractor": ch.Contractor, "channel": ch.ID, "person": personID(ch.Workspace, pl.Person), "name": name,
		}})
		if err != nil {
			return err
		}
		return t.report(ctx, d, pl.Asker, chat.T(t.toAsker(pl.Asker).Say("%s is no longer in %s.", name, ch.Name)))
	})
}

// takenOff brings the roster in line with somebody's removal.
func (t *turn) takenOff(ctx context.Context, ch storage.Channel, person string) error {
	list, err := t.firmPeople(ctx, ch.Contractor)
	if err != nil {
		return err
	}
	p, known := onRoster(list, ch.Workspace, chat.Person{ID: person})
	switch {
	case !known:
		return nil
	case p.Standing == storage.Placed:
		return t.tx.RemoveFirmPerson(ctx, p.ID)
	}
	p.Present = false
	if err := t.putFirmPerson(ctx, p); err != nil {
		return err
	}
	return t.answererMoved(ctx, ch, person, true)
}

// removalFailed tells the desk that somebody has to be taken out by hand.
func (t *turn) removalFailed(ctx context.Context, d storage.Delivery) error {
	pl, err := payload[removePayload](d)
	if err != nil {
		// The row is dropped whatever it holds.
		return nil
	}
	ch, err := t.tx.Channel(ctx, d.Lane.Workspace, d.Lane.Name)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load a channel: %w", err)
	}
	m := t.present.RemoveByHand(t.nameOf(ch.Workspace, pl.Person), ch, pl.Desk)
	if pl.Asker.Person != "" {
		return t.report(ctx, d, pl.Asker, m.Text)
	}
	return t.tell(ctx, storage.OperationsChannel, m)
}
