package bot

import (
	"context"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// ready is what a few inbounds need before their transaction: from the platform,
// which must not be called in it, or from beyond the desk, which it cannot see.
type ready struct {
	channel chat.ChannelInfo
	// guests are the names of those in the channel who are no full members.
	guests []string
	health present.Health
	// linked is the message that a task is to be made from.
	linked chat.LinkedMessage
	// outsider is who a command or a form wants to involve in a job, nil where nobody was
	// found.
	outsider *outsider
	err      error
	// ticket is that of a click or a form, ticketErr why it is no good.
	ticket    ticket.Ticket
	ticketErr error
}

// prepare makes the outgoing calls that an inbound needs before it is decided.
func (e *Engine) prepare(ctx context.Context, in chat.Inbound, tk ticket.Ticket) (r ready) {
	if link := linkIn(in, tk); link != "" {
		r.linked, r.err = e.linkedMessage(ctx, in, link)
		return r
	}
	if who, ok := externalIn(in, tk); ok {
		r.outsider, r.err = e.findOutsider(ctx, in, who)
		return r
	}
	switch b := in.Body.(type) {
	case chat.Command:
		if verb, _ := cutWord(b.Text); strings.EqualFold(verb, "rights") {
			e.knowDesk(ctx)
			return r
		}
		if verb, _ := cutWord(b.Text); strings.EqualFold(verb, "summary") {
			r.health, r.err = e.health(ctx)
			return r
		}
		name, ok := channelMeant(b.Text, in.Channel)
		p, attached := e.platform(in.Workspace)
		if !ok || !attached {
			return r
		}
		if r.channel, r.err = p.Channel(ctx, name); r.err != nil {
			return r
		}
		var members []string
		members, r.err = p.Members(ctx, r.channel.ID)
		if r.err == nil && !slices.Contains(members, p.Self().ID) {
			r.err = &chat.SendError{Reason: chat.NotInChannel}
		}
		if r.err == nil {
			r.guests = guestsAmong(ctx, p, members)
		}
		return r
	case chat.ChannelChanged:
		if p, ok := e.platform(in.Workspace); ok && b.Change == chat.ChannelShared {
			r.channel, r.err = p.Channel(ctx, in.Channel)
		}
	case chat.Submitted:
		e.roster.renew(ctx, in.Workspace, in.From.ID)
	case chat.Click:
		if tk.Verb == string(workflow.HandOver) {
			e.knowColleagues(ctx, in, tk)
		}
	}
	return r
}

// channelMeant gives the channel that a command is about to make a channel of the
// desk's.
func channelMeant(text, here string) (idOrName string, ok bool) {
	verb, rest := cutWord(text)
	if strings.EqualFold(verb, "here") {
		return here, true
	}
	if word, rest := cutWord(rest); strings.EqualFold(verb, "contractor") && strings.EqualFold(word, "link") {
		_, last := cutLast(rest)
		return channelNamed(last, here)
	}
	return "", false
}

// knowColleagues looks up the people a job could be handed over to.
func (e *Engine) knowColleagues(ctx context.Context, in chat.Inbound, t ticket.Ticket) {
	place, err := e.places.find(ctx, in.Workspace, in.Channel)
	if err != nil || place == nil || place.Kind != storage.ContractorChannel || t.Assignment == "" {
		return
	}
	chans, err := e.places.list(ctx, storage.ContractorChannel, place.Contractor)
	if err != nil {
		return
	}
	left := 100
	for _, c := range chans {
		for _, id := range e.roster.list(c) {
			if left--; left < 0 {
				return
			}
			e.roster.person(ctx, c.Workspace, chat.Person{ID: id})
		}
	}
}
