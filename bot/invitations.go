package bot

import (
	"context"
	"fmt"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// sendInvitation asks somebody into a firm's channel, for the first time or again.
func (t *turn) sendInvitation(ctx context.Context, inv storage.Invitation, who asker) error {
	inv.State, inv.Note, inv.External, inv.At = invitationSending, "", "", t.now
	if err := t.tx.PutInvitation(ctx, inv); err != nil {
		return fmt.Errorf("put an invitation: %w", err)
	}
	return t.enqueue(ctx, channelLane(inv.Workspace, inv.Channel), deliverInvite, invitePayload{
		Invitation: inv.ID, Contractor: inv.Contractor, Address: inv.Address, Asker: who,
	})
}

// pending tells whether an invitation waits for somebody outside.
func pending(i storage.Invitation) bool {
	return i.State == string(chat.InviteSent) || i.State == string(chat.InviteAwaitingApproval)
}

// lost tells whether an invitation came to nothing.
func lost(i storage.Invitation) bool {
	switch chat.InviteState(i.State) {
	case chat.InviteExpired, chat.InviteDeclined, chat.InviteFailed:
		return true
	}
	return false
}

// lapse ends the invitations to a channel whose time is over, and offers the desk to
// send them again. Those that came to nothing are sent again when the desk asked for
// the channel to be set right.
func (t *turn) lapse(ctx context.Context, look *present.Look, asked bool) error {
	if look.Firm.State == storage.ContractorOffboarded {
		return nil
	}
	list, err := t.invitations(ctx, look.Firm.ID)
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.Workspace != look.Channel.Workspace || i.Channel != look.Channel.ID {
			continue
		}
		switch {
		case pending(i) && !t.now.Before(i.At.Add(workflow.InviteLife)):
			i.State, i.Note = string(chat.InviteExpired), ""
			if err := t.tx.PutInvitation(ctx, i); err != nil {
				return fmt.Errorf("put an invitation: %w", err)
			}
			look.See = append(look.See, t.present.Say("%s did not answer the invitation in time", i.Address))
			err := t.record(ctx, "", workflow.Event{Kind: "invitation_expired", Data: map[string]string{"contractor": i.Contractor, "address": i.Address}})
			if err == nil {
				err = t.offerAgain(ctx, look.Firm, i)
			}
			if err != nil {
				return err
			}
		case asked && i.State == string(chat.InviteExpired):
			look.Done = append(look.Done, t.present.Say("inviting %s again", i.Address))
			if err := t.sendInvitation(ctx, i, asker{}); err != nil {
				return err
			}
		case lost(i):
			look.See = append(look.See, strings.TrimSuffix(t.present.Invited(storage.Invitation{Address: i.Address, State: i.State}).String(), "."))
		}
	}
	return nil
}

// offerAgain puts a button under what is told of a lost invitation.
func (t *turn) offerAgain(ctx context.Context, firm storage.Contractor, i storage.Invitation) error {
	ops, err := t.tx.ListChannels(ctx, storage.OperationsChannel, "")
	if err != nil {
		return fmt.Errorf("list the operations channels: %w", err)
	}
	for _, c := range ops {
		m := t.present.Lapsed(firm, i, personID(c.Workspace, c.ID), t.now)
		if err := t.enqueuePost(ctx, c.Workspace, c.ID, postPayload{Message: m}); err != nil {
			return err
		}
	}
	return nil
}

// inviteAgain sends an invitation that came to nothing once more.
func (t *turn) inviteAgain(ctx context.Context, id string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Invite); err != nil {
		return chat.Answer{}, err
	}
	all, err := t.tx.ListInvitations(ctx, "")
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list invitations: %w", err)
	}
	for _, i := range all {
		if i.ID != id {
			continue
		}
		// Read again behind the firm's lock: two may press at once.
		list, err := t.invitations(ctx, i.Contractor)
		if err != nil {
			return chat.Answer{}, err
		}
		for _, now := range list {
			if now.ID == id {
				return t.inviteOnceMore(ctx, now)
			}
		}
	}
	return chat.Answer{}, workflow.Refuse(workflow.NotFound, "This invitation is not there any more. Invite the person anew with %s contractor invite.", t.present.Command)
}

func (t *turn) inviteOnceMore(ctx context.Context, i storage.Invitation) (chat.Answer, error) {
	if !lost(i) {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s was invited again already.", i.Address)
	}
	firm, err := t.firm(ctx, t.tx, i.Contractor)
	if err != nil {
		return chat.Answer{}, err
	}
	ch, err := t.tx.Channel(ctx, i.Workspace, i.Channel)
	if err != nil || ch.Kind != storage.ContractorChannel || ch.Contractor != firm.ID {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "The channel of this invitation is no longer in use. Invite the person anew with %s contractor invite.", t.present.Command)
	}
	if err := t.wantPerson(ctx, firm, i.Workspace, i.Address); err != nil {
		return chat.Answer{}, err
	}
	who := t.asker()
	if err := t.sendInvitation(ctx, i, who); err != nil {
		return chat.Answer{}, err
	}
	t.await = t.outcomes.expect(who.Ref)
	return chat.Private(chat.T(t.present.Say("Inviting %s to %s again.", i.Address, present.FirmName(firm)))), nil
}

// whoOnRoster finds somebody of a firm by the e-mail address, the name or a mention
// that begins the rest of a command. It gives back what follows.
func (t *turn) whoOnRoster(ctx context.Context, usage, rest string) (storage.Contractor, storage.FirmPerson, string, error) {
	words := strings.Fields(rest)
	for n := 1; n < len(words); n++ {
		firm, err := t.firmFor(ctx, strings.Join(words[:n], " "))
		if err != nil {
			continue
		}
		list, err := t.firmPeople(ctx, firm.ID)
		if err != nil {
			return firm, storage.FirmPerson{}, "", err
		}
		// The longest name wins: "Cora Miller" before "Cora".
		for last := len(words); last > n; last-- {
			called := strings.Trim(strings.Join(words[n:last], " "), "<>@,;")
			for _, p := range list {
				if p.Standing != storage.Placed && (strings.EqualFold(p.Address, called) || strings.EqualFold(p.Name, called) || p.Person != "" && p.Person == called) {
					return firm, p, strings.Join(words[last:], " "), nil
				}
			}
		}
	}
	return storage.Contractor{}, storage.FirmPerson{}, "", t.usageOf(usage, "Name the firm, then somebody on its roster by e-mail address or name; contractor show NAME lists them.")
}

// maxRole is the longest name of a role.
const maxRole = 60

// setFirmRole writes down what somebody does at a firm.
func (t *turn) setFirmRole(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Invite); err != nil {
		return chat.Answer{}, err
	}
	const usage = "contractor role NAME WHO ROLE"
	firm, p, role, err := t.whoOnRoster(ctx, usage, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if role == "" || len([]rune(role)) > maxRole {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "Say what %s does there, in up to %d characters. Usage: %s %s", p.Name, maxRole, t.present.Command, usage)
	}
	p.Role = role
	if err := t.putFirmPerson(ctx, p); err != nil {
		return chat.Answer{}, err
	}
	err = t.record(ctx, "", workflow.Event{Kind: "firm_role", Data: map[string]string{"contractor": firm.ID, "name": p.Name, "role": role}})
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.present.Say("%s of %s: %s.", p.Name, present.FirmName(firm), role))), nil
}

// strikePerson takes somebody of a firm off its roster and out of its channels.
func (t *turn) strikePerson(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Invite); err != nil {
		return chat.Answer{}, err
	}
	const usage = "contractor remove NAME WHO"
	firm, p, more, err := t.whoOnRoster(ctx, usage, rest)
	if err == nil && more != "" {
		err = t.usageOf(usage, "There is something after the name.")
	}
	if err != nil {
		return chat.Answer{}, err
	}
	p.Standing = storage.Struck
	if err := t.putFirmPerson(ctx, p); err != nil {
		return chat.Answer{}, err
	}
	err = t.record(ctx, "", workflow.Event{Kind: "firm_struck", Data: map[string]string{"contractor": firm.ID, "name": p.Name}})
	if err != nil {
		return chat.Answer{}, err
	}
	if p.Person == "" || !p.Present {
		return chat.Private(chat.T(t.present.Say("%s is off the roster of %s and not in its channel.", p.Name, present.FirmName(firm)))), nil
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list the firm's channels: %w", err)
	}
	for _, c := range chans {
		if c.Workspace != p.Workspace || c.State != "" {
			continue
		}
		who := t.asker()
		if err := t.enqueue(ctx, channelLane(c.Workspace, c.ID), deliverRemove, removePayload{Person: p.Person, Asker: who}); err != nil {
			return chat.Answer{}, err
		}
		if t.await == nil {
			t.await = t.outcomes.expect(who.Ref)
		}
	}
	return chat.Private(chat.T(t.present.Say("%s is off the roster of %s and is being taken out of its channel.", p.Name, present.FirmName(firm)))), nil
}

// answeredAs learns from an answer which account an address belongs to.
func (t *turn) answeredAs(ctx context.Context, i storage.Invitation, state chat.InviteState) error {
	if state != chat.InviteAccepted && state != chat.InviteAwaitingApproval {
		return nil
	}
	who, known := t.roster.people.Get(personKey{i.Workspace, t.in.From.ID})
	if !known || who.Kind != chat.External && who.Kind != chat.Guest {
		return nil
	}
	list, err := t.firmPeople(ctx, i.Contractor)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.Workspace == i.Workspace && p.Person == "" && strings.EqualFold(p.Address, i.Address) {
			p.Person, p.Name = who.ID, who.Name
			return t.putFirmPerson(ctx, p)
		}
	}
	return nil
}
