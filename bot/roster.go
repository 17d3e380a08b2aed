package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

const (
	// personLife is how long a profile is trusted.
	personLife = 10 * time.Minute
	// membersLife is how long a member list is trusted without an event about it.
	membersLife = 5 * time.Minute
	// membersStart is how long one is trusted at a start that another replica, or
	// this one before, asked for: who went while nobody listened is not known.
	membersStart = time.Minute
	// membersRetry bounds how often an unknown face makes us ask the platform: soon
	// for somebody who wants something, seldom for somebody who only talks.
	membersRetry     = 2 * time.Second
	membersRetryTalk = 30 * time.Second
)

// roster says who somebody is. Membership is authority: a full member of the
// operations channel is an operator, whoever else is in a firm's channel acts for
// that firm, and everybody else is a stranger.
type roster struct {
	e      *Engine
	people *lru.Cache[personKey, seen]

	// asking lets those who want to know the same at once share one call.
	asking singleflight.Group

	// loading is held while what the store says is taken over, so that an older
	// answer cannot overtake a newer one.
	loading sync.Mutex

	mu      sync.Mutex
	members map[channelKey]*memberList
	// access is the store's version of who may do what that members are of.
	access int64
}

type personKey struct{ workspace, id string }

type seen struct {
	chat.Person
	at time.Time
}

type memberList struct {
	ids map[string]struct{}
	at  time.Time
}

func newRoster(e *Engine) *roster {
	return &roster{e: e, people: cache[personKey, seen](1 << 14), members: map[channelKey]*memberList{}}
}

// actor says who an inbound is from.
func (r *roster) actor(ctx context.Context, in chat.Inbound, place *storage.Channel) (workflow.Actor, error) {
	switch in.Workspace {
	case systemWorkspace:
		return workflow.Actor{Role: workflow.System, ID: systemWorkspace, Name: "taskbridge"}, nil
	case APIWorkspace:
		name := in.From.Name
		if name == "" {
			name = "API"
		}
		return workflow.Actor{Role: workflow.Operator, ID: APIWorkspace + "/" + in.From.ID, Name: name}, nil
	}
	who := r.person(ctx, in.Workspace, in.From)
	a := workflow.Actor{ID: personID(in.Workspace, who.ID), Name: who.Name, Admin: who.Admin && who.Kind == chat.Member}
	if who.ID == "" || who.Kind == chat.Bot {
		return a, nil
	}
	retry := membersRetryTalk
	switch in.Body.(type) {
	case chat.Command, chat.Click, chat.Submitted:
		retry = membersRetry
	}
	if who.Kind == chat.Member {
		for _, k := range []struct {
			kind storage.ChannelKind
			role workflow.Role
		}{{storage.OperationsChannel, workflow.Operator}, {storage.ManagersChannel, workflow.Manager}} {
			in, err := r.inAny(ctx, in.Workspace, who.ID, k.kind, retry)
			if err != nil {
				return a, err
			}
			if in {
				a.Role = k.role
				return a, nil
			}
		}
	}
	if place != nil && place.Kind == storage.ExternalChannel {
		// Nobody else is in it.
		a.Role = workflow.External
		return a, nil
	}
	// The firm of the channel it happened in goes first: a person may be in two.
	if place != nil && place.Kind == storage.ContractorChannel {
		// Whom the platform let stay in the channel of a firm that was off-boarded acts for
		// it no longer.
		if place.State != channelClosed && r.isMember(ctx, *place, who.ID, retry) {
			a.Role, a.Contractor = workflow.Contractor, place.Contractor
		}
		return a, nil
	}
	firms, err := r.e.places.list(ctx, storage.ContractorChannel, "")
	if err != nil {
		return a, err
	}
	// Somebody of two firms who speaks elsewhere speaks for the first of them.
	slices.SortFunc(firms, func(a, b storage.Channel) int { return strings.Compare(a.ID, b.ID) })
	for _, c := range firms {
		if c.Workspace == in.Workspace && c.State != channelClosed && r.knownMember(c, who.ID) && r.isMember(ctx, c, who.ID, retry) {
			a.Role, a.Contractor = workflow.Contractor, c.Contractor
			break
		}
	}
	return a, nil
}

func (r *roster) inAny(ctx context.Context, workspace, person string, kind storage.ChannelKind, retry time.Duration) (bool, error) {
	list, err := r.e.places.list(ctx, kind, "")
	if err != nil {
		return false, err
	}
	for _, c := range list {
		if c.Workspace == workspace && r.isMember(ctx, c, person, retry) {
			return true, nil
		}
	}
	return false, nil
}

// personID is a person's id across workspaces.
func personID(workspace, id string) string { return workspace + "/" + id }

// person gives a profile: from memory, from the platform, or as last seen. What
// is unknown stays unknown and has no rights.
func (r *roster) person(ctx context.Context, workspace string, hint chat.Person) chat.Person {
	key := personKey{workspace, hint.ID}
	now := r.e.now()
	old, ok := r.people.Get(key)
	if ok && now.Sub(old.at) < personLife && !nowNamed(old.Person, hint) {
		return old.Person
	}
	var rec storage.Person
	err := r.e.store.View(ctx, r.e.desk, func(tx storage.Tx) (err error) {
		rec, err = tx.Person(ctx, workspace, hint.ID)
		return err
	})
	stored := chat.Person{ID: rec.ID, Name: rec.Name, Email: rec.Email, Kind: chat.PersonKind(rec.Kind), Admin: rec.Admin, Zone: rec.Zone, Locale: rec.Locale}
	if err == nil && now.Sub(rec.SeenAt) < personLife && !nowNamed(stored, hint) {
		// Another replica has asked, or this one before it was started anew.
		r.people.Add(key, seen{stored, rec.SeenAt})
		return stored
	}
	p, attached := r.e.platform(workspace)
	if attached && hint.ID != "" {
		if nameless(hint) && !nameless(stored) {
			hint.Name = stored.Name
		}
		got, err, _ := r.asking.Do("person/"+workspace+"/"+hint.ID, func() (any, error) {
			return r.look(context.WithoutCancel(ctx), p, key, hint)
		})
		if who, ok := got.(chat.Person); ok && err == nil {
			return who
		}
	}
	if ok {
		return old.Person
	}
	if err != nil {
		return unproven(hint)
	}
	return stored
}

// nameless tells whether nothing but an id is known of a person: an e-mail address has a
// name only once somebody wrote from it.
func nameless(p chat.Person) bool { return p.Name == "" || p.Name == p.ID }

// nowNamed tells whether an inbound names somebody of whom no name was known.
func nowNamed(known, hint chat.Person) bool { return nameless(known) && !nameless(hint) }

// look asks the platform for a profile and keeps it.
func (r *roster) look(ctx context.Context, p chat.Directory, key personKey, hint chat.Person) (chat.Person, error) {
	got, err := p.Person(ctx, hint.ID)
	if err != nil {
		return got, err
	}
	if nameless(got) {
		got.Name = cmp.Or(hint.Name, got.Name)
	}
	got.ID = hint.ID
	r.people.Add(key, seen{got, r.e.now()})
	r.e.savePerson(ctx, key.workspace, got)
	return got, nil
}

// unproven keeps what an event says of a person but no right that follows from it,
// except that outsiders are outsiders.
func unproven(p chat.Person) chat.Person {
	p.Admin = false
	if p.Kind == chat.Member {
		p.Kind = ""
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	return p
}

func (e *Engine) savePerson(ctx context.Context, workspace string, p chat.Person) {
	err := e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
		return tx.PutPerson(ctx, storage.Person{
			Workspace: workspace, ID: p.ID, Name: p.Name, Email: p.Email,
			Kind: string(p.Kind), Admin: p.Admin, Zone: p.Zone, Locale: p.Locale, SeenAt: e.now(),
		})
	})
	if err != nil {
		e.log.WarnContext(ctx, "roster: a profile was not saved", "err", err)
	}
}

// isMember tells whether a person is in a channel. Somebody we did not know of
// makes us ask the platform again, not more often than retry.
func (r *roster) isMember(ctx context.Context, c storage.Channel, person string, retry time.Duration) bool {
	key := channelKey{c.Workspace, c.ID}
	now := r.e.now()
	r.mu.Lock()
	list := r.members[key]
	var in bool
	var age time.Duration
	if list != nil {
		_, in = list.ids[person]
		age = now.Sub(list.at)
	}
	r.mu.Unlock()
	switch {
	case list != nil && in && age < membersLife:
		return true
	case list != nil && !in && age < retry:
		return false
	}
	trust := membersLife
	if list != nil && !in {
		trust = retry
	}
	if err := r.load(ctx, c, trust); err != nil {
		// What was known last is better than locking everybody out.
		return in
	}
	return r.knownMember(c, person)
}

func (r *roster) knownMember(c storage.Channel, person string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.members[channelKey{c.Workspace, c.ID}]
	if list == nil {
		return false
	}
	_, in := list.ids[person]
	return in
}

// knownIn tells whether a person is in one of a firm's channels, as far as we know
// without asking the platform.
func (r *roster) knownIn(ctx context.Context, workspace, person, contractor string) bool {
	firms, err := r.e.places.list(ctx, storage.ContractorChannel, contractor)
	if err != nil {
		return false
	}
	for _, c := range firms {
		if c.Workspace == workspace && r.knownMember(c, person) {
			return true
		}
	}
	return false
}

// renew asks again about the firms' channels a person is known to be in, where
// what is known is old.
func (r *roster) renew(ctx context.Context, workspace, person string) {
	firms, err := r.e.places.list(ctx, storage.ContractorChannel, "")
	if err != nil {
		return
	}
	for _, c := range firms {
		if c.Workspace == workspace && r.knownMember(c, person) {
			r.isMember(ctx, c, person, membersRetry)
		}
	}
}

// list gives the members of a channel in no order.
func (r *roster) list(c storage.Channel) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	if list := r.members[channelKey{c.Workspace, c.ID}]; list != nil {
		for id := range list.ids {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// load finds out who is in a channel: from the store, when some replica has asked not
// longer ago than trust, else from the platform. It falls back on the last answer.
func (r *roster) load(ctx context.Context, c storage.Channel, trust time.Duration) error {
	_, err, _ := r.asking.Do("members/"+c.Workspace+"/"+c.ID, func() (any, error) {
		// Others wait for the answer, too: it must not end with one of them.
		return nil, r.ask(context.WithoutCancel(ctx), c, trust)
	})
	return err //nolint:wrapcheck // it is ask's own.
}

func (r *roster) ask(ctx context.Context, c storage.Channel, trust time.Duration) error {
	p, ok := r.e.platform(c.Workspace)
	if !ok {
		return errors.New("the platform is not connected")
	}
	shared, before, err := r.shared(ctx, c, trust)
	if err != nil || shared {
		return err
	}
	asked := r.e.now()
	ids, err := p.Members(ctx, c.ID)
	r.loading.Lock()
	defer r.loading.Unlock()
	if err == nil {
		err = r.e.store.Update(ctx, r.e.desk, func(tx storage.Tx) error {
			return tx.SetMembers(ctx, c.Workspace, c.ID, ids, before, asked)
		})
		switch {
		case errors.Is(err, storage.ErrStale):
			// Somebody came or went while we asked; the next look asks again.
			return nil
		case err == nil:
			r.set(c, ids)
		}
		return err
	}
	r.e.log.WarnContext(ctx, "roster: members not read", "workspace", c.Workspace, "channel", c.ID, "err", err)
	known := r.list(c)
	if len(known) == 0 {
		_ = r.e.store.View(ctx, r.e.desk, func(tx storage.Tx) (err error) {
			known, _, err = tx.Members(ctx, c.Workspace, c.ID)
			return err
		})
	}
	if len(known) == 0 {
		return err
	}
	r.set(c, known)
	return nil
}

// shared takes over a list that some replica has asked for not longer ago than trust,
// and tells whether there was one, or else the version of access before asking.
func (r *roster) shared(ctx context.Context, c storage.Channel, trust time.Duration) (found bool, before int64, err error) {
	r.loading.Lock()
	defer r.loading.Unlock()
	var ids []string
	var asked time.Time
	err = r.e.store.View(ctx, r.e.desk, func(tx storage.Tx) (err error) {
		if before, _, err = tx.Access(ctx, math.MaxInt64); err == nil {
			ids, asked, err = tx.Members(ctx, c.Workspace, c.ID)
		}
		return err
	})
	if err != nil {
		return false, 0, fmt.Errorf("read who is in a channel: %w", err)
	}
	if asked.IsZero() || r.e.now().Sub(asked) >= trust {
		return false, before, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[channelKey{c.Workspace, c.ID}] = &memberList{ids: setOf(ids), at: asked}
	return true, before, nil
}

func (r *roster) set(c storage.Channel, ids []string) {
	r.mu.Lock()
	r.members[channelKey{c.Workspace, c.ID}] = &memberList{ids: setOf(ids), at: r.e.now()}
	r.mu.Unlock()
}

// version is the version of who may do what that this process knows.
func (r *roster) version(ctx context.Context) (int64, error) {
	r.mu.Lock()
	known := r.access
	r.mu.Unlock()
	if known != 0 {
		return known, nil
	}
	err := r.catchUp(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.access, err
}

// catchUp takes over what has changed in the store, whichever replica saw it.
func (r *roster) catchUp(ctx context.Context) error {
	r.loading.Lock()
	defer r.loading.Unlock()
	r.mu.Lock()
	since := r.access
	known := make(map[channelKey]*memberList, len(r.members))
	maps.Copy(known, r.members)
	r.mu.Unlock()
	var version int64
	changed := map[channelKey][]string{}
	// A decision may have been out of date by a change whose commit it shared and which
	// is not on disk yet. A reader would not see that; a writer does, and comes back
	// when it is.
	err := r.e.store.Update(ctx, r.e.desk, func(tx storage.Tx) error {
		clear(changed)
		now, list, err := tx.Access(ctx, since)
		if err != nil {
			return err
		}
		version = now
		for _, c := range list {
			// A list that nobody has asked for is read when somebody does.
			if key := (channelKey{c.Workspace, c.ID}); known[key] != nil {
				if changed[key], _, err = tx.Members(ctx, c.Workspace, c.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read who may do what: %w", err)
	}
	r.e.places.forget()
	r.e.rules.forget()
	r.e.firms.Purge()
	// An operations channel that is new has cards that nobody here knows of.
	r.e.issueCards.Purge()
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, ids := range changed {
		r.members[key] = &memberList{ids: setOf(ids), at: known[key].at}
	}
	r.access = version
	return nil
}

// changed is run after a commit that changed who may do what.
func (r *roster) changed(ctx context.Context) func() {
	return func() {
		if err := r.catchUp(ctx); err != nil {
			// The next inbound tries again, before it is decided.
			r.e.log.WarnContext(ctx, "roster: a change is not taken over yet", "err", err)
		}
	}
}

func setOf(ids []string) map[string]struct{} {
	set := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		set[id] = struct{}{}
	}
	return set
}

// counterpartMost bounds how many people of a channel are looked at.
const counterpartMost = 100

// counterpart finds the person of a channel who has an e-mail address, empty when there
// is none.
func (r *roster) counterpart(ctx context.Context, c storage.Channel, email string) string {
	if email == "" {
		return ""
	}
	if len(r.list(c)) == 0 {
		// A failure only costs the mention.
		_ = r.load(ctx, c, membersLife)
	}
	for n, id := range r.list(c) {
		if n == counterpartMost {
			break
		}
		who := r.person(ctx, c.Workspace, chat.Person{ID: id})
		if who.Kind != chat.Bot && strings.EqualFold(who.Email, email) {
			return who.ID
		}
	}
	return ""
}
