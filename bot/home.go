package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A home is a projection, as a card is, of everything that lies with one person. Which
// change concerns whom would have to be asked for each of them; so a change only says
// that homes have changed, once for a burst, and only while somebody has opened one
// lately. The dispatcher then draws the homes that were opened last and shows those
// that say something else than before. Every other home is drawn when it is opened.

const (
	// homeLife is for how long after it was opened a home is kept current, homesMost how
	// many are.
	homeLife  = 8 * time.Hour
	homesMost = 100
	// homesRest is how long a burst of changes may go on before homes follow.
	homesRest = 2 * time.Second
	// lookersLife is how often it is asked who has opened a home with another replica.
	lookersLife = 15 * time.Second
	// homeRows is how many jobs a section has, homePage how many a list: with their
	// buttons they fit into the hundred blocks of Slack's Home.
	homeRows = 5
	homePage = 20
	// contactsMost is how many people a stranger is told of.
	contactsMost = 3
)

// lookers knows in which workspaces somebody has opened a home lately, so that a
// change costs nothing where nobody has. The zero value is ready.
type lookers struct {
	mu   sync.Mutex
	last map[string]time.Time
	at   time.Time
}

// saw notes that a home was opened.
func (l *lookers) saw(workspace string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[string]time.Time{}
	}
	if at.After(l.last[workspace]) {
		l.last[workspace] = at
	}
}

// workspaces are those in which somebody has looked since a moment.
func (l *lookers) workspaces(since time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for w, at := range l.last {
		if at.After(since) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}

// renew asks the store now and then: another replica may have been told.
func (l *lookers) renew(ctx context.Context, e *Engine) {
	now := e.now()
	l.mu.Lock()
	due := now.Sub(l.at) >= lookersLife
	if due {
		l.at = now
	}
	l.mu.Unlock()
	if !due {
		return
	}
	err := e.store.View(ctx, e.desk, func(tx storage.Tx) error {
		homes, err := tx.RecentHomes(ctx, now.Add(-homeLife), homesMost)
		for _, h := range homes {
			l.saw(h.Workspace, h.OpenedAt)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		e.log.WarnContext(ctx, "homes: who looks is not known", "err", err)
	}
}

// homesChange marks the homes of those who looked lately.
func (t *turn) homesChange(ctx context.Context) error {
	for _, w := range t.lookers.workspaces(t.now.Add(-homeLife)) {
		err := t.tx.Enqueue(ctx, storage.Delivery{
			Lane: storage.Lane{Workspace: w, Name: homesLane}, Kind: deliverHomes, Card: "homes/" + w,
			NotBefore: t.now.Add(homesRest), CreatedAt: t.now, Trace: t.trace,
		})
		if err != nil {
			return fmt.Errorf("enqueue homes: %w", err)
		}
	}
	return nil
}

func (t *turn) enqueueHome(ctx context.Context, workspace, person string) error {
	err := t.tx.Enqueue(ctx, storage.Delivery{
		Lane: storage.Lane{Workspace: workspace, Name: homeLane + person}, Kind: deliverHome,
		Card: "home/" + workspace + "/" + person, CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue a home: %w", err)
	}
	return nil
}

// homeOpened shows a home anew, as it is at first.
func (t *turn) homeOpened(ctx context.Context) error {
	if t.in.From.ID == "" {
		return nil
	}
	return t.homeShows(ctx, "")
}

// homeShows lets a home show something, whatever it showed before.
func (t *turn) homeShows(ctx context.Context, view string) error {
	person := t.in.From.ID
	if t.actor.Role != workflow.Stranger {
		// What a stranger sees does not change with any job. Reading it first makes who
		// records what was shown wait, or they would put the old view back.
		if _, err := t.tx.Home(ctx, t.in.Workspace, person); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return fmt.Errorf("read a home: %w", err)
		}
		h := storage.Home{Workspace: t.in.Workspace, Person: person, View: view, OpenedAt: t.now}
		if err := t.tx.PutHome(ctx, h); err != nil {
			return fmt.Errorf("put a home: %w", err)
		}
		at := t.now
		t.committed = append(t.committed, func() { t.lookers.saw(h.Workspace, at) })
	}
	return t.enqueueHome(ctx, t.in.Workspace, person)
}

// lookAtHomes has the homes drawn that may have changed.
func (e *Engine) lookAtHomes(ctx context.Context, d storage.Delivery) error {
	return e.delivered(ctx, d, func(t *turn) error {
		homes, err := t.tx.RecentHomes(ctx, t.now.Add(-homeLife), homesMost)
		if err != nil {
			return fmt.Errorf("list homes: %w", err)
		}
		for _, h := range homes {
			if h.Workspace != d.Lane.Workspace {
				continue
			}
			if err := t.enqueueHome(ctx, h.Workspace, h.Person); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendHome shows a person's home as it is now, unless it says what it said before.
func (e *Engine) sendHome(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	keeper, ok := p.(chat.HomeKeeper)
	person := strings.TrimPrefix(d.Lane.Name, homeLane)
	if !ok {
		return e.delivered(ctx, d, nil)
	}
	in := chat.Inbound{Workspace: d.Lane.Workspace, From: chat.Person{ID: person}, Body: chat.HomeOpened{}}
	actor, err := e.roster.actor(ctx, in, nil)
	if err != nil {
		return err
	}
	contacts := e.contacts(ctx, in, actor)
	var home storage.Home
	var page []chat.Message
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) error {
		t := e.turnOf(ctx, tx, in)
		t.actor = actor
		t.by(t.settings)
		var err error
		if home, err = tx.Home(ctx, in.Workspace, person); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		h, err := t.home(ctx, home.View, homeRows)
		h.Contacts = contacts
		page = t.present.HomePage(t.asked(), h)
		return err
	})
	if err != nil {
		return fmt.Errorf("draw a home: %w", err)
	}
	shown := digestOf(page)
	if home.Shown == shown {
		return e.delivered(ctx, d, nil)
	}
	for n := range page {
		page[n] = e.spellFor(ctx, p.Workspace(), "", person, page[n])
	}
	if err := keeper.PublishHome(ctx, person, page); err != nil {
		return err
	}
	e.sent(ctx, d, "home shown", "")
	return e.delivered(ctx, d, func(t *turn) error {
		now, err := t.tx.Home(ctx, in.Workspace, person)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil || now.View != home.View || now.OpenedAt != home.OpenedAt {
			// Something else is to be shown meanwhile, by a delivery of its own.
			return err
		}
		now.Shown = shown
		return t.tx.PutHome(ctx, now)
	})
}

// digestOf tells whether pages say the same. Tokens are new with every drawing.
func digestOf(page []chat.Message) string {
	page = slices.Clone(page)
	for n, m := range page {
		m.Buttons = slices.Clone(m.Buttons)
		for b := range m.Buttons {
			m.Buttons[b].Token = ""
		}
		if m.Choice != nil {
			c := *m.Choice
			c.Token = ""
			m.Choice = &c
		}
		page[n] = m
	}
	// Messages are structs of texts and times, which always marshal.
	text, _ := json.Marshal(page)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// contacts are people whom a full member of the workspace can ask to be added.
func (e *Engine) contacts(ctx context.Context, in chat.Inbound, actor workflow.Actor) (names []string) {
	if actor.Role != workflow.Stranger || e.roster.person(ctx, in.Workspace, in.From).Kind != chat.Member {
		return nil
	}
	ops, err := e.places.list(ctx, storage.OperationsChannel, "")
	if err != nil {
		return nil
	}
	for _, c := range ops {
		if c.Workspace != in.Workspace {
			continue
		}
		for _, id := range e.roster.list(c) {
			if who, ok := e.roster.people.Get(personKey{c.Workspace, id}); ok && who.Kind == chat.Member && len(names) < contactsMost {
				names = append(names, who.Name)
			}
		}
	}
	return names
}

// homeSections are the lists that matter to a role, the most urgent first.
func homeSections(role workflow.Role) []string {
	switch role {
	case workflow.Operator:
		return []string{"approval", "declined", "new", "overdue", "mine"}
	case workflow.Contractor:
		return []string{"offered", "mine", "overdue", "progress"}
	default:
		return []string{"overdue", "approval", "offered", "progress"}
	}
}

// home gathers what lies with the actor, or the page of the list they look at.
func (t *turn) home(ctx context.Context, view string, rows int) (present.Home, error) {
	h := present.Home{Role: t.actor.Role, Name: t.actor.Name, Buttons: t.entryButton(t.in.Workspace, "")}
	if t.actor.Role == workflow.Stranger {
		return h, nil
	}
	var err error
	if h.Lists, err = t.countedLists(ctx); err != nil {
		return h, err
	}
	if view != "" {
		pg, err := t.viewed(ctx, view)
		h.Chosen = &pg
		h.Buttons = append(t.severalButton(t.in.Workspace, "", pg), h.Buttons...)
		return h, err
	}
	for _, name := range homeSections(t.actor.Role) {
		l, _ := listNamed(name)
		pg, err := t.page(ctx, wish{list: l}, 0, 0, rows)
		if err != nil {
			return h, err
		}
		h.Sections = append(h.Sections, pg)
	}
	h.Buttons = append(t.severalButton(t.in.Workspace, "", h.Sections...), h.Buttons...)
	return h, nil
}

// viewed is the page that a home shows. A firm that is gone or a word that no longer
// fits leaves the list without it.
func (t *turn) viewed(ctx context.Context, view string) (present.Page, error) {
	from, query, _ := strings.Cut(view, " ")
	number, _ := strconv.Atoi(strings.TrimLeft(from, "ab-"))
	before, after := number, 0
	if strings.HasPrefix(from, "a") {
		before, after = 0, number
	}
	w, err := t.readWish(query)
	if err == nil {
		var pg present.Page
		if pg, err = t.page(ctx, w, before, after, homePage); err == nil {
			return pg, nil
		}
	}
	if _, refused := errors.AsType[*workflow.Refusal](err); !refused {
		return present.Page{}, err
	}
	return t.page(ctx, wish{list: w.list}, 0, 0, homePage)
}

// countedLists are the lists with how much is on them.
func (t *turn) countedLists(ctx context.Context) ([]present.NamedList, error) {
	var out []present.NamedList
	for _, l := range t.ownLists() {
		w := wish{list: l}
		f, heading, err := t.filter(ctx, &w)
		if err != nil {
			return nil, err
		}
		n, err := t.tx.CountIssues(ctx, f, present.CountMost)
		if err != nil {
			return nil, fmt.Errorf("count issues: %w", err)
		}
		out = append(out, present.NamedList{Name: l.name, Heading: heading, Count: n})
	}
	return out, nil
}

// cmdHome answers with what lies with the one who asks.
func (t *turn) cmdHome(ctx context.Context, _ string) (chat.Answer, error) {
	h, err := t.home(ctx, "", homeRows)
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Answer{Message: t.present.HomeAnswer(t.asked(), h)}, nil
}

// onHome tells whether a button was pressed on the person's own page.
func (t *turn) onHome() bool {
	click, ok := t.in.Body.(chat.Click)
	return ok && click.Home
}

// showList shows a list that was chosen, where it was chosen; no list leads back.
func (t *turn) showList(ctx context.Context, name string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.List); err != nil {
		return chat.Answer{}, err
	}
	if _, ok := listNamed(name); !ok {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "There is no such list. Choose another one.")
	}
	switch {
	case t.onHome() && name == "":
		return chat.Answer{}, t.homeShows(ctx, "")
	case t.onHome():
		return chat.Answer{}, t.homeShows(ctx, "- "+name)
	case name == "":
		return t.cmdHome(ctx, "")
	}
	return t.showPage(ctx, name, 0, 0)
}

// filterForm asks what a list shall be narrowed down by.
func (t *turn) filterForm() (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.List); err != nil {
		return chat.Answer{}, err
	}
	var names []present.NamedList
	for _, l := range t.ownLists() {
		names = append(names, present.NamedList{Name: l.name, Heading: t.present.Term(l.heading)})
	}
	as := t.asked()
	return chat.Answer{
		Form:     t.present.Filter(as, t.actor.Role, names, t.onHome()),
		Fallback: t.present.TryAgain(as, present.FilterList, storage.Issue{}, nil, ""),
	}, nil
}

// unquoted is what somebody typed into a field, as it can stand in quotes.
func unquoted(s string) string {
	return strings.TrimSpace(strings.NewReplacer(`"`, "", "“", "", "”", "", "„", "", "\n", " ").Replace(s))
}

// filtered shows the list that a form asked for.
func (t *turn) filtered(ctx context.Context, tk ticket.Ticket, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.List); err != nil {
		return chat.Answer{}, err
	}
	l, ok := listNamed(v["list"])
	if !ok {
		return chat.Answer{}, workflow.RefuseField("list", "Choose a list.")
	}
	w := wish{list: l, firm: unquoted(v["firm"]), topic: unquoted(v["topic"]), city: unquoted(v["city"]), person: unquoted(v["person"])}
	// What cannot be shown is said in the form, while it is open.
	asked, err := t.readWish(w.String())
	if err != nil {
		return chat.Answer{}, inField("topic", err)
	}
	if _, _, err := t.filter(ctx, &asked); err != nil {
		field := "person"
		if asked.firm != "" {
			field = "firm"
		}
		return chat.Answer{}, inField(field, err)
	}
	if tk.Arg == "home" {
		return chat.Answer{}, t.homeShows(ctx, "- "+w.String())
	}
	return t.showPage(ctx, w.String(), 0, 0)
}
