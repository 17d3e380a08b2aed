package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// eventRights is the kind of an event about somebody's rights.
const eventRights = "rights_changed"

// withRights gives an actor the exceptions that the desk made for the person, or what the
// person's firm leaves to some of its people.
func withRights(a workflow.Actor, s *settings.Settings) workflow.Actor {
	a.Answerers = nil
	if a.Role == workflow.Contractor {
		a.Answerers = s.Answerers(a.Contractor)
	}
	if a.Role != workflow.Operator && a.Role != workflow.Manager {
		return a
	}
	a.Granted, a.Revoked = s.Rights.Of(a.ID)
	a.Ceiling = s.Rights.Ceiling
	if strings.HasPrefix(a.ID, APIWorkspace+"/") {
		// A program with the desk's token acts for the desk as a whole.
		a.Granted = workflow.RightsOf(workflow.AllRights()...)
	}
	return a
}

// deskPeople lists the people of the desk with their rights, as far as they are known,
// operators first.
func (t *turn) deskPeople(ctx context.Context) ([]present.Holder, error) {
	var out []present.Holder
	known := map[string]bool{}
	for _, k := range []struct {
		kind storage.ChannelKind
		role workflow.Role
	}{{storage.OperationsChannel, workflow.Operator}, {storage.ManagersChannel, workflow.Manager}} {
		chans, err := t.places.list(ctx, k.kind, "")
		if err != nil {
			return nil, err
		}
		for _, c := range chans {
			for _, id := range t.roster.list(c) {
				full := personID(c.Workspace, id)
				who, err := t.tx.Person(ctx, c.Workspace, id)
				if err != nil && !errors.Is(err, storage.ErrNotFound) {
					return nil, fmt.Errorf("load a person: %w", err)
				}
				if known[full] || err != nil || who.Kind != string(chat.Member) {
					continue
				}
				known[full] = true
				a := withRights(workflow.Actor{Role: k.role, ID: full, Admin: who.Admin}, t.settings)
				out = append(out, present.Holder{ID: full, Name: who.Name, Usual: workflow.Usual(k.role, who.Admin), Rights: a.Rights()})
			}
		}
	}
	return out, nil
}

// cmdRights shows the rights of the desk's people, and gives or takes one.
func (t *turn) cmdRights(ctx context.Context, rest string) (chat.Answer, error) {
	word, rest := cutWord(rest)
	grant := strings.EqualFold(word, "grant")
	if word == "" {
		if err := workflow.Allowed(t.actor, workflow.ViewContractors); err != nil {
			return chat.Answer{}, err
		}
		people, err := t.deskPeople(ctx)
		if err != nil {
			return chat.Answer{}, err
		}
		return chat.Answer{Message: t.present.Rights(people, t.settings.Rights.Ceiling)}, nil
	}
	if err := workflow.Allowed(t.actor, workflow.SetUp); err != nil {
		return chat.Answer{}, err
	}
	if strings.EqualFold(word, "history") {
		return t.rightsHistory(ctx, 0)
	}
	if !grant && !strings.EqualFold(word, "revoke") {
		return chat.Answer{}, t.usage("Say grant or revoke.")
	}
	people, err := t.deskPeople(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	name, what := cutRight(rest)
	if what == "" {
		return chat.Answer{}, t.usage("Say which right: view, hand out, firms, money or admin.")
	}
	who, err := t.holderNamed(people, name)
	if err != nil {
		return chat.Answer{}, err
	}
	if !grant && what == workflow.RightAdmin && who.ID == t.actor.ID {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "You cannot take that from yourself. Ask another administrator.")
	}
	if who.Rights.Has(what) == grant {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s", t.present.RightAlready(who.Name, what, grant))
	}
	return t.setRight(ctx, who, what, grant)
}

// cutRight splits the right off the end of "Cora Miller hand out".
func cutRight(s string) (name string, right workflow.Right) {
	words := strings.Fields(s)
	for n := 2; n >= 1; n-- {
		if len(words) <= n {
			continue
		}
		if r, ok := workflow.RightNamed(strings.Join(words[len(words)-n:], " ")); ok {
			return strings.Join(words[:len(words)-n], " "), r
		}
	}
	return s, ""
}

// holderNamed finds one of the desk's people by a mention or by name.
func (t *turn) holderNamed(people []present.Holder, text string) (present.Holder, error) {
	text = strings.TrimSpace(text)
	id, _, _ := strings.Cut(strings.Trim(text, "<>@"), "|")
	name := strings.TrimPrefix(text, "@")
	var found []present.Holder
	for _, p := range people {
		switch {
		case p.ID == personID(t.in.Workspace, id), strings.EqualFold(p.Name, name):
			return p, nil
		case strings.HasPrefix(strings.ToLower(p.Name), strings.ToLower(name)) && name != "":
			found = append(found, p)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return present.Holder{}, workflow.Refuse(workflow.NotFound, "Nobody in the desk's channels is called %q. Rights are for the people of the operations and managers' channels.", short(name))
	}
	return present.Holder{}, workflow.Refuse(workflow.Ambiguous, "Several people fit %q. Write the whole name.", short(name))
}

// setRight writes an exception down.
func (t *turn) setRight(ctx context.Context, who present.Holder, right workflow.Right, grant bool) (chat.Answer, error) {
	is, err := t.readSettings(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	is.Rights = is.Rights.With(who.ID, who.Name, right, grant, who.Usual)
	if err := t.writeSettings(ctx, is); err != nil {
		return chat.Answer{}, err
	}
	did := "revoked"
	if grant {
		did = "granted"
	}
	err = t.record(ctx, "", workflow.Event{Kind: eventRights, Data: map[string]string{
		"person": who.ID, "name": who.Name, "right": string(right), "change": did,
	}})
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(t.present.RightSet(who.Name, right, grant)), nil
}

// whoMay says a refusal, and for want of the right to approve money who has it.
func (t *turn) whoMay(ctx context.Context, r *workflow.Refusal) string {
	said := t.present.Refusal(r)
	if r.Right != workflow.RightMoney {
		return said
	}
	people, err := t.deskPeople(ctx)
	if err != nil {
		return said
	}
	var names []string
	for _, p := range people {
		if p.Rights.Has(r.Right) {
			names = append(names, p.Name)
		}
	}
	managers, err := t.places.list(ctx, storage.ManagersChannel, "")
	if err != nil {
		return said
	}
	return said + " " + t.present.WhoMay(names, len(managers) > 0, t.present.Command)
}

// knowDesk looks up the people of the desk, so that each has a name.
func (e *Engine) knowDesk(ctx context.Context) {
	left := rosterMost
	for _, kind := range []storage.ChannelKind{storage.OperationsChannel, storage.ManagersChannel} {
		chans, err := e.places.list(ctx, kind, "")
		if err != nil {
			return
		}
		for _, c := range chans {
			// A failure only leaves out who is not known.
			_ = e.roster.load(ctx, c, membersLife)
			for _, id := range e.roster.list(c) {
				if left--; left < 0 {
					return
				}
				e.roster.person(ctx, c.Workspace, chat.Person{ID: id})
			}
		}
	}
}

// rightsHistory lists the changes of rights before one of them or, for zero, the last.
func (t *turn) rightsHistory(ctx context.Context, before int64) (chat.Answer, error) {
	list, earlier, err := t.deskHistory(ctx, before, eventRights)
	if err != nil {
		return chat.Answer{}, err
	}
	m := t.present.RightsHistory(list)
	m.Buttons = t.present.EarlierChanges(t.asked(), present.OfRights, earlier, before == 0)
	return chat.Answer{Message: m}, nil
}
