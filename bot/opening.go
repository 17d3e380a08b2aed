package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"

	"github.com/gosimple/slug"
)

// channelNames is how many names are tried before giving up.
const channelNames = 50

// channelName makes a firm's channel name in the platforms' alphabet: ext-, the
// city and the company, cut to length, with a number when it is not the first try.
func channelName(c storage.Contractor, try, limit int) string {
	suffix := ""
	if try > 1 {
		suffix = "-" + strconv.Itoa(try)
	}
	name := "ext-" + slugOf(c.City) + "-" + slugOf(c.Company)
	name = strings.Trim(strings.ReplaceAll(name, "--", "-"), "-")
	if room := limit - len(suffix); len(name) > room {
		name = strings.TrimRight(name[:room], "-")
	}
	return name + suffix
}

// slugOf writes a name with the letters a-z, digits and hyphens. A name of which
// nothing remains, such as one of signs alone, becomes a placeholder.
func slugOf(s string) string {
	out := strings.ReplaceAll(slug.MakeLang(s, "en"), "_", "-")
	if out == "" {
		return "x"
	}
	return out
}

// openChannel makes a firm's channel, fills it with the operators and greets.
func (e *Engine) openChannel(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[channelPayload](d)
	if err != nil {
		return err
	}
	var firm storage.Contractor
	var has []storage.Channel
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
		if firm, err = tx.Contractor(ctx, pl.Contractor); err != nil {
			return err
		}
		has, err = tx.ListChannels(ctx, storage.ContractorChannel, pl.Contractor)
		return err
	})
	if err != nil {
		return fmt.Errorf("load a contractor: %w", err)
	}
	has = slices.DeleteFunc(has, func(c storage.Channel) bool { return c.Workspace != d.Lane.Workspace })
	if len(has) > 0 {
		return e.delivered(ctx, d, func(t *turn) error {
			return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).FirmMade(firm, has[0], t.present.Command))
		})
	}
	info, err := e.createChannel(ctx, p, d, firm)
	if err != nil {
		return err
	}
	ch := storage.Channel{
		Workspace: d.Lane.Workspace, ID: info.ID, Kind: storage.ContractorChannel, Contractor: firm.ID,
		Name: info.Name, URL: info.URL, SyncedAt: e.now(), CreatedAt: e.now(),
	}
	operators, err := e.operators(ctx, d.Lane.Workspace, pl.Asker)
	if err != nil {
		return err
	}
	return e.delivered(ctx, d, func(t *turn) error {
		linked, err := t.opened(ctx, firm, ch, operators)
		if err != nil {
			return err
		}
		t.committed = append(t.committed, func() {
			e.places.forget()
			e.roster.set(ch, []string{p.Self().ID})
		})
		if linked {
			return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).Linked(firm, ch, platformName(ch.Workspace)))
		}
		return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).FirmMade(firm, ch, t.present.Command))
	})
}

// createChannel tries names until one is free, or is one that an earlier attempt took
// for this firm.
func (e *Engine) createChannel(ctx context.Context, p chat.Platform, d storage.Delivery, firm storage.Contractor) (chat.ChannelInfo, error) {
	limit := p.Limits().ChannelName
	mark := channelMark(d.Desk, firm.ID)
	again := d.Ambiguous || d.LastError != ""
	var err error
	for try := 1; try <= channelNames; try++ {
		spec := chat.ChannelSpec{
			Name:    channelName(firm, try, limit),
			Title:   chat.Shorten(present.FirmName(firm), 60),
			Purpose: e.speaking(firm).Say("Jobs for %s, offered and tracked by taskbridge.", chat.Shorten(present.FirmName(firm), 100)) + " " + mark,
			Mark:    mark, Since: d.FirstTriedAt,
		}
		var info chat.ChannelInfo
		info, err = p.CreateChannel(ctx, spec)
		if chat.ReasonOf(err) != chat.NameTaken {
			if err == nil {
				e.sent(ctx, d, "channel made", info.ID)
			}
			return info, err
		}
		if !again {
			continue
		}
		found, err := p.FindChannel(ctx, spec)
		if err != nil {
			return found, err
		}
		if found.ID != "" {
			e.sent(ctx, d, "found the channel that an earlier attempt made", found.ID)
			return found, nil
		}
	}
	return chat.ChannelInfo{}, err
}

// channelMark is what a channel made for a firm is known by.
func channelMark(desk, contractor string) string {
	sum := sha256.Sum256([]byte(desk + "\x00" + contractor))
	return "Ref " + hex.EncodeToString(sum[:6])
}

// operators are the people of the desk on one workspace, the one who asked first.
func (e *Engine) operators(ctx context.Context, workspace string, asked asker) ([]string, error) {
	ops, err := e.places.list(ctx, storage.OperationsChannel, "")
	if err != nil {
		return nil, err
	}
	p, _ := e.platform(workspace)
	var out []string
	for _, c := range ops {
		if c.Workspace != workspace {
			continue
		}
		for _, id := range e.roster.list(c) {
			who := e.roster.person(ctx, workspace, chat.Person{ID: id})
			if who.Kind == chat.Member && id != p.Self().ID && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	if len(out) == 0 && asked.Person != "" && asked.Workspace == workspace {
		out = append(out, asked.Person)
	}
	return out, nil
}

// opened records a firm's channel and enqueues what belongs into it. It tells whether
// the firm has other channels, with which this one is linked.
func (t *turn) opened(ctx context.Context, firm storage.Contractor, ch storage.Channel, operators []string) (linked bool, err error) {
	// Reading the firm first makes those who open two channels at once wait for each
	// other.
	if firm, err = t.tx.Contractor(ctx, firm.ID); err != nil {
		return false, fmt.Errorf("load a contractor: %w", err)
	}
	switch taken, err := t.tx.Channel(ctx, ch.Workspace, ch.ID); {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return false, fmt.Errorf("look for a channel: %w", err)
	case taken.Contractor != firm.ID:
		// Two firms in one channel would read each other's jobs.
		return false, &chat.SendError{Reason: chat.Invalid, Err: errors.New("the channel is another's")}
	}
	others, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return false, fmt.Errorf("list the firm's channels: %w", err)
	}
	if err := t.tx.PutChannel(ctx, ch); err != nil {
		return false, fmt.Errorf("put a channel: %w", err)
	}
	if firm.State == storage.ContractorOpening {
		firm.State = storage.ContractorActive
		if err := t.tx.SaveContractor(ctx, firm); err != nil {
			return false, fmt.Errorf("save a contractor: %w", err)
		}
	}
	if err := t.record(ctx, "", workflow.Event{Kind: "contractor_opened", Data: map[string]string{"contractor": firm.ID, "channel": ch.ID}}); err != nil {
		return false, err
	}
	if len(operators) > 0 {
		if err := t.enqueue(ctx, channelLane(ch.Workspace, ch.ID), deliverMembers, membersPayload{People: operators}); err != nil {
			return false, err
		}
	}
	welcome := t.toFirm(firm).Welcome(firm)
	if t.bundles(ch.Workspace) {
		welcome = t.toFirm(firm).WelcomeByMail(firm)
	}
	if err := t.enqueuePost(ctx, ch.Workspace, ch.ID, postPayload{Message: welcome}); err != nil {
		return false, err
	}
	if len(others) == 0 {
		return false, nil
	}
	return true, t.fillSoon(ctx, ch)
}

// report tells the one who asked how it ended: through the answer that waits for
// it, or else by a message of its own.
func (t *turn) report(ctx context.Context, d storage.Delivery, who asker, text chat.Text) error {
	if t.outcomes.waits(who.Ref) {
		t.committed = append(t.committed, func() {
			if !t.outcomes.publish(who.Ref, text) {
				t.whisperLate(ctx, d, who, text)
			}
		})
		return nil
	}
	if who.Person == "" || who.Channel == "" {
		return nil
	}
	return t.whisper(ctx, who.Workspace, who.Channel, who.Person, chat.Message{Text: text})
}

// whisperLate tells a person what an answer no longer can: its time ran out between
// our looking and our saying.
func (e *Engine) whisperLate(ctx context.Context, d storage.Delivery, who asker, text chat.Text) {
	if who.Person == "" || who.Channel == "" {
		return
	}
	err := e.changeFor(ctx, d, func(t *turn) error {
		return t.whisper(ctx, who.Workspace, who.Channel, who.Person, chat.Message{Text: text})
	})
	if err != nil {
		e.log.WarnContext(ctx, "dispatcher: an outcome was not told", "err", err)
	}
}

// sendInvite asks somebody outside into a firm's channel.
func (e *Engine) sendInvite(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[invitePayload](d)
	if err != nil {
		return err
	}
	got, err := p.Invite(ctx, chat.InviteSpec{Channel: d.Lane.Name, Address: pl.Address, Repeat: d.Ambiguous})
	if err != nil {
		return err
	}
	e.sent(ctx, d, "invited", "")
	return e.delivered(ctx, d, func(t *turn) error {
		i, err := t.invitation(ctx, pl)
		if err != nil {
			return err
		}
		i.External = got.ID
		if i.State == invitationSending {
			// Otherwise the answer to the invitation was faster than we.
			i.State, i.Note = string(got.State), got.Note
		}
		if err := t.tx.PutInvitation(ctx, i); err != nil {
			return fmt.Errorf("put an invitation: %w", err)
		}
		return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).Invited(i))
	})
}

func (t *turn) invitation(ctx context.Context, pl invitePayload) (storage.Invitation, error) {
	list, err := t.invitations(ctx, pl.Contractor)
	if err != nil {
		return storage.Invitation{}, err
	}
	for _, i := range list {
		if i.ID == pl.Invitation {
			return i, nil
		}
	}
	return storage.Invitation{}, storage.ErrNotFound
}

// invitations lists a firm's invitations in order to change one. Reading the firm
// first makes those who do so at once wait for each other: the answer to an
// invitation can be here before we have recorded that it was sent.
func (t *turn) invitations(ctx context.Context, contractor string) ([]storage.Invitation, error) {
	if _, err := t.tx.Contractor(ctx, contractor); err != nil {
		return nil, fmt.Errorf("load a contractor: %w", err)
	}
	list, err := t.tx.ListInvitations(ctx, contractor)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

// inviteFailed notes that an invitation can never be sent, and tells who asked.
func (t *turn) inviteFailed(ctx context.Context, d storage.Delivery, se *chat.SendError) error {
	pl, err := payload[invitePayload](d)
	if err != nil {
		// The row is dropped whatever it holds.
		return nil
	}
	i, err := t.invitation(ctx, pl)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	i.State, i.Note = string(chat.InviteFailed), inviteWhy(se.Reason)
	if err := t.tx.PutInvitation(ctx, i); err != nil {
		return fmt.Errorf("put an invitation: %w", err)
	}
	return t.report(ctx, d, pl.Asker, t.toAsker(pl.Asker).Invited(i))
}

// openingFailed tells the one who asked that a firm's channel cannot be made.
func (t *turn) openingFailed(ctx context.Context, d storage.Delivery, se *chat.SendError) error {
	pl, err := payload[channelPayload](d)
	if err != nil {
		// The row is dropped whatever it holds.
		return nil
	}
	why := t.toAsker(pl.Asker).Say("The platform refused; its administrator may have to allow me to make private channels.")
	if se.Reason == chat.MissingScope || se.Reason == chat.Unauthorised {
		why = t.toAsker(pl.Asker).Say("I lack the permission to make channels; install the app again with the current manifest.")
	}
	again := t.toAsker(pl.Asker).Say("add the firm again.")
	if firm, err := t.tx.Contractor(ctx, pl.Contractor); err == nil && firm.State != storage.ContractorOpening {
		again = t.toAsker(pl.Asker).Say("say %s.", t.present.Command+" contractor link "+present.FirmName(firm)+" "+platformOf(d.Lane.Workspace))
	}
	text := chat.T(t.toAsker(pl.Asker).Say("The firm's channel could not be made. %s Then %s", why, again))
	return t.report(ctx, d, pl.Asker, text)
}

func inviteWhy(r chat.Reason) string {
	switch r {
	case chat.NotFound:
		return present.Later("Nobody has this name or address here; check how it is written.")
	case chat.MissingScope:
		return present.Later("The app lacks the permission to invite; install it again with the current manifest.")
	case chat.ChannelGone:
		return present.Later("The channel is archived or gone.")
	default:
		return present.Later("The platform refused; check the address and the workspace's rules for guests.")
	}
}
