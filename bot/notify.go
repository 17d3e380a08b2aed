package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// noticesName is the setting that holds how the desk's people want to be told, all in one
// document: there are not many of them, and most have chosen nothing.
const noticesName = "notices"

// choices are the ways that people have chosen, by their ids across workspaces.
type choices map[string]map[workflow.PersonalNotice]workflow.Way

// way is how somebody is told of a kind of notice.
func (c choices) way(id string, kind workflow.PersonalNotice) workflow.Way {
	if way, chosen := c[id][kind]; chosen {
		return way
	}
	return kind.Usual()
}

func readChoices(ctx context.Context, tx storage.Settings) (choices, error) {
	c := choices{}
	err := readDocument(ctx, tx, noticesName, &c)
	return c, err
}

// forgetChoices forgets how somebody wanted to be told who is in none of the desk's own
// channels any more.
func (t *turn) forgetChoices(ctx context.Context, person string) error {
	id := personID(t.in.Workspace, person)
	chosen, err := readChoices(ctx, t.tx)
	if err != nil || chosen[id] == nil {
		return err
	}
	for _, kind := range []storage.ChannelKind{storage.OperationsChannel, storage.ManagersChannel} {
		if in, err := t.memberOf(ctx, kind, t.in.Workspace, person); in || err != nil {
			return err
		}
	}
	delete(chosen, id)
	return writeDocument(ctx, t.tx, noticesName, chosen)
}

// cmdNotify asks somebody of the desk how they want to be told.
func (t *turn) cmdNotify(ctx context.Context, _ string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Notify); err != nil {
		return chat.Answer{}, err
	}
	chosen, err := readChoices(ctx, t.tx)
	if err != nil {
		return chat.Answer{}, err
	}
	mail, _, err := t.mailOf(ctx, t.in.Workspace, t.in.From.ID)
	if err != nil {
		return chat.Answer{}, err
	}
	ways := map[workflow.PersonalNotice]workflow.Way{}
	for _, kind := range workflow.PersonalNotices() {
		ways[kind] = chosen.way(t.actor.ID, kind)
	}
	as := t.asked()
	return chat.Answer{
		Form:     t.present.NotifyForm(as, ways, mail.Name),
		Fallback: t.present.TryAgain(as, workflow.Notify, storage.Issue{}, nil, ""),
	}, nil
}

// saveNotify takes the form of how somebody wants to be told.
func (t *turn) saveNotify(ctx context.Context, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Notify); err != nil {
		return chat.Answer{}, err
	}
	chosen, err := readChoices(ctx, t.tx)
	if err != nil {
		return chat.Answer{}, err
	}
	own := map[workflow.PersonalNotice]workflow.Way{}
	for _, kind := range workflow.PersonalNotices() {
		way := workflow.Way(cmp.Or(v[string(kind)], string(chosen.way(t.actor.ID, kind))))
		switch way {
		case workflow.ByChat, workflow.NoWay:
		case workflow.ByMail:
			_, known, err := t.mailOf(ctx, t.in.Workspace, t.in.From.ID)
			if err != nil {
				return chat.Answer{}, err
			}
			if !known {
				return chat.Answer{}, workflow.RefuseField(string(kind), "I cannot write you e-mail here. Choose another way.")
			}
		default:
			return chat.Answer{}, workflow.RefuseField(string(kind), "Choose one of the ways.")
		}
		if way != kind.Usual() {
			own[kind] = way
		}
	}
	if len(own) == 0 {
		delete(chosen, t.actor.ID)
	} else {
		chosen[t.actor.ID] = own
	}
	if err := writeDocument(ctx, t.tx, noticesName, chosen); err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.present.Say("This is how you are told from now on. What channels, firms and people outside are told stays as it is."))), nil
}

// mailOf is the mailbox of somebody of the desk, where e-mail is set up and their address
// is known.
func (t *turn) mailOf(ctx context.Context, workspace, person string) (mailbox, bool, error) {
	who, err := t.tx.Person(ctx, workspace, person)
	if errors.Is(err, storage.ErrNotFound) || err == nil && who.Email == "" {
		return mailbox{}, false, nil
	}
	if err != nil {
		return mailbox{}, false, fmt.Errorf("look for an address: %w", err)
	}
	to, err := t.mailboxOf(who.Email)
	if _, refused := errors.AsType[*workflow.Refusal](err); refused {
		return mailbox{}, false, nil
	}
	return to, err == nil, err
}

// remindPrivately tells those of the desk who have chosen so what its channel is reminded
// of.
func (t *turn) remindPrivately(ctx context.Context, to party, all []present.Nudge, draw func([]present.Nudge, string, time.Time) chat.Message) error {
	if to.contractor != "" {
		return nil
	}
	chosen, err := readChoices(ctx, t.tx)
	if err != nil {
		return err
	}
	kind := storage.OperationsChannel
	if to.managers {
		kind = storage.ManagersChannel
	}
	for _, id := range slices.Sorted(maps.Keys(chosen)) {
		if chosen.way(id, workflow.DeskReminders) == workflow.NoWay {
			continue
		}
		workspace, person, _ := strings.Cut(id, "/")
		in, err := t.memberOf(ctx, kind, workspace, person)
		if err != nil {
			return err
		}
		if !in {
			continue
		}
		linked, err := t.linkedNudges(ctx, workspace, "", to, all)
		if err != nil {
			return err
		}
		if err := t.tellPrivately(ctx, workspace, person, workflow.DeskReminders, t.present.Privately(draw(linked, "", t.now), linked)); err != nil {
			return err
		}
	}
	return nil
}

// memberOf tells whether somebody is a full member of one of the desk's own channels, as
// last seen: inside of a transaction no platform is asked.
func (t *turn) memberOf(ctx context.Context, kind storage.ChannelKind, workspace, person string) (bool, error) {
	who, err := t.tx.Person(ctx, workspace, person)
	if errors.Is(err, storage.ErrNotFound) || err == nil && who.Kind != string(chat.Member) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a member: %w", err)
	}
	list, err := t.tx.ListChannels(ctx, kind, "")
	if err != nil {
		return false, fmt.Errorf("list channels: %w", err)
	}
	for _, c := range list {
		if c.Workspace != workspace {
			continue
		}
		people, _, err := t.tx.Members(ctx, c.Workspace, c.ID)
		if err != nil {
			return false, fmt.Errorf("list members: %w", err)
		}
		if slices.Contains(people, person) {
			return true, nil
		}
	}
	return false, nil
}
