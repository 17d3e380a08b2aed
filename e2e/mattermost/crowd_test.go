package mattermost_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// said is what somebody wrote in a thread, with what became of it.
type said struct {
	post    *model.Post
	who     *harness.User
	text    string
	deleted bool
	// round is the trouble that was coming or there when it was written; unheard is true
	// for what was taken back in the same round: the product may not have heard of it.
	round   int
	unheard bool
}

// crowd writes in the threads of one job, changes what it wrote and takes it back, as
// a seed says, and remembers all of it.
type crowd struct {
	*scene

	rng        *rand.Rand
	number     int
	desk, firm *model.Post
	said       []*said
	typed      []string
	round      int
}

// act does one thing; away tells that the product cannot be asked.
func (c *crowd) act(t *testing.T, away bool) {
	t.Helper()
	standing := slices.DeleteFunc(slices.Clone(c.said), func(u *said) bool { return u.deleted })
	n := c.rng.IntN(12)
	switch {
	case n < 2 && len(standing) > 0:
		u := standing[c.rng.IntN(len(standing))]
		u.text += ", edited"
		u.who.Edit(t, u.post, u.text)
	case n < 3 && len(standing) > 0:
		u := standing[c.rng.IntN(len(standing))]
		u.deleted, u.unheard = true, u.round == c.round
		u.who.Delete(t, u.post)
	case n < 5 && !away:
		text := fmt.Sprintf("typed %d.", len(c.typed))
		c.API.Do(t, http.MethodPost, fmt.Sprintf("/issues/%d/comments", c.number), map[string]any{"text": text}, nil)
		c.typed = append(c.typed, text)
	case n < 7:
		c.say(t, c.Otto, c.desk, "internal")
	case n < 9:
		c.say(t, c.Olivia, c.firm, "desk")
	default:
		c.say(t, []*harness.User{c.Cora, c.Carl}[c.rng.IntN(2)], c.firm, "firm")
	}
}

func (c *crowd) say(t *testing.T, who *harness.User, root *model.Post, kind string) {
	t.Helper()
	text := fmt.Sprintf("%s says %d", kind, len(c.said))
	c.said = append(c.said, &said{post: who.Reply(t, root, text), who: who, text: text, round: c.round})
}

// settled tells what the ledger and the threads lack or have too much of.
func (c *crowd) settled(t *testing.T) error {
	t.Helper()
	ledger, err := c.API.Comments(t.Context(), c.number)
	if err != nil {
		return err
	}
	var errs []error
	known := map[string]bool{}
	for _, u := range c.said {
		known[u.post.Id] = true
		at := slices.DeleteFunc(slices.Clone(ledger), func(o harness.Comment) bool { return o.Source.Message != u.post.Id })
		// What was written and taken back before anybody heard it is no history that
		// must be kept.
		if len(at) == 0 && u.unheard {
			continue
		}
		want := "shared " + u.text
		if u.post.RootId == c.desk.Id {
			want = "internal " + u.text
		}
		if len(at) != 1 || (at[0].DeletedAt != nil) != u.deleted || !u.deleted && entry(&at[0]) != want {
			errs = append(errs, fmt.Errorf("%q (deleted: %v) is in the ledger as %+v", u.text, u.deleted, at))
		}
	}
	var entered []string
	for i := range ledger {
		switch {
		case strings.HasPrefix(ledger[i].Text, "typed "):
			entered = append(entered, ledger[i].Text)
		case !known[ledger[i].Source.Message]:
			errs = append(errs, fmt.Errorf("nobody wrote %+v", ledger[i]))
		}
	}
	thread, err := c.Cora.Thread(t.Context(), c.firm.Id)
	if err != nil {
		return err
	}
	var shown []string
	for _, p := range thread {
		if _, text, ok := strings.Cut(harness.Show(p), "typed "); ok && p.RootId != "" {
			word, _, _ := strings.Cut(text, ".")
			shown = append(shown, "typed "+word+".")
		}
		if strings.Contains(harness.Show(p), "internal says") {
			errs = append(errs, fmt.Errorf("the firm reads %q", harness.Show(p)))
		}
	}
	if !slices.Equal(entered, c.typed) || !slices.Equal(shown, c.typed) {
		errs = append(errs, fmt.Errorf("typed was %q, in the ledger is %q, the firm sees %q", c.typed, entered, shown))
	}
	return errors.Join(errs...)
}

// A crowd writes while one thing goes wrong after another, at moments drawn from a
// seed. Afterwards every message is in the ledger once, with its newest text or as
// deleted, and what was typed stands in the firm's thread once and in order.
func TestFaultCrowd(t *testing.T) {
	t.Parallel()
	for _, engine := range []harness.Engine{harness.Postgres15, harness.SQLite} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			c := &crowd{scene: setUp(t, engine), rng: rand.New(rand.NewPCG(seed, 0))}
			c.number, c.desk, c.firm = c.accepted(t, "Boiler down at 4 Elm St")
			troubles := append(faults(), fault{
				name: "answers lost",
				take: func(_ *testing.T, s *scene) { s.Proxy.Deafen() },
				give: func(t *testing.T, s *scene) { s.Proxy.Restore(); s.Product.Ready(t) },
			})
			c.rng.Shuffle(len(troubles), func(i, j int) { troubles[i], troubles[j] = troubles[j], troubles[i] })
			crowded := func(acts int, away bool) {
				for range acts {
					c.act(t, away)
				}
			}
			for _, f := range troubles {
				t.Log(f.name)
				c.round++
				crowded(15+c.rng.IntN(20), false)
				f.take(t, c.scene)
				crowded(10+c.rng.IntN(20), f.down)
				f.give(t, c.scene)
				// Whatever stands now is known before the next round. A send that was cut
				// off is tried again only when its lease has run out.
				harness.Within(t, 4*time.Minute, "everything to be where it belongs after "+f.name, func() error { return c.settled(t) })
			}
			c.Product.Settled(t)
			if err := c.settled(t); err != nil {
				t.Errorf("after everything got through: %v", err)
			}
		})
	}
}
