package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// rosterMost bounds how many people of one channel are looked up in one look. The next one
// goes on with those who are not known yet.
const rosterMost = 200

// syncPayload names the channel to look at, and who asked; nobody for a round.
type syncPayload struct {
	Channel string
	Asked   bool
	Asker   asker
}

// channelFacts is what a platform says of a firm's channel and of who is in it.
type channelFacts struct {
	info chat.ChannelInfo
	// reason is why the channel could not be looked at, empty when it could.
	reason    chat.Reason
	self      string
	members   []string
	operators []string
	people    map[string]chat.Person
}

// syncFirms answers /task contractor sync: the channels of one firm, or of all.
func (t *turn) syncFirms(ctx context.Context, name string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.SyncContractor); err != nil {
		return chat.Answer{}, err
	}
	one := ""
	if strings.TrimSpace(name) != "" || t.place != nil && t.place.Contractor != "" {
		firm, err := t.firmFor(ctx, name)
		if err != nil {
			return chat.Answer{}, err
		}
		one = firm.ID
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, one)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list the firms' channels: %w", err)
	}
	chans = slices.DeleteFunc(chans, func(c storage.Channel) bool {
		_, attached := t.platform(c.Workspace)
		return !attached
	})
	if len(chans) == 0 {
		return chat.Answer{}, workflow.Refuse(workflow.NotFound, "There is no channel to look at. %s contractor list shows which firms have one.", t.present.Command)
	}
	for _, c := range chans {
		who := t.asker()
		err := t.enqueue(ctx, syncLane(c), deliverSync, syncPayload{Channel: c.ID, Asked: true, Asker: who})
		if err != nil {
			return chat.Answer{}, err
		}
		if t.await == nil && len(chans) == 1 {
			t.await = t.outcomes.expect(who.Ref)
		}
	}
	where := chans[0].Name
	if len(chans) > 1 {
		where = t.present.Say("%d channels", len(chans))
	}
	return chat.Private(chat.T(t.present.Say("Looking at %s. What was done and what is left to you follows here.", where))), nil
}

// syncLane is a lane of its own: a look must not hold up what people wait for.
func syncLane(c storage.Channel) storage.Lane {
	return storage.Lane{Workspace: c.Workspace, Name: syncPrefix + c.ID}
}

// tend asks for a look at every firm's channel of a workspace, of all when it is empty.
// One that waits already is not asked for twice.
func (e *Engine) tend(ctx context.Context, workspace string) error {
	err := e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
		chans, err := tx.ListChannels(ctx, storage.ContractorChannel, "")
		if err != nil {
			return err
		}
		for _, c := range chans {
			if workspace != "" && c.Workspace != workspace || c.State == channelClosed {
				continue
			}
			if err := e.enqueueLook(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ask for a look at the firms' channels: %w", err)
	}
	return nil
}

func (e *Engine) enqueueLook(ctx context.Context, tx storage.Tx, c storage.Channel) error {
	body, err := encode(syncPayload{Channel: c.ID})
	if err != nil {
		return err
	}
	err = tx.Enqueue(ctx, storage.Delivery{Lane: syncLane(c), Kind: deliverSync, Card: syncPrefix + c.ID, Payload: body, CreatedAt: e.now()})
	if err != nil {
		return fmt.Errorf("ask for a look at a channel: %w", err)
	}
	return nil
}

// syncChannel compares one channel of a firm with what the desk wants, and sets right
// what it may.
func (e *Engine) syncChannel(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[syncPayload](d)
	if err != nil {
		return err
	}
	var ch storage.Channel
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
		ch, err = tx.Channel(ctx, d.Lane.Workspace, pl.Channel)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) || err == nil && ch.Kind != storage.ContractorChannel {
		// It has another id by now, or is the firm's no longer.
		return e.delivered(ctx, d, func(t *turn) error { return t.lookFailed(ctx, d) })
	}
	if err != nil {
		return fmt.Errorf("load a channel: %w", err)
	}
	facts, err := e.lookAt(ctx, p, ch, pl.Asked)
	if err != nil {
		return err
	}
	return e.delivered(ctx, d, func(t *turn) error {
		t.actor = workflow.Actor{Role: workflow.System, ID: systemWorkspace, Name: "taskbridge"}
		look, err := t.bringInLine(ctx, pl.Channel, facts, pl.Asked)
		if err != nil || !pl.Asked {
			return err
		}
		return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).Looked(look))
	})
}

// lookFailed tells the one who asked that a channel was not looked at.
func (t *turn) lookFailed(ctx context.Context, d storage.Delivery) error {
	pl, err := payload[syncPayload](d)
	if err != nil || !pl.Asked {
		// The row is dropped whatever it holds.
		return nil
	}
	return t.report(ctx, d, pl.Asker, chat.T(t.toAsker(pl.Asker).Say("The channel could not be looked at. Say %s again when you need it.", t.present.Command+" contractor sync")))
}

// lookAt asks the platform about a firm's channel. What only time mends is an error.
// The looks of a round share what is known of the operations channel.
func (e *Engine) lookAt(ctx context.Context, p chat.Platform, ch storage.Channel, asked bool) (channelFacts, error) {
	trust := membersRetryTalk
	if asked {
		trust = 0
	}
	facts := channelFacts{self: p.Self().ID, people: map[string]chat.Person{}}
	info, err := p.Channel(ctx, ch.ID)
	if err != nil {
		se, ok := errors.AsType[*chat.SendError](err)
		if !ok || se.Retry || se.Reason == chat.Unauthorised || se.Reason == chat.MissingScope {
			return facts, err
		}
		facts.reason = se.Reason
		return facts, nil
	}
	facts.info = info
	if info.Archived {
		return facts, nil
	}
	if facts.members, err = p.Members(ctx, ch.ID); err != nil {
		se, ok := errors.AsType[*chat.SendError](err)
		if !ok || se.Retry {
			return facts, err
		}
		facts.reason = se.Reason
		return facts, nil
	}
	if !slices.Contains(facts.members, facts.self) {
		facts.reason = chat.NotInChannel
		return facts, nil
	}
	ops, err := e.places.list(ctx, storage.OperationsChannel, "")
	if err != nil {
		return facts, err
	}
	for _, c := range ops {
		if c.Workspace == ch.Workspace {
			if err := e.roster.load(ctx, c, trust); err != nil {
				return facts, err
			}
		}
	}
	if facts.operators, err = e.operators(ctx, ch.Workspace, asker{}); err != nil {
		return facts, err
	}
	fresh, err := e.notOnRoster(ctx, ch, facts)
	if err != nil {
		return facts, err
	}
	for _, id := range fresh[:min(len(fresh), rosterMost)] {
		facts.people[id] = e.roster.person(ctx, ch.Workspace, chat.Person{ID: id})
	}
	return facts, nil
}

// notOnRoster are the people in a firm's channel of whom its roster does not know that they
// are there, but for ourselves and the operators.
func (e *Engine) notOnRoster(ctx context.Context, ch storage.Channel, facts channelFacts) ([]string, error) {
	var list []storage.FirmPerson
	err := e.store.View(ctx, e.desk, func(tx storage.Tx) (err error) {
		list, err = tx.ListFirmPeople(ctx, ch.Contractor)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list a roster: %w", err)
	}
	known := map[string]bool{facts.self: true}
	for _, id := range facts.operators {
		known[id] = true
	}
	for _, p := range list {
		if p.Present && p.Workspace == ch.Workspace {
			known[p.Person] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(facts.members), func(id string) bool { return known[id] }), nil
}

// bringInLine writes down what was seen, asks for what has to be done, and tells both.
func (t *turn) bringInLine(ctx context.Context, id string, facts channelFacts, asked bool) (present.Look, error) {
	var look present.Look
	workspace := t.in.Workspace
	ch, err := t.tx.Channel(ctx, workspace, id)
	if err != nil {
		return look, fmt.Errorf("load a channel: %w", err)
	}
	firm, err := t.tx.Contractor(ctx, ch.Contractor)
	if err != nil {
		return look, fmt.Errorf("load a contractor: %w", err)
	}
	look.Firm, look.Channel = firm, ch
	if err := t.lapse(ctx, &look, asked); err != nil {
		return look, err
	}
	if firm.State == storage.ContractorOffboarded {
		if facts.reason == "" && !facts.info.Archived && !t.bundles(workspace) {
			look.See = append(look.See, t.present.Say("the firm is off-boarded and the channel is open still; archive it"))
		}
		return look, nil
	}
	usable, err := t.channelInLine(ctx, &look, facts)
	if err != nil || !usable {
		return look, err
	}
	return look, t.peopleInLine(ctx, &look, facts)
}

// channelInLine follows what became of the channel itself, and tells whether it can be
// used.
func (t *turn) channelInLine(ctx context.Context, look *present.Look, facts channelFacts) (usable bool, err error) {
	ch := look.Channel
	befell := func(change chat.ChannelChange, see string) (bool, error) {
		look.See = append(look.See, see)
		if ch.State == string(change) {
			return false, nil
		}
		ch.State = string(change)
		t.committed = append(t.committed, t.places.forget)
		if err := t.saveChannel(ctx, ch); err != nil {
			return false, err
		}
		return false, t.tellOfChannel(ctx, ch, change)
	}
	switch {
	case facts.reason == chat.ChannelGone || facts.reason == chat.NotFound:
		// It may have got another id, which the reconciler finds out.
		look.See = append(look.See, t.present.Say("the channel is gone, or I am no longer in it; restore it or add me to it"))
		return false, nil
	case facts.reason != "":
		return befell(chat.ChannelBotRemoved, t.present.Say("I am not in the channel; add me to it"))
	case facts.info.Archived:
		return befell(chat.ChannelArchived, t.present.Say("the channel is archived; unarchive it or off-board the firm"))
	}
	was := ch
	if facts.info.Name != "" && facts.info.Name != ch.Name {
		look.Done = append(look.Done, t.present.Say("took note that it is called %s now", facts.info.Name))
		ch.Name = facts.info.Name
	}
	severed := ch.Shared && !facts.info.Shared
	ch.Shared = facts.info.Shared
	switch chat.ChannelChange(ch.State) {
	case chat.ChannelArchived, chat.ChannelDeleted, chat.ChannelBotRemoved:
		look.Done = append(look.Done, t.present.Say("took the channel into use again"))
		look.Channel = ch
		return true, t.mend(ctx, ch)
	case chat.ChannelSevered:
		if ch.Shared {
			look.Channel = ch
			return true, t.mend(ctx, ch)
		}
		look.See = append(look.See, t.present.Say("it is no longer shared with the firm; invite its people again"))
	default:
		if severed {
			ch.State = string(chat.ChannelSevered)
			look.See = append(look.See, t.present.Say("it is no longer shared with the firm; invite its people again"))
			if err := t.tellOfChannel(ctx, ch, chat.ChannelSevered); err != nil {
				return true, err
			}
		}
	}
	look.Channel = ch
	if ch == was {
		return true, nil
	}
	t.committed = append(t.committed, t.places.forget)
	return true, t.saveChannel(ctx, ch)
}

// peopleInLine notes who came and went unseen, and carries out the plan.
func (t *turn) peopleInLine(ctx context.Context, look *present.Look, facts channelFacts) error {
	ch := look.Channel
	if err := t.peopleSeen(ctx, look, facts); err != nil {
		return err
	}
	list, err := t.firmPeople(ctx, ch.Contractor)
	if err != nil {
		return err
	}
	plan := workflow.PlanRoster(rosterView(list, ch.Workspace, facts))
	if len(plan.Add) > 0 {
		look.Done = append(look.Done, t.present.Say("adding %s", t.present.Names(t.namesOf(ch.Workspace, plan.Add))))
		if err := t.enqueue(ctx, channelLane(ch.Workspace, ch.ID), deliverMembers, membersPayload{People: plan.Add}); err != nil {
			return err
		}
	}
	for _, id := range plan.Remove {
		struck := slices.ContainsFunc(list, func(p storage.FirmPerson) bool {
			return p.Person == id && p.Workspace == ch.Workspace && p.Standing == storage.Struck
		})
		look.Done = append(look.Done, t.present.Say("removing %s", t.nameOf(ch.Workspace, id)))
		if err := t.enqueue(ctx, channelLane(ch.Workspace, ch.ID), deliverRemove, removePayload{Person: id, Desk: !struck}); err != nil {
			return err
		}
	}
	for _, p := range list {
		if p.Workspace == ch.Workspace && p.Standing == storage.Wanted && !p.Present {
			look.See = append(look.See, t.present.Say("%s is not in it", p.Name))
		}
	}
	// Operators that were there before count as placed from now on.
	var own []string
	for _, id := range facts.operators {
		if slices.Contains(facts.members, id) {
			own = append(own, id)
		}
	}
	return t.placed(ctx, ch, own)
}

// peopleSeen compares who is in the channel with who was.
func (t *turn) peopleSeen(ctx context.Context, look *present.Look, facts channelFacts) error {
	ch := look.Channel
	list, err := t.firmPeople(ctx, ch.Contractor)
	if err != nil {
		return err
	}
	var came []string
	for _, id := range facts.members {
		who, known := facts.people[id]
		placed := slices.ContainsFunc(list, func(p storage.FirmPerson) bool {
			return p.Workspace == ch.Workspace && p.Person == id && p.Standing == storage.Placed
		})
		if !known || id == facts.self || who.Kind == chat.Bot || placed || slices.Contains(facts.operators, id) {
			continue
		}
		fresh, err := t.firmJoined(ctx, ch, who)
		if err != nil {
			return err
		}
		if fresh {
			came = append(came, who.Name)
		}
	}
	if len(came) > 0 {
		look.Done = append(look.Done, t.present.Say("took note of %s", t.present.Names(came)))
		if err := t.tell(ctx, storage.OperationsChannel, t.toDesk().JoinedFirm(look.Firm, ch, came)); err != nil {
			return err
		}
	}
	for _, p := range list {
		if !p.Present || p.Workspace != ch.Workspace || slices.Contains(facts.members, p.Person) || t.elsewhere(ctx, ch, p.Person) {
			continue
		}
		name, charge, fresh, err := t.firmLeft(ctx, ch, p.Person)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		look.Done = append(look.Done, t.present.Say("took note that %s has left", name))
		if err := t.tell(ctx, storage.OperationsChannel, t.toDesk().LeftFirm(look.Firm, ch, name, charge)); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere tells whether somebody is in another channel of the same firm and
// workspace.
func (t *turn) elsewhere(ctx context.Context, ch storage.Channel, person string) bool {
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, ch.Contractor)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(chans, func(c storage.Channel) bool {
		return c.Workspace == ch.Workspace && c.ID != ch.ID && t.roster.knownMember(c, person)
	})
}

// rosterView is what workflow needs to know of a channel.
func rosterView(list []storage.FirmPerson, workspace string, facts channelFacts) workflow.RosterView {
	v := workflow.RosterView{Self: facts.self, Members: facts.members, Operators: facts.operators}
	for _, p := range list {
		if p.Workspace != workspace || p.Person == "" {
			continue
		}
		switch p.Standing {
		case storage.Placed:
			v.Placed = append(v.Placed, p.Person)
		case storage.Wanted:
			v.Wanted = append(v.Wanted, p.Person)
		case storage.Struck:
			v.Struck = append(v.Struck, p.Person)
		}
	}
	return v
}

func (t *turn) namesOf(workspace string, ids []string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, t.nameOf(workspace, id))
	}
	return out
}
