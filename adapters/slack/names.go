package slack

import (
	"context"
	"sync"
	"time"

	"taskbridge/bot/chat"
)

const (
	// enrichBudget bounds what is looked up before an event is handled, so that
	// it never endangers the three seconds of the acknowledgement.
	enrichBudget = 400 * time.Millisecond
	// maxLookups bounds it for a message that mentions a crowd.
	maxLookups = 5
	// peopleTTL is how long a person is believed to be unchanged; a user_change
	// event ends it earlier.
	peopleTTL = 10 * time.Minute
	// unknownTTL is how long a person who was not found is not asked for again.
	unknownTTL = time.Minute
	maxPeople  = 4096
)

// peopleCache remembers people for a short while: every mirrored comment asks for
// its author.
type peopleCache struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]cachedPerson
}

type cachedPerson struct {
	person chat.Person
	until  time.Time
}

func newPeopleCache(now func() time.Time) *peopleCache {
	return &peopleCache{now: now, entries: map[string]cachedPerson{}}
}

// get returns a person that is fresh. A known unknown is a person without an ID.
func (c *peopleCache) get(id string) (chat.Person, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[id]
	if !ok || c.now().After(e.until) {
		return chat.Person{}, false
	}
	return e.person, true
}

func (c *peopleCache) put(id string, p chat.Person, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxPeople {
		// Starting anew is rare and cheap; an eviction order would be neither.
		clear(c.entries)
	}
	c.entries[id] = cachedPerson{person: p, until: c.now().Add(ttl)}
}

func (c *peopleCache) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, id)
}

// names looks up people who are mentioned, within a budget of time and calls. One
// who cannot be found in it is written by id.
func (a *Adapter) names(ctx context.Context) func(id string) string {
	left := maxLookups
	var deadline time.Time
	return func(id string) string {
		if self := a.Self(); id == self.ID {
			return self.Name
		}
		if !isUserID(id) {
			return ""
		}
		if p, ok := a.people.get(id); ok {
			return p.Name
		}
		if left == 0 {
			return ""
		}
		left--
		if deadline.IsZero() {
			deadline = time.Now().Add(enrichBudget)
		}
		ctx, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		p, err := a.Person(ctx, id)
		if err != nil {
			if chat.ReasonOf(err) == chat.NotFound {
				a.people.put(id, chat.Person{}, unknownTTL)
			}
			return ""
		}
		return p.Name
	}
}

// isUserID tells a Slack user's id from anything else. It guards every place
// where an id is put into markup or a request.
func isUserID(s string) bool { return isID(s, "UWB") }

// isChannelID does the same for channels.
func isChannelID(s string) bool { return isID(s, "CGD") }

func isID(s, letters string) bool {
	if len(s) < 2 || len(s) > 64 {
		return false
	}
	ok := false
	for i := range len(letters) {
		ok = ok || s[0] == letters[i]
	}
	for i := 1; ok && i < len(s); i++ {
		ok = s[i] >= '0' && s[i] <= '9' || s[i] >= 'A' && s[i] <= 'Z'
	}
	return ok
}
