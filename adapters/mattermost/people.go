package mattermost

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"taskbridge/bot/chat"
)

const (
	// peopleKept bounds the cache of people.
	peopleKept = 4096
	// peopleFor is how long somebody is believed to be who he was. Roles may be
	// taken away, and not every server tells us.
	peopleFor = time.Minute
	// pageSize is how many rows a page of a listing has; the server's bound.
	pageSize = 200
)

// people looks people up and remembers them for a while.
type people struct {
	api    *client
	now    func() time.Time
	cache  *lru.Cache[string, knownPerson]
	teamID atomic.Value
}

type knownPerson struct {
	chat.Person
	username string
	// full is true when the team's roles were looked at too.
	full bool
	at   time.Time
}

func newPeople(api *client, now func() time.Time) *people {
	// The size is positive, which is all that New can fail for.
	cache, _ := lru.New[string, knownPerson](peopleKept)
	return &people{api: api, now: now, cache: cache}
}

func (p *people) setTeam(id string) { p.teamID.Store(id) }

func (p *people) forget(id string) { p.cache.Remove(id) }

// byName looks an account up by its name, as it stands in a mention.
func (p *people) byName(ctx context.Context, name string) (knownPerson, error) {
	if k, ok := p.cache.Get("@" + name); ok && p.now().Sub(k.at) < peopleFor {
		return p.person(ctx, k.ID)
	}
	var u user
	err := p.api.do(ctx, call{op: "get user by name", method: http.MethodGet, path: "/users/username/" + url.PathEscape(name), out: &u})
	if err != nil {
		return knownPerson{}, err
	}
	p.cache.Add("@"+name, knownPerson{Person: personOf(u), username: u.Username, at: p.now()})
	return p.person(ctx, u.ID)
}

// person looks somebody up by id.
func (p *people) person(ctx context.Context, id string) (knownPerson, error) {
	if k, ok := p.cache.Get(id); ok && k.full && p.now().Sub(k.at) < peopleFor {
		return k, nil
	}
	if !isID(id) {
		return knownPerson{}, &chat.SendError{Reason: chat.NotFound}
	}
	var u user
	if err := p.api.do(ctx, call{op: "get user", method: http.MethodGet, path: "/users/" + id, out: &u}); err != nil {
		return knownPerson{}, err
	}
	k := knownPerson{Person: personOf(u), username: u.Username, full: true, at: p.now()}
	if team, _ := p.teamID.Load().(string); team != "" && !k.Admin && k.Kind == chat.Member {
		var m teamMember
		err := p.api.do(ctx, call{op: "get team member", method: http.MethodGet, path: "/teams/" + team + "/members/" + id, out: &m})
		switch chat.ReasonOf(err) {
		case "":
			k.Admin = m.DeleteAt == 0 && (m.SchemeAdmin || hasRole(m.Roles, "team_admin"))
		case chat.NotFound, chat.MissingScope:
			// Not in the team: no administrator of it either.
		default:
			return knownPerson{}, err
		}
	}
	p.cache.Add(id, k)
	return k, nil
}

// usernames finds the names that mention people. Who cannot be found is left out:
// a message without a mention is better than none.
func (p *people) usernames(ctx context.Context, ids []string) map[string]string {
	names := make(map[string]string, len(ids))
	var missing []string
	for _, id := range ids {
		if k, ok := p.cache.Get(id); ok {
			names[id] = k.username
		} else if !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return names
	}
	var found []user
	err := p.api.do(ctx, call{op: "get users", method: http.MethodPost, path: "/users/ids", body: missing, out: &found})
	if err != nil {
		return names
	}
	for _, u := range found {
		names[u.ID] = u.Username
		p.cache.Add(u.ID, knownPerson{Person: personOf(u), username: u.Username, at: p.now()})
	}
	return names
}

// personOf says who an account is. A deactivated one is of no kind, and so
// without rights.
func personOf(u user) chat.Person {
	p := chat.Person{ID: u.ID, Name: displayName(u), Email: u.Email, Zone: u.Timezone.name(), Locale: u.Locale}
	switch {
	case u.DeleteAt > 0:
	case u.IsBot:
		p.Kind = chat.Bot
	case u.RemoteID != "":
		p.Kind = chat.External
	case hasRole(u.Roles, "system_guest"):
		p.Kind = chat.Guest
	default:
		p.Kind = chat.Member
		p.Admin = hasRole(u.Roles, "system_admin")
	}
	return p
}

func displayName(u user) string {
	if name := strings.TrimSpace(u.FirstName + " " + u.LastName); name != "" {
		return name
	}
	if u.Nickname != "" {
		return u.Nickname
	}
	return u.Username
}

func hasRole(roles, role string) bool {
	return slices.Contains(strings.Fields(roles), role)
}

// Person looks somebody up by id, or by the name in a mention, which begins with "@".
func (a *Adapter) Person(ctx context.Context, id string) (chat.Person, error) {
	if name, ok := strings.CutPrefix(id, "@"); ok {
		k, err := a.people.byName(ctx, name)
		return k.Person, err
	}
	k, err := a.people.person(ctx, id)
	return k.Person, err
}

// Members lists the ids of everybody in a channel.
func (a *Adapter) Members(ctx context.Context, channelID string) ([]string, error) {
	if !isID(channelID) {
		return nil, &chat.SendError{Reason: chat.NotFound}
	}
	var ids []string
	for page := 0; ; page++ {
		var rows []struct {
			UserID string `json:"user_id"`
		}
		err := a.api.do(ctx, call{
			op: "list channel members", method: http.MethodGet, path: "/channels/" + channelID + "/members",
			query: url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(pageSize)}}, out: &rows,
			forbidden: chat.NotInChannel, missing: chat.ChannelGone,
		})
		if err != nil {
			return nil, err
		}
		for _, m := range rows {
			ids = append(ids, m.UserID)
		}
		if len(rows) < pageSize {
			// Somebody who joined between two pages can be listed twice.
			slices.Sort(ids)
			return slices.Compact(ids), nil
		}
	}
}
